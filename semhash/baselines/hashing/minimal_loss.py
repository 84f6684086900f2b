"""Minimal loss hashing: hash functions learned from labels, by a bound on a loss of pairs."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from semhash.baselines.hashing.components import enough, principal_components
from semhash.baselines.hashing.hashed import HalfSpaces, Hashed
from semhash.baselines.hashing.label_pairs import LabelPairs, labelled
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents

__all__ = ["HingeLoss", "MinimalLossHashing", "direction", "learn", "loss_adjusted"]

Floats = NDArray[np.floating[Any]]
Bits = NDArray[np.bool_]

# Of 0.15 to 0.4 and 0.25 to 2, what did well on held-out documents of two corpora.
_RHO = 0.25
_LAMBDA = 1.0
_COMPONENTS = 128
_UPDATES = 5000
_PAIRS = 200
_RATE = 1.0
_MOMENTUM = 0.9
_DECAY = 1e-4


@dataclass(frozen=True)
class HingeLoss:
    """What the Hamming distance of a pair costs.

    The paper's hinge: ``max(m - rho + 1, 0)`` of a similar pair m bits apart, and ``lambda max(rho - m + 1, 0)`` of
    a dissimilar one.

    Attributes
    ----------
    rho : float
        Bits within which similar pairs, and beyond which dissimilar ones, are to be.
    weight : float
        lambda: what a dissimilar pair weighs beside a similar one.
    """

    rho: float
    weight: float

    @classmethod
    def for_bits(cls, bits: int) -> Self:
        """Take a quarter of the bits for rho, and 1 for lambda."""
        return cls(_RHO * bits, _LAMBDA)

    def __call__(self, distances: NDArray[np.integer], similar: Bits) -> Floats:
        """Give the losses of pairs; the two arrays are broadcast against each other."""
        near = np.maximum(distances - self.rho + 1, 0)
        far = self.weight * np.maximum(self.rho - distances + 1, 0)
        return np.asarray(np.where(similar, near, far))


@dataclass(frozen=True)
class MinimalLossHashing:
    """Minimal loss hashing of TF-IDF vectors, with the database's labels: documents that share one are similar.

    Norouzi and Fleet, *Minimal Loss Hashing for Compact Binary Codes*, ICML 2011. The vectors are taken to their
    128 leading principal components, centred, and scaled to length 1. Learned from a sample of the documents that
    have labels where there are many.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random streams of the sample, the first weights and the pairs.
    """

    bits: int
    seed: int

    def fit(self, database: Documents) -> Hashed:
        """Learn the hash functions and give the database its codes.

        Raises
        ------
        EvaluationError
            The documents have no labels, or no two share one, or all do; or they are all alike.
        """
        points = Points.of(database)
        rows = points.draw(self.seed, among=labelled(database.labels, "minimal loss hashing"))
        pairs = LabelPairs.of([database.labels[row] for row in rows])
        random = np.random.default_rng(self.seed)
        with threadpool_limits(1, user_api="blas"):
            sample = points.at(rows)
            components = enough(
                principal_components(sample, _COMPONENTS, self.seed), 1, "minimal loss hashing"
            )
            weights = learn(components.directed(sample).astype(np.float32), pairs, self.bits, random)
            hash_functions = HalfSpaces.about(components.mean, components.directions @ weights)
            return Hashed.by(hash_functions, points, self.bits)


def learn(places: Floats, pairs: LabelPairs, bits: int, random: np.random.Generator) -> Floats:
    """Learn hash functions ``places @ weights > 0`` by stochastic descent on the bound of the loss.

    The paper's learning, which is like a perceptron's: for each pair the weights move towards the codes that it
    has, and away from those that loss-adjusted inference gives it. From random hyperplanes on, with momentum and a
    little decay, in small batches of which one half is similar.

    Parameters
    ----------
    places : ndarray of shape (n, n_dimensions), floating
    pairs : LabelPairs
        Of the n documents.
    bits : int
    random : Generator

    Returns
    -------
    weights : ndarray of shape (n_dimensions, bits), floating
    """
    loss = HingeLoss.for_bits(bits)
    weights = random.standard_normal((places.shape[1], bits), dtype=np.float32)
    speed = np.zeros_like(weights)
    halves = pairs.similar(_UPDATES * _PAIRS, random), pairs.dissimilar(_UPDATES * _PAIRS, random)
    similar = np.repeat([True, False], _PAIRS)
    for start in range(0, _UPDATES * _PAIRS, _PAIRS):
        of_batch = slice(start, start + _PAIRS)
        first, second = (places[np.concatenate([half[side][of_batch] for half in halves])] for side in (0, 1))
        speed = _MOMENTUM * speed + direction(first, second, similar, weights, loss) - _DECAY * weights
        weights += _RATE * speed
    return weights


def direction(first: Floats, second: Floats, similar: Bits, weights: Floats, loss: HingeLoss) -> Floats:
    """Give the way down the mean bound of some pairs: towards their codes, away from the adjusted ones.

    Parameters
    ----------
    first, second : ndarray of shape (n_pairs, n_dimensions), floating
    similar : ndarray of shape (n_pairs,), bool
    weights : ndarray of shape (n_dimensions, bits), floating
    loss : HingeLoss

    Returns
    -------
    ndarray of shape (n_dimensions, bits), floating
        Less the gradient of the mean over pairs of ``max over g, h of (loss(|g - h|) + g . one + h . other)
        - max over g of g . one - max over h of h . other``, which is never below the loss of the pair.
    """
    one, other = first @ weights, second @ weights
    adjusted_one, adjusted_other = loss_adjusted(one, other, similar, loss)
    moved_one = (one > 0).astype(one.dtype) - adjusted_one
    moved_other = (other > 0).astype(other.dtype) - adjusted_other
    return np.asarray((first.T @ moved_one + second.T @ moved_other) / len(similar))


def loss_adjusted(one: Floats, other: Floats, similar: Bits, loss: HingeLoss) -> tuple[Bits, Bits]:
    """Find the codes g and h of pairs with the greatest ``loss(|g - h|) + g . one + h . other``.

    Exact, as in the paper: at each number of differing bits the best are those that gain most, or lose least, by
    differing; the loss hangs on that number alone.

    Parameters
    ----------
    one, other : ndarray of shape (n_pairs, bits), floating
        What the hash functions sum up to for the documents of each pair.
    similar : ndarray of shape (n_pairs,), bool
    loss : HingeLoss

    Returns
    -------
    g, h : ndarray of shape (n_pairs, bits), bool
    """
    gains = np.maximum(one, other) - np.maximum(one + other, 0)
    order = np.argsort(-gains, axis=1)
    sums = np.cumsum(np.take_along_axis(gains, order, axis=1), axis=1)
    sums = np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
    numbers = np.arange(sums.shape[1])
    differing = np.argmax(sums + loss(numbers, similar[:, None]), axis=1)
    differ = np.empty(gains.shape, dtype=np.bool_)
    np.put_along_axis(differ, order, numbers[:-1] < differing[:, None], axis=1)
    agreed = one + other > 0
    return np.where(differ, one > other, agreed), np.where(differ, one <= other, agreed)
