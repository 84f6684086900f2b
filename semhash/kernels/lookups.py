"""Lookups in a table of addresses, compiled; importing this module compiles them, or reads what was compiled before.

A bit for every address says whether a document is there. 64 neighbouring addresses share a word of such bits, so a
shell is not enumerated address by address: for each word whose upper address bits differ from the query's in j
bits, one mask leaves the addresses whose lower six bits differ in d - j. At 20 bits, radius 3 looks at 592 words of
one array of 128 KiB where there are 1351 addresses in one of 4 MiB, and only addresses with documents are read.

Nothing here is checked by numba: every place that comes out of a file is compared with the length of what it points
into, and `DAMAGED` is given where it lies outside.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["DAMAGED", "around", "balls", "nearest", "nearest_each"]

DAMAGED = -1
"""Instead of a number of documents: an offset does not fit."""

_NO_ROOM = -2
# So many are put in order one by one; more, digit by digit.
_FEW = 48
# So many nearest are kept in order while they are found; more are found whole first.
_KEPT_IN_ORDER = 128
# Digits of 8 bits up to so many numbers, of 12 bits beyond.
_NARROW_DIGITS = 2000
_ONE, _SIX, _LOW_BITS = np.uint64(1), np.uint64(6), np.uint64(63)


def _near_in_word() -> Any:
    """Give, for each distance and each place in a word, the bits of the places at that distance: (7, 64), uint64."""
    places = np.arange(64, dtype=np.uint64)
    distances = np.bitwise_count(places[:, np.newaxis] ^ places)
    bits = _ONE << places
    return np.stack([np.where(distances == d, bits, 0).sum(axis=1, dtype=np.uint64) for d in range(7)])


_NEAR = _near_in_word()

_uint32s = types.Array(types.uint32, 1, "C", readonly=True)
_uint64s = types.Array(types.uint64, 1, "C", readonly=True)
_int64s = types.Array(types.int64, 1, "C", readonly=True)
_TABLE = (_uint32s, _uint32s, _uint64s, _uint32s, _int64s)


def _inner(function: Callable[..., Any]) -> Any:
    """Compile a function with those that call it."""
    return njit(nogil=True)(function)


def _entry(*arguments: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function now, for these types, and keep what comes of it on disk where there is a place for it."""

    def compile_now(function: Callable[..., Any]) -> Any:
        try:
            return njit([arguments], nogil=True, cache=True)(function)
        except RuntimeError:  # neither the package's folder nor the user's cache can be written
            return njit([arguments], nogil=True)(function)

    return compile_now


def _count_zeros(_typing: Any, _word: Any) -> Any:
    """Tell numba what gives the place of the lowest bit that is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


_lowest_bit: Any = intrinsic(_count_zeros)


@_inner
def _take_shell(
    offsets: Any,
    rows: Any,
    words: Any,
    high: Any,
    ends: Any,
    code: Any,
    distance: Any,
    most: Any,
    out: Any,
    first: Any,
) -> Any:
    """Write the rows at one distance to `out` from `first` on, at most so many of each address; give where they end."""
    n, room, n_rows = np.uint64(first), np.uint64(len(out)), np.uint64(len(rows))
    for j in range(max(0, distance - 6), min(distance + 1, len(ends) - 1)):
        mask = _NEAR[distance - j, code & _LOW_BITS]
        for i in range(ends[j], ends[j + 1]):
            upper = np.uint64(high[i]) ^ (code >> _SIX)
            hits = words[upper] & mask
            while hits:
                address = (upper << _SIX) | _lowest_bit(hits)
                hits &= hits - _ONE
                at, stop = np.uint64(offsets[address]), np.uint64(offsets[address + _ONE])
                if stop < at or stop > n_rows:
                    return np.int64(DAMAGED)
                stop = min(stop, at + np.uint64(most))
                if n + stop - at > room:
                    return np.int64(_NO_ROOM)
                while at < stop:
                    out[n] = rows[at]
                    n += _ONE
                    at += _ONE
    return np.int64(n)


@_inner
def _take_least(
    offsets: Any,
    rows: Any,
    words: Any,
    high: Any,
    ends: Any,
    code: Any,
    distance: Any,
    out: Any,
    first: Any,
    last: Any,
) -> Any:
    """Write the lowest rows at one distance to ``out[first:last]``, ascending; give where they end.

    Rows ascend at each address, so the first one that is too high ends what is read of it.
    """
    n, n_rows = first, np.uint64(len(rows))
    for j in range(max(0, distance - 6), min(distance + 1, len(ends) - 1)):
        mask = _NEAR[distance - j, code & _LOW_BITS]
        for i in range(ends[j], ends[j + 1]):
            upper = np.uint64(high[i]) ^ (code >> _SIX)
            hits = words[upper] & mask
            while hits:
                address = (upper << _SIX) | _lowest_bit(hits)
                hits &= hits - _ONE
                at, stop = np.uint64(offsets[address]), np.uint64(offsets[address + _ONE])
                if stop < at or stop > n_rows:
                    return np.int64(DAMAGED)
                while at < stop:
                    row = rows[at]
                    at += _ONE
                    if n < last:
                        n += 1
                    elif row >= out[last - 1]:
                        break
                    place = n - 2
                    while place >= first and out[place] > row:
                        out[place + 1] = out[place]
                        place -= 1
                    out[place + 1] = row
    return np.int64(n)


@_inner
def _grown(array: Any, size: Any) -> Any:
    larger = np.empty(size, array.dtype)
    larger[: len(array)] = array
    return larger


@_inner
def _sort_by_digits(numbers: Any) -> Any:
    """Sort in place: least significant digit first, as many digits as the highest number has."""
    n, highest = len(numbers), numbers.max()
    bits = 0
    while highest >> np.uint32(bits) and bits < 32:
        bits += 1
    widest = 8 if n < _NARROW_DIGITS else 12
    n_digits = max(1, -(-bits // widest))
    width = np.uint32(-(-bits // n_digits))
    digit = np.uint32((1 << width) - 1)
    starts = np.empty(1 << width, np.uint32)
    source, target = numbers, np.empty(n, np.uint32)
    for number in range(n_digits):
        shift = np.uint32(number) * width
        starts[:] = 0
        for i in range(n):
            starts[(source[i] >> shift) & digit] += np.uint32(1)
        before = np.uint32(0)
        for value in range(len(starts)):
            starts[value], before = before, before + starts[value]
        for i in range(n):
            value = (source[i] >> shift) & digit
            target[starts[value]] = source[i]
            starts[value] += np.uint32(1)
        source, target = target, source
    if n_digits % 2:
        numbers[:] = source


@_inner
def _sort(numbers: Any) -> Any:
    """Sort in place; rows come in runs that ascend, so few of them are soon in order."""
    if len(numbers) > _FEW:
        _sort_by_digits(numbers)
        return
    for i in range(1, len(numbers)):
        number, place = numbers[i], i - 1
        while place >= 0 and numbers[place] > number:
            numbers[place + 1] = numbers[place]
            place -= 1
        numbers[place + 1] = number


@_entry(*_TABLE, types.uint64, types.int64, types.int64)
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
    buffer, counts = np.empty(256, np.uint32), np.zeros(radius + 1, np.int64)
    n = distance = 0
    while True:
        found = _take_shell(offsets, rows, words, high, ends, code, distance, len(rows), buffer, n)
        if found == _NO_ROOM:
            buffer = _grown(buffer, 4 * len(buffer))
            continue
        if found == DAMAGED:
            return DAMAGED, np.empty(0, np.int64), np.empty(0, np.int64)
        if distance:  # one address needs no sorting
            _sort(buffer[n:found])
        counts[distance], n = found - n, found
        if n >= at_least or distance == radius:
            break
        distance += 1
    distances, at = np.empty(n, np.int64), 0
    for d in range(distance + 1):
        distances[at : at + counts[d]] = d
        at += counts[d]
    return distance, buffer[:n].astype(np.int64), distances


@_entry(*_TABLE, _int64s, types.int64)
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
    for i in range(len(many)):
        distance = 0
        while distance <= radius:
            code = np.uint64(many[i])
            found = _take_shell(offsets, rows, words, high, ends, code, distance, len(rows), out, n)
            if found == _NO_ROOM:
                # What those so far have found tells what the others will.
                size = max(2 * len(out), (n + n // 4) // (i + 1) * len(many))
                out, distances = _grown(out, size), _grown(distances, size)
                continue
            if found == DAMAGED:
                bounds[-1] = DAMAGED
                return bounds, out[:0], distances[:0]
            if distance:  # one address needs no sorting
                _sort(out[n:found])
            distances[n:found] = distance
            n = found
            distance += 1
        bounds[i + 1] = n
    return bounds, out[:n], distances[:n]


@_inner
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
    buffer = np.empty(0 if in_order else 256, np.uint32)
    distance = 0
    while n < last and distance <= reach:
        if in_order:
            found = _take_least(offsets, rows, words, high, ends, code, distance, out, n, last)
        else:
            found = _take_shell(offsets, rows, words, high, ends, code, distance, last - n, buffer, 0)
            if found == _NO_ROOM:
                buffer = _grown(buffer, 4 * len(buffer))
                continue
        if found == DAMAGED:
            return np.int64(DAMAGED)
        if not in_order:
            _sort(buffer[:found])
            found = min(n + found, last)
            out[n:found] = buffer[: found - n]
        distances[n:found] = distance
        n = found
        distance += 1
    return np.int64(n)


@_entry(*_TABLE, types.uint64, types.int64, types.int64)
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


@_entry(*_TABLE, _int64s, types.int64, types.int64)
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
