"""How functions are compiled: for the types that are said, once, when their module is imported, and kept on disk.

A first compilation takes seconds, so there is little of it: an `entry` has one list of types, is given every array
that it writes to, and calls as few other functions as it can, since each is compiled by itself and again where it is
called.

Numba keeps what it compiled beside the byte code of the package, in the user's cache where that cannot be written, or
in ``NUMBA_CACHE_DIR``, and makes it anew when the file of the entry changes. So an entry stands in one file with all
that it calls. Files are written beside and renamed, and with one list of types all that compile the same function at
the same time write the same: many processes may share one folder.
"""

from collections.abc import Callable
from typing import Any

from numba import njit, types

__all__ = ["entry", "inner", "read", "written"]


def read(kind: Any) -> Any:
    """Return the type of an array of one axis that is only read."""
    return types.Array(kind, 1, "C", readonly=True)


def written(kind: Any) -> Any:
    """Return the type of an array of one axis that is written to."""
    return types.Array(kind, 1, "C")


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function with those that call it."""
    return njit(nogil=True, error_model="numpy")(function)


def entry(*kinds: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function now, for these types, and keep what comes of it on disk where there is a place for it."""

    def compile_now(function: Callable[..., Any]) -> Any:
        try:
            return njit([kinds], nogil=True, error_model="numpy", cache=True)(function)
        except Exception:  # no folder can be written, the disk is full, or what is kept was cut short
            return njit([kinds], nogil=True, error_model="numpy")(function)

    return compile_now
