"""Measures of ordered lists: a ranking by real-valued scores has its order, ties by the order of documents.

A list of hits says for each place, best first, whether the document there is relevant. Lists may be shorter
than what there is: what they leave out was not found. In the formulas a query has G relevant documents.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError
from semhash.evaluation.relevance import Relevance

__all__ = ["average_precision", "descending", "hits_of", "ndcg_at", "precision_at", "recall_at"]


def descending(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Order documents by score, best first, equal scores by row: a stable sort, in the time of a plain one.

    Score and row are put into one integer, the score above the row; sorting those needs no rule for ties.

    Parameters
    ----------
    scores : ndarray of shape (n_queries, n_documents), float32
        Compared as single-precision numbers.

    Returns
    -------
    order : ndarray of shape (n_queries, n_documents), int64
        Rows of documents.

    Raises
    ------
    EvaluationError
        A score is not a number.
    """
    single = np.asarray(scores, dtype=np.float32) + np.float32(0)  # minus zero becomes zero
    if np.isnan(single).any():
        raise EvaluationError(
            "scores: expected numbers, found NaN; a document without words needs a score too"
        )
    places = np.ascontiguousarray(single).view(np.uint32)
    ascending = np.where(places >> 31, ~places, places | np.uint32(1 << 31))
    keys = (~ascending).astype(np.uint64) << np.uint64(32)
    keys |= np.arange(scores.shape[1], dtype=np.uint64)
    keys.sort(axis=1)
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def hits_of(order: NDArray[np.int64], relevance: Relevance, queries: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say of every place of some rankings whether the document there is relevant.

    Parameters
    ----------
    order : ndarray of shape (n, n_places), int64
        Documents, best first; -1 where a list has ended.
    relevance : Relevance
    queries : ndarray of shape (n,), int64
        Whose rankings they are.

    Returns
    -------
    hits : ndarray of shape (n, n_places), bool
    """
    return np.take_along_axis(relevance.block(queries), order, axis=1) & (order >= 0)


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
    return np.asarray(_first(hits, k).sum(axis=1) / k)


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
    return np.asarray(_first(hits, k).sum(axis=1) / np.maximum(totals, 1))


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
    sums = np.bincount(queries, ordinals / (places + 1), minlength=len(hits))
    return sums / np.maximum(totals, 1)


def ndcg_at(hits: NDArray[np.bool_], totals: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Give the discounted gain of the first k over the best there could be, a relevant document's gain being 1.

    ``sum over relevant places i up to k of 1 / log2(i + 1)``, divided by the same sum over places 1 to min(k, G)
    (Järvelin and Kekäläinen, *Cumulated Gain-Based Evaluation of IR Techniques*, ACM TOIS 20, 2002, with the
    discount in use today).

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
    first = _first(hits, k)
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = np.concatenate(([0], np.cumsum(discounts)))[np.minimum(totals, k)]
    return np.divide(first @ discounts[: first.shape[1]], best, out=np.zeros(len(hits)), where=best > 0)


def _first(hits: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    if k < 1:
        raise EvaluationError(f"k: expected 1 document or more, found {k}")
    return hits[:, :k]
