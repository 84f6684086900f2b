"""The methods side by side: the key measure at a glance, and the table of everything."""

from collections.abc import Sequence
from dataclasses import replace

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Row, Table, Text
from semhash.drawing.looks import Look
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View

__all__ = ["described", "glance", "measures_of", "method_table"]

_ORDER = ("MAP", "P@10", "P@100", "nDCG@10", "R@100", "graded P@10", "graded P@100")
_MARKS = {
    "behind": ("▲", "significantly better than semhash"),
    "ahead": ("▼", "significantly worse than semhash"),
}
_GROUPS = {
    "semhash": "semhash",
    "lexical": "words",
    "real-valued": "real numbers",
    "binary": "bits",
    "pretrained": "pretrained model",
}


def measures_of(view: View) -> list[str]:
    """Give the measures there are, the usual ones first; graded ones only where documents have several labels."""
    there = dict.fromkeys(measure for m in view.methods for measure in m.first.figures)
    if not view.results.corpus.several_labels:
        there = dict.fromkeys(measure for measure in there if not measure.startswith("graded "))
    return [m for m in _ORDER if m in there] + sorted(measure for measure in there if measure not in _ORDER)


def described(method: Method) -> str:
    """Say in a few words what kind of method it is."""
    parts = [_GROUPS[method.first.group]] if method.first.group != "semhash" else []
    if method.first.uses_labels:
        parts.append("sees labels")
    if len(method.runs) > 1:
        parts.append(f"{len(method.runs)} seeds")
    return ", ".join(parts)


def glance(view: View, looks: dict[str, Look]) -> Chart:
    """Draw the key measure of every method with its interval, the best at the top."""
    methods = [m for m in view.by_key(view.methods) if m.mean(KEY) is not None]
    aided = [m.title for m in methods if not m.unaided]
    names = [m.title + (" †" if m.title in aided else "") for m in methods]
    series = [
        Series(
            name=m.title,
            look=looks[m.title],
            x=[m.mean(KEY) or 0.0],
            y=[float(row)],
            low=[ends[0]] if (ends := m.interval(KEY)) else (),
            high=[ends[1]] if ends else (),
            text=[_told(view, m)],
        )
        for row, m in enumerate(methods)
    ]
    measure = view.wording.heading(KEY)
    dagger = " † marks methods that were shown labels or are pretrained." if aided else ""
    plot = Plot(
        name="glance",
        kind="rows",
        x=Axis(title=measure, from_zero=True),
        panels=[Panel(y=Axis(title="", categories=names), series=series)],
        height=100 + 25 * len(methods),
        legend=False,
    )
    order = ", ".join(f"{m.title} {numbers.figure(m.mean(KEY))}" for m in methods)
    return Chart(
        plot=plot,
        caption=f"{measure} of every method, with its 95 % interval over the queries.{dagger}",
        spoken=f"{measure} from the best to the worst: {order}.",
    )


def _told(view: View, method: Method) -> str:
    lines = [method.title]
    for measure in measures_of(view):
        ends = numbers.interval(method.interval(measure))
        value = numbers.spread(method.mean(measure), method.deviation(measure))
        lines.append(f"{view.wording.heading(measure)} {value}{f' ({ends})' if ends else ''}")
    return "\n".join(lines)


def method_table(view: View, looks: dict[str, Look]) -> list[Block]:
    """Set all methods side by side, those that know more than the texts apart."""
    measures = measures_of(view)
    usual = [measure for measure in measures if measure in _ORDER]
    others = [measure for measure in measures if measure not in _ORDER]
    whole = _table(view, f"All methods on {view.name}", _columns(view, usual), usual, looks)
    rest = Text([_legend(view)], "small"), *_failures(view)
    if not others:
        return [whole, *rest]
    heads = [Column("method", numeric=False), *_heads(view, others)]
    return [whole, *rest, _table(view, "More measures", heads, others, looks, folded=True)]


def _table(
    view: View,
    caption: str,
    heads: Sequence[Column],
    measures: Sequence[str],
    looks: dict[str, Look],
    *,
    folded: bool = False,
) -> Table:
    """Draw a table of some measures; one that is folded away has nothing but them."""
    unaided = view.by_key([m for m in view.methods if m.unaided and m not in view.reference])
    aided = view.by_key([m for m in view.methods if not m.unaided])
    bodies = [
        (_unaided_title(bool(aided)), unaided),
        ("With labels, or with a model pretrained elsewhere: not on equal terms", aided),
        ("The yardstick itself", view.by_key(view.reference)),
    ]
    width = len(heads)
    rows = [
        Body(title, [_cut(_row(view, m, methods, measures, looks), width) for m in methods])
        for title, methods in bodies
        if methods
    ]
    return Table(caption=caption, columns=heads, bodies=rows, sortable=True, folded=folded)


def _cut(row: Row, width: int) -> Row:
    return replace(row, cells=row.cells[:width])


def _unaided_title(several: bool) -> str:
    return "From the texts alone: no labels, no pretrained model" if several else "From the texts alone"


def _columns(view: View, measures: Sequence[str]) -> list[Column]:
    against = Column(
        f"semhash less it, {view.wording.heading(KEY)}",
        "Difference in the key measure, and its test.",
        notes=True,
    )
    return [
        Column("method", numeric=False, notes=True),
        *_heads(view, measures),
        *([against] if view.lead else []),
        Column("bytes a document", "What is kept of each document in order to rank it."),
        Column("ms a query", "Median, from a query's counts to its hundred best documents."),
        Column("s to build", "From the database's counts to ranks: training and encoding."),
    ]


def _heads(view: View, measures: Sequence[str]) -> list[Column]:
    return [Column(view.wording.heading(m), view.wording.meaning(m), notes=m == KEY) for m in measures]


def _row(
    view: View, method: Method, among: list[Method], measures: Sequence[str], looks: dict[str, Look]
) -> Row:
    cells = [Cell(method.title, note=described(method))]
    cells += [_measure_cell(view, method, among, measure) for measure in measures]
    if view.lead:
        cells.append(_difference_cell(view, method))
    cost = method.cost
    for value in (
        (cost.bytes_per_document, cost.query_milliseconds, cost.fit_seconds) if cost else (None,) * 3
    ):
        cells.append(Cell(numbers.amount(value), sort=value))
    return Row(cells, looks[method.title], method.first.own)


def _measure_cell(view: View, method: Method, among: list[Method], measure: str) -> Cell:
    mean = method.mean(measure)
    top = max((numbers.figure(m.mean(measure)) for m in among if m.mean(measure) is not None), default="")
    difference = None
    if view.lead is not None and method is not view.lead:
        difference = view.difference(view.lead, method, measure)
    mark, spoken = _MARKS.get(difference.verdict, ("", "")) if difference else ("", "")
    return Cell(
        numbers.figure(mean),
        numbers.plus_minus(method.deviation(measure)),
        sort=mean,
        note=numbers.interval(method.interval(measure)),
        best=len(among) > 1 and mean is not None and numbers.figure(mean) == top,
        mark=mark,
        spoken=spoken,
    )


def _difference_cell(view: View, method: Method) -> Cell:
    difference = view.difference(view.lead, method) if view.lead and method is not view.lead else None
    if difference is None:
        return Cell("")
    word = {"ahead": "ahead", "behind": "behind", "tied": "tie", "untested": "not tested"}[difference.verdict]
    p = "" if difference.p_value is None else f", {numbers.p_value(difference.p_value)}"
    return Cell(numbers.signed(difference.value), sort=difference.value, note=f"{word}{p}")


def _legend(view: View) -> str:
    parts = ["Bold: the best of its column among its kind."]
    if any(len(m.runs) > 1 for m in view.methods):
        parts.append("Mean ± standard deviation over seeds.")
    parts.append("In small type: the 95 % interval over the queries.")
    if view.results.comparisons and view.lead:
        parts.append(
            f"▲ significantly better than {view.lead.title}, ▼ significantly worse, by a paired randomisation test "
            "over the queries, adjusted for the number of methods by Holm's method; no sign: no significant "
            "difference, or none tested."
        )
    return " ".join(parts)


def _failures(view: View) -> list[Block]:
    if not view.failed:
        return []
    return [
        Text(["Methods that failed, and why:"]),
        Text([f"{title}: {why}" for title, why in view.failed.items()], "list"),
    ]
