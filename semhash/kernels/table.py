"""What the compiled lookups need to know of a table, and their answers as arrays."""

import time
from collections import deque
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
# So many lookups show how long the others will take; a thread is worth starting for so many seconds of them.
_TRIED = 32
_WORTH_A_THREAD = 1e-3
_PARTS_A_THREAD = 4

_Work = Callable[[npt.NDArray[np.int64]], Any]


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

    def _in_parts(self, work: _Work, codes: npt.NDArray[np.int64], threads: int) -> list[Any]:
        """Look some up; where that shows that it pays, share the others out among threads."""
        if threads < 2 or len(codes) <= _TRIED:
            return [work(_sealed(codes))]
        begun = time.perf_counter()
        tried = work(_sealed(codes[:_TRIED]))
        expected = (time.perf_counter() - begun) * (len(codes) / _TRIED - 1)
        workers = min(threads, int(expected / _WORTH_A_THREAD))
        parts = [_sealed(part) for part in np.array_split(codes[_TRIED:], max(1, workers * _PARTS_A_THREAD))]
        return [tried, *(map(work, parts) if workers < 2 else _shared_out(work, parts, workers))]


def _shared_out(work: _Work, parts: list[npt.NDArray[np.int64]], workers: int) -> list[Any]:
    """Do the parts in threads, this one among them: whoever is free takes the next.

    The compiled lookups hold no lock of Python's, and where the machine keeps a thread waiting the others go on.
    """
    left, done = deque(enumerate(parts)), dict[int, Any]()

    def take() -> None:
        while True:
            try:
                number, part = left.popleft()
            except IndexError:
                return
            done[number] = work(part)

    with ThreadPoolExecutor(workers - 1) as pool:
        others = [pool.submit(take) for _ in range(workers - 1)]
        take()
        for other in others:
            other.result()
    return [done[number] for number in range(len(parts))]


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
