"""Measures of codes, expected over all orders of documents at equal distances, and exact.

Codes of few bits put most documents at equal distances, so a ranking by Hamming distance is a ranking of
shells. A figure that took the documents of a shell in the order in which they happen to be stored would
change when they are shuffled. Each measure here is its mean over all orders inside the shells, in closed form,
after McSherry and Najork, *Computing Information Retrieval Performance Measures Efficiently in the Presence of
Tied Scores*, ECIR 2008.

In the formulas a shell holds n documents, m of them relevant; N documents, R of them relevant, lie nearer. Of
the first k places, t are the shell's: ``k - N``, not below 0 and not above n.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.gain import discounts, gain_at
from semhash.evaluation.metrics.harmonic import reciprocal_sum
from semhash.evaluation.metrics.parts import check_cut, ratio
from semhash.evaluation.metrics.shells import Shells

__all__ = ["average_precision", "graded_precision_at", "ndcg_at", "precision_at", "recall_at"]


def precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the expected share of relevant documents among the first k: the sum of ``t m / n``, divided by k.

    Where there are fewer than k documents, the places that stay empty count as misses.

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
    taken = shells.taken(check_cut(k))
    return np.asarray(ratio(taken * shells.relevant, shells.documents).sum(axis=1) / k)


def graded_precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the expected mean grade of the first k documents, as `precision_at` with grades in the place of m."""
    taken = shells.taken(check_cut(k))
    return np.asarray(ratio(taken * shells.grades, shells.documents).sum(axis=1) / k)


def recall_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the expected share of the relevant documents that is among the first k, as `precision_at`.

    0 for a query with nothing to find.
    """
    return ratio(precision_at(shells, k) * k, shells.relevant.sum(axis=1))


def ndcg_at(
    shells: Shells, worth: NDArray[np.float64 | np.int64], ideal: NDArray[np.float64 | np.bool_], k: int
) -> NDArray[np.float64]:
    """Give the expected discounted gain of the first k over the best there could be; see `gain`.

    Every place of a shell is worth the mean of the shell, so its gain is that times the sum of the discounts of
    places N + 1 to N + t.

    Parameters
    ----------
    shells : Shells
    worth : ndarray of shape (n_queries, bits + 1)
        What the documents of each shell are worth together: `Shells.relevant` or `Shells.grades`.
    ideal : ndarray of shape (n_queries, k or more)
        What the documents are worth in the best order there could be; where that is nothing, the measure is 0.
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
    up_to = np.concatenate(([0.0], np.cumsum(discounts(check_cut(k)))))
    before = np.minimum(shells.before, k)
    weights = up_to[before + shells.taken(k)] - up_to[before]
    gain = (ratio(worth, shells.documents) * weights).sum(axis=1)
    return ratio(gain, gain_at(ideal, k))


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
    sums = reciprocal_sum(shells.before, n)
    others = (m - 1) / np.maximum(n - 1, 1) * (n - (shells.before + 1) * sums)
    added = ratio(m * ((shells.relevant_before + 1) * sums + others), n)
    return ratio(added.sum(axis=1), m.sum(axis=1))
