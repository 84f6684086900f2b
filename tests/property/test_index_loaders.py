"""Each loader of an index's file, fed noise and whole files with something altered: damage is told of, nothing else."""

import json
import sqlite3
import tempfile
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from semhash.autoencoder.layers import read_all_tensors, read_tensors
from semhash.binary_index import BinaryIndex, rows_in
from semhash.catalogue import Catalogue
from semhash.catalogue.guard import MAX_TEXT, unpacked
from semhash.catalogue.ledger import read_ledger
from semhash.corpus.document import Document
from semhash.errors import IndexDamagedError, IndexFolderError
from semhash.store.array_file import map_array
from semhash.store.manifest import MANIFEST, read_manifest

Change = tuple[int, bytes]

COUNTS = st.sampled_from([0, 1, 2, 3, 5, 2**31, 2**32, 2**60, 2**63, 2**64, 10**30])


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def altered(whole: bytes) -> st.SearchStrategy[bytes]:
    """Give a file with a few places overwritten, and maybe cut."""
    changes = st.lists(
        st.tuples(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8)), max_size=4
    )

    def change(made: tuple[list[Change], int]) -> bytes:
        data = bytearray(whole)
        for at, part in made[0]:
            data[at : at + len(part)] = part
        return bytes(data[: made[1]])

    return st.tuples(changes, st.one_of(st.just(len(whole)), st.integers(0, len(whole)))).map(change)


def npy(array: Any) -> bytes:
    stream = BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@st.composite
def npy_headers(draw: st.DrawFn) -> bytes:
    """Write a header that may claim anything, and some bytes behind it."""
    kinds = [
        "<f4",
        "|u1",
        "<i8",
        ">u4",
        "|O",
        "|V8",
        "<U9",
        "<M8[s]",
        "<f3",
        "|S1000000000",
        "[('a', '<i4')]",
    ]
    shape = "".join(f"{n}, " for n in draw(st.lists(COUNTS, max_size=4)))
    order = draw(st.sampled_from(["True", "False", "__import__('os')"]))
    text = f"{{'descr': '{draw(st.sampled_from(kinds))}', 'fortran_order': {order}, 'shape': ({shape.strip()}), }}"
    header = text.encode() + b"\n"
    length = draw(st.sampled_from([len(header), len(header) - 1, 0, 65_535]))
    return b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + header + draw(st.binary(max_size=40))


@given(st.one_of(st.binary(max_size=200), altered(npy(np.arange(12, dtype=np.uint32))), npy_headers()))
def test_an_array_is_what_numpy_reads_or_is_refused(place: Path, data: bytes) -> None:
    file = place / "array.npy"
    file.write_bytes(data)
    with suppress(ValueError):
        found = map_array(file)
        theirs = np.load(file, allow_pickle=False)
        assert (found.dtype, found.shape) == (theirs.dtype, theirs.shape)
        assert np.array_equal(found, theirs, equal_nan=found.dtype.kind in "fc")
        assert found.nbytes < len(data)


TENSORS = {"a": np.ones((3, 2), dtype=np.float32), "b": np.zeros(4, dtype=np.float32)}


@st.composite
def tensor_headers(draw: st.DrawFn) -> bytes:
    kinds = ["F32", "F16", "BF16", "F8_E4M3", "I64", "BOOL", "U8", "F64", "nonsense"]
    entry = st.fixed_dictionaries(
        {
            "dtype": st.sampled_from(kinds),
            "shape": st.lists(COUNTS, max_size=3),
            "data_offsets": st.lists(COUNTS, min_size=2, max_size=2),
        }
    )
    header = draw(st.dictionaries(st.sampled_from(["a", "b", "__metadata__"]), entry))
    text = json.dumps(header).encode()
    length = draw(st.one_of(st.just(len(text)), COUNTS)) % 2**64
    return length.to_bytes(8, "little") + text + bytes(draw(st.sampled_from([0, 8, 24, 40])))


@given(st.one_of(st.binary(max_size=200), altered(save(TENSORS)), tensor_headers()))
def test_tensors_are_of_their_shapes_or_are_refused(place: Path, data: bytes) -> None:
    file = place / "model.safetensors"
    file.write_bytes(data)
    with suppress(IndexDamagedError):
        found = read_tensors(file, {name: tensor.shape for name, tensor in TENSORS.items()})
        assert {name: (t.shape, t.dtype) for name, t in found.items()} == {
            name: (t.shape, t.dtype) for name, t in TENSORS.items()
        }
    with suppress(IndexDamagedError):
        assert all(tensor.dtype == np.float32 for tensor in read_all_tensors(file).values())


def faiss_file() -> bytes:
    packed = np.random.default_rng(0).integers(0, 256, (20, 8), dtype=np.uint8)
    built = BinaryIndex.build(packed, 64, np.arange(20) * 3, "multihash")
    return bytes(faiss.serialize_index_binary(built._index))


@given(st.one_of(st.binary(max_size=300), altered(faiss_file())), st.sampled_from([0, 1, 20, 2**40]))
def test_rows_of_a_faiss_index_are_rows_or_are_refused(place: Path, data: bytes, n: int) -> None:
    file = place / "faiss.index"
    file.write_bytes(data)
    with suppress(IndexDamagedError):
        rows = rows_in(file, n, 60)
        assert len(set(rows.tolist())) == len(rows) == n
        assert set(rows.tolist()) <= set(range(60))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_a_manifest_is_one_or_is_refused(place: Path, data: bytes) -> None:
    (place / MANIFEST).write_bytes(data)
    with pytest.raises(IndexFolderError, match=r"expected .*, found"):
        read_manifest(place)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"files":{"a":'])
def test_a_manifest_that_is_nested_deep_is_refused(place: Path, opening: bytes) -> None:
    (place / MANIFEST).write_bytes(opening * 600_000)
    with pytest.raises(IndexDamagedError, match="expected the JSON of a manifest, found"):
        read_manifest(place)


def write_catalogue(file: Path) -> Path:
    with Catalogue.create(file) as catalogue:
        documents = [
            (Document(f"d{n}", f"text {n}", f"title {n}", f"{n}.txt", ("x",), None, {"n": n}), bytes(32))
            for n in range(20)
        ]
        catalogue.add_documents(0, documents, store_text=True)
    return file


def ask(file: Path) -> None:
    """Ask a catalogue for all that it has."""
    with Catalogue.open(file) as catalogue:
        catalogue.check()
        catalogue.by_id("d7")
        catalogue.by_rows([1, 2, 2**40])
        for shown in catalogue.shown([0, 19], texts=True):
            assert shown.text is not None
            shown.text.read(100)
        catalogue.ids([3, 4])
        catalogue.heads()
        list(catalogue.documents("x"))
        catalogue.skipped()


def catalogue_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_catalogue(Path(folder) / "whole.sqlite").read_bytes()


# What is drawn from stands when the tests are found: a strategy that is made anew in every example, of what a fixture
# holds, is to hypothesis another one as soon as anything about that differs.
@given(data=st.one_of(st.binary(max_size=300), altered(catalogue_file())))
def test_a_catalogue_answers_or_is_refused(place: Path, data: bytes) -> None:
    file = place / "catalogue.sqlite"
    file.write_bytes(data)
    with suppress(IndexFolderError):
        ask(file)


HOSTILE = {
    "a view": "ALTER TABLE labels RENAME TO l; CREATE VIEW labels AS SELECT * FROM l",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON labels BEGIN DELETE FROM documents; END",
    "a virtual table": "DROP TABLE labels; CREATE VIRTUAL TABLE labels USING fts5(row, label)",
    "another table": "CREATE TABLE more (a)",
    "an index on an expression": "CREATE INDEX i ON labels (upper(label))",
    "an index on some": "CREATE INDEX i ON labels (label) WHERE row > 3",
    "a column that is worked out": "ALTER TABLE documents ADD COLUMN n AS (length(title)) VIRTUAL",
}
DAMAGED = {
    "bytes for a title": "UPDATE documents SET title = x'00ff'",
    "a number for a title": "UPDATE documents SET title = CAST(5 AS BLOB)",
    "no UTF-8": "UPDATE documents SET title = CAST(x'ff' AS TEXT)",
    "bytes for a label": "UPDATE labels SET label = x'00'",
    "JSON nested deep": f"UPDATE documents SET metadata = '{'[' * 100_000}'",
    "no JSON": "UPDATE documents SET metadata = 'no'",
    "text for a text": "UPDATE documents SET text = 'abc'",
    "a text cut short": "UPDATE documents SET text = substr(text, 1, 9)",
    "text for a code": "UPDATE documents SET code = 'abc'",
}


@pytest.mark.parametrize(
    ("sql", "told"),
    [(sql, "which no catalogue has|which is worked out") for sql in HOSTILE.values()]
    + [(sql, "expected a sound SQLite catalogue, found: ") for sql in DAMAGED.values()],
    ids=[*HOSTILE, *DAMAGED],
)
def test_what_no_catalogue_of_ours_holds_is_refused(tmp_path: Path, sql: str, told: str) -> None:
    file = write_catalogue(tmp_path / "catalogue.sqlite")
    ask(file)
    connection = sqlite3.connect(file)
    connection.executescript(sql)
    connection.close()
    with pytest.raises(IndexDamagedError, match=told):
        ask(file)


def test_a_ledger_of_other_types_is_refused(tmp_path: Path) -> None:
    file = write_catalogue(tmp_path / "catalogue.sqlite")
    connection = sqlite3.connect(file)
    connection.execute("INSERT INTO roots VALUES (0, 5)")
    connection.commit()
    connection.close()
    with (
        Catalogue.open(file) as catalogue,
        pytest.raises(IndexDamagedError, match=r"catalogue\.sqlite: expected"),
    ):
        read_ledger(catalogue.driver)


def bomb(size: int) -> bytes:
    """Pack so many zeros, without making them."""
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join([packer.compress(block) for _ in range(size // len(block))]) + packer.flush()


def test_a_small_blob_that_unpacks_to_very_much_is_refused() -> None:
    packed = bomb(3 * MAX_TEXT)
    assert len(packed) < MAX_TEXT / 300
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="a text of more than 100,000,000 bytes, packed into"):
            unpacked(packed)
        assert tracemalloc.get_traced_memory()[1] < 2.5 * MAX_TEXT
    finally:
        tracemalloc.stop()


@given(st.text())
def test_texts_come_back_as_they_were(text: str) -> None:
    assert unpacked(zlib.compress(text.encode())) == text
    assert unpacked(None) is None
