"""Short lists of numbers put in order, compiled."""

from typing import Any

import numpy as np

from semhash.kernels.compiling import inner

__all__ = ["sort"]

# So many are put in order one by one; more, digit by digit.
_FEW = 32
# Digits of 8 bits up to so many numbers, of 12 bits beyond.
_NARROW_DIGITS = 2000
# Up to so many numbers two digits are enough: those that agree in both are few, and put in order one by one.
_TWO_DIGITS = 400


@inner
def sort(numbers: Any) -> Any:
    """Sort an array of uint32 in place; rows come in runs that ascend, so few of them are soon in order."""
    if len(numbers) <= _FEW or not _sort_by_digits(numbers):
        _insert_each(numbers)


@inner
def _insert_each(numbers: Any) -> Any:
    for i in range(1, len(numbers)):
        number, place = numbers[i], i - 1
        while place >= 0 and numbers[place] > number:
            numbers[place + 1] = numbers[place]
            place -= 1
        numbers[place + 1] = number


@inner
def _sort_by_digits(numbers: Any) -> Any:
    """Sort in place, least significant digit first; say whether all digits were looked at."""
    n, highest = len(numbers), numbers.max()
    bits = 0
    while highest >> np.uint32(bits) and bits < 32:
        bits += 1
    widest = 8 if n < _NARROW_DIGITS else 12
    left_out = max(0, bits - 2 * widest) if n < _TWO_DIGITS else 0
    n_digits = max(1, -(-(bits - left_out) // widest))
    width = np.uint32(-(-(bits - left_out) // n_digits))
    digit = np.uint32((1 << width) - 1)
    scratch = np.empty(n + (1 << width), np.uint32)
    source, target, starts = numbers, scratch[:n], scratch[n:]
    for number in range(n_digits):
        shift = np.uint32(left_out) + np.uint32(number) * width
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
    return left_out == 0
