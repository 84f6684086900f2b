from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from semhash.baselines.hashing.points import Points
from semhash.baselines.hashing.self_taught import (
    SelfTaughtHashing,
    halved,
    laplacian_eigenmap,
    neighbour_graph,
)
from semhash.codes import hamming_matrix, unpack

Floats = NDArray[np.float64]
SEEDS = pytest.mark.parametrize("seed", range(3))


def directions(n: int, seed: int, n_words: int = 50) -> Any:
    """Points of length 1 with some words each."""
    random = np.random.default_rng(seed)
    points = random.random((n, n_words)) * (random.random((n, n_words)) < 0.2)
    points[:, 0] += 0.1
    return sp.csr_matrix(points / np.linalg.norm(points, axis=1, keepdims=True))


@SEEDS
@pytest.mark.parametrize("n", [40, 700])
def test_documents_are_joined_by_their_cosine_if_either_names_the_other(n: int, seed: int) -> None:
    points = directions(n, seed)
    cosines = (points @ points.T).toarray()
    np.fill_diagonal(cosines, -1)
    among = cosines >= np.sort(cosines, axis=1)[:, -5][:, None]
    expected = np.where(among | among.T, cosines, 0)
    np.testing.assert_allclose(neighbour_graph(points, 5).toarray(), expected, atol=1e-12)


def test_documents_that_share_no_word_are_not_joined() -> None:
    graph = neighbour_graph(sp.block_diag([directions(4, 0), directions(4, 1)], format="csr"), 6).toarray()
    assert not graph[:4, 4:].any()
    assert (graph[:4, :4] > 0).sum() == 12


@SEEDS
@pytest.mark.parametrize("n", [60, 600])
def test_the_eigenmap_solves_the_generalised_problem_for_the_smallest_eigenvalues(n: int, seed: int) -> None:
    """All of them for few documents, by iteration for many: as scipy solves it, dense and whole."""
    graph = neighbour_graph(directions(n, seed), 8)
    weights = graph.toarray()
    degrees = np.diag(weights.sum(axis=1))
    values = scipy.linalg.eigh(degrees - weights, degrees, eigvals_only=True)[1:6]
    found = laplacian_eigenmap(graph, 5, seed)
    np.testing.assert_allclose((degrees - weights) @ found, degrees @ found * values, atol=1e-8)
    np.testing.assert_allclose(found.T @ degrees @ found, np.eye(5), atol=1e-8)
    np.testing.assert_allclose(degrees.diagonal() @ found, 0, atol=1e-8)


@SEEDS
def test_parts_that_nothing_joins_are_told_apart_first(seed: int) -> None:
    """Each part has an eigenvalue of 0; the first dimensions are then the same all over a part."""
    parts = [directions(n, seed + n) for n in (20, 25, 30)]
    found = laplacian_eigenmap(neighbour_graph(sp.block_diag(parts, format="csr"), 8), 8, seed)
    ends = np.cumsum([0, 20, 25, 30])
    means = np.array([found[a:b, :2].mean(axis=0) for a, b in pairwise(ends)])
    for (a, b), mean in zip(pairwise(ends), means, strict=True):
        np.testing.assert_allclose(found[a:b, :2], np.broadcast_to(mean, (b - a, 2)), atol=1e-8)
    assert np.linalg.matrix_rank(means - means.mean(axis=0), tol=1e-4) == 2


def test_a_document_without_neighbours_stands_alone_and_spoils_nothing() -> None:
    graph = neighbour_graph(directions(30, 0), 8)
    with_one = sp.block_diag([graph, sp.csr_matrix((1, 1))], format="csr")
    alone, rest = laplacian_eigenmap(with_one, 6, 0), laplacian_eigenmap(graph, 5, 0)
    assert np.isfinite(alone).all()
    np.testing.assert_allclose(
        np.abs(alone[:30, 1:].T @ np.diag(np.asarray(graph.sum(axis=1)).ravel()) @ rest), np.eye(5), atol=1e-8
    )


def test_half_of_the_documents_have_either_bit() -> None:
    assert halved(np.random.default_rng(0).standard_normal((100, 9))).sum(axis=0).tolist() == [50] * 9


@pytest.mark.parametrize("column", [[0, 0, 0, 0, 1], [0, 1, 1, 1, 1], [0, 0, 1, 1, 1], [3, 1, 1, 2, 2]])
def test_every_bit_parts_the_documents_between_two_values(column: list[int]) -> None:
    values = np.array(column, dtype=np.float64)
    bit = halved(values[:, None])[:, 0]
    assert bit.any()
    assert not bit.all()
    assert values[bit].min() > values[~bit].max()


@SEEDS
def test_codes_of_unseen_documents_are_nearest_to_those_of_their_topic(
    seed: int, planted_topics: Any
) -> None:
    database, topics = planted_topics(n_topics=8, seed=seed)
    queries, asked = planted_topics(n_topics=8, n=5, seed=100 + seed)
    ranking = SelfTaughtHashing(8, seed).fit(database).rank(queries)
    distances = hamming_matrix(ranking.queries, ranking.documents)
    to_topic = np.stack([distances[:, topics == topic].mean(axis=1) for topic in range(8)], axis=1)
    assert (to_topic.argmin(axis=1) == asked).mean() > 0.95


@SEEDS
def test_classifiers_are_taught_the_eigenmap_and_give_every_document_its_code(
    seed: int, planted_topics: Any
) -> None:
    """Those of the database have most of the bits that were taught, and unseen ones what scikit-learn predicts."""
    database, _ = planted_topics(n_topics=5, seed=seed)
    queries, _ = planted_topics(n_topics=5, n=20, seed=100 + seed)
    points = Points.of(database)
    sample = points.at(np.arange(len(database)))
    taught = halved(laplacian_eigenmap(neighbour_graph(sample, 25), 8, seed))
    machines = [LinearSVC(random_state=seed).fit(sample, bit) for bit in taught.T]
    asked = points.weighting.weigh(queries.coded)
    ranking = SelfTaughtHashing(8, seed).fit(database).rank(queries)
    predicted = np.stack([machine.predict(asked) for machine in machines], axis=1)
    np.testing.assert_array_equal(unpack(ranking.queries, 8), predicted)
    assert (unpack(ranking.documents, 8) == taught)[:, :3].mean() > 0.9
