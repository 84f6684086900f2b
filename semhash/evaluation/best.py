"""The first few of a ranking, by score and then by the order of documents, without sorting the rest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["best"]


def best(scores: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Give the documents with the highest scores, the highest first, equal ones in the order of the documents.

    Parameters
    ----------
    scores : ndarray of shape (n_queries, n_documents)
        Any numbers.
    n : int
        How many to give; all documents where there are fewer.

    Returns
    -------
    rows : ndarray of shape (n_queries, min(n, n_documents)), int64
        Columns of `scores`.
    """
    n = min(n, scores.shape[1])
    found = np.empty((len(scores), n), dtype=np.int64)
    for place, row in enumerate(scores):
        found[place] = _best_of(row, n)
    return found


def _best_of(scores: NDArray[Any], n: int) -> NDArray[np.int64]:
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    worst = np.partition(scores, len(scores) - n)[len(scores) - n]
    above = np.flatnonzero(scores > worst)
    equal = np.flatnonzero(scores == worst)[: n - len(above)]
    ordered = above[np.argsort(-scores[above], kind="stable")]
    return np.concatenate((ordered, equal))
