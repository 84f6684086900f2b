"""ITQ: principal components, turned so that cutting them to bits loses least."""

from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from semhash.autoencoder.spectral_codes import iterative_quantisation
from semhash.baselines.hashing.components import enough, principal_components
from semhash.baselines.hashing.hashed import HalfSpaces, Hashed
from semhash.baselines.hashing.points import Points
from semhash.baselines.retriever import Documents

__all__ = ["ROUNDS", "IterativeQuantisation"]

ROUNDS = 50
"""Rounds of rounding and turning, as many as the paper's experiments make."""


@dataclass(frozen=True)
class IterativeQuantisation:
    """Iterative quantisation: PCA, then the rotation after which signs are nearest to the values.

    Gong and Lazebnik, *Iterative Quantization: A Procrustean Approach to Learning Binary Codes*, CVPR 2011,
    section 2. Principal components of TF-IDF vectors, as many as bits. Learned from a sample where the database is
    large.

    Attributes
    ----------
    bits : int
    seed : int
        Start of the random streams of the sample and of the first rotation.

    Notes
    -----
    FAISS's ``ITQMatrix`` (as of 1.15.1) is no help here: where the paper's second step has a matrix of singular
    vectors, it has that matrix's transpose. Its error goes up as well as down, and ends near that of a random
    rotation; its codes would be a baseline too easily beaten.
    """

    bits: int
    seed: int

    def fit(self, database: Documents) -> Hashed:
        """Learn the hash functions and give the database its codes.

        Raises
        ------
        EvaluationError
            The documents vary in fewer directions than there are bits.
        """
        points = Points.of(database)
        sample = points.at(points.draw(self.seed))
        with threadpool_limits(1, user_api="blas"):
            found = principal_components(sample, self.bits, self.seed)
            components = enough(found, self.bits, "iterative quantisation")
            rotation = iterative_quantisation(components.project(sample), ROUNDS, self.seed)
            hash_functions = HalfSpaces.about(components.mean, components.directions @ rotation)
            return Hashed.by(hash_functions, points, self.bits)
