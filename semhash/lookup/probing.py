"""What flipping the bits of a query's code costs, and the flips in the order of that cost.

A unit of the code layer is not equally sure of every bit. With the margin m_i, the unit's input less its
threshold, bit i of the query is 1 with probability ``p_i = sigmoid(m_i)``, so that its most likely code is the
code itself. A document's code b then has the log-probability

    sum_i log(p_i if b_i else 1 - p_i)  =  constant - sum over the bits that differ of |m_i|

since ``log(p / (1 - p)) = m``: flipping bit i costs ``|m_i|``. This is the asymmetric distance: the query is
not rounded, the documents are. Where a threshold is not 0, its unit counts as one whose bias was moved by so
much; the probability is then not the one that the decoder sees. Linear units have no probabilities at all: for
them costs are distances from the threshold, and only their order means anything.

Costs are whole numbers of `UNIT`, so that sums are exact: two codes that cost the same cost the same in
whatever order their bits are added, and every way to look documents up gives one answer.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from semhash import codes

__all__ = [
    "MAX_COST",
    "MIN_PROBABILITY",
    "UNIT",
    "cheapest_flips",
    "code_costs",
    "flip_costs",
    "log_probability",
]

UNIT = 2**-16
"""One step of cost, in nats."""

MIN_PROBABILITY = 1e-6
"""No bit is surer than this of what it is not: beyond it, all bits are equally sure."""

MAX_COST = round(float(np.log1p(-MIN_PROBABILITY) - np.log(MIN_PROBABILITY)) / UNIT)
"""What flipping the surest bit costs, in `UNIT`; so the costs of 128 bits fit into 32."""

_BLOCK = 2**16
_AT_ONCE = 8
_BYTES = np.arange(256)
_BITS_OF_BYTES = np.unpackbits(np.arange(256, dtype=np.uint8)[np.newaxis], axis=0, bitorder="little").astype(
    np.int64
)


def flip_costs(margins: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Give what flipping each bit of a query's own code costs.

    Parameters
    ----------
    margins : ndarray of shape (bits,), float
        Inputs of the code units less their thresholds.

    Returns
    -------
    costs : ndarray of shape (bits,), int64
        ``|m_i|`` in `UNIT`, 0 to `MAX_COST`.
    """
    steps = np.abs(margins.astype(np.float64)) / UNIT
    return np.minimum(np.rint(steps), MAX_COST).astype(np.int64)


def log_probability(
    flips: npt.NDArray[np.int64], costs: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.float64]:
    """Give the log-probability of codes under a query, from what they cost.

    Parameters
    ----------
    flips : ndarray of shape (bits,), int64
        What flipping each bit costs: see `flip_costs`.
    costs : ndarray of shape (n,), int
        What the flips of each code cost together.

    Returns
    -------
    ndarray of shape (n,), float64
        In nats, 0 at most; the highest is that of the query's own code.
    """
    own = -np.log1p(np.exp(-flips * UNIT)).sum()
    return np.asarray(own - costs * UNIT)


def cheapest_flips(
    flips: npt.NDArray[np.int64], at_least: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the cheapest sets of flipped bits, best first; those that tie with the last one are all there.

    Taken bit by bit, the cheapest bit first: of the sets over the bits so far, one that is dearer than
    `at_least` others stays so whatever is added, so it is let go. What is left is exact, and costs a few array
    operations a bit where a heap would cost some for every set.

    Parameters
    ----------
    flips : ndarray of shape (bits,), int64
        What flipping each bit costs, 0 or above; at most 62 bits.
    at_least : int
        How many sets, 1 or more; there are ``2 ** bits``.

    Returns
    -------
    masks : ndarray of shape (n,), int64
        ``mask ^ code`` is an address; ordered by cost, then by mask.
    costs : ndarray of shape (n,), int64
        What each costs.
    """
    order = np.argsort(flips, kind="stable")
    first = min(len(flips), max(at_least, 1).bit_length() - 1, _AT_ONCE)  # of so many bits no set is let go
    masks, costs = _subsets(first) @ (1 << order[:first]), _subsets(first) @ flips[order[:first]]
    dearest: int | None = None  # of the sets so far, once there are enough
    for bit, flip in zip(order[first:].tolist(), flips[order[first:]].tolist(), strict=True):
        if dearest is not None and flip > dearest:
            break
        masks = np.concatenate([masks, masks | 1 << bit])
        costs = np.concatenate([costs, costs + flip])
        if len(masks) >= at_least:
            dearest = int(np.partition(costs, at_least - 1)[at_least - 1])
            kept = costs <= dearest
            masks, costs = masks[kept], costs[kept]
    order = np.lexsort((masks, costs))
    return masks[order], costs[order]


@cache
def _subsets(bits: int) -> npt.NDArray[np.int64]:
    """Give all sets of some bits as rows of zeros and ones, of shape (2 ** bits, bits)."""
    return np.arange(1 << bits)[:, np.newaxis] >> np.arange(bits) & 1


def code_costs(code: int, flips: npt.NDArray[np.int64], packed: codes.Packed) -> npt.NDArray[np.int64]:
    """Give what it costs to come from a query's code to each of many codes.

    One table of 256 sums for each byte: the costs of the bits that are set in ``byte ^ query``.

    Parameters
    ----------
    code : int
        The query's code.
    flips : ndarray of shape (bits,), int64
        What flipping each bit costs.
    packed : ndarray of shape (n, ceil(bits / 8)), uint8
        May be memory-mapped; it is read in blocks.

    Returns
    -------
    costs : ndarray of shape (n,), int64
    """
    tables = _byte_tables(code, flips)
    costs = np.zeros(len(packed), dtype=np.int64)
    for start in range(0, len(packed), _BLOCK):
        block = np.asarray(packed[start : start + _BLOCK])
        for column, table in enumerate(tables):
            costs[start : start + _BLOCK] += table[block[:, column]]
    return costs


def _byte_tables(code: int, flips: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the cost of each value of each byte, of shape (n_bytes, 256)."""
    octets = codes.from_int(code, len(flips))
    each = np.zeros(8 * len(octets), dtype=np.int64)
    each[: len(flips)] = flips
    by_mask = each.reshape(-1, 8) @ _BITS_OF_BYTES
    # For a few hundred numbers, take is soonest done on one axis.
    first = 256 * np.arange(len(octets))
    return by_mask.ravel().take((first + octets)[:, np.newaxis] ^ _BYTES)
