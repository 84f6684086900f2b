"""Codes that a corpus's own geometry suggests: a guide for the code layer, learned without labels or gradients.

The documents' targets, words shared with their neighbours, are turned into points whose angles say how alike
they are; the leading principal components of those are rotated until rounding them to bits loses least. Self-taught
hashing (Zhang, Wang, Cai and Lu, SIGIR 2010) trains classifiers on bits of this kind; here they are made to keep
who is near whom (`semhash.autoencoder.neighbour_embedding`), and the encoder is drawn towards them while it learns
to reconstruct.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from semhash.autoencoder.neighbour_embedding import embed_on_cube, rounds_for
from semhash.autoencoder.subspace import leading_directions
from semhash.progress import Report, unheard

__all__ = ["hellinger", "iterative_quantisation", "principal_components", "spectral_bits"]

Floats = NDArray[np.floating]

_SMALLEST = 1e-9
_ITERATIONS = 50
_BLOCK = 2048


def hellinger(targets: Floats) -> Iterator[NDArray[np.float32]]:
    """Give documents as points whose angles compare their distributions of words.

    The Euclidean distance between square roots of distributions is, but for a factor, Hellinger's, which unlike
    that of the distributions themselves is not ruled by the most common words. The mean document is taken off, and
    every other's point then put at distance 1.

    Parameters
    ----------
    targets : ndarray of shape (n_documents, n_words)
        Shares of words, or other numbers of 0 or above.

    Yields
    ------
    ndarray of shape (at most 2048, n_words), float32
        Some documents after the others, in order: all of them may be a gigabyte.
    """
    total = np.sum([roots.sum(axis=0) for roots in _roots(targets)], axis=0)
    for roots in _roots(targets):
        yield _scaled(roots - total / np.float32(len(targets)))


def principal_components(targets: Floats, kept: int, seed: int) -> NDArray[np.float32]:
    """Give the leading principal components of the points that `hellinger` makes of documents.

    Halko, Martinsson and Tropp, *Finding Structure with Randomness*, SIAM Review 53 (2011), algorithm 5.1. Each round
    of `leading_directions` makes the points anew, block by block, so that they are never all in memory.

    Parameters
    ----------
    targets : ndarray of shape (n_documents, n_words)
        Shares of words, or other numbers of 0 or above.
    kept : int
        How many components; no more than either side of `targets`.
    seed : int
        Start of the random stream of the first directions.

    Returns
    -------
    ndarray of shape (n_documents, kept), float32
        Largest variance first.
    """

    def turn(directions: NDArray[np.float32]) -> NDArray[np.float64]:
        turned = np.zeros(directions.shape)
        for points in hellinger(targets):
            turned += points.T @ (points @ directions)
        return turned

    directions = leading_directions(turn, targets.shape[1], kept, seed)
    left, values, _ = np.linalg.svd(
        np.concatenate([points @ directions for points in hellinger(targets)]), full_matrices=False
    )
    return np.asarray(left[:, :kept] * values[:kept])


def iterative_quantisation(points: Floats, iterations: int, seed: int) -> NDArray[np.float64]:
    """Learn the rotation R that makes ``||sign(X R) - X R||^2`` small: ITQ.

    Gong and Lazebnik, *Iterative Quantization: A Procrustean Approach to Learning Binary Codes*, CVPR 2011,
    section 2.2: the bits are rounded for the present rotation, then the rotation that comes nearest to these bits
    is found by a singular value decomposition, from a random rotation on.

    Parameters
    ----------
    points : ndarray of shape (n_documents, bits)
        Centred points.
    iterations : int
        Rounds of both steps; the error falls in each.
    seed : int
        Start of the random stream of the first rotation.

    Returns
    -------
    ndarray of shape (bits, bits), float64
        An orthogonal matrix.
    """
    bits = points.shape[1]
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((bits, bits)))
    # The matrices are small: beside other processes, threads that wait for each other take twenty times as long.
    with threadpool_limits(1, user_api="blas"):
        for _ in range(iterations):
            rounded = np.where(points @ rotation > 0, 1.0, -1.0)
            left, _, right = np.linalg.svd(points.T.astype(np.float64) @ rounded)
            rotation = left @ right
    return rotation


def spectral_bits(
    targets: Floats,
    bits: int,
    dimensions: int,
    whitening: float,
    seed: int,
    *,
    rounds: int = 0,
    report: Report = unheard,
) -> NDArray[np.float32]:
    """Give the bits that the documents' own geometry suggests.

    Parameters
    ----------
    targets : ndarray of shape (n_documents, n_words)
        What the decoder is to give, 0 or above.
    bits : int
        Width of the codes.
    dimensions : int
        Principal components that the bits are made of, at most; no more than there are bits. Where there are more
        bits, several tell of one component from different sides.
    whitening : float
        Power of each component's standard deviation that it is divided by: 0 leaves the great ones great, 1 makes
        all alike.
    seed : int
        Start of the random streams of the decomposition, of the rotation and of the moving.
    rounds : int
        How often each document takes part in moving the bits until whoever is near a document is near its bits; 0
        leaves them as rotating and rounding made them.
    report : Report
        Hears of these rounds; of none of them until the components are found.

    Returns
    -------
    ndarray of shape (n_documents, bits), float32
        0 and 1.
    """
    n_rounds = rounds_for(len(targets), rounds)
    report(0, max(n_rounds, 1), "")
    kept = max(1, min(bits, dimensions, min(targets.shape) - 1))
    components = principal_components(targets, kept, seed)
    components /= np.maximum(components.std(axis=0), _SMALLEST) ** whitening
    padded = np.zeros((len(targets), bits), dtype=np.float32)
    padded[:, :kept] = _scaled(components)
    turned = padded @ iterative_quantisation(padded, _ITERATIONS, seed)
    placed = embed_on_cube(padded, turned * np.sqrt(bits), rounds, seed, report)
    if not n_rounds:
        report(1, 1, "")
    return (placed > 0).astype(np.float32)


def _roots(targets: Floats) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(targets), _BLOCK):
        yield np.sqrt(targets[start : start + _BLOCK], dtype=np.float32)


def _scaled(points: Floats) -> NDArray[np.float32]:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(lengths, _SMALLEST), dtype=np.float32)
