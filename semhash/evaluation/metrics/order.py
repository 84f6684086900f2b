"""The order that scores put documents in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError

__all__ = ["descending", "in_order"]


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


def in_order(of_documents: NDArray[Any], order: NDArray[np.int64]) -> NDArray[Any]:
    """Put what is said of documents into the order of some lists.

    Parameters
    ----------
    of_documents : ndarray of shape (n, n_documents)
        Whether they are relevant, or their grades.
    order : ndarray of shape (n, n_places), int64
        Documents, best first; -1 where a list has ended.

    Returns
    -------
    ndarray of shape (n, n_places)
        Zeros where a list has ended.
    """
    return np.take_along_axis(of_documents, order, axis=1) * (order >= 0)
