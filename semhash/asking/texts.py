"""What the words of an index cannot tell is looked up in the texts of its documents, of which only so many are read."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import spelling_bit
from semhash.analysis.phrases import Phrase, SpacedText
from semhash.analysis.spelling import spelled
from semhash.analysis.tokens import tokens
from semhash.opened_index import OpenedIndex

__all__ = [
    "MOST_CHARACTERS",
    "MOST_DOCUMENTS",
    "PhraseFilter",
    "Texts",
    "either",
    "holding",
    "rows_with_word",
]

MOST_DOCUMENTS = 20_000
"""So many texts are read for one question, at most."""

MOST_CHARACTERS = 200_000_000
"""And so many characters."""

_AT_ONCE, _WORDS_AT_ONCE = 16, 1_000_000  # documents, and words of all but the last of them


class Texts:
    """The texts of documents, read for one question.

    Attributes
    ----------
    n_left_out : int
        How many documents were not read, since there were too many.
    n_without : int
        How many have no text in the index.
    """

    def __init__(self, index: OpenedIndex) -> None:
        self.n_left_out = self.n_without = 0
        self._index = index
        self._documents, self._characters = MOST_DOCUMENTS, MOST_CHARACTERS

    def of(self, rows: Sequence[int], *, folds: bool = True) -> Iterator[tuple[int, SpacedText | None]]:
        """Return row and text of documents, in order, as long as there are not too many; None for one without."""
        done = 0
        while done < len(rows):
            if self._documents <= 0 or self._characters <= 0:
                self.n_left_out += len(rows) - done
                return
            some = self._together(rows[done : done + _AT_ONCE])
            done += len(some)
            found = self._index.catalogue.texts(some)
            self._documents -= len(some)
            for row in some:
                text = found.get(row)
                self._characters -= len(text or "")
                self.n_without += text is None
                yield row, None if text is None else SpacedText(text, folds=folds)

    def _together(self, rows: Sequence[int]) -> Sequence[int]:
        """Return the first of some documents, as many as may be held in memory together."""
        words = np.cumsum(self._index.postings.lengths[np.array(rows)], dtype=np.int64)
        return rows[: 1 + int(np.searchsorted(words[:-1], _WORDS_AT_ONCE))]

    def remarks(self) -> Iterator[str]:
        """Return what is to be told of what was not read."""
        if self.n_left_out:
            yield (
                "not all texts that may hold it were read, since they are too many for one question: "
                f"{self.n_left_out:,} of those that were not read may be hits; add a word, or a filter"
            )
        if self.n_without:
            yield (
                f"{self.n_without:,} documents hold all its words, and have no text in this index in which to look "
                "whether they stand so: they are taken for hits"
            )


def holding(index: OpenedIndex, text: str, *, exact: bool = False) -> NDArray[np.int64]:
    """Return the rows of the documents that hold each word of a text, or could, ascending; none for no words.

    Parameters
    ----------
    index : OpenedIndex
    text : str
    exact : bool
        Leave out documents that hold a word in other forms alone, as far as the index knows.
    """
    held = []
    for token in dict.fromkeys(tokens(text)):
        pieces = spelled(token)
        if pieces:
            held.append(rows_with_word(index, " ".join(pieces), exact=exact))
    return reduce(_both, held) if held else np.zeros(0, dtype=np.int64)


def either(n_documents: int, rows: Iterable[NDArray[np.integer[Any]]]) -> NDArray[np.int64]:
    """Return the rows that are among any of some, ascending."""
    held = np.zeros(n_documents, dtype=bool)
    for some in rows:
        held[some] = True
    return np.flatnonzero(held)


def _both(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.intersect1d(one, other, assume_unique=True)


def rows_with_word(index: OpenedIndex, words: str, *, exact: bool = False) -> NDArray[np.int64]:
    """Return the rows of the documents that hold any form of any of some words, ascending; as `holding`."""
    found = []
    for word in index.analyzer.words(words):
        terms = {index.lexicon.term(name) for name in word.weights()} - {None}
        bits = reduce(or_, (spelling_bit(reading.form) for reading in word.readings)) if exact else None
        found.append(index.postings.rows_of(sorted(term for term in terms if term is not None), bits))
    return either(len(index), found)


class PhraseFilter:
    """Which documents hold phrases, and do not hold others; each is looked at once, and only when it is asked for.

    Parameters
    ----------
    index : OpenedIndex
    texts : Texts
    wanted, unwanted : sequence of Phrase
        All of the first must be there, and none of the others.
    folds : bool
        Whether accents make no difference.
    """

    def __init__(
        self,
        index: OpenedIndex,
        texts: Texts,
        wanted: Sequence[Phrase],
        unwanted: Sequence[Phrase],
        *,
        folds: bool,
    ) -> None:
        self._texts, self._wanted, self._folds = texts, wanted, folds
        # Most documents lack a word of what is unwanted, and need not be read for it.
        self._unwanted = [(phrase, frozenset(holding(index, phrase.text).tolist())) for phrase in unwanted]
        self._known: dict[int, bool] = {}

    def keeps(self, rows: Sequence[int]) -> list[bool]:
        """Say of each of some documents whether it passes; one whose text is not read does not."""
        open_ = [row for row in rows if row not in self._known]
        self._known.update(dict.fromkeys(open_, False))
        to_read = []
        for row in open_:
            if self._wanted or any(row in held for _, held in self._unwanted):
                to_read.append(row)
            else:
                self._known[row] = True
        for row, text in self._texts.of(to_read, folds=self._folds):
            self._known[row] = text is None or self._passes(row, text)
        return [self._known[row] for row in rows]

    def _passes(self, row: int, text: SpacedText) -> bool:
        return all(map(text.count, self._wanted)) and not any(
            row in held and text.count(phrase) for phrase, held in self._unwanted
        )
