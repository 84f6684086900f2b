"""Plots as data: drawn by plotly in the page and by matplotlib beside the Markdown, from one description."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from semhash.drawing.looks import Look

__all__ = ["Axis", "Note", "Panel", "Plot", "Series"]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis.

    Attributes
    ----------
    title : str
    log : bool
    categories : sequence of str
        Names of the places 0, 1, ...; empty for an axis of numbers.
    bare : bool
        Without numbers, as in a map, where they say nothing.
    from_zero : bool
    whole : bool
        Whether only whole numbers mean something.
    """

    title: str
    log: bool = False
    categories: Sequence[str] = ()
    bare: bool = False
    from_zero: bool = False
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Series:
    """What belongs together: a method's line, or a label's documents.

    Attributes
    ----------
    name : str
    look : Look
    x, y : sequence of n_points floats
    text : sequence of n_points str
        What is told of each point when it is pointed at; lines are parted by a line feed.
    low, high : sequence of n_points floats, or empty
        Ends of each point's interval, along the x axis.
    shown : bool
        Whether it is there at first; it can be switched on.
    label : str
        On which side of its point its name stands: ``left``, ``right``, or empty for nowhere.
    """

    name: str
    look: Look
    x: Sequence[float]
    y: Sequence[float]
    text: Sequence[str]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    shown: bool = True
    label: Literal["", "left", "right"] = ""


@dataclass(frozen=True)
class Note:
    """A word or two that stand in a panel, centred on a point."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes; the x axis is shared by all panels of a plot. Notes are drawn in the page alone."""

    y: Axis
    series: Sequence[Series]
    notes: Sequence[Note] = ()


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One picture.

    Attributes
    ----------
    name : str
        Of its file, and of its place in the page.
    kind : str
        ``lines``; ``points`` in the plane; ``rows`` of points, one above the other, y counting from the top;
        ``bars`` side by side.
    x : Axis
    panels : sequence of Panel
        From above to below. Every panel has the same series, in the same order.
    height : int
        In pixels, for the plot itself.
    legend : bool
        Whether series can be switched on and off.
    caps : bool
        Whether intervals have ends that are seen; without, they are lines that join points.
    wheel : bool
        Whether the mouse wheel zooms.
    even : bool
        Whether both axes have one scale, so that a circle is one.
    """

    name: str
    kind: Literal["lines", "points", "rows", "bars"]
    x: Axis
    panels: Sequence[Panel]
    height: int = 460
    legend: bool = True
    caps: bool = True
    wheel: bool = False
    even: bool = False
