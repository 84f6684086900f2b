"""Texts to tokens: the runs of characters that words are spelled with, in one pass, each worked out later and once.

A token is what stands between blanks and punctuation that no word is spelled with: ``getUserName``, ``C++,`` less its
comma, ``U.S.A.``; case and accents stay, so that `semhash.analysis.spelling` can tell. Scripts without spaces between
words are cut here: Chinese and Japanese into characters and overlapping pairs of them, Thai, Lao, Khmer and Burmese
into syllable clusters and pairs of them. Korean words stand whole and in pairs of syllables.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import regex

__all__ = [
    "AROUND",
    "JOINERS",
    "NEEDS_UNICODE",
    "PART",
    "composed",
    "prepared",
    "script_of",
    "spans",
    "tokens",
]

JOINERS = "'.+#&-_"
"""What may stand in a token beside letters and digits."""

_ASCII = bytes(
    byte if byte < 128 and (chr(byte).isalnum() or chr(byte) in JOINERS) else 32 for byte in range(256)
)
_THOUSANDS = re.compile(r",(?<=[0-9],)(?=[0-9]{3}(?![0-9]))")
_BLANKS = re.compile("(?<=[0-9])[\u00a0\u202f\u2009](?=[0-9]{3}(?![0-9]))")
# Quotes and dashes as ASCII has them; what is not to be seen, and the tatweel, which only stretches, dropped.
_ODD = {
    **dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u02bb\u02b9\u2032\u00b4\uff07\u05f3\ua78c"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\uff0d\ufe63\u05be"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u0640\u034f\u061c\u2060\ufeff\u05f4\u180e"), None),
    **dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2061, 0x2070)], None),
    **dict.fromkeys(range(0xFE00, 0xFE10), None),
}
PART = re.compile(
    "[^" + re.escape(JOINERS + "," + "".join(chr(c) for c, plain in _ODD.items() if plain)) + "]+"
)
"""What stands between the joiners of a token that is shown as it was written."""

AROUND = "'.&-_" + "".join(map(chr, _ODD))
"""What may stand around a word in a token that is shown, and is none of it."""

_IS_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in _ODD) + "]")
NEEDS_UNICODE = re.compile("[^\x00-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u20cf\u2100-\u2bff]")
"""What is cut by Unicode's properties. The fast engine agrees on all else: Latin, Greek, Cyrillic and Armenian hold no
marks once composed."""
# Where scripts without spaces are, and few others.
_SPACELESS = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u2e80-\u9fff\ua9e0-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00016fe0-\U0003ffff]"
)
_SIMPLE = re.compile(r"[\w'.+#&-]+")
_SHOWN = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[\w'.+#&-]+")
_SHOWN_ODD = re.compile(_SHOWN.pattern.replace("&-]", "&" + re.escape("".join(map(chr, _ODD))) + "-]"))
_HEBREW_QUOTE = re.compile('(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')
_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc"
_CLUSTERED = r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]&&[\p{L}\p{M}]"

_CLUSTERS, _HANGUL = 2, 3  # groups of the pattern, that of Chinese and Japanese being the first

_SCRIPTS = (
    (0x024F, "latin"), (0x036F, ""), (0x03FF, "greek"), (0x052F, "cyrillic"), (0x058F, "armenian"), (0x05FF, "hebrew"),
    (0x06FF, "arabic"), (0x074F, ""), (0x077F, "arabic"), (0x08FF, ""), (0x097F, "devanagari"), (0x0A7F, ""),
    (0x0AFF, "gujarati"), (0x0B7F, ""), (0x0BFF, "tamil"), (0x0DFF, ""), (0x0E7F, "thai"), (0x0EFF, "lao"),
    (0x0FFF, ""), (0x109F, "myanmar"), (0x10FF, ""), (0x11FF, "hangul"), (0x177F, ""), (0x17FF, "khmer"),
    (0x1DFF, ""), (0x1EFF, "latin"), (0x1FFF, "greek"), (0x2E7F, ""), (0x303F, "han"), (0x312F, "kana"),
    (0x318F, "hangul"), (0x9FFF, "han"), (0xABFF, ""), (0xD7FF, "hangul"), (0xF8FF, ""), (0xFAFF, "han"),
)  # fmt: skip


def script_of(word: str) -> str:
    """Name the script of a word's first letter: as `Language.script`; empty where it has none, or no known one."""
    for character in word:
        if character.isalpha():
            code = ord(character)
            if code < 0x250:
                return "latin"
            return next((script for last, script in _SCRIPTS if code <= last), "han")
    return ""


def tokens(text: str) -> list[str]:
    """Cut a text into tokens, in order, repeats kept.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Some may hold no letter; `semhash.analysis.spelling` makes nothing of those.
    """
    if text.isascii():
        if "," in text:
            text = _THOUSANDS.sub("", text)
        # To cut at blanks is quicker than to look for words; most stops end a sentence.
        return text.encode().translate(_ASCII).replace(b". ", b" ").decode().split()
    text = prepared(text)
    if NEEDS_UNICODE.search(text) is None:
        return _SIMPLE.findall(text.replace(". ", " "))
    return _unicode_list(text.replace(". ", " "))


def spans(line: str) -> Iterator[tuple[str, int, int]]:
    """Give the tokens of a line that is to be shown, each with its start and its end there.

    The line's characters must keep their places, so it is not `prepared`: each token is, by itself.
    """
    if line.isascii() or (NEEDS_UNICODE.search(line) is None and _IS_ODD.search(line) is None):
        for match in _SHOWN.finditer(line):
            token = match.group()
            if not token.isascii():
                token = unicodedata.normalize("NFKC", token)
            yield token.replace(",", ""), match.start(), match.end()
        return
    if NEEDS_UNICODE.search(line) is None:
        for match in _SHOWN_ODD.finditer(line):
            yield prepared(match.group()), match.start(), match.end()
        return
    for token, start, end in _unicode_tokens(line):
        yield prepared(token), start, end


def prepared(text: str) -> str:
    """Write a text in Unicode's NFKC (Unicode Standard Annex 15), with plain quotes and dashes, its numbers whole.

    Characters that are not to be seen are dropped, and lines that break inside a run of a script without spaces are
    joined.
    """
    if text.isascii():
        return _THOUSANDS.sub("", text) if "," in text else text
    text = _BLANKS.sub("", text)
    if _IS_ODD.search(text) is not None:
        text = text.translate(_ODD)
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text))
    if NEEDS_UNICODE.search(text) is not None:
        text = _HEBREW_QUOTE.sub("", text)
        if "\n" in text:
            text = _patterns().wrapped.sub("", text)
    return text


def composed(text: str) -> str:
    """Write a text in NFC, the words of scripts without spaces not parted by the breaks of its lines."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if "\n" in text and _SPACELESS.search(text) is not None:
        text = _patterns().wrapped.sub("", text)
    return text


class _Patterns:
    """What is found by Unicode's properties; loaded when a text needs it."""

    def __init__(self) -> None:
        import regex

        hidden = "".join(map(re.escape, map(chr, _ODD)))
        other = rf"[\p{{L}}\p{{N}}\p{{M}}'.+#&_{hidden}-]--[{_CJK}\p{{Hangul}}]--[{_CLUSTERED}]"
        found = rf"([{_CJK}][{_CJK}\p{{M}}]*)|([{_CLUSTERED}]+)|(\p{{Hangul}}+)|[{other}]+"
        self.token = regex.compile(found, regex.V1)
        self.character = regex.compile(r"\X", regex.V1)
        self.cluster = regex.compile(
            r"[\u0e40-\u0e44\u0ec0-\u0ec4]?\p{L}"
            r"(?:[\u17d2\u1039]\p{L}|\p{M}|[\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3])*|\p{M}+",
            regex.V1,
        )
        spaceless = rf"[{_CJK}[{_CLUSTERED}]]"
        self.wrapped = regex.compile(rf"(?<={spaceless})[ \t]*\r?\n[ \t]*(?={spaceless})", regex.V1)


@cache
def _patterns() -> _Patterns:
    return _Patterns()


def _unicode_list(text: str) -> list[str]:
    """Return the tokens of `_unicode_tokens` without their places, which take as long again to find."""
    patterns = _patterns()
    found: list[str] = []
    for match in patterns.token.finditer(text):
        kind = match.lastindex
        run = match[0]
        if kind is None:
            found.append(run)
        elif kind == _HANGUL:
            found.append(run)
            if len(run) > 2:
                found += [one + other for one, other in pairwise(run)]
        else:
            units, alone = _units(run, kind)
            found += units if len(units) == 1 else alone
            found += [one + other for one, other in pairwise(units)]
    return found


def _units(run: str, kind: int) -> tuple[Sequence[str], list[str]]:
    """Cut a run of a script without spaces, as `_grams` does; the units, and those that say something alone."""
    if kind == _CLUSTERS:
        clusters = _patterns().cluster.findall(run)
        return clusters, clusters
    units = run if _NO_MARKS.issuperset(run) else _patterns().character.findall(run)
    if len(units) == len(run):
        _NO_MARKS.update(run)
    return units, [unit for unit in units if _IS_HAN[unit]]


class _IsHan(dict[str, bool]):
    """Which characters are ideographs: looked up once for each."""

    def __missing__(self, character: str) -> bool:
        found = self[character] = _is_han(character)
        return found


_IS_HAN = _IsHan()
_NO_MARKS: set[str] = set()  # characters that were met, and are whole by themselves


def _unicode_tokens(text: str) -> Iterator[tuple[str, int, int]]:
    patterns = _patterns()
    for match in patterns.token.finditer(text):
        cjk, clustered, hangul = match.groups()
        start = match.start()
        if cjk:
            yield from _grams(list(patterns.character.finditer(cjk)), start, _is_han)
        elif clustered:
            yield from _grams(list(patterns.cluster.finditer(clustered)), start, bool)
        else:
            yield match.group(), start, match.end()
            if hangul and len(hangul) > 2:
                pairs = enumerate(map("".join, pairwise(hangul)), start)
                yield from ((pair, at, at + 2) for pair, at in ((p, a) for a, p in pairs))


def _grams(
    units: "list[regex.Match[str]]", start: int, alone: Callable[[str], Any]
) -> Iterator[tuple[str, int, int]]:
    """Give the units of a run that say something alone, and all pairs of neighbours."""
    for unit in units:
        if len(units) == 1 or alone(unit.group()):
            yield unit.group(), start + unit.start(), start + unit.end()
    for one, other in pairwise(units):
        yield one.group() + other.group(), start + one.start(), start + other.end()


def _is_han(character: str) -> bool:
    """Say whether a character is an ideograph: a letter of kana says nothing alone."""
    return script_of(character) == "han"
