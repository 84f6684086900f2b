"""Words written together and apart: compounds by their parts, and what some write as one word and others as two.

Nothing of this is in an index: a question looks through its lexicon. German, Dutch and Nordic words are put together
without a blank, mostly with a letter or two between them: *Verwaltung|s|gericht*, *Kirche|n|turm*.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from semhash.analysis.folding import folded
from semhash.analysis.languages import Language
from semhash.analysis.questions import AskedWord
from semhash.analysis.stemming import stems
from semhash.opened_index import OpenedIndex

__all__ = ["beside"]

_COMPOUNDING = ("german", "dutch", "danish", "norwegian", "swedish", "icelandic", "finnish")
_SHORTEST = 4  # letters of a part
_TELLING = (
    6  # letters of a part, from which on nothing is asked of what is beside it but to be as long as a part
)
_LINKS = ("", "s", "es", "n", "en", "er", "e", "ens")
_COMPOUND_WEIGHT = 0.25  # of a compound beside the word that is a part of it
_PART_WEIGHT = 0.5  # of the compounds, and of the parts, of a word that is not there itself
_MOST = 64  # compounds of one word
_REMEMBERED = 10_000  # words, with their compounds


def beside(index: OpenedIndex, asked: Sequence[AskedWord]) -> Iterator[tuple[str | None, str, float]]:
    """Give terms of the lexicon that say what a question's words say, written together or apart.

    Yields
    ------
    form : str or None
        The word that the term is another way to say; None for a word by itself.
    term : str
    weight : float
    """
    for word in asked:
        if not word.is_stop:
            yield from _of_word(index, word)
    for one, other in pairwise(asked):
        together = one.form + other.form
        short = [word for word in (one, other) if len(word.form) == 1 or word.form.isdigit()]
        if len(short) == 1 and not short[0].is_stop and index.lexicon.term(together) is not None:
            yield None, together, 1.0


def _of_word(index: OpenedIndex, word: AskedWord) -> Iterator[tuple[str | None, str, float]]:
    languages = [
        language for language in index.analyzer.languages_of(word.form) if language.name in _COMPOUNDING
    ]
    for language in languages:
        for compound, weight in _compounds(index, word, language):
            yield word.form, compound, weight
    if index.lexicon.term(word.main) is None:
        for part, weight in _parts(index, word.form, languages):
            yield None, part, weight


def _compounds(index: OpenedIndex, word: AskedWord, language: Language) -> Iterator[tuple[str, float]]:
    """Give the compounds that a word is a part of, those in most documents."""
    own = index.lexicon.term(word.main)
    weight = _PART_WEIGHT if own is None else _COMPOUND_WEIGHT * word.n
    key = word.form, word.main, language.name
    known = index.compounds.get(key)
    if known is None:
        if len(index.compounds) >= _REMEMBERED:
            index.compounds.clear()
        known = index.compounds[key] = _most_frequent(index, word, own, language)
    for compound in known:
        yield compound, weight


def _most_frequent(
    index: OpenedIndex, word: AskedWord, own: int | None, language: Language
) -> tuple[str, ...]:
    bases = {folded(word.form), *stems(word.form, language)}
    found: set[int] = set()
    for base in bases:
        if len(base) >= _SHORTEST and base.isalpha():
            found.update(_holding(index, base, language))
    found.discard(-1 if own is None else own)
    terms = np.array(sorted(found), dtype=np.int64)
    frequency = index.term_index.document_frequency[terms].astype(np.int64)
    most = terms[np.argsort(-frequency, kind="stable")[:_MOST]]
    return tuple(map(index.lexicon.word, most.tolist()))


def _holding(index: OpenedIndex, base: str, language: Language) -> Iterator[int]:
    """Give the terms of the lexicon that are a base and other parts."""
    lexicon = index.lexicon
    letters, offsets = base.encode(), lexicon.offsets.data  # of a view single numbers are had sooner
    for match in re.finditer(re.escape(letters), lexicon.letters.data):
        term = bisect_right(offsets, match.start()) - 1
        if match.end() > offsets[term + 1]:
            continue
        held = lexicon.word(term)
        before, _, after = held.partition(base)
        if held.isalpha() and (before or after):
            sure = len(base) >= _TELLING
            first = not before or _is_part(index, before, language, sure=sure)
            last = not after or any(
                _is_part(index, after.removeprefix(link), language, sure=sure)
                for link in _LINKS
                if after.startswith(link)
            )
            if first and last:
                yield term


def _is_part(index: OpenedIndex, part: str, language: Language, *, sure: bool = False) -> bool:
    """Say whether a part of a compound is a word of the corpus, or needs not be since the other part is telling."""
    if sure or len(part) < _SHORTEST:
        return len(part) >= _SHORTEST
    bare = {part.removesuffix(link) for link in _LINKS}
    candidates = {
        stem for form in bare if len(form) >= _SHORTEST - 1 for stem in (form, *stems(form, language))
    }
    return any(index.lexicon.term(form) is not None for form in candidates)


def _parts(index: OpenedIndex, form: str, languages: Sequence[Language]) -> Iterator[tuple[str, float]]:
    """Give the parts of a word that no document has: both words of the corpus, or a letter and a word of it."""
    letter, rest = form[0], form[1:]
    if letter.isalpha() and len(rest) > 1 and None not in map(index.lexicon.term, (letter, rest)):
        yield from ((letter, _PART_WEIGHT), (rest, _PART_WEIGHT))
        return
    for language in languages:
        for at in range(_SHORTEST, len(form) - _SHORTEST + 1):
            found = [_known(index, part, language) for part in (form[:at], form[at:])]
            if all(found):
                yield from ((part, _PART_WEIGHT) for part in found if part)
                return


def _known(index: OpenedIndex, part: str, language: Language) -> str | None:
    """Give the term that a part of a compound is known by."""
    for link in _LINKS:
        bare = part.removesuffix(link)
        if part.endswith(link) and len(bare) >= _SHORTEST:
            for term in stems(bare, language):
                if index.lexicon.term(term) is not None:
                    return term
    return None
