from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.hashing.binary_reconstruction import Descent, Pairs, best_step, learn

Floats = NDArray[np.float64]
SEEDS = pytest.mark.parametrize("seed", range(3))


def cosines(n: int = 60, dimensions: int = 6, seed: int = 0) -> Floats:
    points = np.random.default_rng(seed).standard_normal((n, dimensions))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points @ points.T


def begun(seed: int, bits: int = 8) -> tuple[Descent, np.random.Generator]:
    random = np.random.default_rng(seed)
    kernel = cosines(seed=seed)
    return Descent.begin(kernel, Pairs.draw(kernel, random), bits, random), random


def brute_force(descent: Descent) -> float:
    """The objective from nothing but kernel, anchors and weights, pair by pair."""
    bits = len(descent.weights)
    codes = np.stack(
        [descent.kernel[:, a] @ w > 0 for a, w in zip(descent.anchors, descent.weights, strict=True)], axis=1
    )
    squares = [
        (quarter - (codes[i] != codes[j]).sum() / bits) ** 2
        for i, j, quarter in zip(
            descent.pairs.first,
            descent.pairs.second,
            (1 - descent.kernel[descent.pairs.first, descent.pairs.second]) / 2,
            strict=True,
        )
    ]
    return float(np.mean(squares))


@SEEDS
def test_the_objective_falls_at_each_pass_and_is_what_brute_force_gives(seed: int) -> None:
    descent, random = begun(seed)
    objectives = [descent.objective()]
    assert objectives[0] == pytest.approx(brute_force(descent))
    for _ in range(3):
        descent.go_through(random)
        objectives.append(descent.objective())
        assert objectives[-1] == pytest.approx(brute_force(descent))
    assert (np.diff(objectives) <= 0).all()
    assert objectives[1] < 0.8 * objectives[0]


@SEEDS
def test_no_single_weight_makes_the_objective_rise(seed: int) -> None:
    descent, random = begun(seed)
    before = descent.objective()
    for _ in range(40):
        descent.improve(int(random.integers(8)), int(random.integers(descent.weights.shape[1])))
        assert descent.objective() <= before + 1e-12
        before = descent.objective()
    assert descent.objective() == pytest.approx(brute_force(descent))


@SEEDS
def test_no_other_value_of_a_weight_is_better_than_the_one_chosen(seed: int) -> None:
    """Tried on a fine lattice, and far out on either side."""
    descent, _ = begun(seed)
    for anchor in range(3):
        descent.improve(2, anchor)
        chosen, found = descent.weights[2, anchor], descent.objective()
        for value in [*np.linspace(-3, 3, 16), -1e6, 1e6]:
            descent.weights[2, anchor] = value
            assert brute_force(descent) >= found - 1e-12
        descent.weights[2, anchor] = chosen


def some_pairs(n: int, n_pairs: int, random: np.random.Generator) -> Pairs:
    ends = random.integers(0, n, (n_pairs, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    return Pairs(ends[:, 0], ends[:, 1], np.zeros(len(ends)))


@pytest.mark.parametrize("seed", range(20))
def test_the_best_step_is_the_best_of_all_intervals(seed: int) -> None:
    """With documents that no step moves, and with ties of flips, which part nothing."""
    random = np.random.default_rng(seed)
    values = random.integers(-4, 5, 14).astype(np.float64) + 0.5
    slopes = random.integers(-2, 3, 14).astype(np.float64)
    pairs = some_pairs(14, 40, random)
    costs = random.standard_normal(len(pairs.first))

    def total(step: float) -> float:
        return float(costs[pairs.differ(values + step * slopes > 0)].sum())

    moving = slopes != 0
    flips = np.unique(-values[moving] / slopes[moving])
    between = [flips[0] - 1, *(flips[1:] + flips[:-1]) / 2, flips[-1] + 1]
    step = best_step(values, slopes, pairs, costs)
    assert total(step) == pytest.approx(min(total(tried) for tried in between))


@pytest.mark.parametrize("cost", [1.0, 0.0])
def test_where_nothing_is_better_no_step_is_taken(cost: float) -> None:
    """All documents have one bit, and to differ costs something, or nothing either way."""
    random = np.random.default_rng(0)
    pairs = some_pairs(8, 20, random)
    slopes = random.standard_normal(8)
    assert best_step(random.random(8), slopes, pairs, np.full(len(pairs.first), cost)) == 0.0
    assert best_step(random.random(8), slopes, pairs, np.full(len(pairs.first), -1.0)) != 0.0


def test_where_nothing_moves_no_step_is_taken() -> None:
    random = np.random.default_rng(0)
    pairs = some_pairs(5, 10, random)
    assert best_step(np.ones(5), np.zeros(5), pairs, -np.ones(len(pairs.first))) == 0.0


@SEEDS
def test_pairs_are_the_nearest_and_some_others_none_twice_and_none_with_itself(seed: int) -> None:
    kernel = cosines(200, seed=seed)
    pairs = Pairs.draw(kernel, np.random.default_rng(seed))
    assert (pairs.first < pairs.second).all()
    assert len(np.unique(pairs.first * 200 + pairs.second)) == len(pairs.first)
    drawn = np.zeros((200, 200), dtype=bool)
    drawn[pairs.first, pairs.second] = drawn[pairs.second, pairs.first] = True
    nearest = np.argsort(-(kernel - 2 * np.eye(200)), axis=1)[:, :25]
    assert np.take_along_axis(drawn, nearest, axis=1).all()
    assert 0.05 < drawn[kernel < 0].mean() < 0.3
    squared = 2 - 2 * kernel[pairs.first, pairs.second]
    np.testing.assert_allclose(pairs.distances, squared / 4)


@SEEDS
def test_distances_of_codes_follow_those_of_the_points(seed: int) -> None:
    kernel = cosines(100, seed=seed)
    learned = kernel @ learn(kernel, 24, np.random.default_rng(seed)) > 0
    drawn = kernel @ np.random.default_rng(seed).standard_normal((100, 24)) > 0
    apart = ~np.eye(100, dtype=bool)

    def follows(codes: NDArray[Any]) -> float:
        return float(np.corrcoef((codes[:, None] != codes).sum(axis=2)[apart], -kernel[apart])[0, 1])

    assert follows(learned) > follows(drawn)
    assert follows(learned) > 0.85
