"""Which language a text is in: by its script, by function words, and else by py3langid.

Lui and Baldwin, *langid.py: An Off-the-shelf Language Identification Tool* (ACL 2012): naive Bayes over byte n-grams,
its model in the package. Most texts of most corpora never need it: it takes half a second to load, and twice as long
as all else that is done with a short text.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from semhash.analysis.languages import NONE, Language, by_iso, by_name
from semhash.analysis.stopwords import LISTED, stop_words
from semhash.analysis.tokens import script_of, tokens

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = [
    "BEGINNING",
    "first_words",
    "guess",
    "guess_at_once",
    "guess_by_library",
    "likely_by_words",
    "main_script",
]

BEGINNING = 2000
"""Characters of a text that are looked at, at most."""

_LOOKED_AT = 600  # characters, by the library
_TOKENS = 60
# Words that are frequent in no other language: Dutch has "of", "is" and "was", Danish "have" and "by".
_ENGLISH = frozenset("the and that with this are from which were been their these what".split())
_ENGLISH_SHARE, _SHARE = 0.05, 0.12  # of the words, that are function words of the language
_LIKELY = 0.2  # by the library's own measure, where the likeliest of some fifty languages is more than chance
_FEWEST = 3  # words, of which anything is said
_CLEAR = 4  # function words that another language has not
_DIFFERENT = 3  # of them
_CLEARLY = 3  # times as many as the other has and this one has not
# Scripts of one language, as far as can be told.
_OF_SCRIPT = {
    "armenian": "armenian", "greek": "greek", "gujarati": "gujarati", "hangul": "korean", "tamil": "tamil",
    "thai": "thai", "lao": "lao", "khmer": "khmer", "myanmar": "burmese",
}  # fmt: skip
# Told apart by the library beside those with a stemmer or a list, lest their texts be taken for a neighbour's.
_BESIDE = ("af", "az", "br", "cy", "gl", "la", "lb", "mt", "oc", "sq", "sw", "tl")


def guess(text: str, tokens: Sequence[str]) -> tuple[Language, bool]:
    """Guess the language of a text.

    Parameters
    ----------
    text : str
        Its beginning is looked at.
    tokens : sequence of str
        As `semhash.analysis.tokens.tokens` cuts it.

    Returns
    -------
    language : Language
        `NONE` where nothing can be said.
    sure : bool
        Whether it is that beyond doubt: by its script, or by its function words.
    """
    return guess_at_once(text, tokens) or guess_by_library(text)


def guess_at_once(text: str, tokens: Sequence[str]) -> tuple[Language, bool] | None:
    """Guess as `guess` does; None where the library is to be asked."""
    begun = tokens[: 2 * _TOKENS]
    english = list(filter(_ENGLISH.__contains__, begun))
    if len(english) >= max(2, _ENGLISH_SHARE * len(begun)) and len(set(english)) > 1:
        return by_name["english"], True
    words = first_words(tokens)
    scripts = _scripts(words)
    by_script = _by_script(scripts)
    if by_script is not None:
        return by_script
    if len(words) < _FEWEST or not scripts:
        return NONE, False
    clear = _by_words(words)
    if clear is None or (clear.name == "english" and not text[:_LOOKED_AT].isascii()):
        return None  # English among another language may be what a translator has left
    return clear, True


def first_words(tokens: Sequence[str]) -> list[str]:
    """Return the first words of a text, in small letters, numbers left out."""
    return [token.lower() for token in tokens[:_TOKENS] if not token.isdigit()]


def main_script(words: Sequence[str]) -> str:
    """Return the script that most words are in; empty where there is none."""
    scripts = _scripts(words)
    return scripts.most_common(1)[0][0] if scripts else ""


def _scripts(words: Sequence[str]) -> Counter[str]:
    scripts = Counter(map(script_of, words))
    scripts.pop("", None)
    return scripts


def guess_by_library(text: str) -> tuple[Language, bool]:
    """Guess the language of a text that `guess_at_once` leaves open."""
    words = first_words(tokens(text[:BEGINNING]))
    code, likelihood = _library().classify(text[:_LOOKED_AT])
    found = by_iso.get(code) if likelihood >= _LIKELY else None
    if found is None or found.script != main_script(words):
        return NONE, False
    return found, found in likely_by_words(words)


def _by_script(scripts: Counter[str]) -> tuple[Language, bool] | None:
    """Guess by how many words are in which script; None where that does not tell."""
    if not scripts:
        return None
    characters = scripts["kana"] + scripts["han"]
    if 10 * scripts["kana"] >= characters >= scripts.total() / 2:
        return by_name["japanese"], True
    script, n = scripts.most_common(1)[0]
    if script == "han":
        return by_name["chinese"], n > 2
    return (by_name[_OF_SCRIPT[script]], 2 * n > scripts.total()) if script in _OF_SCRIPT else None


@cache
def _listed_in() -> dict[str, tuple[Language, ...]]:
    """Return which languages have a word among their function words."""
    found: dict[str, tuple[Language, ...]] = {}
    for name in sorted(LISTED):
        for word in stop_words(name):
            found[word] = (*found.get(word, ()), by_name[name])
    return found


def _function_words(words: Sequence[str]) -> dict[Language, list[str]]:
    """Return which words of a text are function words of which language."""
    listed = _listed_in()
    held: dict[Language, list[str]] = {}
    for word in words:
        for language in listed.get(word, ()):
            held.setdefault(language, []).append(word)
    return held


def likely_by_words(words: Sequence[str]) -> set[Language]:
    """Return the languages that have enough function words among the first words of a text to be what it is in."""
    held = _function_words(words)
    return {language for language, some in held.items() if _are_enough(some, words)}


def _are_enough(held: Sequence[str], words: Sequence[str]) -> bool:
    return len(held) >= _SHARE * len(words) and len(set(held)) >= 2


def _by_words(words: Sequence[str]) -> Language | None:
    """Return the language that a text has the function words of, if it has hardly any that are none of it."""
    held = _function_words(words)
    if not held:
        return None
    best = max(held, key=lambda language: len(held[language]))
    mine = held.pop(best)
    known = set(mine)
    if len(mine) < max(_CLEAR, _SHARE * len(words)) or len(known) < _DIFFERENT:
        return None
    for others in held.values():
        n_others = len(others) - sum(map(known.__contains__, others))
        n_mine = len(mine) - sum(map(set(others).__contains__, mine))
        if n_mine < max(_CLEAR, _CLEARLY * n_others):
            return None
    return best


@cache
def _library() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(library.nb_classes)
    library.set_languages([code for code in (*by_iso, *_BESIDE) if code in known])
    return library
