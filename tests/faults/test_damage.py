"""Every file of an index, of every kind of index, damaged in every way: found, told, and never a wrong crash.

A few places of each file; more with ``SEMHASH_CAMPAIGN=1``, as many as `SEMHASH_PLACES` says.
"""

import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from semhash import open_index
from semhash.catalogue import SCHEMA_VERSION
from semhash.errors import IndexDamagedError, IndexFormatError, SemhashError
from semhash.inspection.verification import verify_index
from semhash.store import folder as store
from semhash.store.manifest import FORMAT_VERSION, MANIFEST, Manifest, read_manifest

pytestmark = pytest.mark.slow

KINDS = ["table", "without texts", "wide"]
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
QUERY = "babo cabo dabo fago"


@pytest.fixture(params=KINDS, scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def sound(made_indexes: dict[str, Path], kind: str) -> Path:
    return made_indexes[kind]


@pytest.fixture(scope="module")
def copy(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(sound, tmp_path_factory.mktemp("damaged") / "notes")


def problems(folder: Path) -> dict[str, str]:
    return {found.name: found.problem for found in verify_index(folder) if found.problem is not None}


def answers(folder: Path) -> list[Any]:
    """Ask in every way of ranking; what comes must be fit to show."""
    found: list[Any] = []
    with open_index(folder) as index:
        for rank in ("hamming", "tfidf", "bm25", "hybrid", "asymmetric"):
            hits = index.query(QUERY, 5, rank=rank, novelty=True).hits
            assert np.isfinite([hit.score for hit in hits]).all()
            found.append([(hit.id, hit.title, hit.score, hit.distance, hit.snippet) for hit in hits])
    return found


@contextmanager
def altered(file: Path) -> Iterator[None]:
    """Put a file back as it was."""
    data = file.read_bytes()
    try:
        yield
    finally:
        if file.is_dir() and not file.is_symlink():
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
        file.write_bytes(data)


def flip(file: Path, place: int, bit: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(place)
        [byte] = stream.read(1)
        stream.seek(place)
        stream.write(bytes([byte ^ 1 << bit]))


def files_of(folder: Path) -> list[tuple[str, Path]]:
    return [(name, folder / record.path) for name, record in read_manifest(folder).files.items()]


def extend(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\0")


def into_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def into_a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def into_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


WHOLE_FILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "emptied": (lambda file: os.truncate(file, 0), "found 0$"),
    "cut in half": (lambda file: os.truncate(file, file.stat().st_size // 2), r"found [\d,]+$"),
    "cut by a byte": (lambda file: os.truncate(file, file.stat().st_size - 1), r"found [\d,]+$"),
    "extended": (extend, r"found [\d,]+$"),
    "missing": (Path.unlink, "found no file$"),
    "a folder": (into_a_folder, "found no file$"),
    "a link": (into_a_link, "found a link; put what it leads to in its place$"),
    "a pipe": (into_a_pipe, "found no file$"),
    "a pointer": (lambda file: file.write_bytes(POINTER), "found a git-lfs pointer: run git lfs pull$"),
}


@pytest.mark.parametrize("damage", WHOLE_FILE)
def test_a_file_that_is_not_what_it_was_is_named(copy: Path, damage: str) -> None:
    do, told = WHOLE_FILE[damage]
    for name, file in files_of(copy):
        with altered(file):
            do(file)
            found = problems(copy)
            assert list(found) == [name]
            assert re.search(told, found[name])
            with pytest.raises(IndexDamagedError, match=f"^{re.escape(str(file))}: expected .*, found "):
                open_index(copy)
        (file.parent / "elsewhere").unlink(missing_ok=True)
    assert problems(copy) == {}


def test_the_folder_of_the_files_may_be_no_link(copy: Path) -> None:
    folder = copy / "generation-1"
    folder.rename(copy / "elsewhere")
    folder.symlink_to("elsewhere")
    try:
        assert set(problems(copy)) == set(read_manifest(copy).files)
        with pytest.raises(IndexDamagedError, match="found a folder that is a link; "):
            open_index(copy)
    finally:
        folder.unlink()
        (copy / "elsewhere").rename(folder)


def some_places(file: Path, n: int, seed: int) -> list[tuple[int, int]]:
    """Choose places and bits: the first byte, the last, some of the header, and others anywhere."""
    source = random.Random(f"{seed} {file.name}")
    size = file.stat().st_size
    places = [0, size - 1, *(source.randrange(min(size, 128)) for _ in range(n // 4))]
    places += [source.randrange(size) for _ in range(n - len(places))]
    return [(place, source.randrange(8)) for place in places]


FEW, MANY = 3, int(os.environ.get("SEMHASH_PLACES", "200"))


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.campaign)])
def test_a_flipped_bit_is_found_wherever_it_is(copy: Path, n: int) -> None:
    for name, file in files_of(copy):
        for place, bit in some_places(file, n, 1):
            flip(file, place, bit)
            try:
                assert list(problems(copy)) == [name], (place, bit)
                with pytest.raises(IndexDamagedError, match=f"^{re.escape(str(file))}: expected sha256"):
                    open_index(copy)
            finally:
                flip(file, place, bit)
    assert problems(copy) == {}


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.campaign)])
def test_a_flipped_bit_that_opening_leaves_to_verify_is_told_or_does_no_harm(
    copy: Path, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a large index, where most files are too large to be read at every opening."""
    monkeypatch.setattr(store, "_CHEAP_BYTES", 0)
    for _, file in files_of(copy):
        for place, bit in some_places(file, n, 2):
            flip(file, place, bit)
            try:
                with suppress(SemhashError):  # and nothing else
                    answers(copy)
            finally:
                flip(file, place, bit)


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.campaign)])
def test_a_flipped_bit_of_the_manifest_is_told(copy: Path, n: int) -> None:
    file = copy / MANIFEST
    for place, bit in some_places(file, 4 * n, 3):
        flip(file, place, bit)
        try:
            with pytest.raises(
                (IndexDamagedError, IndexFormatError), match=f"^{re.escape(str(file))}: expected "
            ):
                open_index(copy)
        finally:
            flip(file, place, bit)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (b"", "expected the JSON of a manifest, found: "),
        (b"[]", "expected the JSON of a manifest, found: "),
        (b"[" * 100_000, "expected the JSON of a manifest, found: "),
        (POINTER, "expected the JSON of a manifest, found: a git-lfs pointer: run git lfs pull$"),
    ],
)
def test_a_manifest_that_is_none_is_told(copy: Path, left: bytes, told: str) -> None:
    with altered(copy / MANIFEST):
        (copy / MANIFEST).write_bytes(left)
        assert list(problems(copy)) == [MANIFEST]
        with pytest.raises(IndexDamagedError, match=f"{re.escape(MANIFEST)}: {told}"):
            open_index(copy)


def test_a_file_of_another_index_is_named(made_indexes: dict[str, Path], copy: Path, kind: str) -> None:
    other = made_indexes[f"another {kind}"]
    mixed = 0
    for name, file in files_of(copy):
        theirs = (other / "generation-1" / name).read_bytes()
        if theirs == file.read_bytes():
            continue
        mixed += 1
        with altered(file):
            file.write_bytes(theirs)
            assert list(problems(copy)) == [name]
            with pytest.raises(IndexDamagedError, match=f"^{re.escape(str(file))}: expected "):
                open_index(copy)
    assert mixed > 10


def test_the_manifest_of_another_index_is_told(made_indexes: dict[str, Path], copy: Path, kind: str) -> None:
    with altered(copy / MANIFEST):
        (copy / MANIFEST).write_bytes((made_indexes[f"another {kind}"] / MANIFEST).read_bytes())
        assert len(problems(copy)) > 10
        with pytest.raises(IndexDamagedError, match=r"expected .*, found "):
            open_index(copy)


@pytest.mark.parametrize("version", [-1, 0, FORMAT_VERSION + 1, 2**62])
def test_a_format_of_another_version_says_which(copy: Path, version: int) -> None:
    with altered(copy / MANIFEST):
        changed: Manifest = msgspec.structs.replace(read_manifest(copy), format_version=version)
        (copy / MANIFEST).write_bytes(changed.encode())
        expected = rf"expected index format {FORMAT_VERSION}, found {version} \(written by semhash .*\)"
        told = rf"{MANIFEST}: {expected}; use that version"
        with pytest.raises(IndexFormatError, match=told):
            open_index(copy)
        with pytest.raises(IndexFormatError, match=told):
            list(verify_index(copy))


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1])
def test_a_catalogue_of_another_version_says_which(
    sound: Path, tmp_path: Path, reseal: Callable[[Path], None], version: int
) -> None:
    folder = shutil.copytree(sound, tmp_path / "notes")
    connection = sqlite3.connect(folder / "generation-1" / "catalogue.sqlite")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    reseal(folder)
    told = f"catalogue.sqlite: expected catalogue schema {SCHEMA_VERSION}, found {version}; index the corpus again"
    with pytest.raises(IndexFormatError, match=told):
        answers(folder)
    found = problems(folder)
    assert list(found) == ["catalogue is sound", "catalogue holds every document"]
    assert all(re.search(told, problem) for problem in found.values())
