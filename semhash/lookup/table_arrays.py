"""The two arrays of a table of addresses, compared with each other."""

import numpy as np
import numpy.typing as npt

from semhash.errors import IndexDamagedError
from semhash.lookup.neighbours import repeated

__all__ = ["as_uint32", "check_ends", "check_whole"]

_Numbers = npt.NDArray[np.uint32]


def as_uint32(name: str, array: npt.NDArray[np.unsignedinteger]) -> _Numbers:
    """Give an array back when it is one of the two.

    Raises
    ------
    IndexDamagedError
        The shape or the dtype is another; the message calls it `name`.
    """
    if array.ndim != 1 or array.dtype != np.uint32:
        found = f"{array.dtype} of shape {array.shape}"
        raise IndexDamagedError(f"table {name}: expected one axis of uint32, found {found}")
    return array.view(np.uint32)


def check_ends(offsets: _Numbers, rows: _Numbers, bits: int) -> None:
    """Compare the ends of the arrays; nothing else is read.

    Parameters
    ----------
    offsets : ndarray of shape (2 ** bits + 1,), uint32
    rows : ndarray of shape (n_documents,), uint32
    bits : int

    Raises
    ------
    IndexDamagedError
        There are too few offsets or too many, or they do not run from 0 to the number of rows.
    """
    expected = (1 << bits) + 1
    if len(offsets) != expected:
        found = len(offsets)
        raise IndexDamagedError(f"table offsets: expected {expected} at {bits} bits, found {found}")
    first, last = int(offsets[0]), int(offsets[-1])
    if (first, last) != (0, len(rows)):
        raise IndexDamagedError(
            f"table offsets: expected to run from 0 to {len(rows)}, the number of rows, found {first} to {last}"
        )


def check_whole(offsets: _Numbers, rows: _Numbers) -> None:
    """Read both arrays whole and compare them with each other.

    Raises
    ------
    IndexDamagedError
        An offset is below the one before it, or `rows` has a row twice or out of its order.
    """
    falls = np.flatnonzero(offsets[1:] < offsets[:-1])
    if len(falls):
        at = int(falls[0])
        values = f"{offsets[at]} then {offsets[at + 1]}"
        raise IndexDamagedError(f"table offsets: expected none below the last, found {values} at {at}")
    twice = repeated(rows)
    if len(twice):
        raise IndexDamagedError(f"table rows: expected each once, found {twice[0]} twice")
    falls = np.flatnonzero(rows[1:] < rows[:-1]) + 1
    # A row may be lower than the one before it only where an address starts.
    inside = falls[offsets[np.searchsorted(offsets, falls)] != falls]
    if len(inside):
        at = int(inside[0])
        values = f"{rows[at - 1]} then {rows[at]}"
        raise IndexDamagedError(f"table rows: expected ascending at each address, found {values} at {at}")
