"""Which documents a query should find, and how well each of them fits: its grade, above 0 for what is relevant."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError

__all__ = ["Relevance"]


class Relevance:
    """Which documents are relevant to which query, and their grades, kept in as little as a list a label.

    Made by `from_labels`, `from_documents` or `from_judgements`. Queries that look for the same share one *topic*.

    Attributes
    ----------
    n_queries, n_documents : int
        How many there are of either.
    """

    def __init__(self, topics: Sequence["_Topic"], topic_of: NDArray[np.int64], n_documents: int) -> None:
        self._topics = topics
        self._topic_of = topic_of
        self.n_queries = len(topic_of)
        self.n_documents = n_documents

    @classmethod
    def from_labels(
        cls, query_labels: Sequence[Collection[str]], document_labels: Sequence[Collection[str]]
    ) -> "Relevance":
        """Take a document for relevant when it shares a label with the query.

        Its grade is the share of labels in common, ``|A and B| / |A or B|`` for the labels A of the query and B
        of the document: after the judgements of Reuters articles in Salakhutdinov and Hinton, *Semantic Hashing*,
        International Journal of Approximate Reasoning 50 (2009). With one label each it is 0 or 1.

        Parameters
        ----------
        query_labels : sequence of n_queries collections of str
            A query without a label that documents have has nothing to find. Labels that no document has count
            among its own.
        document_labels : sequence of n_documents collections of str
        """
        rows_of: dict[str, list[int]] = {}
        for row, labels in enumerate(document_labels):
            for label in set(labels):
                rows_of.setdefault(label, []).append(row)
        postings = {label: np.array(rows, dtype=np.int64) for label, rows in rows_of.items()}
        sizes = np.array([len(set(labels)) for labels in document_labels], dtype=np.int64)
        number: dict[tuple[tuple[str, ...], int], int] = {}
        topic_of = []
        for asked in map(set, query_labels):
            key = tuple(sorted(asked & postings.keys())), len(asked)
            topic_of.append(number.setdefault(key, len(number)))
        topics = [_Shared(tuple(postings[label] for label in known), n, sizes) for known, n in number]
        return cls(topics, np.array(topic_of, dtype=np.int64), len(document_labels))

    @classmethod
    def from_documents(cls, relevant: Sequence[Sequence[int]], n_documents: int) -> "Relevance":
        """Take each query's relevant documents as given; every grade is 1.

        Judgements without grades are such lists; so are, where there are no labels, each query's nearest
        documents under another method, which says how well neighbours are kept, and nothing of relevance.

        Parameters
        ----------
        relevant : sequence of n_queries sequences of int
            Rows of documents, 0 to n_documents - 1.
        n_documents : int

        Raises
        ------
        EvaluationError
            A row is of no document.
        """
        return cls.from_judgements([dict.fromkeys(rows, 1) for rows in relevant], n_documents)

    @classmethod
    def from_judgements(cls, judgements: Sequence[Mapping[int, float]], n_documents: int) -> "Relevance":
        """Take each query's graded judgements as given.

        Parameters
        ----------
        judgements : sequence of n_queries mappings of int to float
            Grades by rows of documents, 0 to n_documents - 1. What has none, or one of 0 or below, is not relevant.
        n_documents : int

        Raises
        ------
        EvaluationError
            A row is of no document, or a grade is not a finite number.
        """
        topics = [_Judged.of(judged, n_documents) for judged in judgements]
        return cls(topics, np.arange(len(topics)), n_documents)

    @cached_property
    def graded(self) -> bool:
        """Whether any grade is other than 0 and 1."""
        return any((grades != 1).any() for _, _, grades in self.groups())

    def groups(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
        """Go through the queries that look for the same documents, together.

        Yields
        ------
        queries : ndarray of shape (n,), int64
            Ascending; every query comes once.
        documents : ndarray of shape (n_relevant,), int64
            What is relevant to each of them, ascending.
        grades : ndarray of shape (n_relevant,), float64
            Of those documents, above 0.
        """
        order = np.argsort(self._topic_of, kind="stable")
        starts = np.searchsorted(self._topic_of[order], np.arange(len(self._topics) + 1))
        for number, topic in enumerate(self._topics):
            yield order[starts[number] : starts[number + 1]], *topic.found()

    def totals(self) -> NDArray[np.int64]:
        """Count the documents relevant to each query, shape (n_queries,)."""
        return self._n_relevant[self._topic_of]

    def block(self, queries: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Give the relevance of all documents to some queries, shape (len(queries), n_documents)."""
        found = np.zeros((len(queries), self.n_documents), dtype=np.bool_)
        for row, topic in zip(found, self._topic_of[queries], strict=True):
            self._topics[topic].mark(row)
        return found

    def grades(self, queries: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the grades of all documents for some queries, shape (len(queries), n_documents), float64.

        0 for what is not relevant, above 0 for what is.
        """
        found = np.zeros((len(queries), self.n_documents))
        for row, topic in zip(found, self._topic_of[queries], strict=True):
            documents, grades = self._topics[topic].found()
            row[documents] = grades
        return found

    def best_grades(self, queries: NDArray[np.int64], k: int) -> NDArray[np.float64]:
        """Give the k highest grades there are for some queries, the highest first.

        Returns
        -------
        ndarray of shape (len(queries), k), float64
            0 where fewer documents are relevant.
        """
        best = np.zeros((len(queries), k))
        topics, topic_of = np.unique(self._topic_of[queries], return_inverse=True)
        for number, topic in enumerate(topics):
            _, grades = self._topics[topic].found()
            first = -np.sort(-grades)[:k]
            best[topic_of == number, : len(first)] = first
        return best

    @cached_property
    def _n_relevant(self) -> NDArray[np.int64]:
        """Documents relevant to each topic, shape (n_topics,)."""
        return np.array([len(topic.found()[0]) for topic in self._topics], dtype=np.int64)


class _Topic(Protocol):
    """What some queries look for."""

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the relevant documents, ascending, and their grades."""

    def mark(self, row: NDArray[np.bool_]) -> None:
        """Set the places of the relevant documents in a row of one place a document."""


@dataclass(frozen=True, eq=False, slots=True)
class _Shared:
    """Labels: the rows of the documents with each, how many a query has, and how many each document has."""

    postings: tuple[NDArray[np.int64], ...]
    n_labels: int
    sizes: NDArray[np.int64]

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        shared = np.zeros(len(self.sizes))
        for documents in self.postings:
            shared[documents] += 1
        found = np.flatnonzero(shared > 0)
        return found, shared[found] / (self.n_labels + self.sizes[found] - shared[found])

    def mark(self, row: NDArray[np.bool_]) -> None:
        for documents in self.postings:
            row[documents] = True


@dataclass(frozen=True, eq=False, slots=True)
class _Judged:
    """Rows of documents, ascending, and their grades."""

    documents: NDArray[np.int64]
    grades: NDArray[np.float64]

    @classmethod
    def of(cls, judged: Mapping[int, float], n_documents: int) -> "_Judged":
        documents = np.array(sorted(judged), dtype=np.int64)
        grades = np.array([judged[row] for row in sorted(judged)], dtype=np.float64)
        outside = documents[(documents < 0) | (documents >= n_documents)]
        if len(outside):
            raise EvaluationError(
                f"judgements: expected rows of documents, 0 to {n_documents - 1}, found {outside[0]}"
            )
        if not np.isfinite(grades).all():
            raise EvaluationError(
                f"judgements: expected finite grades, found {grades[~np.isfinite(grades)][0]}; "
                "leave out what was not judged"
            )
        return cls(documents[grades > 0], grades[grades > 0])

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return self.documents, self.grades

    def mark(self, row: NDArray[np.bool_]) -> None:
        row[self.documents] = True
