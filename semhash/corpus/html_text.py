"""The text of HTML, simply: what stands between the tags.

Not by ``html.parser``, which takes minutes for 100 kB of tags that never close; this takes one pass over anything.
"""

import re
from collections.abc import Iterator
from html import unescape

__all__ = ["text_of_html"]

_TAG = re.compile(r"<(?:!--|[!?]|/?([a-zA-Z][a-zA-Z0-9:-]*))")
_ENDS = {
    name: re.compile(f"</{name}\\b", re.IGNORECASE)
    for name in ("head", "script", "style", "template", "title")
}
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span"}
    | {"strong", "sub", "sup", "tt", "u", "wbr"}
)


def text_of_html(html: str) -> str:
    """Strip the tags off HTML; comments, scripts, styles and the head go with them.

    Parameters
    ----------
    html : str
        A page or a fragment, however broken. What begins and never ends hides the rest, as in a browser.

    Returns
    -------
    str
        Its text, one block a line, without blank lines.
    """
    lines = (" ".join(line.split()) for line in "".join(_pieces(html)).split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(html: str) -> Iterator[str]:
    position = 0
    endless: set[str] = set()  # elements known to have no end tag ahead, so none is looked for twice
    while tag := _TAG.search(html, position):
        yield _shown(html[position : tag.start()])
        position = _behind(html, "-->" if tag[0] == "<!--" else ">", tag.end())
        name = (tag[1] or "").lower()
        if name not in _INLINE:
            yield "\n"
        if name in _ENDS and name not in endless and tag[0][1] != "/":
            end = _ENDS[name].search(html, position)
            position = _behind(html, ">", end.end()) if end else position
            endless.update({name} if end is None else ())
    yield _shown(html[position:])


def _shown(text: str) -> str:
    """Put whitespace as a browser does, where a newline is a space; then the characters for the entities."""
    return unescape(text.replace("\n", " "))


def _behind(html: str, mark: str, start: int) -> int:
    found = html.find(mark, start)
    return len(html) if found < 0 else found + len(mark)
