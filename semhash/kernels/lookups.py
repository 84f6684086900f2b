"""Lookups in a table of addresses, compiled; importing this module compiles them, or reads what was compiled before.

Nothing here is checked by numba: every place that comes out of a file is compared with the length of what it points
into, and `DAMAGED` is given where it lies outside.
"""

from typing import Any

import numpy as np
from numba import types

from semhash.kernels.compiling import array_of, entry, inner
from semhash.kernels.shells import DAMAGED, NO_ROOM, TABLE, await_rows, grown, spot, take, take_least
from semhash.kernels.sorting import sort

__all__ = ["DAMAGED", "around", "balls", "nearest", "nearest_each"]

# So many nearest are kept in order while they are found; more are found whole first.
_KEPT_IN_ORDER = 128


@entry((*TABLE, types.uint64, types.int64, types.int64))
def around(
    offsets: Any, rows: Any, words: Any, high: Any, ends: Any, code: Any, radius: Any, at_least: Any
) -> Any:
    """Find the documents at distance 0, 1, ... until there are `at_least`, or the radius is reached.

    Parameters
    ----------
    offsets, rows : ndarray of uint32
        The table.
    words : ndarray of shape (2 ** bits / 64,), uint64
        A bit for each address, set where a document is.
    high : ndarray of shape (2 ** bits / 64,), uint32
        All values of the upper bits of an address, by the number of bits set.
    ends : ndarray of shape (bits - 4,), int64
        Where those with 0, 1, ... bits set begin, and where the last end.
    code, radius, at_least : int

    Returns
    -------
    status : int
        `DAMAGED`, or the last distance looked at.
    rows, distances : ndarray of shape (n,), int64
        Those found, by distance, then row.
    """
    spots, buffer = np.empty(256, np.uint32), np.empty(256, np.uint32)
    counts = np.zeros(radius + 1, np.int64)
    n = distance = 0
    while True:
        last = spot(offsets, words, high, ends, code, distance, spots, 0)
        if last == NO_ROOM:
            spots = np.empty(4 * len(spots), np.uint32)
            continue
        await_rows(offsets, rows, spots, 0, last)
        found = take(offsets, rows, spots, 0, last, len(rows), buffer, n)
        while found == NO_ROOM:
            buffer = grown(buffer, 4 * len(buffer))
            found = take(offsets, rows, spots, 0, last, len(rows), buffer, n)
        if found == DAMAGED:
            return DAMAGED, np.empty(0, np.int64), np.empty(0, np.int64)
        if distance:  # one address needs no sorting
            sort(buffer[n:found])
        counts[distance], n = found - n, found
        if n >= at_least or distance == radius:
            break
        distance += 1
    distances, at = np.empty(n, np.int64), 0
    for d in range(distance + 1):
        distances[at : at + counts[d]] = d
        at += counts[d]
    return distance, buffer[:n].astype(np.int64), distances


@inner
def _spot_ball(
    offsets: Any, words: Any, high: Any, ends: Any, code: Any, radius: Any, spots: Any, bounds: Any
) -> Any:
    """Write the addresses in use of a ball, by distance, and where each distance ends; give the array of them."""
    distance = 0
    while distance <= radius:
        last = spot(offsets, words, high, ends, code, distance, spots, bounds[distance])
        if last == NO_ROOM:
            spots = grown(spots, 4 * len(spots))
            continue
        distance += 1
        bounds[distance] = last
    return spots


@entry((*TABLE, array_of(types.int64), types.int64))
def balls(offsets: Any, rows: Any, words: Any, high: Any, ends: Any, many: Any, radius: Any) -> Any:
    """Find the documents at distance 0 to `radius` from each of many codes; see `around`.

    Returns
    -------
    bounds : ndarray of shape (n_codes + 1,), int64
        Where those of each code begin, and where the last end, or `DAMAGED`.
    rows : ndarray of shape (n,), uint32
    distances : ndarray of shape (n,), uint8
    """
    bounds, n = np.zeros(len(many) + 1, np.int64), 0
    out = np.empty(64 * len(many) + 64, np.uint32)
    distances = np.empty(len(out), np.uint8)
    spots, shells = np.empty(1024, np.uint32), np.zeros(radius + 2, np.int64)
    for i in range(len(many)):
        spots = _spot_ball(offsets, words, high, ends, np.uint64(many[i]), radius, spots, shells)
        await_rows(offsets, rows, spots, 0, shells[radius + 1])
        distance = 0
        while distance <= radius:
            found = take(offsets, rows, spots, shells[distance], shells[distance + 1], len(rows), out, n)
            if found == NO_ROOM:
                # What those so far have found tells what the others will.
                size = max(2 * len(out), (n + n // 4) // (i + 1) * len(many))
                out, distances = grown(out, size), grown(distances, size)
                continue
            if found == DAMAGED:
                bounds[-1] = DAMAGED
                return bounds, out[:0], distances[:0]
            if distance:  # one address needs no sorting
                sort(out[n:found])
            distances[n:found] = distance
            n = found
            distance += 1
        bounds[i + 1] = n
    return bounds, out[:n], distances[:n]


@inner
def _fill_nearest(
    offsets: Any,
    rows: Any,
    words: Any,
    high: Any,
    ends: Any,
    code: Any,
    reach: Any,
    out: Any,
    distances: Any,
    n: Any,
    last: Any,
) -> Any:
    """Write the nearest rows to ``out[n:last]``; give `DAMAGED`, or where those end that are in reach."""
    in_order = last - n <= _KEPT_IN_ORDER
    spots, buffer = np.empty(256, np.uint32), np.empty(0 if in_order else 256, np.uint32)
    distance = 0
    while n < last and distance <= reach:
        n_spots = spot(offsets, words, high, ends, code, distance, spots, 0)
        if n_spots == NO_ROOM:
            spots = np.empty(4 * len(spots), np.uint32)
            continue
        await_rows(offsets, rows, spots, 0, n_spots)
        if in_order:
            found = take_least(offsets, rows, spots, 0, n_spots, out, n, last)
        else:
            found = take(offsets, rows, spots, 0, n_spots, last - n, buffer, 0)
            while found == NO_ROOM:
                buffer = np.empty(4 * len(buffer), np.uint32)
                found = take(offsets, rows, spots, 0, n_spots, last - n, buffer, 0)
        if found == DAMAGED:
            return np.int64(DAMAGED)
        if not in_order:
            sort(buffer[:found])
            found = min(n + found, last)
            out[n:found] = buffer[: found - n]
        distances[n:found] = distance
        n = found
        distance += 1
    return np.int64(n)


@entry((*TABLE, types.uint64, types.int64, types.int64))
def nearest(offsets: Any, rows: Any, words: Any, high: Any, ends: Any, code: Any, reach: Any, k: Any) -> Any:
    """Find the `k` documents nearest to a code, by distance, then row, up to a distance; see `around`.

    Returns
    -------
    status : int
        `DAMAGED`, or how many there are in reach.
    rows, distances : ndarray of shape (k,), int64
    """
    out, distances = np.empty(k, np.uint32), np.empty(k, np.int64)
    found = _fill_nearest(offsets, rows, words, high, ends, code, reach, out, distances, 0, k)
    return found, out.astype(np.int64), distances


@entry((*TABLE, array_of(types.int64), types.int64, types.int64))
def nearest_each(
    offsets: Any, rows: Any, words: Any, high: Any, ends: Any, many: Any, reach: Any, k: Any
) -> Any:
    """Find the `k` documents nearest to each of many codes, as `nearest` does.

    Returns
    -------
    complete : bool
        Whether all were found; where not, nothing else is good.
    rows : ndarray of shape (n_codes * k,), uint32
    distances : ndarray of shape (n_codes * k,), uint8
    """
    out, distances = np.empty(len(many) * k, np.uint32), np.empty(len(many) * k, np.uint8)
    for i in range(len(many)):
        first, last, code = i * k, (i + 1) * k, np.uint64(many[i])
        if last != _fill_nearest(offsets, rows, words, high, ends, code, reach, out, distances, first, last):
            return False, out, distances
    return True, out, distances
