"""XML read in one pass by lxml, without a tree in memory, without entities, files or networks."""

from typing import Protocol

from semhash.corpus.document import Skip, SkipReason
from semhash.corpus.extras import extra

__all__ = ["Blocks", "Collector", "Target", "local", "read_xml", "value_of"]


class Target(Protocol):
    """What hears the elements of a document; names are as lxml has them, ``{namespace}name``."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element."""

    def end(self, tag: str) -> None:
        """Hear of its end."""

    def data(self, text: str) -> None:
        """Hear of text, in pieces."""

    def close(self) -> None:
        """Hear that this was all."""


def local(tag: str) -> str:
    """Give an element's or attribute's name without its namespace."""
    return tag.rpartition("}")[2]


def value_of(attributes: dict[str, str], name: str, otherwise: str = "") -> str:
    """Return an attribute by its name without namespace."""
    return next((value for key, value in attributes.items() if local(key) == name), otherwise)


class Blocks:
    """Puts paragraphs together that may hold others, as one does that a text box hangs in.

    Attributes
    ----------
    lines : list of str
        A paragraph each, those without text left out; what one holds stands behind it.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[
            tuple[list[str], list[str]]
        ] = []  # the pieces of each, and the lines of those it holds

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self) -> None:
        """Begin a paragraph."""
        self._open.append(([], []))

    def add(self, text: str) -> None:
        """Add to the paragraph at work; what stands in none is no text."""
        if self._open:
            self._open[-1][0].append(text)

    def end(self) -> str:
        """End the paragraph at work, and return it."""
        if not self._open:
            return ""
        pieces, held = self._open.pop()
        line = "".join(pieces).strip()
        outer = self._open[-1][1] if self._open else self.lines
        outer += [line, *held] if line else held
        return line

    def line(self, text: str) -> None:
        """Add a paragraph of its own."""
        self.begin()
        self.add(text)
        self.end()


def read_xml(data: bytes, target: Target, what: str) -> None:
    """Read XML.

    Parameters
    ----------
    data : bytes
        The document.
    target : Target
        Hears what is in it.
    what : str
        What it is, for messages.

    Raises
    ------
    Skip
        It is no XML, or damaged, or nested deeper than 256 elements, or made to unpack to more than it is; or lxml is
        not installed.
    """
    etree = extra("lxml.etree", what)
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        if b"<!ENTITY" in data:
            raise Skip(SkipReason.UNREADABLE, f"expected {what} without entities of its own, found some")
        etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        found = str(error).partition("\n")[0][:200]
        raise Skip(SkipReason.UNREADABLE, f"expected sound XML of {what}, found: {found}") from error


class Collector:
    """Collects what stands in some elements, by their names without namespaces; the first of each wins.

    Parameters
    ----------
    names : str
        The elements.

    Attributes
    ----------
    found : dict of str to str
        Their text, on one line.
    """

    def __init__(self, *names: str) -> None:
        self.found: dict[str, str] = {}
        self._wanted = names
        self._open = ""
        self._pieces: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element."""
        if local(tag) in self._wanted:
            self._open = local(tag)
            self._pieces = []

    def end(self, tag: str) -> None:
        """Hear of its end."""
        if self._open and local(tag) == self._open:
            text = " ".join("".join(self._pieces).split())
            if text:
                self.found.setdefault(self._open, text)
            self._open = ""

    def data(self, text: str) -> None:
        """Hear of text, in pieces."""
        if self._open:
            self._pieces.append(text)

    def close(self) -> None:
        """Hear that this was all."""
