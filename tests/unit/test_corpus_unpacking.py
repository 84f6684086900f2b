"""Packed files: read as what is inside, and bombs defused."""

import bz2
import gzip
import io
import json
import lzma
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.document import Skip
from semhash.corpus.unpacking import Unpacked, packing_of, without_packing

PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
PACKINGS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}


def only(file: Path, config: CorpusConfig | None = None) -> Document | Skipped:
    (item,) = open_corpus(file, config or CorpusConfig())
    return item


@pytest.mark.parametrize("suffix", PACK)
def test_any_format_is_read_through_any_packing(tmp_path: Path, suffix: str) -> None:
    formats = {
        "note.txt": b"plain words",
        "note.md": b"# Title\n\nwords",
        "note": b"From: a@b\nSubject: Hello\n\nbody\n",
        "rows.jsonl": json.dumps({"id": "1", "title": "Row", "text": "words"}).encode(),
    }
    for name, data in formats.items():
        (tmp_path / f"{name}{suffix}").write_bytes(PACK[suffix](data))
    items = {item.path: item for item in open_corpus(tmp_path) if isinstance(item, Document)}
    titles = {path.removesuffix(suffix): item.title for path, item in items.items()}
    assert titles == {
        "note.txt": f"note.txt{suffix}",
        "note.md": "Title",
        "note": "Hello",
        "rows.jsonl": "Row",
    }
    assert items[f"note.txt{suffix}"].id == f"note.txt{suffix}"


@given(st.lists(st.binary(max_size=300), max_size=3), st.sampled_from(sorted(PACK)), st.integers(1, 50))
def test_what_was_packed_comes_back_in_pieces_of_any_size(parts: list[bytes], suffix: str, size: int) -> None:
    packed = b"".join(map(PACK[suffix], parts))
    if parts:
        stream = Unpacked(io.BytesIO(packed), PACKINGS[suffix])
        assert b"".join(iter(lambda: stream.read(size), b"")) == b"".join(parts)


@pytest.mark.parametrize("suffix", PACK)
@given(noise=st.binary(min_size=1, max_size=40), place=st.integers(0, 10_000))
def test_damage_is_told_or_does_no_harm(suffix: str, noise: bytes, place: int) -> None:
    words = b"".join(str(number).encode() for number in range(2000))
    packed = bytearray(PACK[suffix](words))
    place %= len(packed)
    packed[place : place + len(noise)] = noise
    stream = io.BufferedReader(Unpacked(io.BytesIO(packed), PACKINGS[suffix]))
    found = words
    with suppress(Skip):
        found = stream.read()
    assert found == words  # no byte of the contents is altered in silence


@pytest.mark.parametrize("suffix", PACK)
def test_a_file_cut_short_is_told_whatever_its_length(tmp_path: Path, suffix: str) -> None:
    packed = PACK[suffix](b"words " * 100)
    for length in range(10, len(packed)):
        file = tmp_path / f"a{suffix}"
        file.write_bytes(packed[:length])
        item = only(file)
        assert isinstance(item, Skipped)
        assert item.reason is SkipReason.UNREADABLE
        assert item.detail.startswith(f"expected {PACKINGS[suffix]} data to its end, found ")


@pytest.mark.parametrize("suffix", PACK)
def test_what_unpacks_to_more_than_the_limit_is_too_large(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.txt{suffix}"
    file.write_bytes(PACK[suffix](b"x" * 12_000_000))
    tracemalloc.start()
    try:
        item = only(file, CorpusConfig(max_bytes=100_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(item, Skipped)
    assert (item.reason, item.detail) == (SkipReason.TOO_LARGE, "expected at most 100,000 bytes, found more")
    assert peak < 15_000_000  # xz has a dictionary of 8 MiB


def test_a_bomb_of_rows_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b"x" * 2_000_000 + b"\n") * 100)
    *rows, last = open_corpus(file, CorpusConfig(max_bytes=1000))
    assert len(rows) == 53  # of two million bytes each: 100 MiB are free
    assert isinstance(last, Skipped)
    assert last.reason is SkipReason.TOO_LARGE
    assert "expected at most 200 bytes of each packed one" in last.detail


def test_an_archive_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.xz"
    data = bytearray(lzma.compress(b"words"))
    big = lzma.compress(b"words", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    assert len(big) == len(data)
    file.write_bytes(big)
    item = only(file)
    assert isinstance(item, Skipped)
    assert item.reason is SkipReason.UNREADABLE


def test_packings_are_known_by_their_bytes() -> None:
    assert {packing_of(pack(b"x")) for pack in PACK.values()} == set(PACKINGS.values())
    assert packing_of(bz2.compress(b"")) == "bzip2"
    assert [packing_of(head) for head in (b"", b"BZh is how I begin", b"words")] == [None] * 3
    assert [without_packing(name) for name in ("a.txt.GZ", "b.tar.xz", "c", ".gz")] == [
        "a.txt",
        "b.tar",
        "c",
        "",
    ]
