"""Precision at levels of recall: at the place where so large a part of what is relevant has been found.

The level r stands for the place of the i-th relevant document, i being r times their number G, rounded up, and
the first one for r = 0. Nothing is interpolated: precision may rise from one level to the next.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.shells import Shells

__all__ = ["LEVELS", "expected_precision", "mean_reciprocal_place", "ordinals", "precision"]

_PARTS = 10
LEVELS = tuple(part / _PARTS for part in range(_PARTS + 1))
"""0, 0.1, ... 1."""

_TERMS = 256
_ROWS = 256  # of so many terms: what a processor keeps at hand
_NEGLIGIBLE = 1e-13


def ordinals(totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give which relevant document each level stands for: 1 is the first found.

    Parameters
    ----------
    totals : ndarray of shape (n_queries,), int64
        G of each query.

    Returns
    -------
    ndarray of shape (n_queries, n_levels), int64
    """
    rounded_up = -(-totals[:, None] * np.arange(_PARTS + 1) // _PARTS)  # in whole numbers, so 0.3 G is exact
    return np.asarray(np.maximum(rounded_up, 1))


def precision(hits: NDArray[np.bool_], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the precision of ordered lists at each level: ``i / place of the i-th relevant document``.

    Parameters
    ----------
    hits : ndarray of shape (n_queries, n_places), bool
    totals : ndarray of shape (n_queries,), int64
        G of each query.

    Returns
    -------
    ndarray of shape (n_queries, n_levels), float64
        0 where a list ends before.
    """
    wanted = ordinals(totals)
    queries, places = np.nonzero(hits)
    found = np.bincount(queries, minlength=len(hits))
    there = wanted <= found[:, None]
    at = np.where(there, (np.cumsum(found) - found)[:, None] + wanted - 1, 0)
    place = np.append(places, 0)[np.minimum(at, len(places))] + 1
    return np.where(there, wanted / place, 0.0)


def expected_precision(shells: Shells) -> NDArray[np.float64]:
    """Give the precision of codes at each level, expected over random order inside each shell, and exact.

    The i-th relevant document lies in one shell for certain, and is the j-th relevant one of it: the measure
    is i times `mean_reciprocal_place`.

    Returns
    -------
    ndarray of shape (n_queries, n_levels), float64
        0 for a query with nothing to find.
    """
    totals = shells.relevant.sum(axis=1)
    wanted = ordinals(totals)
    up_to = np.cumsum(shells.relevant, axis=1)
    shell = np.stack([(up_to < column[:, None]).sum(axis=1) for column in wanted.T], axis=1)
    shell = np.minimum(shell, up_to.shape[1] - 1)
    before, relevant_before, n, m = (
        np.take_along_axis(table, shell, axis=1)
        for table in (shells.before, shells.relevant_before, shells.documents, shells.relevant)
    )
    values = np.zeros(wanted.shape)
    judged = totals > 0
    cases = np.stack([before, n, m, wanted - relevant_before])[:, judged].reshape(4, -1)
    distinct, case_of = np.unique(cases, axis=1, return_inverse=True)
    reciprocals = np.concatenate(
        [
            mean_reciprocal_place(*distinct[:, start : start + _ROWS])
            for start in range(0, distinct.shape[1], _ROWS)
        ]
        or [np.zeros(0)]
    )
    values[judged] = wanted[judged] * reciprocals[case_of.reshape(-1)].reshape(-1, wanted.shape[1])
    return values


def mean_reciprocal_place(
    before: NDArray[np.int64], n: NDArray[np.int64], m: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the mean of ``1 / (N + X)``, X being the place of the j-th of m relevant among n documents.

    In random order X has the negative hypergeometric distribution, and the mean is a terminating hypergeometric
    series 3F2 at 1. A transformation of such series (Andrews, Askey and Roy, *Special Functions*, 1999, section
    3.3) makes of it

    ``m / (n (N + j))  sum over i = 0 .. n - m of  T_i``, with ``T_0 = 1`` and
    ``T_(i+1) / T_i = (n - m - i) / (n - 1 - i)  (N + 1 + i) / (N + j + 1 + i)``,

    whose terms are positive and fall: nothing cancels, and far fewer are needed than X has values, some 30 n / m.
    The second factor is at most 1, and the first falls as i rises, so that all terms after T_i together are at
    most ``T_i (n - m - i) / (m - 1)``, and at most ``T_i (n - m - i)``. Summing ends where that is 1e-13 of the sum.

    Parameters
    ----------
    before : ndarray of shape (n_cases,), int64
        N, how many documents come before all of these.
    n, m, j : ndarray of shape (n_cases,), int64
        1 <= j <= m <= n.

    Returns
    -------
    ndarray of shape (n_cases,), float64
    """
    sums, last, others = np.ones(len(n)), np.ones(len(n)), n - m
    going, done = np.flatnonzero(others), 0
    while len(going):
        i = np.arange(done, done + _TERMS, dtype=np.float64)
        left, places = others[going, None], before[going, None] + 1
        terms = np.maximum(left - i, 0) * (places + i)
        terms /= np.maximum(left + m[going, None] - 1 - i, 1) * (places + j[going, None] + i)
        terms[:, 0] *= last[going]
        np.cumprod(terms, axis=1, out=terms)
        sums[going] += terms.sum(axis=1)
        last[going] = terms[:, -1]
        done += _TERMS
        left_off = last[going] * np.maximum(others[going] - done, 0) / np.maximum(m[going] - 1, 1)
        going = going[left_off > _NEGLIGIBLE * sums[going]]
    return np.asarray(m * sums / (n * (before + j)))
