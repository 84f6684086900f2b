"""What finds the documents near a code: the table of addresses up to 24 bits, FAISS beyond."""

import numpy as np
from numpy.typing import NDArray

from semhash.codes import Packed
from semhash.hamming_table import MAX_TABLE_BITS, HammingTable
from semhash.lookup.neighbours import AddressLookup

__all__ = ["lookup_of"]


def lookup_of(packed: Packed, bits: int, rows: NDArray[np.int64] | None = None) -> AddressLookup:
    """Make codes findable as an index of that width does.

    Parameters
    ----------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
    bits : int
    rows : ndarray of shape (n,), int64, or None
        The documents that can be found; None for all.
    """
    rows = np.arange(len(packed)) if rows is None else rows
    packed = packed[rows]
    if bits <= MAX_TABLE_BITS:
        return HammingTable.build(packed, bits, rows)
    from semhash.binary_index import BinaryIndex, default_kind

    return BinaryIndex.build(packed, bits, rows, default_kind(bits))
