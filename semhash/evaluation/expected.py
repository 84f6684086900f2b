"""Measures of codes, expected over all orders of documents at equal distances, and exact.

Codes of few bits put most documents at equal distances, so a ranking by Hamming distance is a ranking of
shells. A figure that took the documents of a shell in the order in which they happen to be stored would
change when they are shuffled. Each measure here is its mean over all orders inside the shells, in closed form,
after McSherry and Najork, *Computing Information Retrieval Performance Measures Efficiently in the Presence of
Tied Scores*, ECIR 2008.

In the formulas a shell holds n documents, m of them relevant; N documents, R of them relevant, lie nearer.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError
from semhash.evaluation.shells import Shells

__all__ = [
    "average_precision",
    "ball_precision",
    "ball_recall",
    "best_precision_at",
    "precision_at",
    "recall_at",
    "reciprocal_sum",
    "worst_precision_at",
]

_TABLED = 64
_HARMONIC = np.concatenate(([0.0], np.cumsum(1 / np.arange(1, _TABLED + 1))))


def precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the expected share of relevant documents among the first k.

    ``(R + (k - N) m / n) / k`` with the shell that the k-th place falls into. Where there are fewer than k
    documents, the places that stay empty count as misses.

    Parameters
    ----------
    shells : Shells
    k : int
        1 or above.

    Returns
    -------
    ndarray of shape (n_queries,), float64

    Raises
    ------
    EvaluationError
        `k` is below 1.
    """
    n, m, nearer, places = _cut(shells, k)
    return (nearer + places * m / n) / k


def worst_precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the share of relevant documents among the first k in the worst order, as `precision_at`."""
    n, m, nearer, places = _cut(shells, k)
    return (nearer + np.maximum(places - (n - m), 0)) / k


def best_precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the share of relevant documents among the first k in the best order, as `precision_at`."""
    _, m, nearer, places = _cut(shells, k)
    return (nearer + np.minimum(places, m)) / k


def recall_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the expected share of the relevant documents that is among the first k, as `precision_at`.

    0 for a query with nothing to find.
    """
    return _share(precision_at(shells, k) * k, shells.relevant.sum(axis=1))


def _cut(shells: Shells, k: int) -> tuple[NDArray[np.int64], ...]:
    """Give n, m, R and the open places of the shell that the k-th document is in, each of shape (n_queries,)."""
    if k < 1:
        raise EvaluationError(f"k: expected 1 document or more, found {k}")
    up_to = np.cumsum(shells.documents, axis=1)
    k_there = np.minimum(k, up_to[:, -1])
    at = (up_to < k_there[:, None]).sum(axis=1)[:, None]
    n, m, so_far, relevant = (
        np.take_along_axis(table, at, axis=1)[:, 0]
        for table in (shells.documents, shells.relevant, up_to, np.cumsum(shells.relevant, axis=1))
    )
    return np.maximum(n, 1), m, relevant - m, k_there - (so_far - n)


def average_precision(shells: Shells) -> NDArray[np.float64]:
    """Give each query's expected average precision; its mean is MAP.

    A shell adds the sum over j = 1..n of ``m/n (R + (j - 1) (m - 1)/(n - 1) + 1) / (N + j)``: the j-th document
    of the shell is relevant with probability m/n, and is then preceded by R relevant ones and, of the j - 1
    others of its shell, by the share (m - 1)/(n - 1). With S the sum of ``1 / (N + j)``, that is
    ``m/n ((R + 1) S + (m - 1)/(n - 1) (n - (N + 1) S))``. All is divided by the number of relevant documents.

    Parameters
    ----------
    shells : Shells

    Returns
    -------
    ndarray of shape (n_queries,), float64
        0 for a query with nothing to find.
    """
    n, m = shells.documents, shells.relevant
    before, relevant_before = np.cumsum(n, axis=1) - n, np.cumsum(m, axis=1) - m
    sums = reciprocal_sum(before, n)
    others = (m - 1) / np.maximum(n - 1, 1) * (n - (before + 1) * sums)
    added = m / np.maximum(n, 1) * ((relevant_before + 1) * sums + others)
    return _share(added.sum(axis=1), m.sum(axis=1))


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


def ball_precision(shells: Shells) -> NDArray[np.float64]:
    """Give the share of relevant documents in the ball of each radius; an empty ball counts as 0.

    Returns
    -------
    ndarray of shape (n_queries, bits + 1), float64
    """
    return _share(np.cumsum(shells.relevant, axis=1), np.cumsum(shells.documents, axis=1))


def ball_recall(shells: Shells) -> NDArray[np.float64]:
    """Give the share of the relevant documents that the ball of each radius holds; 0 if there are none.

    Returns
    -------
    ndarray of shape (n_queries, bits + 1), float64
    """
    found = np.cumsum(shells.relevant, axis=1)
    return _share(found, np.broadcast_to(found[:, -1:], found.shape))


def _share(part: NDArray[np.float64 | np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
