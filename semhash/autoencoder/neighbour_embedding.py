"""Bits whose Hamming distances rank documents as the angles between points do: neighbour embedding on the cube.

Rounding points to bits, however well they are turned, treats each document by itself. Here bits are moved until
whoever is near a point is near its bits, by the objective of stochastic neighbour embedding (Hinton and Roweis,
*Stochastic Neighbor Embedding*, NIPS 2002), with the corners of a cube in the place of the plane.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from semhash.autoencoder.optimisers import Adam, falling
from semhash.progress import Report, unheard

__all__ = ["CONCENTRATION", "embed_on_cube", "neighbour_loss", "rounds_for"]

CONCENTRATION = 10.0
"""What a cosine is multiplied by to be the logarithm of how likely one document is to pick another."""

_RATE = 0.1
_CORNERS = 0.1  # weight of the squared distance from the cube's nearest corner, for each coordinate
_AT_ONCE = 2048  # documents that are picked from
_PICKING = 512  # of them, documents that pick
_FEWEST = 100  # steps, however few the documents are


def neighbour_loss(codes: Tensor, cosines: Tensor) -> Tensor:
    """Give how much is lost where neighbours are picked by codes instead of by points.

    Document i picks j with probability ``p(j | i)`` proportional to ``exp(c cos(i, j))`` of the points, none its own,
    and by the codes ``y`` of B units with ``q(j | i)`` proportional to ``exp(c y_i . y_j / B)``: `CONCENTRATION` is c.
    For codes of -1 and 1 the latter falls with the Hamming distance d, ``y_i . y_j / B = 1 - 2 d / B``. The loss is
    ``- sum_j p(j | i) ln q(j | i)``, which is least where q is p (Hinton and Roweis 2002, eqs. 1 to 4).

    Parameters
    ----------
    codes : tensor of shape (n, bits)
        Of all documents that are picked from, each coordinate from -1 to 1.
    cosines : tensor of shape (n_picking, n)
        Between the points of the first `n_picking` of these documents and of all.

    Returns
    -------
    tensor of shape ()
        Mean over the documents that pick, in nats.
    """
    n = len(cosines)
    own = torch.arange(n).unsqueeze(1)
    alike = codes[:n] @ codes.T / codes.shape[1]
    wanted, given = ((CONCENTRATION * likeness).scatter(1, own, -torch.inf) for likeness in (cosines, alike))
    told = F.log_softmax(given, 1).scatter(1, own, 0.0)  # 0 times minus infinity is no number
    return -(F.softmax(wanted, 1) * told).sum(1).mean()


def rounds_for(n: int, rounds: int) -> int:
    """Say how many rounds `embed_on_cube` makes of so many documents, where so many are asked for."""
    return max(rounds, math.ceil(_FEWEST / _steps(n))) if rounds and n > 1 else 0


def _steps(n: int) -> int:
    return math.ceil(n / _AT_ONCE)


def embed_on_cube(
    points: NDArray[np.float32],
    start: NDArray[np.floating],
    rounds: int,
    seed: int,
    report: Report = unheard,
) -> NDArray[np.float32]:
    """Move documents between the corners of a cube until those near a point are near its corner.

    `neighbour_loss`, plus a pull towards the corners, is followed downhill by Adam from `start`, at a rate that falls
    to nothing, over some documents at a time, so that time and memory grow no faster than their number.

    Parameters
    ----------
    points : ndarray of shape (n_documents, n_dimensions), float32
        Of length 1, or 0 for a document that is like no other.
    start : ndarray of shape (n_documents, bits)
        Where each document is at first: its bit is 1 where the coordinate is above 0, and the less easily moved the
        further off.
    rounds : int
        How often each document takes part; more, where documents are few. 0 leaves all where they are.
    seed : int
        Start of the random stream of the order in which documents take part.
    report : Report
        Hears of the rounds.

    Returns
    -------
    ndarray of shape (n_documents, bits), float32
        Coordinates, whose signs are the bits.
    """
    given = torch.from_numpy(points)
    places = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    random = torch.Generator().manual_seed(seed)
    n = len(places)
    rounds = rounds_for(n, rounds)
    descent = Adam([places], falling(_RATE, rounds * _steps(n)))
    for done in range(1, rounds + 1):
        for rows in torch.randperm(n, generator=random).chunk(_steps(n)):
            codes = torch.tanh(places[rows])
            own = given[rows]
            # A few pick from many: more who pick cost more time and teach no more.
            loss = neighbour_loss(codes, own[:_PICKING] @ own.T)
            loss = loss + _CORNERS * (1 - codes.abs()).square().mean()
            descent.descend(loss)
        report(done, rounds, "")
    return np.asarray(places.detach().numpy(), dtype=np.float32)
