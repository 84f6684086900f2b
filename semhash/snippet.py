"""The part of a document that shows best why it was found."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

__all__ = ["Snippet", "make_snippet"]

_SPACE = regex.compile(r"\s+")
# Scripts written without spaces: a word in them may have any neighbour. In the others it has no letter beside it.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_HAS_SPACELESS = regex.compile(rf"[{_SPACELESS}]", regex.V1)
_LETTER = rf"[\p{{L}}\p{{N}}\p{{M}}--[{_SPACELESS}]]"
_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage, and where the query's words stand in it.

    Attributes
    ----------
    text : str
        The passage on one line, with an ellipsis where it was cut.
    marks : tuple of (int, int)
        Start and end of each of the query's words in it.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def make_snippet(text: str, wanted: Sequence[str], width: int = 180) -> Snippet:
    """Cut the passage that holds most of the wanted words out of a text.

    Parameters
    ----------
    text : str
        A document.
    wanted : sequence of str
        Words as `semhash.text.words` gives them, the weightiest first.
    width : int
        Length of the passage in characters, about.

    Returns
    -------
    Snippet
        The beginning of the text when no wanted word is in it.
    """
    line = _SPACE.sub(" ", unicodedata.normalize("NFC", text[:_LOOKED_AT])).strip()
    spans = _spans(line, wanted)
    start = _line_start(line, _best_start(spans, width), width)
    end = len(line) if len(line) - start <= width * 9 // 8 else _cut(line, start, width)
    lead = "… " if start else ""
    tail = " …" if end < len(line) or len(text) > _LOOKED_AT else ""
    shift = len(lead) - start
    marks = _merged((a + shift, b + shift) for a, b, _ in spans if start <= a and b <= end)
    return Snippet(lead + line[start:end].rstrip() + tail, marks)


def _spans(line: str, wanted: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give start, end and word of each whole word of the line that is wanted, letter case aside."""
    if not wanted:
        return []
    either = "|".join(map(_pattern, wanted))
    found = regex.finditer(either, line, regex.V1 | regex.IGNORECASE, overlapped=True)
    return [(m.start(), m.end(), m.group().lower()) for m in found]


def _pattern(word: str) -> str:
    escaped = regex.escape(word)
    return escaped if _HAS_SPACELESS.search(word) else rf"(?<!{_LETTER}){escaped}(?!{_LETTER})"


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join spans that overlap, as pairs of characters do in scripts without spaces."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _best_start(spans: list[tuple[int, int, str]], width: int) -> int:
    """Give where the window with most different words begins, the first of equals."""
    best, best_start = 0, 0
    for i, (start, _, _) in enumerate(spans):
        inside = {word for a, b, word in spans[i : i + 50] if b <= start + width * 7 // 8}
        if len(inside) > best:
            best, best_start = len(inside), start
    return best_start


def _line_start(line: str, wanted: int, width: int) -> int:
    """Give the beginning of a word a little before a place, and soon enough to fill the width."""
    early = min(wanted - width // 8, len(line) - width)
    if early <= 0:
        return 0
    space = line.rfind(" ", max(0, early - width // 8), early)
    return space + 1 if space >= 0 else early


def _cut(line: str, start: int, width: int) -> int:
    """Give the end of the last whole word within the width."""
    space = line.rfind(" ", start + width // 2, start + width)
    return space if space > 0 else start + width
