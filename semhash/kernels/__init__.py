"""Compiled forms of what is done most often, through numba: ``pip install 'semhash-index[fast]'``.

Two things are compiled, since they pay in whole queries over many documents: BM25 over the documents that hold a
query's words, and lookups in a table of addresses. What is not compiled gives the same answers, to the last bit; it is
what the compiled form is tested against.

Whether something is compiled is a matter of the index that is opened, or of the table that is made, and of nothing
else in the process: ``semhash.open_index(path, compiled=True)`` compiles at once, ``compiled=False`` never does, and
by itself an index counts what it could have spared and compiles once that is as much as compiling takes. Importing
numba takes longer than a cold query does.

The first time on a machine each of the two is compiled, some four seconds of a processor's work for both; numba keeps
the outcome beside the byte code of the package, or in the user's cache where that cannot be written. After that it is
loaded, within a second. An index that begins to compile by itself logs a line, level INFO, as this module.
"""

import importlib
import logging
from types import ModuleType
from typing import Literal

from semhash.errors import ConfigError

__all__ = ["INSTALL", "PAYS_AFTER", "Form", "Kernel", "compile_all"]

INSTALL = "pip install 'semhash-index[fast]'"
"""The command that installs numba."""

PAYS_AFTER = 3.0
"""Once array operations took so many seconds more than compiled ones would have, what is to come is compiled."""

Form = Literal["table", "words"]
"""What is compiled as one, a module of this package: lookups in a table of addresses, or BM25 over words."""

_SAID: dict[Form, str] = {"table": "lookups by address", "words": "sums over words"}

_log = logging.getLogger(__name__)


class Kernel:
    """A compiled form as one table, or the postings of one index, use it.

    Safe under threads: while one of them compiles, the others go on with array operations.

    Parameters
    ----------
    form : {"table", "words"}
    compiled : bool or None
        True uses the compiled form from the start, False never; None once it would have paid.

    Raises
    ------
    ConfigError
        `compiled` is True, and there is no numba that can be used.
    """

    def __init__(self, form: Form, compiled: bool | None = None) -> None:
        self._form = form
        self._spared = 0.0
        self._open = compiled is None
        self._module = _loaded(form) if compiled else None

    def __call__(self, spares: float = 0.0, ahead: float = 0.0) -> ModuleType | None:
        """Return what is compiled, where it is to be used.

        Parameters
        ----------
        spares : float
            How many seconds it would spare, now.
        ahead : float
            How many more are in sight, which are counted when their turn comes.

        Returns
        -------
        module or None
            None where array operations are to be used.
        """
        if self._open:
            self._spared += spares
            if self._spared + ahead >= PAYS_AFTER:
                self._open = False  # so that no other thread waits for this one
                self._module = _loaded_or_none(self._form)
        return self._module


def compile_all() -> None:
    """Compile all there is, or load what was compiled before: seconds the first time on a machine.

    Raises
    ------
    ConfigError
        There is no numba that can be used.
    """
    _loaded("words")
    _loaded("table")


def _loaded(form: Form) -> ModuleType:
    """Import a module of compiled functions, which compiles it; Python sees to it that this happens once.

    Raises
    ------
    ConfigError
        There is no numba that can be used.
    """
    try:
        return importlib.import_module(f"{__name__}.{form}")
    except ImportError as error:  # not installed, or not for this version of numpy
        raise ConfigError(
            f"compiled: expected numba, found none that can be used ({error}); install it with: {INSTALL}, or leave "
            "compiled=True out, for the same answers"
        ) from error


def _loaded_or_none(form: Form) -> ModuleType | None:
    """Do the same where it is of use and no more."""
    _log.info("compiling %s: some seconds the first time on a machine, one after that", _SAID[form])
    try:
        return _loaded(form)
    except ConfigError as error:
        _log.debug("%s", error)
    except Exception as error:  # a query is answered all the same
        _log.warning("%s could not be compiled, and are answered all the same: %s", _SAID[form], error)
    return None
