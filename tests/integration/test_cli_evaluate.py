"""``semhash evaluate``: everything in the folder, figures that others compute too, and nothing half-written."""

import csv
import gzip
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import ir_measures
import pytest
from ir_measures import AP, P, R, nDCG

from semhash.evaluation.results import Results

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash

pytestmark = pytest.mark.slow

SCORER = Path(__file__).parents[3] / "shared" / "protocol" / "score.py"
QUICK = """
[model]
hidden = [32]
[text]
vocabulary_size = 80
[training]
epochs = 15
min_updates = 0
batch_size = 32
"""
AGAINST = ("--against", "tfidf,tfidf-all,bm25,lsa,lsa-median", "--dimensions", "8,5000", "--bits", "12")
PATIENCE = 60
ENDLESS = QUICK.replace("epochs = 15", "epochs = 1000000\npatience = 0")


def write_jsonl(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path) -> Path:
    """A working directory with a labelled corpus of three hundred documents and a quick recipe."""
    place = tmp_path_factory.mktemp("evaluate")
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    for number, row in enumerate(rows):  # some have two labels
        if number % 7 == 0:
            row["labels"] = [*row["labels"], "sevens"]
    write_jsonl(place / "notes.jsonl", rows)
    (place / "quick.toml").write_text(QUICK)
    (place / "endless.toml").write_text(ENDLESS)
    return place


@pytest.fixture(scope="module")
def evaluated(place: Path, semhash: "Semhash") -> "Done":
    """One with two seeds, and a method that must fail: no corpus of words gives 5000 dimensions.

    It has a seed of hashes of its own, which results must not hang on.
    """
    options = ("--config", "quick.toml", *AGAINST, "--seeds", "0,1")
    return semhash("evaluate", "notes.jsonl", *options, cwd=place, fresh=True)


@pytest.fixture(scope="module")
def folder(evaluated: "Done", place: Path) -> Path:
    assert evaluated.status == 0
    return place / "evaluations" / "notes"


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return Results.read(folder / "results.json")


def of(results: Results, name: str, seed: int | None = None) -> Any:
    [found] = [r for r in results.measured if (r.name, r.seed) == (name, seed)]
    return found


def run_of(file: Path) -> dict[str, dict[str, float]]:
    run: dict[str, dict[str, float]] = defaultdict(dict)
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        query, _, document, _, score, _ = line.split()
        run[query][document] = float(score)
    return run


def qrels_of(file: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = defaultdict(dict)
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        query, _, document, grade = line.split()
        qrels[query][document] = int(grade)
    return qrels


def test_everything_is_in_the_folder(folder: Path) -> None:
    assert {
        "results.json",
        "figures.csv",
        "queries.csv.gz",
        "qrels.trec.gz",
        "report.html",
        "report.md",
        "pictures",
        "runs",
    } == {file.name for file in folder.iterdir()}
    assert {file.name for file in (folder / "runs").iterdir()} == {
        f"{name}.trec.gz"
        for name in (
            "semhash-quick-12-seed0",
            "semhash-quick-12-seed1",
            "semhash-quick-tfidf-12-seed0",
            "semhash-quick-tfidf-12-seed1",
            "semhash-quick-hybrid-12-seed0",
            "semhash-quick-hybrid-12-seed1",
            "tfidf",
            "tfidf-all",
            "bm25",
            "lsa-8-seed0",
            "lsa-8-seed1",
            "lsa-median-12-seed0",
            "lsa-median-12-seed1",
        )
    }
    assert not list(folder.parent.glob(".*"))  # nothing that was only on its way


def test_results_say_what_they_were_made_with(results: Results) -> None:
    assert results.settings["seeds"] == [0, 1]
    assert results.settings["config"] == "quick.toml"
    assert results.versions["semhash"]
    assert int(results.machine["cores"]) >= 1
    assert (results.corpus.n_database, results.corpus.n_queries) == (180, 60)
    assert results.corpus.relevance == "labels"
    assert results.corpus.several_labels
    own = of(results, "semhash:quick", 0)
    assert own.config["model"]["hidden"] == [32]
    assert own.config["text"]["vocabulary_size"] == 80
    assert own.own
    assert not own.uses_labels


def test_a_method_that_fails_says_why_and_the_rest_goes_on(evaluated: "Done", results: Results) -> None:
    failed = [r for r in results.retrievers if r.failed is not None]
    assert {(r.name, r.size, r.seed) for r in failed} == {("lsa", 5000, 0), ("lsa", 5000, 1)}
    for retriever in failed:
        assert "5000" in str(retriever.failed)
        assert f"failed: {retriever.title}: {retriever.failed}" in evaluated.stderr
    assert len(results.measured) == 13


@pytest.mark.parametrize("name", ["tfidf", "tfidf-all", "bm25"])
def test_other_tools_find_the_same_figures_in_the_runs(folder: Path, results: Results, name: str) -> None:
    run, qrels = run_of(folder / "runs" / f"{name}.trec.gz"), qrels_of(folder / "qrels.trec.gz")
    assert set(run) == set(qrels) == {query.id for query in results.queries}
    measures = {"P@10": P @ 10, "P@100": P @ 100, "R@100": R @ 100, "nDCG@10": nDCG @ 10, "AP@100": AP @ 100}
    found = ir_measures.calc_aggregate(measures.values(), qrels, run)
    figures = of(results, name).figures
    for measure in ("P@10", "P@100", "R@100", "nDCG@10"):
        assert found[measures[measure]] == pytest.approx(figures[measure], abs=1e-6)


def test_values_of_queries_are_what_figures_are_means_of(results: Results) -> None:
    for retriever in results.measured:
        assert {len(values) for values in retriever.values.values()} == {60}
        for measure, value in retriever.figures.items():
            assert fmean(retriever.values[measure]) == pytest.approx(value, abs=1e-9)
            low, high = retriever.intervals[measure]
            assert low <= value <= high


def test_means_by_label_are_of_the_queries_with_that_label(results: Results) -> None:
    retriever = of(results, "bm25")
    for label in ("sevens", "music"):
        values = [
            value
            for value, query in zip(retriever.values["MAP"], results.queries, strict=True)
            if label in query.labels
        ]
        assert retriever.by_label["MAP"][label] == pytest.approx(fmean(values), abs=1e-9)


def test_methods_are_compared_by_means_over_seeds(results: Results) -> None:
    own = [of(results, "semhash:quick", seed).figures["MAP"] for seed in (0, 1)]
    lsa = [of(results, "lsa", seed).figures["MAP"] for seed in (0, 1)]
    [found] = [
        c
        for c in results.comparisons
        if (c.title, c.against, c.measure) == ("semhash (quick.toml), 12 bits", "LSA, 8 numbers", "MAP")
    ]
    assert found.difference == pytest.approx(fmean(own) - fmean(lsa), abs=1e-9)
    assert 0 < found.p_value <= 1
    assert {c.title for c in results.comparisons} == {r.title for r in results.measured if r.own}
    assert {c.against for c in results.comparisons} == {r.title for r in results.measured if not r.own}


def test_codes_have_what_only_codes_have(results: Results) -> None:
    for retriever in results.measured:
        codes = retriever.name in ("semhash:quick", "lsa-median")
        assert (retriever.ranks_by == "codes") == codes
        assert (
            (retriever.balls is not None)
            == (retriever.addresses is not None)
            == bool(retriever.worst)
            == codes
        )
    own = of(results, "semhash:quick", 0)
    assert own.balls.documents[-1] == 180
    assert sum(size * times for size, times in own.addresses.sizes) == 180
    assert own.cost.bytes_per_document == 1.5
    assert results.map is not None
    assert "the code layer's probabilities (semhash (quick.toml), 12 bits)" in results.map.how


def test_a_training_serves_both_ways_of_ranking(results: Results) -> None:
    for seed in (0, 1):
        codes, again = (of(results, f"semhash:quick{way}", seed) for way in ("", "-tfidf"))
        assert again.cost.fit_seconds - codes.cost.fit_seconds < codes.cost.fit_seconds


def test_csv_holds_the_same_figures(folder: Path, results: Results) -> None:
    lines = list(csv.DictReader((folder / "figures.csv").read_text().splitlines()))
    [bm25] = [line for line in lines if (line["name"], line["measure"]) == ("bm25", "MAP")]
    assert float(bm25["value"]) == of(results, "bm25").figures["MAP"]
    values = csv.DictReader(gzip.decompress((folder / "queries.csv.gz").read_bytes()).decode().splitlines())
    found = [float(line["P@10"]) for line in values if line["name"] == "bm25"]
    assert found == of(results, "bm25").values["P@10"]


def test_the_table_has_a_line_for_each_method_and_marks_the_best(evaluated: "Done", results: Results) -> None:
    lines = evaluated.stdout.splitlines()
    assert lines[0].split() == "method bytes P@10 P@100 MAP nDCG@10 fit s query ms".split()
    [bm25] = [line.split() for line in lines if line.startswith("BM25")]
    figures = of(results, "bm25").figures
    assert [cell.rstrip("*") for cell in bm25[2:5]] == [f"{figures[m]:.3f}" for m in ("P@10", "P@100", "MAP")]
    assert evaluated.stdout.count("*") >= 4
    assert "written to evaluations/notes" in evaluated.stderr


@pytest.mark.skipif(not SCORER.is_file(), reason="the measuring protocol is not here")
@pytest.mark.parametrize(
    ("name", "seed", "run"),
    [("bm25", None, "bm25"), ("semhash:quick-hybrid", 1, "semhash-quick-hybrid-12-seed1")],
)
def test_the_reference_scorer_finds_the_same_figures(
    folder: Path, results: Results, tmp_path: Path, name: str, seed: int | None, run: str
) -> None:
    (tmp_path / "run").write_bytes(gzip.decompress((folder / "runs" / f"{run}.trec.gz").read_bytes()))
    done = subprocess.run(
        [sys.executable, SCORER, "run", folder.parents[1] / "notes.jsonl", tmp_path / "run"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(line.split() for line in done.stdout.splitlines())
    figures = of(results, name, seed).figures
    assert int(found["queries"]) == 60
    for measure in ("P@10", "P@100", "nDCG@10", "R@100"):  # MAP asks for more than a hundred
        assert found[measure] == f"{figures[measure]:.4f}"


def test_the_same_seeds_give_the_same_results(
    place: Path, semhash: "Semhash", results: Results, folder: Path
) -> None:
    options = ("--config", "quick.toml", *AGAINST, "--seeds", "0,1", "--out", "again", "--json")
    said = semhash("evaluate", "notes.jsonl", *options, cwd=place).json()
    again = Results.read(place / "again" / "results.json")
    assert again.corpus == results.corpus
    assert again.queries == results.queries
    assert again.comparisons == results.comparisons
    for first, second in zip(results.retrievers, again.retrievers, strict=True):
        for field in (
            "title",
            "seed",
            "failed",
            "figures",
            "intervals",
            "values",
            "worst",
            "balls",
            "by_label",
        ):
            assert getattr(first, field) == getattr(second, field)
    for file in (folder / "runs").iterdir():
        assert file.read_bytes() == (place / "again" / "runs" / file.name).read_bytes()
    assert said["out"] == "again"
    assert [r["figures"] for r in said["retrievers"]] == [r.figures for r in results.retrievers]


def test_an_evaluation_is_not_replaced_unasked(place: Path, semhash: "Semhash", folder: Path) -> None:
    before = (folder / "results.json").read_bytes()
    done = semhash("evaluate", "notes.jsonl", "--against", "bm25", cwd=place, status=1)
    assert "expected a free place, found an evaluation; replace it with --force" in done.stderr
    assert (folder / "results.json").read_bytes() == before


def test_an_index_is_measured_and_said_to_have_seen_the_queries(place: Path, semhash: "Semhash") -> None:
    semhash("index", "notes.jsonl", "--epochs", "5", "--vocabulary-size", "80", cwd=place)
    options = ("--index", "indexes/notes", "--against", "bm25", "--out", "of-index", "--force")
    done = semhash("evaluate", "notes.jsonl", *options, cwd=place)
    found = Results.read(place / "of-index" / "results.json")
    assert [r.name for r in found.measured] == [
        "index:notes",
        "index:notes-tfidf",
        "index:notes-hybrid",
        "bm25",
    ]
    seen = "The index notes was built from 60 of the 60 queries too: it has seen them"
    assert seen in done.stderr
    assert any(remark.startswith(seen) for remark in found.corpus.remarks)
    assert found.measured[0].config["queries_seen"] == 60
    assert "the codes (index notes, 20 bits)" in found.map.how if found.map else False


def test_without_labels_nothing_reads_as_if_it_spoke_of_relevance(place: Path, semhash: "Semhash") -> None:
    rows = [json.loads(line) for line in (place / "notes.jsonl").read_text().splitlines()]
    write_jsonl(place / "bare.jsonl", [{key: row[key] for key in ("id", "text")} for row in rows])
    options = ("--preset", "none", "--against", "standard", "--dimensions", "8", "--bits", "12")
    done = semhash("evaluate", "bare.jsonl", *options, cwd=place)
    assert "The corpus has no labels and no judgements" in done.stderr
    header = done.stdout.splitlines()[0]
    assert header.count("kept") == 4
    raw = json.loads((place / "evaluations" / "bare" / "results.json").read_bytes())
    names = {name for r in raw["retrievers"] for name in (*r["figures"], *r["values"])}
    assert all(name.startswith("kept ") for name in names)
    found = Results.read(place / "evaluations" / "bare" / "results.json")
    assert of(found, "tfidf-all").figures["R@100"] == 1.0
    assert (place / "evaluations" / "bare" / "neighbours.trec.gz").is_file()
    assert not (place / "evaluations" / "bare" / "qrels.trec.gz").exists()


def test_judged_questions_are_measured_over_the_whole_corpus(place: Path, semhash: "Semhash") -> None:
    rows = [json.loads(line) for line in (place / "notes.jsonl").read_text().splitlines()]
    with (place / "qrels.txt").open("w") as lines:
        for subject in ("music", "sailing"):
            lines.writelines(f"{subject} 0 {row['id']} 1\n" for row in rows if subject in row["labels"])
        lines.write("sailing 0 nowhere 1\n")
    (place / "queries.tsv").write_text(
        "music\tviolin and orchestra\nsailing\tkeel and rudder\nodd\tnothing\n"
    )
    options = ("--queries", "queries.tsv", "--qrels", "qrels.txt", "--out", "judged", "--preset", "none")
    done = semhash("evaluate", "notes.jsonl", *options, "--against", "bm25", cwd=place)
    found = Results.read(place / "judged" / "results.json")
    assert (found.corpus.n_database, found.corpus.n_queries, found.corpus.n_unanswerable) == (240, 2, 1)
    assert of(found, "bm25").figures["P@10"] == 1.0
    assert "qrels.txt judges 1 documents that are not there: 'nowhere'" in done.stderr
    run, qrels = (
        run_of(place / "judged" / "runs" / "bm25.trec.gz"),
        qrels_of(place / "judged" / "qrels.trec.gz"),
    )
    assert ir_measures.calc_aggregate([nDCG @ 10], qrels, run)[nDCG @ 10] == pytest.approx(
        of(found, "bm25").figures["nDCG@10"]
    )


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (("--against", "bm26"), 2, "expected one of tfidf, tfidf-all, bm25"),
        (("--against", "bm26"), 2, "did you mean 'bm25'?"),
        (("--against", "bm25,"), 2, "expected names such as bm25,lsa, found 'bm25,'"),
        (("--bits", "4"), 2, "bits: expected 8 to 128, found 4"),
        (("--bits", "many"), 2, "expected whole numbers such as 20,32, found 'many'"),
        (("--dimensions", "0"), 2, "dimensions: expected 1 to 100000, found 0"),
        (
            ("--preset", "papier"),
            2,
            "expected default, plain, paper or none, found 'papier'; did you mean paper?",
        ),
        (("--config", "nowhere.toml"), 2, "nowhere.toml: expected a configuration file"),
        (("--labels", "names"), 2, "labels"),
        (("--index", "nowhere"), 1, "nowhere: expected an index"),
        (("--queries", "queries.tsv"), 1, "--queries: expected --qrels with it, found none"),
        (("--preset", "none", "--against", "none"), 2, "expected a method to measure, found none"),
    ],
)
def test_wrong_options_are_told_before_anything_is_written(
    place: Path, semhash: "Semhash", options: tuple[str, ...], status: int, told: str
) -> None:
    done = semhash("evaluate", "notes.jsonl", *options, "--out", "wrong", cwd=place, status=status)
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert not (place / "wrong").exists()


def test_a_corpus_that_is_not_there_is_told(place: Path, semhash: "Semhash") -> None:
    done = semhash("evaluate", "nowhere", cwd=place, status=1)
    assert "corpus nowhere: expected a folder or a file, found nothing there" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_leaves_nothing(
    place: Path, semhash: "Semhash", tmp_path: Path, number: signal.Signals
) -> None:
    """Also in the midst of a training, which ``semhash index`` would end with what it has."""
    arguments = ("evaluate", place / "notes.jsonl", "--config", place / "endless.toml", "--against", "none")
    ours, theirs = pty.openpty()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # heard, whoever runs the tests
    try:
        process = subprocess.Popen(
            [semhash.command, *arguments],
            cwd=tmp_path,
            env={**semhash.environment, "TERM": "xterm", "COLUMNS": "140"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
    try:
        seen = _read(ours, b", ones ")  # an epoch is finished
        process.send_signal(number)
        seen += _read(ours)
        stdout, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"evaluating" in seen
    assert b"1 of 1: semhash (endless.toml), 20 bits" in seen
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert stdout == b""
    assert b"Traceback" not in seen
    assert list(tmp_path.iterdir()) == []


def _read(terminal: int, until: bytes | None = None) -> bytes:
    """Read a terminal until a text is on it, or until all that had it open have closed it."""
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while until is None or until not in seen:
        assert time.monotonic() < deadline, seen
        try:
            data = os.read(terminal, 65536) if select.select([terminal], [], [], PATIENCE)[0] else b""
        except OSError:
            data = b""
        if not data:
            assert until is None, seen
            break
        seen += data
    return seen
