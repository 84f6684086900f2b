"""Subtitles (SubRip, WebVTT, Advanced SubStation) and translations (gettext): what is said, without times and marks."""

import ast
import re
from collections.abc import Callable, Iterator
from html import unescape

from semhash.corpus.document import Document
from semhash.corpus.source import Source

__all__ = ["Subtitles"]

_TIMES = re.compile(r"\s*+(?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}\s*+(?:-->|,)\s*+[\d:.,]++[^\n]*+")
_OVERRIDES = re.compile(r"\{[\\=*!][^{}]*+\}")
_TAGS = re.compile(
    r"</?(?:[a-z]{1,5}(?:[.\s][^<>\n]*+)?|\d[\d:.]*+)?>", re.IGNORECASE
)  # of SubRip and WebVTT
_FRAMES = re.compile(r"\{\d{0,9}\}\{\d{0,9}\}")
_CHANGES = re.compile(r"\{[yYfFsScCPHo]:[^{}]*+\}")  # of MicroDVD: italics, fonts, sizes, colours, places
_ASIDES = ("WEBVTT", "NOTE", "STYLE", "REGION")
_STAMPS = re.compile(r"\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\]")
_STRING = re.compile(
    r"(?:#~ )?(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d{1,2}\])?)?\s*+(\"(?:[^\"\\\n]|\\.)*+\")\s*+"
)


class Subtitles:
    """Files called ``.srt``, ``.vtt``, ``.sbv``, ``.sub``, ``.ass``, ``.ssa``, ``.lrc``, ``.po`` or ``.pot``."""

    name = "subtitles or translations"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone."""
        return name.lower().endswith(tuple(_KINDS))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        ending = source.bare_name.lower().rpartition(".")[2]
        lines = _KINDS[f".{ending}"](source.text().split("\n"))
        yield source.document("\n".join(line for line in lines if line.strip()))


def _said(lines: list[str]) -> Iterator[str]:
    """Give what stands below lines of times, without numbers and names above them."""
    for at, line in enumerate(lines):
        above_times = at + 1 < len(lines) and _TIMES.fullmatch(lines[at + 1]) is not None
        first = at == 0 or not lines[at - 1].strip()
        if not (_TIMES.fullmatch(line) or (above_times and (first or line.strip().isdigit()))):
            yield _plain(line)


def _said_on_the_web(lines: list[str]) -> Iterator[str]:
    """Give the same of WebVTT, whose head, notes and styles are blocks that end with a blank line."""
    kept, aside = [], False
    for at, line in enumerate(lines):
        first = at == 0 or not lines[at - 1].strip()
        aside = line.startswith(_ASIDES) if first else aside and bool(line.strip())
        kept += [] if aside else [line]
    return _said(kept)


def _shown(lines: list[str]) -> Iterator[str]:
    """Give what stands behind frames (MicroDVD), or below times (SubViewer)."""
    if not any(_FRAMES.match(line) for line in lines[:20]):
        return (line.replace("[br]", " ") for line in _said(lines))
    return (_plain(_CHANGES.sub("", _FRAMES.sub("", line))).replace("|", " ") for line in lines)


def _spoken(lines: list[str]) -> Iterator[str]:
    """Give the last field of the lines of dialogue, which may hold commas."""
    for line in lines:
        if line.startswith("Dialogue:"):
            yield _plain(line.split(",", 9)[-1].replace("\\N", " ").replace("\\n", " "))


def _sung(lines: list[str]) -> Iterator[str]:
    return (_STAMPS.sub("", line) for line in lines)


def _translated(lines: list[str]) -> Iterator[str]:
    """Give the strings of a catalogue of gettext, those of several lines joined."""
    pieces: list[str] = []
    for line in lines:
        found = _STRING.fullmatch(line)
        if pieces and not line.startswith('"'):
            yield _without_head("".join(pieces))
            pieces = []
        if found:
            pieces.append(_unescaped(found[1]))
    yield _without_head("".join(pieces))


def _without_head(text: str) -> str:
    return "" if "\nContent-Type: text/plain; charset=" in f"\n{text}" else text.replace("\n", " ")


def _unescaped(string: str) -> str:
    try:
        return str(ast.literal_eval(string))
    except (ValueError, SyntaxError):
        return string.strip('"')


def _plain(line: str) -> str:
    return unescape(_TAGS.sub("", _OVERRIDES.sub("", line)))


_KINDS: dict[str, Callable[[list[str]], Iterator[str]]] = {
    **dict.fromkeys((".srt", ".sbv"), _said),
    ".vtt": _said_on_the_web,
    ".sub": _shown,
    **dict.fromkeys((".ass", ".ssa"), _spoken),
    ".lrc": _sung,
    **dict.fromkeys((".po", ".pot"), _translated),
}
