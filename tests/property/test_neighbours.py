"""Five ways to the same neighbours, for every radius and every k: table, FAISS (three kinds), brute force."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash import binary_index, codes, hamming_table
from semhash.binary_index import BinaryIndex, Kind
from semhash.hamming_table import HammingTable
from semhash.lookup.neighbours import AddressLookup, Neighbours

KINDS: tuple[Kind, ...] = ("flat", "hash", "multihash")


@dataclass(frozen=True)
class Case:
    bits: int
    codes: list[int]
    rows: list[int]
    query: int

    def by_brute_force(self) -> list[tuple[int, int]]:
        """All documents as (distance, row), nearest first."""
        return sorted(
            ((code ^ self.query).bit_count(), row) for code, row in zip(self.codes, self.rows, strict=True)
        )


@st.composite
def cases(draw: st.DrawFn, min_bits: int, max_bits: int) -> Case:
    """Codes at few flips from the query or anywhere, with repeats, at rows in no order and with gaps."""
    bits = draw(st.integers(min_bits, max_bits))
    anywhere = st.integers(0, 2**bits - 1)
    query = draw(anywhere)
    flips = st.lists(st.integers(0, bits - 1), max_size=5, unique=True)
    near = flips.map(lambda places: query ^ sum(1 << place for place in places))
    found = draw(st.lists(near | anywhere | st.just(query), max_size=12))
    rows = draw(st.lists(st.integers(0, 2**32 - 2), min_size=len(found), max_size=len(found), unique=True))
    return Case(bits, found, rows, query)


@contextmanager
def costs(advantage: float, lookup: float) -> Iterator[None]:
    """Make scanning and flipping look cheap or dear, so that every way through is taken."""
    with (
        mock.patch.object(hamming_table, "_SCAN_ADVANTAGE", advantage),
        mock.patch.object(binary_index, "_LOOKUP_COST", lookup),
    ):
        yield


def pairs(found: Neighbours) -> list[tuple[int, int]]:
    return list(zip(found.distances.tolist(), found.rows.tolist(), strict=True))


def assert_exact(lookup: AddressLookup, case: Case) -> None:
    expected = case.by_brute_force()
    assert lookup.n_documents == len(expected)
    for radius in range(case.bits + 2):
        assert pairs(lookup.ball(case.query, radius)) == [pair for pair in expected if pair[0] <= radius]
    for k in range(1, len(expected) + 3):
        assert pairs(lookup.nearest(case.query, k)) == expected[:k]
        within = expected[min(k, len(expected)) - 1][0] if expected else 0
        assert pairs(lookup.grow(case.query, k)) == [pair for pair in expected if pair[0] <= within]


@settings(max_examples=40, deadline=None)
@given(cases(8, 14), st.sampled_from([0, 1, 8, 10**9]), st.sampled_from([0.02, 1, 256]))
def test_table_and_every_kind_of_faiss_index_agree(case: Case, advantage: float, lookup: float) -> None:
    packed, rows = codes.from_ints(case.codes, case.bits), np.array(case.rows, dtype=np.int64)
    with costs(advantage, lookup):
        assert_exact(HammingTable.build(packed, case.bits, rows), case)
        for kind in KINDS:
            assert_exact(BinaryIndex.build(packed, case.bits, rows, kind), case)


@settings(max_examples=30, deadline=None)
@given(cases(15, 128), st.sampled_from([0.02, 1, 256]))
def test_every_kind_of_faiss_index_agrees_at_any_width(case: Case, lookup: float) -> None:
    packed, rows = codes.from_ints(case.codes, case.bits), np.array(case.rows, dtype=np.int64)
    with costs(8, lookup):
        for kind in KINDS:
            assert_exact(BinaryIndex.build(packed, case.bits, rows, kind), case)


@settings(max_examples=50, deadline=None)
@given(cases(8, 128))
def test_distances_are_a_metric(case: Case) -> None:
    packed = codes.from_ints([case.query, *case.codes], case.bits)
    matrix = codes.hamming_matrix(packed, packed).astype(int)
    assert (matrix == matrix.T).all()
    assert ((matrix == 0) == (packed[:, np.newaxis] == packed).all(axis=2)).all()
    assert (matrix[:, np.newaxis, :] <= matrix[:, :, np.newaxis] + matrix[np.newaxis]).all()
