"""Shortlist to hits: re-rank by the words that the query and the documents really share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.vocabulary import Counts, inverse_document_frequency, sublinear_frequency

__all__ = ["Ranking", "TermIndex", "descending", "rank"]

_BLOCK = 16_384  # documents that are weighed at once
_MOST = 1.001  # a cosine, and what rounding may add


@dataclass(frozen=True)
class TermIndex:
    """The full vocabulary's counts with what TF-IDF needs, all of it memory-mapped.

    Attributes
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the lexicon.
    document_frequency : ndarray of shape (n_words,), int
        In how many documents each word occurs.
    norms : ndarray of shape (n_documents,), float32
        Euclidean length of each document's TF-IDF vector.
    """

    counts: Counts
    document_frequency: NDArray[Any]
    norms: NDArray[np.float32]

    @classmethod
    def build(cls, counts: Counts) -> "TermIndex":
        """Work out frequencies and norms from the counts."""
        frequency = counts.document_frequency().astype(np.int32)
        idf = inverse_document_frequency(frequency, len(counts))
        norms = np.empty(len(counts), dtype=np.float32)
        for first in range(0, len(counts), _BLOCK):
            some = counts.take(np.arange(first, min(first + _BLOCK, len(counts))))
            squares = _weights(some.data, idf[some.indices]) ** 2
            norms[first : first + _BLOCK] = np.sqrt(np.bincount(some.owners(), squares, len(some)))
        return cls(counts, frequency, norms)

    def weights(self, counts: Counts) -> NDArray[np.float32]:
        """Give the TF-IDF weight of each entry of some counts over the lexicon, shape (n_entries,)."""
        return _weights(counts.data, self._idf(counts.indices))

    def _idf(self, terms: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        frequency = np.asarray(self.document_frequency[terms])
        if frequency.min(initial=0) < 0 or frequency.max(initial=0) > len(self.counts):
            raise ValueError(f"a word in {frequency.max()} of {len(self.counts)} documents")
        return inverse_document_frequency(frequency, len(self.counts))

    def cosine(self, query: Counts, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the TF-IDF cosine of one query to some documents; only their entries are read.

        ``sum_t q_t d_t / (|q| |d|)`` with weights ``(1 + ln tf) * idf``: Manning, Raghavan and Schütze,
        *Introduction to Information Retrieval* (2008), equations 6.10 and 6.13.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
            The query's counts over the lexicon.
        rows : ndarray of shape (n,), int64
            Documents.

        Returns
        -------
        ndarray of shape (n,), float32
            0 for a document that shares no word with the query; 0 to 1.

        Raises
        ------
        ValueError
            A norm or a frequency is one that cannot be, as in a file that was altered.
        """
        if not len(query.indices) or not len(rows):
            return np.zeros(len(rows), dtype=np.float32)
        documents = self.counts.take(rows)
        place = np.searchsorted(query.indices, documents.indices)
        place[place == len(query.indices)] = 0
        shared = np.flatnonzero(query.indices[place] == documents.indices)
        idf = self._idf(query.indices)
        query_weights = _weights(query.data, idf)
        terms = place[shared]
        products = query_weights[terms] * _weights(documents.data[shared], idf[terms])
        sums = np.bincount(documents.owners()[shared], weights=products, minlength=len(rows))
        norms = np.asarray(self.norms[rows])
        if not (np.isfinite(norms) & (norms >= 0)).all():
            raise ValueError("a norm that is no length")
        lengths = np.linalg.norm(query_weights) * norms
        found = np.divide(sums, lengths, out=np.zeros(len(rows)), where=lengths > 0)
        if found.max(initial=0) > _MOST:  # which Cauchy and Schwarz forbid
            raise ValueError(f"a cosine of {found.max():.3g}")
        return found.astype(np.float32)


def _weights(frequency: NDArray[Any], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(sublinear_frequency(frequency) * idf, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents, best first.

    Attributes
    ----------
    rows : ndarray of shape (n,), int64
        Documents.
    distances : ndarray of shape (n,), int
        Hamming distance of their codes to the query's, in bits.
    scores : ndarray of shape (n,), float32
        What they were ranked by, descending.
    behind : int
        How many more were looked at, and are not in the order since they cannot be among those wanted.
    reach : int
        The distance of the farthest of those, in bits.
    """

    rows: NDArray[np.int64]
    distances: NDArray[Any]
    scores: NDArray[np.float32]
    behind: int = 0
    reach: int = 0

    def first(self, k: int) -> "Ranking":
        """Keep the best `k`; all of them when there are fewer."""
        return Ranking(self.rows[:k], self.distances[:k], self.scores[:k])

    def at(self, places: list[int]) -> "Ranking":
        """Keep the documents at some places, counted from 0."""
        kept = np.array(places, dtype=np.int64)
        return Ranking(self.rows[kept], self.distances[kept], self.scores[kept])


def rank(rows: NDArray[np.int64], distances: NDArray[Any], scores: NDArray[np.float32], k: int) -> Ranking:
    """Order a shortlist by score, then by distance, then by row, and keep the first k."""
    order = _ordered(scores, rows, distances)[:k]
    return Ranking(rows[order], distances[order], scores[order])


def descending(scores: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return the order of scores, the highest first, equal ones as they stand."""
    return _ordered(scores)


def _ordered(scores: NDArray[np.floating[Any]], *keys: NDArray[Any]) -> NDArray[np.int64]:
    """Return the order of scores, the highest first, equal ones by other keys, the last one first, then as they stand.

    Few are equal, and those alone are put in order by all keys: that takes a fraction of the time.
    """
    order = np.argsort(-scores)
    ordered = scores[order]
    is_next = ~(ordered[1:] < ordered[:-1])  # equal, or no number
    if is_next.any():
        is_tied = np.zeros(len(order), dtype=bool)
        is_tied[1:] = is_next
        is_tied[:-1] |= is_next
        tied = np.sort(order[is_tied])
        order[is_tied] = tied[np.lexsort((*(key[tied] for key in keys), -scores[tied]))]
    return order
