"""Measures of balls: the documents at most so many bits from the query. Sets, so there are no ties."""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.parts import ratio
from semhash.evaluation.metrics.shells import Shells

__all__ = ["ball_documents", "ball_precision", "ball_recall"]


def ball_documents(shells: Shells) -> NDArray[np.int64]:
    """Count the documents in the ball of each radius, shape (n_queries, bits + 1)."""
    return np.cumsum(shells.documents, axis=1)


def ball_precision(shells: Shells) -> NDArray[np.float64]:
    """Give the share of relevant documents in the ball of each radius; an empty ball counts as 0.

    Returns
    -------
    ndarray of shape (n_queries, bits + 1), float64
    """
    return ratio(np.cumsum(shells.relevant, axis=1), ball_documents(shells))


def ball_recall(shells: Shells) -> NDArray[np.float64]:
    """Give the share of the relevant documents that the ball of each radius holds; 0 if there are none.

    Returns
    -------
    ndarray of shape (n_queries, bits + 1), float64
    """
    found = np.cumsum(shells.relevant, axis=1)
    return ratio(found, found[:, -1:])
