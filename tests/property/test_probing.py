"""Costs, the order of addresses by cost, and what is found by it, against sorting everything."""

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash import codes, hamming_table
from semhash.hamming_table import HammingTable
from semhash.lookup import probing
from semhash.lookup.code_scan import CodeScan
from semhash.lookup.neighbours import Probed, Prober
from semhash.lookup.probing import (
    MAX_COST,
    MIN_PROBABILITY,
    UNIT,
    cheapest_flips,
    code_costs,
    flip_costs,
    log_probability,
)

# Few values, so that sums tie; 0 and what is clipped among them.
COSTS = st.sampled_from([0, 1, 2, 3, 5, 1000, MAX_COST])


@st.composite
def flips(draw: st.DrawFn, min_bits: int, max_bits: int) -> list[int]:
    return draw(st.lists(COSTS | st.integers(0, MAX_COST), min_size=min_bits, max_size=max_bits))


def cost_of(mask: int, costs: list[int]) -> int:
    return sum(cost for bit, cost in enumerate(costs) if mask >> bit & 1)


@settings(max_examples=150, deadline=None)
@given(flips(1, 10), st.integers(1, 1100))
def test_the_cheapest_sets_of_flips_are_those_of_sorting_all_addresses(
    costs: list[int], at_least: int
) -> None:
    everything = sorted((cost_of(mask, costs), mask) for mask in range(2 ** len(costs)))
    limit = everything[min(at_least, len(everything)) - 1][0]
    masks, found = cheapest_flips(np.array(costs), at_least)
    assert list(zip(found.tolist(), masks.tolist(), strict=True)) == [e for e in everything if e[0] <= limit]


@dataclass(frozen=True)
class Case:
    flips: list[int]
    codes: list[int]
    rows: list[int]
    query: int

    @property
    def bits(self) -> int:
        return len(self.flips)

    def by_brute_force(self) -> list[tuple[int, int, int]]:
        """All documents as (cost, row, distance), likeliest first."""
        masks = (code ^ self.query for code in self.codes)
        found = ((cost_of(mask, self.flips), mask.bit_count()) for mask in masks)
        return sorted((cost, row, distance) for (cost, distance), row in zip(found, self.rows, strict=True))


@st.composite
def cases(draw: st.DrawFn, min_bits: int, max_bits: int) -> Case:
    costs = draw(flips(min_bits, max_bits))
    anywhere = st.integers(0, 2 ** len(costs) - 1)
    query = draw(anywhere)
    bits = st.lists(st.integers(0, len(costs) - 1), max_size=4, unique=True)
    near = bits.map(lambda places: query ^ sum(1 << place for place in places))
    found = draw(st.lists(near | anywhere | st.just(query), max_size=12))
    rows = draw(st.lists(st.integers(0, 40), min_size=len(found), max_size=len(found), unique=True))
    return Case(costs, found, rows, query)


def triples(found: Probed) -> list[tuple[int, int, int]]:
    arrays = (found.costs.tolist(), found.rows.tolist(), found.distances.tolist())
    return list(zip(*arrays, strict=True))


def assert_exact(prober: Prober, case: Case) -> None:
    expected = case.by_brute_force()
    for at_least in range(1, len(expected) + 3):
        limit = expected[min(at_least, len(expected)) - 1][0] if expected else 0
        found = prober.probe(case.query, np.array(case.flips), at_least)
        assert triples(found) == [each for each in expected if each[0] <= limit]


def scan(case: Case) -> CodeScan:
    """The documents among others that may not be found: rows that nothing stands for have the query's code."""
    every = [case.query] * 41
    for row, code in zip(case.rows, case.codes, strict=True):
        every[row] = code
    return CodeScan(
        codes.from_ints(every, case.bits), case.bits, np.sort(np.array(case.rows, dtype=np.int64))
    )


@settings(max_examples=60, deadline=None)
@given(cases(8, 12), st.sampled_from([0, 8, 10**9]), st.sampled_from([1, 64]))
def test_the_table_probes_as_brute_force_does_whichever_way_it_takes(
    case: Case, advantage: float, first: int
) -> None:
    table = HammingTable.build(
        codes.from_ints(case.codes, case.bits), case.bits, np.array(case.rows, dtype=int)
    )
    with (
        mock.patch.object(hamming_table, "_SCAN_ADVANTAGE", advantage),
        mock.patch.object(hamming_table, "_FIRST_PROBES", first),
    ):
        assert_exact(table, case)


@settings(max_examples=60, deadline=None)
@given(cases(8, 128))
def test_a_scan_probes_as_brute_force_does_at_any_width(case: Case) -> None:
    assert_exact(scan(case), case)


@settings(max_examples=40, deadline=None)
@given(cases(8, 24))
def test_where_all_bits_are_equally_sure_the_order_is_that_of_the_distance(case: Case) -> None:
    saturated = np.full(case.bits, MAX_COST)
    table = HammingTable.build(
        codes.from_ints(case.codes, case.bits), case.bits, np.array(case.rows, dtype=int)
    )
    for at_least in range(1, len(case.rows) + 2):
        ball = table.grow(case.query, at_least)
        for prober in (table, scan(case)):
            found = prober.probe(case.query, saturated, at_least)
            assert found.rows.tolist() == ball.rows.tolist()
            assert found.distances.tolist() == ball.distances.tolist()


@settings(max_examples=60, deadline=None)
@given(cases(8, 128))
def test_a_scan_looks_up_as_brute_force_does(case: Case) -> None:
    by_distance = sorted((distance, row) for _, row, distance in case.by_brute_force())
    for radius in range(case.bits + 1):
        ball = scan(case).ball(case.query, radius)
        found = list(zip(ball.distances.tolist(), ball.rows.tolist(), strict=True))
        assert found == [each for each in by_distance if each[0] <= radius]
    for k in range(1, len(by_distance) + 2):
        assert scan(case).nearest(case.query, k).rows.tolist() == [row for _, row in by_distance[:k]]


MARGINS = st.lists(st.floats(-12, 12, width=32), min_size=8, max_size=40)


@settings(max_examples=60, deadline=None)
@given(MARGINS, st.integers(0, 2**40 - 1))
def test_the_log_probability_is_that_of_independent_bits(margins: list[float], other: int) -> None:
    probabilities = 1 / (1 + np.exp(-np.array(margins, dtype=np.float64)))
    own = sum(1 << bit for bit, margin in enumerate(margins) if margin > 0)
    document = other % 2 ** len(margins)
    bits = np.array([document >> bit & 1 for bit in range(len(margins))])
    expected = np.log(np.where(bits, probabilities, 1 - probabilities)).sum()
    costs = flip_costs(np.array(margins))
    packed = codes.from_ints([document], len(margins))
    found = log_probability(costs, code_costs(own, costs, packed))
    assert found[0] == pytest.approx(expected, abs=len(margins) * UNIT)


def test_no_bit_is_surer_than_the_least_probability_allows() -> None:
    costs = flip_costs(np.array([np.inf, -np.inf, 1e30, 13.9, -13.0, 0.0]))
    assert costs[:4].tolist() == [MAX_COST] * 4
    assert costs[4:].tolist() == [round(13 / UNIT), 0]
    assert pytest.approx(np.log((1 - MIN_PROBABILITY) / MIN_PROBABILITY), abs=UNIT) == MAX_COST * UNIT


def test_costs_are_read_block_by_block() -> None:
    source = np.random.default_rng(0)
    packed = source.integers(0, 256, (100, 3), dtype=np.uint8)
    costs = source.integers(0, 9, 24)
    expected = [cost_of(code ^ 12345, costs.tolist()) for code in codes.to_ints(packed)]
    with mock.patch.object(probing, "_BLOCK", 7):
        assert code_costs(12345, costs, packed).tolist() == expected
