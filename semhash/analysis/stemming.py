"""Stems by Snowball, through PyStemmer: a small C extension, its stemmers made when first needed.

Porter, *Snowball: a language for stemming algorithms* (2001).
"""

from functools import cache
from typing import TYPE_CHECKING

from semhash.analysis.folding import folded
from semhash.analysis.languages import Language

if TYPE_CHECKING:
    import Stemmer

__all__ = ["lowered", "marked_stem", "plain_stems", "stems"]

_LETTERS = str.maketrans("Iİ", "ıi")


_LONGER_WAY = ("danish", "norwegian", "turkish")
_WITHOUT_ACCENTS = ("english", "indonesian", "malaysian")  # whose endings have none


@cache
def _stemmer(name: str) -> "Stemmer.Stemmer":
    import Stemmer

    return Stemmer.Stemmer(name, 0)  # whoever asks keeps what was found


def lowered(word: str, language: Language) -> str:
    """Write a word in small letters, as its language does."""
    if language.name == "turkish":
        return word.translate(_LETTERS).lower()
    return word.replace("İ", "i").lower()


def plain_stems(words: list[str], language: Language) -> list[str]:
    """Give the stems of words of ASCII's small letters at once; empty where more is to be asked."""
    if not language.stemmer or language.name in _LONGER_WAY:
        return [""] * len(words)
    return list(_stemmer(language.stemmer).stemWords(words))


def marked_stem(word: str, language: Language) -> str:
    """Give the stem of a word in small letters with the accents that the stemmer leaves."""
    if word.isascii() or not language.stemmer or not word.isalpha():
        return word
    return str(_stemmer(language.stemmer).stemWord(word))


def stems(word: str, language: Language) -> list[str]:
    """Give the folded stem of a word in small letters; a second one, if it has another one typed without accents.

    Stemmers know endings by their accents, so a word is stemmed as it is written and folded then: the French
    *brûlée* is *brul*. But who types *brulee* has nothing but the stem of that, *brule*: a document has both.
    """
    if not language.stemmer or not (word.isalpha() or _is_marked(word)):
        return [folded(word)]
    stem = _stemmer(language.stemmer).stemWord
    if language.name in ("danish", "norwegian"):
        word = word.replace("aa", "å")
    if language.name in _WITHOUT_ACCENTS:
        word = folded(word)
    found = folded(stem(word))
    if word.isascii():
        return [found]
    plain = folded(word)
    again = folded(stem(plain)) if plain != word else found
    return [found] if again == found or not again else [found or plain, again]


def _is_marked(word: str) -> bool:
    """Say whether there is more to a word than letters and digits, such as vowel signs."""
    return not word.isascii() and not any(character.isdigit() for character in word)
