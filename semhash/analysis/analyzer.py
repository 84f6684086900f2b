"""Tokens to terms: what a token of a document is counted as, in the language of the document."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from zlib import crc32

from semhash.analysis.folding import folded
from semhash.analysis.languages import NONE, Language, by_iso, by_name, language_named
from semhash.analysis.spelling import spelled
from semhash.analysis.stemming import lowered, marked_stem, plain_stems, stems
from semhash.analysis.stopwords import LISTED, stop_words
from semhash.analysis.tokens import script_of, tokens

__all__ = [
    "AUTO",
    "MAX_WORD_LENGTH",
    "Analyzer",
    "Word",
    "asked_languages",
    "is_exact",
    "script_default",
    "spelling_bit",
]

MAX_WORD_LENGTH = 64

AUTO = "auto"
"""Have the language of each document found; or leave out the stop words of each document's language."""

_EXACT_SCRIPTS = ("latin", "cyrillic")  # in others marks are always written, or mostly left out
_OF_SCRIPT = {
    "latin": "english", "cyrillic": "russian", "arabic": "arabic", "greek": "greek", "devanagari": "hindi",
    "armenian": "armenian", "tamil": "tamil",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A written word of a document, and what it is counted as.

    Attributes
    ----------
    form : str
        The word as it is written, in small letters.
    terms : tuple of str
        The folded stem; then the stem that the word has typed without accents, where that is another.
    exact : str
        The stem with its accents on, for a word that has some left then; empty for others.
    is_stop : bool
        Whether it is too common to tell subjects apart.
    """

    form: str
    terms: tuple[str, ...]
    exact: str
    is_stop: bool


@dataclass(frozen=True)
class Analyzer:
    """Makes terms of tokens.

    Parameters
    ----------
    language : str
        A language's name or ISO code, ``"none"`` for no stems, or ``"auto"`` for that of each document.
    stop_words : str
        A language whose stop words are left out of what codes are learned from, ``"none"``, or ``"auto"`` for those
        of each document's language.

    Raises
    ------
    ConfigError
        There is no such language, or no list of stop words for it.
    """

    language: str = AUTO
    stop_words: str = AUTO
    _listed: Collection[str] | None = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.language != AUTO:
            language_named(self.language)
        if self.stop_words != AUTO:
            named = by_iso.get(self.stop_words)
            listed = stop_words(self.stop_words if named is None else named.name)
            object.__setattr__(self, "_listed", listed)

    @cached_property
    def fixed(self) -> Language | None:
        """The language of every document; None where each has its own."""
        return None if self.language == AUTO else language_named(self.language)

    def words(self, token: str, language: Language) -> list[Word]:
        """Give the written words of a token of a document in some language."""
        return [word for piece in spelled(token) if (word := self.word(piece, language)) is not None]

    def terms(self, text: str, language: Language | None = None) -> list[str]:
        """Give everything that a text is counted as, in order, repeats kept.

        Parameters
        ----------
        text : str
        language : Language or None
            Its language; None for that of every document, or none.
        """
        spoken = language or self.fixed or NONE
        words = [word for token in tokens(text) for word in self.words(token, spoken)]
        return [term for word in words for term in (*word.terms, word.exact) if term]

    def language_of(self, word: str, language: Language) -> Language:
        """Give the language that a word of a document is taken for: another where it is in another script."""
        if language is NONE and self.fixed is NONE:
            return NONE
        script = script_of(word)
        return language if script == language.script and language is not NONE else script_default(script)

    def word(self, piece: str, language: Language) -> Word | None:
        """Give a written word of a document in some language; None for what is no word, or over-long."""
        form = piece.lower()
        stem = plain_stems([form], language)[0] if _is_plain(piece, language) else ""
        if stem:
            return Word(form, (stem,), "", form in self.stop_words_of(language))
        language = self.language_of(piece, language)
        form = lowered(piece, language)
        found = tuple(term for term in stems(form, language) if 0 < len(term) <= MAX_WORD_LENGTH)
        if not found or len(form) > MAX_WORD_LENGTH:
            return None
        exact = marked_stem(form, language)
        exact = exact if is_exact(exact) else ""
        return Word(
            form,
            found,
            exact,
            form in self.stop_words_of(language) or folded(form) in self.stop_words_of(language),
        )

    def plain_stems(self, pieces: Iterable[str], language: Language) -> list[str]:
        """Give the one term of each written word that has but one, and empty where `word` is to be asked."""
        latin = language.script == "latin"
        found = [
            piece.lower()
            if latin and piece.isascii() and piece.isalpha() and len(piece) <= MAX_WORD_LENGTH
            else ""
            for piece in pieces
        ]
        stems_of = iter(plain_stems([form for form in found if form], language))
        return [next(stems_of) if form else "" for form in found]

    def stop_words_of(self, language: Language) -> Collection[str]:
        """Give the words that are left out of what codes are learned from, in documents of a language."""
        if self._listed is not None:
            return self._listed
        return stop_words(language.name) if language.name in LISTED else ()


def spelling_bit(form: str) -> int:
    """Give the bit, 1 to 128, that a written word in small letters has among those of its term.

    Eight bits tell the few spellings of a stem apart, mostly, in one byte: as in Bloom, *Space/time trade-offs in hash
    coding with allowable errors* (1970), with one hash.
    """
    return 1 << (crc32(form.encode("utf-8", "surrogatepass")) & 7)


def _is_plain(piece: str, language: Language) -> bool:
    """Say whether a word is nothing but letters of ASCII, in a language that is written with them."""
    return (
        language.script == "latin" and len(piece) <= MAX_WORD_LENGTH and piece.isascii() and piece.isalpha()
    )


def script_default(script: str) -> Language:
    """Give the language that words of a script are taken for where nothing else is known."""
    return by_name[_OF_SCRIPT[script]] if script in _OF_SCRIPT else NONE


def is_exact(term: str) -> bool:
    """Say whether a term has its accents on: see `Word.exact`."""
    return not term.isascii() and script_of(term) in _EXACT_SCRIPTS and folded(term) != term


def asked_languages(word: str, analyzer: Analyzer, present: Iterable[Language]) -> list[Language]:
    """Give the languages in which documents may hold a word of a question, as `Analyzer.language_of` takes them.

    Parameters
    ----------
    word : str
    analyzer : Analyzer
    present : iterable of Language
        Those that documents of the index are in.
    """
    found = list(dict.fromkeys(analyzer.language_of(word, language) for language in present))
    return found or [analyzer.language_of(word, analyzer.fixed or NONE)]
