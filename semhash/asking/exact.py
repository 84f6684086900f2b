"""Words as they are written: how often documents hold each form itself, which the index, of stems, does not know."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.phrases import Phrase
from semhash.asking.texts import MOST_DOCUMENTS, Texts, either, holding
from semhash.opened_index import OpenedIndex
from semhash.ranking.postings import Postings
from semhash.vocabulary import Counts

__all__ = ["ExactWords", "exact_words"]


@dataclass(frozen=True, slots=True, eq=False)
class ExactWords:
    """The words of a question, counted in documents as they are written.

    Attributes
    ----------
    terms : Counts of shape (1, n_words)
        The question's; a word is there by a term that it is counted as.
    postings : Postings
        The documents that hold each of those words in just this form.
    rows : ndarray of shape (n,), int64
        All of those documents, ascending.
    """

    terms: Counts
    postings: Postings
    rows: NDArray[np.int64]


def exact_words(index: OpenedIndex, text: str, prefixes: Iterable[int], texts: Texts) -> ExactWords:
    """Count the words of a question as they are written, but for their case.

    Parameters
    ----------
    index : OpenedIndex
    text : str
        The question's words.
    prefixes : iterable of int
        Terms that it asks for by their beginning: those count in all their forms.
    texts : Texts
        What they are looked for in.
    """
    asked: Counter[int] = Counter()
    phrases: dict[int, list[Phrase]] = {}
    candidates: dict[int, NDArray[np.int64]] = {}
    for word, n in _content(index, text).items():
        phrase, rows = Phrase(word, folds=False), holding(index, word, exact=True)
        term = _term_of(index, word)
        if term is not None and phrase and len(rows):
            asked[term] += n
            phrases.setdefault(term, []).append(phrase)
            candidates[term] = either(len(index), [candidates.get(term, rows), rows])
    found = _counted(_to_read(index, asked, candidates), candidates, phrases, texts)
    for term in prefixes:
        if term not in found:
            found[term], asked[term] = dict(index.postings.counted(term)), 1
    return _exact(index, asked, found)


def _content(index: OpenedIndex, text: str) -> Counter[str]:
    """Count the words of a question, without stop words where it has others: most documents hold those."""
    words = Counter(text.split())
    content = {word for word in words if not all(asked.is_stop for asked in index.analyzer.words(word))}
    return Counter({word: n for word, n in words.items() if word in content or not content})


def _term_of(index: OpenedIndex, word: str) -> int | None:
    """Return a term that documents hold a word as."""
    for asked in index.analyzer.words(word):
        for name in asked.weights():
            term = index.lexicon.term(name)
            if term is not None and index.term_index.document_frequency[term]:
                return term
    return None


def _to_read(index: OpenedIndex, asked: Counter[int], candidates: dict[int, NDArray[np.int64]]) -> list[int]:
    """Return the documents that may hold a word; the best by all forms first, where there are too many to read."""
    every = either(len(index), candidates.values())
    if len(every) > MOST_DOCUMENTS:
        rows, _ = index.postings.best(_counts(index, asked), MOST_DOCUMENTS)
        return [*rows.tolist(), *np.setdiff1d(every, rows).tolist()]
    return [int(row) for row in every]


def _counted(
    to_read: list[int],
    candidates: dict[int, NDArray[np.int64]],
    phrases: dict[int, list[Phrase]],
    texts: Texts,
) -> dict[int, dict[int, int]]:
    """Return how often each document holds each word, by term and row."""
    found: dict[int, dict[int, int]] = {term: {} for term in phrases}
    may_hold = {term: frozenset(rows.tolist()) for term, rows in candidates.items()}
    for row, text in texts.of(to_read, folds=False):
        for term, forms in phrases.items():
            if row in may_hold[term]:
                n = 1 if text is None else sum(map(text.count, forms))
                if n:
                    found[term][row] = n
    return found


def _exact(index: OpenedIndex, asked: Counter[int], found: dict[int, dict[int, int]]) -> ExactWords:
    held = sorted(term for term in found if found[term])
    entries = [sorted(found[term].items()) for term in held]
    rows = np.array([row for some in entries for row, _ in some], dtype=np.uint32)
    counts = np.array([n for some in entries for _, n in some], dtype=np.uint32)
    lengths = np.zeros(len(index.lexicon) + 1, dtype=np.int64)
    lengths[np.array(held, dtype=np.int64) + 1] = [len(some) for some in entries]
    every = index.postings
    postings = Postings(np.cumsum(lengths), rows, counts, every.lengths, every.n_occurrences, compiled=False)
    terms = _counts(index, Counter({term: asked[term] for term in held}))
    return ExactWords(terms, postings, either(len(index), [rows]))


def _counts(index: OpenedIndex, asked: Counter[int]) -> Counts:
    terms = np.array(sorted(asked), dtype=np.int32)
    data = np.array([asked[term] for term in terms.tolist()], dtype=np.int64)
    return Counts(np.array([0, len(terms)]), terms, data, len(index.lexicon))
