"""Texts to counts of their words, in one pass over as many texts as there are."""

from array import array
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from semhash.text import words
from semhash.vocabulary import MAX_WORD_LENGTH, Counts, Lexicon
from semhash.words.numbers import WordNumbers

__all__ = ["CountsBuilder"]

_AT_ONCE = 1 << 17  # words that are counted together: enough for numpy to pay, few enough to weigh nothing
_LOW = 32  # bits of a word's number, beside which a key has the number of its document


class CountsBuilder:
    """Counts a stream of texts, in one pass, over all the words that it meets.

    Parameters
    ----------
    stop_words : collection of str
        Words that are not counted.

    Attributes
    ----------
    numbers : WordNumbers
        The numbers by which words are counted; to ask for that of a word that no text holds changes nothing.
    """

    def __init__(self, stop_words: Collection[str] = ()) -> None:
        self.numbers = WordNumbers()
        self._stop_words = set(stop_words)
        self._waiting = array("i")
        self._lengths: list[int] = []
        self._blocks: list[Counts] = []

    def add(self, text: str) -> None:
        """Count one more text."""
        before = len(self._waiting)
        self._waiting.extend(map(self.numbers.__getitem__, words(text)))
        self._added(len(self._waiting) - before)

    def add_numbered(self, numbers: NDArray[np.int32]) -> None:
        """Count one more text, given as the numbers of its words, of shape (n_words,)."""
        self._waiting.frombytes(numbers.tobytes())
        self._added(len(numbers))

    def _added(self, n_words: int) -> None:
        self._lengths.append(n_words)
        if len(self._waiting) >= _AT_ONCE:
            self._count()

    def _count(self) -> None:
        """Count the texts that wait, over the numbers of their words."""
        n_texts = len(self._lengths)
        keys = np.frombuffer(self._waiting, dtype=np.int32).astype(np.int64)
        keys |= np.repeat(np.arange(n_texts), np.array(self._lengths, dtype=np.int64)) << _LOW
        keys.sort()
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(firsts, append=len(keys))
        keys = keys[firsts]
        n_distinct = np.bincount(keys >> _LOW, minlength=n_texts)
        self._blocks.append(
            Counts(
                np.concatenate(([0], np.cumsum(n_distinct))),
                keys.astype(np.int32),  # the low bits
                counts.astype(np.min_scalar_type(int(counts.max(initial=0)))),
                len(self.numbers),
            )
        )
        self._waiting = array("i")
        self._lengths.clear()

    def finish(self) -> tuple[Lexicon, Counts]:
        """Give the lexicon, without stop words and over-long words, and the counts over it."""
        self._count()
        kept = sorted(w for w in self._held() if w not in self._stop_words and len(w) <= MAX_WORD_LENGTH)
        new = np.full(len(self.numbers), -1, dtype=np.int32)
        new[[self.numbers[word] for word in kept]] = np.arange(len(kept), dtype=np.int32)
        blocks = [_ordered(block, new, len(kept)) for block in self._blocks]
        return Lexicon.from_words(kept), _joined(blocks, len(kept))

    def _held(self) -> Iterator[str]:
        """Give the words that were counted: not all that have a number need be in a text that was added."""
        held = np.zeros(len(self.numbers), dtype=bool)
        for block in self._blocks:
            held[block.indices] = True
        return compress(self.numbers, held.tolist())


def _ordered(block: Counts, new: NDArray[np.int32], n_columns: int) -> Counts:
    """Give words the places of the lexicon, and put those of each document in its order."""
    terms = new[block.indices]
    left = replace(block, indices=terms).entries(terms >= 0)
    order = np.argsort(left.owners() << _LOW | left.indices)
    return Counts(left.indptr, left.indices[order], left.data[order], n_columns)


def _joined(blocks: list[Counts], n_columns: int) -> Counts:
    lengths = np.concatenate([np.diff(block.indptr) for block in blocks])
    return Counts(
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate([block.indices for block in blocks]),
        np.concatenate([block.data for block in blocks]),
        n_columns,
    )
