"""The page: nothing from a document is anything but text, nothing is loaded, and it reads without a mouse."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import plotly.graph_objects as go
import pytest

from semhash.drawing.blocks import Chart
from semhash.drawing.page import page
from semhash.drawing.plotly_charts import figure_of
from semhash.evaluation.report.sections import report_of

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

    Made = Callable[..., Results]

EVIL = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    '" onmouseover="alert(4)',
    "<a href='javascript:alert(5)'>x</a>",
    "{{ 7 * 7 }}",
    "@own",
]
EMPTY = {"meta", "link", "img", "br", "input", "hr", "line", "path"}


class Reader(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text of some."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def evil_results(made: "Made") -> "Results":
    """Results with hostile text wherever documents or file names have a say."""
    results: Results = made(titles=EVIL, labels=EVIL, name=EVIL[0], n=70)
    failed = [
        msgspec.structs.replace(r, failed=EVIL[1], title=EVIL[2]) if r.failed else r
        for r in results.retrievers
    ]
    corpus = msgspec.structs.replace(results.corpus, remarks=EVIL, across=EVIL, split=EVIL[2])
    return msgspec.structs.replace(results, retrievers=failed, corpus=corpus, settings={EVIL[0]: EVIL[3]})


@pytest.fixture(scope="module")
def evil(made_results: "Made") -> str:
    return page(report_of([evil_results(made_results)]))


@pytest.fixture(scope="module")
def plain(made_results: "Made") -> str:
    return page(report_of([made_results(), made_results(name="second", seed=9)]))


def without_scripts(html: str) -> str:
    return re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)


def test_what_documents_say_stays_text(evil: str, plain: str) -> None:
    hostile, harmless = Reader(evil), Reader(plain)
    assert hostile.wrong == harmless.wrong == []
    tags = {tag for tag, _ in hostile.elements}
    assert tags <= {tag for tag, _ in harmless.elements}
    assert len(hostile.all("script")) == len(harmless.all("script")) == 3
    handlers = [name for _, attributes in hostile.elements for name in attributes if name.startswith("on")]
    assert handlers == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in evil
    assert "{{ 7 * 7 }}" in without_scripts(evil)


def test_charts_hold_it_as_text_too(made_results: "Made") -> None:
    written = json.dumps([figure_of(chart.plot) for chart in charts_of(evil_results(made_results))])
    assert "alert(1)" in written
    assert re.findall(r"<(?!br>)", written) == []


def test_data_cannot_end_the_element_that_they_stand_in(evil: str) -> None:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', evil, flags=re.DOTALL)
    assert not set("<>&") & set(data)
    assert set(json.loads(data)) == {"light", "dark", "charts"}


def test_nothing_is_loaded_from_anywhere(plain: str) -> None:
    reader = Reader(plain)
    for tag, attributes in reader.elements:
        for name in ("src", "href", "srcset", "data", "poster", "action", "xlink:href"):
            target = attributes.get(name)
            assert target is None or target.startswith("#") or target == "data:,", (tag, target)
    assert "@import" not in plain.partition("</style>")[0]
    assert "url(" not in plain.partition("</style>")[0]
    assert re.findall(r"https?://", without_scripts(plain)) == []


def test_only_the_pages_own_scripts_may_run_and_plotly_is_there_once(plain: str) -> None:
    reader = Reader(plain)
    (policy,) = [a["content"] or "" for a in reader.all("meta") if "http-equiv" in a]
    assert policy.startswith("default-src 'none';")
    assert "connect-src" not in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    scripts = re.findall(r"<script>(.*?)</script>", plain, flags=re.DOTALL)
    for script in scripts:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert len(re.findall(r"\* plotly\.js v\d", plain)) == 1


def test_it_can_be_read_by_ear_and_by_keyboard(plain: str) -> None:
    reader = Reader(plain)
    assert reader.all("html")[0]["lang"] == "en"
    assert len(reader.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(a.get("scope") in {"col", "row", "rowgroup"} for a in reader.all("th"))
    assert len(reader.all("caption")) == len(reader.all("table")) > 10
    ids = [a["id"] for _, a in reader.elements if "id" in a]
    assert [name for name, n in Counter(ids).items() if n > 1] == []
    pointed = [a[name] for _, a in reader.elements for name in ("aria-labelledby", "data-chart") if name in a]
    assert set(pointed) <= set(ids)
    assert {(a["href"] or "").removeprefix("#") for a in reader.all("a")} <= set(ids)
    plots = [a for a in reader.all("div") if a.get("class") == "plot"]
    assert all(a["role"] == "img" and len(a["aria-label"] or "") > 20 for a in plots)
    assert all(a.get("type") == "button" for a in reader.all("button"))
    scrolled = [a for a in reader.all("div") if a.get("class") == "scroll"]
    assert all((a["tabindex"], a["role"]) == ("0", "region") and a["aria-label"] for a in scrolled)


def test_the_legend_names_traces_that_are_there(plain: str) -> None:
    (data,) = re.findall(r'id="data">(.*?)</script>', plain, flags=re.DOTALL)
    charts = json.loads(data)["charts"]
    legends = re.findall(r'class="legend"[^>]*data-chart="([^"]+)">(.*?)</div>', plain, flags=re.DOTALL)
    assert len(legends) == 2 * 6  # curves, balls, cost, labels, map, addresses
    for chart, legend in legends:
        named = re.findall(r'aria-pressed="(\w+)" data-traces="([\d ]+)"', legend)
        traces = [int(trace) for _, found in named for trace in found.split()]
        assert sorted(traces) == list(range(len(charts[chart]["data"])))
        for pressed, found in named:
            shown = {charts[chart]["data"][int(trace)]["visible"] for trace in found.split()}
            assert shown == {pressed == "true"}


def charts_of(results: "Results") -> list[Chart]:
    blocks = [
        block for part in report_of([results]).parts for section in part.sections for block in section.blocks
    ]
    return [block for block in blocks if isinstance(block, Chart)]


def coloured(value: Any) -> Any:
    """Put a colour in each name's place, as the page does."""
    if isinstance(value, dict):
        return {key: coloured(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [coloured(inner) for inner in value]
    return "#123456" if isinstance(value, str) and value.startswith("@") else value


def test_plotly_knows_every_field_of_every_chart(made_results: "Made") -> None:
    charts = charts_of(made_results())
    names = ["glance", "precision-recall", "balls", "cost", "labels", "map", "addresses", "ties"]
    assert [chart.plot.name for chart in charts] == names
    for chart in charts:
        figure = coloured(figure_of(chart.plot))
        made = go.Figure(figure)  # refuses a field or a value that plotly does not have
        assert len(made.data) == sum(len(panel.series) for panel in chart.plot.panels)
    with pytest.raises(ValueError, match="Invalid"):
        go.Figure({"data": [{"type": "scatter", "marker": {"colour": "red"}}]})


def test_charts_draw_the_values_of_the_results(made_results: "Made") -> None:
    results = made_results(methods=["semhash, 20 bits", "BM25"])
    assert results.map is not None
    charts = {chart.plot.name: figure_of(chart.plot) for chart in charts_of(results)}
    bm25 = next(r for r in results.measured if r.title == "BM25")
    assert bm25.cost is not None
    glance = {trace["name"]: trace for trace in charts["glance"]["data"]}
    assert glance["BM25"]["x"] == [bm25.figures["MAP"]]
    low, high = bm25.intervals["MAP"]
    assert glance["BM25"]["error_x"]["array"] == [pytest.approx(high - bm25.figures["MAP"])]
    assert glance["BM25"]["error_x"]["arrayminus"] == [pytest.approx(bm25.figures["MAP"] - low)]
    curve = next(trace for trace in charts["precision-recall"]["data"] if trace["name"] == "BM25")
    assert list(zip(curve["x"], curve["y"], strict=True)) == bm25.curve
    cost = next(trace for trace in charts["cost"]["data"] if trace["name"] == "BM25")
    assert (cost["x"], cost["y"]) == ([bm25.cost.bytes_per_document], [bm25.figures["MAP"]])
    share = charts["addresses"]["data"][0]["y"]
    assert sum(share) == pytest.approx(1)
    assert sum(len(trace["x"]) for trace in charts["map"]["data"]) == len(results.map.x)


def test_of_many_labels_the_map_colours_twelve_and_greys_the_rest(made_results: "Made") -> None:
    results = made_results(labels=[f"label {i}" for i in range(15)], n=60)
    (chart,) = [chart for chart in charts_of(results) if chart.plot.name == "map"]
    series = chart.plot.panels[0].series
    assert series[0].name == "other labels"
    assert series[0].look.colour == "muted"
    assert len(series) == 13
    assert sum(len(s.x) for s in series) == 120
