"""A report in its folder: the old one or the new one, and never at the cost of somebody's files."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash.errors import EvaluationError
from semhash.evaluation.report import replace_report, write_report
from semhash.store.writer_lock import lock_file

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

    Made = Callable[..., Results]

FEW = ["TF-IDF, all words", "BM25"]  # of which few pictures are drawn


def contents(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_a_report_takes_the_place_of_another_and_of_nothing_else(
    made_results: "Made", tmp_path: Path
) -> None:
    (tmp_path / "results.json").write_text("mine")
    first, second = made_results(name="first", methods=FEW), made_results(name="second", methods=FEW)
    replace_report([first], tmp_path)
    before = contents(tmp_path)
    assert {"report.html", "report.md", "results.json", "pictures/first-cost.svg"} <= set(before)
    replace_report([second], tmp_path)
    after = contents(tmp_path)
    assert after["results.json"] == b"mine"
    assert {name.replace("first", "second") for name in before} == set(after)
    assert "second" in (tmp_path / "report.md").read_text()


def test_without_force_a_report_is_kept(made_results: "Made", tmp_path: Path) -> None:
    replace_report([made_results(methods=FEW)], tmp_path / "new", force=False)
    before = contents(tmp_path)
    with pytest.raises(
        EvaluationError, match=r"expected no report there, found report\.html, report\.md, pictures; "
    ):
        replace_report([made_results(methods=FEW, name="other")], tmp_path / "new", force=False)
    assert contents(tmp_path) == before


def test_somebodys_pictures_are_never_replaced(made_results: "Made", tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(EvaluationError, match="found something else, which is never overwritten"):
        replace_report([made_results(methods=FEW)], tmp_path)
    assert contents(tmp_path) == {"pictures/holiday.jpg": b"sea"}


def test_a_file_in_the_folders_place_is_told(made_results: "Made", tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(EvaluationError, match="expected a folder, found a file; choose another place"):
        replace_report([made_results(methods=FEW)], tmp_path / "out")


def test_an_error_leaves_what_was_there(made_results: "Made", tmp_path: Path) -> None:
    replace_report([made_results(methods=FEW)], tmp_path / "out")
    before = contents(tmp_path)
    nothing = made_results(methods=[])
    with pytest.raises(EvaluationError, match="expected at least one method that was measured"):
        replace_report([nothing], tmp_path / "out")
    with pytest.raises(EvaluationError, match="expected at least one method that was measured"):
        replace_report([nothing], tmp_path / "new" / "below")
    assert contents(tmp_path) == before
    assert [f.name for f in tmp_path.iterdir()] == ["out"]


def test_if_files_cannot_be_exchanged_the_old_ones_come_back(made_results: "Made", tmp_path: Path) -> None:
    from semhash.evaluation.report import folder as room

    replace_report([made_results(methods=FEW)], tmp_path)
    before = contents(tmp_path)
    staging = tmp_path / ".report.partial"
    staging.mkdir()
    write_report([made_results(methods=FEW, name="other")], staging)
    (staging / "report.html").unlink()  # so that the third rename fails
    with pytest.raises(FileNotFoundError):
        room._exchange(staging, tmp_path)
    shutil.rmtree(staging)
    assert contents(tmp_path) == before


def test_what_a_killed_writer_left_is_swept(made_results: "Made", tmp_path: Path) -> None:
    (tmp_path / ".report.partial").mkdir()
    (tmp_path / ".report.partial" / "report.html").write_text("half")
    replace_report([made_results(methods=FEW)], tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pictures", "report.html", "report.md"]


def test_two_do_not_write_one_report_at_once(made_results: "Made", tmp_path: Path) -> None:
    with (
        lock_file(tmp_path / ".report.lock"),
        pytest.raises(
            EvaluationError,
            match=rf"expected to be its only writer, found another .* a report there \(process {os.getpid()} on ",
        ),
    ):
        replace_report([made_results(methods=FEW)], tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_nothing_measured_is_told_with_the_reasons(made_results: "Made", tmp_path: Path) -> None:
    with pytest.raises(EvaluationError) as error:
        write_report([made_results(methods=[])], tmp_path)
    assert str(error.value) == (
        "results of notes.jsonl: expected at least one method that was measured, found 1 that failed: LDA, 4096 topics "
        "(expected at least 4,096 documents, found 400; ask for fewer dimensions); run semhash evaluate again"
    )
    with pytest.raises(EvaluationError, match=r"expected at least one results\.json, found none"):
        write_report([], tmp_path)
    assert list(tmp_path.iterdir()) == []
