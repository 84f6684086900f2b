"""How lines and points look: two palettes, and looks that are told apart without colour too."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["COLOURS", "DARK", "DASHES", "LIGHT", "PLAIN", "SYMBOLS", "Dash", "Look", "Symbol", "label_looks"]

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

COLOURS = ("c0", "c1", "c2", "c3", "c5", "c4")
DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")
SYMBOLS: tuple[Symbol, ...] = ("circle", "square", "diamond", "triangle-up", "cross", "x")


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


def label_looks(n: int) -> list[Look]:
    """Give looks for `n` labels: the colours but semhash's, then the same with other symbols."""
    return [Look(COLOURS[i % 6], symbol=SYMBOLS[i // 6 % 6]) for i in range(n)]
