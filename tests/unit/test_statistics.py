"""Intervals and tests: worked by hand, against scipy, and by how often they are wrong where the truth is known."""

import tracemalloc
from itertools import product
from math import sqrt

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from semhash.errors import EvaluationError
from semhash.evaluation.statistics import bootstrap_interval, holm, randomisation_test


def skewed(random: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Values as queries have them: between 0 and 1, most of them small, some exactly 0; their mean is 0.2."""
    return np.where(random.random(n) < 0.2, 0, random.beta(0.5, 1.5, n))


@pytest.mark.parametrize(("level", "least", "most"), [(0.95, 0.89, 0.98), (0.5, 0.42, 0.58)])
def test_intervals_hold_the_truth_as_often_as_they_say(level: float, least: float, most: float) -> None:
    random = np.random.default_rng(7)
    held = []
    for seed in range(400):
        low, high = bootstrap_interval(skewed(random, 80), seed, level, resamples=300)
        held.append(low <= 0.2 <= high)
    assert least <= np.mean(held) <= most


def test_intervals_are_about_those_of_the_normal_distribution_and_of_scipy() -> None:
    values = skewed(np.random.default_rng(1), 2000)
    low, high = bootstrap_interval(values, seed=0)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 10)
    theirs = scipy.stats.bootstrap((values,), np.mean, n_resamples=2000, method="percentile", rng=3)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), abs=half / 10)
    assert bootstrap_interval(values, seed=0) == (low, high)
    assert bootstrap_interval(values, seed=1) != (low, high)
    narrow_low, narrow_high = bootstrap_interval(values, seed=0, level=0.8)
    assert low < narrow_low < values.mean() < narrow_high < high


def test_intervals_of_one_query_and_of_equal_ones_are_points() -> None:
    assert bootstrap_interval(np.array([0.3]), seed=0) == (0.3, 0.3)
    assert bootstrap_interval(np.full(50, 0.25), seed=0) == (0.25, 0.25)


def test_the_smallest_tests_are_exact() -> None:
    """Three queries: eight changes of sign, of which only all three alike are as large; p is 2/8."""
    first, second = np.array([0.3, 0.5, 0.9]), np.array([0.1, 0.4, 0.5])
    assert randomisation_test(first, second, seed=0) == 2 / 8
    # differences 0.2, 0.1 and -0.4: |sum| is 0.1, and every change gives that or more
    assert randomisation_test(np.array([0.3, 0.5, 0.5]), np.array([0.1, 0.4, 0.9]), seed=0) == 1
    # 4 and -1: the sum is 3; of 5, 3, -3 and -5 all are as large
    assert randomisation_test(np.array([4.0, 0]), np.array([0, 1.0]), seed=0) == 1
    # 5, 3 and -1: of 9, 7, 3, 1 and their negatives, two and two are as large as 7
    assert randomisation_test(np.array([5.0, 3, 0]), np.array([0, 0, 1.0]), seed=0) == 4 / 8


def test_equal_methods_have_p_one() -> None:
    values = skewed(np.random.default_rng(0), 300)
    assert randomisation_test(values, values, seed=0) == 1
    assert randomisation_test(np.zeros(0), np.zeros(0), seed=0) == 1


@pytest.mark.parametrize("n", [1, 5, 12])
def test_exact_p_values_are_those_of_every_change_of_sign(n: int) -> None:
    random = np.random.default_rng(n)
    first, second = random.random(n).round(1), random.random(n).round(1)
    means = [np.mean((first - second) * signs) for signs in product((1, -1), repeat=n)]
    expected = np.mean(np.abs(means) >= abs(np.mean(first - second)) - 1e-12)
    assert randomisation_test(first, second, seed=0) == pytest.approx(expected)
    together, apart = np.append(first, [0.5] * 40), np.append(second, [0.5] * 40)
    assert randomisation_test(together, apart, seed=0) == pytest.approx(expected)


def test_drawn_p_values_are_near_the_exact_ones() -> None:
    random = np.random.default_rng(5)
    first = random.random(15)
    second = first - random.normal(0.15, 0.2, 15)

    def mean_difference(x: NDArray[np.float64], y: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        return np.asarray(np.mean(x - y, axis=axis))

    theirs = scipy.stats.permutation_test(
        (first, second), mean_difference, permutation_type="samples", n_resamples=2**15, vectorized=True
    )
    exact = float(theirs.pvalue)
    assert 0.01 < exact < 0.5
    rounds = 20_000
    found = randomisation_test(first, second, seed=0, rounds=rounds)
    assert found == pytest.approx(exact, abs=5 * sqrt(exact * (1 - exact) / rounds))
    assert (found * (rounds + 1)) == pytest.approx(round(found * (rounds + 1)))  # b + 1 of rounds + 1


def test_without_a_difference_p_is_uniform() -> None:
    random = np.random.default_rng(11)
    p_values = []
    for seed in range(600):
        first = skewed(random, 40)
        p_values.append(randomisation_test(first, first + random.normal(0, 0.1, 40), seed, rounds=199))
    for level in (0.05, 0.25, 0.5, 0.75):
        allowed = 4 * np.sqrt(level * (1 - level) / len(p_values))
        assert np.mean(np.array(p_values) <= level) == pytest.approx(level, abs=allowed)


def test_a_difference_is_found_in_either_direction() -> None:
    random = np.random.default_rng(2)
    first = skewed(random, 200)
    second = first + random.normal(0.05, 0.1, 200)
    assert randomisation_test(first, second, seed=0, rounds=999) == 1 / 1000
    assert randomisation_test(second, first, seed=0, rounds=999) == 1 / 1000


def test_holm_by_hand() -> None:
    """0.01 x 4, 0.02 x 3, 0.03 x 2 and 0.04 x 1, and none below one before it."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.001, 0.02, 0.9]) == pytest.approx([0.003, 0.04, 0.9])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([0.3]) == [0.3]
    assert holm([]) == []


def test_holm_rejects_what_the_step_down_rule_rejects() -> None:
    """Go up from the smallest p-value while it is at most level / (how many are left)."""
    random = np.random.default_rng(0)
    for _ in range(50):
        p_values = random.random(6) ** 4
        for level in (0.01, 0.05, 0.2):
            rejected = set()
            for left, at in zip(range(6, 0, -1), np.argsort(p_values).tolist(), strict=True):
                if p_values[at] > level / left:
                    break
                rejected.add(at)
            assert {at for at, p in enumerate(holm(p_values.tolist())) if p <= level} == rejected


def test_memory_stays_bounded() -> None:
    random = np.random.default_rng(0)
    first, second = random.random(10_000), random.random(10_000)
    tracemalloc.start()
    try:
        randomisation_test(first, second, seed=0, rounds=2000)
        bootstrap_interval(first, seed=0, resamples=2000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50e6  # all at once would be 160 MB


def test_what_cannot_be_used_is_refused_in_words() -> None:
    with pytest.raises(EvaluationError, match=r"expected a value or more.*found 0, 0.95 and 2000"):
        bootstrap_interval(np.zeros(0), seed=0)
    with pytest.raises(EvaluationError, match=r"a level above 0 and below 1.*found 2, 95 and 2000"):
        bootstrap_interval(np.zeros(2), seed=0, level=95)
    with pytest.raises(EvaluationError, match=r"values: expected one finite number a query"):
        bootstrap_interval(np.array([0, np.nan]), seed=0)
    with pytest.raises(EvaluationError, match=r"first: expected one finite number a query.*\(2, 2\)"):
        randomisation_test(np.zeros((2, 2)), np.zeros(2), seed=0)
    with pytest.raises(EvaluationError, match=r"found 2 and 3 values and 10000 rounds"):
        randomisation_test(np.zeros(2), np.zeros(3), seed=0)
    with pytest.raises(EvaluationError, match=r"p-values: expected numbers from 0 to 1, found 1.5"):
        holm([0.5, 1.5])
    with pytest.raises(EvaluationError, match=r"found nan"):
        holm([float("nan")])
