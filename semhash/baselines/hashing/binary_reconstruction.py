"""Binary reconstructive embedding: codes whose Hamming distances come out as the distances were."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from semhash.baselines.hashing.components import enough, principal_components
from semhash.baselines.hashing.hashed import HalfSpaces, Hashed
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents

__all__ = ["BinaryReconstructiveEmbedding", "Descent", "Pairs", "best_step", "learn"]

_SAMPLE = 1000
_ANCHORS = 50
_NEAREST = 25
_OTHERS = 25
_PASSES = 5
_LEAST_GAIN = 0.02
_SMALLEST = 1e-9


@dataclass(frozen=True)
class BinaryReconstructiveEmbedding:
    """Binary reconstructive embedding of TF-IDF vectors.

    Kulis and Darrell, *Learning to Hash with Binary Reconstructive Embeddings*, NIPS 2009: bit p of a document x is
    ``sum over q of W_pq k(anchor_pq, x) > 0``, and coordinate descent makes the Hamming distances of some pairs
    come near their squared distances. The vectors are taken to their principal components, as many as bits, for in
    all dimensions any two documents are as far apart as any others; centred, and scaled to length 1; the kernel is
    their inner product. Learned from a sample of documents, of which each bit has its own anchors. The pairs are
    each document and those nearest to it, and as many drawn at random.

    The paper compares half the squared distance, 2 at most, with the Hamming distance divided by the bits, 1 at
    most. Here either is a share of the greatest that there can be: codes can then come out as the distances are.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random streams of the sample, the anchors, the pairs and the first weights.
    """

    bits: int
    seed: int

    def fit(self, database: Documents) -> Hashed:
        """Learn the hash functions and give the database its codes.

        Raises
        ------
        EvaluationError
            The documents are all alike.
        """
        points = Points.of(database)
        rows = points.draw(self.seed)
        random = np.random.default_rng(self.seed)
        with threadpool_limits(1, user_api="blas"):
            sample = points.at(rows)
            found = principal_components(sample, self.bits, self.seed)
            components = enough(found, 1, "binary reconstructive embedding")
            places = components.directed(sample[random.permutation(len(rows))[:_SAMPLE]])
            weights = places.T @ learn(places @ places.T, self.bits, random)
            hash_functions = HalfSpaces.about(components.mean, components.directions @ weights)
            return Hashed.by(hash_functions, points, self.bits)


def learn(kernel: NDArray[np.float64], bits: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Draw pairs, anchors and first weights, and go through all weights until the objective hardly falls.

    Parameters
    ----------
    kernel : ndarray of shape (n, n), float64
        Cosines of the documents.
    bits : int
    random : Generator

    Returns
    -------
    ndarray of shape (n, bits), float64
        Each document's weight in each hash function: 0 where it is no anchor.
    """
    descent = Descent.begin(kernel, Pairs.draw(kernel, random), bits, random)
    for _ in range(_PASSES):
        before = descent.objective()
        descent.go_through(random)
        if descent.objective() > (1 - _LEAST_GAIN) * before:
            break
    return descent.mixture()


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of documents whose distances are to be kept.

    Attributes
    ----------
    first, second : ndarray of shape (n_pairs,), int64
        Their rows in the sample; no pair comes twice.
    distances : ndarray of shape (n_pairs,), float64
        A quarter of the squared distance of each: 0, or 1 where they are opposite.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distances: NDArray[np.float64]

    @classmethod
    def draw(cls, kernel: NDArray[np.float64], random: np.random.Generator) -> Self:
        """Pair each document with those nearest to it and with some at random, by cosines of shape (n, n)."""
        n = len(kernel)
        nearest = np.argsort(-kernel, axis=1, kind="stable")[:, : _NEAREST + 1]
        seconds = np.concatenate([nearest, random.integers(0, n, (n, _OTHERS))], axis=1)
        firsts = np.broadcast_to(np.arange(n)[:, None], seconds.shape)
        low, high = np.minimum(firsts, seconds), np.maximum(firsts, seconds)
        first, second = np.divmod(np.unique((low * n + high)[low < high]), n)
        return cls(first, second, (1 - kernel[first, second]) / 2)

    def differ(self, bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say which pairs differ in a bit; shape (n, ...) in, (n_pairs, ...) out."""
        return np.asarray(bits[self.first] != bits[self.second])


@dataclass(eq=False)
class Descent:
    """Coordinate descent on the weights of the hash functions.

    Attributes
    ----------
    kernel : ndarray of shape (n, n), float64
    pairs : Pairs
    anchors : ndarray of shape (bits, n_anchors), int64
        Rows of the sample.
    weights : ndarray of shape (bits, n_anchors), float64
        W.
    values : ndarray of shape (n, bits), float64
        What each hash function sums up to for each document; its sign is the bit.
    hamming : ndarray of shape (n_pairs,), int64
        Bits in which the pairs differ.
    """

    kernel: NDArray[np.float64]
    pairs: Pairs
    anchors: NDArray[np.int64]
    weights: NDArray[np.float64]
    values: NDArray[np.float64]
    hamming: NDArray[np.int64]

    @classmethod
    def begin(cls, kernel: NDArray[np.float64], pairs: Pairs, bits: int, random: np.random.Generator) -> Self:
        """Draw each bit's anchors and first weights."""
        n_anchors = min(_ANCHORS, len(kernel))
        anchors = np.stack([random.choice(len(kernel), n_anchors, replace=False) for _ in range(bits)])
        weights = random.standard_normal(anchors.shape)
        values = np.einsum("npq,pq->np", kernel[:, anchors], weights)
        return cls(kernel, pairs, anchors, weights, values, pairs.differ(values > 0).sum(axis=1))

    def objective(self) -> float:
        """Give the mean over pairs of ``(distance - Hamming distance / bits)^2``."""
        return float(np.square(self.pairs.distances - self.hamming / len(self.weights)).mean())

    def go_through(self, random: np.random.Generator) -> None:
        """Put every weight once where the objective is least, in random order."""
        for coordinate in random.permutation(self.weights.size):
            self.improve(*divmod(int(coordinate), self.weights.shape[1]))

    def improve(self, bit: int, anchor: int) -> None:
        """Put one weight where the objective is least, the others staying as they are."""
        values, slopes = self.values[:, bit], self.kernel[self.anchors[bit, anchor]]
        others = self.hamming - self.pairs.differ(values > 0)
        step = best_step(values, slopes, self.pairs, self._costs(others))
        values += step * slopes
        self.weights[bit, anchor] += step
        self.hamming = others + self.pairs.differ(values > 0)

    def mixture(self) -> NDArray[np.float64]:
        """Give the weights as a matrix of shape (n, bits): each document's part in each hash function."""
        mixed = np.zeros_like(self.values)
        for bit, (anchors, weights) in enumerate(zip(self.anchors, self.weights, strict=True)):
            mixed[anchors, bit] = weights
        return mixed

    def _costs(self, others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give what it adds to the objective, but for a factor, if pairs differ in one more bit than they do."""
        return 2 * others + 1 - 2 * len(self.weights) * self.pairs.distances


def best_step(
    values: NDArray[np.float64], slopes: NDArray[np.float64], pairs: Pairs, costs: NDArray[np.float64]
) -> float:
    """Find the step t that makes the costs of the pairs that differ in ``values + t * slopes > 0`` least.

    Exact, by the paper's section on coordinate descent: each document's bit flips at one t. Between two of these
    nothing changes, so the costs are summed up from flip to flip, all at once: a pair begins or ceases to differ at
    its first flip, and goes back at its second.

    Parameters
    ----------
    values, slopes : ndarray of shape (n,), float64
    pairs : Pairs
    costs : ndarray of shape (n_pairs,), float64
        What each pair costs if it differs.

    Returns
    -------
    float
        0 where no step is better than none.
    """
    moving = np.flatnonzero(slopes)
    flips = -values[moving] / slopes[moving]
    order = np.argsort(flips, kind="stable")
    flips = flips[order]
    ranks = np.full(len(values), len(moving))
    ranks[moving[order]] = np.arange(len(moving))
    at_first = np.where(slopes == 0, values > 0, slopes < 0)
    changes = np.where(pairs.differ(at_first), -costs, costs)
    one, other = ranks[pairs.first], ranks[pairs.second]
    begun = np.bincount(np.minimum(one, other), changes, len(moving) + 1)
    ended = np.bincount(np.maximum(one, other), changes, len(moving) + 1)
    totals = np.concatenate(([0.0], np.cumsum((begun - ended)[:-1])))
    return _best_place(flips, totals)


def _best_place(flips: NDArray[np.float64], totals: NDArray[np.float64]) -> float:
    """Choose the middle of the interval between flips whose total is least; beyond the last flip, one step on."""
    if not len(flips):
        return 0.0
    edges = np.concatenate(([flips[0] - 2], flips, [flips[-1] + 2]))
    wide = np.diff(edges) > _SMALLEST * np.maximum(1, np.abs(edges[1:]))
    best = int(np.argmin(np.where(wide, totals, np.inf)))
    now = int(np.searchsorted(flips, 0))
    return float(edges[best : best + 2].mean()) if totals[best] < totals[now] - _SMALLEST else 0.0
