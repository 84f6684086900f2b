"""reStructuredText: the first section heading is the title; front matter, as some site makers have it, is metadata."""

import re
from collections.abc import Iterator

from semhash.corpus.document import Document
from semhash.corpus.front_matter import split_front_matter
from semhash.corpus.source import Source
from semhash.corpus.titles import with_title

__all__ = ["RestructuredText", "first_section", "sections"]

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
_MAX_LINE = 1000  # no heading is longer, and no pattern should meet a line of megabytes
_ROLE = re.compile(r"(?:(?<![\w:.+-]):[\w:.+-]++(?<=:))?`{1,2}+[!~]?([^`<]*+)(?:<[^`>]*+>)?`{1,2}+_{0,2}")


class RestructuredText:
    """Files called ``.rst``, or ``.rst.txt`` as Sphinx calls the sources of its pages."""

    name = "reStructuredText"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone."""
        return name.lower().endswith((".rst", ".rst.txt"))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        front, text = split_front_matter(source.text())
        title = front.title or first_section(text)
        yield source.document(with_title(front.title, text), title, front.metadata, sections)


def first_section(text: str) -> str:
    """Find the first section heading: see `sections`; empty if there is none."""
    return next((title for _, title in sections(text)), "")


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Find the section headings: one line underlined, or over- and underlined, by one repeated sign.

    Yields
    ------
    line : str
        As it stands in the text.
    title : str
        Without roles and backquotes.
    """
    before, title = "", ""  # the line above the candidate, and the candidate
    for line in (line[:_MAX_LINE] for line in text.split("\n")):
        if _underlines(line, title) and (not before.strip() or _overlines(before, line)):
            yield title, _ROLE.sub(lambda role: role[1].rstrip(), title).replace("**", "").strip()
        before, title = title, line


def _underlines(line: str, title: str) -> bool:
    """Say whether a line underlines the one above; docutils, too, takes four signs below any title."""
    enough = min(4, len(title.strip()))
    adorned = _ADORNMENT.fullmatch(line) is not None and len(line.rstrip()) >= enough
    return adorned and bool(title.strip()) and _ADORNMENT.fullmatch(title) is None


def _overlines(before: str, line: str) -> bool:
    return before.rstrip() == line.rstrip()
