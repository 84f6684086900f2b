"""A real index, damaged in every file: verify names the file, and no answer is wrong in silence."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import pytest

from semhash import open_index
from semhash.errors import IndexDamagedError, IndexNotFoundError, SemhashError
from semhash.inspection.verification import Finding, verify_index
from semhash.store import folder as store
from semhash.store.manifest import MANIFEST, FileRecord, read_manifest, sha256_of

FILES = [
    "catalogue.sqlite",
    "codes.npy",
    "counts-data.npy",
    "counts-indices.npy",
    "counts-indptr.npy",
    "document-frequency.npy",
    "faiss.index",
    "forms-letters.npy",
    "forms-offsets.npy",
    "languages.npy",
    "lexicon-letters.npy",
    "lexicon-offsets.npy",
    "model.safetensors",
    "norms.npy",
    "postings-counts.npy",
    "postings-lengths.npy",
    "postings-offsets.npy",
    "postings-rows.npy",
    "postings-spellings.npy",
    "postings.json",
    "table-offsets.npy",
    "table-rows.npy",
    "vocabulary.json",
]
RELATIONS = [
    "catalogue is sound",
    "catalogue holds every document",
    "model fits the vocabulary",
    "addresses are the codes",
    "postings are the counts",
    "terms have forms, documents languages",
]


@pytest.fixture(scope="module")
def copy(index_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(index_folder, tmp_path_factory.mktemp("verify") / "notes")


def problems(folder: Path) -> dict[str, str]:
    return {found.name: found.problem for found in verify_index(folder) if found.problem is not None}


def flip(file: Path, place: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(place)
        [byte] = stream.read(1)
        stream.seek(place)
        stream.write(bytes([byte ^ 1]))


def places(file: Path) -> list[int]:
    """The first byte, the last, and three between."""
    size = file.stat().st_size
    return sorted({0, size // 3, size // 2, size * 3 // 4, size - 1})


def test_a_whole_index_passes_every_check(index_folder: Path) -> None:
    assert list(verify_index(index_folder)) == [
        Finding(name, None) for name in [MANIFEST, *FILES, *RELATIONS]
    ]


def test_the_files_tried_below_are_all_there_are(copy: Path) -> None:
    assert list(read_manifest(copy).files) == FILES
    assert sorted(path.name for path in (copy / "generation-1").iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_found_and_the_file_named(copy: Path, name: str) -> None:
    file = copy / "generation-1" / name
    for place in places(file):
        flip(file, place)
        try:
            assert list(problems(copy)) == [name]
            with pytest.raises(IndexDamagedError, match=f"^{file}: expected sha256 .*, found "):
                open_index(copy)
        finally:
            flip(file, place)
    assert problems(copy) == {}


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_header_that_opening_leaves_to_verify_still_ends_in_an_error_of_ours(
    copy: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large index, some files are too large to digest at every opening."""
    monkeypatch.setattr(store, "_CHEAP_BYTES", 0)
    file = copy / "generation-1" / name
    for place in range(0, min(128, file.stat().st_size), 3):
        flip(file, place)
        try:
            with suppress(SemhashError), open_index(copy) as index:
                assert len(index.query("rocket to the moon").hits) <= 10
        finally:
            flip(file, place)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_missing_is_found_and_named(copy: Path, name: str) -> None:
    file = copy / "generation-1" / name
    data = file.read_bytes()
    told = {len(data) - 1: f"found {len(data) - 1:,}", 0: "found 0", None: "found no file"}
    try:
        for size, found in told.items():
            file.unlink() if size is None else os.truncate(file, size)
            assert problems(copy) == {name: f"expected {len(data):,} bytes, {found}"}
            with pytest.raises(IndexDamagedError, match=f"^{file}: expected {len(data):,} bytes, {found};"):
                open_index(copy)
    finally:
        file.write_bytes(data)


def test_a_damaged_manifest_is_a_finding_too(copy: Path) -> None:
    file = copy / MANIFEST
    data = file.read_bytes()
    try:
        flip(file, len(data) // 2)
        [found] = verify_index(copy)
        assert found.name == MANIFEST
        assert str(file) in str(found.problem)
    finally:
        file.write_bytes(data)


def test_every_damaged_file_is_listed_not_only_the_first(copy: Path) -> None:
    for name in ("codes.npy", "norms.npy"):
        flip(copy / "generation-1" / name, 200)
    try:
        assert list(problems(copy)) == ["codes.npy", "norms.npy"]
    finally:
        for name in ("codes.npy", "norms.npy"):
            flip(copy / "generation-1" / name, 200)


def test_no_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="found no such folder"):
        list(verify_index(tmp_path / "nowhere"))


def _swap_two_codes(folder: Path) -> None:
    file = folder / "generation-1" / "codes.npy"
    codes = np.load(file)
    other = int(np.flatnonzero((codes != codes[0]).any(axis=1))[0])
    codes[[0, other]] = codes[[other, 0]]
    np.save(file, codes)


def _drop_a_document(folder: Path) -> None:
    connection = sqlite3.connect(folder / "generation-1" / "catalogue.sqlite")
    connection.execute("DELETE FROM documents WHERE row = 7")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("name", "told", "change"),
    [
        ("addresses are the codes", "found 2 elsewhere", _swap_two_codes),
        ("catalogue holds every document", "expected 240 documents, found 239", _drop_a_document),
    ],
)
def test_parts_that_contradict_each_other_are_found_though_every_digest_is_right(
    index_folder: Path, tmp_path: Path, name: str, told: str, change: Callable[[Path], None]
) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "notes")
    change(folder)
    manifest = read_manifest(folder)
    files = {
        key: FileRecord(r.path, (folder / r.path).stat().st_size, sha256_of(folder / r.path))
        for key, r in manifest.files.items()
    }
    (folder / MANIFEST).write_bytes(msgspec.structs.replace(manifest, files=files).encode())
    found = problems(folder)
    assert list(found) == [name]
    assert told in found[name]
