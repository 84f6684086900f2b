"""The page: one HTML file that holds all it needs, plotly's JavaScript among it."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

import msgspec

from semhash.drawing.blocks import Block, Chart, Report, Table, Text
from semhash.drawing.looks import DARK, LIGHT, Look
from semhash.drawing.plotly_charts import figure_of

__all__ = ["page"]

_DASHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}
_SHAPES = {
    "circle": "M14 8m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    "square": "M10.5 4.5h7v7h-7z",
    "diamond": "M14 3l5 5l-5 5l-5 -5z",
    "triangle-up": "M14 3.4l5 8.6h-10z",
    "cross": "M12.4 3h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z",
    "x": "M10 5.6l1.6 -1.6l2.4 2.4l2.4 -2.4l1.6 1.6l-2.4 2.4l2.4 2.4l-1.6 1.6l-2.4 -2.4l-2.4 2.4l-1.6 -1.6l2.4 -2.4z",
}


def page(report: Report) -> str:
    """Write the page. Whatever comes from documents is escaped; no other file is ever loaded."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader("semhash.drawing", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(kind=_kind, dashes=_DASHES, shapes=_SHAPES, traces=_traces, anchor=anchor)
    scripts = [get_plotlyjs(), _resource("page.js")]
    return environment.get_template("page.html").render(
        report=report,
        style=Markup(_palette_rules() + _resource("page.css")),
        scripts=[Markup(script) for script in scripts],
        digests=[_digest(script) for script in scripts],
        data=Markup(_json(_data(report))),
        several=len(report.parts) > 1,
    )


def anchor(part: str, chart: Chart) -> str:
    """Give a chart's id in the page."""
    return f"{part}-{chart.plot.name}-chart"


def _resource(name: str) -> str:
    return files("semhash.drawing").joinpath(name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """Give the digest by which the page's security policy lets a script run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _palette_rules() -> str:
    def rules(colours: dict[str, str]) -> str:
        return "".join(f"--{name}:{value};" for name, value in colours.items())

    return (
        f":root{{{rules(LIGHT)}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{rules(DARK)}}}}}\n"
    )


def _data(report: Report) -> dict[str, Any]:
    charts = {
        anchor(part.name, block): figure_of(block.plot) | {"kind": block.plot.kind, "wheel": block.plot.wheel}
        for part in report.parts
        for section in part.sections
        for block in section.blocks
        if isinstance(block, Chart)
    }
    return {"light": LIGHT, "dark": DARK, "charts": charts}


def _json(value: Any) -> str:
    """Write JSON that cannot end the script element that it stands in."""
    written = msgspec.json.encode(value).decode()
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _kind(block: Block) -> str:
    return {Text: "text", Table: "table", Chart: "chart"}[type(block)]


def _traces(chart: Chart, number: int) -> str:
    """Give the traces that a series has in the panels of its plot."""
    n = len(chart.plot.panels[0].series)
    return " ".join(str(number + panel * n) for panel in range(len(chart.plot.panels)))


def swatch(look: Look) -> str:
    """Give the colour of a look as CSS."""
    return f"var(--{look.colour})"
