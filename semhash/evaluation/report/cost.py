"""What quality costs: bytes a document beside the key measure."""

from semhash.evaluation.report import numbers
from semhash.evaluation.report.blocks import Block, Chart
from semhash.evaluation.report.curves import shown_first
from semhash.evaluation.report.looks import Look
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.view import KEY, View

__all__ = ["cost"]


def cost(view: View, looks: dict[str, Look]) -> list[Block]:
    """Draw each method as a point: what it keeps of a document, and how well it ranks."""
    methods = [m for m in view.by_key(view.methods) if m.cost and m.cost.bytes_per_document > 0]
    methods = [m for m in methods if m.mean(KEY) is not None]
    if not methods:
        return []
    measure = view.wording.heading(KEY)
    named = shown_first(view, methods)
    series = [_point(m, measure, looks[m.title], m in named) for m in methods]
    plot = Plot(
        name="cost",
        kind="points",
        x=Axis(title="bytes a document", log=True),
        panels=[Panel(y=Axis(title=measure, from_zero=True), series=series)],
    )
    said = "; ".join(f"{s.name} {numbers.amount(s.x[0])} bytes, {numbers.figure(s.y[0])}" for s in series)
    caption = f"{measure} beside what is kept of each document. To the left is smaller, above is better."
    return [Chart(plot=plot, caption=caption, spoken=f"{measure} beside bytes a document: {said}.")]


def _point(method: Method, measure: str, look: Look, named: bool) -> Series:
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
        labelled=named,
    )
