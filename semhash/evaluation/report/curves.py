"""Precision against recall, and against the radius of the ball."""

from collections.abc import Callable, Sequence

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Row, Table
from semhash.drawing.looks import Look
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View, best_of
from semhash.evaluation.results import Balls

__all__ = ["balls", "precision_recall", "shown_first"]

_MOST_SHOWN = 7


def shown_first(view: View, methods: Sequence[Method]) -> list[Method]:
    """Give the methods that a picture shows at first: semhash's leading ones, and the best of each group."""
    groups: dict[tuple[str, bool], list[Method]] = {}
    for m in methods:
        if not m.first.own:
            groups.setdefault((m.first.group, m.first.uses_labels), []).append(m)
    best = [best_of(group, KEY) for group in groups.values()]
    own = [m for m in methods if m is view.lead] + [m for m in methods if m in view.own][:1]
    chosen = [*own, *view.by_key([m for m in best if m])][:_MOST_SHOWN]
    return [m for m in methods if m in chosen]


def _ordered(view: View, methods: list[Method]) -> list[Method]:
    """Put semhash's leading method first, then the others, the best first."""
    return sorted(view.by_key(methods), key=lambda m: m is not view.lead)


def precision_recall(view: View, looks: dict[str, Look]) -> list[Block]:
    """Draw the precision at each level of recall."""
    methods = _ordered(view, [m for m in view.methods if m.curve])
    if not methods:
        return []
    shown = shown_first(view, methods)
    series = [_curve(m, looks[m.title], m in shown) for m in methods]
    plot = Plot(
        name="precision-recall",
        kind="lines",
        x=Axis(title="recall", from_zero=True),
        panels=[Panel(y=Axis(title="precision", from_zero=True), series=series)],
    )
    what = (
        "Mean precision over the queries at each level of recall: how pure a list is that holds so much of what is "
        f"{view.wording.good}."
    )
    spoken = "; ".join(f"{m.title}: {_path(m)}" for m in shown)
    chart = Chart(plot=plot, caption=what, spoken=f"Precision by recall. {spoken}.")
    return [chart, _curve_table(shown)]


def _curve(method: Method, look: Look, shown: bool) -> Series:
    return Series(
        name=method.title,
        look=look,
        x=[recall for recall, _ in method.curve],
        y=[precision for _, precision in method.curve],
        text=[
            f"{method.title}\nprecision {numbers.figure(precision)} at recall {recall:.2f}"
            for recall, precision in method.curve
        ],
        shown=shown,
    )


def _levels(method: Method) -> list[tuple[float, float]]:
    """Thin a curve out to at most eleven levels, the ends among them."""
    n = len(method.curve)
    rows = range(n) if n <= 11 else [round(i * (n - 1) / 10) for i in range(11)]
    return [method.curve[row] for row in rows]


def _path(method: Method) -> str:
    chosen = [method.curve[0], method.curve[len(method.curve) // 2], method.curve[-1]]
    return ", ".join(f"{precision:.2f} at {recall:.2f}" for recall, precision in chosen)


def _curve_table(methods: list[Method]) -> Table:
    levels = sorted({recall for m in methods for recall, _ in _levels(m)})
    if len(levels) > 25:  # methods without common levels
        levels = sorted({recall for recall, _ in _levels(methods[0])})
    rows = []
    for m in methods:
        found = dict(m.curve)
        rows.append(Row([Cell(m.title), *(Cell(numbers.figure(found.get(level))) for level in levels)]))
    heads = [Column("precision at recall", numeric=False), *(Column(f"{level:.2f}") for level in levels)]
    return Table(
        caption="The curves shown at first, in numbers", columns=heads, bodies=[Body("", rows)], folded=True
    )


def balls(view: View, looks: dict[str, Look]) -> list[Block]:
    """Draw what the ball holds by its radius, for methods that rank by codes."""
    methods = _ordered(view, [m for m in view.methods if m.balls is not None])
    if not methods:
        return []
    width = methods[0].first.size
    same = [m for m in methods if m.first.size == width]
    shown = shown_first(view, same)
    of: list[tuple[str, bool, Callable[[Balls], list[float]]]] = [
        ("precision", False, lambda b: b.precision),
        ("recall", False, lambda b: b.recall),
        ("documents in the ball", True, lambda b: b.documents),
    ]
    panels = [
        Panel(
            y=Axis(title=title, log=log, from_zero=not log),
            series=[_by_radius(m, pick, title, looks[m.title], m in shown) for m in methods],
        )
        for title, log, pick in of
    ]
    plot = Plot(
        name="balls",
        kind="lines",
        x=Axis(title="radius in bits", from_zero=True, whole=True),
        panels=panels,
        height=780,
    )
    lead = methods[0]
    caption = (
        "All documents within so many bits of the query's address, taken as a set: how many there are, which share "
        f"of them is {view.wording.good}, and which share of what is {view.wording.good} they hold. An empty ball "
        "has precision 0."
    )
    found = lead.balls
    spoken = f"{lead.title}: {_first_radii(found)}." if found else ""
    return [Chart(plot=plot, caption=caption, spoken=f"By radius. {spoken}"), _ball_table(shown)]


def _by_radius(
    method: Method, pick: Callable[[Balls], list[float]], title: str, look: Look, shown: bool
) -> Series:
    balls_ = method.balls
    values = pick(balls_) if balls_ else []
    numbers_of = numbers.amount if title.startswith("documents") else numbers.figure
    return Series(
        name=method.title,
        look=look,
        x=list(range(len(values))),
        y=values,
        text=[f"{method.title}\nradius {r}: {title} {numbers_of(v)}" for r, v in enumerate(values)],
        shown=shown,
    )


def _first_radii(found: Balls) -> str:
    rows = zip(found.precision[:5], found.recall[:5], found.documents[:5], strict=False)
    return "; ".join(
        f"radius {r}, precision {numbers.figure(p)}, recall {numbers.figure(c)}, {numbers.amount(n)} documents"
        for r, (p, c, n) in enumerate(rows)
    )


def _ball_table(methods: list[Method]) -> Table:
    bodies = []
    for m in methods:
        if m.balls is None:
            continue
        rows = [
            Row([Cell(str(r)), Cell(numbers.figure(p)), Cell(numbers.figure(c)), Cell(numbers.amount(n))])
            for r, (p, c, n) in enumerate(
                zip(m.balls.precision, m.balls.recall, m.balls.documents, strict=False)
            )
            if r <= 12
        ]
        bodies.append(Body(m.title, rows))
    heads = [
        Column("radius", numeric=False),
        Column("precision"),
        Column("recall"),
        Column("documents in the ball"),
    ]
    return Table(caption="The balls shown at first, in numbers", columns=heads, bodies=bodies, folded=True)
