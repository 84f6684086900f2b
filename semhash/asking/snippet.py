"""The part of a document that shows best why it was found."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

__all__ = ["Snippet", "make_snippet"]

_ASCII_SPACE = re.compile(r"[ \t-\r]+")
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
    line = _on_one_line(text[:_LOOKED_AT])
    spans = _spans(line, wanted)
    start = _line_start(line, _best_start(spans, width), width)
    end = len(line) if len(line) - start <= width * 9 // 8 else _cut(line, start, width)
    lead = "… " if start else ""
    tail = " …" if end < len(line) or len(text) > _LOOKED_AT else ""
    shift = len(lead) - start
    marks = _merged((a + shift, b + shift) for a, b, _ in spans if start <= a and b <= end)
    return Snippet(lead + line[start:end].rstrip() + tail, marks)


def _spans(line: str, wanted: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give start, end and word of each word of the line that is wanted, letter case aside."""
    among = frozenset(wanted)
    if not among:
        return []
    if line.isascii():
        return sorted(_ascii_spans(line.lower(), among))
    return [span for run in _patterns()[1].finditer(line) for span in _words(run) if span[2] in among]


def _ascii_spans(line: str, among: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Do the same, in any order, where a word is a run of letters and digits: looked for one by one."""
    for word in filter(str.isalnum, among):
        start = line.find(word)
        while start >= 0:
            end = start + len(word)
            if not line[start - 1 : start].isalnum() and not line[end : end + 1].isalnum():
                yield start, end, word
            start = line.find(word, end)


def _on_one_line(text: str) -> str:
    if text.isascii():
        return _ASCII_SPACE.sub(" ", text).strip()
    return _patterns()[0].sub(" ", unicodedata.normalize("NFC", text)).strip()


@cache
def _patterns() -> "tuple[regex.Pattern[str], regex.Pattern[str]]":
    """Give what finds white space, and what finds words; loaded when a text needs more than ASCII.

    Words are cut as `semhash.text.words` cuts: a run of a script without spaces, or a word of any other.
    """
    import regex

    spaceless = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    run = rf"([{spaceless}][{spaceless}\p{{M}}]*)|[\p{{L}}\p{{N}}\p{{M}}--[{spaceless}]]+"
    return regex.compile(r"\s+"), regex.compile(run, regex.V1)


def _words(run: "regex.Match[str]") -> Iterable[tuple[int, int, str]]:
    """Give start, end and word of each word of a run: the pairs of its characters where it has no spaces."""
    start, end, text = run.start(), run.end(), run.group()
    if run.group(1) is None or end - start == 1:
        return ((start, end, text.lower() if text.isascii() else _folded(text)),)
    return ((i, i + 2, _folded(line)) for i, line in enumerate(map("".join, pairwise(text)), start))


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower()


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
    best, best_start, last = 0, 0, 0
    inside: Counter[str] = Counter()
    for i, (start, _, word) in enumerate(spans):
        while last < len(spans) and (last <= i or spans[last][1] <= start + width * 7 // 8):
            inside[spans[last][2]] += 1
            last += 1
        if len(inside) > best:
            best, best_start = len(inside), start
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
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
