"""Which words to count: those that a document has when its neighbours have them.

A vocabulary of the most frequent words is spent in part on words that stand anywhere, and say nothing of what a
document is about. A word that tells of a subject is there, or is not there, together with the neighbours'.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from semhash.vocabulary import Counts, most_frequent

__all__ = ["covering", "neighbour_information", "ranked_words", "telling_words"]

_CANDIDATES = 20_000
_FEWEST_DOCUMENTS = 5


def ranked_words(counts: Counts, neighbours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all words, those first that tell most of a document's neighbours.

    By `neighbour_information`, the 20,000 most frequent words that stand in five documents or more; then the others,
    most frequent first.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the whole lexicon.
    neighbours : ndarray of shape (n_documents, k), int64
        The nearest others of each document.

    Returns
    -------
    ndarray of shape (n_words,), int64
        Columns of the counts.
    """
    every = most_frequent(counts, counts.n_columns)
    common = counts.document_frequency()[every] >= _FEWEST_DOCUMENTS
    candidates = every[common][:_CANDIDATES]
    told = neighbour_information(counts.columns(candidates), neighbours)
    best = candidates[np.argsort(-told, kind="stable")]
    return np.concatenate([best, every[~np.isin(every, best)]])


def telling_words(counts: Counts, ranked: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the first words of a ranking, most frequent first, such that no document is left without a word.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Documents; each that has one of the `size` most frequent words has one of those returned.
    ranked : ndarray of shape (n_words,), int64
        All words, the most telling first: see `ranked_words`.
    size : int
        How many words at most.

    Returns
    -------
    ndarray of shape (min(size, n_words),), int64
        Columns of the counts.
    """
    chosen = np.sort(covering(counts, ranked, most_frequent(counts, size), size))
    return chosen[np.argsort(-counts.total_frequency()[chosen], kind="stable")]


def neighbour_information(counts: Counts, neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mutual information between "a document has the word" and "its neighbour has it", of each word.

    ``I(X; Y) = sum_xy p(x, y) ln (p(x, y) / (p(x) p(y)))``, over all pairs of a document and a neighbour of it: Cover
    and Thomas, *Elements of Information Theory* (2006), equation 2.28.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
    neighbours : ndarray of shape (n_documents, k), int64

    Returns
    -------
    ndarray of shape (n_words,), float64
        Nats, 0 or above.
    """
    n, k = neighbours.shape
    has = _indicator(counts.indptr, counts.indices, counts.n_columns)
    graph = _indicator(np.arange(0, n * k + 1, k), neighbours.ravel(), n)
    named = np.bincount(neighbours.ravel(), minlength=n).astype(np.float32)
    own = np.asarray(has.sum(axis=0)).ravel() / n
    other = np.asarray(has.T @ named).ravel() / (n * k)
    both = np.asarray(has.multiply(graph @ has).sum(axis=0)).ravel() / (n * k)
    cells = [
        (both, own * other),
        (own - both, own * (1 - other)),
        (other - both, (1 - own) * other),
        (1 - own - other + both, (1 - own) * (1 - other)),
    ]
    return np.asarray(np.maximum(0, sum(_term(joint, apart) for joint, apart in cells)))


def covering(
    counts: Counts, ranked: NDArray[np.int64], known: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Return the first words of a ranking, and in the place of its last as many others as documents need.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
    ranked : ndarray of shape (n_words,), int64
        All words, the best first.
    known : ndarray of shape (at most size,), int64
        Words that say which documents are to be covered: those that have one of them.
    size : int
        How many words to return.

    Returns
    -------
    ndarray of shape (min(size, n_words),), int64
        Words one of which each of those documents has; the best of the ranking first.
    """
    needed: list[int] = []
    documents = counts.columns(known)
    while True:
        kept = ranked[~np.isin(ranked, needed)][: max(0, size - len(needed))]
        chosen = np.concatenate([kept, np.array(needed, dtype=np.int64)])[:size]
        left_out = np.flatnonzero(
            (np.diff(documents.indptr) > 0) & (np.diff(counts.columns(chosen).indptr) == 0)
        )
        if not len(left_out) or len(needed) >= size:
            return chosen
        needed += _cover(documents.take(left_out), known)


def _cover(documents: Counts, words: NDArray[np.int64]) -> list[int]:
    """Return words one of which each document has: again and again the one that most of the rest have."""
    chosen = []
    while len(documents):
        column = int(documents.document_frequency().argmax())
        chosen.append(int(words[column]))
        has = np.zeros(len(documents), dtype=bool)
        has[documents.owners()[documents.indices == column]] = True
        documents = documents.take(np.flatnonzero(~has))
    return chosen


def _term(joint: NDArray[np.floating], apart: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``p ln (p / q)`` of one cell, 0 where p is 0, of each word."""
    joint, apart = (np.maximum(shares, 1e-12, dtype=np.float64) for shares in (joint, apart))
    return np.asarray(joint * np.log(joint / apart))


def _indicator(starts: NDArray[np.int64], columns: NDArray[Any], n_columns: int) -> Any:
    ones = np.ones(len(columns), dtype=np.float32)
    return sp.csr_matrix((ones, columns, starts), shape=(len(starts) - 1, n_columns))
