"""Measures of ordered lists: a ranking by real-valued scores has its order, ties by the order of documents.

A list of hits says for each place, best first, whether the document there is relevant. Lists may be shorter
than what there is: what they leave out was not found. In the formulas a query has G relevant documents.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.gain import gain_at
from semhash.evaluation.metrics.parts import check_cut, ratio

__all__ = ["average_precision", "graded_precision_at", "ndcg_at", "precision_at", "recall_at"]


def precision_at(hits: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Give the share of relevant documents among the first k: hits up to place k, divided by k.

    Parameters
    ----------
    hits : ndarray of shape (n_queries, n_places), bool
    k : int
        1 or above; places beyond the list count as misses.

    Returns
    -------
    ndarray of shape (n_queries,), float64

    Raises
    ------
    EvaluationError
        `k` is below 1.
    """
    return np.asarray(hits[:, : check_cut(k)].sum(axis=1) / k)


def graded_precision_at(grades: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Give the mean grade of the first k documents, as `precision_at` with grades of documents for hits."""
    return np.asarray(grades[:, : check_cut(k)].sum(axis=1) / k)


def recall_at(hits: NDArray[np.bool_], totals: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Give the share of the relevant documents that is among the first k: hits up to place k, divided by G.

    Parameters
    ----------
    hits : ndarray of shape (n_queries, n_places), bool
    totals : ndarray of shape (n_queries,), int64
        G of each query; where it is 0, so is the measure.
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
    return ratio(hits[:, : check_cut(k)].sum(axis=1), totals)


def average_precision(hits: NDArray[np.bool_], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give each query's average precision; its mean is MAP.

    ``sum over i of i / r_i``, where r_i is the place of the i-th relevant document, divided by G (Manning,
    Raghavan and Schütze, *Introduction to Information Retrieval*, 2008, equation 8.8). Relevant documents that
    the list leaves out add nothing.

    Parameters
    ----------
    hits : ndarray of shape (n_queries, n_places), bool
    totals : ndarray of shape (n_queries,), int64
        G of each query; where it is 0, so is the measure.

    Returns
    -------
    ndarray of shape (n_queries,), float64
    """
    queries, places = np.nonzero(hits)
    found = hits.sum(axis=1)
    ordinals = np.arange(1, len(queries) + 1) - np.repeat(np.cumsum(found) - found, found)
    return ratio(np.bincount(queries, ordinals / (places + 1), minlength=len(hits)), totals)


def ndcg_at(
    gains: NDArray[np.float64 | np.bool_], ideal: NDArray[np.float64 | np.bool_], k: int
) -> NDArray[np.float64]:
    """Give the discounted gain of the first k over the best there could be; see `gain`.

    Parameters
    ----------
    gains : ndarray of shape (n_queries, n_places)
        What the documents of a list are worth, in its order: hits, or grades.
    ideal : ndarray of shape (n_queries, k or more)
        The same in the best order there could be; where that is nothing, the measure is 0.
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
    return ratio(gain_at(gains, k), gain_at(ideal, k))
