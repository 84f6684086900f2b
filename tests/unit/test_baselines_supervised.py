"""Discriminants by Fisher's criterion, neighbourhood components by neighbours, and labels as they come."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.factors import PrincipalComponents
from semhash.baselines.hashing.points import Points
from semhash.baselines.projected import MedianCut, Projected, Projection
from semhash.baselines.retriever import Documents
from semhash.baselines.supervised import LinearDiscriminants, NeighbourhoodComponents, Taught
from semhash.errors import EvaluationError

BOTH = pytest.mark.parametrize("make", [LinearDiscriminants, NeighbourhoodComponents])


@pytest.fixture
def nuisance(documents_of: Any) -> tuple[Documents, Documents]:
    """Documents whose style, of three, moves many words, and whose class, of three, moves few; and queries."""
    random = np.random.default_rng(0)
    styles, classes = random.integers(0, 3, 300), random.integers(0, 3, 300)
    dense = np.zeros((300, 75), dtype=np.int64)
    for row, style, kind in zip(dense, styles, classes, strict=True):
        np.add.at(row, 20 * style + random.integers(0, 20, 25), 1)
        np.add.at(row, 60 + 5 * kind + random.integers(0, 5, 2), 1)
    labels = [(f"class {kind}",) for kind in classes]
    return documents_of(dense[:200], labels[:200]), documents_of(dense[200:], labels[200:])


def same_among_nearest(projection: Projection, database: Documents, queries: Documents, k: int = 10) -> float:
    """Precision at k."""
    scores = Projected(projection).fit(database).rank(queries).scores(np.arange(len(queries)))
    nearest = np.argsort(-scores, axis=1)[:, :k]
    theirs, asked = (np.array([of_one[0] for of_one in d.labels]) for d in (database, queries))
    return float((theirs[nearest] == asked[:, None]).mean())


def fisher(values: NDArray[Any], classes: NDArray[Any]) -> float:
    """Variance between classes over variance within."""
    means = np.array([values[classes == kind].mean() for kind in classes])
    return float(means.var() / (values - means).var())


def test_no_direction_tells_classes_apart_better_than_the_first_discriminant(nuisance: Any) -> None:
    database, _ = nuisance
    classes = np.array(database.labels)[:, 0]
    found = LinearDiscriminants(2, 0).learn(database)
    discriminants = found.transform(database.coded)
    places = (
        PrincipalComponents(int(str(found.config["components"])), 0).learn(database).transform(database.coded)
    )
    best = fisher(discriminants[:, 0], classes)
    random = np.random.default_rng(1)
    directions, *_ = np.linalg.lstsq(places, discriminants[:, 0] - discriminants[:, 0].mean(), rcond=None)
    assert fisher(places @ directions, classes) == pytest.approx(best, rel=1e-3)
    near = directions + 0.02 * np.linalg.norm(directions) * random.standard_normal((500, len(directions)))
    others = [*near, *random.standard_normal((500, len(directions)))]
    assert max(fisher(places @ other, classes) for other in others) < best
    assert best > fisher(discriminants[:, 1], classes) > 0


@BOTH
def test_labels_bring_classes_together_that_words_do_not(make: Any, nuisance: Any) -> None:
    database, queries = nuisance
    plain = same_among_nearest(PrincipalComponents(2, 0), database, queries)
    taught = same_among_nearest(make(2, 0), database, queries)
    assert plain < 0.5
    assert taught > plain + 0.2


def test_classes_less_one_is_how_many_dimensions_there_are(planted_topics: Any) -> None:
    database, _ = planted_topics(n_topics=10, n=12)
    real = Projected(LinearDiscriminants(128, 0)).fit(database)
    assert (real.size, real.bytes_per_document) == (9, 36)
    cut = MedianCut(LinearDiscriminants(128, 0)).fit(database)
    ranking = cut.rank(database)
    assert (cut.size, ranking.bits, ranking.documents.shape) == (9, 9, (120, 2))
    assert Projected(LinearDiscriminants(4, 0)).fit(database).size == 4
    assert Projected(NeighbourhoodComponents(20, 0)).fit(database).size == 20


def test_few_classes_cannot_be_cut_to_bits(planted_topics: Any) -> None:
    database, _ = planted_topics(n_topics=4)
    with pytest.raises(EvaluationError, match="expected 8 dimensions or more to cut, found 3"):
        MedianCut(LinearDiscriminants(20, 0)).fit(database)


def test_a_document_with_several_labels_is_learned_from_once_for_each(documents_of: Any) -> None:
    labels = [("b", "a"), (), ("c",), ("a", "a"), ("b",)]
    database = documents_of(np.array([[1, 2], [1, 1], [2, 1], [3, 1], [0, 0]]), labels)
    taught = Taught.draw(database, Points.of(database), 0, 10, "test")
    np.testing.assert_array_equal(taught.rows, [0, 2, 3])
    pairs = list(zip(taught.rows[taught.places].tolist(), taught.labels.tolist(), strict=True))
    assert pairs == [(0, "a"), (0, "b"), (2, "c"), (3, "a")]


@BOTH
def test_unlabelled_documents_are_placed_and_not_learned_from(make: Any, nuisance: Any) -> None:
    database, queries = nuisance
    labels = [of_one if row % 2 else () for row, of_one in enumerate(database.labels)]
    fitted = Projected(make(2, 0)).fit(replace(database, labels=labels))
    assert fitted.config["learned_from"] == 100
    assert len(fitted.documents) == 200
    assert np.isfinite(fitted.rank(queries).scores(np.arange(5))).all()


@pytest.mark.parametrize(
    ("make", "sample"),
    [(LinearDiscriminants, "_DISCRIMINANT_SAMPLE"), (NeighbourhoodComponents, "_NCA_SAMPLE")],
)
def test_learning_from_a_seeded_sample(
    make: Any, sample: str, nuisance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = nuisance
    monkeypatch.setattr(f"semhash.baselines.supervised.{sample}", 60)
    first, again, other = (Projected(make(2, seed)).fit(database) for seed in (0, 0, 1))
    assert first.config["learned_from"] == 60
    assert first.documents.shape == (200, 2)
    np.testing.assert_array_equal(first.documents, again.documents)
    assert not np.array_equal(first.documents, other.documents)


def test_a_descent_that_stops_early_does_so_silently(nuisance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings are errors here."""
    monkeypatch.setattr("semhash.baselines.supervised._NCA_ITERATIONS", 1)
    assert Projected(NeighbourhoodComponents(2, 0)).fit(nuisance[0]).size == 2


@BOTH
@pytest.mark.parametrize(
    ("labels", "found"), [([()] * 60, "none"), ([("a",), (), ()] * 20, "only 'a'")], ids=["none", "one"]
)
def test_without_two_different_labels_there_is_nothing_to_learn(
    make: Any, labels: Any, found: str, documents_of: Any
) -> None:
    database = documents_of(np.random.default_rng(0).integers(0, 4, (60, 30)), labels)
    with pytest.raises(
        EvaluationError,
        match=f"expected documents with two different labels or more in the database, found {found}; give labels",
    ):
        make(2, 0).learn(database)


def test_labels_that_no_two_documents_share_have_no_discriminants(documents_of: Any) -> None:
    dense = np.random.default_rng(0).integers(0, 4, (60, 30))
    database = documents_of(dense, [(f"label {row}",) for row in range(60)])
    with pytest.raises(EvaluationError, match="found as many labels as documents, 60; give labels that do"):
        LinearDiscriminants(2, 0).learn(database)


@BOTH
def test_documents_that_are_all_alike_cannot_be_told_apart(make: Any, documents_of: Any) -> None:
    database = documents_of(np.ones((30, 20), dtype=np.int64), [("a",), ("b",)] * 15)
    with pytest.raises(
        EvaluationError, match="that differ in their words, found 30 that are alike; give more"
    ):
        make(1, 0).learn(database)


def test_neighbourhood_components_need_as_many_labelled_documents_as_dimensions(documents_of: Any) -> None:
    dense = np.random.default_rng(0).integers(1, 4, (60, 30))
    database = documents_of(dense, [("a",), ("b",)] * 5 + [()] * 50)
    with pytest.raises(EvaluationError, match=r"NCA: expected 20 documents with words .* found 10 and 30"):
        NeighbourhoodComponents(20, 0).learn(database)
    assert Projected(NeighbourhoodComponents(10, 0)).fit(database).size == 10
