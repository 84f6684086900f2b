"""What the registry says of each baseline is so: its kind, its size, its use of labels and of chance."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from semhash.baselines.registry import ALL, BASELINES, STANDARD, find
from semhash.baselines.retriever import CodeRanking, Documents, Ranking, ScoreRanking
from semhash.codes import hamming_matrix
from semhash.errors import ConfigError, EvaluationError

EVERY = pytest.mark.parametrize("name", ALL)
SIZE = 8


@pytest.fixture(autouse=True)
def few_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten topics are learned long before as many updates as a corpus needs."""
    monkeypatch.setattr("semhash.baselines.hashing.minimal_loss._UPDATES", 200)
    monkeypatch.setattr("semhash.baselines.topics._PASSES", 10)


@pytest.fixture
def database(planted_topics: Any) -> Documents:
    documents: Documents = planted_topics(n_topics=10, n=12)[0]
    return documents


def fitted(name: str, database: Documents, seed: int = 0) -> Any:
    baseline = BASELINES[name]
    return baseline.make(None if baseline.sizes == "none" else SIZE, seed).fit(database)


def nearness(ranking: Ranking, n_queries: int) -> Any:
    """The higher, the nearer."""
    if isinstance(ranking, CodeRanking):
        return -hamming_matrix(ranking.queries, ranking.documents).astype(np.int64)
    return ranking.scores(np.arange(n_queries))


@EVERY
def test_every_baseline_finds_the_topic_of_a_query(
    name: str, database: Documents, planted_topics: Any
) -> None:
    queries, asked = planted_topics(n_topics=10, n=3, seed=1)
    topics = np.tile(np.arange(10), 12)
    near = nearness(fitted(name, database).rank(queries), len(queries))
    same = asked[:, None] == topics[None]
    assert near[same].mean() > near[~same].mean() + near.std() / 10


@EVERY
def test_the_group_and_the_size_are_those_of_what_is_made(name: str, database: Documents) -> None:
    baseline, made = BASELINES[name], fitted(name, database)
    ranking = made.rank(database)
    if baseline.group == "binary":
        assert isinstance(ranking, CodeRanking)
        assert (baseline.sizes, ranking.bits, made.bytes_per_document) == ("bits", SIZE, SIZE / 8)
    else:
        assert isinstance(ranking, ScoreRanking)
        assert baseline.sizes == {"lexical": "none", "real-valued": "dimensions"}[baseline.group]
        assert made.bytes_per_document > 8


@pytest.mark.parametrize("name", [name for name in ALL if not BASELINES[name].seeded])
def test_chance_has_no_part_in_what_is_not_seeded(name: str, database: Documents) -> None:
    first, other = (nearness(fitted(name, database, seed).rank(database), 20) for seed in (0, 1))
    np.testing.assert_array_equal(first, other)


@EVERY
def test_labels_are_used_by_those_that_say_so_and_no_others(name: str, database: Documents) -> None:
    bare = replace(database, labels=[()] * len(database))
    if BASELINES[name].uses_labels:
        with pytest.raises(EvaluationError, match="labels"):
            fitted(name, bare)
    else:
        with_labels, without = (nearness(fitted(name, d).rank(database), 20) for d in (database, bare))
        np.testing.assert_array_equal(with_labels, without)


@EVERY
def test_the_queries_labels_are_never_looked_at(name: str, database: Documents) -> None:
    made = fitted(name, database)
    bare = replace(database, labels=[()] * len(database))
    seen, unseen = (nearness(made.rank(queries), 20) for queries in (database, bare))
    np.testing.assert_array_equal(seen, unseen)


def test_titles() -> None:
    sizes = {"none": None, "dimensions": 128, "bits": 20}
    titles = {name: baseline.title(sizes[baseline.sizes]) for name, baseline in BASELINES.items()}
    assert titles == {
        "tfidf": "TF-IDF, 2000 words",
        "tfidf-all": "TF-IDF, all words",
        "bm25": "BM25",
        "lsa": "LSA, 128 numbers",
        "lsa-median": "LSA, 20 bits at the median",
        "pca": "PCA, 128 numbers",
        "pca-median": "PCA, 20 bits at the median",
        "lda": "LDA, 128 numbers",
        "lda-median": "LDA, 20 bits at the median",
        "nmf": "NMF, 128 numbers",
        "nmf-median": "NMF, 20 bits at the median",
        "discriminant": "Linear discriminants, 128 numbers",
        "discriminant-median": "Linear discriminants, 20 bits at the median",
        "nca": "NCA, 128 numbers",
        "nca-median": "NCA, 20 bits at the median",
        "lsh": "LSH, 20 bits",
        "spectral-hashing": "Spectral hashing, 20 bits",
        "self-taught": "Self-taught hashing, 20 bits",
        "itq": "ITQ, 20 bits",
        "bre": "BRE, 20 bits",
        "mlh": "Minimal loss hashing, 20 bits",
    }


def test_what_is_compared_by_default_needs_no_labels() -> None:
    assert set(STANDARD) <= set(ALL)
    assert not [name for name in STANDARD if BASELINES[name].uses_labels]


@EVERY
def test_each_is_told_of_in_one_line_with_its_source(name: str) -> None:
    about = BASELINES[name].about
    assert "\n" not in about
    assert re.search(r"[A-Z]\w+.*(19|20)\d\d.*\.$", about)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lsa-meidan", "did you mean 'lsa-median'?"),
        ("LSA", "did you mean 'lsa'?"),
        ("xyzzy", "choose one of these"),
    ],
)
def test_an_unknown_name_is_told_all_that_there_are(name: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find(name)
    message = str(caught.value)
    assert message.endswith(f"found {name!r}; {hint}")
    listed = message.removeprefix("baseline: expected one of ").partition(";")[0]
    assert listed.split(", ") == [*ALL, "sentence:FOLDER"]


def test_what_is_known_is_found() -> None:
    assert [find(name).name for name in ALL] == list(ALL)


def test_a_sentence_model_is_found_by_its_folder() -> None:
    found = find("sentence:models/all-MiniLM")
    assert (found.name, found.group, found.sizes) == ("sentence:models/all-MiniLM", "pretrained", "none")
    assert found.title(None) == "all-MiniLM, sentence embeddings"
    with pytest.raises(ConfigError, match="expected one of"):
        find("sentence:")
