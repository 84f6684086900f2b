"""What the benchmarks are put together from: sets, rankings, result files, and the page that is drawn of them."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import codes
from semhash.analysis.analyzer import Analyzer
from semhash.baselines.lexical import TfIdf
from semhash.config import IndexConfig
from semhash.errors import ConfigError, CorpusError
from semhash.evaluation.metrics.order import descending
from semhash.evaluation.relevance import Relevance
from semhash.progress import silent
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts, Lexicon, most_frequent
from semhash.words.counting import CountsBuilder

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

Part = Callable[[str], ModuleType]


def rows(corpus_file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in corpus_file.read_text().splitlines()]


def write(file: Path, documents: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in documents))
    return file


def same(counts: Counts, others: Counts) -> bool:
    names = ("indptr", "indices", "data")
    return all(np.array_equal(getattr(counts, name), getattr(others, name)) for name in names)


@pytest.mark.parametrize("language", ["auto", "none"])
def test_counts_are_those_that_an_index_of_the_database_is_made_from(
    benchmark: Part, corpus_file: Path, language: str
) -> None:
    split = benchmark("_labelled").read_set(corpus_file).test()
    builder = CountsBuilder()
    documents = rows(corpus_file)
    for row in documents:
        if row["split"] == "train":
            builder.add(f"{row['title']}\n{row['text']}")
    found = builder.finish()
    terms = np.arange(len(found.lexicon)) if language == "none" else found.content()
    expected = found.counts.columns(terms)
    lexicon = Lexicon.from_words([found.lexicon.word(term) for term in terms.tolist()])
    counted = split.counted(language)
    assert same(counted.database, expected)
    assert most_frequent(counted.database, 10).tolist() == most_frequent(expected, 10).tolist()
    asked = [row for row in documents if row["split"] == "test"]
    one = lexicon.count(Analyzer("english").terms(f"{asked[3]['title']} {asked[3]['text']}"))
    queries = counted.queries.take(np.array([3]))
    known = set(zip(one.indices.tolist(), one.data.tolist(), strict=True))
    assert known <= set(zip(queries.indices.tolist(), queries.data.tolist(), strict=True))


def test_documents_without_text_and_labels_in_one_string_are_taken(benchmark: Part, tmp_path: Path) -> None:
    documents: list[dict[str, Any]] = [
        {"id": "a", "text": "moon orbit", "labels": "sky", "split": "train"},
        {"id": 2, "text": "", "labels": ["sky", "sea"], "split": "train"},
        {"id": "c", "text": "moon", "labels": ["sea"], "split": "other"},
    ]
    split = benchmark("_labelled").read_set(write(tmp_path / "set.jsonl", documents)).test()
    assert [len(half) for half in (split.database, split.queries)] == [2, 1]
    assert split.relevance.block(np.array([0])).tolist() == [[False, True]]


def test_a_validation_split_looks_at_nothing_of_the_test_half(
    benchmark: Part, corpus_file: Path, tmp_path: Path
) -> None:
    documents = rows(corpus_file)
    for row in documents:
        if row["split"] == "test":
            row |= {"text": "entirely other words", "labels": ["elsewhere"]}
    read_set = benchmark("_labelled").read_set
    true, altered = read_set(corpus_file), read_set(write(tmp_path / "altered.jsonl", documents))
    assert true.digest != altered.digest
    first, second = true.validation(seed=1), altered.validation(seed=1)
    for name in ("database", "queries"):
        assert same(getattr(first.counted("english"), name), getattr(second.counted("english"), name))
        assert true.in_training[getattr(first, name)].all()
    np.testing.assert_array_equal(first.relevance.totals(), second.relevance.totals())
    assert len(first.queries) == round(0.2 * true.in_training.sum())
    together = np.sort(np.concatenate([first.database, first.queries]))
    np.testing.assert_array_equal(together, np.flatnonzero(true.in_training))
    assert not np.array_equal(first.queries, true.validation(seed=2).queries)


def test_a_limit_takes_the_first_of_either_half_and_is_another_set(
    benchmark: Part, corpus_file: Path
) -> None:
    read_set = benchmark("_labelled").read_set
    whole, limited = read_set(corpus_file), read_set(corpus_file, limit=7)
    assert limited.in_training.sum() == (~limited.in_training).sum() == 7
    assert limited.digest != whole.digest
    assert read_set(corpus_file, limit=10_000).digest == whole.digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "a", "text": "b", "labels": [], "split": "train"}\n', "1 of split train and 0 of others"),
        (
            '{"id": "a", "text": "b", "labels": []}\n',
            r"line 1: expected JSON with id, text, labels and split",
        ),
        ("\n", "line 1"),
    ],
)
def test_what_is_no_labelled_set_is_refused(
    benchmark: Part, tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(content)
    with pytest.raises(CorpusError, match=message):
        benchmark("_labelled").read_set(file)
    with pytest.raises(CorpusError, match="No such file"):
        benchmark("_labelled").read_set(tmp_path / "missing.jsonl")


def test_baselines_see_the_counts_that_codes_are_learned_from(benchmark: Part, corpus_file: Path) -> None:
    split = benchmark("_labelled").read_set(corpus_file).test()
    database, queries = split.documents(IndexConfig().text)
    counted = split.counted("english")
    assert (len(database), len(queries)) == (len(counted.database), len(counted.queries))
    scores = TfIdf(None).fit(database).rank(queries).scores
    index = TermIndex.build(counted.database)
    everything = np.arange(len(counted.database))
    for query in (0, 7):
        expected = index.cosine(counted.queries.take(np.array([query])), everything)
        np.testing.assert_allclose(scores(np.array([query]))[0], expected, atol=1e-6)


def test_lsa_of_counts_is_the_singular_vectors_of_their_logarithms(
    benchmark: Part, corpus_file: Path
) -> None:
    database, queries = benchmark("_labelled").read_set(corpus_file).test().documents(IndexConfig().text)
    space = benchmark("paper")._OfCounts(10, seed=0).learn(database)
    _, _, right = np.linalg.svd(np.log1p(database.coded.to_dense().astype(np.float64)), full_matrices=False)
    expected = np.log1p(queries.coded.to_dense().astype(np.float64)) @ right[:10].T
    found = space.directions(queries)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=0.02)


def test_codes_that_two_findings_ask_for_are_learned_once(
    benchmark: Part, corpus_file: Path, quick_config: "QuickConfig"
) -> None:
    split = benchmark("_labelled").read_set(corpus_file).test()
    learned = benchmark("paper")._LearnedOnce(split, quick_config(bits=8, epochs=1))
    assert learned(silent) is learned(silent)


def made_balls(
    benchmark: Part, seed: int, size: int, n: int = 60
) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    database, queries = (codes.pack(random.random((count, 8)) < 0.5) for count in (n, 12))
    scores = random.random((12, n)).astype(np.float32)
    learned = benchmark("_measuring").Learned(
        terms=np.zeros(0, dtype=np.int64), database=database, queries=queries, seconds={}, course={}
    )
    return benchmark("paper")._Balls(learned, 8, size, lambda of: scores[of]), scores, database, queries


def test_the_ball_that_holds_everything_ranks_as_everything_does(benchmark: Part) -> None:
    balls, scores, _, _ = made_balls(benchmark, 0, size=1000)
    order = balls._order(np.arange(12), 60)
    np.testing.assert_array_equal(order, descending(scores))


def test_smaller_balls_are_ranked_by_score_and_then_end(benchmark: Part) -> None:
    balls, scores, database, queries = made_balls(benchmark, 1, size=10)
    order = balls._order(np.arange(12), 60)
    distances = codes.hamming_matrix(queries, database)
    for row, own, score in zip(order, distances, scores, strict=True):
        radius = np.sort(own)[9]
        expected = np.flatnonzero(own <= radius)
        found = row[row >= 0]
        assert sorted(found.tolist()) == expected.tolist()
        assert (np.diff(score[found]) <= 0).all()
    relevance = Relevance.from_documents([[0, 5]] * 12, 60)
    measured = balls.measured(relevance, [1, 60])
    hits = [np.isin(row[row >= 0], (0, 5)) for row in order]
    assert measured["precision"][0] == pytest.approx(np.mean([hit[0] for hit in hits]))
    assert measured["precision"][1] == pytest.approx(np.mean([hit.sum() / 60 for hit in hits]))
    assert measured["recall"][1] == pytest.approx(np.mean([hit.sum() / 2 for hit in hits]))


def run(digest: str, **fields: object) -> dict[str, Any]:
    made = {"experiment": "curve", "name": "default", "set": "s", "corpus": "c", "part": "test", "config": {}}
    return {"digest": digest, **made, "figures": {}, **fields}


def test_results_are_kept_across_writers_and_renewed_by_digest(benchmark: Part, tmp_path: Path) -> None:
    module = benchmark("_results")
    file = tmp_path / "new" / "runs.json"
    first, second = module.Results(file), module.Results(file)
    first.add(run("a", epochs=1))
    second.add(run("b"))
    first.add(run("a", epochs=2))
    assert [(r["digest"], r.get("epochs")) for r in module.read_runs(file)] == [("b", None), ("a", 2)]
    assert "a" in first
    assert "b" in module.Results(file)
    assert "c" not in module.Results(file)
    assert [path.name for path in file.parent.iterdir()] == ["runs.json"]
    assert file.read_text().count("\n") == 4  # a run a line


@pytest.mark.parametrize("content", ["{}", "[1]", "not JSON", '[{"digest": "a"}]'])
def test_what_is_no_file_of_results_is_refused_and_left(
    benchmark: Part, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "runs.json"
    file.write_text(content)
    with pytest.raises(ConfigError, match=r"runs\.json: expected .*move it away"):
        benchmark("_results").Results(file)
    assert file.read_text() == content


def test_the_digest_is_that_of_everything_known_before_the_run(benchmark: Part) -> None:
    digest_of = benchmark("_results").digest_of
    described = {"name": "a", "config": {"seed": 0, "bits": 20}}
    assert digest_of(described) == digest_of({"config": {"bits": 20, "seed": 0}, "name": "a"})
    assert digest_of(described) != digest_of({"name": "a", "config": {"seed": 1, "bits": 20}})


def test_every_variant_is_one_change_that_can_be_made(benchmark: Part) -> None:
    variants, changed = benchmark("_variants"), benchmark("_command").changed
    default = IndexConfig()
    made = [changed(default, **variant.changes) for variant in variants.VARIANTS]
    assert len({config.to_json().__repr__() for config in made}) == len(made)
    names = [variant.name for variant in variants.VARIANTS]
    assert len(set(names)) == len(names)
    assert {variant.group for variant in variants.VARIANTS} == set(variants.GROUPS)
    for group in variants.GROUPS.values():
        assert group.base is None or group.base in names


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("model.hidden=[10, 5]", ("model", "hidden", (10, 5))),
        ("model.activation=tanh", ("model", "activation", "tanh")),
        ("training.learning_rate=0.01", ("training", "learning_rate", 0.01)),
    ],
)
def test_changes_are_read_as_toml_or_as_text(
    benchmark: Part, change: str, expected: tuple[str, str, object]
) -> None:
    arguments = argparse.Namespace(preset=None, config=None, set=[change], epochs=None)
    name, config = benchmark("_command").recipe(arguments)
    table, field, value = expected
    assert getattr(getattr(config, table), field) == value
    assert name == f"default, {change}"
    arguments.set = ["model.hidden"]
    with pytest.raises(ConfigError, match="expected KEY=VALUE"):
        benchmark("_command").recipe(arguments)


def test_means_spreads_and_failures_as_they_are_written(benchmark: Part) -> None:
    tables = benchmark("_tables")
    path = "figures/precision/100"
    runs = [run(str(i), figures={"precision": {"100": value}}) for i, value in enumerate((0.5, 0.6, 0.7))]
    assert tables.figure(runs[:1], path) == "0.500"
    assert tables.figure(runs, path) == "0.600 ± 0.100"
    assert tables.figure([run("x", failed="why")], path) == "failed"
    assert tables.figure([*runs[:1], run("x", failed="why")], path) == "0.500"
    assert tables.points(runs[1:], runs[:1], path) == pytest.approx(15)
    assert tables.points([run("x", failed="why")], runs, path) is None
    assert tables.table(("a", "b"), [("c", "1")]) == ["| a | b |", "| --- | ---: |", "| c | 1 |"]


def test_what_was_recorded_with_another_default_says_in_what_it_differs(benchmark: Part) -> None:
    config = json.loads(json.dumps(benchmark("_measuring").settings(IndexConfig())))
    said = benchmark("_sections").earlier_recipe
    assert list(said({"config": config}, "default")) == []
    config["model"]["bits"], config["training"]["seed"], config["training"]["epochs"] = 8, 7, 3
    assert list(said({"config": config}, "default, training.epochs=3")) == []
    config["training"]["min_updates"] = 0
    assert list(said({"config": config}, "default, epochs 3")) == []
    assert "min_updates" in "".join(said({"config": config}, "default, training.epochs=3"))
    config["training"]["min_updates"] = IndexConfig().training.min_updates
    config["model"]["code"]["noise"] = 1.5
    del config["model"]["neighbours"]["guide_rounds"]
    now = IndexConfig().model
    assert list(said({"config": config}, "plain")) == []
    assert list(said({"config": config}, "default", ["training.epochs"])) == [
        "*Recorded with an earlier recipe: "
        f"`model.code.noise` 1.5, now {now.code.noise}; "
        f"`model.neighbours.guide_rounds` was not there, now {now.neighbours.guide_rounds}.*\n"
    ]
