"""Discounted cumulated gain: what a document is worth falls with the logarithm of its place.

The gain of a document is its grade (trec_eval's *linear* gain, and not 2^grade - 1), 1 where there are no grades;
the discount of place i is ``1 / log2(i + 1)``. Järvelin and Kekäläinen, *Cumulated Gain-Based Evaluation of IR
Techniques*, ACM TOIS 20, 2002, with the discount in use today.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.parts import check_cut

__all__ = ["discounts", "gain_at"]


def discounts(k: int) -> NDArray[np.float64]:
    """Give ``1 / log2(i + 1)`` for the places i = 1, ... k, shape (k,)."""
    return np.asarray(1 / np.log2(np.arange(2, k + 2)))


def gain_at(gains: NDArray[np.float64 | np.bool_], k: int) -> NDArray[np.float64]:
    """Give the discounted gain of the first k places: the sum of ``gain_i / log2(i + 1)``.

    Parameters
    ----------
    gains : ndarray of shape (n_queries, n_places), float64 or bool
        Of the documents in their order, 0 or above; places beyond the last are worth 0.
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
    first = gains[:, : check_cut(k)]
    return np.asarray(
        (first * discounts(first.shape[1])).sum(axis=1)
    )  # no product of matrices, whose blocks show
