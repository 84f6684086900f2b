"""Word documents (Office Open XML, ECMA-376): the text of the body and of its notes."""

import re
from collections.abc import Iterator
from typing import Any

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title
from semhash.corpus.xml_parts import Collector, local, read_xml
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Docx"]

_BODY = re.compile(r"word/document\d*\.xml")
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_CORE = "docProps/core.xml"
_WHAT = "a Word document"


class Docx:
    """Files called ``.docx`` and ``.docm``, or that begin with what such a file holds."""

    name = "DOCX"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, unless it is an old document by another name, or by the names of the parts."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        return name.lower().endswith((".docx", ".docm", ".dotx")) or b"word/document.xml" in head

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        with ZipParts(source.data(), source.config.max_bytes) as parts:
            body = next((name for name in sorted(parts.names) if _BODY.fullmatch(name)), None)
            if body is None:
                raise Skip(SkipReason.UNREADABLE, f"expected {_WHAT}, found a zip archive without one")
            text = _Paragraphs()
            for name in (body, *(note for note in _NOTES if note in parts.names)):
                read_xml(parts.read(name), text, _WHAT)
            about = Collector("title", "creator", "subject", "keywords")
            if _CORE in parts.names:
                read_xml(parts.read(_CORE), about, _WHAT)
        title = one_line(well_formed(about.found.pop("title", "")))
        words = well_formed("\n".join(text.lines))
        yield source.document(with_title(title, words), title or text.title, _named(about.found))


def _named(found: dict[str, str]) -> dict[str, Any]:
    ours = {"creator": "author"}
    return {ours.get(name, name): one_line(well_formed(value)) for name, value in found.items()}


class _Paragraphs:
    """Hears WordprocessingML; what was deleted, field codes and fallbacks of newer elements are no text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.title = ""
        self._pieces: list[str] = []
        self._style = ""
        self._in_text = False
        self._fallbacks = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "t":
            self._in_text = not self._fallbacks
        elif name in ("tab", "ptab"):
            self._pieces.append("\t")
        elif name in ("br", "cr"):
            self._pieces.append("\n")
        elif name == "noBreakHyphen":
            self._pieces.append("-")
        elif name == "pStyle":
            self._style = next((v for key, v in attributes.items() if local(key) == "val"), "")
        elif name == "Fallback":
            self._fallbacks += 1

    def data(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "t":
            self._in_text = False
        elif name == "Fallback":
            self._fallbacks -= 1
        elif name == "p":
            line = "".join(self._pieces).strip()
            if line:
                self.lines.append(line)
            if (
                line
                and not self.title
                and self._style.lower().startswith(("title", "heading1", "berschrift1"))
            ):
                self.title = line
            self._pieces, self._style = [], ""

    def close(self) -> None:
        pass
