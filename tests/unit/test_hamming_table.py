from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import codes, hamming_table
from semhash.errors import CodeError, IndexDamagedError
from semhash.hamming_table import HammingTable
from semhash.lookup.neighbours import Neighbours

Corpus = tuple[list[int], NDArray[np.int64]]


def make_corpus(bits: int, n: int, seed: int = 0) -> Corpus:
    """Codes around a few centres, at rows in no order and with gaps."""
    rng = np.random.default_rng(seed)
    centres = rng.random((max(n // 20, 1), bits)) < 0.5
    noisy = centres[rng.integers(len(centres), size=n)] ^ (rng.random((n, bits)) < 0.15)
    return codes.to_ints(codes.pack(noisy)), rng.permutation(3 * n)[:n]


def make_table(corpus: Corpus, bits: int) -> HammingTable:
    ints, rows = corpus
    return HammingTable.build(codes.from_ints(ints, bits), bits, rows)


def by_brute_force(corpus: Corpus, query: int) -> list[tuple[int, int]]:
    """All documents as (distance, row), nearest first."""
    return sorted(((code ^ query).bit_count(), int(row)) for code, row in zip(*corpus, strict=True))


def pairs(found: Neighbours) -> list[tuple[int, int]]:
    return list(zip(found.distances.tolist(), found.rows.tolist(), strict=True))


def assert_same_as_brute_force(table: HammingTable, corpus: Corpus, query: int) -> None:
    expected = by_brute_force(corpus, query)
    n = len(expected)
    for radius in [*range(6), table.bits - 1, table.bits, table.bits + 9]:
        assert pairs(table.ball(query, radius)) == [pair for pair in expected if pair[0] <= radius]
    for k in [1, 2, 10, n // 2 + 1, n, n + 5]:
        assert pairs(table.nearest(query, k)) == expected[:k]
        last = expected[min(k, n) - 1][0]
        assert pairs(table.grow(query, k)) == [pair for pair in expected if pair[0] <= last]


@pytest.mark.parametrize(
    ("bits", "n"), [(8, 1), (8, 700), (13, 300), (20, 1), (20, 2000), (24, 3), (24, 900)]
)
def test_every_verb_is_exact(bits: int, n: int) -> None:
    corpus = make_corpus(bits, n)
    table = make_table(corpus, bits)
    for query in (corpus[0][0], 0, 2**bits - 1):
        assert_same_as_brute_force(table, corpus, query)


@pytest.mark.parametrize("advantage", [0, float("inf")], ids=["enumerating", "scanning"])
def test_enumerating_and_scanning_give_the_same(advantage: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming_table, "_SCAN_ADVANTAGE", advantage)
    monkeypatch.setattr(hamming_table, "_SMALL_SHELL", 0)
    corpus = make_corpus(12, 400)
    assert_same_as_brute_force(make_table(corpus, 12), corpus, corpus[0][7] ^ 0b11)


def test_rows_at_an_address_are_those_of_its_documents_ascending() -> None:
    ints, rows = make_corpus(8, 600)
    table = make_table((ints, rows), 8)
    assert table.offsets.dtype == table.rows.dtype == np.uint32
    for address in range(256):
        held = table.rows[table.offsets[address] : table.offsets[address + 1]]
        assert held.tolist() == sorted(rows[np.array(ints) == address].tolist())


@pytest.mark.parametrize(("bits", "n"), [(8, 600), (20, 50), (20, 100_000)])
def test_occupancy(bits: int, n: int) -> None:
    ints, rows = make_corpus(bits, n)
    table = make_table((ints, rows), bits)
    _, loads = np.unique(ints, return_counts=True)
    assert table.n_documents == n
    assert table.addresses_in_use == len(loads)
    assert table.max_load == loads.max()


def test_an_empty_table_finds_nothing() -> None:
    table = make_table(([], np.zeros(0, dtype=np.int64)), 20)
    table.check()
    assert (table.n_documents, table.addresses_in_use, table.max_load) == (0, 0, 0)
    for found in (table.ball(5, 2), table.ball(5, 20), table.nearest(5, 3), table.grow(5, 3)):
        assert pairs(found) == []
        assert found.rows.dtype == found.distances.dtype == np.int64


@pytest.mark.parametrize("n", [0, 300])
def test_mapped_arrays_answer_as_the_table_that_was_built(tmp_path: Path, n: int) -> None:
    corpus = make_corpus(16, n) if n else ([], np.zeros(0, dtype=np.int64))
    built = make_table(corpus, 16)
    np.save(tmp_path / "offsets.npy", built.offsets)
    np.save(tmp_path / "rows.npy", built.rows)
    offsets, rows = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("offsets", "rows"))
    mapped = HammingTable(offsets, rows, 16)
    mapped.check()
    for query in (0, 12345, 65535):
        assert pairs(mapped.ball(query, 4)) == pairs(built.ball(query, 4))
        assert pairs(mapped.nearest(query, 20)) == pairs(built.nearest(query, 20))


def test_a_small_radius_does_not_read_every_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = make_corpus(20, 3000)
    table = make_table(corpus, 20)

    def refuse(_: HammingTable) -> NDArray[np.uint32]:
        raise AssertionError("asked which addresses are in use")

    monkeypatch.setattr(HammingTable, "_occupied_addresses", refuse)
    query = corpus[0][0]
    assert pairs(table.ball(query, 2)) == [pair for pair in by_brute_force(corpus, query) if pair[0] <= 2]
    with pytest.raises(AssertionError, match="in use"):
        table.ball(query, 9)


@pytest.fixture
def enumerated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many addresses were enumerated, shell by shell."""
    sizes: list[int] = []
    make = codes.shell_masks

    def counted(bits: int, radius: int) -> NDArray[np.int64]:
        masks = make(bits, radius)
        sizes.append(len(masks))
        return masks

    monkeypatch.setattr(codes, "shell_masks", counted)
    return sizes


@pytest.mark.parametrize(("bits", "n"), [(24, 1), (24, 500), (20, 500), (8, 500)])
def test_no_more_addresses_are_enumerated_than_documents_held(
    bits: int, n: int, enumerated: list[int]
) -> None:
    corpus = make_corpus(bits, n)
    table = make_table(corpus, bits)
    far = corpus[0][0] ^ (2**bits - 1)
    assert pairs(table.nearest(far, n)) == by_brute_force(corpus, far)
    assert sum(enumerated) <= n


def test_many_documents_at_few_addresses_are_not_enumerated_for(enumerated: list[int]) -> None:
    corpus = ([4095, 4094] * 2500, np.arange(5000))
    table = make_table(corpus, 12)
    assert pairs(table.nearest(0, 2501)) == by_brute_force(corpus, 0)[:2501]
    assert sum(enumerated) <= 2**12 / 64


def damage(array: NDArray[np.uint32], at: int, value: int) -> NDArray[np.uint32]:
    altered = array.copy()
    altered[at] = value
    return altered


def test_arrays_that_do_not_fit_are_refused_when_opened() -> None:
    table = make_table(make_corpus(8, 50), 8)
    offsets, rows = table.offsets, table.rows
    for arrays, message in [
        ((offsets[:-1], rows), "table offsets: expected 257 at 8 bits, found 256"),
        ((offsets, rows[:-1]), "run from 0 to 49, the number of rows, found 0 to 50"),
        ((damage(offsets, 0, 3), rows), "run from 0 to 50, the number of rows, found 3 to 50"),
        ((offsets, rows.astype(np.int64)), "table rows: expected one axis of uint32, found int64"),
        ((offsets.astype(np.float32), rows), "table offsets: expected one axis of uint32, found float32"),
        ((offsets, rows[:, np.newaxis]), r"table rows: expected one axis of uint32, found .* \(50, 1\)"),
    ]:
        with pytest.raises(IndexDamagedError, match=message):
            HammingTable(*arrays, bits=8)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [301, 2**31, 2**32 - 1])
def test_an_offset_past_the_end_is_named_by_the_lookup_that_meets_it(value: int) -> None:
    ints, _ = corpus = make_corpus(12, 300)
    table = make_table(corpus, 12)
    for code in sorted(set(ints))[1:]:
        altered = HammingTable(damage(table.offsets, code, value), table.rows, 12)
        with pytest.raises(IndexDamagedError, match="table offsets: expected to rise from 0 to 300, found: "):
            altered.ball(code, 0)


def test_check_names_what_was_altered() -> None:
    packed = codes.from_ints([3, 3, 3, 9, 9], 8)
    table = HammingTable.build(packed, 8, np.array([10, 11, 12, 0, 1]))
    offsets, rows = table.offsets, table.rows
    table.check()
    for arrays, message in [
        ((damage(offsets, 6, 9), rows), "table offsets: expected none below the last, found 9 then 3 at 6"),
        ((offsets, damage(rows, 4, 11)), "table rows: expected each once, found 11 twice"),
        ((offsets, damage(rows, 1, 13)), "ascending at each address, found 13 then 12 at 2"),
        ((offsets, damage(rows, 3, 2)), "ascending at each address, found 2 then 1 at 4"),
    ]:
        with pytest.raises(IndexDamagedError, match=message):
            HammingTable(*arrays, bits=8).check()


def test_what_is_out_of_range_is_named() -> None:
    table = make_table(make_corpus(8, 50), 8)
    packed = codes.from_ints([1, 2], 8)
    floats: Any = np.zeros(2)
    out_of_range: list[tuple[Callable[[], object], str]] = [
        (lambda: table.ball(1, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: table.ball(256, 1), "code: expected 0 to 255 at 8 bits, found 256"),
        (lambda: table.nearest(1, 0), "k: expected 1 document or more, found 0"),
        (lambda: table.nearest(-1, 1), "code: expected 0 to 255 at 8 bits, found -1"),
        (lambda: table.grow(1, 0), "at_least: expected 1 document or more, found 0"),
        (lambda: HammingTable(table.offsets, table.rows, 25), "bits: expected 8 to 24, found 25"),
        (lambda: HammingTable.build(packed, 25, np.arange(2)), "bits: expected 8 to 24, found 25"),
        (lambda: HammingTable.build(packed, 8, np.arange(3)), r"for each of 2 codes, found .* \(3,\)"),
        (lambda: HammingTable.build(packed, 8, floats), "expected one integer .* found float64"),
        (lambda: HammingTable.build(packed, 8, np.array([4, 4])), "each document once, found row 4 twice"),
        (lambda: HammingTable.build(packed, 8, np.array([-1, 4])), "rows: expected 0 or above, found -1"),
        (lambda: HammingTable.build(packed, 8, np.array([0, 2**32])), "0 to 4294967294, found 4294967296"),
    ]
    for call, message in out_of_range:
        with pytest.raises(CodeError, match=message):
            call()
