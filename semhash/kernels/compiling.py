"""How functions are compiled: for types that are said, when their module is imported, and kept on disk.

What is kept is made anew when the file of the entry changes. Numba does not look at the files of those that it
calls: after an edit of one of them alone, touch the file of the entry, or delete its ``.nbi`` in ``__pycache__``.
"""

from collections.abc import Callable
from typing import Any

from numba import njit, types

__all__ = ["array_of", "entry", "inner", "tuple_of"]


def array_of(kind: Any) -> Any:
    """Give the type of an array of one axis that is only read."""
    return types.Array(kind, 1, "C", readonly=True)


def tuple_of(*kinds: Any) -> Any:
    """Give the type of a tuple."""
    return types.Tuple(kinds)  # type: ignore[no-untyped-call]


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function with those that call it."""
    return njit(nogil=True)(function)


def entry(*signatures: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function now, for these types, and keep what comes of it on disk where there is a place for it."""

    def compile_now(function: Callable[..., Any]) -> Any:
        try:
            return njit(list(signatures), nogil=True, cache=True)(function)
        except RuntimeError:  # neither the package's folder nor the user's cache can be written
            return njit(list(signatures), nogil=True)(function)

    return compile_now
