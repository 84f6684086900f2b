"""What holds of every hashing baseline."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from semhash.baselines.hashing.points import Points
from semhash.codes import hamming_matrix, unpack
from semhash.errors import EvaluationError

METHODS = {
    "lsh": "RandomHyperplanes",
    "spectral_hashing": "SpectralHashing",
    "self_taught": "SelfTaughtHashing",
    "quantisation": "IterativeQuantisation",
    "binary_reconstruction": "BinaryReconstructiveEmbedding",
    "minimal_loss": "MinimalLossHashing",
}
EVERY = pytest.mark.parametrize("name", METHODS)
LEARNING = pytest.mark.parametrize("name", [name for name in METHODS if name != "lsh"])


@pytest.fixture(autouse=True)
def few_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four topics are learned long before as many updates as a corpus needs."""
    monkeypatch.setattr("semhash.baselines.hashing.minimal_loss._UPDATES", 200)


def method(name: str, bits: int = 8, seed: int = 0) -> Any:
    return getattr(import_module(f"semhash.baselines.hashing.{name}"), METHODS[name])(bits, seed)


@EVERY
def test_one_seed_gives_one_set_of_codes(name: str, planted_topics: Any) -> None:
    database, _ = planted_topics()
    first, again = (method(name, seed=3).fit(database) for _ in range(2))
    np.testing.assert_array_equal(first.documents, again.documents)


@pytest.mark.parametrize("name", ["lsh", "quantisation", "binary_reconstruction", "minimal_loss"])
def test_another_seed_gives_other_codes(name: str, planted_topics: Any) -> None:
    database, _ = planted_topics()
    first, other = (method(name, seed=seed).fit(database) for seed in (3, 4))
    assert not np.array_equal(first.documents, other.documents)


@EVERY
@pytest.mark.parametrize("bits", [8, 20])
def test_a_document_asked_for_has_the_code_that_it_has_in_the_database(
    name: str, bits: int, planted_topics: Any
) -> None:
    database, _ = planted_topics(n_topics=6, n=30)
    fitted = method(name, bits).fit(database)
    ranking = fitted.rank(database)
    np.testing.assert_array_equal(ranking.queries, ranking.documents)
    assert ranking.bits == bits
    assert unpack(ranking.documents, bits).shape == (180, bits)
    assert fitted.bytes_per_document == bits / 8


@LEARNING
def test_documents_of_a_topic_are_nearer_than_those_of_another(name: str, planted_topics: Any) -> None:
    """Unseen ones: eight topics vary in seven directions, so that hardly a bit is left to chance."""
    database, topics = planted_topics(n_topics=8, seed=0)
    queries, asked = planted_topics(n_topics=8, n=10, seed=1)
    ranking = method(name).fit(database).rank(queries)
    distances = hamming_matrix(ranking.queries, ranking.documents)
    same = asked[:, None] == topics[None]
    assert distances[same].mean() < distances[~same].mean() / 3


@EVERY
def test_documents_without_words_have_a_code_and_are_not_learned_from(name: str, planted_topics: Any) -> None:
    database, _ = planted_topics()
    rows = np.concatenate((np.arange(len(database)), np.zeros(1, dtype=np.int64)))
    held = np.arange(len(rows)) < len(database)
    counts = database.counts.take(rows)
    counts = counts.entries(np.repeat(held, np.diff(counts.indptr)))
    larger = replace(database, counts=counts, labels=[*database.labels, ("topic 0",)])
    points = Points.of(larger)
    np.testing.assert_array_equal(points.draw(0), np.flatnonzero(held))
    fitted = method(name).fit(larger)
    np.testing.assert_array_equal(fitted.rank(larger).queries, fitted.documents)
    assert len(fitted.documents) == len(rows)


def test_codes_do_not_hang_on_the_block_that_a_document_is_hashed_in(planted_topics: Any) -> None:
    database, _ = planted_topics()
    rows = np.tile(np.arange(len(database)), 60)
    many = replace(database, counts=database.counts.take(rows))
    documents = method("lsh").fit(many).documents
    assert len(documents) > 8192
    np.testing.assert_array_equal(documents, np.tile(documents[: len(database)], (60, 1)))


def test_a_sample_is_drawn_from_what_may_be_drawn_and_each_document_once(planted_topics: Any) -> None:
    database, topics = planted_topics()
    points = Points.of(database)
    drawn = [points.draw(seed, 20, among=topics < 2) for seed in range(40)]
    assert all(len(np.unique(rows)) == 20 and (np.diff(rows) > 0).all() for rows in drawn)
    np.testing.assert_array_equal(np.unique(np.concatenate(drawn)), np.flatnonzero(topics < 2))
    np.testing.assert_array_equal(points.draw(5, 20), points.draw(5, 20))
    np.testing.assert_array_equal(points.draw(0, 80, among=topics < 2), np.flatnonzero(topics < 2))


def test_points_are_tf_idf_by_the_whole_database_whatever_rows_are_asked_for(planted_topics: Any) -> None:
    database, _ = planted_topics()
    rows = np.array([7, 3, 100])
    dense = database.coded.to_dense().astype(np.float64)
    idf = np.log((1 + len(dense)) / (1 + (dense > 0).sum(axis=0))) + 1
    weights = np.where(dense > 0, 1 + np.log(np.maximum(dense, 1)), 0) * idf
    expected = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    np.testing.assert_allclose(Points.of(database).at(rows).toarray(), expected[rows], rtol=1e-5)


@LEARNING
def test_a_database_without_words_is_refused(name: str, documents_of: Any) -> None:
    database = documents_of(np.zeros((30, 40), dtype=np.int64), [("a",), ("b",)] * 15)
    with pytest.raises(EvaluationError, match="expected some that hold words of the vocabulary, found none"):
        method(name).fit(database)


@pytest.mark.parametrize(
    "name", ["spectral_hashing", "quantisation", "binary_reconstruction", "minimal_loss"]
)
def test_a_database_of_one_text_is_refused(name: str, documents_of: Any) -> None:
    database = documents_of(np.ones((30, 40), dtype=np.int64), [("a",), ("b",)] * 15)
    with pytest.raises(
        EvaluationError, match=r"expected documents that vary in \d+ directions or more, found 0"
    ):
        method(name).fit(database)


def test_quantisation_needs_as_many_directions_as_bits(planted_topics: Any) -> None:
    database, _ = planted_topics(n_topics=2, n=5)
    with pytest.raises(
        EvaluationError,
        match=r"iterative quantisation: .* 20 directions or more, found 9; ask for fewer bits",
    ):
        method("quantisation", 20).fit(database)
    assert method("quantisation", 9).fit(database).documents.shape == (10, 2)


def test_self_taught_hashing_needs_more_documents_than_bits(planted_topics: Any) -> None:
    database, _ = planted_topics(n_topics=2, n=10)
    with pytest.raises(
        EvaluationError, match=r"expected more than 20 documents with words .* found 20; ask for fewer"
    ):
        method("self_taught", 20).fit(database)
    assert method("self_taught", 19).fit(database).documents.shape == (20, 3)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([()] * 30, "documents with two different labels or more in the database, found none; give labels"),
        ([("space",)] * 29 + [()], "in the database, found only 'space'; give labels"),
        ([(str(i),) for i in range(30)], "that two documents of the database share, found none"),
        ([("all", str(i % 3)) for i in range(30)], "documents that share none, found that all"),
    ],
)
def test_labels_that_teach_nothing_are_refused(
    labels: list[tuple[str, ...]], found: str, planted_topics: Any
) -> None:
    database, _ = planted_topics(n_topics=2, n=15)
    with pytest.raises(EvaluationError, match=found):
        method("minimal_loss").fit(replace(database, labels=labels))


@pytest.mark.parametrize("name", [name for name in METHODS if name != "minimal_loss"])
def test_only_minimal_loss_hashing_looks_at_labels(name: str, planted_topics: Any) -> None:
    database, _ = planted_topics()
    without = replace(database, labels=[()] * len(database))
    np.testing.assert_array_equal(method(name).fit(database).documents, method(name).fit(without).documents)
