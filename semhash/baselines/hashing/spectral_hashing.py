"""Spectral hashing: stripes across the principal components, the widest first."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from semhash.baselines.hashing.components import Components, enough, principal_components
from semhash.baselines.hashing.hashed import Hashed
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents

__all__ = ["Box", "SpectralHashing"]


@dataclass(frozen=True, eq=False)
class Box:
    """Eigenfunctions of the Laplacian of a box, as if points were spread evenly in it.

    Weiss, Torralba and Fergus, *Spectral Hashing*, NIPS 2008. Along a side from a to b they are
    ``sin(pi / 2 + k pi (x - a) / (b - a))``, k = 1, 2, ..., with eigenvalues
    ``1 - exp(-(epsilon^2 / 2) (k pi / (b - a))^2)``: whatever epsilon, they rise with ``k / (b - a)``.

    Attributes
    ----------
    low : ndarray of shape (n_sides,), float64
        a of each side.
    sides : ndarray of shape (bits,), int64
        The side that each function goes along.
    frequencies : ndarray of shape (bits,), float64
        ``k pi / (b - a)`` of each function, ascending: those with the smallest eigenvalues.
    """

    low: NDArray[np.float64]
    sides: NDArray[np.int64]
    frequencies: NDArray[np.float64]

    @classmethod
    def around(cls, places: NDArray[np.float64], bits: int) -> Self:
        """Put a box around points, and find the functions that vary most slowly in it.

        Parameters
        ----------
        places : ndarray of shape (n_points, n_sides)
            They must vary along every side.
        bits : int
            How many functions to find. The constant one is not among them.
        """
        low, high = places.min(axis=0), places.max(axis=0)
        every = np.pi * np.arange(1, bits + 1)[:, None] / (high - low)
        order = np.argsort(every, axis=None, kind="stable")[:bits]
        return cls(low, order % len(low), every.ravel()[order])

    def values(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the functions' values, shape (n_points, bits), -1 to 1."""
        return np.sin(np.pi / 2 + (places - self.low)[:, self.sides] * self.frequencies)


@dataclass(frozen=True, eq=False)
class Stripes:
    """Hash functions that tell whether an eigenfunction is above 0.

    Attributes
    ----------
    components : Components
    box : Box
        Around the principal components of the points learned from.
    """

    components: Components
    box: Box

    def __call__(self, points: Any) -> NDArray[np.bool_]:
        """Give documents their bits."""
        return self.box.values(self.components.project(points)) > 0


@dataclass(frozen=True)
class SpectralHashing:
    """Spectral hashing of TF-IDF vectors: PCA, then the eigenfunctions of the box around the points.

    Learned from a sample where the database is large. No more components than bits are looked at; one is enough for
    any number of bits.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random stream of the sample.
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
        sample = points.at(points.draw(self.seed))
        with threadpool_limits(1, user_api="blas"):
            found = principal_components(sample, self.bits, self.seed)
            components = enough(found, 1, "spectral hashing")
            box = Box.around(components.project(sample), self.bits)
            return Hashed.by(Stripes(components, box), points, self.bits)
