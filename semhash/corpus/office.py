"""What Word, PowerPoint and Excel files have in common (Office Open XML, ECMA-376): properties and relations."""

from posixpath import dirname, join, normpath
from typing import Any

from semhash.corpus.decoding import well_formed
from semhash.corpus.titles import one_line
from semhash.corpus.xml_parts import Blocks, Collector, local, read_xml, value_of
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Drawing", "Relations", "Silent", "about_of", "order_of", "relations_of", "texts_of"]

_TEXTS = frozenset({"t", "text", "v"})
_UNSAID = frozenset({"numCache", "Fallback"})
_CORE = "docProps/core.xml"


class Silent:
    """Hears XML and makes nothing of it, for those that hear but a part."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element."""

    def end(self, tag: str) -> None:
        """Hear of its end."""

    def data(self, text: str) -> None:
        """Hear of text, in pieces."""

    def close(self) -> None:
        """Hear that this was all."""


class Relations(Silent):
    """Hears the relations of a part: which other parts it speaks of, by their ids.

    Attributes
    ----------
    targets : dict of str to (str, str)
        The kind of each, such as ``notesSlide``, and its name in the archive.
    """

    def __init__(self, folder: str) -> None:
        self.targets: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element."""
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            name = target[1:] if target.startswith("/") else normpath(join(self._folder, target))
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = (kind, name)


class Drawing(Silent):
    """Hears DrawingML: the paragraphs of shapes, tables, diagrams and charts, and descriptions of pictures."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.title = ""
        self._in_text = False
        self._alone = ""  # the element that is a paragraph of its own
        self._silent = 0
        self._in_number = False
        self._place = ""  # which of a slide's places the shape fills

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element."""
        name = local(tag)
        if name == "ph":
            self._place = attributes.get("type", "body")
        elif name in ("sp", "graphicFrame", "pic"):
            self._place = ""
        elif name == "p":
            self.blocks.begin()
        elif name in _TEXTS:
            self._in_text = True
            if not self.blocks:  # a label of a chart, or a remark
                self.blocks.begin()
                self._alone = name
        elif name in ("br", "tab"):
            self.blocks.add("\n" if name == "br" else "\t")
        elif name in _UNSAID or (name == "fld" and attributes.get("type") == "slidenum"):
            self._silent += 1
            self._in_number = self._in_number or name == "fld"
        elif name == "cNvPr" and not self._silent:
            self.blocks.line(attributes.get("descr", ""))

    def data(self, text: str) -> None:
        """Hear of text, in pieces."""
        if self._in_text and not self._silent and self._place not in ("sldNum", "dt", "hdr"):
            self.blocks.add(text)

    def end(self, tag: str) -> None:
        """Hear of the end of an element."""
        name = local(tag)
        if name == "p":
            line = self.blocks.end()
            if line and not self.title and self._place in ("title", "ctrTitle"):
                self.title = one_line(line)
        elif name in _TEXTS:
            self._in_text = False
            if name == self._alone:
                self.blocks.end()
                self._alone = ""
        elif name in _UNSAID or (name == "fld" and self._in_number):
            self._silent -= 1
            self._in_number = self._in_number and name != "fld"


def about_of(parts: ZipParts, what: str) -> tuple[str, dict[str, Any]]:
    """Return the title that a file says it has, and its author, subject and keywords."""
    about = Collector("title", "creator", "subject", "keywords")
    if _CORE in parts.names:
        read_xml(parts.read(_CORE), about, what)
    title = one_line(well_formed(about.found.pop("title", "")))
    ours = {"creator": "author"}
    return title, {ours.get(name, name): one_line(well_formed(value)) for name, value in about.found.items()}


def relations_of(parts: ZipParts, name: str, what: str) -> dict[str, tuple[str, str]]:
    """Return the other parts that a part speaks of, those that are there."""
    folder, _, file = name.rpartition("/")
    found = Relations(dirname(name))
    if f"{folder}/_rels/{file}.rels" in parts.names:
        read_xml(parts.read(f"{folder}/_rels/{file}.rels"), found, what)
    return {key: (kind, target) for key, (kind, target) in found.targets.items() if target in parts.names}


def texts_of(parts: ZipParts, names: list[str], what: str) -> list[str]:
    """Return the paragraphs of parts in DrawingML, or of remarks."""
    lines: list[str] = []
    for name in names:
        drawing = Drawing()
        read_xml(parts.read(name), drawing, what)
        lines += drawing.blocks.lines
    return lines


def order_of(attributes: dict[str, str]) -> str:
    """Return the relation by which a part names another."""
    return next(
        (value for key, value in attributes.items() if key.endswith("relationships}id")),
        value_of(attributes, "id"),
    )
