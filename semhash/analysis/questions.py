"""Questions to terms: as documents are analysed, in every language that documents may hold a word in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from semhash.analysis.analyzer import Analyzer, Word, asked_languages
from semhash.analysis.languages import Language, by_name
from semhash.analysis.spelling import spelled
from semhash.analysis.tokens import tokens

__all__ = ["EXACT_WEIGHT", "STOP_WEIGHT", "AskedWord", "QuestionAnalyzer"]

_REMEMBERED = 50_000  # written words, with what they were found to be

EXACT_WEIGHT = 0.25
"""What the very spelling of a word with accents weighs beside the word: it puts the exact form above the folded one."""

STOP_WEIGHT = 0.25
"""What a stop word weighs in a question that has other words."""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of a question.

    Attributes
    ----------
    n : int
        How often the question has it.
    readings : tuple of Word
        The word as documents of each language would have it, those alike once.
    """

    n: int
    readings: tuple[Word, ...]

    @property
    def main(self) -> str:
        """Its term, as most documents that hold it would have it."""
        return self.readings[0].terms[0]

    @property
    def form(self) -> str:
        """The word as it is written, in small letters."""
        return self.readings[0].form

    @property
    def is_stop(self) -> bool:
        """Whether it is too common to tell subjects apart, in the language of most documents that may hold it."""
        return self.readings[0].is_stop

    def weights(self) -> dict[str, float]:
        """Give its terms, each with what it weighs: those of one language share in the word's weight."""
        found: dict[str, float] = {}
        for word in self.readings:
            for term in word.terms:
                found[term] = max(found.get(term, 0.0), 1 / len(word.terms))
            if word.exact:
                found[word.exact] = EXACT_WEIGHT
        return found


@dataclass
class QuestionAnalyzer:
    """Analyses questions to an index.

    Parameters
    ----------
    analyzer : Analyzer
        What analysed its documents.
    languages : mapping of str to int
        How many of them are in which language, by its name; the languages of most come first.

    Attributes
    ----------
    present : list of Language
        Those languages, as far as they are known here.
    """

    analyzer: Analyzer
    languages: Mapping[str, int]
    present: list[Language] = field(init=False)
    _read: dict[str, list[Word]] = field(init=False, default_factory=dict)
    _terms: dict[str, frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        named = sorted(self.languages, key=lambda name: -self.languages[name])
        self.present = [by_name[name] for name in named if name in by_name]

    def words(self, text: str) -> list[AskedWord]:
        """Give the words of a text, each written word once, in order."""
        found: dict[str, list[Word]] = {}
        times: Counter[str] = Counter()
        for token, n in Counter(tokens(text)).items():
            for piece in spelled(token):
                readings = self._readings(piece)
                if readings:
                    form = readings[0].form
                    times[form] += n
                    found.setdefault(form, readings)
        return [AskedWord(times[form], tuple(readings)) for form, readings in found.items()]

    def languages_of(self, word: str) -> list[Language]:
        """Give the languages in which documents may hold a word."""
        return asked_languages(word, self.analyzer, self.present)

    def terms(self, token: str) -> frozenset[str]:
        """Return every term that a document's token may be counted as, in one of the languages."""
        known = self._terms.get(token)
        if known is None:
            if len(self._terms) >= _REMEMBERED:
                self._terms.clear()
            words = (word for piece in spelled(token) for word in self._readings(piece))
            known = frozenset(term for word in words for term in (*word.terms, word.exact))
            self._terms[token] = known
        return known

    def _readings(self, piece: str) -> list[Word]:
        known = self._read.get(piece)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            known = self._read[piece] = self._analysed(piece)
        return known

    def _analysed(self, piece: str) -> list[Word]:
        languages = self.languages_of(piece)
        read = [word for language in languages if (word := self.analyzer.word(piece, language)) is not None]
        return list({word.terms: word for word in reversed(read)}.values())[::-1]
