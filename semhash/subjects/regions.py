"""Regions of the address space: addresses near each other, weighted by the documents that live there.

K-means on bits. Lloyd, *Least squares quantization in PCM*, IEEE Transactions on Information Theory 28 (1982),
begun as in Arthur and Vassilvitskii, *k-means++: the advantages of careful seeding* (SODA 2007), with several
candidates for each centre and the best of them kept, as they propose. Between two addresses the squared distance
is the Hamming distance; between an address and a centre, which has a mean in place of each bit, it is what
is expected of the Hamming distance to a document of the region, less the region's own spread.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.progress import Report, unheard

__all__ = ["Regions", "enough_regions", "find_regions"]

Floats = NDArray[np.float64]

_STARTS = 4
_CANDIDATES = 5
_ROUNDS = 100
_LEARNED = 50_000  # addresses that centres are learned from
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Regions:
    """Addresses in regions.

    Attributes
    ----------
    means : ndarray of shape (n_regions, bits), float64
        The share of each region's documents that have each bit.
    members : ndarray of shape (n_addresses,), int64
        The region of each address.
    distances : ndarray of shape (n_addresses,), float64
        Squared distance of each address to its region's mean, in bits.
    """

    means: Floats
    members: NDArray[np.int64]
    distances: Floats

    def __len__(self) -> int:
        return len(self.means)


def find_regions(
    addresses: NDArray[Any],
    weights: NDArray[Any],
    n_regions: int,
    seed: int = 0,
    *,
    report: Report = unheard,
) -> Regions:
    """Put addresses into regions.

    Parameters
    ----------
    addresses : ndarray of shape (n_addresses, bits), 0 or 1
        Each address once.
    weights : ndarray of shape (n_addresses,)
        How many documents live there, 1 or more.
    n_regions : int
        How many to make; there are fewer where there are fewer addresses.
    seed : int
        The same seed makes the same regions.
    report : Report
        Hears how many starts are done.

    Returns
    -------
    Regions
        The largest first, none empty.
    """
    generator = np.random.default_rng(seed)
    bits, shares = addresses.astype(np.float64), weights / weights.sum()
    some = np.arange(len(bits))
    if len(bits) > _LEARNED:
        some = np.sort(generator.choice(len(bits), _LEARNED, replace=False, p=shares, shuffle=False))
    starts = []
    for start in range(_STARTS):
        starts.append(_settle(bits[some], shares[some], n_regions, generator))
        report(start + 1, _STARTS, "")
    centres, _ = min(starts, key=lambda found: found[1])
    members, _ = _nearest(bits, centres)
    return _in_order(bits, weights, members)


def enough_regions(
    addresses: NDArray[Any],
    weights: NDArray[Any],
    reach: float,
    at_most: int,
    seed: int = 0,
    *,
    report: Report = unheard,
) -> Regions:
    """Make as few regions as will do: so many that a document is `reach` bits from its region's mean on average.

    Parameters
    ----------
    addresses, weights, seed, report : as in `find_regions`
    reach : float
        Squared distance, in bits.
    at_most : int
        1 or more.
    """
    low, high, tries = 1, at_most, count()
    total = _STARTS * (1 + (at_most - 1).bit_length())  # half of what is left goes with each

    def made(n: int) -> Regions:
        before = _STARTS * next(tries)

        def heard(starts: float, *_: object) -> None:
            report(before + starts, total, f"{n} regions")

        return find_regions(addresses, weights, n, seed, report=heard)

    found = made(high)
    while low < high:
        middle = (low + high) // 2
        tried = made(middle)
        if np.average(tried.distances, weights=weights) <= reach:
            high, found = middle, tried
        else:
            low = middle + 1
    report(total, total, f"{len(found)} regions")
    return found


def _settle(
    bits: Floats, shares: Floats, n_regions: int, generator: np.random.Generator
) -> tuple[Floats, float]:
    """Move centres until no address changes its region; give them and the mean distance."""
    centres = _begin(bits, shares, n_regions, generator)
    members, distances = _nearest(bits, centres)
    for _ in range(_ROUNDS):
        centres = _means(bits, shares, members, centres)
        before, (members, distances) = members, _nearest(bits, centres)
        if np.array_equal(before, members):
            break
    return centres, float(shares @ distances)


def _begin(bits: Floats, shares: Floats, n_regions: int, generator: np.random.Generator) -> Floats:
    """Draw addresses for centres, the far ones more often: greedy k-means++."""
    first = generator.choice(len(bits), p=shares / shares.sum())
    chosen, distances = [first], _squared(bits, bits[first])
    while len(chosen) < n_regions and (odds := shares * distances).any():
        drawn = generator.choice(len(bits), _CANDIDATES, p=odds / odds.sum())
        tried = [np.minimum(distances, _squared(bits, bits[row])) for row in drawn]
        best = int(np.argmin([shares @ one for one in tried]))
        chosen.append(drawn[best])
        distances = tried[best]
    return bits[chosen]


def _squared(bits: Floats, centre: Floats) -> Floats:
    return np.asarray(((bits - centre) ** 2).sum(axis=1))


def _nearest(bits: Floats, centres: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Give each address's nearest centre, the first of equally near ones, and the squared distance to it."""
    members = np.empty(len(bits), dtype=np.int64)
    distances = np.empty(len(bits))
    for start in range(0, len(bits), _BLOCK):
        some = bits[start : start + _BLOCK]
        squared = (some**2).sum(axis=1)[:, None] - 2 * some @ centres.T + (centres**2).sum(axis=1)
        # Rounded, so that what is equally near but for the last digit is so on every machine.
        members[start : start + _BLOCK] = nearest = squared.round(9).argmin(axis=1)
        distances[start : start + _BLOCK] = np.maximum(squared[np.arange(len(some)), nearest], 0)
    return members, distances


def _means(bits: Floats, shares: Floats, members: NDArray[np.int64], before: Floats) -> Floats:
    """Give the mean of each region; one without an address stays where it was."""
    held = np.bincount(members, weights=shares, minlength=len(before))
    sums = np.zeros_like(before)
    np.add.at(sums, members, bits * shares[:, None])
    return np.where(held[:, None] > 0, sums / np.where(held > 0, held, 1)[:, None], before)


def _in_order(bits: Floats, weights: NDArray[Any], members: NDArray[np.int64]) -> Regions:
    """Number the regions by their documents, and drop the empty ones."""
    sizes = np.bincount(members, weights=weights)
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    numbers = np.zeros(len(sizes), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    members = numbers[members]
    means = _means(bits, weights.astype(np.float64), members, np.zeros((len(order), bits.shape[1])))
    return Regions(means, members, np.asarray(((bits - means[members]) ** 2).sum(axis=1)))
