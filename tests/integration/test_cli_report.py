"""``semhash report`` as a user runs it: drawn again from results alone, and told in words where that cannot be."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash

FEW = ["semhash, 20 bits", "BM25"]
DRAWN = {"report.html", "report.md", "pictures"}


@pytest.fixture
def results(made_results: Callable[..., Any], tmp_path: Path) -> Path:
    """Two folders of results below one."""
    for name, own in (("notes", 0.0), ("letters", -0.4)):
        folder = tmp_path / name
        folder.mkdir()
        made = made_results(name=name, own=own, methods=FEW, failed=False)
        (folder / "results.json").write_bytes(made.to_json())
    return tmp_path


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_report_is_drawn_beside_its_results_and_again(semhash: "Semhash", results: Path) -> None:
    done = semhash("report", "notes/results.json", cwd=results)
    assert done.stdout == "notes/report.html\n"
    assert done.stderr.startswith("notes: semhash (20 bits) is ahead of BM25, the best other method ")
    assert names(results / "notes") == {"results.json", *DRAWN}
    before = (results / "notes" / "report.md").read_text()
    (results / "notes" / "report.md").write_text("old")
    again = semhash("report", "notes", "--quiet", cwd=results)
    assert (again.stdout, again.stderr) == ("notes/report.html\n", "")
    assert (results / "notes" / "report.md").read_text() == before


def test_several_make_one_report_elsewhere(semhash: "Semhash", results: Path) -> None:
    done = semhash("report", "notes", "letters/results.json", "--out", "both", "--json", cwd=results)
    assert done.stderr == ""
    told = done.json()
    assert list(told) == ["report", "verdicts"]
    assert told["report"] == "both/report.html"
    assert [corpus for corpus, _ in told["verdicts"]] == ["notes", "letters"]
    assert "is behind BM25" in told["verdicts"][1][1]
    assert names(results / "both") == DRAWN
    assert names(results / "notes") == {"results.json"}
    assert "# semhash on notes and letters" in (results / "both" / "report.md").read_text()


def test_several_need_a_folder(semhash: "Semhash", results: Path) -> None:
    done = semhash("report", "notes", "letters", cwd=results, status=2)
    assert done.stderr == (
        "semhash: --out: expected a folder for one report of 2 results, found none; add --out DIR\n"
    )


def test_a_report_elsewhere_is_replaced_by_force_alone(semhash: "Semhash", results: Path) -> None:
    semhash("report", "notes", "--out", "there", cwd=results)
    before = (results / "there" / "report.md").read_bytes()
    refused = semhash("report", "letters", "--out", "there", cwd=results, status=1)
    assert refused.stderr.startswith(
        "semhash: there: expected no report there, found report.html, report.md, pictures; "
    )
    assert refused.stderr.count("\n") == 1
    assert (results / "there" / "report.md").read_bytes() == before
    semhash("report", "letters", "--out", "there", "--force", cwd=results)
    assert (results / "there" / "report.md").read_bytes() != before
    assert {file.name.partition("-")[0] for file in (results / "there" / "pictures").iterdir()} == {"letters"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "expected a results.json of semhash evaluate, found: No such file or directory"),
        (b"{}", "expected a results.json of semhash evaluate, found: "),
        (b"\xff\x00", "expected a results.json of semhash evaluate, found: "),
        (b'{"format": 2}', "expected results of format 1, found 2; use the version of semhash that wrote it"),
        (b'{"format": 1}', "expected a results.json of semhash evaluate, found: "),
    ],
)
def test_what_is_no_results_is_told(
    semhash: "Semhash", tmp_path: Path, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "results.json").write_bytes(content)
    done = semhash("report", "results.json", cwd=tmp_path, status=1)
    assert done.stderr.startswith(f"semhash: results.json: {told}")
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == ({"results.json"} if content is not None else set())


def test_results_without_a_measured_method_are_told(
    semhash: "Semhash", made_results: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "results.json").write_bytes(made_results(methods=[]).to_json())
    done = semhash("report", "results.json", cwd=tmp_path, status=1)
    assert (
        "expected at least one method that was measured, found 1 that failed: LDA, 4096 topics ("
        in done.stderr
    )
    assert names(tmp_path) == {"results.json"}


def test_titles_from_documents_cannot_steer_the_terminal(
    semhash: "Semhash", made_results: Callable[..., Any], tmp_path: Path
) -> None:
    evil = made_results(name="\x1b[31mnotes", methods=FEW, failed=False)
    (tmp_path / "results.json").write_bytes(evil.to_json())
    done = semhash("report", "results.json", cwd=tmp_path)
    assert "\\x1b[31mnotes: semhash (20 bits)" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
