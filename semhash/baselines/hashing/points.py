"""A database as points: the TF-IDF vectors of its documents, and which of them a method learns from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents
from semhash.errors import EvaluationError
from semhash.vocabulary import Counts
from semhash.words.weighting import Weighting

__all__ = ["SAMPLE", "Points"]

SAMPLE = 10_000
"""Documents that a method learns from, at most: more would cost memory and time, and hardly move a code."""


@dataclass(frozen=True, eq=False)
class Points:
    """A database's counts over its vocabulary, and what makes points of them.

    Attributes
    ----------
    counts : Counts of shape (n_documents, n_words)
    weighting : Weighting
        TF-IDF, learned from the whole database.
    """

    counts: Counts
    weighting: Weighting

    @classmethod
    def of(cls, database: Documents) -> Self:
        """Learn the weights of a database's words."""
        counts = database.coded
        return cls(counts, Weighting.learn(counts))

    def at(self, rows: NDArray[np.int64]) -> Any:
        """Give some documents' points: a sparse matrix of shape (n, n_words), rows of length 1."""
        return self.weighting.weigh(self.counts.take(rows))

    def draw(
        self, seed: int, size: int = SAMPLE, among: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Choose documents to learn from, at random; those without words teach nothing, and are not chosen.

        Parameters
        ----------
        seed : int
            Start of the random stream. It has no part where there are no more documents than asked for.
        size : int
            How many to choose at most.
        among : ndarray of shape (n_documents,), bool, optional
            Those that may be chosen; all unless given.

        Returns
        -------
        rows : ndarray of shape (n,), int64
            Ascending.

        Raises
        ------
        EvaluationError
            None that may be chosen holds a word of the vocabulary.
        """
        holding = np.diff(self.counts.indptr) > 0
        rows = np.flatnonzero(holding if among is None else holding & among)
        if not len(rows):
            raise EvaluationError(
                f"documents: expected some that hold words of the vocabulary, found none among "
                f"{len(holding)}; give documents with text"
            )
        if len(rows) <= size:
            return rows
        return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))
