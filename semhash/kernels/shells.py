"""The documents at one distance from a code, compiled: the addresses in use first, then what stands at them.

A bit for every address says whether a document is there. 64 neighbouring addresses share a word of such bits, so a
shell is not enumerated address by address: for each word whose upper address bits differ from the query's in j
bits, one mask leaves the addresses whose lower six bits differ in d - j. At 20 bits, radius 3 looks at 592 words of
one array of 128 KiB where there are 1351 addresses in one of 4 MiB, and only addresses with documents are read.

A large table does not fit into the processor's caches, and the addresses of a shell lie all over it. So nothing is
waited for one by one: what will be read is asked of the memory as soon as its place is known, offsets while the
other addresses are found, rows while the other offsets are read.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from semhash.kernels.compiling import array_of, inner

__all__ = ["DAMAGED", "NO_ROOM", "TABLE", "await_rows", "grown", "spot", "take", "take_least"]

DAMAGED = -1
"""Instead of a number of documents: an offset does not fit."""

NO_ROOM = -2
"""Instead of a number: the array that is written to is too short."""

TABLE = (array_of(types.uint32),) * 2 + (
    array_of(types.uint64),
    array_of(types.uint32),
    array_of(types.int64),
)
"""Types of offsets, rows, words, high and ends: see `semhash.kernels.lookups.around`."""

_ONE, _SIX, _LOW_BITS = np.uint64(1), np.uint64(6), np.uint64(63)


def _near_in_word() -> Any:
    """Give, for each distance and each place in a word, the bits of the places at that distance: (7, 64), uint64."""
    places = np.arange(64, dtype=np.uint64)
    distances = np.bitwise_count(places[:, np.newaxis] ^ places)
    bits = _ONE << places
    return np.stack([np.where(distances == d, bits, 0).sum(axis=1, dtype=np.uint64) for d in range(7)])


_NEAR = _near_in_word()


def _count_zeros(_typing: Any, _word: Any) -> Any:
    """Tell numba what gives the place of the lowest bit that is set."""

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
def spot(
    offsets: Any, words: Any, high: Any, ends: Any, code: Any, distance: Any, spots: Any, first: Any
) -> Any:
    """Write the addresses in use at one distance to `spots` from `first` on; give where they end, or `NO_ROOM`."""
    n = first
    for j in range(max(0, distance - 6), min(distance + 1, len(ends) - 1)):
        mask = _NEAR[distance - j, code & _LOW_BITS]
        for i in range(ends[j], ends[j + 1]):
            upper = np.uint64(high[i]) ^ (code >> _SIX)
            hits = words[upper] & mask
            while hits:
                if n == len(spots):
                    return np.int64(NO_ROOM)
                address = (upper << _SIX) | _lowest_bit(hits)
                _fetch(offsets, address)
                spots[n] = address
                n += 1
                hits &= hits - _ONE
    return np.int64(n)


@inner
def await_rows(offsets: Any, rows: Any, spots: Any, first: Any, last: Any) -> None:
    """Ask the memory for the first rows at each of ``spots[first:last]``."""
    for i in range(first, last):
        _fetch(rows, np.uint64(offsets[spots[i]]))


@inner
def take(offsets: Any, rows: Any, spots: Any, first: Any, last: Any, most: Any, out: Any, begin: Any) -> Any:
    """Write the rows at ``spots[first:last]`` to `out`, at most so many of each; give where they end, or why not."""
    n, room, n_rows = np.uint64(begin), np.uint64(len(out)), np.uint64(len(rows))
    for i in range(first, last):
        address = np.uint64(spots[i])
        at, stop = np.uint64(offsets[address]), np.uint64(offsets[address + _ONE])
        if stop < at or stop > n_rows:
            return np.int64(DAMAGED)
        stop = min(stop, at + np.uint64(most))
        if n + stop - at > room:
            return np.int64(NO_ROOM)
        while at < stop:
            out[n] = rows[at]
            n += _ONE
            at += _ONE
    return np.int64(n)


@inner
def take_least(
    offsets: Any, rows: Any, spots: Any, first: Any, last: Any, out: Any, begin: Any, end: Any
) -> Any:
    """Write the lowest rows at ``spots[first:last]`` to ``out[begin:end]``, ascending; give where they end, or why not.

    Rows ascend at each address, so the first one that is too high ends what is read of it.
    """
    n, n_rows = begin, np.uint64(len(rows))
    for i in range(first, last):
        address = np.uint64(spots[i])
        at, stop = np.uint64(offsets[address]), np.uint64(offsets[address + _ONE])
        if stop < at or stop > n_rows:
            return np.int64(DAMAGED)
        while at < stop:
            row = rows[at]
            at += _ONE
            if n < end:
                n += 1
            elif row >= out[end - 1]:
                break
            place = n - 2
            while place >= begin and out[place] > row:
                out[place + 1] = out[place]
                place -= 1
            out[place + 1] = row
    return np.int64(n)


@inner
def grown(array: Any, size: Any) -> Any:
    """Give a longer array that begins with what one holds."""
    larger = np.empty(size, array.dtype)
    larger[: len(array)] = array
    return larger
