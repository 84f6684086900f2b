"""What quality costs: bytes a document beside the key measure."""

from math import sqrt
from typing import Literal

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Chart
from semhash.drawing.looks import Look
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View

__all__ = ["cost"]


def cost(view: View, looks: dict[str, Look]) -> list[Block]:
    """Draw each method as a point: what it keeps of a document, and how well it ranks."""
    methods = [m for m in view.by_key(view.methods) if _bytes(m) > 0 and m.mean(KEY) is not None]
    if not methods:
        return []
    measure = view.wording.heading(KEY)
    middle = sqrt(min(map(_bytes, methods)) * max(map(_bytes, methods)))  # of a logarithmic axis
    named = (view.lead, view.best_rival())
    series = [
        _point(m, measure, looks[m.title], ("right" if _bytes(m) <= middle else "left") if m in named else "")
        for m in methods
    ]
    plot = Plot(
        name="cost",
        kind="points",
        x=Axis(title="bytes a document", log=True),
        panels=[Panel(y=Axis(title=measure, from_zero=True), series=series)],
    )
    said = "; ".join(f"{s.name} {numbers.amount(s.x[0])} bytes, {numbers.figure(s.y[0])}" for s in series)
    caption = f"{measure} beside what is kept of each document. To the left is smaller, above is better."
    return [Chart(plot=plot, caption=caption, spoken=f"{measure} beside bytes a document: {said}.")]


def _bytes(method: Method) -> float:
    return method.cost.bytes_per_document if method.cost else 0.0


def _point(method: Method, measure: str, look: Look, label: Literal["", "left", "right"]) -> Series:
    price, value = method.cost, method.mean(KEY)
    assert price is not None
    assert value is not None
    told = [
        method.title,
        f"{measure} {numbers.figure(value)}",
        f"{numbers.amount(price.bytes_per_document)} bytes a document",
        f"{numbers.amount(price.query_milliseconds)} ms a query",
        f"{numbers.amount(price.fit_seconds)} s to build",
    ]
    return Series(
        name=method.title,
        look=look,
        x=[price.bytes_per_document],
        y=[value],
        text=["\n".join(told)],
        label=label,
    )
