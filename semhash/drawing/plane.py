"""Points of many dimensions in the plane."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["principal_components"]


def principal_components(values: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], float]:
    """Project onto the two directions of most variance, and say what share of it they hold.

    Directions are turned so that each one's largest weight is positive: the same values give the same picture.

    Parameters
    ----------
    values : ndarray of shape (n, n_dimensions)
        Two dimensions or more.

    Returns
    -------
    places : ndarray of shape (n, 2), float64
    share : float
        0 where all values are equal.
    """
    centred = values - values.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, ::-1][:, :2]
    largest = np.abs(first).argmax(axis=0)
    first = first * np.where(first[largest, [0, 1]] < 0, -1, 1)
    whole = float(variances.sum())
    return centred @ first, float(variances[::-1][:2].sum()) / whole if whole > 0 else 0.0
