"""Self-taught hashing: first the codes, from the graph of neighbours, then classifiers that give them to others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from semhash.baselines.hashing.components import largest
from semhash.baselines.hashing.hashed import HalfSpaces, Hashed
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents
from semhash.errors import EvaluationError

__all__ = ["NEIGHBOURS", "SelfTaughtHashing", "halved", "laplacian_eigenmap", "neighbour_graph"]

NEIGHBOURS = 25
"""k of the graph, as in the paper's experiments."""

_BLOCK = 512


@dataclass(frozen=True)
class SelfTaughtHashing:
    """Self-taught hashing of TF-IDF vectors.

    Zhang, Wang, Cai and Lu, *Self-Taught Hashing for Fast Similarity Search*, SIGIR 2010, section 3: a Laplacian
    eigenmap of the graph of neighbours, cut at the medians, gives the documents learned from their codes; a linear
    support vector machine a bit, learned from these, then gives all documents theirs, the queries too. Learned
    from a sample where the database is large.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random streams of the sample and of the eigenvectors' iteration.
    """

    bits: int
    seed: int

    def fit(self, database: Documents) -> Hashed:
        """Learn the hash functions and give the database its codes.

        Raises
        ------
        EvaluationError
            There are fewer documents than dimensions of the eigenmap.
        """
        points = Points.of(database)
        sample = points.at(points.draw(self.seed))
        with threadpool_limits(1, user_api="blas"):
            graph = neighbour_graph(sample, NEIGHBOURS)
            taught = halved(laplacian_eigenmap(graph, self.bits, self.seed))
            hash_functions = _classifiers(sample, taught, self.seed)
            return Hashed.by(hash_functions, points, self.bits)


def neighbour_graph(points: Any, k: int) -> Any:
    """Join documents of which either is among the k nearest of the other; an edge weighs their cosine.

    The local similarities of the paper's first stage.

    Parameters
    ----------
    points : sparse matrix of shape (n, n_words)
        Rows of length 1, no number below 0.
    k : int
        Fewer where there are not so many others.

    Returns
    -------
    sparse matrix of shape (n, n), float64
        Symmetric, its diagonal empty.
    """
    n = points.shape[0]
    k = min(k, n - 1)
    by_word = points.T.tocsr()
    found = []
    for start in range(0, n, _BLOCK):
        cosines = (points[start : start + _BLOCK] @ by_word).toarray()
        own = np.arange(len(cosines))
        cosines[own, start + own] = -1
        nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        rows = np.repeat(own, k)
        values = np.maximum(np.take_along_axis(cosines, nearest, axis=1).ravel(), 0, dtype=np.float64)
        found.append(sp.csr_matrix((values, (rows, nearest.ravel())), shape=(len(cosines), n)))
    graph = sp.vstack(found, format="csr")
    graph.eliminate_zeros()
    return graph.maximum(graph.T)


def laplacian_eigenmap(graph: Any, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Solve ``L y = lambda D y`` for the smallest eigenvalues, but for the constant solution.

    Belkin and Niyogi, *Laplacian Eigenmaps for Dimensionality Reduction and Data Representation*, Neural
    Computation 15 (2003). With ``y = D^(-1/2) u`` these are the largest eigenvalues of
    ``D^(-1/2) W D^(-1/2)``; the constant solution's is known, and moved to the other end.

    Parameters
    ----------
    graph : sparse matrix of shape (n, n)
        W. D is the diagonal of its sums, L = D - W.
    dimensions : int
    seed : int
        Start of the random stream that the iteration's first vector comes from.

    Returns
    -------
    ndarray of shape (n, dimensions), float64
        Solutions with ``y^T D y = 1``, the smallest eigenvalue first.

    Raises
    ------
    EvaluationError
        There are no more documents than dimensions.
    """
    n = graph.shape[0]
    if n <= dimensions:
        raise EvaluationError(
            f"self-taught hashing: expected more than {dimensions} documents with words to learn "
            f"{dimensions} bits from, found {n}; ask for fewer bits, or give more documents"
        )
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    # A document without any neighbour is its own.
    lone = degrees == 0
    degrees[lone] = 1
    scale = 1 / np.sqrt(degrees)
    walk = sp.diags(scale) @ (graph + sp.diags(lone.astype(np.float64))) @ sp.diags(scale)
    constant = np.sqrt(degrees / degrees.sum())

    def moved(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(walk @ vectors - 2 * np.multiply.outer(constant, constant @ vectors))

    _, vectors = largest(moved, n, dimensions, seed)
    return np.asarray(vectors * scale[:, None])


def halved(map_: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cut each dimension at its median, so that half of the documents have either bit.

    Where half or more share the greatest value, none is above the median; then it is they who have the 1, so that
    no bit is the same for all.
    """
    medians = np.median(map_, axis=0)
    above = map_ > medians
    return np.where(above.any(axis=0), above, map_ >= medians)


def _classifiers(points: Any, taught: NDArray[np.bool_], seed: int) -> HalfSpaces:
    """Learn to tell each bit from the words: the paper's second stage."""
    machines = [LinearSVC(random_state=seed).fit(points, bit) for bit in taught.T]
    directions = np.stack([machine.coef_[0] for machine in machines], axis=1)
    return HalfSpaces(directions, np.array([-machine.intercept_[0] for machine in machines]))
