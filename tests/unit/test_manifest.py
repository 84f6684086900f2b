import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from semhash.errors import IndexDamagedError, IndexFolderError, IndexFormatError, IndexNotFoundError
from semhash.store.manifest import FORMAT_VERSION, MANIFEST, FileRecord, read_manifest, sha256_of

if TYPE_CHECKING:
    from tests.unit.conftest import WriteFolder


def test_what_is_written_is_read_back(tmp_path: Path, write_folder: "WriteFolder") -> None:
    written = write_folder(tmp_path / "notes")
    read = read_manifest(tmp_path / "notes")
    assert msgspec.structs.replace(read, digest="") == written
    assert len(bytes.fromhex(read.digest)) == 32


def test_it_names_every_file_with_its_size_and_digest(folder: Path) -> None:
    files = {file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST}
    records = read_manifest(folder).files
    assert {folder / record.path for record in records.values()} == files
    for name, record in records.items():
        data = (folder / record.path).read_bytes()
        assert name == Path(record.path).name
        assert record == FileRecord(record.path, len(data), hashlib.sha256(data).hexdigest())


def test_the_same_manifest_is_the_same_bytes_and_its_digest_is_its_own(folder: Path) -> None:
    raw = (folder / MANIFEST).read_bytes()
    manifest = read_manifest(folder)
    assert manifest.encode() == raw
    bare = raw.replace(manifest.digest.encode(), b"")
    assert hashlib.sha256(bare).hexdigest() == manifest.digest


def test_one_altered_bit_anywhere_is_found_and_the_file_named(folder: Path) -> None:
    file = folder / MANIFEST
    raw = file.read_bytes()
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << place % 8
        with file.open(
            "r+b"
        ) as stream:  # a file that is made anew is flushed to the disk by some file systems
            stream.write(altered)
        with pytest.raises((IndexDamagedError, IndexFormatError), match=MANIFEST):
            read_manifest(folder)


@pytest.mark.parametrize("length", [0, 1, 20, 400, -1])
def test_one_that_was_cut_short_is_found(folder: Path, length: int) -> None:
    file = folder / MANIFEST
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(IndexDamagedError, match=f"{MANIFEST}: expected"):
        read_manifest(folder)


def test_an_edited_value_is_found_though_it_is_sound_json(folder: Path) -> None:
    file = folder / MANIFEST
    file.write_bytes(file.read_bytes().replace(b'"n_documents": 10', b'"n_documents": 11'))
    with pytest.raises(IndexDamagedError, match="found it altered"):
        read_manifest(folder)


def test_fields_added_since_it_was_written_have_their_defaults(folder: Path) -> None:
    manifest = read_manifest(folder)
    raw = json.loads((folder / MANIFEST).read_bytes())
    del raw["config"]["model"]["pretraining"], raw["config"]["training"]["patience"]
    raw["digest"] = ""
    bare = json.dumps(raw)
    digest = hashlib.sha256(bare.encode()).hexdigest()
    (folder / MANIFEST).write_text(bare.replace('"digest": ""', f'"digest": "{digest}"'))
    assert read_manifest(folder).config == manifest.config
    (folder / MANIFEST).write_text(bare)
    with pytest.raises(IndexDamagedError, match="found it altered"):
        read_manifest(folder)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, 1999])
def test_another_format_is_refused_with_both_versions_named(folder: Path, version: int) -> None:
    other = {"format": "semhash-index", "format_version": version, "semhash_version": "7.7", "new": []}
    (folder / MANIFEST).write_bytes(msgspec.json.encode(other))
    expected = (
        rf"format {FORMAT_VERSION}, found {version} \(written by semhash 7\.7\).*index the corpus again"
    )
    with pytest.raises(IndexFormatError, match=expected):
        read_manifest(folder)


@pytest.mark.parametrize("version", [1, 2])
def test_an_earlier_format_is_refused_with_what_makes_it_anew(folder: Path, version: int) -> None:
    manifest = read_manifest(folder)
    (folder / MANIFEST).write_bytes(msgspec.structs.replace(manifest, format_version=version).encode())
    expected = rf"format {FORMAT_VERSION}, found {version} .*semhash update --retrain --index {folder}$"
    with pytest.raises(IndexFormatError, match=expected):
        read_manifest(folder)
    assert read_manifest(folder, older=True).format_version == version


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[]", "expected the JSON of a manifest"),
        (b'"semhash-index"', "expected the JSON of a manifest"),
        (b"\xff\xfe\x00", "expected the JSON of a manifest"),
        (b'{"a": ' + b"[" * 100_000, "expected the JSON of a manifest"),
        (b"{}", 'expected "format": "semhash-index", found \'\''),
        (b'{"name": "A web page", "start_url": "/"}', 'expected "format": "semhash-index", found \'\''),
        (b'{"format": "semhash-index", "format_version": 3}', "expected a manifest of format 3"),
        (b" " * 10_000_001, "expected at most 10,000,000 bytes, found 10,000,001"),
    ],
    ids=["list", "string", "bytes", "deep", "empty", "foreign", "bare", "huge"],
)
def test_what_is_no_manifest_is_told_in_words(folder: Path, content: bytes, told: str) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(IndexDamagedError, match=MANIFEST) as caught:
        read_manifest(folder)
    assert told in str(caught.value)


def test_a_value_out_of_range_is_told(folder: Path) -> None:
    manifest = read_manifest(folder)
    raw = manifest.encode().replace(b'"bits": 20,\n      "hidden"', b'"bits": 999,\n      "hidden"')
    assert b"999" in raw
    (folder / MANIFEST).write_bytes(raw)
    with pytest.raises(IndexDamagedError, match="expected 8 to 128, found 999"):
        read_manifest(folder)


def test_no_index_is_told_from_no_folder_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    found = {"nowhere": "no such folder", "folder": "a folder without one", "file": "a file"}
    for name, what in found.items():
        with pytest.raises(IndexNotFoundError, match=f"{name}: .*found {what}; make one with: semhash index"):
            read_manifest(tmp_path / name)


def test_every_error_is_one_of_the_index_folder() -> None:
    for kind in (IndexDamagedError, IndexFormatError, IndexNotFoundError):
        assert issubclass(kind, IndexFolderError)


def test_a_file_is_digested_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "data").write_bytes(data)
    assert sha256_of(tmp_path / "data") == hashlib.sha256(data).hexdigest()
