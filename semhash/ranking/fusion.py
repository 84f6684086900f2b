"""One score out of two: what a document's words say for it, and what its code says against it.

Both are evidence in natural logarithms. BM25 adds up what shared words weigh; a code's cost is how much less
likely than the query's own code it is, in nats, so that bits of which the query is not sure hardly count. They
are brought to one scale and taken from each other:

    score = bm25 / scale - weight * min(cost, chance) / bits

The scale makes the best documents by words score about 1, whatever the query. *Chance* is what a code made by tossing
coins costs: a document that is further off than that is on another subject, and how much further says nothing.

The weight is a matter of what asks, and of how many words of the vocabulary it has (`semantic_weight`). One or two
words have a poor code and say by themselves what is wanted; a sentence has a code that is worth most; many words tell
by those alone what is asked for; and a document asks for what is on its subject, so that there the code is worth the
more the longer it is. From 40 to 80 words a question goes over into a document. Codes that were learned from few
documents say less: ``n / (n + 300)`` of n documents.

Words that a document has in the very spelling of a question gain it more, the fewer words the question has
(`spelling_weight`): who asks by three words means them. Stems find more; spellings put it in order.

No label has a part in it, and the constants are the same for every corpus. They were chosen on twenty-four collections
of judged questions and known items in eighteen languages, by what the worst of them had.

A query's own code is a guess, and the surer the longer the query. So before it is held against documents, it hears
witnesses: the documents that are best by the score above among those that the words find. Each says of every bit
what it is in a document on what must be the query's subject, and what they say is added to the query's own
log-odds (`corrected`). This is feedback without a user, as Rocchio's, *Relevance feedback in information
retrieval* (1971), but of codes instead of words: no word is added to what is looked up.
Form and number were chosen on validation cuts of the training halves of 20 Newsgroups and Reuters-21578, with whole
documents and with a few words of each as queries.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.vocabulary import Counts

__all__ = [
    "WITNESSES",
    "Evidence",
    "corrected",
    "dampened",
    "document_share",
    "fuse",
    "scale_of",
    "semantic_weight",
    "spelling_weight",
]

WITNESSES = 5
"""So many documents are heard on the query's code. From three to eight it hardly matters how many."""

_OF_QUESTIONS, _SENTENCE, _MANY = 0.35, 8, 12  # the most; words with half of it; from which on it falls again
_OF_DOCUMENTS, _ENOUGH = 0.8, 10  # the most; words with half of it
_PARAGRAPH, _DOCUMENT = 40, 80  # known words, from which on a question begins to be a document, and is one
_DOUBTFUL = 300  # codes learned from so many documents have half of their weight
_SPELLING, _FEW = 0.6, 5  # what a spelling adds to one occurrence; words from which on it adds less
_SCALED_BY = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a query's code before it is held against documents.

    Attributes
    ----------
    known_words : int
        How many words of the query are in the vocabulary, repeats and all.
    n_documents : int
        How many documents the index has.
    document : bool
        Whether a document of the index asks, whatever its length.
    """

    known_words: int
    n_documents: int
    document: bool = False


def semantic_weight(evidence: Evidence) -> float:
    """Give what one nat a bit weighs beside the best documents by words.

    Of a question of n known words ``0.35 n^2 / (n^2 + 8^2)``, times ``min(1, 12 / n)``; of a document
    ``0.8 n / (n + 10)``.
    """
    n = evidence.known_words
    if not n:
        return 0.0
    of_question = _OF_QUESTIONS * n**2 / (n**2 + _SENTENCE**2) * min(1.0, _MANY / n)
    of_document = _OF_DOCUMENTS * n / (n + _ENOUGH)
    share = document_share(n, document=evidence.document)
    weight = share * of_document + (1 - share) * of_question
    return weight * evidence.n_documents / (evidence.n_documents + _DOUBTFUL)


def document_share(known_words: int, *, document: bool = False) -> float:
    """Give how far what asks is a document, 0 to 1: one of the index, or a text as long as one."""
    if document:
        return 1.0
    return min(1.0, max(0.0, (known_words - _PARAGRAPH) / (_DOCUMENT - _PARAGRAPH)))


def dampened(terms: Counts, share: float) -> Counts:
    """Take from repeats what they do not say: a document's words count as ``1 + ln c``, those of a question as c.

    Who says a word twice in a question means it twice; in a document it is a matter of length. Manning, Raghavan and
    Schütze, *Introduction to Information Retrieval* (2008), section 6.4.1.

    Parameters
    ----------
    terms : Counts of shape (1, n_words)
    share : float
        How far it is a document: see `document_share`.
    """
    if not share or not len(terms.data) or terms.data.max() <= 1:
        return terms
    repeats = np.maximum(terms.data.astype(np.float64), 1.0)
    return replace(terms, data=terms.data - share * (repeats - 1 - np.log(repeats)))


def spelling_weight(n_words: int) -> float:
    """Give what the spelling of each of so many words of a question adds, beside one occurrence of it."""
    return _SPELLING * min(1.0, _FEW / max(n_words, 1))


def fuse(
    words: NDArray[np.float64],
    costs: NDArray[np.floating[Any]],
    margins: NDArray[np.floating[Any]],
    evidence: Evidence,
    scale: float | None = None,
) -> NDArray[np.float64]:
    """Give the scores of documents by their words and their codes.

    Parameters
    ----------
    words : ndarray of shape (n,), float64
        What their words say for them: BM25 scores, 0 or above.
    costs : ndarray of shape (n,), float
        What their codes cost under the query, in nats, 0 or above: see `semhash.lookup.probing`.
    margins : ndarray of shape (bits,), float
        The log-odds of the query's bits.
    evidence : Evidence
    scale : float or None
        Of these scores and others; None where there are no others.

    Returns
    -------
    ndarray of shape (n,), float64
        Higher is better; below 0 where the code says more against a document than the words say for it.
    """
    weight = semantic_weight(evidence) / len(margins)
    chance = float(np.abs(margins).sum()) / 2
    return np.asarray(
        words / (scale_of(words) if scale is None else scale) - weight * np.minimum(costs, chance)
    )


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
