"""Where documents stand in the picture: a disc for each region, and in it a smaller one for each address.

The regions' means are laid out by their two principal components, the documents of a region by their own two.
Neither keeps what is apart from overlapping, so discs that overlap push each other away.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.drawing.plane import principal_components
from semhash.progress import Report, unheard

__all__ = ["disc_radii", "lay_out", "push_apart"]

Floats = NDArray[np.float64]

_REACH = 1.4  # of the farthest mean, where all discs together would have radius 1
_GAP = 0.12
_ROUNDS = 200
_CROWDED = 600  # discs beyond which none are pushed: each round compares all with all
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def disc_radii(sizes: NDArray[Any]) -> Floats:
    """Give discs whose areas are as the sizes are, and together pi, shape (n,)."""
    return np.asarray(np.sqrt(sizes / sizes.sum()))


def lay_out(
    values: NDArray[Any], members: NDArray[np.int64], radii: Floats, report: Report = unheard
) -> tuple[Floats, Floats]:
    """Give places in the plane.

    Parameters
    ----------
    values : ndarray of shape (n, bits), 0 or 1
        Codes of documents.
    members : ndarray of shape (n,), int64
        The region of each.
    radii : ndarray of shape (n_regions,), float64
        Of the regions' discs.
    report : Report
        Hears how many documents have a place.

    Returns
    -------
    places : ndarray of shape (n, 2), float64
        Each within the disc of its region.
    centres : ndarray of shape (n_regions, 2), float64
    """
    bits = np.asarray(values, dtype=np.float64)
    held = np.bincount(members, minlength=len(radii))[:, None]
    sums = np.zeros((len(radii), bits.shape[1]))
    np.add.at(sums, members, bits)
    means = np.where(held > 0, sums / np.maximum(held, 1), 0.5)
    centres = push_apart(_spread(means, _REACH), radii)
    places, done = np.empty((len(bits), 2)), 0
    for region, radius in enumerate(radii):
        ours = np.flatnonzero(members == region)
        if len(ours):
            places[ours] = centres[region] + radius * _within(bits[ours])
            done += len(ours)
            report(done, len(bits), "")
    return places, centres


def _spread(values: Floats, reach: float) -> Floats:
    """Lay values out by their principal components, the farthest at `reach`; by two of their own or one."""
    places, _ = principal_components(values)
    farthest = np.linalg.norm(places, axis=1).max()
    return np.asarray(places * (reach / farthest if farthest > 1e-9 else 0.0))


def push_apart(places: Floats, radii: Floats) -> Floats:
    """Move discs that overlap away from each other until none do, or for so many rounds.

    Parameters
    ----------
    places : ndarray of shape (n, 2), float64
        Centres. Two at one place are parted in a direction that hangs on their order.
    radii : ndarray of shape (n,), float64

    Returns
    -------
    ndarray of shape (n, 2), float64
    """
    if not 1 < len(places) <= _CROWDED:
        return places
    angles = np.arange(len(places)) * _GOLDEN_ANGLE
    places = places + 1e-3 * radii.mean() * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    wanted = (radii[:, None] + radii) * (1 + _GAP)
    np.fill_diagonal(wanted, 0)
    for _ in range(_ROUNDS):
        between = places[:, None] - places
        distances = np.linalg.norm(between, axis=2)
        overlap = np.maximum(wanted - distances, 0)
        if overlap.max() < 1e-3 * radii.min():
            break
        pushes = between * (overlap / np.maximum(distances, 1e-12))[:, :, None]
        places = places + 0.4 * pushes.sum(axis=1)
    return places


def _within(bits: Floats) -> Floats:
    """Lay a region's documents out in the disc of radius 1: those of one address together."""
    addresses, at, sizes = np.unique(bits, axis=0, return_inverse=True, return_counts=True)
    radii = disc_radii(sizes)
    centres = push_apart(_spread(addresses, 0.6), radii)
    centres = centres - np.average(centres, axis=0, weights=sizes)
    order = np.argsort(at, kind="stable")
    turn = np.empty(len(bits))
    turn[order] = np.arange(len(bits)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # A sunflower's seeds: Vogel, A better way to construct the sunflower head, Mathematical Biosciences 44 (1979).
    away = radii[at] * np.sqrt((turn + 0.5) / sizes[at]) * (sizes[at] > 1)
    angles = turn * _GOLDEN_ANGLE
    places = centres[at] + away[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    return np.asarray(places / max(np.linalg.norm(places, axis=1).max(), 1.0))
