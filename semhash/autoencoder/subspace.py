"""The leading singular directions of a matrix that is never made whole."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["leading_directions"]

_MORE = 10
_ROUNDS = 7


def leading_directions(
    turn: Callable[[NDArray[np.float32]], NDArray[Any]], n_columns: int, kept: int, seed: int
) -> NDArray[np.float32]:
    """Find what the leading right singular vectors of a matrix M span, and ten directions more.

    Randomised subspace iteration: Halko, Martinsson and Tropp, *Finding Structure with Randomness*, SIAM Review 53
    (2011), algorithm 4.4.

    Parameters
    ----------
    turn : callable
        Returns ``M' M X`` for X of shape (n_columns, n_directions).
    n_columns : int
        Columns of M.
    kept : int
        How many singular vectors are wanted.
    seed : int
        Start of the random stream of the first directions.

    Returns
    -------
    ndarray of shape (n_columns, min(kept + 10, n_columns)), float32
        Orthonormal columns.
    """
    size = min(kept + _MORE, n_columns)
    directions = np.random.default_rng(seed).standard_normal((n_columns, size)).astype(np.float32)
    for _ in range(_ROUNDS):
        directions = np.linalg.qr(turn(directions))[0].astype(np.float32)
    return directions
