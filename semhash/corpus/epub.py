"""EPUB: a book's chapters in reading order (EPUB 3.3, and 2), each as the web page that it is."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.html import decode_page, read_page
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title
from semhash.corpus.xml_parts import Collector, local, read_xml
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Epub"]

_WHAT = "a book in EPUB"
_CONTAINER = "META-INF/container.xml"
_LOCKED = "META-INF/encryption.xml"
_PAGES = (".xhtml", ".html", ".htm")
_METADATA = {"creator": "author", "language": "language", "publisher": "publisher", "date": "date"}


class Epub:
    """Files that begin as EPUB, or are called ``.epub``."""

    name = "EPUB"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the type that stands at the beginning of the archive, or by the suffix."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        return b"mimetypeapplication/epub+zip" in head[:200] or name.lower().endswith(".epub")

    def read(self, source: Source) -> Iterator[Document]:
        """Give the book as one document; chapters are parted by blank lines.

        Raises
        ------
        Skip
            It is damaged, or its chapters are encrypted.
        """
        with ZipParts(source.data(), source.config.max_bytes) as parts:
            container = _Container()
            read_xml(parts.read(_CONTAINER), container, _WHAT)
            package = _Package()
            read_xml(parts.read(container.path), package, _WHAT)
            _check_open(parts)
            folder = dirname(container.path)
            chapters = []
            for href in package.pages():
                name = normpath(join(folder, unquote(href.partition("#")[0])))
                if name in parts.names:
                    chapters.append(read_page(decode_page(parts.read(name))).text)
        title = one_line(well_formed(package.about.found.pop("title", "")))
        text = "\n\n".join(filter(None, chapters))
        found = package.about.found
        metadata = {
            ours: one_line(well_formed(found[name])) for name, ours in _METADATA.items() if name in found
        }
        yield source.document(with_title(title, text), title, metadata)


def _check_open(parts: ZipParts) -> None:
    """Refuse a book whose pages are encrypted; fonts often are."""
    if _LOCKED in parts.names:
        locked = parts.read(_LOCKED).lower()
        if any(f'{ending}"'.encode() in locked for ending in _PAGES):
            raise Skip(SkipReason.UNREADABLE, "expected an open book, found one whose pages are encrypted")


class _Container:
    """Hears ``container.xml``, which says where the package is."""

    def __init__(self) -> None:
        self.path = "content.opf"

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "rootfile":
            self.path = attributes.get("full-path", self.path)

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Package:
    """Hears the package: what is in the book, and in which order it is read."""

    def __init__(self) -> None:
        self.about = Collector("title", *_METADATA)
        self._files: dict[str, str] = {}
        self._order: list[str] = []

    def pages(self) -> Iterator[str]:
        """Give the pages in reading order, each once."""
        for name in dict.fromkeys(self._order):
            if name in self._files:
                yield self._files[name]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "item" and "nav" not in attributes.get("properties", "").split():
            self._files[attributes.get("id", "")] = attributes.get("href", "")
        elif name == "itemref":
            self._order.append(attributes.get("idref", ""))
        self.about.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.about.end(tag)

    def data(self, text: str) -> None:
        self.about.data(text)

    def close(self) -> None:
        pass
