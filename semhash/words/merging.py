"""The counts of documents that are kept and of documents that are new, as one: what counting all anew would give.

Both are over lexicons of their own. The words of the two are merged without a loop over the kept ones, and since
both are in the order of their bytes, no document's columns need be sorted again.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from semhash.vocabulary import Counts, Lexicon

__all__ = ["Counted", "merge", "narrowed"]

_BLOCK = 4_000_000  # entries that are copied at once

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counted:
    """Documents as counts of words.

    Attributes
    ----------
    lexicon : Lexicon
        The words, as terms.
    counts : Counts of shape (n_documents, n_words)
        How often each document holds each.
    spellings : ndarray of shape (n_entries,), uint8
        In which spellings: the bits of `semhash.analysis.analyzer.spelling_bit`, of each entry of the counts.
    forms : Lexicon
        Each term as it was written most often; not in order.
    languages : ndarray of shape (n_documents,), uint8
        The language of each document, by its number.
    is_main, is_stop : ndarray of shape (n_words,), bool, or None
        Whether a term is the stem of a word, not only what the word has besides; and whether it is that of a stop word.
        None where documents that are kept are among them, of which nobody knows any more.
    """

    lexicon: Lexicon
    counts: Counts
    spellings: NDArray[np.uint8]
    forms: Lexicon
    languages: NDArray[np.uint8]
    is_main: NDArray[np.bool_] | None = None
    is_stop: NDArray[np.bool_] | None = None

    def content(self) -> NDArray[np.int64]:
        """Give the terms that tell subjects apart: the stems of words, those of stop words left out."""
        if self.is_main is None or self.is_stop is None:
            return np.arange(len(self.lexicon))
        return np.flatnonzero(self.is_main & ~self.is_stop)

    def stop_words(self) -> list[str]:
        """Give the terms of stop words, in order."""
        stopped = [] if self.is_stop is None else np.flatnonzero(self.is_stop).tolist()
        return [self.lexicon.word(term) for term in stopped]


_Source = tuple[Counted, NDArray[np.int32]]  # documents, and the new term of each of their words


def merge(old: Counted, new: Counted, origins: _Ints, listed: Sequence[str]) -> Counted:
    """Give the counts of documents of which some are old ones and the others are new, over the words they hold.

    Parameters
    ----------
    old, new : Counted
    origins : ndarray of shape (n_documents,), int64
        The row in `old` of each document; below 0 for the new ones, which are all there, in order.
    listed : sequence of str
        Words that the lexicon is to have whether a document holds them or not.
    """
    held = _held(old.counts, origins)
    words = _words(new.lexicon)
    extra = sorted({*words, *listed})
    places, known = _places(old.lexicon, extra)
    held[places[known]] = True
    absent = np.flatnonzero(~known)
    # The old words as 0, 1, 2, ..., the absent ones after them, each brought before the old word that it precedes.
    n_old = len(old.lexicon)
    order = np.insert(np.arange(n_old), places[absent], n_old + np.arange(len(absent)))
    order = order[np.concatenate((held, np.ones(len(absent), dtype=bool)))[order]]
    new_terms = np.full(n_old + len(absent), -1, dtype=np.int32)
    new_terms[order] = np.arange(len(order), dtype=np.int32)
    of_extra = np.empty(len(extra), dtype=np.int32)
    of_extra[known] = new_terms[places[known]]
    of_extra[absent] = new_terms[n_old:]
    numbers = {word: number for number, word in enumerate(extra)}
    added = [extra[i] for i in absent.tolist()]
    of_added = dict(zip(words, _words(new.forms), strict=True))
    lexicon = _joined(old.lexicon, Lexicon.from_words(added), order)
    forms = _joined(old.forms, Lexicon.from_words([of_added.get(word, word) for word in added]), order)
    of_new = of_extra[np.array([numbers[word] for word in words], dtype=np.int64)]
    counts, spellings = _placed((old, new_terms[:n_old]), (new, of_new), origins, len(lexicon))
    languages = np.empty(len(origins), dtype=np.uint8)
    languages[origins >= 0] = old.languages[origins[origins >= 0]]
    languages[origins < 0] = new.languages
    return Counted(lexicon, narrowed(counts), spellings, forms, languages)


def narrowed(counts: Counts) -> Counts:
    """Give the same counts in as few bytes an entry as hold them."""
    fits = np.min_scalar_type(int(counts.data.max(initial=0)))
    return replace(counts, data=counts.data.astype(fits, copy=False))


def _words(lexicon: Lexicon) -> list[str]:
    return [lexicon.word(term) for term in range(len(lexicon))]


def _held(counts: Counts, origins: _Ints) -> NDArray[np.bool_]:
    """Say of each old word whether a document that is kept holds it."""
    held = np.zeros(counts.n_columns, dtype=bool)
    for first, stop, _ in _runs(origins):
        if origins[first] >= 0:
            begin = int(origins[first])
            start, end = counts.indptr[begin], counts.indptr[begin + stop - first]
            for at in range(int(start), int(end), _BLOCK):
                held[counts.indices[at : min(at + _BLOCK, int(end))]] = True
    return held


def _places(lexicon: Lexicon, words: Sequence[str]) -> tuple[_Ints, NDArray[np.bool_]]:
    """Give where each of some words is in a lexicon, or belongs, and whether it is there."""
    every = range(len(lexicon))
    found = [bisect_left(every, word, key=lexicon.word) for word in words]
    known = [place < len(lexicon) and lexicon.word(place) == w for place, w in zip(found, words, strict=True)]
    return np.array(found, dtype=np.int64), np.array(known, dtype=bool)


def _joined(old: Lexicon, absent: Lexicon, order: _Ints) -> Lexicon:
    """Write the words of two lexicons as one, in an order of all of them."""
    starts = np.concatenate((old.offsets[:-1], old.offsets[-1] + absent.offsets[:-1]))[order]
    lengths = np.concatenate((np.diff(old.offsets), np.diff(absent.offsets)))[order]
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    letters = np.concatenate((old.letters, absent.letters))
    return Lexicon(letters[np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])], offsets)


def _runs(origins: _Ints) -> list[tuple[int, int, int]]:
    """Cut documents into runs of such as lie together where they come from: first, last + 1, new ones before.

    New ones are one run however they came.
    """
    is_new = origins < 0
    steps = np.diff(origins)
    together = np.where(is_new[1:] | is_new[:-1], is_new[1:] & is_new[:-1], steps == 1)
    cuts = [0, *(np.flatnonzero(~together) + 1).tolist(), len(origins)] if len(origins) else [0]
    before = np.concatenate(([0], np.cumsum(is_new)))
    return [(a, b, int(before[a])) for a, b in pairwise(cuts)]


def _placed(old: _Source, new: _Source, origins: _Ints, n_columns: int) -> tuple[Counts, NDArray[np.uint8]]:
    """Copy each document's entries from where it comes from, their columns renumbered, and their spellings."""
    lengths = np.empty(len(origins), dtype=np.int64)
    kept = origins >= 0
    lengths[kept] = np.diff(old[0].counts.indptr)[origins[kept]]
    lengths[~kept] = np.diff(new[0].counts.indptr)
    indptr = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    indices = np.empty(int(indptr[-1]), dtype=np.int32)
    data = np.empty(len(indices), dtype=np.result_type(old[0].counts.data.dtype, new[0].counts.data.dtype))
    spellings = np.empty(len(indices), dtype=np.uint8)
    for first, stop, before in _runs(origins):
        is_old = origins[first] >= 0
        (counted, terms) = old if is_old else new
        source = counted.counts
        begin = int(source.indptr[origins[first] if is_old else before])
        shift = begin - int(indptr[first])
        for at in range(int(indptr[first]), int(indptr[stop]), _BLOCK):
            end = min(at + _BLOCK, int(indptr[stop]))
            indices[at:end] = terms[source.indices[at + shift : end + shift]]
            data[at:end] = source.data[at + shift : end + shift]
            spellings[at:end] = counted.spellings[at + shift : end + shift]
    return Counts(indptr, indices, data, n_columns), spellings
