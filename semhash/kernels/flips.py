"""The cheapest sets of flipped bits, compiled; importing this module compiles it, or reads what was compiled before."""

from typing import Any

import numpy as np
from numba import types

from semhash.kernels.compiling import array_of, entry

__all__ = ["cheapest"]


@entry((array_of(types.int64), array_of(types.int64), types.int64))
def cheapest(bits: Any, flips: Any, at_least: Any) -> Any:
    """List the cheapest sets, in order: see `semhash.lookup.probing.cheapest_flips`.

    Sets without a bit and sets with it are both in order, so that they are put together by going through either once.

    Parameters
    ----------
    bits, flips : ndarray of shape (n_bits,), int64
        ``1 << i`` for each bit i, and what flipping it costs, the cheapest first.
    at_least : int

    Returns
    -------
    masks, costs : ndarray of shape (n,), int64
    """
    masks, costs = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for bit, flip in zip(bits, flips):  # noqa: B905, numba knows no other
        n = len(masks)
        if n >= at_least and flip > costs[-1]:
            break
        more_masks, more_costs = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
        m = without = within = 0
        while within < n:
            cost, mask = costs[within] + flip, masks[within] | bit
            if without < n and (costs[without], masks[without]) < (cost, mask):
                cost, mask = costs[without], masks[without]
                without += 1
            else:
                within += 1
            if m >= at_least and cost > more_costs[m - 1]:
                break
            more_masks[m], more_costs[m] = mask, cost
            m += 1
        masks, costs = more_masks[:m], more_costs[:m]
    return masks, costs
