"""What has come of an evaluation so far."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import FittedRetriever, Ranking
from semhash.evaluation.plane import draw_map
from semhash.evaluation.results import DocumentMap, RetrieverResult
from semhash.evaluation.task import Task

__all__ = ["MAX_PAIRS", "Found", "Outcome"]

MAX_PAIRS = 5_000_000
"""More pairs of a query and a relevant document than these are not written out."""


@dataclass(frozen=True, eq=False)
class Found:
    """What came of one method.

    Attributes
    ----------
    result : RetrieverResult
    rows : ndarray of shape (n_queries, n_places), int64, or None
        The documents of its run; None where it failed.
    fitted, ranking : FittedRetriever and Ranking, or None
    """

    result: RetrieverResult
    rows: NDArray[np.int64] | None = None
    fitted: FittedRetriever | None = None
    ranking: Ranking | None = None


class Outcome:
    """Results as they come in; methods themselves are let go.

    Parameters
    ----------
    task : Task
    most : int
        With more relevant pairs than these, those that a run names are noted, and those alone are `named`.

    Attributes
    ----------
    results : list of RetrieverResult
    map : DocumentMap or None
        By the first codes there are.
    """

    def __init__(self, task: Task, most: int = MAX_PAIRS) -> None:
        self._task = task
        self._many = int(task.relevance.totals().sum()) > most
        self._pairs: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.results: list[RetrieverResult] = []
        self.map: DocumentMap | None = None

    def holds(self, title: str, seed: int | None) -> bool:
        """Say whether a method of that title and seed is measured already."""
        return any((r.title, r.seed, r.failed) == (title, seed, None) for r in self.results)

    def hear(self, found: Found) -> None:
        """Take in what came of a method."""
        self.results.append(found.result)
        if found.rows is not None and self._many:
            n = len(self._task.database)
            pairs = found.rows + n * np.arange(len(found.rows))[:, None]
            self._pairs = np.union1d(self._pairs, pairs.ravel())
        if self.map is None and found.fitted is not None and found.ranking is not None:
            self.map = draw_map(found.fitted, found.ranking, self._task.database, found.result.title)

    @property
    def named(self) -> list[NDArray[np.int64]] | None:
        """The documents that a run names, for each query; None where all that is relevant is written out."""
        if not self._many:
            return None
        n = len(self._task.database)
        queries = np.arange(len(self._task.queries) + 1)
        ends = np.searchsorted(self._pairs, queries * n).tolist()
        return [self._pairs[start:end] % n for start, end in pairwise(ends)]
