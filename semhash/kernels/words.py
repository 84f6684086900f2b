"""BM25 over the documents that hold a query's words, compiled; importing this module compiles it, or reads what was.

Documents are gone through in blocks whose sums fit into the processor's own memory; inside a block, word by word,
the heaviest first, which is the order in which `semhash.ranking.postings` adds, so that the sums are the same to
the last bit. What is best so far says what a document must reach: words that together cannot bring a document there
are no longer added up, but only looked up for the documents that other words brought in.

Nothing here is checked by numba: every row that comes out of a file is compared with the block that it must be in,
and `DAMAGED` is given where it lies outside.
"""

from typing import Any

import numpy as np
from numba import types

from semhash.kernels.compiling import array_of, entry, inner, tuple_of

__all__ = ["DAMAGED", "best", "look_up"]

DAMAGED = -1
"""Instead of a number of documents: a row is not where it must be."""

# Documents in a block: their sums and lengths take 10 bytes each, mostly.
_BLOCK = 2**15
# A word is looked up for documents rather than gone through when it has so many times more of its own.
_SEARCH_PAYS = 12
# What cannot be reached is so by more than a rounding.
_ROUNDING = 1 + 1e-9


@inner
def _place(rows: Any, row: Any, start: Any, stop: Any) -> Any:
    """Give the first place from `start` on whose row is not below; found by ever longer steps, then by halving."""
    step, low, high = 1, start, start
    while high < stop and rows[high] < row:
        low, high, step = high + 1, high + step, 2 * step
    high = min(high, stop)
    while low < high:
        middle = (low + high) >> 1
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _settled(rows: Any, scores: Any, n: Any, k: Any) -> Any:
    """Keep the first `k` by (score descending, row); give how many there are, and the lowest score."""
    if n < k:
        return n, 0.0
    least = np.partition(scores[:n], n - k)[n - k]
    above = 0
    for i in range(n):
        above += scores[i] > least
    tied = np.empty(n - above, np.uint32)
    m = n_tied = 0
    for i in range(n):
        if scores[i] > least:
            scores[m], rows[m] = scores[i], rows[i]
            m += 1
        elif scores[i] == least:
            tied[n_tied] = rows[i]
            n_tied += 1
    room = k - above
    last = np.partition(tied[:n_tied], room - 1)[room - 1]
    for i in range(n_tied):
        if tied[i] <= last:
            scores[m], rows[m] = least, tied[i]
            m += 1
    return m, least


@inner
def _added(postings: Any, at: Any, weight: Any, norm: Any) -> Any:
    """Give what a word adds to the document at a place, in the order of `semhash.ranking.postings`: sums round."""
    rows, counts, lengths = postings
    slope, floor = norm
    count = np.float64(counts[np.uint64(at)])
    below = np.float64(lengths[np.uint64(rows[at])]) * slope
    below += floor
    below += count
    return count * weight / below


@inner
def _add(postings: Any, span: Any, weight: Any, norm: Any, block: Any, sums: Any, met: Any, m: Any) -> Any:
    """Add a word to the sums of a block's documents, and list those met; give where it stops, and how many are met.

    A row that lies before the block, and more documents than it has, are `DAMAGED`.
    """
    rows = postings[0]
    at, stop = span
    low, high = block
    while at < stop and rows[at] < high:
        # Without a sign no place is counted from the end, and one before the block lies far behind it.
        place = np.uint64(rows[at]) - np.uint64(low)
        if place >= np.uint64(len(sums)):
            return at, DAMAGED
        if sums[place] == 0:
            if m == len(met):
                return at, DAMAGED
            met[m] = place
            m += 1
        sums[place] += _added(postings, at, weight, norm)
        at += 1
    return at, m


@inner
def _go_through(postings: Any, span: Any, weight: Any, norm: Any, block: Any, sums: Any) -> Any:
    """Add a word to the sums that are not 0; say whether all its rows lie in the block."""
    rows = postings[0]
    low, high = block
    for at in range(span[0], span[1]):
        row = np.int64(rows[at])
        if row < low or row >= high:
            return False
        if sums[row - low] != 0:
            sums[row - low] += _added(postings, at, weight, norm)
    return True


@inner
def _search(
    postings: Any, span: Any, weight: Any, norm: Any, low: Any, sums: Any, met: Any, reached: Any
) -> None:
    """Do the same for the documents met whose sums are high enough, looking each up among the word's."""
    rows = postings[0]
    for place in met:
        if sums[place] >= reached:
            row = low + np.int64(place)
            at = _place(rows, row, span[0], span[1])
            if at < span[1] and rows[at] == row:
                sums[place] += _added(postings, at, weight, norm)


@inner
def _sum_block(
    postings: Any,
    words: Any,
    norm: Any,
    block: Any,
    at: Any,
    left: Any,
    needed: Any,
    least: Any,
    sums: Any,
    met: Any,
) -> Any:
    """Add up a block: the words that are needed whole, the others for documents met; give how many were met."""
    rows, (_, stops, weights), m = postings[0], words, 0
    for word in range(needed):
        at[word], m = _add(postings, (at[word], stops[word]), weights[word], norm, block, sums, met, m)
        if m == DAMAGED:
            return m
    for word in range(needed, len(weights)):
        start = _place(rows, block[0], at[word], stops[word])
        at[word] = _place(rows, block[1], start, stops[word])
        span = (start, at[word])
        if m * _SEARCH_PAYS < at[word] - start:
            reached = least - left[word] * _ROUNDING
            _search(postings, span, weights[word], norm, block[0], sums, met[:m], reached)
        elif not _go_through(postings, span, weights[word], norm, block, sums):
            return DAMAGED
    return m


def _postings(counts: Any, lengths: Any) -> Any:
    return tuple_of(array_of(types.uint32), array_of(counts), array_of(lengths))


_WORDS = tuple_of(array_of(types.int64), array_of(types.int64), array_of(types.float64))
_NORM = tuple_of(types.float64, types.float64)
_POSTINGS = (
    _postings(types.uint8, types.uint16),
    _postings(types.uint8, types.uint32),
    _postings(types.uint16, types.uint32),
)


@entry(*((postings, _WORDS, _NORM, types.int64) for postings in _POSTINGS))
def best(postings: Any, words: Any, norm: Any, k: Any) -> Any:
    """Find the first `k` documents by (score descending, row).

    Parameters
    ----------
    postings : tuple of ndarray
        Rows, counts and lengths: see `semhash.ranking.postings.Postings`.
    words : tuple of ndarray of shape (n_words,)
        Where the documents of each word start and stop, int64, and what it weighs, float64, none rising.
    norm : tuple of float
        Slope and floor: what is added to a count below the line is ``slope * length + floor``.
    k : int

    Returns
    -------
    n : int
        `DAMAGED`, or how many there are.
    rows : ndarray of shape (n,), uint32
    scores : ndarray of shape (n,), float64
        In no order.
    """
    (starts, stops, weights), n_documents = words, len(postings[2])
    left = np.zeros(len(weights) + 1)
    for word in range(len(weights) - 1, -1, -1):
        left[word] = left[word + 1] + weights[word]
    at, size = starts.copy(), min(_BLOCK, n_documents)
    sums, met = np.zeros(size), np.empty(size, np.uint32)
    room = 2 * min(k, n_documents) + size
    rows, scores = np.empty(room, np.uint32), np.empty(room)
    n, least, needed = 0, 0.0, len(weights)
    for low in range(0, n_documents, max(size, 1)):
        block = (low, min(low + size, n_documents))
        m = _sum_block(postings, words, norm, block, at, left, needed, least, sums, met)
        if m == DAMAGED:
            return DAMAGED, rows[:0], scores[:0]
        for place in met[:m]:
            if sums[place] >= least:
                rows[n], scores[n] = low + place, sums[place]
                n += 1
            sums[place] = 0
        if n >= 2 * k or (n >= k and least == 0) or block[1] == n_documents:
            n, least = _settled(rows, scores, n, k)
        while needed and left[needed - 1] * _ROUNDING < least:
            needed -= 1
    if (at[:needed] != stops[:needed]).any():
        return DAMAGED, rows[:0], scores[:0]
    return n, rows[:n], scores[:n]


@entry(*((postings, _WORDS, _NORM, array_of(types.uint32)) for postings in _POSTINGS))
def look_up(postings: Any, words: Any, norm: Any, wanted: Any) -> Any:
    """Give the scores of some documents, of shape (n,), float64, soonest where they ascend; see `best`."""
    (starts, stops, weights), rows = words, postings[0]
    totals = np.zeros(len(wanted))
    for word in range(len(starts)):
        at, before = starts[word], np.uint32(0)
        for i in range(len(wanted)):
            at = _place(rows, wanted[i], at if wanted[i] >= before else starts[word], stops[word])
            before = wanted[i]
            if at < stops[word] and rows[at] == before and before < len(postings[2]):
                totals[i] += _added(postings, at, weights[word], norm)
    return totals
