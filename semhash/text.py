"""Text to words.

A word is a run of two or more letters, digits and combining marks, lower-cased after Unicode's NFKC
normalisation (Unicode Standard Annex 15). Scripts written without spaces between words are cut into
overlapping pairs of characters, the usual rule of search engines for Chinese and Japanese.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

__all__ = ["words"]

# ASCII in small letters, a blank for all but letters and digits: to cut there is quicker than to look for words.
_ASCII = bytes(ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256))
# Latin, Greek, Cyrillic, Armenian and punctuation hold no marks once composed: the fast engine agrees there.
_NEEDS_UNICODE = re.compile("[^\x00-\u02ff\u0370-\u0482\u048a-\u058f\u2000-\u20cf\u2100-\u2bff]")
_SIMPLE_WORD = re.compile(r"[^\W_]{2,}")
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"


def words(text: str) -> list[str]:
    """Cut a text into words, in order, repeats kept.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Lower-case words of two characters or more; those of scripts without spaces are pairs of characters.
    """
    if text.isascii():
        return [word for word in text.encode().translate(_ASCII).decode().split() if len(word) > 1]
    text = unicodedata.normalize("NFKC", text).lower()
    if _NEEDS_UNICODE.search(text) is None:
        return _SIMPLE_WORD.findall(text)
    return list(_unicode_words(text))


@cache
def _unicode_word() -> "regex.Pattern[str]":
    """Give what finds words of any script; loaded when a text needs it."""
    import regex

    spaced = rf"[\p{{L}}\p{{N}}\p{{M}}--[{_SPACELESS}]]{{2,}}"
    return regex.compile(rf"([{_SPACELESS}][{_SPACELESS}\p{{M}}]*)|{spaced}", regex.V1)


def _unicode_words(text: str) -> Iterator[str]:
    for match in _unicode_word().finditer(text):
        spaceless = match.group(1)
        if spaceless is None:
            yield match.group()
        elif len(spaceless) == 1:
            yield spaceless
        else:
            yield from map("".join, pairwise(spaceless))
