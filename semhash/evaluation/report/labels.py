"""Label by label: where semhash is better than the best other method, and where worse."""

from dataclasses import dataclass

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Row, Table
from semhash.drawing.looks import Look
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View

__all__ = ["by_label"]

_DRAWN = 40
_LABEL_WIDTH = 34


@dataclass(frozen=True)
class _Pair:
    """Two methods' means by label; `labels` are those that both have, semhash's largest lead first."""

    measure: str
    methods: tuple[Method, Method]
    means: tuple[dict[str, float], dict[str, float]]
    labels: list[str]

    def difference(self, label: str) -> float:
        return self.means[0][label] - self.means[1][label]


def by_label(view: View, looks: dict[str, Look]) -> list[Block]:
    """Set semhash and the best rival side by side for each label, sorted by their difference."""
    lead, rival = view.lead, view.best_rival()
    if lead is None or rival is None:
        return []
    mine, theirs = lead.label_means(KEY), rival.label_means(KEY)
    labels = sorted(
        (label for label in mine if label in theirs), key=lambda label: theirs[label] - mine[label]
    )
    if not labels:
        return []
    pair = _Pair(view.wording.heading(KEY), (lead, rival), (mine, theirs), labels)
    queries = {found.label: found.n_queries for found in view.results.corpus.labels}
    return [_chart(pair, queries, looks), _table(pair, queries)]


def _chart(pair: _Pair, queries: dict[str, int], looks: dict[str, Look]) -> Chart:
    frequent = sorted(pair.labels, key=lambda label: -queries.get(label, 0))[:_DRAWN]
    drawn = [label for label in pair.labels if label in frequent]
    of = f", of {len(pair.labels)}" if len(drawn) < len(pair.labels) else ""
    plot = Plot(
        name="labels",
        kind="rows",
        x=Axis(title=pair.measure, from_zero=True),
        panels=[
            Panel(
                y=Axis(title="", categories=[_short(label) for label in drawn]),
                series=[_points(pair, number, drawn, looks) for number in (0, 1)],
            )
        ],
        height=100 + 25 * len(drawn),
        caps=False,
    )
    first, second = (m.title for m in pair.methods)
    ahead = sum(pair.difference(label) > 0 for label in drawn)
    return Chart(
        plot=plot,
        caption=f"{pair.measure} over the queries of each label, sorted by the difference."
        + (f" The {len(drawn)} labels with the most queries{of}." if of else ""),
        spoken=f"{first} is above {second} in {ahead} of {numbers.counted(len(drawn), 'label')}.",
    )


def _points(pair: _Pair, number: int, drawn: list[str], looks: dict[str, Look]) -> Series:
    """Give a method's point for each label; the first one's are joined with the other's by a line."""
    title, found = pair.methods[number].title, pair.means[number]
    ends = [sorted((pair.means[0][label], pair.means[1][label])) for label in drawn] if number == 0 else []
    return Series(
        name=title,
        look=looks[title],
        x=[found[label] for label in drawn],
        y=[float(row) for row in range(len(drawn))],
        low=[low for low, _ in ends],
        high=[high for _, high in ends],
        text=[f"{label}\n{title}: {pair.measure} {numbers.figure(found[label])}" for label in drawn],
    )


def _table(pair: _Pair, queries: dict[str, int]) -> Table:
    rows = []
    for label in pair.labels:
        cells = [Cell(label), Cell(numbers.whole(queries.get(label, 0)), sort=queries.get(label, 0))]
        cells += [Cell(numbers.figure(found[label]), sort=found[label]) for found in pair.means]
        rows.append(Row([*cells, Cell(numbers.signed(pair.difference(label)), sort=pair.difference(label))]))
    heads = [
        Column("label", numeric=False),
        Column("queries"),
        *(Column(f"{m.title}, {pair.measure}") for m in pair.methods),
        Column("difference"),
    ]
    caption = f"All {numbers.counted(len(pair.labels), 'label')} in numbers"
    return Table(caption=caption, columns=heads, bodies=[Body("", rows)], sortable=True, folded=True)


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_WIDTH else label[: _LABEL_WIDTH - 1] + "…"
