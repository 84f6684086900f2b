"""How unusual an error is among many: a scale of quantiles."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.errors import ConfigError

__all__ = ["OutlierScale", "levels_of"]


def levels_of(quantiles: NDArray[np.floating[Any]], values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Give the share of what the quantiles were taken of that is smaller than each value.

    Parameters
    ----------
    quantiles : ndarray of shape (n_quantiles,)
        Evenly spaced quantiles, ascending, smallest and largest included.
    values : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,), float64
        0 to 1 and never falling as the value grows: 0 below all, 1 above all. Values that tie get the middle of
        their quantiles' levels; nan stays nan.
    """
    knots, inverse, sizes = np.unique(quantiles, return_inverse=True, return_counts=True)
    levels = np.bincount(inverse, weights=np.linspace(0, 1, len(quantiles))) / sizes
    found = np.interp(np.asarray(values, dtype=np.float64), knots, levels, left=0.0, right=1.0)
    return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class OutlierScale:
    """How unusual a reconstruction error is among those of the training documents.

    Attributes
    ----------
    quantiles : ndarray of shape (n_quantiles,), float64
        Evenly spaced quantiles of the training errors, ascending, smallest and largest included.
    mean, deviation : float
        Mean and standard deviation of the training errors.
    """

    quantiles: NDArray[np.float64]
    mean: float
    deviation: float

    @classmethod
    def learn(cls, errors: NDArray[np.floating[Any]], n_quantiles: int = 1001) -> Self:
        """Learn the scale from the training documents' errors; those that are not finite are passed over.

        Parameters
        ----------
        errors : ndarray of shape (n_documents,)
            One error a document, of any kind, larger being worse.
        n_quantiles : int
            How many numbers to keep at most, 2 or above.

        Raises
        ------
        ConfigError
            No error is finite, or fewer than 2 quantiles are asked for.
        """
        if n_quantiles < 2:
            raise ConfigError(f"n_quantiles: expected 2 or above, found {n_quantiles}")
        finite = np.asarray(errors, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            raise ConfigError(f"errors: expected a finite one at least, found none among {len(errors)}")
        levels = np.linspace(0, 1, max(2, min(n_quantiles, len(finite))))
        return cls(np.quantile(finite, levels), float(finite.mean()), float(finite.std()))

    def score(self, errors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Give the share of the training documents that are reconstructed better.

        Parameters
        ----------
        errors : ndarray of shape (n_documents,)
            Errors of the kind it was learned from.

        Returns
        -------
        ndarray of shape (n_documents,), float64
            0 to 1 and never falling as the error grows: 0 below all training errors, 1 above all of them, and
            evenly spread over the training documents. Errors that tie get the middle of their quantiles'
            levels; nan stays nan.
        """
        return levels_of(self.quantiles, errors)

    def z_score(self, errors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Give the distance from the mean of the training errors, in their standard deviations.

        It tells far outliers from farther ones, where `score` says 1 of both. Shape (n_documents,), float64;
        where all training errors are one number, 0 for it and infinite for any other.
        """
        away = np.asarray(errors, dtype=np.float64) - self.mean
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(away == 0, 0.0, away / self.deviation)
