"""What the order among equal distances could make of the figures."""

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Row, Table, Text
from semhash.drawing.looks import Look
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View

__all__ = ["ties"]

_WHY = (
    "Codes of few bits put many documents at equal distances, and a list of the first ten must break the ties "
    "somehow. The figures of this report are expected values over random order among equal distances, exact. Here "
    "they stand between the worst and the best order that there could be; a wide span says that the code alone "
    "leaves much open."
)


def ties(view: View, looks: dict[str, Look]) -> list[Block]:
    """Set the worst, the expected and the best order side by side, for methods that rank by codes."""
    methods = [m for m in view.by_key(view.methods) if m.first.worst and m.first.best]
    if not methods:
        return []
    measures = [m for m in ("MAP", "P@10", "P@100") if any(m in method.first.worst for method in methods)]
    return [Text([_WHY]), *_chart(view, methods, looks), _table(view, methods, measures, looks)]


def _span(method: Method, measure: str) -> tuple[float | None, float | None, float | None]:
    worst = method.extreme(measure, lambda run: run.worst)
    return worst, method.mean(measure), method.extreme(measure, lambda run: run.best)


def _chart(view: View, methods: list[Method], looks: dict[str, Look]) -> list[Block]:
    measure = view.wording.heading(KEY)
    series: list[Series] = []
    names: list[str] = []
    for method in methods:
        worst, mean, best = _span(method, KEY)
        if worst is None or mean is None or best is None:
            continue
        orders = zip(("worst", "expected", "best"), (worst, mean, best), strict=True)
        told = ", ".join(f"{order} {numbers.figure(value)}" for order, value in orders)
        series.append(
            Series(
                name=method.title,
                look=looks[method.title],
                x=[mean],
                y=[float(len(names))],
                low=[worst],
                high=[best],
                text=[f"{method.title}\n{told}"],
            )
        )
        names.append(method.title)
    if not names:
        return []
    plot = Plot(
        name="ties",
        kind="rows",
        x=Axis(title=measure, from_zero=True),
        panels=[Panel(y=Axis(title="", categories=names), series=series)],
        height=100 + 25 * len(names),
        legend=False,
    )
    caption = (
        f"{measure}, expected, between its value in the worst and in the best order among equal distances."
    )
    return [Chart(plot=plot, caption=caption, spoken=f"{caption} In numbers in the table below.")]


def _table(view: View, methods: list[Method], measures: list[str], looks: dict[str, Look]) -> Table:
    heads = [Column("method", numeric=False)]
    for measure in measures:
        heads += [
            Column(f"{view.wording.heading(measure)}, {order}") for order in ("worst", "expected", "best")
        ]
    rows = []
    for method in methods:
        values = [value for measure in measures for value in _span(method, measure)]
        cells = [Cell(method.title), *(Cell(numbers.figure(value), sort=value) for value in values)]
        rows.append(Row(cells, looks[method.title], method.first.own))
    return Table(
        caption="Worst, expected and best order", columns=heads, bodies=[Body("", rows)], sortable=True
    )
