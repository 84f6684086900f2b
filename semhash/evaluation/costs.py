"""What methods cost: seconds to fit, and milliseconds for one query."""

from statistics import median
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import CodeRanking, Documents, FittedRetriever, Ranking
from semhash.evaluation.best import best
from semhash.evaluation.lookup import lookup_of
from semhash.evaluation.task import some
from semhash.lookup.neighbours import AddressLookup

__all__ = ["ASKED", "LooksUp", "query_milliseconds"]

ASKED = 30
"""How many queries are asked one by one."""

_HITS = 100
_SEED = 0


@runtime_checkable
class LooksUp(Protocol):
    """A fitted method that has a shorter way to the first few documents than to rank them all."""

    def first(self, query: Documents, k: int) -> NDArray[np.int64]:
        """Give the first k documents of one query."""


def query_milliseconds(fitted: FittedRetriever, queries: Documents) -> float:
    """Ask some queries one by one, each from its counts to its hundred best documents, and take the median.

    Codes are looked up as an index of their width does, in the table of addresses or by FAISS. One query more is
    asked before any is timed, so that what is made once does not count.

    Parameters
    ----------
    fitted : FittedRetriever
    queries : Documents
        A seeded sample of `ASKED` of them is asked.

    Returns
    -------
    float
    """
    chosen = np.random.default_rng(_SEED).permutation(len(queries))[:ASKED]
    asker = _Asker(fitted)
    seconds = []
    for row in (chosen[0], *chosen):
        query = some(queries, np.array([row]))
        begun = perf_counter()
        asker.first(query, _HITS)
        seconds.append(perf_counter() - begun)
    return 1000 * median(seconds[1:])


class _Asker:
    """Asks one query, by the shortest way that the method has."""

    def __init__(self, fitted: FittedRetriever) -> None:
        self._fitted = fitted
        self._lookup: AddressLookup | None = None

    def first(self, query: Documents, k: int) -> NDArray[np.int64]:
        if isinstance(self._fitted, LooksUp):
            return self._fitted.first(query, k)
        ranking: Ranking = self._fitted.rank(query)
        if isinstance(ranking, CodeRanking):
            if self._lookup is None:
                self._lookup = lookup_of(ranking.documents, ranking.bits)
            return self._lookup.nearest(codes.to_int(ranking.queries[0]), k).rows
        [rows] = best(ranking.scores(np.array([0])), k)
        return np.asarray(rows)
