"""Numbers as people read them."""

import pytest

from semhash.drawing import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.5714, "0.571"), (None, "–"), (-0.02, "−0.020"), (1.0, "1.000"), (0.0004, "0.000")],
)
def test_measures_have_three_digits(value: float | None, written: str) -> None:
    assert numbers.figure(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.2611, "+0.261"), (-0.0196, "−0.020"), (0.0, "0.000"), (-0.0004, "0.000")]
)
def test_differences_have_a_sign_unless_they_round_to_nothing(value: float, written: str) -> None:
    assert numbers.signed(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2.5, "2.5"),
        (0.0342, "0.034"),
        (3104.4, "3,104"),
        (16.0, "16"),
        (0, "0"),
        (99.96, "100"),
        (1.256, "1.26"),
    ],
)
def test_amounts_have_about_three_digits(value: float, written: str) -> None:
    assert numbers.amount(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0001, "p < 0.001"), (0.0042, "p = 0.004"), (0.0311, "p = 0.03"), (1.0, "p = 1.00")],
)
def test_p_values_are_not_more_exact_than_their_test(value: float, written: str) -> None:
    assert numbers.p_value(value) == written


def test_a_p_value_at_the_edge_is_not_rounded_onto_the_level() -> None:
    assert numbers.p_value(0.0496) == "p = 0.0496"
    assert numbers.p_value(0.0504) == "p = 0.0504"


def test_times_are_whole_where_there_are_many() -> None:
    assert [numbers.ratio(value) for value in (204.8, 12.4, 1.6, 2.04)] == ["205", "12", "1.6", "2"]


def test_lists_and_counts_read_as_english() -> None:
    assert numbers.listed(["a"]) == "a"
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"
    assert numbers.counted(1, "query", "queries") == "1 query"
    assert numbers.counted(7532, "query", "queries") == "7,532 queries"
    assert numbers.spread(0.5, 0.01) == "0.500 ±\N{NO-BREAK SPACE}0.010"
    assert numbers.spread(0.5, None) == "0.500"
    assert numbers.interval((0.1, 0.2)) == "0.100–0.200"
