"""Words brought to one spelling: accents off, letters that are written in several ways as one of them."""

import re
import unicodedata

__all__ = ["folded", "without_marks"]

_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
        "ŧ": "t", "ŋ": "n", "ĸ": "k", "ſ": "s", "ς": "σ",
        # Arabic: alef, ya and ta marbuta as they are often typed, and the letters of Persian and Urdu keyboards
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ۀ": "ه",
        "ہ": "ه", "ھ": "ه", "ک": "ك", "ے": "ي",
    }
)  # fmt: skip
# Scripts whose marks may be left out in writing. Those of others are vowels, and й, ў and ї are letters of their own.
_MARKED = re.compile("[\u00aa-\u024f\u0370-\u052f\u0590-\u06ff\u1e00-\u1fff]")
_KEPT = {"\u0306": "иИуУ", "\u0308": "іІ"}
_PLAIN: set[str] = set()  # characters that were met, and are no marks: each of them is folded by itself
_BASES = re.compile("[A-Za-z\u0250-\u02af\u0370-\u03ff\u0400-\u052f\u0590-\u05ff\u0600-\u06ff]")


def without_marks(word: str) -> str:
    """Take the marks off letters of Latin, Greek, Cyrillic, Arabic and Hebrew; й, ў and ї stay letters."""
    kept, base = [], ""
    for character in unicodedata.normalize("NFD", word):
        if not unicodedata.category(character).startswith("M"):
            base = character
        elif _BASES.match(base) and base not in _KEPT.get(character, ""):
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def folded(word: str) -> str:
    """Fold a word that is in small letters: what is typed without accents meets what is written with them.

    >>> [folded(word) for word in ("crème", "straße", "łódź", "ёлка", "μήνας", "كِتَاب", "ığdır", "ørred")]
    ['creme', 'strasse', 'lodz', 'елка', 'μηνασ', 'كتاب', 'igdir', 'orred']
    """
    if word.isascii():
        return word
    if not _PLAIN.issuperset(word):
        if any(unicodedata.category(character).startswith("M") for character in word):
            return _folded_together(word)
        _PLAIN.update(word)
    return word.translate(_ONE_BY_ONE)


def _folded_together(word: str) -> str:
    """Fold a word that has marks beside its letters."""
    folded_word = word.translate(_LETTERS)
    if folded_word.isascii():
        return folded_word
    if _MARKED.search(folded_word) or any(unicodedata.combining(character) for character in folded_word):
        folded_word = without_marks(folded_word).translate(_LETTERS)
    return _digits(folded_word)


def _digits(word: str) -> str:
    """Write the digits of every script as those of ASCII."""
    if not any(character.isdecimal() and not character.isascii() for character in word):
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)


class _OneByOne(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _folded_together(chr(code))
        return found


_ONE_BY_ONE = _OneByOne()
