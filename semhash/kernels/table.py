"""What the compiled lookups need to know of a table, and their answers as arrays."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from math import comb
from typing import Any, TypeVar

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

# Room for so many documents at first, in all and for each code.
_ROOM, _ROOM_A_CODE = 2**12, 64

_Work = Callable[[npt.NDArray[np.int64]], Lists | None]
_Number = TypeVar("_Number", bound=np.generic)


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
        self._bits = bits
        self._n_documents = len(rows)
        self._alone = 0  # room that was enough for any one code so far
        self._reach = _reach(ends, bits, max(_FREE_WORDS, _WORDS_A_DOCUMENT * len(rows)))

    def ball(self, code: int, radius: int) -> Found | None:
        """Find the documents at distance 0 to `radius`.

        Returns
        -------
        found : tuple of two ndarray of shape (n,), int64
            Rows and distances, by (distance, row); None where they are not found in this way.
        """
        return _first_of(self.balls(np.array([code]), radius, 1))

    def grow(self, code: int, at_least: int) -> Found | None:
        """Find the smallest whole ball of `at_least` documents, no more than there are; None as in `ball`."""
        found = _first_of(self._around(np.array([code]), self._reach, at_least, self._n_documents))
        return found if found and len(found[0]) >= at_least else None

    def nearest(self, code: int, k: int) -> Found | None:
        """Find the `k` documents nearest to a code, no more than there are; None as in `ball`."""
        return _first_of(self.nearest_each(np.array([code]), k, 1))

    def balls(self, codes: npt.NDArray[np.int64], radius: int, threads: int) -> Lists | None:
        """Find the documents at distance 0 to `radius` from each of many codes; None as in `ball`."""
        radius, everyone = min(radius, self._bits), self._n_documents + 1
        if radius > self._reach:
            return None
        return self._in_parts(lambda part: self._around(part, radius, everyone, everyone), codes, threads)

    def nearest_each(self, codes: npt.NDArray[np.int64], k: int, threads: int) -> Lists | None:
        """Find the `k` documents nearest to each of many codes; see `nearest`."""
        k = min(k, self._n_documents)
        found = self._in_parts(lambda part: self._around(part, self._reach, k, k), codes, threads)
        return found if found and len(found[1]) == k * len(codes) else None

    def _around(self, codes: npt.NDArray[np.int64], radius: int, at_least: int, most: int) -> Lists | None:
        """Look codes up: see `semhash.kernels.lookups.around`; None where the table is damaged."""
        many, bounds, done = _sealed(codes), np.zeros(len(codes) + 1, dtype=np.int64), 0
        widest = comb(self._bits, min(radius, self._bits // 2))
        # An address in use has a document, so that there are no more of those than there are documents.
        spots = np.empty(min(widest, self._n_documents), dtype=np.uint32)
        size = max(_ROOM, min(most, _ROOM_A_CODE) * len(codes), self._alone if len(codes) == 1 else 0)
        found, distances = np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.uint8)
        while True:
            scratch = np.empty(size + 2**lookups.WIDEST_DIGIT, dtype=np.uint32)
            limits = (done, radius, at_least, most)
            done = lookups.around(*self._table, many, *limits, spots, scratch, bounds, found, distances)
            if done == lookups.DAMAGED:
                return None
            n = int(bounds[-1] if done == len(codes) else bounds[done])
            if done == len(codes):
                self._alone = max(self._alone, size if len(codes) == 1 else 0)
                return bounds, found[:n], distances[:n]
            # What those so far have found tells what the others will.
            size = max(2 * size, (n + n // 4) // (done + 1) * len(codes))
            found, distances = _grown(found, n, size), _grown(distances, n, size)

    def _in_parts(self, work: _Work, codes: npt.NDArray[np.int64], threads: int) -> Lists | None:
        """Look some up; where that shows that it pays, share the others out among threads."""
        if threads < 2 or len(codes) <= _TRIED:
            return work(codes)
        begun = time.perf_counter()
        tried = work(codes[:_TRIED])
        expected = (time.perf_counter() - begun) * (len(codes) / _TRIED - 1)
        workers = min(threads, int(expected / _WORTH_A_THREAD))
        parts = np.array_split(codes[_TRIED:], max(1, workers * _PARTS_A_THREAD))
        return _joined([tried, *(map(work, parts) if workers < 2 else _shared_out(work, parts, workers))])


def _first_of(lists: Lists | None) -> Found | None:
    """Return rows and distances of the one code that was looked up."""
    return lists and (lists[1].astype(np.int64), lists[2].astype(np.int64))


def _joined(parts: list[Lists | None]) -> Lists | None:
    """Put what was found for some codes after what was found for those before; None where any part is."""
    found = [part for part in parts if part]
    if len(found) < len(parts):
        return None
    bounds, rows, distances = zip(*found, strict=True)
    sizes = np.concatenate([np.diff(each) for each in bounds])
    return np.concatenate([[0], sizes.cumsum()]), np.concatenate(rows), np.concatenate(distances)


def _grown(array: npt.NDArray[_Number], n: int, size: int) -> npt.NDArray[_Number]:
    """Return a longer array that begins with the first `n` of one."""
    larger = np.empty(size, dtype=array.dtype)
    larger[:n] = array[:n]
    return larger


def _shared_out(work: _Work, parts: list[npt.NDArray[np.int64]], workers: int) -> list[Lists | None]:
    """Do the parts in threads, this one among them: whoever is free takes the next.

    The compiled lookups hold no lock of Python's, and where the machine keeps a thread waiting the others go on.
    """
    left, done = deque(enumerate(parts)), dict[int, Lists | None]()

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
    """Return the widest radius whose shells have no more than so many words together."""
    last = len(ends) - 1
    distances = np.arange(bits + 1)
    sizes = (
        ends[np.minimum(distances + 1, last)] - ends[np.minimum(np.maximum(distances - _WORD_BITS, 0), last)]
    )
    return max(int(np.searchsorted(sizes.cumsum(), words, side="right")) - 1, 0)


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view, contiguous: numba compiles anew for every other kind of array."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
