"""The Markdown and its pictures: text stays text, every picture shown is there, tables have whole rows."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from semhash.evaluation.report import write_report
from semhash.evaluation.report.markdown import markdown, plain
from semhash.evaluation.report.sections import report_of

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

    Made = Callable[..., Results]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a | b", "a \\| b"),
        ("<script>", "&lt;script&gt;"),
        ("*not* _this_ [link](x)", "\\*not\\* \\_this\\_ \\[link\\](x)"),
        ("two\nlines\t here", "two lines here"),
        ("`x` & y", "\\`x\\` &amp; y"),
    ],
)
def test_what_documents_say_stays_text(text: str, written: str) -> None:
    assert plain(text) == written


def test_rows_have_as_many_cells_as_their_heads(made_results: "Made") -> None:
    text = markdown(report_of([made_results(titles=["a | b", "c\n| d |"] * 40, labels=["x|y", "z"])]))
    heads = 0
    width = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        heads += not width
        width = width or cells
        assert cells == width, line
    assert heads > 10


def test_every_picture_shown_is_drawn_and_no_other(made_results: "Made", tmp_path: Path) -> None:
    evil = ["$x^{2}$", "$\\frac{", "日本語", "a\x00b", "%s %(x)s", "line\nfeed"]
    first = made_results(labels=evil, titles=evil)
    second = made_results(name="notes.jsonl", seed=3)  # of one name: its files must not be the first one's
    write_report([first, second], tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\((pictures/[^)]+)\)", text)
    drawn = sorted(file.relative_to(tmp_path).as_posix() for file in (tmp_path / "pictures").iterdir())
    assert len(shown) == len(set(shown)) == 16
    assert sorted(shown) == drawn
    assert {file.read_bytes()[:5] for file in (tmp_path / "pictures").glob("*.svg")} == {b"<?xml"}


def test_pictures_are_the_same_bytes_each_time(made_results: "Made", tmp_path: Path) -> None:
    results = made_results(methods=["semhash, 20 bits", "BM25"])
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_report([results], tmp_path / name)
        found.append({f.name: f.read_bytes() for f in (tmp_path / name).rglob("*") if f.is_file()})
    assert found[0] == found[1]


def test_a_crowded_map_is_made_of_pixels(made_results: "Made", tmp_path: Path) -> None:
    results = made_results(methods=["semhash, 20 bits"])
    assert results.map is not None
    many = msgspec.structs.replace(
        results.map,
        x=results.map.x * 5,
        y=results.map.y * 5,
        label=results.map.label * 5,
        title=results.map.title * 5,
    )
    write_report([msgspec.structs.replace(results, map=many)], tmp_path)
    assert (tmp_path / "pictures" / "notes-map.png").read_bytes().startswith(b"\x89PNG")


def test_what_there_is_nothing_of_has_no_section(made_results: "Made") -> None:
    results = made_results(methods=["BM25", "TF-IDF, all words"], labels=[])
    text = markdown(report_of([msgspec.structs.replace(results, map=None)]))
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings == [
        "In plain words",
        "All methods",
        "Precision and recall",
        "Cost beside quality",
        "How it was measured",
    ]


def test_graded_measures_are_shown_where_documents_have_several_labels(made_results: "Made") -> None:
    assert "graded P@10" not in markdown(report_of([made_results()]))
    text = markdown(report_of([made_results(graded=True)]))
    assert "| graded P@10 |" in text
    assert "share of labels that it has in common with the query" in text


def test_the_best_of_a_column_is_bold_among_its_kind_alone(made_results: "Made") -> None:
    text = markdown(report_of([made_results()]))
    rows = [line for line in text.splitlines() if line.startswith("| ") and "<sub>" in line]
    bold = [re.match(r"\| ([^<|]+)", line)[1].strip() for line in rows if "**0." in line]  # type: ignore[index]
    assert bold == ["semhash, 128 bits", "NCA, 20 numbers"]
