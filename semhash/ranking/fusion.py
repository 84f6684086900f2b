"""One score out of two: what a document's words say for it, and what its code says against it.

Both are evidence in natural logarithms. BM25 adds up what shared words weigh; a code's cost is how much less
likely than the query's own code it is, in nats, so that bits of which the query is not sure hardly count. They
are brought to one scale and taken from each other:

    score = bm25 / scale - weight * cost / bits

The scale makes the best documents by words score about 1, whatever the query. The weight grows with the words
that the code rests on, from none to `MOST_WEIGHT`: a code of one word knows little, that of a document much.
No label has a part in it. Both constants are the same for every corpus. They lie in the middle of a plateau: with
sentences as queries for the rest of the document that they were taken from, on four collections, weights from 0.6
to 0.9 and half-way points from 5 to 20 words do equally well within chance. The form was found with the judged
questions of those collections in view, where the same plateau shows.

A query's own code is a guess, and the surer the longer the query. So before it is held against documents, it hears
witnesses: the documents that are best by the score above among those that the words find. Each says of every bit
what it is in a document on what must be the query's subject, and what they say is added to the query's own
log-odds (`corrected`). This is feedback without a user, as Rocchio's, *Relevance feedback in information
retrieval* (1971), but of codes instead of words: no word is added to what is looked up.
Form and number were chosen on validation cuts of the training halves of 20 Newsgroups and Reuters-21578, with whole
documents and with a few words of each as queries.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENOUGH_WORDS", "MOST_WEIGHT", "WITNESSES", "corrected", "fuse", "scale_of", "semantic_weight"]

MOST_WEIGHT = 0.8
"""What one nat a bit weighs for a query of very many words, beside the best documents by words."""

ENOUGH_WORDS = 10
"""With so many known words the code has half of its weight."""

WITNESSES = 5
"""So many documents are heard on the query's code. From three to eight it hardly matters how many."""

_SCALED_BY = 3


def semantic_weight(known_words: int) -> float:
    """Give the weight of the code of a query of so many words of the vocabulary, repeats and all."""
    return MOST_WEIGHT * known_words / (known_words + ENOUGH_WORDS)


def fuse(
    bm25: NDArray[np.float64],
    costs: NDArray[np.floating[Any]],
    known_words: int,
    bits: int,
    scale: float | None = None,
) -> NDArray[np.float64]:
    """Give the scores of documents by their words and their codes.

    Parameters
    ----------
    bm25 : ndarray of shape (n,), float64
        BM25 scores, 0 or above.
    costs : ndarray of shape (n,), float
        What their codes cost under the query, in nats, 0 or above: see `semhash.lookup.probing`.
    known_words : int
        How many words of the query are in the vocabulary.
    bits : int
        Width of the codes.
    scale : float or None
        Of these scores and others; None where there are no others.

    Returns
    -------
    ndarray of shape (n,), float64
        Higher is better; below 0 where the code says more against a document than the words say for it.
    """
    return bm25 / (scale_of(bm25) if scale is None else scale) - semantic_weight(known_words) / bits * costs


def corrected(margins: NDArray[np.float32], witnesses: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Add to a query's log-odds of each bit those that the codes of some documents give.

    ``m_i + ln((n_i + 1/2) / (n - n_i + 1/2))``, where bit i is set in n_i of the n codes: the logit of the estimate
    ``(n_i + 1/2) / (n + 1)`` of Krichevsky and Trofimov, *The performance of universal encoding*, IEEE
    Transactions on Information Theory 27 (1981). Without witnesses nothing changes.

    Parameters
    ----------
    margins : ndarray of shape (bits,), float32
        The query's: the log-odds of its bits, see `semhash.lookup.probing`.
    witnesses : ndarray of shape (n, bits), bool
        Bits of the documents' codes.

    Returns
    -------
    ndarray of shape (bits,), float32
    """
    ones = np.count_nonzero(witnesses, axis=0)
    return np.asarray(margins + np.log((ones + 0.5) / (len(witnesses) - ones + 0.5)), dtype=np.float32)


def scale_of(bm25: NDArray[np.float64]) -> float:
    """Give the third-best score, so that no one document, as the query itself or a copy of it, sets the scale.

    The lowest above 0 where fewer than three are; 1 where none is.
    """
    best = np.sort(bm25[bm25 > 0])[-_SCALED_BY:]
    return float(best[0]) if len(best) else 1.0
