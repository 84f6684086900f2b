"""Principal components of sparse points, without ever making them dense."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from semhash.errors import EvaluationError

__all__ = ["Components", "enough", "principal_components"]

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

    lengths = points.multiply(points).sum() / n_points
    least = _NOTHING * lengths
    if lengths - mean @ mean <= least:
        return Components(mean, np.empty((n_words, 0)), np.empty(0))
    if n_words <= max(_FEW, 2 * at_most):
        variances, directions = scipy.linalg.eigh(covariance(np.eye(n_words)))
    else:
        shape = (n_words, n_words)
        operator = LinearOperator(shape, matvec=covariance, matmat=covariance, dtype=np.float64)
        start = np.random.default_rng(seed).standard_normal(n_words)
        variances, directions = eigsh(operator, k=at_most, v0=start)
    order = np.argsort(-variances)[:at_most]
    kept = order[variances[order] > least]
    return Components(mean, directions[:, kept], variances[kept])


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
