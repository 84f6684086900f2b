"""Who may be found, as the signs of a question say it: filters, exclusions, phrases, and words only as they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.folding import folded
from semhash.analysis.phrases import Phrase
from semhash.analysis.spelling import spelled
from semhash.analysis.tokens import tokens
from semhash.asking.exact import exact_words
from semhash.asking.filters import Filters, Passing, passing_rows
from semhash.asking.grammar import Parsed
from semhash.asking.questions import by_text
from semhash.asking.texts import PhraseFilter, Texts, either, holding, rows_with_word
from semhash.asking.understood import Understood
from semhash.errors import ConfigError
from semhash.opened_index import OpenedIndex
from semhash.ranking import TermIndex
from semhash.ranking.postings import Postings
from semhash.ranking.request import Parts

__all__ = ["MOST_OF_PREFIX", "restricted"]

MOST_OF_PREFIX = 64
"""Words that begin as a prefix does which are looked for, at most: those in most documents."""

_SHORTEST_STEM = 3  # letters
_NO_WORD = (
    "there is no word to look for in it: what is left out, and what is filtered by, finds nothing by itself"
)

_NOT_SO = (
    "no document that may be found has a word of it just as it is written; --exact leaves out all others"
)


@dataclass(frozen=True, slots=True, eq=False)
class _WithPostings:
    """The parts of an index, with other postings."""

    codes: NDArray[np.uint8]
    term_index: TermIndex
    postings: Postings


def restricted(
    index: OpenedIndex, filters: Filters, text: str, parsed: Parsed, passing: Passing | None, *, exact: bool
) -> Understood:
    """Say what a question with signs asks for.

    Parameters
    ----------
    index : OpenedIndex
    filters : Filters
        What keeps filters that were asked for before.
    text : str
        The question.
    parsed : Parsed
        The same, taken apart.
    passing : Passing or None
        What passes the filter beside it.
    exact : bool
        Whether words are found only as they are written.
    """
    return _Restriction(index, filters, parsed, passing).understood(text, exact=exact)


class _Restriction:
    """Leaves out, step by step, documents that a question does not let be found."""

    def __init__(self, index: OpenedIndex, filters: Filters, parsed: Parsed, passing: Passing | None) -> None:
        self._index, self._filters, self._parsed = index, filters, parsed
        self._rows = None if passing is None else passing.rows  # None for all
        self._texts = Texts(index)
        self._remarks: list[str] = []

    def understood(self, text: str, *, exact: bool) -> Understood:
        """Say what the question asks for."""
        index, parsed = self._index, self._parsed
        self._filter()
        n_passing = None if self._rows is None else len(self._rows)
        unwanted = [Phrase(phrase, folds=not exact) for phrase in self._unwanted(exact=exact)]
        wanted = [Phrase(phrase, folds=not exact) for phrase in parsed.wanted.phrases]
        for phrase in wanted:
            self._only(holding(index, phrase.text))
        prefixes = [self._beginning(prefix) for prefix in parsed.wanted.prefixes]
        parts: Parts = index
        terms = None
        if exact:
            found = exact_words(
                index, parsed.words, [term for prefix in prefixes for term in prefix], self._texts
            )
            self._only(found.rows)
            if len(parsed.words.split()) and not len(found.rows):
                self._remarks.append(_NOT_SO)
            parts, terms = _WithPostings(index.codes, index.term_index, found.postings), found.terms
        if not parsed.words.strip() and not prefixes and not parsed.is_plain:
            self._remarks.append(_NO_WORD)
        keeps = None
        if wanted or unwanted:
            keeps = PhraseFilter(index, self._texts, wanted, unwanted, folds=not exact)
        asked = by_text(index, parsed.words, name=text, prefixes=prefixes, terms=terms)
        passing = None if self._rows is None else passing_rows(index, self._rows)
        return Understood(
            asked, passing, n_passing, parts, parsed, keeps, self._texts, remarks=tuple(self._remarks)
        )

    def _only(self, rows: NDArray[np.int64]) -> None:
        """Leave no other documents than these."""
        self._rows = rows if self._rows is None else np.intersect1d(self._rows, rows, assume_unique=True)

    def _without(self, rows: NDArray[np.int64]) -> None:
        """Leave none of these."""
        left = np.ones(len(self._index), dtype=bool)
        left[rows] = False
        self._rows = np.flatnonzero(left) if self._rows is None else self._rows[left[self._rows]]

    def _filter(self) -> None:
        """Leave what passes the question's own filters: any value of a field will do, every field must be met."""
        by_key: dict[str, list[NDArray[np.int64]]] = {}
        for key, value in self._parsed.wanted.fields:
            by_key.setdefault(key, []).append(self._passing(key, value))
        for passing in by_key.values():
            self._only(either(len(self._index), passing))
        for key, value in self._parsed.unwanted.fields:
            self._without(self._passing(key, value))

    def _passing(self, key: str, value: str) -> NDArray[np.int64]:
        try:
            return self._filters.passing(self._index, {key: value}).rows
        except ConfigError as error:
            self._remarks.append(f"{key}:{value} fits no document: {str(error).removeprefix('where: ')}")
            return np.zeros(0, dtype=np.int64)

    def _unwanted(self, *, exact: bool) -> Iterator[str]:
        """Leave out documents by single words and prefixes; give what must be looked for in texts instead."""
        yield from self._parsed.unwanted.phrases
        for word in self._parsed.unwanted.words:
            whole = None if exact else _one_word(word)
            if whole is None:
                yield word
            else:
                self._without(rows_with_word(self._index, whole))
        for prefix in self._parsed.unwanted.prefixes:
            self._without(self._index.postings.rows_of(_beginning(self._index, prefix)))

    def _beginning(self, prefix: str) -> Sequence[int]:
        """Return the terms that begin as a prefix does, in most documents first, not more than are looked for."""
        found = _beginning(self._index, prefix)
        if len(found) > MOST_OF_PREFIX:
            self._remarks.append(
                f"{len(found):,} words begin with {prefix!r}: the {MOST_OF_PREFIX} that most documents hold are looked "
                "for"
            )
        return found[:MOST_OF_PREFIX]


def _one_word(word: str) -> str | None:
    """Return the written word that a part of a question is; None where it is several, as ``e-mail`` is."""
    cut = tokens(word)
    pieces = spelled(cut[0]) if len(cut) == 1 else []
    if pieces and (len(pieces) == 1 or _letters(pieces[0]) == _letters(cut[0])):
        return pieces[0]
    return None


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word.lower()))


def _beginning(index: OpenedIndex, prefix: str) -> list[int]:
    """Return the terms of words that begin so, in most documents first: by their stems, or as they are written."""
    form = folded(prefix.lower())
    terms = {*index.lexicon.beginning(form)}
    for end in range(_SHORTEST_STEM, len(form)):
        term = index.lexicon.term(form[:end])
        if term is not None and folded(index.forms.word(term)).startswith(form):
            terms.add(term)
    # So that a word with a star finds no less than without.
    own = (name for word in index.analyzer.words(prefix) for name in word.weights())
    terms.update(term for term in map(index.lexicon.term, own) if term is not None)
    ordered = np.array(sorted(terms), dtype=np.int64)
    frequency = np.asarray(index.term_index.document_frequency[ordered], dtype=np.int64)
    order = np.argsort(-frequency, kind="stable")
    return [int(term) for term in ordered[order[frequency[order] > 0]]]
