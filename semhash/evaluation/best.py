"""The first few of a ranking, by score and then by the order of documents, without sorting the rest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["best"]

_FEW = 4


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
    rows = np.flatnonzero(scores >= worst)
    if len(rows) > _FEW * n:  # many are equal to the worst: no need to sort those
        above = scores[rows] > worst
        rows = np.concatenate((rows[above], rows[~above][: n - int(above.sum())]))
    return rows[np.argsort(-scores[rows], kind="stable")][:n]
