"""Exports: what is in the files is what is in the index, and no file is ever half there or replaced unasked."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from semhash import Index, codes
from semhash.errors import ConfigError
from semhash.exchange.export import FORMATS, documents, export_index, format_of, write_jsonl
from semhash.exchange.parquet import write_parquet

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home


def read_jsonl(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_jsonl_and_parquet_hold_every_document_as_the_catalogue_does(index: Index, tmp_path: Path) -> None:
    lines, table = tmp_path / "notes.jsonl", tmp_path / "notes.parquet"
    assert export_index(index, lines) == export_index(index, table) == len(index)
    for row, columns, entry in zip(
        read_jsonl(lines), pq.read_table(table).to_pylist(), index.catalogue.documents(), strict=True
    ):
        assert row == {
            **{name: getattr(entry, name) for name in ("row", "id", "title", "path", "split", "metadata")},
            **{name: getattr(entry, name) for name in ("code", "known_words", "text")},
            "labels": list(entry.labels),
            "bits": index.bits,
        }
        assert columns | {"metadata": json.loads(columns["metadata"])} == row
        assert codes.to_int(np.asarray(index.codes[row["row"]])) == row["code"]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_texts_can_be_left_out(index: Index, tmp_path: Path, format: str) -> None:
    file = tmp_path / f"notes.{format}"
    export_index(index, file, texts=False)
    rows = read_jsonl(file) if format == "jsonl" else pq.read_table(file).to_pylist()
    assert len(rows) == len(index)
    assert all("text" not in row and row["id"] for row in rows)


def test_stock_faiss_opens_the_codes_and_finds_what_the_index_does(index: Index, tmp_path: Path) -> None:
    file = tmp_path / "codes.faiss"
    assert export_index(index, file) == index.lookup.n_documents
    opened = faiss.read_index_binary(str(file))
    assert (opened.d, opened.ntotal) == (24, index.lookup.n_documents)
    for row in (0, 11, 57):
        query = np.asarray(index.codes[row])[None]
        distances, found = opened.search(query, 20)
        expected = index.lookup.nearest(codes.to_int(query[0]), 20)
        assert distances[0].tolist() == expected.distances.tolist()
        far = int(distances[0, -1])
        assert set(found[0][distances[0] < far]) == set(expected.rows[expected.distances < far])
        assert {codes.to_int(np.asarray(index.codes[i])) ^ codes.to_int(query[0]) for i in found[0, :1]} == {
            0
        }


def test_wide_codes_are_bytes_in_parquet() -> None:
    code = (1 << 99) + 5
    document = {"row": 0, "id": "a", "title": "", "path": "", "labels": [], "split": None, "metadata": {}}
    stream = io.BytesIO()
    write_parquet([document | {"code": code, "bits": 100, "known_words": 1}], 100, stream, texts=False)
    table = pq.read_table(io.BytesIO(stream.getvalue()))
    assert table.schema.field("code").type == pa.binary(13)
    assert int.from_bytes(table["code"][0].as_py(), "little") == code


def test_what_was_exported_can_be_indexed_again(home: "Home", semhash: "Semhash", index_folder: Path) -> None:
    semhash("export", "again.jsonl", "--index", str(index_folder), cwd=home.path)
    made = semhash(
        "index", "again.jsonl", "--epochs", "2", "--out", "made-again", "--json", cwd=home.path
    ).json()
    assert made["n_documents"] == len(read_jsonl(home.path / "again.jsonl"))
    listed = semhash("list", "--index", "made-again", "--json", cwd=home.path).rows()
    exported = {row["id"]: row for row in read_jsonl(home.path / "again.jsonl")}
    assert all(row["labels"] == exported[row["id"]]["labels"] for row in listed)


def test_a_file_that_stands_there_is_not_replaced_unasked(index: Index, tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("mine")
    with pytest.raises(
        ConfigError, match=r"notes\.jsonl: expected no file there, found one; replace it with --force"
    ):
        export_index(index, file)
    assert file.read_text() == "mine"
    export_index(index, file, force=True)
    assert len(read_jsonl(file)) == len(index)
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_half_way_leaves_nothing(index: Index, tmp_path: Path) -> None:
    def fails(stage: str, done: float, total: float, detail: str = "") -> None:
        raise KeyboardInterrupt

    for format in ("jsonl", "parquet"):
        with pytest.raises(KeyboardInterrupt):
            export_index(index, tmp_path / f"notes.{format}", progress=fails)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        (
            "notes.csv",
            None,
            r"expected a name that ends in \.jsonl, .*found \.csv; name the file so, or say --format",
        ),
        ("notes", None, "found no ending"),
        ("notes.jsonl", "csv", "format: expected one of jsonl, parquet, faiss, found 'csv'"),
        ("nowhere/notes.jsonl", None, "expected a folder to write it to, found no .*nowhere; make it"),
    ],
)
def test_what_cannot_be_written_is_told(
    index: Index, tmp_path: Path, name: str, given: Any, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        export_index(index, tmp_path / name, given)


def test_formats_are_known_by_name_and_by_ending() -> None:
    assert [format_of(Path("x.txt"), name) for name in FORMATS] == list(FORMATS)
    assert format_of(Path("x.FAISS")) == "faiss"
    assert format_of(Path("x.parquet"), "jsonl") == "jsonl"


def test_a_stream_holds_what_documents_gives(index: Index) -> None:
    stream = io.BytesIO()
    assert write_jsonl(index, stream, texts=False) == len(index)
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == list(
        documents(index, texts=False)
    )


@pytest.mark.usefixtures("notes")
def test_the_command_writes_files_and_standard_output(home: "Home", semhash: "Semhash") -> None:
    place = home.path
    said = semhash("export", "all.faiss", "--json", cwd=place).json()
    assert said == {"file": "all.faiss", "n_documents": said["n_documents"], "n_left_out": 1}
    done = semhash("export", "all.jsonl", "--without-text", cwd=place)
    assert done.stdout == "all.jsonl\n"
    assert f"{said['n_documents'] + 1} documents written" in done.stderr
    printed = semhash("export", "-", "--without-text", cwd=place).rows()
    assert printed == read_jsonl(place / "all.jsonl")
    done = semhash("export", "all.jsonl", cwd=place, status=2)
    assert "replace it with --force" in done.stderr
    done = semhash("export", "-", "--format", "faiss", cwd=place, status=2)
    assert "expected to write JSON lines on standard output, found --format faiss" in done.stderr


@pytest.mark.usefixtures("notes")
def test_without_pyarrow_the_command_that_installs_it_is_named(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('gone')\n")
    done = semhash("export", "x.parquet", cwd=home.path, env={"PYTHONPATH": str(tmp_path)}, status=2)
    assert "pip install 'semhash-index[parquet]'" in done.stderr
    assert not (home.path / "x.parquet").exists()
