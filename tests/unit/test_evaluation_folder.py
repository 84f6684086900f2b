"""The folder of an evaluation appears whole or not at all, and what is in it can be read by others."""

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from semhash.errors import EvaluationError
from semhash.evaluation.folder import evaluation_folder
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.results import Results
from semhash.evaluation.tables import write_tables
from semhash.evaluation.trec import file_name, write_qrels, write_run

Made = Callable[..., Results]


def made(target: Path, text: str = "first", *, force: bool = False) -> None:
    with evaluation_folder(target, force=force) as folder:
        (folder / "runs").mkdir()
        (folder / "runs" / "a").write_text(text)
        (folder / "results.json").write_text(text)


def lines(file: Path) -> list[str]:
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def test_it_is_not_there_until_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "evaluations" / "notes"
    with evaluation_folder(target) as folder:
        (folder / "results.json").write_text("{}")
        assert not target.exists()
    assert [file.name for file in target.iterdir()] == ["results.json"]
    assert [file.name for file in target.parent.iterdir()] == ["notes"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, EvaluationError("no"), SystemExit(143)])
def test_what_fails_leaves_nothing_and_what_stood_there_stands(
    tmp_path: Path, error: BaseException | type[BaseException]
) -> None:
    target = tmp_path / "evaluations" / "notes"

    def fail() -> None:
        with evaluation_folder(target, force=True) as folder:
            (folder / "results.json").write_text("half")
            raise error

    for expected in ([], ["evaluations"]):
        with pytest.raises(error if isinstance(error, type) else type(error)):
            fail()
        assert [file.name for file in tmp_path.iterdir()] == expected
        if not expected:
            made(target)
    assert (target / "results.json").read_text() == "first"
    assert [file.name for file in target.parent.iterdir()] == ["notes"]


def test_force_replaces_an_evaluation_whole(tmp_path: Path) -> None:
    target = tmp_path / "notes"
    made(target)
    (target / "stray").write_text("of the first")
    with pytest.raises(
        EvaluationError, match="expected a free place, found an evaluation; replace it with --force"
    ):
        made(target, "second")
    made(target, "second", force=True)
    assert sorted(file.name for file in target.iterdir()) == ["results.json", "runs"]
    assert (target / "runs" / "a").read_text() == "second"
    assert [file.name for file in tmp_path.iterdir()] == ["notes"]


def test_an_empty_folder_is_a_free_place(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    made(tmp_path / "notes")
    assert (tmp_path / "notes" / "results.json").is_file()


@pytest.mark.parametrize("force", [False, True])
def test_other_files_are_never_overwritten(tmp_path: Path, force: bool) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "letter").write_text("dear")
    (tmp_path / "file").write_text("dear")
    for name in ("notes", "file"):
        with pytest.raises(EvaluationError, match="found other files, which are never overwritten"):
            made(tmp_path / name, force=force)
    assert (tmp_path / "notes" / "letter").read_text() == "dear"


def test_a_place_that_was_taken_meanwhile_is_told(tmp_path: Path) -> None:
    target = tmp_path / "notes"

    def overtaken() -> None:
        with evaluation_folder(target) as folder:
            (folder / "results.json").write_text("ours")
            target.mkdir()
            (target / "results.json").write_text("theirs")

    with pytest.raises(EvaluationError, match="found an evaluation"):
        overtaken()
    assert (target / "results.json").read_text() == "theirs"


def test_a_second_writer_is_told(tmp_path: Path) -> None:
    with (
        evaluation_folder(tmp_path / "notes"),
        pytest.raises(EvaluationError, match="found another semhash process at work on it"),
    ):
        made(tmp_path / "notes")


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".notes.partial-123").mkdir()
    (tmp_path / ".notes.partial-123-old").mkdir()
    (tmp_path / ".notes.partial-mine").mkdir()
    made(tmp_path / "notes")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".notes.partial-mine", "notes"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(
        EvaluationError, match="expected to write an evaluation there, found: Permission denied"
    ):
        made(tmp_path / "notes")


def test_a_place_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="file/notes: expected to write an evaluation there, found: "):
        made(tmp_path / "file" / "notes")


def test_runs_hold_what_was_found_in_its_order(tmp_path: Path) -> None:
    rows = np.array([[2, 0], [1, 2]])
    scores = np.array([[0.25, 0.25], [3.0, -np.inf]], dtype=np.float32)
    write_run(tmp_path / "run", (["q 1", "q2"], ["a", "b\tb", "c"]), rows, scores, "a tag")
    assert lines(tmp_path / "run") == [
        "q%201 Q0 c 1 0.25 a%20tag",
        "q%201 Q0 a 2 0.25 a%20tag",
        "q2 Q0 b%09b 1 3 a%20tag",  # minus infinity is not returned
    ]


def test_scores_that_differ_differ_in_the_file(tmp_path: Path) -> None:
    scores = np.array([[1.0, np.nextafter(np.float32(1), np.float32(0))]], dtype=np.float32)
    write_run(tmp_path / "run", (["q"], ["a", "b"]), np.array([[0, 1]]), scores, "t")
    first, second = (float(line.split()[4]) for line in lines(tmp_path / "run"))
    assert first > second


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_run(tmp_path / name, (["q"], ["a"]), np.array([[0]]), np.array([[1.0]]), "t")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_qrels_hold_all_that_is_relevant(tmp_path: Path) -> None:
    relevance = Relevance.from_labels([["x"], ["y", "x"], []], [["x"], ["y"], ["x", "z"], []])
    names = (["q1", "q2", "q3"], ["a", "b", "c", "d"])
    write_qrels(tmp_path / "all", *names, relevance)
    assert sorted(lines(tmp_path / "all")) == ["q1 0 a 1", "q1 0 c 1", "q2 0 a 1", "q2 0 b 1", "q2 0 c 1"]
    named = [np.array([2, 3]), np.array([0, 1]), np.array([0])]
    write_qrels(tmp_path / "named", *names, relevance, named)
    assert sorted(lines(tmp_path / "named")) == ["q1 0 c 1", "q2 0 a 1", "q2 0 b 1"]


def test_qrels_keep_the_grades_of_judgements(tmp_path: Path) -> None:
    relevance = Relevance.from_judgements([{0: 3, 1: 0, 2: 1}], 3)
    write_qrels(tmp_path / "graded", ["q"], ["a", "b", "c"], relevance)
    assert lines(tmp_path / "graded") == ["q 0 a 3", "q 0 c 1"]


def test_names_of_files_are_safe() -> None:
    assert file_name("index:my notes/x", 20, "seed0") == "index-my-notes-x-20-seed0"
    assert file_name("../..") == "run"


def rows_of(file: Path) -> list[dict[str, str]]:
    raw = file.read_bytes()
    text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(("relevance", "prefix"), [("labels", ""), ("tfidf-neighbours", "kept ")])
def test_tables_hold_every_figure_and_every_value(
    tmp_path: Path, made_results: Made, relevance: str, prefix: str
) -> None:
    results = made_results(n=12, relevance=relevance)
    write_tables(results, tmp_path)
    figures = rows_of(tmp_path / "figures.csv")
    found = {
        (row["title"], row["seed"], row["measure"]): float(row["value"]) for row in figures if row["value"]
    }
    assert found == {
        (r.title, "" if r.seed is None else str(r.seed), prefix + measure): value
        for r in results.measured
        for measure, value in r.figures.items()
    }
    assert [row["failed"] for row in figures if row["failed"]] == [
        r.failed for r in results.retrievers if r.failed is not None
    ]
    values = rows_of(tmp_path / "queries.csv.gz")
    assert [row["query"] for row in values] == [q.id for q in results.queries] * len(results.measured)
    assert [float(row[f"{prefix}MAP"]) for row in values] == [
        value for r in results.measured for value in r.values["MAP"]
    ]


def test_neighbours_kept_are_called_so_in_the_file_and_plainly_in_the_records(
    tmp_path: Path, made_results: Made
) -> None:
    results = made_results(n=12, relevance="tfidf-neighbours")
    file = tmp_path / "results.json"
    file.write_bytes(results.to_json())
    raw = msgspec.json.decode(file.read_bytes())
    names = {c["measure"] for c in raw["comparisons"]}
    for retriever in raw["retrievers"]:
        for field in ("figures", "intervals", "worst", "best", "by_label", "values"):
            names |= retriever[field].keys()
    assert names
    assert all(name.startswith("kept ") for name in names)
    assert Results.read(file) == results


def test_relevance_is_called_by_its_plain_names(tmp_path: Path, made_results: Made) -> None:
    results = made_results(n=12)
    file = tmp_path / "results.json"
    file.write_bytes(results.to_json())
    assert "P@10" in msgspec.json.decode(file.read_bytes())["retrievers"][0]["figures"]
    assert Results.read(file) == results
