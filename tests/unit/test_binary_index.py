from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import binary_index, codes
from semhash.binary_index import BinaryIndex, Kind, default_kind, rows_in
from semhash.errors import CodeError, IndexDamagedError
from semhash.lookup.neighbours import Neighbours

KINDS: list[Kind] = ["flat", "hash", "multihash"]
Corpus = tuple[list[int], NDArray[np.int64]]


def make_corpus(bits: int, n: int, seed: int = 0) -> Corpus:
    """Codes around a few centres, at rows in no order and with gaps."""
    rng = np.random.default_rng(seed)
    centres = rng.random((max(n // 20, 1), bits)) < 0.5
    noisy = centres[rng.integers(len(centres), size=n)] ^ (rng.random((n, bits)) < 0.1)
    return codes.to_ints(codes.pack(noisy)), rng.permutation(3 * n)[:n]


def make_index(corpus: Corpus, bits: int, kind: Kind | None) -> BinaryIndex:
    ints, rows = corpus
    return BinaryIndex.build(codes.from_ints(ints, bits), bits, rows, kind)


def by_brute_force(corpus: Corpus, query: int) -> list[tuple[int, int]]:
    """All documents as (distance, row), nearest first."""
    return sorted(((code ^ query).bit_count(), int(row)) for code, row in zip(*corpus, strict=True))


def pairs(found: Neighbours) -> list[tuple[int, int]]:
    return list(zip(found.distances.tolist(), found.rows.tolist(), strict=True))


def read(file: Path, bits: int) -> BinaryIndex:
    """Read a file as stock FAISS does."""
    return BinaryIndex(faiss.read_index_binary(str(file)), bits)


def assert_same_as_brute_force(index: BinaryIndex, corpus: Corpus, query: int) -> None:
    expected = by_brute_force(corpus, query)
    n = len(expected)
    for radius in [0, 1, 2, 3, 5, 8, 13, index.bits, index.bits + 9]:
        assert pairs(index.ball(query, radius)) == [pair for pair in expected if pair[0] <= radius]
    for k in [1, 3, 40, n, n + 5]:
        assert pairs(index.nearest(query, k)) == expected[:k]
        last = expected[min(k, n) - 1][0]
        assert pairs(index.grow(query, k)) == [pair for pair in expected if pair[0] <= last]


@pytest.mark.parametrize("lookup_cost", [0.05, 256], ids=["flipping", "comparing"])
@pytest.mark.parametrize("bits", [8, 20, 24, 33, 64, 128])
@pytest.mark.parametrize("kind", KINDS)
def test_every_verb_is_exact(
    kind: Kind, bits: int, lookup_cost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary_index, "_LOOKUP_COST", lookup_cost)
    corpus = make_corpus(bits, 700)
    index = make_index(corpus, bits, kind)
    assert (index.kind, index.bits, index.n_documents) == (kind, bits, 700)
    for query in (corpus[0][0], corpus[0][1] ^ 0b101, 2**bits - 1):
        assert_same_as_brute_force(index, corpus, query)


def test_bits_are_flipped_only_while_that_costs_less_than_comparing_every_code() -> None:
    # 20,000 codes make 4 parts of 16 bits: up to radius 7 one flip a part, 4 * 17 lookups, is enough.
    index = make_index(make_corpus(64, 20_000), 64, "multihash")
    everywhere: Any = faiss.cvar
    statistics = everywhere.indexBinaryHash_stats
    flipped = []
    for radius in range(12):
        before = statistics.nq
        index.ball(0, radius)
        flipped.append(statistics.nq > before)
    assert flipped == [True] * 8 + [False] * 4


def test_a_hash_index_flips_no_more_bits_than_the_radius_needs() -> None:
    index = make_index(make_corpus(64, 700), 64, "hash")
    flipped = []
    for radius in (0, 1, 2, 64):
        index.ball(0, radius)
        flipped.append(index._inner.nflip)
    assert flipped == [0, 1, 2, 8]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_answers_as_the_index_that_was_written(kind: Kind, tmp_path: Path) -> None:
    corpus = make_corpus(36, 300)
    make_index(corpus, 36, kind).write(tmp_path / "faiss.index")
    index = read(tmp_path / "faiss.index", 36)
    assert index.kind == kind
    assert_same_as_brute_force(index, corpus, corpus[0][3])


@pytest.mark.parametrize("kind", KINDS)
def test_faiss_alone_reads_the_file_and_finds_rows(kind: Kind, tmp_path: Path) -> None:
    corpus = make_corpus(36, 300)
    make_index(corpus, 36, kind).write(tmp_path / "faiss.index")
    stock: Any = faiss.read_index_binary(str(tmp_path / "faiss.index"))
    inner: Any = faiss.downcast_IndexBinary(stock.index)
    if kind != "flat":
        inner.nflip = inner.b
    query = corpus[0][3]
    for radius in (0, 3, 9):
        _, distances, rows = stock.range_search(codes.from_int(query, 36)[np.newaxis], radius + 1)
        found = sorted(zip(distances.astype(int).tolist(), rows.tolist(), strict=True))
        assert found == [pair for pair in by_brute_force(corpus, query) if pair[0] <= radius]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 64])
@pytest.mark.parametrize("alike", [0, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_codes_alike_in_one_part_survive_the_file(kind: Kind, alike: int, n: int, tmp_path: Path) -> None:
    # FAISS writes a multi-hash bucket of all 2^m documents as an empty one.
    ints = [sum(number << 16 * part for part in range(4) if part != alike) for number in range(n)]
    corpus = (ints, np.arange(n) * 5)
    index = make_index(corpus, 64, kind)
    assert index.kind == ("flat" if kind == "multihash" else kind)
    index.write(tmp_path / "faiss.index")
    assert_same_as_brute_force(read(tmp_path / "faiss.index", 64), corpus, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_index_finds_nothing(kind: Kind, tmp_path: Path) -> None:
    make_index(([], np.zeros(0, dtype=np.int64)), 40, kind).write(tmp_path / "faiss.index")
    index = read(tmp_path / "faiss.index", 40)
    assert index.n_documents == 0
    for found in (index.ball(5, 2), index.ball(5, 40), index.nearest(5, 3), index.grow(5, 3)):
        assert pairs(found) == []
        assert found.rows.dtype == found.distances.dtype == np.int64


def test_the_kind_by_default() -> None:
    assert [default_kind(bits) for bits in (8, 20, 24, 25, 128)] == ["flat"] * 3 + ["multihash"] * 2
    corpus = make_corpus(40, 50)
    assert make_index(corpus, 40, None).kind == "multihash"


@pytest.mark.parametrize("kind", KINDS)
def test_the_threads_of_faiss_stay_as_they_were(kind: Kind) -> None:
    before = faiss.omp_get_max_threads()
    index = make_index(make_corpus(64, 50), 64, kind)
    try:
        faiss.omp_set_num_threads(3)
        index.ball(1, 5)
        index.nearest(1, 5)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_read_without_faiss(kind: Kind, tmp_path: Path) -> None:
    for corpus in (make_corpus(64, 50), ([], np.zeros(0, dtype=np.int64))):
        make_index(corpus, 64, kind).write(tmp_path / "faiss.index")
        rows = rows_in(tmp_path / "faiss.index", len(corpus[0]), 10_000)
        assert rows.tolist() == list(corpus[1])


def test_a_file_cut_short_or_of_another_kind_has_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "faiss.index"
    with pytest.raises(IndexDamagedError, match=r"faiss\.index: expected a FAISS index of 50 .*No such file"):
        rows_in(file, 50, 10_000)
    make_index(make_corpus(64, 50), 64, "multihash").write(file)
    whole = file.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        file.write_bytes(whole[:length])
        with pytest.raises(
            IndexDamagedError, match=r"faiss\.index: expected a FAISS index of 50 documents, found"
        ):
            rows_in(file, 50, 10_000)
    faiss.write_index_binary(faiss.IndexBinaryFlat(64), str(file))
    with pytest.raises(IndexDamagedError, match="found another file"):
        rows_in(file, 0, 10_000)


@pytest.mark.parametrize("wrong", [-1, 10_000, 2**62])
def test_rows_that_cannot_be_are_told(wrong: int, tmp_path: Path) -> None:
    file = tmp_path / "faiss.index"
    make_index(make_corpus(64, 50), 64, "multihash").write(file)
    whole = file.read_bytes()
    for last in (wrong.to_bytes(8, "little", signed=True), whole[-16:-8]):
        file.write_bytes(whole[:-8] + last)
        with pytest.raises(
            IndexDamagedError, match=r"faiss\.index: expected 50 different rows from 0 to 9999"
        ):
            rows_in(file, 50, 10_000)


def test_ids_that_do_not_fit_the_codes_are_named() -> None:
    index: Any = faiss.IndexBinaryIDMap(faiss.IndexBinaryHash(64, 8))
    inner = faiss.downcast_IndexBinary(index.index)
    inner.add_with_ids(np.zeros((2, 8), dtype=np.uint8), np.array([0, 99]))
    index.ntotal = 2
    with pytest.raises(IndexDamagedError, match="expected 2 ids, one a code, found 0"):
        BinaryIndex(index, 64)
    index.id_map.resize(2)
    with pytest.raises(IndexDamagedError, match=r"FAISS index: expected 2 documents, .* 99 is out of"):
        BinaryIndex(index, 64).ball(0, 1)


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path) -> None:
    index = make_index(make_corpus(64, 50), 64, "flat")
    with pytest.raises(OSError, match="No such file"):
        index.write(tmp_path / "nowhere" / "faiss.index")


def test_what_is_out_of_range_is_named() -> None:
    index = make_index(make_corpus(64, 50), 64, "multihash")
    packed = codes.from_ints([1, 2], 64)
    tree: Any = "tree"
    out_of_range: list[tuple[Callable[[], object], str]] = [
        (lambda: index.ball(1, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: index.ball(2**64, 1), "code: expected 0 to .* at 64 bits, found 18446744073709551616"),
        (lambda: index.nearest(1, 0), "k: expected 1 document or more, found 0"),
        (lambda: index.grow(1, 0), "at_least: expected 1 document or more, found 0"),
        (lambda: default_kind(129), "bits: expected 8 to 128, found 129"),
        (
            lambda: BinaryIndex.build(packed, 64, np.arange(2), tree),
            "one of flat, hash, multihash, found 'tree'",
        ),
        (
            lambda: BinaryIndex.build(packed, 32, np.arange(2)),
            r"shape \(n, 4\) at 32 bits, found .* \(2, 8\)",
        ),
        (lambda: BinaryIndex.build(packed, 64, np.arange(3)), r"for each of 2 codes, found .* \(3,\)"),
        (lambda: BinaryIndex.build(packed, 64, np.array([5, 5])), "each document once, found row 5 twice"),
    ]
    for call, message in out_of_range:
        with pytest.raises(CodeError, match=message):
            call()
