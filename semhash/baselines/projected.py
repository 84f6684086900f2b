"""Documents in a space of few dimensions: ranked by the cosine there, or cut to bits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import CodeRanking, Documents, ScoreRanking
from semhash.codes import Packed, pack
from semhash.config import MIN_BITS
from semhash.errors import EvaluationError
from semhash.vocabulary import Counts

__all__ = [
    "FittedMedianCut",
    "FittedProjected",
    "MedianCut",
    "Projected",
    "Projection",
    "Space",
    "check_size",
]

_BLOCK = 4096
_BYTES_PER_NUMBER = 4
_SMALLEST = 1e-9


@dataclass(frozen=True, eq=False)
class Space:
    """What gives documents their places.

    Attributes
    ----------
    transform : callable
        Counts over the vocabulary in, places of shape (n_documents, size) out.
    config : dict
        How it was learned.
    """

    transform: Callable[[Counts], NDArray[Any]]
    config: dict[str, object] = field(default_factory=dict)

    def directions(self, documents: Documents) -> NDArray[np.float32]:
        """Give the places of documents, scaled to length 1, in blocks, so that what stands between stays small.

        Returns
        -------
        ndarray of shape (n_documents, size), float32
            A document at the origin stays there.
        """
        counts = documents.coded
        starts = range(0, len(counts), _BLOCK)
        blocks = [np.arange(start, min(start + _BLOCK, len(counts))) for start in starts]
        return np.concatenate([_scaled(self.transform(counts.take(rows))) for rows in blocks])


class Projection(Protocol):
    """A way to learn a space."""

    def learn(self, database: Documents) -> Space:
        """Learn it from a database.

        Raises
        ------
        EvaluationError
            The database is too small, or lacks what the method needs.
        """


@dataclass(frozen=True)
class Projected:
    """Ranks by the cosine in a space of few dimensions.

    Attributes
    ----------
    projection : Projection
    """

    projection: Projection

    def fit(self, database: Documents) -> "FittedProjected":
        """Learn the space and put the whole database into it."""
        space = self.projection.learn(database)
        return FittedProjected(space, space.directions(database))


@dataclass(frozen=True, eq=False)
class FittedProjected:
    """A database in a space.

    Attributes
    ----------
    space : Space
    documents : ndarray of shape (n_documents, size), float32
        Of length 1 each.
    """

    space: Space
    documents: NDArray[np.float32]

    @property
    def size(self) -> int:
        """How many dimensions there are: those asked for, or fewer where there are no more."""
        return int(self.documents.shape[1])

    @property
    def bytes_per_document(self) -> float:
        """Single precision."""
        return float(_BYTES_PER_NUMBER * self.size)

    @property
    def config(self) -> dict[str, object]:
        """How the space was learned."""
        return self.space.config

    def rank(self, queries: Documents) -> ScoreRanking:
        """Rank by the cosine, that of a document or query at the origin being 0."""
        asked = self.space.directions(queries)
        return ScoreRanking(lambda rows: asked[rows] @ self.documents.T)


@dataclass(frozen=True)
class MedianCut:
    """Ranks by Hamming distance of codes: above the database's median of each dimension or not.

    Salakhutdinov and Hinton, *Semantic Hashing* (2009), section 4, do so with latent semantic analysis. As many
    documents are above as not, but for those on the median.

    Attributes
    ----------
    projection : Projection
    """

    projection: Projection

    def fit(self, database: Documents) -> "FittedMedianCut":
        """Learn the space, and cut it.

        Raises
        ------
        EvaluationError
            There are fewer dimensions than a code has bits at least.
        """
        space = self.projection.learn(database)
        directions = space.directions(database)
        size = directions.shape[1]
        if size < MIN_BITS:
            raise EvaluationError(
                f"bits at the median: expected {MIN_BITS} dimensions or more to cut, found {size}; ask for more, "
                "or compare the real numbers of a method that has no more, as discriminants of few classes"
            )
        medians = np.median(directions, axis=0)
        return FittedMedianCut(space, medians, pack(directions > medians))


@dataclass(frozen=True, eq=False)
class FittedMedianCut:
    """A database as codes.

    Attributes
    ----------
    space : Space
    medians : ndarray of shape (size,), float32
        Where each dimension is cut.
    documents : ndarray of shape (n_documents, ceil(size / 8)), uint8
        Codes, packed.
    """

    space: Space
    medians: NDArray[np.float32]
    documents: Packed

    @property
    def size(self) -> int:
        """How many bits there are: those asked for, or fewer where there are no more dimensions."""
        return len(self.medians)

    @property
    def bytes_per_document(self) -> float:
        """A code, and nothing else."""
        return self.size / 8

    @property
    def config(self) -> dict[str, object]:
        """How the space was learned."""
        return self.space.config

    def rank(self, queries: Documents) -> CodeRanking:
        """Give the queries their codes too."""
        asked = pack(self.space.directions(queries) > self.medians)
        return CodeRanking(asked, self.documents, self.size)


def check_size(counts: Counts, size: int, method: str) -> None:
    """See whether a database can fill so many dimensions.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Over the vocabulary.
    size : int
        Dimensions asked for.
    method : str
        What the message calls the method.

    Raises
    ------
    EvaluationError
        Fewer documents hold words, or there are fewer words, than dimensions.
    """
    holding = int(np.count_nonzero(np.diff(counts.indptr)))
    if min(holding, counts.n_columns) < size:
        raise EvaluationError(
            f"{method}: expected {size} documents with words and {size} words or more for {size} dimensions, "
            f"found {holding} and {counts.n_columns}; ask for fewer dimensions, or give more documents"
        )


def _scaled(places: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / np.maximum(lengths, _SMALLEST), dtype=np.float32)
