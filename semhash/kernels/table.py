"""What the compiled lookups need to know of a table, and their answers as arrays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from semhash.kernels import lookups

__all__ = ["Found", "Lists", "TableKernel"]

Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Rows and distances of the documents near one code."""

Lists = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]
"""Where the documents of each code begin, and the last end; rows and distances of all."""

_WORD_BITS = 6
# Words are looked at up to this many, or so many a document: beyond that, looking through the addresses in use is
# cheaper, and it is left to those who do.
_FREE_WORDS = 2**14
_WORDS_A_DOCUMENT = 8
# Starting a thread takes as long as some dozens of lookups.
_SMALLEST_PART = 64


class TableKernel:
    """A table of addresses as the compiled lookups want it.

    Every offset is read once, to learn which addresses are in use: one bit is kept for each.

    Parameters
    ----------
    offsets : ndarray of shape (2 ** bits + 1,), uint32
    rows : ndarray of shape (n_documents,), uint32
    bits : int
        8 to 24.
    """

    def __init__(self, offsets: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32], bits: int) -> None:
        used = np.packbits(offsets[1:] != offsets[:-1], bitorder="little").view("<u8")
        high, ends = _by_weight(bits - _WORD_BITS)
        arrays: list[npt.NDArray[Any]] = [offsets, rows, used.astype(np.uint64, copy=False), high, ends]
        self._table = tuple(_sealed(array) for array in arrays)
        self._reach = _reach(ends, bits, max(_FREE_WORDS, _WORDS_A_DOCUMENT * len(rows)))

    def around(self, code: int, radius: int, at_least: int) -> Found | None:
        """Find the documents at distance 0, 1, ... up to `radius`, until there are `at_least`.

        Returns
        -------
        found : tuple of two ndarray of shape (n,), int64
            Rows and distances, by (distance, row); None where they are not found in this way.
        """
        last, rows, distances = lookups.around(*self._table, code, min(radius, self._reach), at_least)
        if last == lookups.DAMAGED or (len(rows) < at_least and last < radius):
            return None
        return rows, distances

    def balls(self, codes: npt.NDArray[np.int64], radius: int, threads: int) -> Lists | None:
        """Find the documents at distance 0 to `radius` from each of many codes; None as in `around`."""
        if radius > self._reach:
            return None
        parts: list[Lists] = self._in_parts(
            lambda part: lookups.balls(*self._table, part, radius), codes, threads
        )
        if any(bounds[-1] == lookups.DAMAGED for bounds, _, _ in parts):
            return None
        if len(parts) == 1:
            return parts[0]
        sizes = np.concatenate([np.diff(bounds) for bounds, _, _ in parts])
        bounds = np.concatenate([[0], sizes.cumsum()])
        return bounds, np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])

    def nearest(self, code: int, k: int) -> Found | None:
        """Find the `k` documents nearest to a code, no more than there are; None as in `around`."""
        k = min(k, len(self._table[1]))
        found, rows, distances = lookups.nearest(*self._table, code, self._reach, k)
        return (rows, distances) if found == k else None

    def nearest_each(self, codes: npt.NDArray[np.int64], k: int, threads: int) -> Lists | None:
        """Find the `k` documents nearest to each of many codes; see `nearest`."""
        k = min(k, len(self._table[1]))
        parts = self._in_parts(
            lambda part: lookups.nearest_each(*self._table, part, self._reach, k), codes, threads
        )
        if not all(complete for complete, _, _ in parts):
            return None
        rows, distances = (
            np.concatenate([part[i] for part in parts]) if len(parts) > 1 else parts[0][i] for i in (1, 2)
        )
        return np.arange(len(codes) + 1) * k, rows, distances

    def _in_parts(
        self, work: Callable[[npt.NDArray[np.int64]], Any], codes: npt.NDArray[np.int64], threads: int
    ) -> list[Any]:
        """Cut the codes into a part for each thread; the compiled lookups hold no lock of Python's."""
        n_parts = min(threads, len(codes) // _SMALLEST_PART)
        if n_parts < 2:
            return [work(_sealed(codes))]
        first, *others = map(_sealed, np.array_split(codes, n_parts))
        with ThreadPoolExecutor(len(others)) as pool:
            waiting = [pool.submit(work, part) for part in others]
            return [work(first), *(one.result() for one in waiting)]


@lru_cache(maxsize=4)
def _by_weight(bits: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """List all numbers of `bits` bits by the bits that are set, and where each number of them begins."""
    weights = np.bitwise_count(np.arange(1 << bits))
    ends = np.zeros(bits + 2, dtype=np.int64)
    np.cumsum(np.bincount(weights), out=ends[1:])
    return np.argsort(weights, kind="stable").astype(np.uint32), ends


def _reach(ends: npt.NDArray[np.int64], bits: int, words: int) -> int:
    """Give the widest radius whose shells have no more than so many words together."""
    last = len(ends) - 1
    distances = np.arange(bits + 1)
    sizes = (
        ends[np.minimum(distances + 1, last)] - ends[np.minimum(np.maximum(distances - _WORD_BITS, 0), last)]
    )
    return max(int(np.searchsorted(sizes.cumsum(), words, side="right")) - 1, 0)


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give a read-only view, contiguous: numba compiles anew for every other kind of array."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
