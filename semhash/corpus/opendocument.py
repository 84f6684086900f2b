"""OpenDocument (ISO/IEC 26300): texts, presentations with their notes, sheets and drawings, packed or flat."""

from collections.abc import Iterator

from semhash.corpus.beginning import beginning_of
from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title
from semhash.corpus.xml_parts import Blocks, Collector, local, read_xml, value_of
from semhash.corpus.zip_parts import ZipParts

__all__ = ["OpenDocument"]

_WHAT = "an OpenDocument file"
# Titles and descriptions, in the namespace of SVG, are those of pictures, which hang in a paragraph.
_BLOCKS = frozenset({"p", "h", "svg desc", "svg title"})
# The date and author of a remark are in other namespaces than the fields of a text that show them.
_SILENT = frozenset(
    {"tracked-changes", "note-citation", "ruby-text", "binary-data", "script", "scripts", "meta", "initials"}
    | {"about creator", "about date", "about date-string", "about creator-initials"}
)
_FLAT = b"urn:oasis:names:tc:opendocument:xmlns:office"
_SUFFIXES = (".odt", ".ott", ".odp", ".otp", ".ods", ".ots", ".odg", ".otg")
_MAX_BLANKS = 100
_METADATA = {"initial-creator": "author", "subject": "subject", "keyword": "keywords"}


class OpenDocument:
    """Files that begin as OpenDocument, such as ``.odt``."""

    name = "OpenDocument"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the type that stands at the beginning of the archive, or by the suffix."""
        if not head.startswith(b"PK\x03\x04"):
            return _FLAT in head and beginning_of(head).root == "document"
        typed = b"mimetypeapplication/vnd.oasis.opendocument." in head[:200]
        return typed or name.lower().endswith(_SUFFIXES)

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        body = _Body()
        about = Collector("title", *_METADATA)
        if source.head.startswith(b"PK"):
            with ZipParts(source.data(), source.config.max_bytes) as parts:
                read_xml(parts.read("content.xml"), body, _WHAT)
                if "styles.xml" in parts.names:
                    read_xml(parts.read("styles.xml"), _OnEveryPage(body), _WHAT)
                if "meta.xml" in parts.names:
                    read_xml(parts.read("meta.xml"), about, _WHAT)
        else:
            read_xml(source.data(), body, _WHAT)
            read_xml(source.data(), about, _WHAT)
        title = one_line(well_formed(about.found.pop("title", "")))
        words = well_formed("\n".join(body.lines))
        metadata = {_METADATA[name]: one_line(well_formed(value)) for name, value in about.found.items()}
        yield source.document(with_title(title, words), title or body.title, metadata)


def _name(tag: str) -> str:
    """Return the name of an element, and what it is of where others have the same."""
    name = local(tag)
    if name in ("title", "desc"):
        return f"svg {name}" if "svg" in tag else ""
    if name in ("creator", "date", "date-string", "creator-initials"):
        return "" if ":text:" in tag else f"about {name}"
    return name


class _Body:
    """Hears ``content.xml``: paragraphs and headings, without what was deleted."""

    def __init__(self) -> None:
        self.title = ""
        self._blocks = Blocks()
        self._silent = 0

    @property
    def lines(self) -> list[str]:
        """The paragraphs."""
        return self._blocks.lines

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _name(tag)
        if name in _SILENT:
            self._silent += 1
        elif self._silent:
            return
        elif name in _BLOCKS:
            self._blocks.begin()
        elif name == "s":
            count = value_of(attributes, "c", "1")
            blanks = int(count) if count.isdecimal() and len(count) < 5 else 1
            self._blocks.add(" " * min(blanks, _MAX_BLANKS))
        elif name in ("tab", "line-break"):
            self._blocks.add("\t" if name == "tab" else "\n")

    def data(self, text: str) -> None:
        if not self._silent:
            self._blocks.add(text)

    def end(self, tag: str) -> None:
        name = _name(tag)
        if name in _SILENT:
            self._silent -= 1
        elif name in _BLOCKS and not self._silent:
            line = self._blocks.end()
            if line and name == "h" and not self.title:
                self.title = line

    def close(self) -> None:
        pass


class _OnEveryPage:
    """Hears ``styles.xml``: headers and footers, of which one that was met before says nothing new."""

    def __init__(self, body: _Body) -> None:
        self._body = body
        self._within = 0
        self._before = len(body.lines)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._within += local(tag) in _HEADERS
        if self._within:
            self._body.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._within:
            self._body.data(text)

    def end(self, tag: str) -> None:
        if self._within:
            self._body.end(tag)
        self._within -= local(tag) in _HEADERS

    def close(self) -> None:
        lines = self._body.lines
        lines[self._before :] = dict.fromkeys(lines[self._before :])


_HEADERS = frozenset({"header", "footer", "header-left", "footer-left", "header-first", "footer-first"})
