"""Words to numbers: the corpus's lexicon, the vocabulary that is coded, and the counts of both.

The *lexicon* is every word of the corpus in alphabetical order; a word's place in it is its *term*. The
*vocabulary* is the N most frequent of them, most frequent first: the autoencoder sees those alone.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Counts",
    "Lexicon",
    "WordLists",
    "inverse_document_frequency",
    "most_frequent",
    "sublinear_frequency",
]

_ENTRIES = 1_000_000  # that are counted at once: numpy copies them in eight bytes each
_APART = 256  # words, of which one is kept
_FENCES_PAY_AFTER = 200  # words looked up
_REMEMBERED = 20_000  # words, with their terms


class WordLists(msgspec.Struct, frozen=True):
    """The words of a model, as ``vocabulary.json`` has them.

    Attributes
    ----------
    words : list of str
        The coded words, most frequent first.
    stop_words : list of str or None
        The terms that they were not chosen from, those of stop words.
    languages : dict of str to int
        How many of the documents that the model was learned from are in which language.
    """

    words: list[str]
    stop_words: list[str] | None = None
    languages: dict[str, int] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each document holds each word: a sparse matrix in CSR form.

    Attributes
    ----------
    indptr : ndarray of shape (n_documents + 1,), int64
        Document i owns the places ``indptr[i]:indptr[i + 1]`` of the other two arrays.
    indices : ndarray of shape (n_entries,), int32
        Columns, ascending inside a document.
    data : ndarray of shape (n_entries,), unsigned
        Counts, 1 or above. Those of `SemanticHasher` are float32 and may be any number above 0.
    n_columns : int
        Number of words.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: NDArray[Any]
    n_columns: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def check(self) -> None:
        """Look whether all places and columns are there, before memory is taken for what they say.

        Raises
        ------
        ValueError
            They are not, as in a file that was altered.
        """
        ends = (int(self.indptr[0]), int(self.indptr[-1]))
        if ends != (0, len(self.indices)) or (self.indptr[1:] < self.indptr[:-1]).any():
            raise ValueError(f"places of counts that do not rise from 0 to {len(self.indices)}")
        if self.indices.min(initial=0) < 0 or self.indices.max(initial=-1) >= self.n_columns:
            raise ValueError(f"a word that is none of {self.n_columns}")

    def take(self, rows: NDArray[np.integer[Any]]) -> "Counts":
        """Give the counts of some documents, in the order asked; only their entries are read.

        Raises
        ------
        ValueError
            The places of a document are none, as in a file that was altered.
        """
        starts = np.asarray(self.indptr[rows], dtype=np.int64)
        lengths = np.asarray(self.indptr[np.asarray(rows) + 1], dtype=np.int64) - starts
        # Before any memory is taken for so many.
        if (
            starts.min(initial=0) < 0
            or lengths.min(initial=0) < 0
            or lengths.max(initial=0) > len(self.indices)
        ):
            raise ValueError(f"counts at places that are not among {len(self.indices)}")
        indptr = np.concatenate(([0], np.cumsum(lengths)))
        places = np.repeat(starts - indptr[:-1], lengths) + np.arange(indptr[-1])
        return Counts(indptr, self.indices[places], self.data[places], self.n_columns)

    def owners(self) -> NDArray[np.int64]:
        """Give the document of each entry, shape (n_entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def entries(self, kept: NDArray[np.bool_]) -> "Counts":
        """Keep some entries, by a mask of shape (n_entries,); no document goes, though it may be empty."""
        before = np.concatenate(([0], np.cumsum(kept)))
        return Counts(before[self.indptr], self.indices[kept], self.data[kept], self.n_columns)

    def columns(self, terms: NDArray[np.integer[Any]]) -> "Counts":
        """Keep some columns: column ``terms[j]`` becomes column j, the others are dropped."""
        new = np.full(self.n_columns, -1, dtype=np.int32)
        new[terms] = np.arange(len(terms), dtype=np.int32)
        return _renumbered(self, new, len(terms))

    def document_frequency(self) -> NDArray[np.int64]:
        """In how many documents each word occurs, shape (n_columns,)."""
        found = np.zeros(self.n_columns, dtype=np.int64)
        for first in range(0, len(self.indices), _ENTRIES):
            found += np.bincount(self.indices[first : first + _ENTRIES], minlength=self.n_columns)
        return found

    def total_frequency(self) -> NDArray[np.int64]:
        """How often each word occurs in all, shape (n_columns,)."""
        return np.bincount(self.indices, weights=self.data, minlength=self.n_columns).astype(np.int64)

    def to_dense(self) -> NDArray[np.float32]:
        """Give the whole matrix, shape (n_documents, n_columns), float32."""
        dense = np.zeros((len(self), self.n_columns), dtype=np.float32)
        dense[self.owners(), self.indices] = self.data
        return dense


def _renumbered(counts: Counts, new: NDArray[np.int32], n_columns: int) -> Counts:
    """Move column c to ``new[c]``, drop it where that is negative, and sort each document's columns again."""
    indices = new[counts.indices]
    kept = indices >= 0
    left = replace(counts, indices=indices, n_columns=n_columns).entries(kept)
    order = np.argsort(left.owners() * n_columns + left.indices)
    return replace(left, indices=left.indices[order], data=left.data[order])


class Lexicon:
    """Every word of a corpus, alphabetically; a word's place is its term. Looked up without reading it whole.

    Parameters
    ----------
    letters : ndarray of shape (n_bytes,), uint8
        The words in UTF-8, one after the other, in the order of their bytes.
    offsets : ndarray of shape (n_words + 1,), int64
        Word i is ``letters[offsets[i]:offsets[i + 1]]``.
    """

    def __init__(self, letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        # Plain views of what may be memory maps: numpy.memmap pays for its subclass at every read.
        self.letters = np.asarray(letters)
        self.offsets = np.asarray(offsets)
        # And for single places numpy takes ten times as long as Python's own views do.
        self._letters, self._offsets = self.letters.data, self.offsets.data
        self._fences: list[bytes] | None = None
        self._asked = 0
        self._known: dict[str, int | None] = {}

    @classmethod
    def from_words(cls, ordered: Sequence[str]) -> "Lexicon":
        """Build from words that are sorted already."""
        encoded = [word.encode() for word in ordered]
        offsets = np.concatenate(([0], np.cumsum([len(word) for word in encoded], dtype=np.int64)))
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets.astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def check(self) -> None:
        """Look whether every word is there: not whether they are in order, or text.

        Raises
        ------
        ValueError
            One is not, as in a file that was altered.
        """
        ends = (int(self.offsets[0]), int(self.offsets[-1]))
        if ends != (0, len(self.letters)) or (self.offsets[1:] < self.offsets[:-1]).any():
            raise ValueError(f"places of words that do not rise from 0 to {len(self.letters)}")

    def _bytes(self, term: int) -> bytes:
        return bytes(self._letters[self._offsets[term] : self._offsets[term + 1]])

    def word(self, term: int) -> str:
        """Give the word of a term."""
        return self._bytes(term).decode()

    def term(self, word: str) -> int | None:
        """Give the term of a word, None when the corpus does not hold it; by binary search, once for a word."""
        try:
            return self._known[word]
        except KeyError:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[word] = self._searched(word)
            return found

    def _searched(self, word: str) -> int | None:
        wanted = word.encode(errors="replace")
        low, high = self._between(wanted)
        place = bisect_left(range(len(self)), wanted, low, high, key=self._bytes)
        return place if place < len(self) and self._bytes(place) == wanted else None

    def beginning(self, letters: str) -> range:
        """Return the terms of the words that begin so."""
        wanted, every = letters.encode(errors="replace"), range(len(self))
        low = bisect_left(every, wanted, key=self._bytes)
        return range(low, bisect_left(every, wanted + b"\xff", low, key=self._bytes))  # which no text holds

    def _between(self, wanted: bytes) -> tuple[int, int]:
        """Give the places that a word is between, as far as is known without reading any.

        Whoever looks up many keeps every 256th word: half of a search is then done in one list.
        """
        fences = self._fences
        if fences is None:
            self._asked += 1  # of threads that ask at once, some may count for one
            if self._asked < _FENCES_PAY_AFTER:
                return 0, len(self)
            self._fences = fences = [self._bytes(place) for place in range(0, len(self), _APART)]
        fence = bisect_left(fences, wanted)
        return max(0, (fence - 1) * _APART), min(fence * _APART, len(self))

    def count(self, text_words: Iterable[str]) -> Counts:
        """Count one text over the lexicon: a matrix of one row; words that it lacks are dropped."""
        return self.counted(Counter(text_words))

    def counted(self, counts_of_words: Mapping[str, int]) -> Counts:
        """Do the same with words that are counted already."""
        found = {self.term(word): n for word, n in counts_of_words.items()}
        terms = sorted(term for term in found if term is not None)
        data = np.array([found[term] for term in terms], dtype=np.int64)
        return Counts(np.array([0, len(terms)]), np.array(terms, dtype=np.int32), data, len(self))


def most_frequent(counts: Counts, size: int) -> NDArray[np.int64]:
    """Give the terms of the most frequent words, most frequent first, ties in alphabetical order.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over a lexicon.
    size : int
        How many to give at most.

    Returns
    -------
    ndarray of shape (min(size, n_words),), int64
    """
    return np.argsort(-counts.total_frequency(), kind="stable")[:size]


def inverse_document_frequency(
    document_frequency: NDArray[np.integer[Any]], n_documents: int
) -> NDArray[np.float32]:
    """Give ``ln((1 + n) / (1 + df)) + 1``, the smoothed form that scikit-learn's TfidfTransformer uses.

    Parameters
    ----------
    document_frequency : ndarray of shape (n_words,)
        In how many documents each word occurs.
    n_documents : int
        How many documents there are.

    Returns
    -------
    ndarray of shape (n_words,), float32
    """
    return (np.log((1 + n_documents) / (1 + np.asarray(document_frequency))) + 1).astype(np.float32)


def sublinear_frequency(frequency: NDArray[Any]) -> NDArray[np.float32]:
    """Give ``1 + ln f`` from 1 on, and f itself below 1: the weight of a word that is there f times.

    Manning, Raghavan and Schütze, *Introduction to Information Retrieval* (2008), equation 6.13. Whole counts
    know only its logarithm. Fractional ones continue it by the line that touches it at 1, so that a weight
    is never negative, and a word that is hardly there hardly weighs.

    Parameters
    ----------
    frequency : ndarray of any shape
        Counts above 0, whole or fractional.

    Returns
    -------
    ndarray of that shape, float32
    """
    # The types are said, lest what wide integers give be wider than what narrow ones do.
    logarithm = np.log(np.maximum(frequency, 1, dtype=np.float32))
    return np.asarray(np.minimum(frequency, 1, dtype=np.float32) + logarithm, dtype=np.float32)
