"""Whether HTML is nested so deep that a parser, which looks up through all that is open, would take for ever."""

import re
from collections import Counter

__all__ = ["too_nested"]

_TAG = re.compile(r"<(/?)([a-z][a-z0-9:-]*)")
# These end by themselves, or hold nothing.
_SHORT = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup"}
)
_FEW = 1000  # tags, that cannot do harm in whatever order
_WORK = 20_000_000  # steps: half a second


def too_nested(html: str, work: int = _WORK) -> bool:
    """Say whether parsing would take more than so many steps, one for each element that is open at each tag.

    Parameters
    ----------
    html : str
        A page.
    work : int
        Steps that are allowed; a page of ten thousand ``<div>`` within each other takes fifty million.
    """
    if html.count("<") <= _FEW:
        return False
    depth = steps = 0
    unclosed: Counter[str] = Counter()
    for closing, name in _TAG.findall(html.lower()):
        if name in _SHORT:
            steps += depth
        elif not closing:
            depth += 1
            unclosed[name] += 1
            steps += depth
        elif unclosed[name]:
            depth -= 1
            unclosed[name] -= 1
        if steps > work:
            return True
    return False
