"""Compiled forms of what is done most often, through numba where it is installed and asked for.

``pip install 'semhash-index[fast]'`` installs it. Importing numba costs more than a cold query does, so nothing here
is loaded by itself: a process that will answer many questions calls `load` once, and whoever has a compiled form
uses it from then on. Batches of lookups, and documents whose words are added up, count up to the point where
loading pays, and then load by themselves.
What is not compiled gives the same answers; it is what the compiled form is tested against.

The first `load` on a machine compiles, for some seconds; numba keeps the outcome beside the byte code of the
package, or in the user's cache where that cannot be written.
"""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from semhash.kernels.table import TableKernel

__all__ = ["PAYS_AFTER", "flip_kernel", "load", "load_if_it_pays", "table_kernel", "word_kernel"]

PAYS_AFTER = 2**16
"""After so many lookups in batches compiling them would have paid, so what is to come is compiled."""

_lock = threading.Lock()
_kernel: "type[TableKernel] | None" = None
_words: "ModuleType | None" = None
_flips: "ModuleType | None" = None
_missing = False
_asked = 0


def load() -> bool:
    """Load the compiled forms; they are used from now on.

    Returns
    -------
    bool
        Whether there are any: numba is not required.
    """
    global _kernel, _words, _flips, _missing  # noqa: PLW0603
    with _lock:
        if _kernel is None and not _missing:
            try:
                from semhash.kernels import flips, words
                from semhash.kernels.table import TableKernel
            except ImportError:  # not installed, or not for this version of numpy
                _missing = True
            else:
                _kernel, _words, _flips = TableKernel, words, flips
        return _kernel is not None


def load_if_it_pays(n_lookups: int) -> bool:
    """Load the compiled forms once so many lookups were asked for in batches that it pays.

    Parameters
    ----------
    n_lookups : int
        How many are asked for now.
    """
    global _asked  # noqa: PLW0603
    _asked += n_lookups
    return load() if _asked >= PAYS_AFTER else _kernel is not None


def table_kernel() -> "type[TableKernel] | None":
    """Give the compiled lookups in a table of addresses; None where they are not loaded."""
    return _kernel


def word_kernel() -> "ModuleType | None":
    """Give `semhash.kernels.words`, BM25 over the documents of words; None where it is not loaded."""
    return _words


def flip_kernel() -> "ModuleType | None":
    """Give `semhash.kernels.flips`, the cheapest sets of flipped bits; None where it is not loaded."""
    return _flips
