"""Lookups in a table of addresses, compiled; importing this module compiles them, or reads what was compiled before.

A bit for every address says whether a document is there. 64 neighbouring addresses share a word of such bits, so the
addresses at one distance, a shell, are not enumerated one by one: for each word whose upper address bits differ from
the query's in j bits, one mask leaves the addresses whose lower six bits differ in d - j. At 20 bits, radius 3 looks at
592 words of one array of 128 KiB where there are 1351 addresses in one of 4 MiB, and only addresses with documents are
read.

A large table does not fit into the processor's caches, and the addresses of a shell lie all over it. So nothing is
waited for one by one: what will be read is asked of the memory as soon as its place is known, offsets while the
other addresses are found, rows while the other offsets are read.

Nothing here is checked by numba: every place that comes out of a file is compared with the length of what it points
into, and `DAMAGED` is returned where it lies outside.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from semhash.kernels.compiling import entry, inner, read, written

__all__ = ["DAMAGED", "WIDEST_DIGIT", "around", "sort"]

DAMAGED = -1
"""Instead of a number of codes: an offset does not fit."""

_NO_ROOM = -2

WIDEST_DIGIT = 11
"""In bits: `sort` needs room for as many numbers as it sorts, and for one for each value of a digit."""

# So many rows are put in order one by one; more, digit by digit.
_FEW = 32
# Digits of 8 bits up to so many rows, wider ones beyond.
_NARROW_DIGITS = 2000

_ONE, _SIX, _LOW_BITS = np.uint64(1), np.uint64(6), np.uint64(63)


def _near_in_word() -> Any:
    """Return, for each distance and place in a word, the bits of the places at that distance: (7, 64), uint64."""
    places = np.arange(64, dtype=np.uint64)
    distances = np.bitwise_count(places[:, np.newaxis] ^ places)
    bits = _ONE << places
    return np.stack([np.where(distances == d, bits, 0).sum(axis=1, dtype=np.uint64) for d in range(7)])


_NEAR = _near_in_word()


def _count_zeros(_typing: Any, _word: Any) -> Any:
    """Tell numba what finds the place of the lowest bit that is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


def _prefetch(_typing: Any, array: Any, _place: Any) -> Any:
    """Tell numba what asks the memory for an element that will be read; outside of the array it does nothing."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = context.make_array(signature.args[0])(context, builder, arguments[0])
        element, number = builder.gep(values.data, [arguments[1]]), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [element.type, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [element.type], kind)
        # To be read, to be kept in every cache, and data.
        builder.call(fetch, [element, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


_lowest_bit: Any = intrinsic(_count_zeros)
_fetch: Any = intrinsic(_prefetch)


@inner
def sort(numbers: Any, first: Any, last: Any, scratch: Any) -> None:
    """Sort ``numbers[first:last]``, uint32, in place: few by insertion, more by the digits, the lowest first."""
    n = last - first
    if n <= _FEW:
        for i in range(first + 1, last):
            number, place = numbers[i], i - 1
            while place >= first and numbers[place] > number:
                numbers[place + 1] = numbers[place]
                place -= 1
            numbers[place + 1] = number
        return
    highest, bits = np.uint64(0), 0
    for i in range(first, last):
        highest |= np.uint64(numbers[i])
    while highest >> np.uint64(bits):
        bits += 1
    widest = 8 if n < _NARROW_DIGITS else WIDEST_DIGIT
    n_digits = (bits + widest - 1) // widest
    width = (bits + n_digits - 1) // max(n_digits, 1)
    for digit in range(n_digits):
        shift, mask = np.uint64(digit * width), np.uint64((1 << width) - 1)
        for value in range(1 << width):
            scratch[n + value] = 0
        for i in range(first, last):
            scratch[n + ((np.uint64(numbers[i]) >> shift) & mask)] += np.uint32(1)
        before = np.uint32(0)
        for value in range(1 << width):
            count = scratch[n + value]
            scratch[n + value] = before
            before += count
        for i in range(first, last):
            value = n + ((np.uint64(numbers[i]) >> shift) & mask)
            scratch[scratch[value]] = numbers[i]
            scratch[value] += np.uint32(1)
        for i in range(n):
            numbers[first + i] = scratch[i]


@inner
def _spot(offsets: Any, words: Any, high: Any, ends: Any, code: Any, distance: Any, spots: Any) -> Any:
    """Write the addresses in use at one distance to `spots`; return how many, `DAMAGED` if more than there can be."""
    n = 0
    for j in range(max(0, distance - 6), min(distance + 1, len(ends) - 1)):
        mask = _NEAR[distance - j, code & _LOW_BITS]
        for i in range(ends[j], ends[j + 1]):
            upper = np.uint64(high[i]) ^ (code >> _SIX)
            hits = words[upper] & mask
            while hits:
                if n == len(spots):
                    return DAMAGED
                address = (upper << _SIX) | _lowest_bit(hits)
                _fetch(offsets, address)
                spots[n] = address
                n += 1
                hits &= hits - _ONE
    return n


@inner
def _take(offsets: Any, rows: Any, spots: Any, n_spots: Any, most: Any, found: Any, begin: Any) -> Any:
    """Write the first rows at some addresses to `found`; return where they end, or what is wrong."""
    n, n_rows, room = np.uint64(begin), np.uint64(len(rows)), np.uint64(len(found))
    for spot in range(n_spots):
        address = np.uint64(spots[spot])
        at, stop = np.uint64(offsets[address]), np.uint64(offsets[address + _ONE])
        if stop < at or stop > n_rows:
            return np.int64(DAMAGED)
        stop = min(stop, at + np.uint64(most))  # rows ascend at each address, so the first are enough
        if n + stop - at > room:
            return np.int64(_NO_ROOM)
        while at < stop:
            found[n] = rows[at]
            n += _ONE
            at += _ONE
    return np.int64(n)


@entry(
    read(types.uint32),
    read(types.uint32),
    read(types.uint64),
    read(types.uint32),
    read(types.int64),
    read(types.int64),
    types.int64,
    types.int64,
    types.int64,
    types.int64,
    written(types.uint32),
    written(types.uint32),
    written(types.int64),
    written(types.uint32),
    written(types.uint8),
)
def around(
    offsets: Any,
    rows: Any,
    words: Any,
    high: Any,
    ends: Any,
    many: Any,
    begin: Any,
    radius: Any,
    at_least: Any,
    most: Any,
    spots: Any,
    scratch: Any,
    bounds: Any,
    found: Any,
    distances: Any,
) -> Any:
    """Find the documents at distance 0, 1, ... from each of many codes, until there are enough or at the radius.

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
    many : ndarray of shape (n_codes,), int64
    begin : int
        Which code comes first: those before it are done.
    radius, at_least, most : int
        No further shell is looked at once there are `at_least`; no more than the first `most` are kept.
    spots : ndarray of shape (n,), uint32
        Room for the addresses in use of one shell.
    scratch : ndarray of shape (len(found) + 2 ** WIDEST_DIGIT,), uint32
        Room for sorting.
    bounds : ndarray of shape (n_codes + 1,), int64
        Where those of each code begin, and the last end; filled in up to `begin`.
    found, distances : ndarray of shape (n,), uint32 and uint8
        Those found, by code, distance, row.

    Returns
    -------
    n : int
        `DAMAGED`, or how many codes are done: all, or those before the one for which there is no room.
    """
    n = bounds[begin]
    for i in range(begin, len(many)):
        own, distance = n, 0
        while True:
            n_spots = _spot(offsets, words, high, ends, np.uint64(many[i]), distance, spots)
            if n_spots == DAMAGED:
                return DAMAGED
            for spot in range(n_spots):
                _fetch(rows, np.uint64(offsets[spots[spot]]))
            stop = _take(offsets, rows, spots, n_spots, own + most - n, found, n)
            if stop == DAMAGED:
                return DAMAGED
            if stop == _NO_ROOM:
                return i
            if n_spots > 1:
                sort(found, n, stop, scratch)
            while n < min(stop, own + most):
                distances[n] = distance
                n += 1
            if n - own >= at_least or distance == radius:
                break
            distance += 1
        bounds[i + 1] = n
    return len(many)
