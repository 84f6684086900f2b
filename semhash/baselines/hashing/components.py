"""Principal components of sparse points, without ever making them dense, and the eigenvalues that they take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from semhash.errors import EvaluationError

__all__ = ["Components", "enough", "largest", "principal_components"]

# Of squared lengths: a variance below this is what rounding leaves of none.
_NOTHING = 1e-10
_FEW = 256
_SMALLEST = 1e-9


@dataclass(frozen=True, eq=False)
class Components:
    """The directions in which points vary most.

    Attributes
    ----------
    mean : ndarray of shape (n_words,), float64
    directions : ndarray of shape (n_words, n_components), float64
        Orthonormal columns.
    variances : ndarray of shape (n_components,), float64
        Of the points along each, descending, all above 0.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    variances: NDArray[np.float64]

    def project(self, points: Any) -> NDArray[np.float64]:
        """Give centred points by their components: (n, n_words) in, (n, n_components) out."""
        return np.asarray(points @ self.directions - self.mean @ self.directions)

    def directed(self, points: Any) -> NDArray[np.float64]:
        """Give centred points by their components, scaled to length 1; one at the mean stays there."""
        places = self.project(points)
        lengths = np.linalg.norm(places, axis=1, keepdims=True)
        return np.asarray(places / np.maximum(lengths, _SMALLEST))


def principal_components(points: Any, at_most: int, seed: int) -> Components:
    """Find the eigenvectors of the points' covariance with the largest eigenvalues.

    Parameters
    ----------
    points : sparse matrix of shape (n_points, n_words)
    at_most : int
        Components to give; fewer where the points vary in fewer directions.
    seed : int
        Start of the random stream that the iteration's first vector comes from.

    Returns
    -------
    Components
    """
    n_points, n_words = points.shape
    mean = np.asarray(points.T @ np.full(n_points, 1 / n_points))

    def covariance(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(points.T @ (points @ vectors) / n_points - np.multiply.outer(mean, mean @ vectors))

    squares = np.square(points.data, dtype=np.float64).sum() / n_points
    if squares - mean @ mean <= _NOTHING * squares:
        return Components(mean, np.empty((n_words, 0)), np.empty(0))
    variances, directions = largest(covariance, n_words, at_most, seed)
    kept = variances > _NOTHING * squares
    return Components(mean, directions[:, kept], variances[kept])


def largest(
    product: Callable[[NDArray[np.float64]], NDArray[np.float64]], n: int, at_most: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the largest eigenvalues of a symmetric matrix, and their eigenvectors, by products with vectors.

    Parameters
    ----------
    product : callable
        Gives the matrix times a vector, or times some that stand side by side.
    n : int
        The matrix is of shape (n, n). A small one is made, and solved whole.
    at_most : int
        Eigenvalues to give; fewer where there are not so many.
    seed : int
        Start of the random stream that the iteration's first vector comes from.

    Returns
    -------
    values : ndarray of shape (min(at_most, n),), float64
        Descending.
    vectors : ndarray of shape (n, min(at_most, n)), float64
        Orthonormal columns.
    """
    if n <= max(_FEW, 2 * at_most):
        values, vectors = scipy.linalg.eigh(product(np.eye(n)))
    else:
        operator = LinearOperator((n, n), matvec=product, matmat=product, dtype=np.float64)
        start = np.random.default_rng(seed).standard_normal(n)
        values, vectors = eigsh(operator, k=at_most, which="LA", v0=start)
    order = np.argsort(-values)[:at_most]
    return values[order], vectors[:, order]


def enough(components: Components, needed: int, what: str) -> Components:
    """Give the components back when there are as many as needed.

    Raises
    ------
    EvaluationError
        There are fewer; the message names `what` needs them.
    """
    found = len(components.variances)
    if found < needed:
        raise EvaluationError(
            f"{what}: expected documents that vary in {needed} directions or more, found {found}; "
            "ask for fewer bits, or give more documents"
        )
    return components
