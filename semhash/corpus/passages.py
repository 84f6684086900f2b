"""Long documents in passages: cut where a paragraph ends, else where a sentence does, else between words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

from semhash.corpus.document import Document

__all__ = ["passages", "spans"]

_WORD = re.compile(
    r"\S{1,30}"
)  # scripts without spaces, and whatever else never ends, is counted by thirties
_PARAGRAPH = re.compile(r"\n[ \t]*+\n|\f")
_SENTENCE = re.compile(r"[.!?…。！？][\"')\]”’»]*(?=\s)|[。！？]|[.!?:][ \t]*\n")


def passages(document: Document, longest: int) -> Iterator[Document]:
    """Split a document into passages; one that is no longer comes back as it is.

    Parameters
    ----------
    document : Document
        Its text stays as it is: every passage is a stretch of it, and no word is lost.
    longest : int
        Words of a passage, at most.

    Yields
    ------
    Document
        Called ``id#1``, ``id#2``, ...; its metadata say which ``passage`` it is, of how many ``passages``, from which
        character to which (``start``, ``end``), on which ``page`` it begins, where its document has pages, and the
        ``heading`` of the section that it begins in, or of the first one in it.
    """
    found = spans(document.text, longest)
    if len(found) < 2:
        yield document
        return
    paged = "pages" in document.metadata
    page, before = 1, 0
    at_headings = _at_headings(document)
    for number, (start, end) in enumerate(found, 1):
        page += document.text.count("\f", before, start)
        before = start
        place: dict[str, Any] = {"passage": number, "passages": len(found), "start": start, "end": end}
        heading = _heading(at_headings, start, end)
        if heading:
            place["heading"] = heading
        yield replace(
            document,
            id=f"{document.id}#{number}",
            text=document.text[start:end],
            metadata={**document.metadata, **place, **({"page": page} if paged else {})},
            placed=True,
            whole="" if document.placed else document.id,
            headings=(),
        )


def _at_headings(document: Document) -> list[tuple[int, str]]:
    """Give the headings of a document, each with the place where its line begins."""
    found = []
    text, at = f"\n{document.text}\n", 0
    for line, heading in document.headings:
        place = text.find(f"\n{line}\n", at)
        if place >= 0:
            found.append((place, heading))
            at = place + len(line)
    return found


def _heading(at_headings: list[tuple[int, str]], start: int, end: int) -> str:
    """Give the heading of a stretch: that of the section it begins in, or else the first one in it."""
    before = bisect_right(at_headings, start, key=itemgetter(0))
    if before:
        return at_headings[before - 1][1]
    return at_headings[0][1] if at_headings and at_headings[0][0] < end else ""


def spans(text: str, longest: int) -> list[tuple[int, int]]:
    """Cut a text into stretches of about equal length.

    Parameters
    ----------
    text : str
        Any text.
    longest : int
        Words of a stretch, at most; a word is what stands between blanks, of thirty characters at most.

    Returns
    -------
    list of (int, int)
        Where each stretch begins and ends, in characters, without the blanks around it; together they hold every
        word.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    starts = [start for start, _ in words]
    paragraphs = _places(_PARAGRAPH, text, starts)
    sentences = _places(_SENTENCE, text, starts)
    found = []
    at = 0
    while at < len(words):
        end = len(words)
        if end - at > longest:
            left = end - at
            wanted = at + -(-left // -(-left // longest))  # as few stretches as can be, evenly
            end = (
                _nearest(paragraphs, at + (wanted - at) // 2, wanted, at + longest)
                or _nearest(sentences, at + 2 * (wanted - at) // 3, wanted, at + longest)
                or wanted
            )
        found.append((words[at][0], words[end - 1][1]))
        at = end
    return found


def _places(pattern: re.Pattern[str], text: str, starts: list[int]) -> list[int]:
    """Give the numbers of the words that stand behind what a pattern finds, in order."""
    return [bisect_left(starts, match.end()) for match in pattern.finditer(text)]


def _nearest(places: list[int], first: int, wanted: int, last: int) -> int:
    """Give the place that is nearest to the one wanted, above the first and up to the last; 0 if there is none."""
    middle = bisect_left(places, wanted)
    near = [place for place in places[max(0, middle - 1) : middle + 1] if first < place <= last]
    return min(near, key=lambda place: abs(place - wanted), default=0)
