"""XML of any vocabulary: what stands between its tags, by Expat, which loads nothing and unfolds nothing here.

Where an element has words of its own beside its children, as a paragraph has, the children stand inside a line;
elsewhere each is a line. Property lists are XML, too, or Apple's binary form of it.
"""

import plistlib
import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from semhash.corpus.beginning import beginning_of
from semhash.corpus.decoding import decode, well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.html_text import text_of_html
from semhash.corpus.json_file import strings_of
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line

__all__ = ["PropertyList", "Xml", "text_of_xml"]

_SUFFIXES = (
    ".xml", ".xsd", ".xsl", ".xslt", ".rss", ".atom", ".rdf", ".opml", ".kml", ".gpx", ".fb2", ".dbk", ".docbook",
    ".tei", ".xlf", ".xliff", ".tmx", ".resx", ".nxml", ".ttml", ".dita", ".wsdl", ".ui", ".glade", ".svg",
)  # fmt: skip
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# Attributes that people read: of outlines, exports of databases, and links.
_READ = frozenset(
    {"title", "text", "body", "alt", "label", "description", "summary", "caption", "tooltip", "abouttext"}
)
_SILENT = frozenset(
    {"script", "style", "binary", "binarydata"}
)  # a book in FB2 keeps its pictures in the second
_TITLES = frozenset({"title", "booktitle", "article-title", "book-title"})
_DEEPEST = 1000
_SHORT = 20  # letters that an entity may stand for


class Xml:
    """Files called ``.xml`` and the like, or that say at their beginning that they are XML; drawings are skipped."""

    name = "XML"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by the declaration."""
        begins = beginning_of(head)
        if name.lower().endswith(_SUFFIXES):
            return bool(begins.root or begins.declared or begins.doctype)
        return begins.declared or begins.root == "svg"

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document, called by its first title.

        Raises
        ------
        Skip
            It is a drawing, or is made to unfold to more than it is.
        """
        if beginning_of(source.head).root == "svg":
            raise Skip(SkipReason.BINARY, "expected text, found an SVG image")
        text, title = text_of_xml(source.text().encode())
        yield source.document(text, title)


class PropertyList:
    """Property lists of Apple's systems, in XML or in binary: their strings, without keys and data."""

    name = "property list"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the first bytes, or by the root element."""
        return head.startswith(b"bplist0") or beginning_of(head).root == "plist"

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document.

        Raises
        ------
        Skip
            It is damaged.
        """
        try:
            value = plistlib.loads(source.data())
        except Exception as error:  # what plistlib raises on what is malformed is of many kinds
            found = str(error) or type(error).__name__
            raise Skip(SkipReason.UNREADABLE, f"expected a property list, found: {found}") from error
        strings = (string for string in strings_of(value, _MOST) if not string.startswith("$"))
        yield source.document(well_formed("\n".join(strings)))


_MOST = 2_000_000  # values of a property list, in which one may be said to stand in many places


def text_of_xml(data: bytes) -> tuple[str, str]:
    """Give the text of a document in XML, and its title.

    Parameters
    ----------
    data : bytes
        A document in UTF-8, whatever it declares. Of one that is damaged, what stands between the tags, from beginning
        to end.

    Returns
    -------
    text, title : str
        The title is empty where there is none; the text has it in its place.

    Raises
    ------
    Skip
        It has entities of its own, or is nested beyond measure, or in no known encoding.
    """
    elements = _Elements()
    try:
        _parser(elements).Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        decoded = decode(data)
        if decoded is None:
            raise Skip(
                SkipReason.UNREADABLE, "expected XML in a known encoding, found bytes that fit none"
            ) from None
        return text_of_html(decoded.text), ""
    lines = (" ".join(line.split()) for line in elements.text.split("\n"))
    return well_formed("\n".join(line for line in lines if line)), one_line(well_formed(elements.title))


def _parser(elements: "_Elements") -> Any:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    # Nothing is loaded, since nothing is there to do it; but names that are declared elsewhere are no errors then.
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
    parser.UseForeignDTD(True)
    parser.EntityDeclHandler = elements.entity
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CharacterDataHandler = elements.data
    parser.SkippedEntityHandler = elements.skipped
    return parser


class _Elements:
    """Hears the elements of a document; each is put together when it ends."""

    def __init__(self) -> None:
        self.text = ""
        self.title = ""
        self._open: list[tuple[str, list[str], list[bool]]] = [
            ("", [], [])
        ]  # name, pieces, which are elements
        self._silent = 0

    def entity(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        """Refuse what could unfold without end; a few letters by a name are harmless."""
        if not is_parameter and value is not None and (len(value) > _SHORT or "&" in value):
            raise Skip(SkipReason.UNREADABLE, "expected XML without entities of its own, found some")

    def skipped(self, name: str, is_parameter: bool) -> None:
        """Hear of a character by a name that is declared elsewhere, as in DocBook."""
        if not is_parameter:
            self.data(text_of_html(f"&{name};"))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _DEEPEST:
            raise Skip(SkipReason.UNREADABLE, f"expected XML of at most {_DEEPEST:,} levels, found more")
        name = tag.rpartition(":")[2].lower()
        self._silent += name in _SILENT
        self._open.append((name, [], []))
        if self._silent:
            return
        for key, value in attributes.items():
            if key.rpartition(":")[2].lower() in _READ and value.strip():
                self._add(f"\n{_without_markup(value)}\n", is_element=True)

    def data(self, text: str) -> None:
        if not self._silent:
            self._add(text.replace("\n", " "), is_element=False)

    def _add(self, text: str, is_element: bool) -> None:
        _, pieces, are_elements = self._open[-1]
        pieces.append(text)
        are_elements.append(is_element)

    def end(self, tag: str) -> None:
        name, pieces, are_elements = self._open.pop()
        self._silent -= name in _SILENT
        text = _put_together(pieces, are_elements)
        if name in _TITLES and not self.title:
            self.title = " ".join(text.split())
        if len(self._open) > 1:
            self._add(text, is_element=True)
        else:
            self.text = text


def _put_together(pieces: list[str], are_elements: list[bool]) -> str:
    """Join an element's text and children: in a line where it has words itself, else in lines of their own."""
    if not any(are_elements):
        return _without_markup("".join(pieces))
    words = any(
        piece.strip() for piece, is_element in zip(pieces, are_elements, strict=True) if not is_element
    )
    return "".join(pieces) if words else "\n".join(pieces)


def _without_markup(text: str) -> str:
    """Take tags out of HTML that stands as text inside XML, as in feeds."""
    return text_of_html(text) if _MARKUP.search(text) else text
