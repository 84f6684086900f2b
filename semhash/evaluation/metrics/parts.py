"""What all measures share: after how many documents one looks, and shares of nothing."""

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError

__all__ = ["CUTS", "check_cut", "ratio"]

CUTS = (10, 100)
"""After how many documents, unless one says otherwise."""


def check_cut(k: int) -> int:
    """Give `k` back when it is a number of documents.

    Raises
    ------
    EvaluationError
        It is below 1.
    """
    if k < 1:
        raise EvaluationError(f"k: expected 1 document or more, found {k}")
    return k


def ratio(part: NDArray[np.float64 | np.int64], whole: NDArray[np.float64 | np.int64]) -> NDArray[np.float64]:
    """Give ``part / whole``, and 0 where the whole is 0: of two arrays that are broadcast to one shape."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
