"""Who is whose neighbour, learned without labels: the company a document keeps, for targets and for contrast.

A document's nearest neighbours under its words are on its subject more often than not. Reconstructing their
words together with its own teaches the code what a subject is; that is the idea of self-taught hashing
(Zhang, Wang, Cai and Lu, SIGIR 2010) with the autoencoder in place of the classifiers.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from semhash.autoencoder.subspace import leading_directions
from semhash.config import NeighbourConfig
from semhash.progress import Report, unheard
from semhash.vocabulary import Counts, most_frequent
from semhash.words.weighting import Weighting

__all__ = ["Neighbourhood", "latent_semantics", "weighted"]

_BLOCK = 64  # documents that are held against all others at once
_WORDS_AT_ONCE = 128
_MIN_DOCUMENT_FREQUENCY = 2


@dataclass(frozen=True)
class Neighbourhood:
    """The nearest neighbours of each document, and the graph that they make.

    Attributes
    ----------
    rows : ndarray of shape (n_documents, k), int64
        Each document's nearest neighbours, nearest first, itself left out.
    transition : sparse matrix of shape (n_documents, n_documents)
        The symmetric neighbour graph, its rows scaled to sum to 1: one step of a random walk.
    """

    rows: NDArray[np.int64]
    transition: Any

    @classmethod
    def find(cls, counts: Counts, config: NeighbourConfig, seed: int, report: Report = unheard) -> Self:
        """Find each document's neighbours by its words.

        Likeness is the cosine of TF-IDF vectors, plus `config.latent_weight` times the cosine in a latent
        semantic space whose words weigh ``idf ** latent_idf_power``: without the power, the space spends its
        dimensions on common words and tells how people write rather than what about.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Counts over the whole lexicon.
        config : NeighbourConfig
            How many neighbours, and how they are found.
        seed : int
            Start of the random stream of the singular value decomposition.
        report : Report
            Hears of how many documents the neighbours are found.

        Returns
        -------
        Neighbourhood
            With at most n_documents - 1 neighbours each.
        """
        words = most_frequent(counts, config.words)
        shared = words[counts.document_frequency()[words] >= _MIN_DOCUMENT_FREQUENCY]
        # Documents that share no word at all are all equally far from each other; any words will do.
        counts = counts.columns(shared if len(shared) else words)
        tfidf = weighted(counts, 1.0)
        latent = latent_semantics(weighted(counts, config.latent_idf_power), config.latent_dimensions, seed)
        rows = _nearest(tfidf, latent, config, report)
        return cls(rows, _transition(rows))

    def diffuse(
        self, targets: NDArray[np.float32], steps: int, report: Report = unheard
    ) -> NDArray[np.float32]:
        """Mix each document's targets with those of its neighbours, theirs, and so on.

        Each step is that of a half-lazy random walk, ``T <- (T + P T) / 2`` (Chung, *Spectral Graph Theory*,
        1997, section 1.5). Words are mixed some at a time, so that memory stays bounded.

        Parameters
        ----------
        targets : ndarray of shape (n_documents, n_words), float32
            Shares of words; they are overwritten, since there may be a gigabyte of them.
        steps : int
            How far the mixing goes.
        report : Report
            Hears of how many words are mixed.

        Returns
        -------
        ndarray of shape (n_documents, n_words), float32
            The same array. Every document still sums to what it summed to, if all did to the same.
        """
        for start in range(0, targets.shape[1], _WORDS_AT_ONCE):
            words = slice(start, start + _WORDS_AT_ONCE)
            block = np.ascontiguousarray(targets[:, words])
            for _ in range(steps):
                block = (block + self.transition @ block) / 2
            targets[:, words] = block
            report(min(words.stop, targets.shape[1]), targets.shape[1], "")
        return targets


def weighted(counts: Counts, idf_power: float) -> Any:
    """Give ``(1 + ln tf) * idf ** idf_power`` as a sparse matrix whose rows have length 1."""
    return Weighting.learn(counts, idf_power).weigh(counts)


def latent_semantics(matrix: Any, dimensions: int, seed: int) -> NDArray[np.float32]:
    """Give each document's place in a latent semantic space, scaled to length 1.

    Deerwester, Dumais, Furnas, Landauer and Harshman, *Indexing by Latent Semantic Analysis*, JASIS 41
    (1990): the leading left singular vectors times the singular values.

    Parameters
    ----------
    matrix : sparse matrix of shape (n_documents, n_words)
        Weighted counts.
    dimensions : int
        Singular vectors to keep; fewer if the matrix has not so many.
    seed : int
        Start of the random projections of the decomposition.

    Returns
    -------
    ndarray of shape (n_documents, at most dimensions), float32
        A document without words stays at the origin.
    """
    dimensions = max(1, min(dimensions, min(matrix.shape) - 1))
    directions = leading_directions(lambda x: matrix.T @ (matrix @ x), matrix.shape[1], dimensions, seed)
    left, values, _ = np.linalg.svd(matrix @ directions, full_matrices=False)
    places = left[:, :dimensions] * values[:dimensions]
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / np.maximum(lengths, 1e-9), dtype=np.float32)


def _nearest(
    tfidf: Any, latent: NDArray[np.float32], config: NeighbourConfig, report: Report
) -> NDArray[np.int64]:
    """Return each document's nearest others, nearest first, some documents at a time."""
    n = tfidf.shape[0]
    k = min(config.neighbours, n - 1)
    rows = np.zeros((n, k), dtype=np.int64)
    # A few documents against all: what they hold, and what comes of it, then stays near the processor.
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        likeness = tfidf @ np.ascontiguousarray(tfidf[start:stop].toarray().T)  # (n, n_asking)
        likeness += config.latent_weight * (latent @ latent[start:stop].T)
        likeness[np.arange(start, stop), np.arange(stop - start)] = -np.inf
        rows[start:stop] = torch.topk(torch.from_numpy(likeness), k, dim=0).indices.T.numpy()
        report(stop, n, "")
    return rows


def _transition(rows: NDArray[np.int64]) -> Any:
    """Make a random walk of the graph in which two documents are joined if either names the other."""
    n, k = rows.shape
    ones = np.ones(n * k, dtype=np.float32)
    graph = sp.csr_matrix((ones, rows.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    graph = graph + graph.T
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    return sp.diags(1 / degrees).astype(np.float32).tocsr() @ graph.tocsr()
