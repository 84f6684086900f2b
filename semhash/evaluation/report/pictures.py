"""Plots as pictures of matplotlib, for Markdown: no display, no global state, the same bytes for the same plot."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semhash.drawing.looks import LIGHT
from semhash.drawing.plots import Axis, Plot, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "file_name"]

_INCH = 100  # pixels
_WIDTH = 8.6
_DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}
_SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "cross": "P", "x": "X"}
_HATCHES = ("", "//", "..", "xx", "--", "++")
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["ink"],
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["ink"],
    "ytick.color": LIGHT["ink"],
    "grid.color": LIGHT["grid"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "semhash",
    "svg.fonttype": "path",
}
_CROWD = 400
"""Points beyond which a picture is made of pixels: as shapes it would be larger than the page."""


def file_name(plot: Plot) -> str:
    """Give the name of a plot's file."""
    crowded = sum(len(series.x) for panel in plot.panels for series in panel.series) > _CROWD
    return f"{plot.name}.{'png' if plot.kind == 'points' and crowded else 'svg'}"


def draw(plot: Plot, file: Path) -> None:
    """Write a plot, as the page first shows it: what is switched off there is left out."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(rc=_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a title in a script that no installed font has
        height = plot.height / _INCH + 0.4
        figure = Figure(figsize=(_WIDTH, height), dpi=150, facecolor=LIGHT["paper"], layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(len(plot.panels), 1, sharex=True, squeeze=False)[:, 0]
        for panel, pair in zip(plot.panels, axes, strict=True):
            shown = [series for series in panel.series if series.shown]
            for number, series in enumerate(shown):
                _add(plot, series, pair, number, len(shown))
            _finish(pair, plot, panel.y)
        _label(axes[-1].xaxis, axes[-1], plot.x, "x")
        if plot.legend:
            _legend(figure, plot, axes[0])
        meta = {"Date": None} if file.suffix == ".svg" else {"Software": None}
        figure.savefig(file, metadata=meta, bbox_inches="tight")


def _add(plot: Plot, series: Series, axes: "Axes", number: int, n_shown: int) -> None:
    look, colour = series.look, LIGHT[series.look.colour]
    if plot.kind == "lines":
        axes.plot(
            series.x,
            series.y,
            color=colour,
            linestyle=_DASHES[look.dash],
            linewidth=look.width * 0.8,
            label=series.name,
        )
    elif plot.kind == "bars":
        wide = 0.8 / max(n_shown, 1)
        places = [x - 0.4 + wide * (number + 0.5) for x in series.x]
        axes.bar(
            places,
            series.y,
            wide,
            color=colour,
            hatch=_HATCHES[number % 6],
            edgecolor=LIGHT["paper"],
            label=series.name,
        )
    else:
        if series.low:
            axes.hlines(series.y, series.low, series.high, color=colour, linewidth=1.4)
        crowd = plot.kind == "points" and len(series.x) > 1
        size = 9 if crowd else 90 if look.width >= 4 else 42
        axes.scatter(
            series.x,
            series.y,
            s=size,
            color=colour,
            marker=_SYMBOLS[look.symbol],
            linewidths=0,
            label=series.name,
            zorder=3,
        )
        if series.label:
            right = series.label == "right"
            axes.annotate(
                series.name,
                (series.x[0], series.y[0]),
                (8 if right else -8, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=9,
            )


def _finish(axes: "Axes", plot: Plot, y: Axis) -> None:
    _label(axes.yaxis, axes, y, "y")
    if plot.kind == "rows":
        axes.set_ylim(len(y.categories) - 0.4, -0.6)
    elif y.from_zero:
        axes.set_ylim(bottom=0)


def _label(side: Any, axes: "Axes", axis: Axis, which: str) -> None:
    side.set_label_text(axis.title)
    if axis.log:
        axes.set(**{f"{which}scale": "log"})
        side.set_major_formatter(lambda value, _: f"{value:,g}")
    if axis.whole:
        side.get_major_locator().set_params(integer=True)
    if axis.from_zero and which == "x":
        axes.set_xlim(left=0)
    if axis.categories:
        side.set_ticks(range(len(axis.categories)), labels=list(axis.categories))
        if which == "x":
            axes.tick_params(axis="x", rotation=0 if len(axis.categories) <= 12 else 45)
    if axis.bare:
        side.set_ticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.grid(visible=False)


def _legend(figure: Any, plot: Plot, axes: "Axes") -> None:
    handles, names = axes.get_legend_handles_labels()
    if not handles:
        return
    crowded = plot.kind == "points" and any(len(series.x) > 1 for series in plot.panels[0].series)
    columns = 3 if max(map(len, names)) < 30 else 2
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=9,
        markerscale=2 if crowded else 1,
    )
