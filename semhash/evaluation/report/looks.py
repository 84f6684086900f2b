"""How methods look: one colour, dash and symbol for a method over all pictures, told apart without colour too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import View

__all__ = ["DARK", "LIGHT", "PLAIN", "Dash", "Look", "Symbol", "label_looks", "looks_of"]

Dash = Literal["solid", "dash", "dot", "dashdot"]
Symbol = Literal["circle", "square", "diamond", "triangle-up", "cross", "x"]

LIGHT = {
    "own": "#bf210c",
    "own-2": "#6b2a3a",
    "c0": "#1f4fb0",
    "c1": "#0b8f6c",
    "c2": "#a866a5",
    "c3": "#c98500",
    "c4": "#2b2b3d",
    "c5": "#4f96e0",
    "muted": "#8b8f98",
    "ink": "#1d2026",
    "grid": "#e4e6ea",
    "paper": "#ffffff",
}
"""On white. Chosen so that colour-blind readers, too, can tell them apart; a test simulates how they see them."""

DARK = {
    "own": "#f9652e",
    "own-2": "#f0dcae",
    "c0": "#6a86ec",
    "c1": "#35a07d",
    "c2": "#fb93cb",
    "c3": "#f5c518",
    "c4": "#e6ebee",
    "c5": "#7fdcf7",
    "muted": "#868c98",
    "ink": "#e8eaee",
    "grid": "#30343c",
    "paper": "#15171b",
}
"""The same colours on a dark page."""

_COLOURS = ("c0", "c1", "c2", "c3", "c5", "c4")
_DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")
_SYMBOLS: tuple[Symbol, ...] = ("circle", "square", "diamond", "triangle-up", "cross", "x")


@dataclass(frozen=True)
class Look:
    """How a line or a point looks.

    Attributes
    ----------
    colour : str
        A name of `LIGHT` and `DARK`.
    dash, symbol : str
    width : float
        Of a line, in pixels.
    """

    colour: str
    dash: Dash = "solid"
    symbol: Symbol = "circle"
    width: float = 1.8


PLAIN = Look("muted")
"""For what is no method."""


def looks_of(views: Sequence[View]) -> dict[str, Look]:
    """Give every method of a report its look, by title; the best come first, so that they differ in colour."""
    found: dict[str, Look] = {}
    own = dict.fromkeys(m.title for view in views for m in ([view.lead] if view.lead else []))
    also = dict.fromkeys(m.title for view in views for m in view.methods if m.first.own)
    for number, title in enumerate(dict.fromkeys([*own, *also])):
        if number == 0:
            found[title] = Look("own", "solid", "circle", 4.0)
        else:
            found[title] = Look("own-2", _DASHES[(number - 1) % 4], _SYMBOLS[number % 6], 2.6)
    others = [m for view in views for m in _interleaved(view)]
    for number, title in enumerate(dict.fromkeys(m.title for m in others)):
        turn, colour = divmod(number, len(_COLOURS))
        found[title] = Look(_COLOURS[colour], _DASHES[turn % 4], _SYMBOLS[(turn + 1) % 6])
    return found


def _interleaved(view: View) -> list[Method]:
    """Sort all but semhash's: those that stand first in their group come first."""
    groups: dict[str, list[Method]] = {}
    for method in view.by_key([m for m in view.methods if not m.first.own]):
        groups.setdefault(method.first.group, []).append(method)
    depth = max(map(len, groups.values()), default=0)
    return [group[rank] for rank in range(depth) for group in groups.values() if rank < len(group)]


def label_looks(n: int) -> list[Look]:
    """Give looks for `n` labels: the colours but semhash's, then the same with other symbols."""
    return [Look(_COLOURS[i % 6], symbol=_SYMBOLS[i // 6 % 6]) for i in range(n)]
