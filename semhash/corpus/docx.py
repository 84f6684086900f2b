"""Word documents (Office Open XML, ECMA-376): body, headers, footers, notes, remarks, text boxes and drawings."""

import re
from collections.abc import Iterator

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.office import Silent, about_of
from semhash.corpus.source import Source
from semhash.corpus.titles import with_title
from semhash.corpus.xml_parts import Blocks, local, read_xml, value_of
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Docx"]

_BODY = re.compile(r"word/document\d*\.xml")
# What stands beside the body, in this order: what is on every page, notes, remarks, and words in drawings.
_BESIDE = re.compile(
    r"word/(?:(header|footer)\d*|(footnotes)|(endnotes)|(comments)|(diagrams/data\d*)|(charts/chart(?:Ex)?\d*))\.xml"
)
_ORDER = ("header", "footer", "footnotes", "endnotes", "comments", "diagrams", "charts")
_STYLES = "word/styles.xml"
_WHAT = "a Word document"
_TITLES = frozenset({"title", "heading 1"})
# Text that is not shown: deleted or moved away, older forms of newer elements, and readings above letters.
_SILENT = frozenset({"del", "moveFrom", "Fallback", "rt", "numCache"})
_MAX_BESIDE = 500  # parts


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
            styles = _Styles()
            if _STYLES in parts.names:
                read_xml(parts.read(_STYLES), styles, _WHAT)
            text = _Paragraphs(styles.titles)
            for name in (body, *_beside(parts.names)):
                read_xml(parts.read(name), text, _WHAT)
            title, metadata = about_of(parts, _WHAT)
        words = well_formed("\n".join(text.lines()))
        yield source.document(with_title(title, words), title or text.title, metadata)


def _beside(names: frozenset[str]) -> list[str]:
    """Return the parts beside the body whose words count, in order."""
    found = sorted(name for name in names if _BESIDE.fullmatch(name))
    return sorted(found, key=lambda name: _ORDER.index(re.split(r"[\d./]", name)[1].removesuffix("Ex")))[
        :_MAX_BESIDE
    ]


class _Styles(Silent):
    """Hears the styles: which are those of titles, whatever the language of the program calls them."""

    def __init__(self) -> None:
        self.titles = {"title", "heading1", "berschrift1"}
        self._style = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "style":
            self._style = value_of(attributes, "styleId").lower()
        elif local(tag) == "name" and value_of(attributes, "val").lower() in _TITLES:
            self.titles.add(self._style)


class _Paragraphs:
    """Hears WordprocessingML, and DrawingML inside it."""

    def __init__(self, titles: set[str]) -> None:
        self.title = ""
        self._titles = titles
        self._blocks = Blocks()
        self._styles: list[str] = []
        self._silent = 0
        self._in_text = self._in_run = self._hidden = False

    def lines(self) -> list[str]:
        """Return the paragraphs; of headers and the like that say the same, the first."""
        body, beside = self._blocks.lines[: self._n_body], self._blocks.lines[self._n_body :]
        return [*body, *dict.fromkeys(beside)]

    _n_body: int | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name in _SILENT:
            self._silent += 1
        elif name == "p":
            self._blocks.begin()
            self._styles.append("")
        elif name == "r":
            self._in_run, self._hidden = True, False
        elif name == "t":
            self._in_text = True
        elif name == "pStyle" and self._styles:
            self._styles[-1] = value_of(attributes, "val").lower()
        elif name == "vanish" and self._in_run:
            self._hidden = value_of(attributes, "val", "1").lower() not in ("0", "false", "off")
        elif name == "v" and not self._blocks:  # a cell of what a chart was drawn from
            self._blocks.begin()
            self._in_text = True
        elif name == "docPr" and not self._silent:
            self._blocks.line(value_of(attributes, "descr"))
        elif not self._silent and self._in_run:
            self._sign(name, attributes)

    def _sign(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("tab", "ptab"):
            self._blocks.add("\t")
        elif name in ("br", "cr"):
            self._blocks.add("\n")
        elif name == "noBreakHyphen":
            self._blocks.add("-")
        elif name == "sym":  # of fonts of pictures the private letters, which say nothing
            code = value_of(attributes, "char")
            if re.fullmatch("[0-9A-Fa-f]{4}", code) and not 0xD800 <= int(code, 16) < 0xF900:
                self._blocks.add(chr(int(code, 16)))

    def data(self, text: str) -> None:
        if self._in_text and not self._silent and not self._hidden:
            self._blocks.add(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in _SILENT:
            self._silent -= 1
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._in_run = self._hidden = False
        elif name == "p":
            line = self._blocks.end()
            style = self._styles.pop() if self._styles else ""
            if line and not self.title and style in self._titles:
                self.title = line
        elif name == "v" and self._in_text:
            self._in_text = False
            self._blocks.end()

    def close(self) -> None:
        if self._n_body is None:
            self._n_body = len(self._blocks.lines)
