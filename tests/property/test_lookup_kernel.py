"""The compiled lookups and the array operations behind them: one answer, whatever is asked of whatever table."""

from collections.abc import Callable
from contextlib import suppress
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from semhash import codes
from semhash.errors import IndexDamagedError
from semhash.hamming_table import HammingTable
from semhash.kernels import table as kernel_table
from semhash.kernels.lookups import WIDEST_DIGIT, sort
from semhash.lookup.neighbours import Neighbours

Pairs = list[tuple[int, int]]


def made(
    arrays: tuple[NDArray[np.uint32], NDArray[np.uint32]], bits: int
) -> tuple[HammingTable, HammingTable]:
    """One table twice: by array operations alone, and compiled."""
    return HammingTable(*arrays, bits, compiled=False), HammingTable(*arrays, bits, compiled=True)


def pairs(found: Neighbours) -> Pairs:
    assert found.rows.dtype == found.distances.dtype == np.int64
    return list(zip(found.distances.tolist(), found.rows.tolist(), strict=True))


@st.composite
def tables(draw: st.DrawFn) -> tuple[HammingTable, HammingTable, list[int]]:
    """Codes in clusters and anywhere, rows in no order and with gaps; and some codes to ask for."""
    bits = draw(st.sampled_from([8, 9, 11, 13, 17, 20]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([0, 1, 7, 60, 900, 6000]))
    centres = rng.integers(0, 1 << bits, draw(st.sampled_from([1, 5, 400])))
    places = rng.integers(0, bits, (draw(st.integers(0, 6)), n))
    addresses = np.bitwise_xor.reduce(np.vstack([rng.choice(centres, n), 1 << places]), axis=0)
    rows = rng.choice(draw(st.sampled_from([n + 1, 3 * n + 300, 2**32 - 2])), n, replace=False)
    built = HammingTable.build(codes.from_ints(addresses.tolist(), bits), bits, rows)
    queries = [*addresses[:2].tolist(), int(centres[0]), *rng.integers(0, 1 << bits, 2).tolist()]
    return *made((built.offsets, built.rows), bits), queries


def questions(bits: int, n: int) -> list[Callable[[HammingTable, int], Neighbours]]:
    radii, counts = [0, 1, 2, 3, 6, 7, bits - 1, bits, bits + 3], [1, 2, 10, 100, 128, 129, 500, n, n + 3]
    return [
        *(lambda table, code, r=r: table.ball(code, r) for r in radii),
        *(lambda table, code, k=k: table.nearest(code, k) for k in counts if k),
        *(lambda table, code, k=k: table.grow(code, k) for k in counts if k),
    ]


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from([0, 1, 8, 10**9]))
def test_compiled_lookups_give_what_array_operations_give(
    case: tuple[HammingTable, HammingTable, list[int]], words: int
) -> None:
    """Also where the compiled ones give up at some radius, and the others take over."""
    plain, compiled, queries = case
    with mock.patch.object(kernel_table, "_FREE_WORDS", words):
        assert compiled._compiled() is not None
    for ask in questions(plain.bits, plain.n_documents):
        for query in queries:
            assert pairs(ask(compiled, query)) == pairs(ask(plain, query))


@settings(max_examples=30, deadline=None)
@given(tables(), st.integers(0, 5), st.sampled_from([1, 9, 128, 129, 1000]), st.integers(1, 4))
def test_many_questions_at_once_are_answered_as_one_by_one(
    case: tuple[HammingTable, HammingTable, list[int]], radius: int, k: int, threads: int
) -> None:
    plain, compiled, queries = case
    packed = codes.from_ints(queries, plain.bits)
    for table in (plain, compiled):
        with mock.patch.multiple(kernel_table, _TRIED=1, _WORTH_A_THREAD=1e-12):
            balls, nearest = table.ball_many(packed, radius, threads), table.nearest_many(packed, k, threads)
        assert len(balls) == len(nearest) == len(queries)
        assert [pairs(one) for one in balls] == [pairs(plain.ball(query, radius)) for query in queries]
        assert [pairs(one) for one in nearest] == [pairs(plain.nearest(query, k)) for query in queries]
        assert pairs(balls[-1]) == pairs(balls[len(queries) - 1])
        assert len(table.ball_many(packed[:0], radius, threads)) == 0
        assert len(table.nearest_many(packed[:0], k, threads)) == 0
        with pytest.raises(IndexError):
            balls[len(queries)]


@settings(max_examples=30, deadline=None)
@given(tables(), st.data())
def test_a_damaged_table_is_never_read_beyond_its_end(
    case: tuple[HammingTable, HammingTable, list[int]], data: st.DataObject
) -> None:
    """Compiled or not: an error, or rows that the table holds."""
    whole, _, queries = case
    offsets = whole.offsets.copy()
    near = queries[0] ^ data.draw(st.sampled_from([0, 1, 2, 4]))
    offsets[max(1, near)] = data.draw(st.integers(0, 2 * whole.n_documents + 9) | st.just(2**32 - 1))
    held = set(whole.rows.tolist())
    for table in made((offsets, whole.rows), whole.bits):
        for ask in questions(whole.bits, whole.n_documents):
            for query in queries:
                with suppress(IndexDamagedError):
                    assert held >= set(ask(table, query).rows.tolist())


@pytest.mark.parametrize("value", [301, 2**31, 2**32 - 1])
def test_an_offset_past_the_end_is_told_by_compiled_lookups_too(value: int) -> None:
    rng = np.random.default_rng(0)
    addresses = rng.integers(0, 64, 300).tolist()
    whole = HammingTable.build(codes.from_ints(addresses, 12), 12, np.arange(300))
    offsets = whole.offsets.copy()
    offsets[9] = value
    _, compiled = made((offsets, whole.rows), 12)
    packed = codes.from_ints([8], 12)
    for call in (
        lambda: compiled.ball(8, 0),
        lambda: compiled.grow(8, 5),
        lambda: compiled.nearest(8, 5),
        lambda: compiled.nearest(8, 200),
        lambda: compiled.ball_many(packed, 1),
        lambda: compiled.nearest_many(packed, 5),
    ):
        with pytest.raises(IndexDamagedError, match="table offsets: expected to rise from 0 to 300, found: "):
            call()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([0, 1, 31, 33, 300, 399, 400, 1999, 2001, 9000]),
    st.integers(1, 32),
    st.integers(0, 2**32),
)
def test_rows_are_put_in_order_and_those_around_them_are_left_alone(n: int, bits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, 1 << bits, n + 8).astype(np.uint32)
    numbers[4 : 4 + n // 2] &= np.uint32(0xFF)  # these agree in all digits but one
    rng.shuffle(numbers[4 : n + 4])
    expected = np.concatenate([numbers[:4], np.sort(numbers[4 : n + 4]), numbers[n + 4 :]])
    sort(numbers, 4, n + 4, np.empty(n + 2**WIDEST_DIGIT, dtype=np.uint32))
    assert (numbers == expected).all()
