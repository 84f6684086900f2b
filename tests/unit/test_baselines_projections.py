"""LSA and PCA against numpy's decompositions, NMF and LDA on topics that were planted, and cuts at the median."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.factors import LatentSemantics, NonNegativeFactors, PrincipalComponents
from semhash.baselines.projected import MedianCut, Projected, Projection
from semhash.baselines.retriever import Documents
from semhash.baselines.topics import LatentDirichlet
from semhash.codes import unpack
from semhash.errors import EvaluationError
from semhash.words.weighting import Weighting

Make = Callable[[int, int], Projection]

METHODS: dict[str, Make] = {
    "LSA": LatentSemantics,
    "PCA": PrincipalComponents,
    "NMF": NonNegativeFactors,
    "LDA": LatentDirichlet,
}
EVERY = pytest.mark.parametrize("make", METHODS.values(), ids=METHODS)


def all_scores(fitted: Any, queries: Documents) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = fitted.rank(queries).scores(np.arange(len(queries)))
    return scores


def points(database: Documents, of: Documents) -> NDArray[np.float64]:
    weighed: NDArray[np.float32] = Weighting.learn(database.coded).weigh(of.coded).toarray()
    return weighed.astype(np.float64)


def cosines(queries: NDArray[np.float64], documents: NDArray[np.float64]) -> NDArray[np.float64]:
    queries, documents = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (queries, documents))
    return queries @ documents.T


@pytest.mark.parametrize("size", [3, 20])
def test_lsa_ranks_as_the_singular_vectors_do(size: int, planted_topics: Any) -> None:
    database, _ = planted_topics(n_topics=size, seed=0)
    queries, _ = planted_topics(n_topics=size, n=3, seed=1)
    vectors, asked = points(database, database), points(database, queries)
    _, _, right = np.linalg.svd(vectors, full_matrices=False)
    expected = cosines(asked @ right[:size].T, vectors @ right[:size].T)
    fitted = Projected(LatentSemantics(size, 0)).fit(database)
    np.testing.assert_allclose(all_scores(fitted, queries), expected, atol=2e-3)


@pytest.mark.parametrize("size", [4, 20])
def test_pca_ranks_as_the_eigenvectors_of_the_covariance_do(size: int, planted_topics: Any) -> None:
    """Four of 150 words are found by iterations, twenty by all eigenvectors."""
    database, _ = planted_topics(seed=0)
    queries, _ = planted_topics(n=5, seed=1)
    vectors, asked = points(database, database), points(database, queries)
    mean = vectors.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(vectors.T))
    leading = directions[:, ::-1][:, :size]
    expected = cosines((asked - mean) @ leading, (vectors - mean) @ leading)
    fitted = Projected(PrincipalComponents(size, 0)).fit(database)
    np.testing.assert_allclose(all_scores(fitted, queries), expected, atol=1e-4)


def test_pca_puts_the_middle_of_the_database_at_the_origin(planted_topics: Any) -> None:
    database, _ = planted_topics()
    places = PrincipalComponents(5, 0).learn(database).transform(database.coded)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-6)
    variances = places.var(axis=0)
    np.testing.assert_allclose(np.cov(places.T, bias=True), np.diag(variances), atol=1e-6)
    assert (np.diff(variances) < 0).all()


def test_nmf_gives_parts_that_are_never_taken_away(planted_topics: Any) -> None:
    database, topics = planted_topics()
    places = NonNegativeFactors(4, 0).learn(database).transform(database.coded)
    assert (places >= 0).all()
    assert purity(places, topics) > 0.95


def test_nmf_rebuilds_documents_from_parts_whose_words_sum_to_one(documents_of: Any) -> None:
    """Four kinds of documents, of two words each: four parts rebuild them exactly."""
    first, second = np.eye(6, dtype=np.int64)[[0, 3]].repeat(2, axis=0), np.eye(6, dtype=np.int64)[[1, 4]]
    dense = np.concatenate((first + np.roll(first, 2, axis=1), second + np.roll(second, 1, axis=1)))
    database = documents_of(dense)
    vectors = points(database, database)
    places = NonNegativeFactors(4, 0).learn(database).transform(database.coded)
    parts, *_ = np.linalg.lstsq(places, vectors, rcond=None)
    np.testing.assert_allclose(places @ parts, vectors, atol=1e-3)
    np.testing.assert_allclose(parts.sum(axis=1), 1, atol=1e-2)


def test_lda_gives_shares_of_the_topics_that_were_planted(planted_topics: Any) -> None:
    database, topics = planted_topics()
    shares = LatentDirichlet(5, 0).learn(database).transform(database.coded)
    assert (shares > 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    queries, asked = planted_topics(n=10, seed=1)
    fitted = Projected(LatentDirichlet(5, 0)).fit(database)
    nearest = np.argsort(-all_scores(fitted, queries), axis=1)[:, :20]
    assert (topics[nearest] == asked[:, None]).mean() > 0.8


def purity(places: NDArray[Any], topics: NDArray[np.int64]) -> float:
    """Share of documents whose largest number is the one that is largest in most of their topic."""
    largest = places.argmax(axis=1)
    most = [np.bincount(largest[topics == topic]).max() for topic in np.unique(topics)]
    return float(sum(most) / len(topics))


@EVERY
def test_a_document_asked_for_is_where_it_is_in_the_database(make: Make, planted_topics: Any) -> None:
    database, _ = planted_topics()
    fitted = Projected(make(8, 0)).fit(database)
    scores = all_scores(fitted, database)
    np.testing.assert_allclose(np.diag(scores), 1, atol=1e-5)
    np.testing.assert_allclose(scores, scores.T, atol=1e-5)
    codes = MedianCut(make(8, 0)).fit(database).rank(database)
    np.testing.assert_array_equal(codes.queries, codes.documents)


@EVERY
def test_one_seed_gives_one_space(make: Make, planted_topics: Any) -> None:
    database, _ = planted_topics()
    first, again = (Projected(make(8, 3)).fit(database) for _ in range(2))
    np.testing.assert_array_equal(first.documents, again.documents)


def test_another_seed_gives_other_topics(planted_topics: Any) -> None:
    database, _ = planted_topics()
    first, other = (Projected(LatentDirichlet(8, seed)).fit(database) for seed in (3, 4))
    assert np.abs(first.documents - other.documents).max() > 0.1


@EVERY
def test_documents_without_words_have_a_place(make: Make, planted_topics: Any) -> None:
    database, _ = planted_topics()
    held = np.arange(len(database)) != 5
    counts = database.counts.entries(np.repeat(held, np.diff(database.counts.indptr)))
    lacking = replace(database, counts=counts)
    assert np.isfinite(all_scores(Projected(make(8, 0)).fit(lacking), lacking)).all()


@EVERY
def test_documents_that_are_all_alike_are_all_equally_near(make: Make, documents_of: Any) -> None:
    """Warnings are errors here."""
    database = documents_of(np.ones((30, 20), dtype=np.int64))
    scores = all_scores(Projected(make(8, 0)).fit(database), database)
    np.testing.assert_allclose(scores, scores[0, 0], atol=1e-5)


@EVERY
def test_at_the_median_half_of_the_documents_are_above(make: Make, planted_topics: Any) -> None:
    """Fewer where many are on it: parts that a document has not are 0, and shares of topics may be equal."""
    database, _ = planted_topics(n=41)
    above = unpack(MedianCut(make(9, 0)).fit(database).documents, 9).sum(axis=0)
    directions = Projected(make(9, 0)).fit(database).documents
    on_it = (directions == np.median(directions, axis=0)).sum(axis=0)
    assert (above <= 82).all()
    assert (above >= 82 - on_it).all()
    if make in (LatentSemantics, PrincipalComponents):
        np.testing.assert_array_equal(above, 82)


def test_queries_are_cut_where_the_database_is(planted_topics: Any) -> None:
    database, _ = planted_topics(seed=0)
    queries, _ = planted_topics(n_topics=4, n=3, seed=1)
    projection = LatentSemantics(8, 0)
    real, cut = Projected(projection).fit(database), MedianCut(projection).fit(database)
    places = projection.learn(database).directions(queries)
    medians = np.median(real.documents, axis=0)
    np.testing.assert_array_equal(unpack(cut.rank(queries).queries, 8), places > medians)


def test_costs_and_how_it_was_learned(planted_topics: Any) -> None:
    database, _ = planted_topics()
    real, cut = (
        Projected(LatentSemantics(20, 0)).fit(database),
        MedianCut(LatentSemantics(20, 0)).fit(database),
    )
    assert (real.size, real.bytes_per_document, cut.size, cut.bytes_per_document) == (20, 80, 20, 2.5)
    assert real.config == cut.config == {"words": 150, "learned_from": 160}


def test_places_do_not_hang_on_blocks(monkeypatch: pytest.MonkeyPatch, planted_topics: Any) -> None:
    database, _ = planted_topics()
    whole = Projected(LatentSemantics(8, 0)).fit(database).documents
    monkeypatch.setattr("semhash.baselines.projected._BLOCK", 7)
    np.testing.assert_allclose(Projected(LatentSemantics(8, 0)).fit(database).documents, whole, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "sample"),
    [(NonNegativeFactors, "factors._NMF_SAMPLE"), (LatentDirichlet, "topics._SAMPLE")],
)
def test_what_takes_long_learns_from_a_sample_and_places_all(
    make: Make, sample: str, monkeypatch: pytest.MonkeyPatch, planted_topics: Any
) -> None:
    database, _ = planted_topics()
    monkeypatch.setattr(f"semhash.baselines.{sample}", 40)
    first, other = (Projected(make(5, seed)).fit(database) for seed in (0, 1))
    assert first.config["learned_from"] == 40
    assert first.documents.shape == (160, 5)
    assert not np.array_equal(first.documents, other.documents)


def test_a_factorisation_that_stops_early_does_so_silently(
    monkeypatch: pytest.MonkeyPatch, planted_topics: Any
) -> None:
    """Warnings are errors here."""
    database, _ = planted_topics()
    monkeypatch.setattr("semhash.baselines.factors._NMF_ITERATIONS", 1)
    assert Projected(NonNegativeFactors(8, 0)).fit(database).config["iterations"] == 1


@pytest.mark.parametrize(("name", "make"), METHODS.items())
def test_more_dimensions_than_documents_or_words_are_refused(
    name: str, make: Make, documents_of: Any, planted_topics: Any
) -> None:
    few_words = documents_of(np.random.default_rng(0).integers(1, 4, (50, 12)))
    with pytest.raises(
        EvaluationError,
        match=f"{name}: expected 13 documents with words and 13 words or more for 13 dimensions, "
        "found 50 and 12; ask for fewer dimensions, or give more documents",
    ):
        make(13, 0).learn(few_words)
    few_documents, _ = planted_topics(n_topics=2, n=5)
    with pytest.raises(EvaluationError, match="found 10 and 90"):
        make(11, 0).learn(few_documents)


@EVERY
def test_as_many_dimensions_as_words_are_given(make: Make, documents_of: Any) -> None:
    database = documents_of(np.random.default_rng(0).integers(1, 4, (50, 12)))
    assert Projected(make(12, 0)).fit(database).size == 12


def test_fewer_dimensions_than_the_narrowest_code_are_not_cut(planted_topics: Any) -> None:
    database, _ = planted_topics()
    with pytest.raises(
        EvaluationError, match="bits at the median: expected 8 dimensions or more to cut, found 5; ask"
    ):
        MedianCut(LatentSemantics(5, 0)).fit(database)
