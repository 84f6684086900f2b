"""What lies in each shell around each query: all that measures of codes need to know."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import CodeRanking
from semhash.codes import Packed
from semhash.errors import EvaluationError
from semhash.evaluation.relevance import Relevance
from semhash.progress import Report, unheard

__all__ = ["Shells"]

_PAIRS = 2**21  # of a query and a document at once: some 40 bytes each
_QUERIES = 256  # that the callback hears of together


@dataclass(frozen=True, slots=True)
class Shells:
    """How many documents are at which Hamming distance from each query, and what of them is relevant.

    Attributes
    ----------
    documents : ndarray of shape (n_queries, bits + 1), int64
        Documents at distance 0, 1, ... `bits`.
    relevant : ndarray of shape (n_queries, bits + 1), int64
        Those of them that are relevant to the query.
    grades : ndarray of shape (n_queries, bits + 1), float64
        The sum of their grades.
    """

    documents: NDArray[np.int64]
    relevant: NDArray[np.int64]
    grades: NDArray[np.float64]

    @property
    def before(self) -> NDArray[np.int64]:
        """How many documents lie nearer than each shell, shape (n_queries, bits + 1)."""
        return np.cumsum(self.documents, axis=1) - self.documents

    @property
    def relevant_before(self) -> NDArray[np.int64]:
        """How many relevant documents lie nearer than each shell, shape (n_queries, bits + 1)."""
        return np.cumsum(self.relevant, axis=1) - self.relevant

    def taken(self, k: int) -> NDArray[np.int64]:
        """How many of the first k places fall into each shell, shape (n_queries, bits + 1)."""
        return np.clip(k - self.before, 0, self.documents)

    @classmethod
    def count(cls, ranking: CodeRanking, relevance: Relevance, report: Report = unheard) -> "Shells":
        """Count the shells around every query that has something to find, in blocks, so that memory stays bounded.

        Equal codes are counted together, and relevant documents are looked at once for all the queries that
        look for them.

        Parameters
        ----------
        ranking : CodeRanking
        relevance : Relevance
            Of as many documents to as many queries.
        report : callable, optional
            Hears of queries.

        Returns
        -------
        shells : Shells
            Of the queries to which any document is relevant, in their order.

        Raises
        ------
        CodeError
            Codes are not packed codes of `bits` bits.
        EvaluationError
            There are more or fewer codes than the relevance is about.
        """
        bits = ranking.bits
        queries = codes.check_packed(ranking.queries, bits)
        documents = codes.check_packed(ranking.documents, bits)
        _check_numbers((len(queries), len(documents)), (relevance.n_queries, relevance.n_documents))
        places, place_of = _distinct(documents)
        n_at = np.bincount(place_of, minlength=len(places))
        judged = relevance.totals() > 0
        shape = len(queries), bits + 1
        found = cls(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape))
        done = 0
        for members, rows, grades in relevance.groups():
            if not len(rows):
                continue
            relevant_at = np.bincount(place_of[rows], minlength=len(places))
            graded_at = np.bincount(place_of[rows], grades, minlength=len(places))
            for start in range(0, len(members), _QUERIES):
                block = members[start : start + _QUERIES]
                centres, centre_of = _distinct(queries[block])
                found.documents[block] = _histogram(centres, places, n_at, bits)[centre_of]
                found.relevant[block] = _histogram(centres, places, relevant_at, bits)[centre_of]
                found.grades[block] = (
                    _histogram(centres, places, graded_at, bits)[centre_of]
                    if relevance.graded
                    else found.relevant[block]
                )
                done += len(block)
                report(done, int(judged.sum()), "")
        return cls(found.documents[judged], found.relevant[judged], found.grades[judged])


def _check_numbers(found: tuple[int, int], expected: tuple[int, int]) -> None:
    if found != expected:
        raise EvaluationError(
            f"codes: expected those of {expected[0]} queries and {expected[1]} documents, which the labels "
            f"are of, found {found[0]} and {found[1]}; give every document one code, in the labels' order"
        )


def _distinct(packed: Packed) -> tuple[Packed, NDArray[np.int64]]:
    """Give the different codes, and which of them each code is."""
    distinct, place_of = np.unique(packed, axis=0, return_inverse=True)
    return distinct, place_of.reshape(-1)


def _histogram(
    queries: Packed, places: Packed, weights: NDArray[np.int64 | np.float64], bits: int
) -> NDArray[np.float64]:
    """Sum up what is at each distance from each query, shape (n_queries, bits + 1).

    Code i of `places`, shape (n_places, n_bytes), weighs ``weights[i]``.
    """
    width = bits + 1
    sums = np.zeros((len(queries), width))
    held = np.flatnonzero(weights)
    places, weights = places[held], weights[held]
    step = max(1, _PAIRS // max(1, len(places)))
    for start in range(0, len(queries), step):
        distances = codes.hamming_matrix(queries[start : start + step], places)
        n = len(distances)
        cells = (distances + np.arange(0, n * width, width)[:, None]).ravel()
        of_each = None if (weights == 1).all() else np.broadcast_to(weights, distances.shape).ravel()
        sums[start : start + n] = np.bincount(cells, of_each, n * width).reshape(n, width)
    return sums
