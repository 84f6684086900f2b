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
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENOUGH_WORDS", "MOST_WEIGHT", "fuse", "semantic_weight"]

MOST_WEIGHT = 0.8
"""What one nat a bit weighs for a query of very many words, beside the best documents by words."""

ENOUGH_WORDS = 10
"""With so many known words the code has half of its weight."""

_SCALED_BY = 3


def semantic_weight(known_words: int) -> float:
    """Give the weight of the code of a query of so many words of the vocabulary, repeats and all."""
    return MOST_WEIGHT * known_words / (known_words + ENOUGH_WORDS)


def fuse(
    bm25: NDArray[np.float64], costs: NDArray[np.floating[Any]], known_words: int, bits: int
) -> NDArray[np.float64]:
    """Give the scores of documents by their words and their codes.

    Parameters
    ----------
    bm25 : ndarray of shape (n,), float64
        BM25 scores, 0 or above.
    costs : ndarray of shape (n,), float
        What their codes cost under the query, in nats, 0 or above: see `semhash.probing`.
    known_words : int
        How many words of the query are in the vocabulary.
    bits : int
        Width of the codes.

    Returns
    -------
    ndarray of shape (n,), float64
        Higher is better; below 0 where the code says more against a document than the words say for it.
    """
    return bm25 / _scale(bm25) - semantic_weight(known_words) / bits * costs


def _scale(bm25: NDArray[np.float64]) -> float:
    """Give the third-best score, so that no one document, as the query itself or a copy of it, sets the scale.

    The lowest above 0 where fewer than three are; 1 where none is.
    """
    best = np.sort(bm25[bm25 > 0])[-_SCALED_BY:]
    return float(best[0]) if len(best) else 1.0
