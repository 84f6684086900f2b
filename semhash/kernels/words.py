"""BM25 over the documents that hold a query's words, compiled; importing this module compiles it, or reads what was.

Documents are gone through in blocks whose sums fit into the processor's own memory; inside a block, word by word,
the heaviest first, which is the order in which `semhash.ranking.postings` adds, so that the sums are the same to
the last bit. What is best so far says what a document must reach: words that together cannot bring a document there
are no longer added up, but only looked up for the documents that other words brought in.

Nothing here is checked by numba: every row that comes out of a file is compared with the block that it must be in,
and `DAMAGED` is returned where it lies outside.
"""

from typing import Any

import numpy as np
from numba import types

from semhash.kernels.compiling import entry, inner, read, written

__all__ = ["BLOCK", "DAMAGED", "best", "look_up"]

DAMAGED = -1
"""Instead of a number of documents: a row is not where it must be."""

BLOCK = 2**15
"""Documents in a block: their sums and lengths take 12 bytes each."""

# A word is looked up for documents rather than gone through when it has so many times more of its own.
_SEARCH_PAYS = 12
# What cannot be reached is so by more than a rounding.
_ROUNDING = 1 + 1e-9

_POSTINGS = (
    read(types.uint32),
    read(types.uint8),
    types.int64,
    read(types.uint32),
    read(types.int64),
    read(types.int64),
    read(types.float64),
    types.float64,
    types.float64,
)


@inner
def _place(rows: Any, row: Any, start: Any, stop: Any) -> Any:
    """Find the first place from `start` on whose row is not below, by ever longer steps, then by halving."""
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
def _added(counts: Any, width: Any, at: Any, length: Any, weight: Any, slope: Any, floor: Any) -> Any:
    """Work out what a word adds to a document, in the order of `semhash.ranking.postings`: sums round."""
    place = np.uint64(at * width)  # without a sign no place is counted from the end
    whole = np.int64(counts[place])
    if width == 2:
        whole |= np.int64(counts[place + np.uint64(1)]) << 8
    count = np.float64(whole)
    below = np.float64(length) * slope
    below += floor
    below += count
    return count * weight / below


@inner
def _add(
    rows: Any,
    counts: Any,
    width: Any,
    lengths: Any,
    at: Any,
    stop: Any,
    weight: Any,
    slope: Any,
    floor: Any,
    low: Any,
    high: Any,
    sums: Any,
    met: Any,
    m: Any,
) -> Any:
    """Add a word to the sums of a block's documents, and list those met; return where it stops, and how many are met.

    A row that lies before the block, and more documents than it has, are `DAMAGED`.
    """
    while at < stop and rows[at] < high:
        # Without a sign, a row before the block lies far behind it.
        document = np.uint64(rows[at]) - np.uint64(low)
        if document >= np.uint64(len(sums)):
            return at, DAMAGED
        if sums[document] == 0:
            if m == len(met):
                return at, DAMAGED
            met[m] = document
            m += 1
        sums[document] += _added(counts, width, at, lengths[rows[at]], weight, slope, floor)
        at += 1
    return at, m


@inner
def _add_to_met(
    rows: Any,
    counts: Any,
    width: Any,
    lengths: Any,
    start: Any,
    stop: Any,
    weight: Any,
    slope: Any,
    floor: Any,
    low: Any,
    high: Any,
    sums: Any,
    met: Any,
    m: Any,
    reached: Any,
) -> Any:
    """Add a word to the sums that are not 0; return whether all its rows lie in the block.

    Where it has many more documents than were met, each of these is looked up, if its sum is high enough.
    """
    if m * _SEARCH_PAYS < stop - start:
        for i in range(m):
            if sums[met[i]] >= reached:
                row = low + np.int64(met[i])
                at = _place(rows, row, start, stop)
                if at < stop and rows[at] == row:
                    sums[met[i]] += _added(counts, width, at, lengths[row], weight, slope, floor)
        return True
    for at in range(start, stop):
        row = np.int64(rows[at])
        if row < low or row >= high:
            return False
        if sums[row - low] != 0:
            sums[row - low] += _added(counts, width, at, lengths[row], weight, slope, floor)
    return True


@inner
def _settled(rows: Any, scores: Any, n: Any, k: Any) -> Any:
    """Bring the first `k` by (score descending, row) to the front, and find the lowest score of these.

    Hoare, *Algorithm 65: find* (1961): what is ahead of a pivot goes before it, and the side that holds the k-th
    is taken further.
    """
    low, high = 0, n - 1
    while low < high:
        middle = (low + high) >> 1
        score, row = scores[middle], rows[middle]
        scores[middle], rows[middle] = scores[high], rows[high]
        place = low
        for i in range(low, high):
            if scores[i] > score or (scores[i] == score and rows[i] < row):
                scores[i], scores[place] = scores[place], scores[i]
                rows[i], rows[place] = rows[place], rows[i]
                place += 1
        scores[high], rows[high] = scores[place], rows[place]
        scores[place], rows[place] = score, row
        if place == k - 1:
            break
        if place < k - 1:
            low = place + 1
        else:
            high = place - 1
    return scores[k - 1]


@entry(
    *_POSTINGS,
    types.int64,
    *(written(kind) for kind in (types.int64, types.float64)),
    written(types.float64),
    written(types.uint32),
    written(types.uint32),
    written(types.float64),
)
def best(
    rows: Any,
    counts: Any,
    width: Any,
    lengths: Any,
    starts: Any,
    stops: Any,
    weights: Any,
    slope: Any,
    floor: Any,
    k: Any,
    at: Any,
    left: Any,
    sums: Any,
    met: Any,
    found: Any,
    scores: Any,
) -> Any:
    """Find the first `k` documents by (score descending, row).

    Parameters
    ----------
    rows : ndarray of shape (n_entries,), uint32
        Documents, ascending inside each word.
    counts : ndarray of shape (width * n_entries,), uint8
        How often each holds the word, in `width` bytes, the lowest first.
    width : int
        1 or 2.
    lengths : ndarray of shape (n_documents,), uint32
    starts, stops : ndarray of shape (n_words,), int64
        Where the documents of each word start and stop.
    weights : ndarray of shape (n_words,), float64
        What each weighs; none rises.
    slope, floor : float
        What is added to a count below the line is ``slope * length + floor``.
    k : int
        1 to the number of documents.
    at : ndarray of shape (n_words,), int64
        A copy of `starts`; how far each word is.
    left : ndarray of shape (n_words + 1,), float64
        What each word and those after it weigh together; the last is 0.
    sums, met : ndarray of shape (min(BLOCK, n_documents),), float64 and uint32
        Zeros; and room.
    found, scores : ndarray of shape (2 * k + n_documents of a block,), uint32 and float64
        The outcome, in no order.

    Returns
    -------
    n : int
        `DAMAGED`, or how many there are.
    """
    n_documents, size, n_words = len(lengths), len(sums), len(weights)
    n, least, needed, low = 0, 0.0, n_words, 0
    while low < n_documents:
        high, m = min(low + size, n_documents), 0
        for word in range(needed):
            at[word], m = _add(
                rows,
                counts,
                width,
                lengths,
                at[word],
                stops[word],
                weights[word],
                slope,
                floor,
                low,
                high,
                sums,
                met,
                m,
            )
            if m == DAMAGED:
                return DAMAGED
        for word in range(needed, n_words):
            start = _place(rows, low, at[word], stops[word])
            at[word] = _place(rows, high, start, stops[word])
            reached = least - left[word] * _ROUNDING
            if not _add_to_met(
                rows,
                counts,
                width,
                lengths,
                start,
                at[word],
                weights[word],
                slope,
                floor,
                low,
                high,
                sums,
                met,
                m,
                reached,
            ):
                return DAMAGED
        for i in range(m):
            document = met[i]
            if sums[document] >= least:
                found[n], scores[n] = low + document, sums[document]
                n += 1
            sums[document] = 0
        if n >= k and (n >= 2 * k or least == 0 or high == n_documents):
            least = _settled(found, scores, n, k)
            n = k
        while needed and left[needed - 1] * _ROUNDING < least:
            needed -= 1
        low = high
    for word in range(needed):
        if at[word] != stops[word]:
            return DAMAGED
    return n


@entry(*_POSTINGS, read(types.uint32), written(types.float64))
def look_up(
    rows: Any,
    counts: Any,
    width: Any,
    lengths: Any,
    starts: Any,
    stops: Any,
    weights: Any,
    slope: Any,
    floor: Any,
    wanted: Any,
    totals: Any,
) -> None:
    """Add the scores of some documents to `totals`, of shape (n,), float64, soonest where they ascend; see `best`."""
    for word in range(len(starts)):
        at, before = starts[word], np.uint32(0)
        for i in range(len(wanted)):
            row = wanted[i]
            at = _place(rows, row, at if row >= before else starts[word], stops[word])
            before = row
            if at < stops[word] and rows[at] == row and row < len(lengths):
                totals[i] += _added(counts, width, at, lengths[row], weights[word], slope, floor)
