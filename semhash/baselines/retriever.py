"""What every method of retrieval looks like from outside: fitted to a database, it ranks that for queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from semhash.codes import Packed
from semhash.vocabulary import Counts

__all__ = ["CodeRanking", "Documents", "FittedRetriever", "Ranking", "Retriever", "ScoreRanking", "Scores"]

Scores = Callable[[NDArray[np.int64]], NDArray[Any]]
"""Gives the scores of all documents for some queries: rows of queries in, (n, n_documents) float32 out."""


@dataclass(frozen=True, eq=False)
class Documents:
    """Documents as methods see them: the database, or the queries.

    Attributes
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the terms of the database, those of stop words left out; queries are counted over the same.
    vocabulary : ndarray of shape (n_coded_words,), int64
        Columns of the database's most frequent words, the most frequent first: what codes are learned from.
    labels : sequence of n_documents tuples of str
        Empty tuples where there are none. Only methods that say so look at them, and at the database's alone.
    texts : sequence of n_documents str
        For methods that read text themselves; others never touch them.
    every_word : Counts of shape (n_documents, n_terms), or None
        Counts over all terms of the database, stop words too: what texts are ranked by; None for `counts`.
    asked : Counts of shape (n_documents, n_terms), or None
        The same as semhash weighs them in what asks, stop words less; None for `every_word`.
    spellings : Counts of shape (n_documents, n_terms), or None
        With an entry for each of `every_word`: in which spellings a document has the term, as of
        `semhash.words.merging.Counted`; 0 for stop words. None where that is not known.
    """

    counts: Counts
    vocabulary: NDArray[np.int64]
    labels: Sequence[tuple[str, ...]]
    texts: Sequence[str]
    every_word: Counts | None = None
    asked: Counts | None = None
    spellings: Counts | None = None

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def ranked_by(self) -> Counts:
        """Counts over all terms there are."""
        return self.counts if self.every_word is None else self.every_word

    @property
    def asked_by(self) -> Counts:
        """What semhash asks by: as `asked`."""
        return self.ranked_by if self.asked is None else self.asked

    @property
    def coded(self) -> Counts:
        """Counts over the vocabulary alone, shape (n_documents, n_coded_words)."""
        return self.counts.columns(self.vocabulary)


@dataclass(frozen=True, eq=False)
class CodeRanking:
    """Documents ranked by Hamming distance to each query.

    Attributes
    ----------
    queries, documents : ndarray of shape (n, ceil(bits / 8)), uint8
        Packed as in `semhash.codes`.
    bits : int
    """

    queries: Packed
    documents: Packed
    bits: int


@dataclass(frozen=True, eq=False)
class ScoreRanking:
    """Documents ranked by a score, the higher the nearer; equal ones in the order of the documents.

    Minus infinity says that a document is not returned at all.

    Attributes
    ----------
    scores : callable
        Gives the scores of all documents for the queries whose rows it gets. Called with blocks of rows, so
        that what it makes stays small.
    """

    scores: Scores


Ranking = CodeRanking | ScoreRanking


class FittedRetriever(Protocol):
    """A method that knows a database."""

    @property
    def bytes_per_document(self) -> float:
        """What the method keeps of each document in order to rank it, in bytes; without what it keeps once."""

    def rank(self, queries: Documents) -> Ranking:
        """Rank the whole database for some queries."""


class Retriever(Protocol):
    """A method before it has seen a database."""

    def fit(self, database: Documents) -> FittedRetriever:
        """Learn whatever there is to learn, from the database alone.

        Raises
        ------
        EvaluationError
            The database is too small for the dimensions asked for, or lacks what the method needs, such as
            labels or an installed library; the message says so and what to do.
        """
