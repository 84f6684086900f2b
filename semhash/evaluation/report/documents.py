"""The database itself: a map of its documents, and how full the addresses are."""

from collections import Counter

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Chart, Text
from semhash.drawing.looks import PLAIN, Look, label_looks
from semhash.drawing.plots import Axis, Panel, Plot, Series
from semhash.evaluation.report.curves import shown_first
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import View
from semhash.evaluation.results import Addresses, DocumentMap

__all__ = ["document_map", "fullness"]

_NAMED = 12
_TITLE_WIDTH = 90


def document_map(view: View) -> list[Block]:
    """Draw some documents in the plane, coloured by their most frequent labels."""
    found = view.results.map
    if found is None or not found.x:
        return []
    frequent = [label for label, _ in Counter(label for label in found.label if label).most_common(_NAMED)]
    named = zip(frequent, label_looks(len(frequent)), strict=True)
    others = [label for label in dict.fromkeys(found.label) if label not in frequent]
    series = [_cloud(found, {label}, label, look) for label, look in named]
    if others:
        names = "without a label" if others == [""] else "documents" if not frequent else "other labels"
        series.insert(0, _cloud(found, set(others), names, PLAIN))
    plot = Plot(
        name="map",
        kind="points",
        x=Axis(title="", bare=True),
        panels=[Panel(y=Axis(title="", bare=True), series=series)],
        height=620,
    )
    return [
        Chart(
            plot=plot,
            caption=f"{numbers.counted(len(found.x), 'document')} of the database in two dimensions. "
            f"{found.how[:1].upper()}{found.how[1:].rstrip('.')}.",
            spoken=f"A map of documents. Labels: {', '.join(frequent) or 'none'}. Point at a document for its title.",
        )
    ]


def _cloud(found: DocumentMap, labels: set[str], name: str, look: Look) -> Series:
    rows = [row for row, label in enumerate(found.label) if label in labels]
    return Series(
        name=name,
        look=look,
        x=[found.x[row] for row in rows],
        y=[found.y[row] for row in rows],
        text=[f"{_short(found.title[row])}\n{found.label[row]}".rstrip("\n") for row in rows],
    )


def _short(title: str) -> str:
    return title if len(title) <= _TITLE_WIDTH else title[: _TITLE_WIDTH - 1] + "…"


def fullness(view: View, looks: dict[str, Look]) -> list[Block]:
    """Draw which share of the documents lives at addresses of how many documents."""
    methods = [m for m in view.by_key(view.methods) if m.addresses is not None and m.addresses.sizes]
    methods.sort(key=lambda m: m is not view.lead)
    if not methods:
        return []
    width = methods[0].first.size
    shown = shown_first(view, [m for m in methods if m.first.size == width])
    edges = _edges(max(m.addresses.largest for m in methods if m.addresses))
    series = [_bars(m, edges, looks[m.title], m in shown) for m in methods]
    plot = Plot(
        name="addresses",
        kind="bars",
        x=Axis(title="documents at one address", categories=[_span(low, high) for low, high in edges]),
        panels=[Panel(y=Axis(title="share of the database", from_zero=True), series=series)],
        height=380,
    )
    spoken = "; ".join(_said(m) for m in methods[:_NAMED])
    chart = Chart(
        plot=plot,
        caption="Which share of the database lives at addresses that hold so many documents.",
        spoken=f"How full the addresses are. {spoken}",
    )
    return [Text([_said(m) for m in shown], "list"), chart]


def _said(method: Method) -> str:
    """Say how a method spreads documents over addresses."""
    found = method.addresses
    assert found is not None
    total = sum(size * n for size, n in found.sizes)
    possible = (
        f" of {numbers.whole(2**method.first.size)}" if method.first.size and method.first.size <= 40 else ""
    )
    others = _median_company(found)
    company = (
        f"half of the documents share theirs with {numbers.counted(others, 'other')} or more"
        if others
        else "half of the documents or more have one of their own"
    )
    return (
        f"{method.title}: {numbers.whole(total)} documents at {numbers.whole(found.in_use)}{possible} addresses, "
        f"{numbers.counted(found.largest, 'document')} at the fullest; {company}."
    )


def _median_company(found: Addresses) -> int:
    """Give how many others the median document shares its address with."""
    total = sum(size * n for size, n in found.sizes)
    seen = 0
    for size, n in found.sizes:
        seen += size * n
        if 2 * seen >= total:
            return size - 1
    return 0


def _edges(largest: int) -> list[tuple[int, int]]:
    """Give the classes 1, 2, 3-4, 5-8, ... up to the fullest address."""
    edges, low, high = [], 1, 1
    while low <= largest:
        edges.append((low, high))
        low, high = high + 1, high * 2
    return edges


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low:,}–{high:,}"


def _bars(method: Method, edges: list[tuple[int, int]], look: Look, shown: bool) -> Series:
    found = method.addresses
    assert found is not None
    total = sum(size * n for size, n in found.sizes)
    inside = [sum(s * n for s, n in found.sizes if low <= s <= high) for low, high in edges]
    return Series(
        name=method.title,
        look=look,
        x=[float(place) for place in range(len(edges))],
        y=[n / total for n in inside],
        text=[
            f"{method.title}\n{numbers.counted(n, 'document')} ({100 * n / total:.1f} %) at addresses of {_span(*edge)}"
            for n, edge in zip(inside, edges, strict=True)
        ],
        shown=shown,
    )
