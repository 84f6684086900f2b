"""Spaces that come of taking the TF-IDF matrix apart: LSA, PCA and NMF, each by scikit-learn."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF, PCA, TruncatedSVD
from sklearn.exceptions import ConvergenceWarning

from semhash.baselines.hashing.points import Points
from semhash.baselines.projected import Space, check_size
from semhash.baselines.retriever import Documents
from semhash.vocabulary import Counts

__all__ = ["LatentSemantics", "NonNegativeFactors", "PrincipalComponents", "principal_components"]

_MANY_TIMES = 30
_NMF_SAMPLE = 10_000
_NMF_ITERATIONS = 50


@dataclass(frozen=True)
class LatentSemantics:
    """Latent semantic analysis: the leading singular vectors of the TF-IDF matrix, not centred.

    Deerwester, Dumais, Furnas, Landauer and Harshman, *Indexing by Latent Semantic Analysis*, JASIS 41 (1990).
    Learned from the whole database.

    Attributes
    ----------
    size : int
        Dimensions.
    seed : int
        Start of the random projections of the decomposition.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Decompose the matrix.

        Raises
        ------
        EvaluationError
            The database has fewer documents or words than there are to be dimensions.
        """
        points = _points(database, self.size, "LSA")
        model = TruncatedSVD(self.size, random_state=self.seed)
        with _quiet():
            model.fit(points.weighting.weigh(points.counts))
        return _space(points, model, len(points.counts))


@dataclass(frozen=True)
class PrincipalComponents:
    """Principal component analysis: the directions in which the centred TF-IDF vectors vary most, exactly.

    Hotelling, *Analysis of a complex of statistical variables into principal components*, Journal of Educational
    Psychology 24 (1933). Learned from the whole database.

    Attributes
    ----------
    size : int
        Dimensions.
    seed : int
        Of no effect: the components are what they are.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Find the components.

        Raises
        ------
        EvaluationError
            The database has fewer documents or words than there are to be dimensions.
        """
        points = _points(database, self.size, "PCA")
        model = principal_components(points.weighting.weigh(points.counts), self.size)
        return _space(points, model, len(points.counts))


@dataclass(frozen=True)
class NonNegativeFactors:
    """Non-negative matrix factorisation: documents as sums of parts that are TF-IDF vectors themselves.

    Lee and Seung, *Learning the parts of objects by non-negative matrix factorization*, Nature 401 (1999); by
    coordinate descent on the squared error, from the singular vectors on (Boutsidis and Gallopoulos, Pattern
    Recognition 41, 2008, NNDSVDa). A part may be twice as large and all that is of it half as much, so that cosines
    would hang on chance: parts are scaled until their words sum to 1. Learned from 10,000 documents at most.

    Attributes
    ----------
    size : int
        Dimensions.
    seed : int
        Start of the random streams of the sample and of the decomposition that it starts from.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Find the parts.

        Raises
        ------
        EvaluationError
            The database has fewer documents or words than there are to be dimensions.
        """
        points = _points(database, self.size, "NMF")
        rows = points.draw(self.seed, _NMF_SAMPLE)
        model = NMF(self.size, init="nndsvda", max_iter=_NMF_ITERATIONS, random_state=self.seed)
        with _quiet():
            model.fit(points.at(rows))
        sums = model.components_.sum(axis=1)
        return _space(points, model, len(rows), sums, iterations=_NMF_ITERATIONS)


def principal_components(matrix: Any, size: int) -> PCA:
    """Find the leading principal components of sparse vectors, exactly, and without making them dense.

    Parameters
    ----------
    matrix : sparse matrix of shape (n_documents, n_words)
    size : int
        At most the smaller of the two.
    """
    few = size * _MANY_TIMES < min(matrix.shape)
    # Both give the same numbers: the covariance of all words, or for few components what Lanczos iterations find.
    solver = "arpack" if few else "covariance_eigh"
    with _quiet():
        return PCA(size, svd_solver=solver, random_state=0).fit(matrix.astype(np.float64))


def _points(database: Documents, size: int, method: str) -> Points:
    points = Points.of(database)
    check_size(points.counts, size, method)
    return points


def _space(points: Points, model: Any, learned_from: int, scale: Any = 1, **config: object) -> Space:
    def transform(counts: Counts) -> NDArray[Any]:
        with _quiet():
            return np.asarray(model.transform(points.weighting.weigh(counts)) * scale)

    return Space(transform, {"words": points.counts.n_columns, "learned_from": learned_from, **config})


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing of descents that stop short of convergence, and of numbers that rounding spoils.

    How long descents last is chosen here. Where documents are all alike, scikit-learn divides by their variance and
    takes the root of an error that is 0 but for rounding, for figures that nobody asks for.
    """
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
