"""What lies in each shell around each query: all that measures of codes need to know."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.codes import Packed
from semhash.errors import EvaluationError
from semhash.evaluation.relevance import Relevance

__all__ = ["Shells"]

_PAIRS = 2**21  # of a query and a document at once: some 40 bytes each


@dataclass(frozen=True, slots=True)
class Shells:
    """How many documents are at which Hamming distance from each query, and how many of them are relevant.

    Attributes
    ----------
    documents : ndarray of shape (n_queries, bits + 1), int64
        Documents at distance 0, 1, ... `bits`.
    relevant : ndarray of shape (n_queries, bits + 1), int64
        Those of them that are relevant to the query.
    """

    documents: NDArray[np.int64]
    relevant: NDArray[np.int64]

    @classmethod
    def count(cls, queries: Packed, documents: Packed, bits: int, relevance: Relevance) -> Self:
        """Count the shells around every query, in blocks, so that memory stays bounded.

        Equal codes are counted together, and relevant documents are looked at once for all the queries that
        look for them.

        Parameters
        ----------
        queries : ndarray of shape (n_queries, ceil(bits / 8)), uint8
            Packed as in `semhash.codes`.
        documents : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        bits : int
        relevance : Relevance
            Of `n_documents` documents to `n_queries` queries.

        Raises
        ------
        CodeError
            Codes are not packed codes of `bits` bits.
        EvaluationError
            There are more or fewer codes than the relevance is about.
        """
        queries, documents = codes.check_packed(queries, bits), codes.check_packed(documents, bits)
        found, expected = (len(queries), len(documents)), (relevance.n_queries, relevance.n_documents)
        if found != expected:
            raise EvaluationError(
                f"codes: expected those of {expected[0]} queries and {expected[1]} documents, which the labels "
                f"are of, found {found[0]} and {found[1]}; give every document one code, in the labels' order"
            )
        centres, centre_of = _distinct(queries)
        places, place_of = _distinct(documents)
        all_documents = np.bincount(place_of, minlength=len(places))
        relevant = np.zeros((len(queries), bits + 1), dtype=np.int64)
        for members, rows in relevance.groups():
            copies = np.bincount(place_of[rows], minlength=len(places))
            relevant[members] = _histogram(queries[members], places, copies, bits)
        return cls(_histogram(centres, places, all_documents, bits)[centre_of], relevant)

    def judged(self) -> Self:
        """Keep the queries to which any document is relevant: measures are means over those."""
        kept = self.relevant.any(axis=1)
        return type(self)(self.documents[kept], self.relevant[kept])


def _distinct(packed: Packed) -> tuple[Packed, NDArray[np.int64]]:
    """Give the different codes, and which of them each code is."""
    distinct, place_of = np.unique(packed, axis=0, return_inverse=True)
    return distinct, place_of.reshape(-1)


def _histogram(queries: Packed, places: Packed, copies: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Count what is at each distance from each query, shape (n_queries, bits + 1).

    Code i of `places`, shape (n_places, n_bytes), counts ``copies[i]`` times.
    """
    width = bits + 1
    counts = np.zeros((len(queries), width), dtype=np.int64)
    held = np.flatnonzero(copies)
    places, copies = places[held], copies[held]
    step = max(1, _PAIRS // max(1, len(places)))
    for start in range(0, len(queries), step):
        distances = codes.hamming_matrix(queries[start : start + step], places)
        n = len(distances)
        cells = (distances + np.arange(0, n * width, width)[:, None]).ravel()
        weights = None if copies.max(initial=1) == 1 else np.broadcast_to(copies, distances.shape).ravel()
        counts[start : start + n] = np.bincount(cells, weights, n * width).reshape(n, width)
    return counts
