from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from semhash.baselines.hashing.components import enough, principal_components
from semhash.errors import EvaluationError

SEEDS = pytest.mark.parametrize("seed", range(3))


def some_points(n: int, n_words: int, share: float, seed: int) -> Any:
    return sp.random(n, n_words, share, "csr", dtype=np.float32, random_state=seed)


@SEEDS
@pytest.mark.parametrize(("n", "n_words"), [(60, 40), (40, 600), (400, 300)])
def test_components_are_those_of_the_dense_centred_points(n: int, n_words: int, seed: int) -> None:
    """By both ways: all eigenvectors of few words, and by iteration those that are asked for."""
    points = some_points(n, n_words, 0.2, seed)
    found = principal_components(points, 12, seed)
    dense = points.toarray().astype(np.float64)
    _, values, right = np.linalg.svd(dense - dense.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(found.variances, values[:12] ** 2 / n, rtol=1e-9)
    np.testing.assert_allclose(np.abs(np.diag(right[:12] @ found.directions)), 1, atol=1e-6)
    np.testing.assert_allclose(found.mean, dense.mean(axis=0), atol=1e-12)
    places = found.project(points)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(places.T @ places / n, np.diag(found.variances), atol=1e-9)


@SEEDS
@pytest.mark.parametrize("n_words", [50, 700])
def test_no_more_components_are_found_than_directions_that_points_vary_in(n_words: int, seed: int) -> None:
    points = some_points(6, n_words, 0.3, seed)
    found = principal_components(points[np.tile(np.arange(6), 20)], 20, seed)
    assert len(found.variances) == 5
    assert enough(found, 5, "a method") is found
    with pytest.raises(
        EvaluationError, match="a method: expected documents that vary in 6 directions or more, found 5"
    ):
        enough(found, 6, "a method")


@pytest.mark.parametrize("n_words", [50, 700])
def test_points_that_are_all_alike_have_no_component(n_words: int) -> None:
    row = np.random.default_rng(0).random((1, n_words)).astype(np.float32)
    found = principal_components(sp.csr_matrix(np.tile(row, (30, 1))), 8, 0)
    assert found.directions.shape == (n_words, 0)


def test_directed_points_have_length_1_and_keep_their_direction() -> None:
    points = some_points(30, 20, 0.3, 0)
    found = principal_components(points, 5, 0)
    places, directed = found.project(points), found.directed(points)
    np.testing.assert_allclose(np.linalg.norm(directed, axis=1), 1)
    np.testing.assert_allclose((places * directed).sum(axis=1), np.linalg.norm(places, axis=1))
