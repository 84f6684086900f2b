"""The benchmarks as they are run: real trainings of small networks, on a small corpus."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from semhash import IndexConfig, build_index, codes, open_index
from semhash.baselines.retriever import CodeRanking
from semhash.errors import ConfigError, CorpusError, EvaluationError, SemhashError
from semhash.evaluation import Results
from semhash.evaluation.metrics import measure
from semhash.evaluation.relevance import Relevance

pytestmark = pytest.mark.slow

Part = Callable[[str], ModuleType]

ROOT = Path(__file__).resolve().parents[2]
SMALL = (
    *("--set", "model.hidden=[24]", "--set", "text.vocabulary_size=80", "--set", "training.batch_size=32"),
    *("--set", "training.device=cpu"),
)


def command(script: str, *arguments: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *map(str, arguments)]


def bench(script: str, *arguments: str | Path, cwd: Path, status: int = 0) -> str:
    """Run a benchmark in a process of its own; what it said is given back."""
    done = subprocess.run(
        command(script, *arguments), cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout == ""
    return done.stderr


def runs(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path, benchmark: Part) -> Path:
    """Results of every benchmark; which file is whose is said by its name."""
    folder = tmp_path_factory.mktemp("results")
    short = (*SMALL, "--epochs", "3")
    paper = ("--preset", "plain", "--long", "32", "--latent", "10", "--short", "8", "--shortlist", "40")
    for script, *arguments in (
        ("figures", "--bits", "8,20", "--seeds", "0,1", *short),
        ("curve", "--at", "1,3", *SMALL),
        ("ablation", "--only", "code,inputs", *short),
        ("titles", "--titles", "20", *short),
        ("paper", *paper, *short),
    ):
        out = folder / f"{script}.json"
        benchmark(script).main([str(corpus_file), "--out", str(out), "--quiet", *arguments])
    return folder


def test_every_run_says_what_it_was_made_with(results: Path, corpus_file: Path) -> None:
    for file in results.glob("*.json"):
        for run in runs(file):
            assert run["experiment"] == file.stem
            assert run["set"] == corpus_file.stem
            assert len(run["corpus"]) == len(run["digest"]) == 64
            assert set(run["environment"]) >= {"semhash", "torch", "numpy", "python", "processor", "cores"}
            assert str(corpus_file.parent) not in json.dumps(run)
            settings = {name: run["config"][name] for name in ("text", "model", "training")}
            whole = json.loads(json.dumps(IndexConfig.from_json(settings).to_json()))
            assert {name: whole[name] for name in settings} == settings
            assert run["seconds"]["train"] > 0
            assert run["course"]["epochs"] >= 1


def test_figures_are_made_for_every_width_and_seed(results: Path) -> None:
    found = runs(results / "figures.json")
    made = [(run["config"]["model"]["bits"], run["config"]["training"]["seed"]) for run in found]
    assert made == [(8, 0), (8, 1), (20, 0), (20, 1)]
    assert {run["part"] for run in found} == {"test"}
    for run in found:
        figures = run["figures"]
        assert figures["bits"] == run["config"]["model"]["bits"]
        assert (figures["n_documents"], figures["n_queries"]) == (180, 60)
        assert 0 < figures["addresses_in_use"] <= 180
        assert (
            figures["worst_precision"]["10"] <= figures["precision"]["10"] <= figures["best_precision"]["10"]
        )


def test_figures_are_those_of_an_index_of_the_training_half(
    results: Path, corpus_file: Path, tmp_path: Path
) -> None:
    run = runs(results / "figures.json")[2]
    config = IndexConfig.from_json({**run["config"], "corpus": {"split": "train"}})
    documents = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    build_index(corpus_file, tmp_path / "index", config)
    halves = [[d for d in documents if (d["split"] == "train") == half] for half in (True, False)]
    with open_index(tmp_path / "index") as index:
        database, queries = (
            codes.from_ints([e.code for e in index.encode([f"{d['title']}\n{d['text']}" for d in half])], 20)
            for half in halves
        )
    labels = [[d["labels"] for d in half] for half in halves]
    relevance = Relevance.from_labels(labels[1], labels[0])
    means = measure(CodeRanking(queries, database, 20), relevance).means
    assert run["figures"]["mean_average_precision"] == pytest.approx(means["MAP"], abs=0.02)
    assert run["figures"]["precision"]["100"] == pytest.approx(means["P@100"], abs=0.01)


def test_made_runs_are_not_made_again(
    results: Path, corpus_file: Path, tmp_path: Path, benchmark: Part, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    file.write_bytes((results / "figures.json").read_bytes())
    options = [str(corpus_file), *SMALL, "--epochs", "3", "--out", str(file)]
    main = benchmark("figures").main
    main([*options, "--bits", "8,20"])
    assert capsys.readouterr().err.count("done already") == 2
    assert file.read_bytes() == (results / "figures.json").read_bytes()
    main([*options, "--bits", "8,16"])
    said = capsys.readouterr().err
    assert (said.count("done already"), said.count("P@100")) == (1, 1)
    assert len(runs(file)) == 5
    main([*options, "--bits", "8", "--again", "--quiet"])
    assert capsys.readouterr().err == ""
    again = runs(file)
    assert sorted(run["digest"] for run in again) == sorted({run["digest"] for run in again})
    assert again[-1]["config"]["model"]["bits"] == 8


def test_the_ablation_changes_one_thing_at_a_time(results: Path) -> None:
    base, *variants = runs(results / "ablation.json")
    assert base["name"] == "the recipe as it is"
    assert {run["part"] for run in (base, *variants)} == {"validation, split 0"}
    assert {run["group"] for run in variants} == {"code", "inputs"}
    for run in variants:
        assert run["recipe_digest"] == base["recipe_digest"]
        changed = [name for name, table in run["config"].items() if table != base["config"][name]]
        assert changed in (["model"], ["text"])
        assert run["group"] == "inputs" or changed == ["model"]


def test_the_curve_is_of_ever_longer_trainings(results: Path) -> None:
    found = runs(results / "curve.json")
    assert [(run["epochs"], run["course"]["epochs"]) for run in found] == [(1, 1), (3, 3)]
    assert [run["config"]["training"]["min_updates"] for run in found] == [0, 0]


def test_titles_that_are_in_a_document_find_it_by_words(results: Path) -> None:
    for run in runs(results / "titles.json"):
        own, label = run["figures"]["own"], run["figures"]["label"]
        assert set(own) == set(label) == {"hamming", "asymmetric", "bm25", "hybrid"}
        assert own["bm25"]["recall"]["500"] == 1.0
        assert own["hamming"]["recall"]["10"] < own["bm25"]["recall"]["100"]
        assert 0 <= run["figures"]["no_known_word"] < 0.5


def test_the_papers_orders_are_what_their_numbers_say(results: Path) -> None:
    found = runs(results / "paper.json")
    assert len(found) == 3
    for run in found:
        figures = run["figures"]
        left, right = figures["left"], figures["right"]
        pairs = list(zip(left["precision"], right["precision"], strict=True))
        assert len(pairs) == len(figures["levels"])
        assert figures["above_at"] == sum(a > b for a, b in pairs)
        assert figures["holds"] == (sum(left["precision"]) > sum(right["precision"]))
        for side in (left, right):
            assert side["recall"] == sorted(side["recall"])
    assert [run["figures"]["levels"][-1] for run in found] == [127, 127, 31]
    of_weights, of_counts, _ = found
    assert of_weights["figures"]["left"] == of_counts["figures"]["left"]
    assert [each["figures"]["right"]["name"] for each in (of_weights, of_counts)] == [
        "LSA, 10 numbers",
        "LSA of counts, 10 numbers",
    ]


def test_the_page_has_a_row_for_every_run(results: Path, tmp_path: Path, benchmark: Part) -> None:
    page, readme = tmp_path / "results.md", tmp_path / "README.md"
    readme.write_text(
        "before\n<!-- figures: drawn by benchmarks/render.py -->\n<!-- end of figures -->\nafter\n"
    )
    benchmark("render").main(["--results", str(results), "--out", str(page), "--readme", str(readme)])
    text = page.read_text()
    for run in runs(results / "ablation.json"):
        value = f"{run['figures']['precision']['100']:.3f}"
        assert [line for line in text.splitlines() if line.startswith(f"| {run['name']} | {value} |")]
    for run in runs(results / "paper.json"):
        assert f"#### {run['name']}" in text
    assert "Nothing is recorded yet" not in text
    assert "**8 bits**" in text


def test_the_committed_page_is_what_is_drawn_of_the_committed_results(tmp_path: Path) -> None:
    page, readme = tmp_path / "results.md", tmp_path / "README.md"
    readme.write_text((ROOT / "README.md").read_text())
    bench("render", "--out", page, "--readme", readme, cwd=tmp_path)
    for drawn in (page, tmp_path / "speed.md"):
        assert drawn.read_text() == (ROOT / "docs" / drawn.name).read_text(), "run benchmarks/render.py"
    assert readme.read_text() == (ROOT / "README.md").read_text(), "run benchmarks/render.py"


def test_evaluations_are_kept_lean_and_drawn_into_the_readme(
    corpus_file: Path, tmp_path: Path, benchmark: Part
) -> None:
    out = tmp_path / "quality"
    quality = benchmark("quality")
    quality.main([str(corpus_file), "--out", str(out), "--preset", "none", "--against", "tfidf-all,itq"])
    file = out / f"{corpus_file.stem}.json"
    kept = Results.read(file)
    assert [r.title for r in kept.measured] == ["TF-IDF, all words", "ITQ, 20 bits"]
    assert not kept.queries
    assert not any(r.values for r in kept.retrievers)
    before = file.read_bytes()
    quality.main([str(corpus_file), "--out", str(out), "--preset", "none", "--against", "bm25"])
    assert file.read_bytes() == before  # what is there is not made again
    quality.main([str(corpus_file), "--out", str(out), "--add", "--against", "itq,bm25"])
    more = Results.read(file)
    assert [r.title for r in more.measured] == ["TF-IDF, all words", "ITQ, 20 bits", "BM25"]
    assert more.retrievers[1].figures == kept.retrievers[1].figures
    first, again = (msgspec.structs.replace(more.retrievers[0], own=True, name=n, title=n) for n in "ab")
    with_own = quality.added(more, msgspec.structs.replace(more, retrievers=[first, again], comparisons=[]))
    assert [r.title for r in with_own.retrievers] == ["a", "b", *(r.title for r in more.retrievers)]
    assert quality.figures(more)[-1].split(" | ")[-1] == f"{more.retrievers[-1].figures['MAP']:.3f} |"
    with pytest.raises(
        EvaluationError, match="expected the documents and queries that were evaluated before"
    ):
        quality.added(
            kept, msgspec.structs.replace(more, corpus=msgspec.structs.replace(more.corpus, digest=""))
        )
    named = msgspec.structs.replace(kept, corpus=msgspec.structs.replace(kept.corpus, name="20news-raw"))
    worse, better = (
        msgspec.structs.replace(r, figures={"P@100": 0.3, "MAP": value})
        for r, value in zip(kept.measured, (0.25, 0.75), strict=True)
    )
    drawn = benchmark("_readme").readme_table([msgspec.structs.replace(named, retrievers=[worse, better])])
    assert drawn[-1].endswith("P@100, MAP | **0.300**, 0.250 |  |  |  | **0.300**, **0.750** |  |  |")
    with pytest.raises(ConfigError, match="expected the marks"):
        benchmark("_readme").with_table("no marks", [named])


def test_a_judged_collection_is_asked_its_test_queries_alone(tmp_path: Path, benchmark: Part) -> None:
    prefix = tmp_path / "judged"
    (tmp_path / "judged.docs.jsonl").write_text("")
    with gzip.open(tmp_path / "judged.queries.jsonl.gz", "wb") as lines:
        lines.write(b'{"id":"1","text":"one"}\n{"id":2,"text":"two"}\n')
    (tmp_path / "judged.query-splits.tsv").write_text("1\ttrain\n2\ttest\n")
    with benchmark("quality").judged(prefix) as collection:
        assert collection.queries.read_bytes() == b'{"id":2,"text":"two"}\n'
        assert (collection.name, collection.corpus) == ("judged", tmp_path / "judged.docs.jsonl")
    with (
        pytest.raises(CorpusError, match="expected a judged collection's file"),
        benchmark("quality").judged(tmp_path / "other"),
    ):
        pass


@contextmanager
def killed(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no training without end behind, whatever the test found."""
    try:
        yield
    finally:
        process.kill()


def test_ctrl_c_keeps_what_was_finished(corpus_file: Path, tmp_path: Path) -> None:
    file, talk = tmp_path / "runs.json", tmp_path / "talk"
    endless = ("--bits", "8", "--epochs", "1000000", "--set", "training.validation_share=0", *SMALL)
    made = dict.fromkeys(("digest", "experiment", "name", "set", "corpus", "part", "config", "figures"), "")
    kept = json.dumps([made])
    file.write_text(kept)
    with talk.open("wb") as stderr:
        heard = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            started = command("figures", corpus_file, "--out", file, *endless)
            process = subprocess.Popen(started, cwd=tmp_path, stderr=stderr)
        finally:
            signal.signal(signal.SIGINT, heard)
    with process, killed(process):
        deadline = time.monotonic() + 60
        while b"[1 of 1]" not in talk.read_bytes():
            assert time.monotonic() < deadline, talk.read_bytes()
            assert process.poll() is None, talk.read_bytes()
            time.sleep(0.05)
        time.sleep(5.0)  # into the training, which may take an interrupt for its end
        os.kill(process.pid, signal.SIGINT)
        try:
            status = process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # Python loses an interrupt that falls into the end of an import
            os.kill(process.pid, signal.SIGINT)
            status = process.wait(timeout=30)
    assert status == 130
    said = talk.read_text()
    assert 'Traceback (most recent call last):\n  File "/' not in said
    assert "stopped; every finished run is kept" in said
    assert file.read_text() == kept


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        ("figures", ["missing.jsonl"], "missing.jsonl: expected a labelled set"),
        ("figures", ["CORPUS", "--set", "model.bit=3"], "did you mean"),
        ("figures", ["CORPUS", "--preset", "papers"], "did you mean paper?"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(
    corpus_file: Path, tmp_path: Path, benchmark: Part, script: str, arguments: list[str], message: str
) -> None:
    given = [str(corpus_file) if argument == "CORPUS" else argument for argument in arguments]
    with pytest.raises(SemhashError, match=re.escape(message)):
        benchmark(script).main([*given, "--out", str(tmp_path / "out.json")])
    assert not list(tmp_path.iterdir())


def test_wrong_usage_is_told_in_words(benchmark: Part, capsys: pytest.CaptureFixture[str]) -> None:
    for script, option, message in (
        ("ablation", "--only=code,luck", "expected some of code, corruption"),
        ("figures", "--bits=8;16", "expected whole numbers with commas between, found '8;16'"),
    ):
        with pytest.raises(SystemExit) as exit:
            benchmark(script).main(["corpus.jsonl", option])
        assert exit.value.code == 2
        assert message in capsys.readouterr().err


def test_an_error_is_one_line_and_a_status(tmp_path: Path) -> None:
    assert bench("curve", "missing.jsonl", cwd=tmp_path, status=1).startswith(
        "curve.py: missing.jsonl: expected"
    )


def test_a_training_that_leads_nowhere_is_a_finding_too(
    corpus_file: Path, tmp_path: Path, benchmark: Part
) -> None:
    """A learning rate beyond reason: the loss is no number; what failed, and why, is kept and drawn."""
    file = tmp_path / "runs.json"
    beyond = ["--only", "code", "--epochs", "3", "--set", "training.learning_rate=1e30", "--quiet"]
    benchmark("ablation").main([str(corpus_file), *SMALL, *beyond, "--out", str(file)])
    found = runs(file)
    assert len(found) == 6
    for run in found:
        assert run["figures"] == {}
        assert run["failed"].startswith("training: expected")
    readme = tmp_path / "README.md"
    readme.write_text("<!-- figures: drawn by benchmarks/render.py -->\n<!-- end of figures -->\n")
    out = ["--out", str(tmp_path / "page.md"), "--readme", str(readme)]
    benchmark("render").main(["--results", str(tmp_path), *out])
    page = (tmp_path / "page.md").read_text()
    assert "| no noise | failed |" in page
    assert "*no noise*, seed 0, failed: training: expected" in page
