"""The part of a document that shows best why it was found."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex

__all__ = ["Snippet", "make_snippet"]

_SPACE = regex.compile(r"\s+")
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
    start = _best_start(spans, width)
    if start > 0:
        start = max(0, line.rfind(" ", 0, max(1, start - width // 8)) + 1)
    end = len(line) if len(line) - start <= width else _cut(line, start, width)
    lead = "… " if start else ""
    tail = " …" if end < len(line) else ""
    marks = tuple(
        (a - start + len(lead), b - start + len(lead)) for a, b, _ in spans if start <= a and b <= end
    )
    return Snippet(lead + line[start:end].rstrip() + tail, marks)


def _spans(line: str, wanted: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give start, end and word of each whole word of the line that is wanted, letter case aside."""
    if not wanted:
        return []
    either = "|".join(map(regex.escape, wanted))
    # Words of scripts without spaces have neighbours that are letters too.
    pattern = regex.compile(
        rf"(?<![\p{{L}}\p{{N}}--[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}]])(?:{either})"
        rf"(?![\p{{L}}\p{{N}}--[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}]])",
        regex.V1 | regex.IGNORECASE,
    )
    return [(m.start(), m.end(), m.group().lower()) for m in pattern.finditer(line)]


def _best_start(spans: list[tuple[int, int, str]], width: int) -> int:
    """Give where the window with most different words begins, the first of equals."""
    best, best_start = 0, 0
    for i, (start, _, _) in enumerate(spans):
        inside = {word for a, b, word in spans[i : i + 50] if b <= start + width * 7 // 8}
        if len(inside) > best:
            best, best_start = len(inside), start
    return best_start


def _cut(line: str, start: int, width: int) -> int:
    """Give the end of the last whole word within the width."""
    space = line.rfind(" ", start + width // 2, start + width)
    return space if space > 0 else start + width
