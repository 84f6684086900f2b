"""Which documents a query should find: those that share a label with it."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Relevance"]


class Relevance:
    """Which documents are relevant to which query, kept as one list of documents a label.

    Made by `from_labels` or `from_documents`.

    Attributes
    ----------
    n_queries, n_documents : int
        How many there are of either.
    """

    def __init__(
        self,
        topics: list[tuple[int, ...]],
        topic_of: NDArray[np.int64],
        postings: list[NDArray[np.int64]],
        n_documents: int,
    ) -> None:
        self._topics = topics
        self._topic_of = topic_of
        self._postings = postings
        self.n_queries = len(topic_of)
        self.n_documents = n_documents

    @classmethod
    def from_labels(
        cls, query_labels: Sequence[Collection[str]], document_labels: Sequence[Collection[str]]
    ) -> "Relevance":
        """Take a document for relevant when it shares a label with the query.

        Parameters
        ----------
        query_labels : sequence of n_queries collections of str
            A query without a label that documents have has nothing to find.
        document_labels : sequence of n_documents collections of str
        """
        rows_of: dict[str, list[int]] = {}
        for row, labels in enumerate(document_labels):
            for label in set(labels):
                rows_of.setdefault(label, []).append(row)
        number = {label: i for i, label in enumerate(rows_of)}
        postings = [np.array(rows, dtype=np.int64) for rows in rows_of.values()]
        wanted = [sorted({number[label] for label in labels if label in number}) for labels in query_labels]
        return cls(*_grouped(wanted), postings, len(document_labels))

    @classmethod
    def from_documents(cls, relevant: Sequence[Sequence[int]], n_documents: int) -> "Relevance":
        """Take each query's relevant documents as given, such as by judgements.

        Parameters
        ----------
        relevant : sequence of n_queries sequences of int
            Rows of documents, 0 to n_documents - 1.
        n_documents : int
        """
        postings = [np.unique(np.array(rows, dtype=np.int64)) for rows in relevant]
        return cls(*_grouped([[query] for query in range(len(relevant))]), postings, n_documents)

    def groups(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Go through the queries that look for the same documents, together.

        Yields
        ------
        queries : ndarray of shape (n,), int64
            Ascending; every query comes once.
        documents : ndarray of shape (n_relevant,), int64
            What is relevant to each of them, ascending.
        """
        order = np.argsort(self._topic_of, kind="stable")
        starts = np.searchsorted(self._topic_of[order], np.arange(len(self._topics) + 1))
        for topic, labels in enumerate(self._topics):
            yield order[starts[topic] : starts[topic + 1]], self._documents(labels)

    def totals(self) -> NDArray[np.int64]:
        """Count the documents relevant to each query, shape (n_queries,)."""
        counts = np.array([len(self._documents(labels)) for labels in self._topics], dtype=np.int64)
        return counts[self._topic_of]

    def block(self, queries: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Give the relevance of all documents to some queries, shape (len(queries), n_documents)."""
        found = np.zeros((len(queries), self.n_documents), dtype=np.bool_)
        for row, topic in zip(found, self._topic_of[queries], strict=True):
            for label in self._topics[topic]:
                row[self._postings[label]] = True
        return found

    def _documents(self, labels: tuple[int, ...]) -> NDArray[np.int64]:
        """Give the documents with any of some labels, ascending."""
        if len(labels) == 1:
            return self._postings[labels[0]]
        found = np.zeros(self.n_documents, dtype=np.bool_)
        for label in labels:
            found[self._postings[label]] = True
        return np.flatnonzero(found)


def _grouped(wanted: Sequence[Sequence[int]]) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """Give the different sets of labels, and which of them each query has."""
    number: dict[tuple[int, ...], int] = {}
    topic_of = [number.setdefault(tuple(labels), len(number)) for labels in wanted]
    return list(number), np.array(topic_of, dtype=np.int64)
