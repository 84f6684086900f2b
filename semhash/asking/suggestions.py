"""Did you mean: words of the corpus for one that no document holds.

What is suggested is in few edits of what was typed, where to swap two neighbours is one (the optimal string alignment
of Damerau, *A technique for computer detection and correction of spelling errors*, 1964), and frequent: an edit costs
as much as to be a hundred times as frequent brings, as in a noisy channel (Kernighan, Church and Gale, *A spelling
correction program based on a noisy channel model*, COLING 1990). Words of fewer than `SHORTEST` letters, those with
digits and those of scripts without an alphabet are left alone: what is near them is anything.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import is_exact
from semhash.analysis.folding import folded
from semhash.analysis.questions import AskedWord
from semhash.analysis.tokens import script_of
from semhash.asking.compounds import beside
from semhash.opened_index import OpenedIndex

__all__ = ["SHORTEST", "Suggestion", "suggestions"]

SHORTEST = 4
"""Letters of a word that others are suggested for."""

_MOST_WORDS, _MOST = 4, 3  # words of a question, and suggestions for one
_TWO_EDITS = 7  # letters from which on two edits are allowed
_ANY_BEGINNING = 6  # and from which on the first letter may be wrong
_EDIT = math.log(100)
_WEIGHED = 50_000  # terms, the most frequent, whose letters are compared
_COMPARED = 1000  # and those that are compared as words
_ENDING = 6  # letters that a word may have behind its stem
_SHORTEST_STEM = 3
_READ_FOR, _READ = 6, 20  # terms, and documents of one that are read for its forms
_LOOKED_AT = 20_000  # characters of a text
_WORD = re.compile(r"[^\W\d_]+")
_ALPHABETS = ("latin", "greek", "cyrillic", "armenian", "hebrew", "arabic")
_BIT = np.uint32(1) << (np.arange(256, dtype=np.uint32) & np.uint32(31))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a word that no document holds may have been meant for.

    Attributes
    ----------
    word : str
        As it was asked, in small letters.
    instead : tuple of str
        Words of the corpus as they are written, the likeliest first.
    used : bool
        Whether the first of them was looked for.
    """

    word: str
    instead: tuple[str, ...]
    used: bool = False


def suggestions(index: OpenedIndex, unknown: Sequence[AskedWord]) -> list[Suggestion]:
    """Suggest words for some that no document holds; those for which there is nothing to suggest are left out.

    Parameters
    ----------
    index : OpenedIndex
    unknown : sequence of AskedWord
        The first few are looked at.
    """
    found = []
    for word in unknown[:_MOST_WORDS]:
        instead = () if word.is_stop or any(beside(index, [word])) else tuple(_instead(index, word.form))
        if instead:
            found.append(Suggestion(word.form, instead))
    return found


def _instead(index: OpenedIndex, form: str) -> list[str]:
    typed = folded(form)
    if len(typed) < SHORTEST or not typed.isalpha() or script_of(typed) not in _ALPHABETS:
        return []
    most = 1 + (len(typed) >= _TWO_EDITS)
    lexicon = index.lexicon
    likely = [lexicon.beginning(letter) for letter in dict.fromkeys(typed[:2])]
    found = _ranked(_near(index, typed, _alike(index, typed, likely, most), most))
    if not found and len(typed) >= _ANY_BEGINNING:
        found = _ranked(_near(index, typed, _alike(index, typed, [range(len(lexicon))], 1), 1))
    return found


def _ranked(near: "Iterable[_Near]") -> list[str]:
    """Return the likeliest forms: one that is less likely by a whole edit than the best is none."""
    best: dict[str, float] = {}
    for one in near:
        best[one.form] = max(best.get(one.form, -math.inf), math.log1p(one.frequency) - _EDIT * one.edits)
    least = max(best.values(), default=0.0) - _EDIT
    return sorted((form for form in best if best[form] > least), key=lambda form: (-best[form], form))[:_MOST]


def _alike(index: OpenedIndex, typed: str, among: Iterable[range], most: int) -> NDArray[np.int64]:
    """Return the terms that may begin a word which is near one, those of most documents and of most common letters."""
    own = np.frombuffer(typed.encode(), dtype=np.uint8)
    wide = len(own) // len(typed)  # bytes of a letter
    shortest, longest = len(own) - _ENDING * wide, len(own) + most * wide
    found = [np.zeros(0, dtype=np.int64)]
    for terms in among:
        lengths = np.diff(index.lexicon.offsets[terms.start : terms.stop + 1])
        found.append(np.flatnonzero((lengths >= shortest) & (lengths <= longest)) + terms.start)
    terms_alike = np.concatenate(found)
    frequency = np.asarray(index.term_index.document_frequency[terms_alike], dtype=np.int64)
    kept = np.flatnonzero(frequency)
    if len(kept) > _WEIGHED:
        kept = kept[np.argpartition(-frequency[kept], _WEIGHED)[:_WEIGHED]]
    terms_alike, frequency = terms_alike[kept], frequency[kept]
    letters, pairs = _letters(index, terms_alike)
    [own_letters], [own_pairs] = _masks(own, np.zeros(1, dtype=np.int64))
    # A stem may have lost an ending, but it has hardly a letter that the word has not.
    odd = np.bitwise_count(letters & ~own_letters)
    score = np.log1p(frequency) - np.bitwise_count(pairs & ~own_pairs)
    order = np.argsort(-score, kind="stable")
    return np.asarray(terms_alike[order[odd[order] <= (most + 1) * wide][:_COMPARED]])


def _letters(index: OpenedIndex, terms: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the `_masks` of some terms."""
    if not len(terms):
        nothing = np.zeros(0, dtype=np.uint32)
        return nothing, nothing
    offsets = index.lexicon.offsets
    starts, lengths = offsets[terms], offsets[terms + 1] - offsets[terms]
    first = np.cumsum(lengths) - lengths
    places = np.repeat(starts - first, lengths) + np.arange(int(lengths.sum()))
    return _masks(np.asarray(index.lexicon.letters[places]), first)


def _masks(
    letters: NDArray[np.uint8], first: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return which bytes each word has, and which pairs of neighbours, as bits that several of them share.

    Parameters
    ----------
    letters : ndarray of shape (n_bytes,), uint8
        The words, one after the other.
    first : ndarray of shape (n_words,), int64
        Where each begins.
    """
    pairs = letters[:-1] * np.uint8(31) + letters[1:]
    pairs = _BIT[np.append(pairs, np.uint8(0))]
    pairs[np.append(first[1:], len(letters)) - 1] = 0  # the last byte of a word has no neighbour in it
    return np.bitwise_or.reduceat(_BIT[letters], first), np.bitwise_or.reduceat(pairs, first)


@dataclass(frozen=True, slots=True)
class _Near:
    """A written word of the corpus that is in few edits of one that was typed, and in about so many documents."""

    form: str
    edits: int
    frequency: float


def _near(index: OpenedIndex, typed: str, terms: NDArray[np.int64], most: int) -> Iterator[_Near]:
    """Give the written words that are near enough.

    Of a term the form is known that it has most often. Where its beginning is near and that form is not, another
    form may be: it is looked for in some texts that hold the term.
    """
    from rapidfuzz.distance.OSA import distance  # here, since few questions need it

    script = script_of(typed)
    frequency = np.asarray(index.term_index.document_frequency[terms], dtype=np.int64).tolist()
    beginnings: list[tuple[int, int, int]] = []
    for term, n in zip(terms.tolist(), frequency, strict=True):
        name = index.lexicon.word(term)
        if not name.isalpha() or is_exact(name) or script_of(name) != script:
            continue
        form = index.forms.word(term)
        edits = distance(typed, folded(form), score_cutoff=most)
        if edits <= most:
            if _plausible(typed, folded(form), edits):
                yield _Near(form, edits, n)
            if edits == 1:
                continue
        size = len(name)
        begins = min(distance(typed[:end], name, score_cutoff=most) for end in (size - 1, size, size + 1))
        if begins <= most and size >= _SHORTEST_STEM + begins:
            beginnings.append((begins, -n, term))
    for _, n, term in sorted(beginnings)[:_READ_FOR]:
        yield from _in_texts(index, typed, term, -n, most)


def _plausible(typed: str, plain: str, edits: int) -> bool:
    """Say whether a word begins as one does that was mistyped: the first letter is seldom wrong."""
    swapped = typed[:2] == plain[1::-1]
    return plain[0] == typed[0] or swapped or (edits == 1 and len(typed) >= _ANY_BEGINNING)


def _in_texts(index: OpenedIndex, typed: str, term: int, n: int, most: int) -> Iterator[_Near]:
    """Give the forms of a term that are near a word, as some documents have them."""
    from rapidfuzz.distance.OSA import distance

    rows = index.postings.rows_of([term])[:_READ].tolist()
    shown = index.catalogue.shown(rows, texts=True)
    name = index.lexicon.word(term)
    held: Counter[str] = Counter()
    for document in shown:
        lowered = document.text.read(_LOOKED_AT).lower() if document.text else ""
        held.update({word for word in _WORD.findall(lowered) if abs(len(word) - len(typed)) <= most})
    for form, times in held.items():
        plain = folded(form)
        edits = distance(typed, plain, score_cutoff=most)
        if 0 < edits <= most and _plausible(typed, plain, edits) and name in index.analyzer.terms(form):
            yield _Near(form, edits, n * times / len(rows))
