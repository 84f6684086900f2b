"""How markup begins: its document type and its root element, found by going forward only."""

import codecs
import re
from dataclasses import dataclass

__all__ = ["Beginning", "beginning_of"]

_SPACE = re.compile(r"\s*+")
_DOCTYPE = re.compile(r"<!doctype\s++([\w:.-]{1,100})", re.IGNORECASE)
_ELEMENT = re.compile(r"<([^\W\d][\w:.-]{0,100})(?=[\s/>])")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What stands at the head of a file of markup, in small letters; empty where there is no such thing.

    Attributes
    ----------
    doctype : str
        What ``<!DOCTYPE`` names.
    root : str
        The first element, without its namespace's prefix.
    declared : bool
        Whether it says that it is XML.
    """

    doctype: str = ""
    root: str = ""
    declared: bool = False


_NOTHING = Beginning()


def beginning_of(head: bytes) -> Beginning:
    """Read the head of a file up to its first element, past comments and instructions.

    Parameters
    ----------
    head : bytes
        The first bytes of a file; what does not end within them is not looked behind.
    """
    if b" " < head[:1] < b"\x7f" and head[:1] != b"<":
        return _NOTHING  # as most files that are no markup begin
    wide = _WIDE.get(head[:2])
    text = head.decode(wide, "replace") if wide else head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    at, doctype, declared = 0, "", False
    while True:
        at = _end(_SPACE.match(text, at), at)
        named = _DOCTYPE.match(text, at)
        if named:
            doctype = doctype or named[1].lower()
            at = _behind_doctype(text, named.end())
        elif text.startswith("<!--", at):
            at = _behind(text, "-->", at + 4)
        elif text.startswith("<?", at):
            declared = declared or text.startswith("<?xml", at)
            at = _behind(text, ">", at)
        else:
            element = _ELEMENT.match(text, at)
            root = element[1].rpartition(":")[2].lower() if element else ""
            return Beginning(doctype, root, declared)


def _end(match: re.Match[str] | None, otherwise: int) -> int:
    return match.end() if match else otherwise


def _behind_doctype(text: str, at: int) -> int:
    """Go behind a document type, which may hold declarations of its own in brackets."""
    end = text.find(">", at)
    inside = text.find("[", at, end if end >= 0 else len(text))
    return _behind(text, ">", _behind(text, "]", inside)) if inside >= 0 else _behind(text, ">", at)


def _behind(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return len(text) if found < 0 else found + len(mark)
