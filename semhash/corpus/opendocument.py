"""OpenDocument (ISO/IEC 26300): texts, and the words of presentations and sheets too."""

from collections.abc import Iterator

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title
from semhash.corpus.xml_parts import Collector, local, read_xml
from semhash.corpus.zip_parts import ZipParts

__all__ = ["OpenDocument"]

_WHAT = "an OpenDocument file"
_BLOCKS = frozenset({"p", "h"})
_SILENT = frozenset({"tracked-changes", "annotation", "note-citation", "notes"})
_MAX_BLANKS = 100
_METADATA = {"initial-creator": "author", "subject": "subject", "keyword": "keywords"}


class OpenDocument:
    """Files that begin as OpenDocument, such as ``.odt``."""

    name = "OpenDocument"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the type that stands at the beginning of the archive, or by the suffix."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        typed = b"mimetypeapplication/vnd.oasis.opendocument." in head[:200]
        return typed or name.lower().endswith((".odt", ".ott"))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        with ZipParts(source.data(), source.config.max_bytes) as parts:
            body = _Body()
            read_xml(parts.read("content.xml"), body, _WHAT)
            about = Collector("title", *_METADATA)
            if "meta.xml" in parts.names:
                read_xml(parts.read("meta.xml"), about, _WHAT)
        title = one_line(well_formed(about.found.pop("title", "")))
        words = well_formed("\n".join(body.lines))
        metadata = {_METADATA[name]: one_line(well_formed(value)) for name, value in about.found.items()}
        yield source.document(with_title(title, words), title or body.title, metadata)


class _Body:
    """Hears ``content.xml``: paragraphs and headings, without what was deleted and without remarks."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.title = ""
        self._open: list[list[str]] = []  # a paragraph may hold another, in a note or a frame
        self._silent = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name in _SILENT:
            self._silent += 1
        elif name in _BLOCKS:
            self._open.append([])
        elif self._open and name == "s":
            count = next((value for key, value in attributes.items() if local(key) == "c"), "1")
            blanks = int(count) if count.isdecimal() and len(count) < 5 else 1
            self._open[-1].append(" " * min(blanks, _MAX_BLANKS))
        elif self._open and name in ("tab", "line-break"):
            self._open[-1].append("\t" if name == "tab" else "\n")

    def data(self, text: str) -> None:
        if self._open and not self._silent:
            self._open[-1].append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in _SILENT:
            self._silent -= 1
        elif name in _BLOCKS and self._open:
            line = "".join(self._open.pop()).strip()
            if line:
                self.lines.append(line)
            if line and name == "h" and not self.title:
                self.title = line

    def close(self) -> None:
        pass
