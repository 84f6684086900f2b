"""Plots as figures of plotly: plain dictionaries, drawn by plotly's JavaScript in the page.

Colours are names with an @ before them, such as ``@own``: the page puts in those of the light or the dark palette.
All text is escaped, since plotly reads a few tags of HTML in it.
"""

import html
from typing import Any

from semhash.drawing.plots import Axis, Note, Plot, Series

__all__ = ["figure_of"]

_GAP = 0.055
_BAR_PATTERNS = ("", "/", ".", "x", "-", "+")


def figure_of(plot: Plot) -> dict[str, Any]:
    """Give the figure: traces panel by panel, in the order of the series, and the layout."""
    traces = [
        _trace(plot, series, panel, number)
        for panel, found in enumerate(plot.panels)
        for number, series in enumerate(found.series)
    ]
    return {"data": traces, "layout": _layout(plot)}


def _plain(text: str) -> str:
    """Make text that says only what it says, with its lines kept."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _trace(plot: Plot, series: Series, panel: int, number: int) -> dict[str, Any]:
    colour = f"@{series.look.colour}"
    trace: dict[str, Any] = {
        "type": "bar" if plot.kind == "bars" else "scatter",
        "name": _plain(series.name),
        "x": list(series.x),
        "y": list(series.y),
        "hovertext": [_plain(text) for text in series.text],
        "hoverinfo": "text",
        "visible": series.shown,
        "yaxis": f"y{panel + 1}" if panel else "y",
    }
    if plot.kind == "bars":
        trace["marker"] = {"color": colour, "pattern": _pattern(number, colour)}
        return trace
    trace["mode"] = "lines" if plot.kind == "lines" else "markers"
    trace["line"] = {"color": colour, "dash": series.look.dash, "width": series.look.width}
    trace["marker"] = _marker(plot, series, colour)
    if series.label:
        trace |= {
            "mode": "markers+text",
            "text": _plain(series.name),
            "textposition": f"middle {series.label}",
            "cliponaxis": False,
        }
    if series.low:
        trace["error_x"] = _interval(series, colour) | {"width": 4 if plot.caps else 0}
    return trace


def _pattern(number: int, colour: str) -> dict[str, Any]:
    """Give bars a pattern of their own, so that they differ without colour."""
    return {
        "shape": _BAR_PATTERNS[number % 6],
        "fgcolor": "@paper",
        "bgcolor": colour,
        "size": 6,
        "solidity": 0.25,
    }


def _marker(plot: Plot, series: Series, colour: str) -> dict[str, Any]:
    crowd = plot.kind == "points" and len(series.x) > 1
    strong = series.look.width >= 4
    return {
        "color": colour,
        "symbol": series.look.symbol,
        "size": 5 if crowd else 14 if strong else 9,
        "opacity": 0.75 if crowd else 1,
        "line": {"width": 0 if crowd else 1, "color": "@paper"},
    }


def _interval(series: Series, colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - x for high, x in zip(series.high, series.x, strict=True)],
        "arrayminus": [x - low for low, x in zip(series.low, series.x, strict=True)],
        "color": colour,
        "thickness": 1.6,
    }


def _layout(plot: Plot) -> dict[str, Any]:
    bottom = len(plot.panels) - 1
    layout: dict[str, Any] = {
        "height": plot.height,
        "showlegend": False,
        "hovermode": "closest",
        "hoverdistance": 40,
        "dragmode": "pan" if plot.kind == "points" else "zoom",
        "paper_bgcolor": "@paper",
        "plot_bgcolor": "@paper",
        "font": {"color": "@ink", "family": "system-ui, sans-serif", "size": 13},
        "hoverlabel": {
            "bgcolor": "@paper",
            "bordercolor": "@muted",
            "align": "left",
            "font": {"color": "@ink"},
        },
        "modebar": {"bgcolor": "@paper", "color": "@muted", "activecolor": "@ink"},
        "margin": {"l": 12, "r": 12, "t": 28, "b": 12},
        "xaxis": {**_axis(plot.x), "anchor": f"y{bottom + 1}" if bottom else "y"},
        "uirevision": "kept",
    }
    tall = (1 - _GAP * bottom) / len(plot.panels)
    for number, panel in enumerate(plot.panels):
        top = 1 - number * (tall + _GAP)
        axis = {**_axis(panel.y), "domain": [max(0.0, top - tall), top]}
        if plot.kind == "rows":
            axis |= {"range": [len(panel.y.categories) - 0.4, -0.6], "showgrid": True, "zeroline": False}
        layout[f"yaxis{number + 1}" if number else "yaxis"] = axis
    if plot.even:
        layout["yaxis"] |= {"scaleanchor": "x"}
    if notes := [_note(note, panel) for panel, found in enumerate(plot.panels) for note in found.notes]:
        layout["annotations"] = notes
    if plot.kind == "bars":
        layout |= {"barmode": "group", "bargap": 0.25}
    return layout


def _note(note: Note, panel: int) -> dict[str, Any]:
    return {
        "text": _plain(note.text),
        "x": note.x,
        "y": note.y,
        "yref": f"y{panel + 1}" if panel else "y",
        "showarrow": False,
        "font": {"size": 12, "color": "@ink"},
        "bgcolor": "@paper",
        "opacity": 0.85,
        "borderpad": 2,
        "captureevents": False,
    }


def _axis(axis: Axis) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": {"text": _plain(axis.title), "standoff": 10},
        "automargin": True,
        "gridcolor": "@grid",
        "linecolor": "@grid",
        "zerolinecolor": "@grid",
        "tickfont": {"color": "@ink"},
    }
    if axis.log:
        found |= {"type": "log", "dtick": 1, "exponentformat": "none"}
    if axis.from_zero:
        found |= {"rangemode": "tozero"}
    if axis.categories:
        found |= {
            "tickmode": "array",
            "tickvals": list(range(len(axis.categories))),
            "ticktext": [_plain(name) for name in axis.categories],
        }
    if axis.bare:
        found |= {
            "showticklabels": False,
            "showline": False,
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        }
    return found
