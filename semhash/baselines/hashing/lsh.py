"""Random hyperplanes: the hash functions that know nothing of the data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.hashing.hashed import HalfSpaces, Hashed
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents

__all__ = ["RandomHyperplanes", "random_hyperplanes"]


@dataclass(frozen=True)
class RandomHyperplanes:
    """Locality-sensitive hashing of angles.

    Charikar, *Similarity Estimation Techniques from Rounding Algorithms*, STOC 2002, section 3: each bit tells on
    which side of a random hyperplane through the origin a vector is. Two vectors agree in it with probability
    ``1 - angle / pi``. The TF-IDF vectors are not centred, as his are not: their angles are those that their cosine
    ranks by. None is over 90 degrees, so any two documents agree in half of their bits or more.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random stream of the hyperplanes.
    """

    bits: int
    seed: int

    def fit(self, database: Documents) -> Hashed:
        """Give a database its codes; there is nothing to learn."""
        points = Points.of(database)
        directions = random_hyperplanes(points.counts.n_columns, self.bits, self.seed)
        return Hashed.by(HalfSpaces(directions, np.zeros(self.bits)), points, self.bits)


def random_hyperplanes(n_words: int, bits: int, seed: int) -> NDArray[np.float64]:
    """Draw the normals of hyperplanes, every direction as likely as any other; shape (n_words, bits)."""
    return np.random.default_rng(seed).standard_normal((n_words, bits))
