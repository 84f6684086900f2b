"""Markdown: the first heading is the title, and front matter is no text."""

import re
from collections.abc import Iterator

from semhash.corpus.document import Document
from semhash.corpus.source import Source
from semhash.corpus.titles import with_title

__all__ = ["Markdown", "first_heading", "split_front_matter"]

_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NOT_A_PARAGRAPH = re.compile(r"\s*$|    |\t| {0,3}(?:[>|]|[-*+][ \t]|\d+[.)][ \t])")
_KEY = re.compile(r"[\w.-]+[ \t]*:(?:[ \t]|$)")
_TITLE = re.compile(r"title[ \t]*:[ \t]+(.+)")
_BLOCK_SCALAR = re.compile(r"[|>][-+\d]*[ \t]*")
_MARKUP = (
    (re.compile(r"!?\[([^\]\[]*)\](?:\([^()]*\)|\[[^\]]*\])"), r"\1"),  # links and images, the inner first
    (re.compile(r"<[^<>]+>|\{#[^{}]*\}"), ""),
    (re.compile(r"`+|\*\*|__"), ""),
)
_MAX_FRONT_MATTER = 200  # lines
_MAX_LINE = 1000  # no heading is longer, and no pattern should meet a line of megabytes


class Markdown:
    """Files called ``.md`` and ``.markdown``."""

    name = "Markdown"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone, since any text is Markdown."""
        return name.lower().endswith((".md", ".markdown"))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document; a title in the front matter stays as its first line."""
        title, text = split_front_matter(source.text())
        yield source.document(with_title(title, text), title or first_heading(text))


def split_front_matter(text: str) -> tuple[str, str]:
    """Take the YAML front matter off a text.

    Only a block that begins on the first line, ends within 200 lines and holds nothing but keys, comments
    and indented lines is front matter; a rule (``---``) above a paragraph is not.

    Returns
    -------
    title, text : str
        The front matter's title, empty if there is none; and the text below.
    """
    lines = text.split("\n", _MAX_FRONT_MATTER)
    if lines[0].rstrip() != "---":
        return "", text
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None or end == _MAX_FRONT_MATTER:
        return "", text
    block = lines[1:end]
    if not any(_KEY.match(line) for line in block) or not all(_in_front_matter(line) for line in block):
        return "", text
    titles = (_TITLE.fullmatch(line.rstrip()) for line in block)
    title = next((found[1] for found in titles if found), "")
    return _unquoted(title), "\n".join(lines[end + 1 :])


def _in_front_matter(line: str) -> bool:
    return not line.strip() or line[0] in " \t#-]}" or _KEY.match(line) is not None


def _unquoted(value: str) -> str:
    if _BLOCK_SCALAR.fullmatch(value):
        return ""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].strip()
    return value.partition(" #")[0].strip()


def first_heading(text: str) -> str:
    """Find the first heading, ATX (``# Title``) or setext (underlined), outside fenced code.

    Returns
    -------
    str
        Without links, images, tags and emphasis; empty if there is none.
    """
    fence, above = "", ""
    for line in (line[:_MAX_LINE] for line in text.split("\n")):
        mark = _FENCE.match(line)
        if mark and (not fence or _closes(line.strip(), fence)):
            fence, above = ("" if fence else mark[1]), ""
            continue
        if fence:
            continue
        heading = _ATX.fullmatch(line)
        found = heading[1] or "" if heading else above if _UNDERLINE.fullmatch(line) else ""
        title = _without_markup(found)
        if title:
            return title
        above = "" if heading or _NOT_A_PARAGRAPH.match(line) else line
    return ""


def _closes(line: str, fence: str) -> bool:
    return set(line) == {fence[0]} and len(line) >= len(fence)


def _without_markup(heading: str) -> str:
    for pattern, kept in _MARKUP[:1] * 2 + _MARKUP[1:]:  # twice, for an image inside a link
        heading = pattern.sub(kept, heading)
    return heading.strip().strip("*_").strip()
