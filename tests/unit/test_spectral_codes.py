from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.autoencoder.spectral_codes import (
    hellinger,
    iterative_quantisation,
    principal_components,
    spectral_bits,
)

Floats = NDArray[np.floating[Any]]
SEEDS = pytest.mark.parametrize("seed", range(3))


def distributions(n: int = 30, n_words: int = 12, seed: int = 0) -> Floats:
    """Documents' shares of words, many of which they do not have."""
    random = np.random.default_rng(seed)
    weights = random.random((n, n_words)) * (random.random((n, n_words)) < 0.5)
    weights[:, 0] += 0.01
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def squared_hellinger(p: Floats) -> Floats:
    """One minus the Bhattacharyya coefficient of every two distributions."""
    return np.array([[1 - np.sqrt(a * b).sum() for b in p] for a in p])


def all_points(targets: Floats) -> Floats:
    return np.concatenate(list(hellinger(targets)))


def planted(n_topics: int = 6, n: int = 20, seed: int = 0) -> tuple[Floats, NDArray[np.int64]]:
    """Targets of documents, each with a topic's own ten words and some that all share, and their topics."""
    random = np.random.default_rng(seed)
    topics = np.repeat(np.arange(n_topics), n)
    shares = np.zeros((len(topics), 10 * n_topics + 20))
    for row, topic in enumerate(topics):
        shares[row, 10 * topic : 10 * topic + 10] = 0.6 * random.dirichlet(np.full(10, 50.0))
        shares[row, 10 * n_topics :] = 0.4 * random.dirichlet(np.full(20, 50.0))
    return shares.astype(np.float32), topics


def apart(bits: Floats) -> Floats:
    """Hamming distance of every two codes."""
    return np.asarray(np.abs(bits[:, None] - bits[None]).sum(axis=2))


def rotation(bits: int, seed: int) -> Floats:
    return np.asarray(np.linalg.qr(np.random.default_rng(seed).standard_normal((bits, bits)))[0])


def error(points: Floats, turned: Floats) -> float:
    """What rounding to bits costs: ``||sign(X R) - X R||^2``."""
    found = points @ turned
    return float(np.square(np.where(found > 0, 1, -1) - found).sum())


@SEEDS
def test_angles_between_points_are_those_that_hellinger_distances_give(seed: int) -> None:
    """Torgerson's double centring turns twice the squared distances into inner products about the mean."""
    p = distributions(seed=seed)
    centring = np.eye(len(p)) - 1 / len(p)
    inner = -0.5 * centring @ (2 * squared_hellinger(p)) @ centring
    lengths = np.sqrt(np.diag(inner))
    points = all_points(p)
    np.testing.assert_allclose(points @ points.T, inner / np.outer(lengths, lengths), atol=1e-5)


def test_squared_distances_are_twice_hellingers_but_for_the_scale() -> None:
    """Of one document's words put one on in turn, the mean is equally far from all: one scale does for them."""
    p = np.stack([np.roll(distributions(1)[0], shift) for shift in range(12)])
    to_the_mean = 1 - np.sqrt(p[0]).sum() ** 2 / 12
    points = all_points(p).astype(np.float64)
    squared = np.square(points[:, None] - points[None]).sum(axis=2)
    np.testing.assert_allclose(squared * to_the_mean, 2 * squared_hellinger(p), atol=1e-5)


def test_a_points_place_does_not_hang_on_the_unit_of_the_targets() -> None:
    p = distributions()
    np.testing.assert_allclose(all_points(100 * p), all_points(p), atol=1e-5)


@SEEDS
@pytest.mark.parametrize(("n", "n_words", "kept"), [(30, 12, 11), (12, 30, 5), (3, 40, 2), (5000, 60, 8)])
def test_components_are_those_of_the_whole_decomposition(n: int, n_words: int, kept: int, seed: int) -> None:
    """Whatever the rotation and the signs, they keep the inner products of the best projection there is."""
    targets = distributions(n, n_words, seed) * np.geomspace(1, 1e-3, n_words)
    left, values, _ = np.linalg.svd(all_points(targets).astype(np.float64), full_matrices=False)
    best = left[:, :kept] * values[:kept]
    found = principal_components(targets, kept, seed)
    assert found.shape == (n, kept)
    assert found.dtype == np.float32
    some = np.random.default_rng(seed).integers(0, n, 40)
    np.testing.assert_allclose(found[some] @ found[some].T, best[some] @ best[some].T, atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), values[:kept], rtol=2e-3)


def test_documents_that_are_all_alike_have_one_code() -> None:
    found = spectral_bits(np.tile(distributions(1), (5, 1)), 16, 32, 0.5, seed=0)
    assert set(found.ravel().tolist()) <= {0.0, 1.0}
    assert len(np.unique(found, axis=0)) == 1


@SEEDS
def test_every_round_of_quantisation_costs_less_than_the_one_before_until_none_does(seed: int) -> None:
    points = np.random.default_rng(seed).standard_normal((200, 10))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    errors = [error(points, iterative_quantisation(points, rounds, seed)) for rounds in range(30)]
    assert (np.diff(errors) < 1e-9 * errors[0]).all()
    assert errors[-1] < errors[0] - 1


@SEEDS
def test_a_round_finds_the_best_rotation_for_the_bits_that_it_had(seed: int) -> None:
    """Any turn away from it, however small or large, is farther from those bits."""
    points = np.random.default_rng(seed).standard_normal((100, 6))
    before, after = (iterative_quantisation(points, rounds, seed) for rounds in (4, 5))
    rounded = np.where(points @ before > 0, 1, -1)

    def cost(turned: Floats) -> float:
        return float(np.square(rounded - points @ turned).sum())

    for attempt in range(50):
        other = rotation(6, 1000 + attempt)
        skew = (other - other.T) * 10.0 ** -(attempt % 5)
        turn = np.linalg.solve(
            np.eye(6) + skew, np.eye(6) - skew
        )  # Cayley: a rotation, near none for a small skew
        assert cost(after) <= cost(after @ turn) + 1e-9
        assert cost(after) <= cost(other) + 1e-9


@pytest.mark.parametrize("bits", [1, 5, 40])
@pytest.mark.parametrize("rounds", [0, 1, 50])
def test_a_rotation_keeps_all_lengths_and_angles(bits: int, rounds: int) -> None:
    """Even of points that leave some dimensions out, and of fewer points than dimensions."""
    points = np.random.default_rng(0).standard_normal((12, bits))
    points[:, bits // 2 + 1 :] = 0
    found = iterative_quantisation(points, rounds, seed=0)
    np.testing.assert_allclose(found.T @ found, np.eye(bits), atol=1e-12)


@SEEDS
def test_the_corners_of_a_turned_hypercube_are_found_again_up_to_order_and_sign(seed: int) -> None:
    """From about every second start; from the others it ends in a lesser minimum, as it may."""
    random = np.random.default_rng(seed)
    corners = np.where(random.random((500, 6)) < 0.5, -1.0, 1.0)
    turned = rotation(6, seed)
    starts = [iterative_quantisation(corners @ turned, 50, start) for start in range(20)]
    best = min(starts, key=lambda found: error(corners @ turned, found))
    matched = turned @ best
    np.testing.assert_allclose(np.abs(matched).max(axis=0), 1, atol=1e-9)
    assert sorted(np.abs(matched).argmax(axis=0).tolist()) == list(range(6))
    assert error(corners @ turned, best) < 1e-9
    assert sum(error(corners @ turned, found) < 1e-9 for found in starts) >= 3


@SEEDS
@pytest.mark.parametrize("bits", [8, 20, 64])
def test_documents_of_a_topic_have_one_code_and_those_of_two_have_two(bits: int, seed: int) -> None:
    targets, topics = planted(seed=seed)
    found = apart(
        spectral_bits(targets, bits, 5, 0.5, seed)
    )  # six topics about their mean span five dimensions
    same = topics[:, None] == topics[None]
    assert found[same].max() == 0
    assert found[~same].min() >= bits / 8
    assert found[~same].mean() > bits / 2


def test_of_more_bits_than_components_distances_follow_the_angles() -> None:
    """Every bit tells on which side of a plane a point is: two points differ in the share of planes between them."""
    points = np.random.default_rng(0).dirichlet(np.full(60, 0.2), 200)
    centred = all_points(points).astype(np.float64)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    kept = (left * values)[:, :32]
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    others = ~np.eye(200, dtype=bool)
    angles = np.arccos(np.clip(kept @ kept.T, -1, 1))[others] / np.pi

    def follows(bits: int) -> float:
        found = spectral_bits(points, bits, 32, 0.0, seed=0)
        shares = found.mean(axis=0)
        assert ((shares > 0.2) & (shares < 0.8)).all()
        assert np.unique(found, axis=1).shape == (200, bits)
        distances = apart(found)[others] / bits
        assert distances.mean() == pytest.approx(angles.mean(), abs=0.02)
        return float(np.corrcoef(distances, angles)[0, 1])

    assert follows(32) < follows(64) < follows(96)
    assert follows(64) > 0.7


def test_whitening_weighs_all_components_alike() -> None:
    """Of two groups and some faint differences, whitened bits tell of the differences too."""
    random = np.random.default_rng(0)
    signs = np.where(random.random((400, 9)) < 0.5, -1.0, 1.0)
    strength = np.array([0.9, *[0.05] * 8])
    targets = np.concatenate([1 + strength * signs, 1 - strength * signs], axis=1) / 18

    faint = apart((signs[:, 1:] > 0).astype(float))
    alike = (signs[:, :1] == signs[:, 0]) & ~np.eye(400, dtype=bool)

    def told(whitening: float) -> float:
        """How many bits of the codes a faint difference is worth, in one group."""
        found = apart(spectral_bits(targets, 9, 9, whitening, seed=0))[alike]
        return float(np.cov(found, faint[alike])[0, 1] / np.var(faint[alike]))

    assert told(0.0) < told(0.5) < told(1.0)
    assert told(1.0) > 0.4


def test_a_seed_gives_one_guide() -> None:
    targets, _ = planted()
    first, again, other = (spectral_bits(targets, 20, 32, 0.5, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_fewer_documents_than_bits_have_codes_too_and_each_its_own(n: int) -> None:
    found = spectral_bits(np.eye(n, 50), 20, 32, 0.5, seed=0)
    assert found.shape == (n, 20)
    assert set(found.ravel().tolist()) == {0.0, 1.0}
    assert len(np.unique(found, axis=0)) == n
