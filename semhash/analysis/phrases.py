"""Texts as phrases are looked for in them: words one after the other, in one case, without what parts them.

An index knows which words a document holds and not where, so a phrase is looked for in the texts of the documents that
hold its words. A hyphen, an apostrophe or a stop may part two words or be part of one: ``e-mail``, ``l'hôtel`` and
``U.S.A.`` are found as they stand, by their parts, and written as one word.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from semhash.analysis.folding import folded
from semhash.analysis.tokens import NEEDS_UNICODE, prepared

if TYPE_CHECKING:
    import regex

__all__ = ["Phrase", "SpacedText"]

_BLANK = bytes(
    ord(chr(byte).lower()) if byte < 128 and (chr(byte).isalnum() or chr(byte) in "+#") else 32
    for byte in range(256)
)
_SIGN = re.compile(r"([^\W_](?:\+\+|#)(?![^\W_]))|[+#]+")  # of C++ and C#; any other is none
_CUT_SHORT = (
    r"'(?:s|ll|re|ve|d|m)(?![^\W_])"  # an ending that is no part of the word: patient's is not patients
)
_JOINERS = b"-'&._"
_JOINER = re.compile(
    rf"(?!{_CUT_SHORT})(?:(?<=[^\W\d_])[-'&._](?=[^\W_])|(?<=[^\W_])[-'&._](?=[^\W\d_]))", re.IGNORECASE
)
_KEPT_APART = re.compile(rf"[-'&._]{{2}}|[0-9][-'&._][0-9]|{_CUT_SHORT}", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:\+\+|#)?")
_KEPT = 100_000  # folded words

_FOLDED: dict[str, str] = {}


class SpacedText:
    """A text to look for phrases in; made ready when the first one is looked for.

    Parameters
    ----------
    text : str
    folds : bool
        Whether accents make no difference.
    """

    def __init__(self, text: str, *, folds: bool = True) -> None:
        plain = text if text.isascii() and "," not in text else prepared(text)
        self._plain = plain.replace("İ", "i")
        self._folds = folds
        self._ways: dict[bool, str] = {}

    def way(self, *, joined: bool) -> str:
        """Return its words with two blanks between them and one around all, parted at joiners or written as one."""
        found = self._ways.get(joined)
        if found is None:
            found = self._ways[joined] = _spaced(_joined(self._plain) if joined else self._plain, self._folds)
        return found

    def count(self, phrase: "Phrase") -> int:
        """Return how often it holds a phrase."""
        for joined in (False, True):
            held = self.way(joined=joined)
            found = max(map(held.count, phrase.ways), default=0)
            if found:
                return found
        return 0


class Phrase:
    """A phrase to look for.

    Parameters
    ----------
    text : str
    folds : bool
        Whether accents make no difference.
    """

    def __init__(self, text: str, *, folds: bool = True) -> None:
        spaced = SpacedText(text, folds=folds)
        self.text = text
        self.ways = tuple(
            {way: None for way in (spaced.way(joined=False), spaced.way(joined=True)) if way.strip()}
        )

    def __bool__(self) -> bool:
        return bool(self.ways)


def _joined(text: str) -> str:
    """Write words with joiners in them as one."""
    if text.isascii() and _KEPT_APART.search(text) is None:
        # A joiner that does not stand in a word has a blank or a sign beside it, which parts words as well.
        return text.encode().translate(None, _JOINERS).decode()
    return _JOINER.sub("", text)


def _spaced(text: str, folds: bool) -> str:
    if "+" in text or "#" in text:
        text = _SIGN.sub(lambda found: found[1] or " ", text)
    if text.isascii():
        words = text.encode().translate(_BLANK).decode().split()
    else:
        lowered = text.lower()
        words = (_pattern() if NEEDS_UNICODE.search(lowered) else _WORDS).findall(lowered)
        if folds:
            words = [word if word.isascii() else _folded(word) for word in words]
    return f" {'  '.join(words)} "


def _folded(word: str) -> str:
    found = _FOLDED.get(word)
    if found is None:
        if len(_FOLDED) >= _KEPT:
            _FOLDED.clear()
        found = _FOLDED[word] = folded(word)
    return found


@cache
def _pattern() -> "regex.Pattern[str]":
    """Cut scripts without spaces, and Korean, where they are set freely, into characters; all else into words."""
    import regex

    spaceless = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Hangul}"
    marks = r"\p{M}\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3"
    unit = rf"[[{spaceless}]&&[\p{{L}}\u30fc]](?:[\u17d2\u1039]\p{{L}}|[{marks}])*"
    return regex.compile(rf"{unit}|[[\p{{L}}\p{{N}}\p{{M}}]--[[{spaceless}]&&\p{{L}}]]+(?:\+\+|#)?", regex.V1)
