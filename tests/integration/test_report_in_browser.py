"""The report in a real browser, without a network: what is seen, what can be switched and sorted, in light and dark."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from semhash.evaluation.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
EVIL = ["<script>document.title = 'owned'</script>", "<img src=x onerror=\"document.title='owned'\">", "@own"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on the path"),
]

Opened = Callable[..., "Page"]


@pytest.fixture(scope="module")
def report(made_results: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    first = made_results(titles=EVIL * 10, labels=["sci.space", *EVIL])
    write_report([first, made_results(name="second", seed=3, own=-0.2)], folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_report(browser: "Browser", report: Path) -> Iterator[Opened]:
    """Opens the report; at the end, nothing may have gone wrong or been asked of a network."""
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def opened(width: int = 1280, scheme: Literal["light", "dark"] = "light") -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            offline=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        return page

    yield opened
    for context in contexts:
        assert [page.title() for page in context.pages] == ["semhash on notes.jsonl and second"]
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def drawn(page: "Page", chart: str) -> Any:
    """Scroll to a chart, wait until plotly has drawn it, and give its place."""
    place = page.locator(f"#{chart}")
    place.scroll_into_view_if_needed()
    page.wait_for_function("id => document.getElementById(id).querySelector('.main-svg') !== null", arg=chart)
    return place


def draw_all(page: "Page") -> None:
    for chart in page.locator(".plot").all():
        drawn(page, chart.get_attribute("id") or "")


def colours(page: "Page", chart: str) -> tuple[str, str, str]:
    """Give the page's background, a chart's, and the colour of its first line."""
    found: tuple[str, str, str] = tuple(
        page.evaluate(
            """id => [getComputedStyle(document.body).backgroundColor,
                      getComputedStyle(document.querySelector(`#${id} .main-svg`)).backgroundColor,
                      document.querySelector(`#${id} .scatterlayer .js-line`).style.stroke]""",
            chart,
        )
    )
    return found


def test_every_chart_is_drawn_and_documents_do_nothing(open_report: Opened) -> None:
    page = open_report()
    draw_all(page)
    assert page.locator(".plot").count() == page.locator(".plot .main-svg:first-child").count() == 16
    assert page.locator("main img, main script").count() == 0
    assert page.get_by_text(EVIL[0]).count() > 0


def test_a_legend_entry_switches_its_line(open_report: Opened) -> None:
    page = open_report()
    chart = drawn(page, "notes-precision-recall-chart")
    legend = page.locator(".legend[data-chart=notes-precision-recall-chart]")
    lines = chart.locator(".scatterlayer .trace")
    shown = lines.count()
    assert shown == legend.locator("[aria-pressed=true]").count()
    entry = legend.get_by_role("button", name="semhash, 20 bits", exact=True)
    entry.click()
    assert entry.get_attribute("aria-pressed") == "false"
    playwright.expect(lines).to_have_count(shown - 1)
    entry.focus()
    page.keyboard.press("Enter")
    assert entry.get_attribute("aria-pressed") == "true"
    playwright.expect(lines).to_have_count(shown)
    legend.get_by_role("button", name="show all").click()
    playwright.expect(lines).to_have_count(legend.locator("[data-traces]").count())
    legend.get_by_role("button", name="show the first ones").click()
    playwright.expect(lines).to_have_count(shown)
    # In a plot of several panels, a method is switched in all of them.
    balls = drawn(page, "notes-balls-chart").locator(".scatterlayer .trace")
    before = balls.count()
    page.locator(".legend[data-chart=notes-balls-chart] [aria-pressed=true]").first.click()
    playwright.expect(balls).to_have_count(before - 3)


def test_pointing_at_a_line_tells_its_values(open_report: Opened) -> None:
    page = open_report()
    chart = drawn(page, "notes-precision-recall-chart")
    x, y = chart.locator(".js-line").first.evaluate(
        "line => { const p = line.getPointAtLength(0).matrixTransform(line.getScreenCTM()); return [p.x, p.y] }"
    )
    page.mouse.move(x + 20, y - 3)
    page.mouse.move(x + 3, y)
    hover = chart.locator(".hoverlayer .hovertext")
    playwright.expect(hover.first).to_be_visible()
    assert re.search(r"precision 0\.\d{3} at recall 0\.\d\d", hover.first.text_content() or "")


def test_the_table_is_sorted_by_a_click_and_by_a_key(open_report: Opened) -> None:
    page = open_report()
    table = page.locator("#notes-methods table").first
    head = table.get_by_role("columnheader", name="bytes a document")

    def column() -> list[list[float]]:
        bodies = table.locator("tbody").all()
        place = table.locator("thead th").all_text_contents().index("bytes a document")
        cells = [
            body.locator(f"tr:not(.group) > :nth-child({place + 1})").all_text_contents() for body in bodies
        ]
        return [[float(cell.replace(",", "")) for cell in body] for body in cells]

    before = column()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column() == [sorted(body, reverse=True) for body in before]
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert column() == [sorted(body) for body in before]
    assert before not in (column(), [sorted(body, reverse=True) for body in before])
    assert table.locator("tbody").first.locator("tr").first.get_attribute("class") == "group"
    names = table.get_by_role("columnheader", name="method", exact=False).first
    names.get_by_role("button").click()
    assert names.get_attribute("aria-sort") == "ascending"
    assert head.get_attribute("aria-sort") is None


def test_light_and_dark_change_while_it_is_read(open_report: Opened, tmp_path: Path) -> None:
    page = open_report()
    chart = "notes-precision-recall-chart"
    drawn(page, chart)
    light = colours(page, chart)
    page.locator(f".legend[data-chart={chart}] [aria-pressed=true]").last.click()
    shown = page.locator(f"#{chart} .scatterlayer .trace").count()
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "([id, before]) => document.querySelector(`#${id} .js-line`).style.stroke !== before",
        arg=[chart, light[2]],
    )
    dark = colours(page, chart)
    assert light[0] == light[1] == "rgb(255, 255, 255)"
    assert dark[0] == dark[1] != light[0]
    assert dark[2] != light[2]
    # What was switched off stays off.
    assert page.locator(f"#{chart} .scatterlayer .trace").count() == shown
    at_once = open_report(scheme="dark")
    drawn(at_once, chart)
    assert colours(at_once, chart) == dark
    picture = tmp_path / "dark.png"
    at_once.screenshot(path=picture)
    assert picture.stat().st_size > 10_000


def test_a_phone_scrolls_the_page_up_and_down_alone(open_report: Opened, tmp_path: Path) -> None:
    page = open_report(width=390)
    draw_all(page)
    for folded in page.locator("summary").all():
        folded.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator("#notes-methods .scroll").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    # Names of rows stand above their points, not beside: the plot keeps the width of the screen.
    plot = page.locator("#notes-glance-chart .nsewdrag").first.bounding_box()
    assert plot is not None
    assert plot["width"] > 0.75 * 390
    picture = tmp_path / "phone.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 50_000
    page.set_viewport_size({"width": 320, "height": 600})
    page.wait_for_function("() => document.querySelector('#notes-glance-chart .main-svg').clientWidth < 320")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_it_prints_in_light_with_all_charts(open_report: Opened, tmp_path: Path) -> None:
    page = open_report(scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => document.querySelectorAll('.plot > .plot-container').length === 16")
    page.emulate_media(media="print")
    assert set(colours(page, "second-precision-recall-chart")[:2]) == {"rgb(255, 255, 255)"}
    page.pdf(path=tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(
        "id => getComputedStyle(document.querySelector(id)).backgroundColor !== 'rgb(255, 255, 255)'",
        arg="#notes-cost-chart .main-svg",
    )


def test_without_scripts_words_and_tables_are_there(browser: "Browser", report: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("#notes-summary .verdict").is_visible()
    assert page.locator("#second-methods table").first.is_visible()
    assert page.locator("noscript p").is_visible()
    context.close()
