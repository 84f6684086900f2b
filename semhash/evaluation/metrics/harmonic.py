"""Sums of reciprocals, which measures of codes are made of."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["reciprocal_sum"]

_TABLED = 64
_HARMONIC = np.concatenate(([0.0], np.cumsum(1 / np.arange(1, _TABLED + 1))))


def reciprocal_sum(after: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give ``1 / (after + 1) + ... + 1 / (after + n)`` to about 15 digits, however large `after` is.

    The first 64 terms of the harmonic series are added up; from there on its asymptotic form is used
    (Abramowitz and Stegun, *Handbook of Mathematical Functions*, 1964, 6.3.18), whose logarithms are
    subtracted before they are taken, so that short sums far out lose nothing.

    Parameters
    ----------
    after, n : ndarray of one shape, int64
        0 or above.

    Returns
    -------
    ndarray of that shape, float64
    """
    last = after + n
    tabled = _HARMONIC[np.minimum(last, _TABLED)] - _HARMONIC[np.minimum(after, _TABLED)]
    low, high = (np.maximum(end, _TABLED).astype(np.float64) for end in (after, last))
    return np.asarray(tabled + np.log1p((high - low) / low) + (_correction(high) - _correction(low)))


def _correction(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the harmonic number of x less its logarithm and Euler's constant, for x of 64 or more."""
    square = x * x
    return 1 / (2 * x) - (1 / 12 - (1 / 120 - 1 / (252 * square)) / square) / square
