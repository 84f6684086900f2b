"""A database as codes: hash functions, the codes they gave, and queries ranked by Hamming distance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import CodeRanking, Documents
from semhash.codes import Packed, check_bits, n_bytes, pack
from semhash.vocabulary import Counts
from semhash.words.weighting import Weighting

__all__ = ["HalfSpaces", "HashFunctions", "Hashed"]

HashFunctions = Callable[[Any], NDArray[np.bool_]]
"""Gives documents their bits: a sparse matrix of shape (n, n_words) in, (n, bits) bool out."""

_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class HalfSpaces:
    """Hash functions of which each tells on which side of a hyperplane a document is.

    Attributes
    ----------
    directions : ndarray of shape (n_words, bits), float64
    thresholds : ndarray of shape (bits,), float64
        Bit p is 1 where ``x . directions[:, p] > thresholds[p]``.
    """

    directions: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    @classmethod
    def about(cls, centre: NDArray[np.float64], directions: NDArray[np.float64]) -> Self:
        """Put all hyperplanes through one point, of shape (n_words,)."""
        return cls(directions, centre @ directions)

    def __call__(self, points: Any) -> NDArray[np.bool_]:
        """Give documents their bits."""
        return np.asarray(points @ self.directions > self.thresholds)


@dataclass(frozen=True, eq=False)
class Hashed:
    """A database that hash functions gave codes.

    Attributes
    ----------
    weighting : Weighting
        What makes points of documents.
    hash_functions : callable
        What makes bits of points.
    documents : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        The database's codes, packed.
    bits : int
    """

    weighting: Weighting
    hash_functions: HashFunctions
    documents: Packed
    bits: int

    @classmethod
    def by(cls, hash_functions: HashFunctions, points: Points, bits: int) -> Self:
        """Give the whole database its codes, whatever the hash functions were learned from."""
        documents = _codes(points.counts, points.weighting, hash_functions, check_bits(bits))
        return cls(points.weighting, hash_functions, documents, bits)

    @property
    def bytes_per_document(self) -> float:
        """A code, and nothing else."""
        return self.bits / 8

    def rank(self, queries: Documents) -> CodeRanking:
        """Give the queries their codes too."""
        codes = _codes(queries.coded, self.weighting, self.hash_functions, self.bits)
        return CodeRanking(codes, self.documents, self.bits)


def _codes(counts: Counts, weighting: Weighting, hash_functions: HashFunctions, bits: int) -> Packed:
    """Hash documents in blocks, so that what stands between words and codes stays small."""
    packed = np.zeros((len(counts), n_bytes(bits)), dtype=np.uint8)
    for start in range(0, len(counts), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(counts)))
        packed[rows] = pack(hash_functions(weighting.weigh(counts.take(rows))))
    return packed
