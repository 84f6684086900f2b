"""Precision at levels of recall: worked by hand, by enumerating every order, and where no enumeration reaches."""

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.evaluation.metrics import recall_levels
from semhash.evaluation.metrics.expected import average_precision
from semhash.evaluation.metrics.harmonic import reciprocal_sum
from semhash.evaluation.metrics.recall_levels import LEVELS, mean_reciprocal_place
from semhash.evaluation.metrics.shells import Shells


def shells(*counted: tuple[int, int]) -> Shells:
    documents, relevant = zip(*counted, strict=True)
    return Shells(np.array([documents]), np.array([relevant]), np.array([relevant], dtype=np.float64))


def whole(*numbers: int) -> list[NDArray[np.int64]]:
    return [np.array([number]) for number in numbers]


def test_a_list_worked_by_hand() -> None:
    """Hits at places 1, 3, 4 and 8, the fifth relevant document was not found.

    Levels 0, 0.1 and 0.2 stand for the first, 0.3 and 0.4 for the second, and so on: 1/1, 2/3, 3/4, 4/8; at 0.9
    and 1 there is none.
    """
    hits = np.array([[1, 0, 1, 1, 0, 0, 0, 1]], dtype=bool)
    found = recall_levels.precision(hits, np.array([5]))
    expected = [1, 1, 1, 2 / 3, 2 / 3, 3 / 4, 3 / 4, 4 / 8, 4 / 8, 0, 0]
    assert found[0].tolist() == pytest.approx(expected)


def test_levels_are_rounded_up_without_rounding_errors() -> None:
    """0.3 of 10 is 3, and 0.7 of 10 is 7, whatever 0.1 is in binary; of 190,000 too."""
    assert pytest.approx(np.arange(11) / 10) == LEVELS
    assert recall_levels.ordinals(np.array([10]))[0].tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert recall_levels.ordinals(np.array([3]))[0].tolist() == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]
    assert recall_levels.ordinals(np.array([190_000]))[0, 3] == 57_000
    assert recall_levels.ordinals(np.array([1]))[0].tolist() == [1] * 11


def test_codes_worked_by_hand() -> None:
    """Three nearest documents, one of them relevant; then two, both relevant.

    The first relevant one is at place 1, 2 or 3: (1 + 1/2 + 1/3) / 3 = 11/18. The second is at 4, the third at 5.
    """
    found = recall_levels.expected_precision(shells((3, 1), (2, 2)))
    assert found[0].tolist() == pytest.approx([11 / 18] * 4 + [2 / 4] * 3 + [3 / 5] * 4, abs=1e-15)


def test_nothing_found_and_nothing_to_find() -> None:
    assert recall_levels.precision(np.zeros((2, 4), dtype=bool), np.array([3, 0])).tolist() == [[0] * 11] * 2
    assert recall_levels.precision(np.zeros((0, 4), dtype=bool), np.zeros(0, dtype=np.int64)).shape == (0, 11)
    assert recall_levels.expected_precision(shells((3, 0), (2, 0))).tolist() == [[0] * 11]
    assert recall_levels.expected_precision(shells((1, 1))).tolist() == [[1] * 11]


def test_mean_reciprocal_places_are_those_of_every_order() -> None:
    """Exact fractions over all ways to place m relevant among n documents, for every small case."""
    cases, expected = [], []
    for before in (0, 1, 7):
        for n in range(1, 9):
            for m in range(1, n + 1):
                ways = list(combinations(range(1, n + 1), m))
                for j in range(1, m + 1):
                    cases.append((before, n, m, j))
                    expected.append(float(sum(Fraction(1, before + way[j - 1]) for way in ways) / len(ways)))
    np.testing.assert_allclose(mean_reciprocal_place(*np.array(cases).T), expected, rtol=1e-14)


@pytest.mark.parametrize("before", [0, 3, 900, 10**6])
def test_mean_reciprocal_places_are_those_of_the_distribution(before: int) -> None:
    """The sum over the negative hypergeometric distribution, in whole numbers, on both sides of a block's end."""
    cases = [(130, 1, 1), (130, 2, 2), (129, 1, 1), (300, 5, 1), (300, 5, 5), (300, 150, 75), (400, 399, 7)]
    for n, m, j in cases:
        weights = [comb(x - 1, j - 1) * comb(n - x, m - j) for x in range(1, n + 1)]
        assert sum(weights) == comb(n, m)
        exact = sum(Fraction(weight, before + x) for x, weight in enumerate(weights, 1)) / comb(n, m)
        found = mean_reciprocal_place(*whole(before, n, m, j))
        assert found == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("before", [0, 50, 150_000])
@pytest.mark.parametrize(
    ("n", "m"), [(190_353, 1), (190_353, 3), (190_353, 190_353), (60_000, 700), (5000, 4999)]
)
def test_large_shells_keep_what_must_hold(before: int, n: int, m: int) -> None:
    """Summed over all relevant documents, each place of the shell is relevant with probability m/n: m/n S."""
    j = np.arange(1, m + 1)
    j = j if m < 1000 else j[:: max(1, m // 50)]
    before_, n_, m_ = (np.full(len(j), number) for number in (before, n, m))
    found = mean_reciprocal_place(before_, n_, m_, j)
    assert (np.diff(found) < 0).all()
    if len(j) == m:
        assert found.sum() == pytest.approx(m / n * reciprocal_sum(*whole(before, n))[0], rel=1e-10)
    mean_place = j * (n + 1) / (m + 1)
    assert (found >= (1 / (before + mean_place)) * (1 - 1e-12)).all()  # Jensen
    if m == n:
        np.testing.assert_allclose(found, 1 / (before + j), rtol=1e-12)


def test_levels_of_every_relevant_document_make_the_expected_average_precision() -> None:
    """The mean of i / place over all relevant documents is average precision: two closed forms meet."""
    counted = [(5, 0), (400, 37), (0, 0), (9000, 800), (50_000, 120)]
    table = shells(*counted)
    before = relevant_before = 0
    total = 0.0
    for n, m in counted:
        j = np.arange(1, m + 1)
        ones = np.ones(m, dtype=np.int64)
        total += ((relevant_before + j) * mean_reciprocal_place(before * ones, n * ones, m * ones, j)).sum()
        before, relevant_before = before + n, relevant_before + m
    assert average_precision(table)[0] == pytest.approx(total / relevant_before, rel=1e-11)


def test_queries_do_not_mix() -> None:
    random = np.random.default_rng(0)
    documents = random.integers(0, 400, (60, 9))
    relevant = random.integers(0, documents + 1)
    relevant[::7] = 0
    table = Shells(documents, relevant, relevant.astype(np.float64))
    together = recall_levels.expected_precision(table)
    for row in range(60):
        alone = Shells(documents[[row]], relevant[[row]], relevant[[row]].astype(np.float64))
        np.testing.assert_array_equal(recall_levels.expected_precision(alone)[0], together[row])
