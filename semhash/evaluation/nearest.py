"""What stands in for relevance where nobody labelled or judged anything: a query's nearest under TF-IDF."""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.best import best
from semhash.vocabulary import Counts
from semhash.words.weighting import Weighting

__all__ = ["MAX_NEIGHBOURS", "nearest_by_tfidf", "neighbours_of"]

MAX_NEIGHBOURS = 100
_SHARE = 20
_CELLS = 2**23  # of scores at once, 4 bytes each


def neighbours_of(n_documents: int) -> int:
    """Say how many neighbours a query has among so many documents: a twentieth of them, and at most 100."""
    return min(MAX_NEIGHBOURS, max(1, n_documents // _SHARE))


def nearest_by_tfidf(database: Counts, queries: Counts, n: int) -> list[NDArray[np.int64]]:
    """Find the nearest documents of some queries by the cosine of TF-IDF vectors over all words.

    Parameters
    ----------
    database, queries : Counts of shape (n, n_words)
        Over the same words, which are weighed as `Weighting` does by the database's frequencies.
    n : int
        How many to find. Fewer are given for a query that shares a word with fewer.

    Returns
    -------
    list of n_queries ndarrays of int64
        Rows of the database, ascending.
    """
    weighting = Weighting.learn(database)
    documents = weighting.weigh(database).T.tocsr()
    vectors = weighting.weigh(queries)
    found: list[NDArray[np.int64]] = []
    step = max(1, _CELLS // max(1, len(database)))
    for start in range(0, len(queries), step):
        scores = (vectors[start : start + step] @ documents).toarray()
        rows = best(scores, n)
        found += [np.sort(row[of[row] > 0]) for of, row in zip(scores, rows, strict=True)]
    return found
