"""Markdown: the first heading is the title; front matter is metadata, not text."""

import re
from collections.abc import Iterator

from semhash.corpus.document import Document
from semhash.corpus.front_matter import split_front_matter
from semhash.corpus.source import Source
from semhash.corpus.titles import with_title

__all__ = ["Markdown", "first_heading", "headings"]

_ATX = re.compile(r" {0,3}#{1,6}+(?=[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NOT_A_PARAGRAPH = re.compile(r"\s*$|    |\t| {0,3}(?:[>|]|[-*+][ \t]|\d+[.)][ \t])")
_MARKUP = (
    (re.compile(r"!?\[([^\]\[]*)\](?:\([^()]*\)|\[[^\]]*\])"), r"\1"),  # links and images, the inner first
    (re.compile(r"<[^<>]+>|\{#[^{}]*\}"), ""),
    (re.compile(r"`+|\*\*|__"), ""),
)
_MAX_LINE = 1000  # no heading is longer, and no pattern should meet a line of megabytes


class Markdown:
    """Files called ``.md`` and ``.markdown``."""

    name = "Markdown"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone, since any text is Markdown."""
        return name.lower().endswith((".md", ".markdown"))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document; a title in the front matter stays as its first line."""
        front, text = split_front_matter(source.text())
        title = front.title or first_heading(text)
        yield source.document(with_title(front.title, text), title, front.metadata, headings)


def first_heading(text: str) -> str:
    """Find the first heading: see `headings`; empty if there is none."""
    return next((title for _, title in headings(text)), "")


def headings(text: str) -> Iterator[tuple[str, str]]:
    """Find the headings, ATX (``# Title``) or setext (underlined), outside fenced code.

    Yields
    ------
    line : str
        As it stands in the text.
    title : str
        Without links, images, tags and emphasis.
    """
    fence, above = "", ""
    for line in (line[:_MAX_LINE] for line in text.split("\n")):
        mark = _FENCE.match(line)
        if mark and (not fence or _closes(line.strip(), fence)):
            fence, above = ("" if fence else mark[1]), ""
            continue
        if fence:
            continue
        heading = _ATX.match(line)
        found = _within(line[heading.end() :]) if heading else above if _UNDERLINE.fullmatch(line) else ""
        title = _without_markup(found)
        if title:
            yield (line if heading else above), title
        above = "" if heading or found or _NOT_A_PARAGRAPH.match(line) else line


def _within(heading: str) -> str:
    """Take the signs off that may close a heading: ``Title ##``."""
    words = heading.strip()
    closed = words.rstrip("#")
    return closed.rstrip() if closed != words and (not closed or closed[-1] in " \t") else words


def _closes(line: str, fence: str) -> bool:
    return set(line) == {fence[0]} and len(line) >= len(fence)


def _without_markup(heading: str) -> str:
    for pattern, kept in _MARKUP[:1] * 2 + _MARKUP[1:]:  # twice, for an image inside a link
        heading = pattern.sub(kept, heading)
    return heading.strip().strip("*_").strip()
