"""Whether what was learned is any good: finite weights, bits that vary, documents told apart."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.errors import TrainingError

__all__ = ["check_health", "dead_bits"]

DEAD_SHARE = 0.999
"""A bit that is the same in this share of the documents, or a larger one, tells next to nothing."""

_FEW = 40  # documents that a few bits may well tell apart


def dead_bits(bits: NDArray[np.bool_]) -> int:
    """Count the bits that are the same in at least 99.9 percent of the documents.

    Parameters
    ----------
    bits : ndarray of shape (n_documents, bits), bool
        The documents' codes.
    """
    ones = bits.mean(axis=0)
    return int((np.maximum(ones, 1 - ones) >= DEAD_SHARE).sum())


def check_health(tensors: Mapping[str, NDArray[Any]], bits: NDArray[np.bool_]) -> int:
    """Refuse a model that would be no good; give the number of dead bits of one that may be.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        The trained model.
    bits : ndarray of shape (n_documents, bits), bool
        The training documents' codes.

    Raises
    ------
    TrainingError
        A weight is not finite; all documents have one code; or more than half of the bits are dead, and there
        are 40 documents or more.
    """
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise TrainingError(
                f"training: expected finite weights, found {name} with others; nothing was written; "
                "try a smaller learning rate or less noise"
            )
    n_documents, width = bits.shape
    if n_documents > 1 and (bits == bits[0]).all():
        raise TrainingError(
            f"training: expected documents at many addresses, found all {n_documents} at one; nothing was "
            "written; try another --seed, or more documents"
        )
    dead = dead_bits(bits)
    if dead > width / 2 and n_documents >= _FEW:
        raise TrainingError(
            f"training: expected bits that differ between documents, found {dead} of {width} the same in nearly "
            "all; nothing was written; try more epochs, fewer bits, or the threshold median"
        )
    return dead
