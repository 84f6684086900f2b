"""How methods look: one colour, dash and symbol for a method over all pictures, told apart without colour too."""

from collections.abc import Sequence

from semhash.drawing.looks import COLOURS, DASHES, SYMBOLS, Look
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import View

__all__ = ["looks_of"]


def looks_of(views: Sequence[View]) -> dict[str, Look]:
    """Give every method of a report its look, by title; the best come first, so that they differ in colour."""
    found: dict[str, Look] = {}
    own = dict.fromkeys(m.title for view in views for m in ([view.lead] if view.lead else []))
    also = dict.fromkeys(m.title for view in views for m in view.methods if m.first.own)
    for number, title in enumerate(dict.fromkeys([*own, *also])):
        if number == 0:
            found[title] = Look("own", "solid", "circle", 4.0)
        else:
            found[title] = Look("own-2", DASHES[(number - 1) % 4], SYMBOLS[number % 6], 2.6)
    others = [m for view in views for m in _interleaved(view)]
    for number, title in enumerate(dict.fromkeys(m.title for m in others)):
        turn, colour = divmod(number, len(COLOURS))
        found[title] = Look(COLOURS[colour], DASHES[turn % 4], SYMBOLS[(turn + 1) % 6])
    return found


def _interleaved(view: View) -> list[Method]:
    """Sort all but semhash's: those that stand first in their group come first."""
    groups: dict[str, list[Method]] = {}
    for method in view.by_key([m for m in view.methods if not m.first.own]):
        groups.setdefault(method.first.group, []).append(method)
    depth = max(map(len, groups.values()), default=0)
    return [group[rank] for rank in range(depth) for group in groups.values() if rank < len(group)]
