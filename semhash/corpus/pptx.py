"""PowerPoint presentations (Office Open XML, ECMA-376): slides in their order, each with its notes and drawings."""

import re
from collections.abc import Iterator

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.office import Drawing, Silent, about_of, order_of, relations_of, texts_of
from semhash.corpus.source import Source
from semhash.corpus.titles import with_title
from semhash.corpus.xml_parts import local, read_xml
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Pptx"]

_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_WHAT = "a PowerPoint presentation"
_BESIDE = ("diagramData", "chart", "comments", "notesSlide")
_NO_TITLES = ("powerpoint presentation", "powerpoint-präsentation", "présentation powerpoint", "slide 1")


class Pptx:
    """Files called ``.pptx`` and the like, or that begin with what such a file holds."""

    name = "PPTX"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, unless it is an old presentation by another name, or by the names of the parts."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        return name.lower().endswith((".pptx", ".pptm", ".ppsx", ".ppsm", ".potx")) or _MAIN.encode() in head

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document; slides are parted by blank lines.

        Raises
        ------
        Skip
            It is damaged, or an archive without slides.
        """
        with ZipParts(source.data(), source.config.max_bytes) as parts:
            if _MAIN not in parts.names:
                raise Skip(SkipReason.UNREADABLE, f"expected {_WHAT}, found a zip archive without one")
            slides, first = [], ""
            for name in _in_order(parts):
                title, lines = _slide(parts, name)
                first = first or title
                slides.append("\n".join(lines))
            title, metadata = about_of(parts, _WHAT)
        title = "" if title.casefold().startswith(_NO_TITLES) else title
        text = well_formed("\n\n".join(filter(None, slides)))
        yield source.document(
            with_title(title, text), title or well_formed(first), {"slides": len(slides), **metadata}
        )


def _in_order(parts: ZipParts) -> list[str]:
    """Return the slides as they are shown; by their numbers those that the presentation does not name."""
    listed = _Slides()
    read_xml(parts.read(_MAIN), listed, _WHAT)
    targets = relations_of(parts, _MAIN, _WHAT)
    named = [targets[key][1] for key in listed.ids if key in targets]
    found = sorted((int(match[1]), name) for name in parts.names if (match := _SLIDE.fullmatch(name)))
    return list(dict.fromkeys(named)) or [name for _, name in found]


class _Slides(Silent):
    """Hears the presentation, which lists its slides."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sldId":
            self.ids.append(order_of(attributes))


def _slide(parts: ZipParts, name: str) -> tuple[str, list[str]]:
    """Return the title of a slide, and its lines: what it shows, its drawings, remarks and notes."""
    slide = Drawing()
    read_xml(parts.read(name), slide, _WHAT)
    beside = list(relations_of(parts, name, _WHAT).values())
    names = [target for wanted in _BESIDE for kind, target in beside if kind == wanted]
    return slide.title, [*slide.blocks.lines, *texts_of(parts, names, _WHAT)]
