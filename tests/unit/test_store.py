from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from semhash.errors import IndexDamagedError
from semhash.store import IndexFolder
from semhash.store import folder as store
from semhash.store.manifest import MANIFEST, FileRecord, read_manifest, sha256_of

if TYPE_CHECKING:
    from tests.unit.conftest import WriteFolder

FILES = ["numbers.npy", "words.json"]


def flip(file: Path, place: int = -1) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    overwrite(file, data)


def overwrite(file: Path, data: bytes | bytearray) -> None:
    """Write as many bytes as there are: a file that is made anew is flushed to the disk by some file systems."""
    with file.open("r+b") as stream:
        stream.write(data)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def lengthen(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def make_a_folder_of(file: Path) -> None:
    file.unlink()
    file.mkdir()


def record(folder: Path, path: str, of: Path) -> None:
    """Write a manifest, sound in itself, that has words.json elsewhere."""
    manifest = read_manifest(folder)
    elsewhere = FileRecord(path, of.stat().st_size, sha256_of(of))
    files = {**manifest.files, "words.json": elsewhere}
    (folder / MANIFEST).write_bytes(msgspec.structs.replace(manifest, files=files).encode())


def test_files_are_given_by_what_they_are(folder: Path) -> None:
    opened = IndexFolder.open(folder)
    assert opened.json("words.json") == ["first"]
    numbers = opened.array("numbers.npy", np.uint32, (10,))
    assert numbers.tolist() == list(range(10))
    assert not numbers.flags.writeable
    assert isinstance(numbers, np.memmap)
    assert opened.file("numbers.npy") == folder / "generation-1" / "numbers.npy"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [flip, cut, lengthen, empty, Path.unlink, make_a_folder_of])
def test_damage_is_found_on_opening_and_the_file_named(
    folder: Path, name: str, damage: Callable[[Path], None]
) -> None:
    file = folder / "generation-1" / name
    damage(file)
    with pytest.raises(IndexDamagedError, match=f"^{file}: expected .*, found .*build the index again"):
        IndexFolder.open(folder)


def test_every_bit_of_every_small_file_counts(folder: Path) -> None:
    for name in FILES:
        file = folder / "generation-1" / name
        for place in range(file.stat().st_size):
            flip(file, place)
            with pytest.raises(IndexDamagedError, match=name):
                IndexFolder.open(folder)
            flip(file, place)
    IndexFolder.open(folder)


def test_large_files_are_left_to_verify(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {name: (folder / "generation-1" / name).stat().st_size for name in FILES}
    small, large = sorted(FILES, key=lambda name: sizes[name])
    monkeypatch.setattr(store, "_CHEAP_BYTES", sizes[large] + sizes[small] - 1)
    flip(folder / "generation-1" / large)
    [(found, problem)] = [item for item in IndexFolder.open(folder).verify() if item[1] is not None]
    assert found == large
    assert problem is not None
    assert problem.startswith("expected sha256 ")
    flip(folder / "generation-1" / small)
    with pytest.raises(IndexDamagedError, match=small):
        IndexFolder.open(folder)


def test_the_manifest_alone_can_be_asked_for(folder: Path) -> None:
    for name in FILES:
        (folder / "generation-1" / name).unlink()
    opened = IndexFolder.open(folder, check_files=False)
    assert dict(opened.verify()).keys() == set(FILES)
    assert all("found no file" in str(problem) for _, problem in opened.verify())


@pytest.mark.parametrize("path", ["../outside", "generation-1/../../outside", ".."])
def test_a_path_out_of_the_folder_is_refused(folder: Path, path: str) -> None:
    outside = folder.parent / "outside"
    outside.write_bytes(b"[]")
    record(folder, path, outside)
    with pytest.raises(
        IndexDamagedError, match=r"expected words\.json inside the index folder, found '.*\.\."
    ):
        IndexFolder.open(folder)


def test_an_absolute_path_is_refused(folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.write_bytes(b"[]")
    record(folder, str(outside), outside)
    with pytest.raises(IndexDamagedError, match=r"expected words\.json inside the index folder, found '/"):
        IndexFolder.open(folder)


def test_a_file_that_the_manifest_does_not_name_is_none(folder: Path) -> None:
    (folder / "generation-1" / "more.npy").touch()
    with pytest.raises(IndexDamagedError, match=rf"{MANIFEST}: expected it to name more\.npy"):
        IndexFolder.open(folder).file("more.npy")


@pytest.mark.parametrize(
    ("dtype", "shape", "told"),
    [
        (np.int64, (10,), r"expected int64 of shape \(10,\), found uint32 of shape \(10,\)"),
        (np.uint32, (11,), r"expected uint32 of shape \(11,\), found uint32 of shape \(10,\)"),
        (np.uint32, (10, 1), r"expected uint32 of shape \(10, 1\)"),
        (np.unsignedinteger, (None, None), r"expected unsigned of shape \(None, None\)"),
    ],
)
def test_an_array_of_another_type_or_shape_is_refused(
    folder: Path, dtype: Any, shape: tuple[int | None, ...], told: str
) -> None:
    with pytest.raises(IndexDamagedError, match=told) as caught:
        IndexFolder.open(folder).array("numbers.npy", dtype, shape)
    assert "numbers.npy" in str(caught.value)


def test_a_damaged_array_header_never_ends_in_an_error_of_numpy(folder: Path) -> None:
    opened = IndexFolder.open(folder)
    file = folder / "generation-1" / "numbers.npy"
    raw = file.read_bytes()
    read = 0
    for place in range(128):
        for bit in range(8):
            altered = bytearray(raw)
            altered[place] ^= 1 << bit
            overwrite(file, altered)
            with suppress(IndexDamagedError):  # and nothing else
                numbers = opened.array("numbers.npy", np.uint32, (10,))
                assert (str(numbers.dtype), numbers.shape) == ("uint32", (10,))
                read += 1
    assert 0 < read < 128, "most damage to a header must be seen"


def test_json_is_compared_with_its_digest_when_it_is_read(folder: Path) -> None:
    opened = IndexFolder.open(folder)
    file = folder / "generation-1" / "words.json"
    file.write_bytes(b'["farst"]')
    assert file.stat().st_size == opened.manifest.files["words.json"].bytes
    with pytest.raises(IndexDamagedError, match=r"words\.json: expected sha256"):
        opened.json("words.json")


def test_who_has_an_index_open_goes_on_reading_it(folder: Path, write_folder: "WriteFolder") -> None:
    old = IndexFolder.open(folder)
    write_folder(folder, "second", force=True)
    assert IndexFolder.open(folder).json("words.json") == ["second"]
    assert old.json("words.json") == ["first"]
    assert old.array("numbers.npy", np.uint32, (10,)).sum() == 45


def test_a_generation_goes_when_nobody_has_it_open(folder: Path, write_folder: "WriteFolder") -> None:
    def generations() -> list[str]:
        return sorted(path.name for path in folder.glob("generation-*"))

    old = IndexFolder.open(folder)
    write_folder(folder, "second", force=True)
    assert generations() == ["generation-1", "generation-2"]
    old.close()
    old.close()
    write_folder(folder, "third", force=True)
    assert generations() == ["generation-3"]


def test_forgetting_an_index_lets_it_go_too(folder: Path, write_folder: "WriteFolder") -> None:
    IndexFolder.open(folder)
    write_folder(folder, "second", force=True)
    assert not (folder / "generation-1").exists()


def test_an_index_that_is_replaced_while_it_is_opened_is_opened_anew(
    folder: Path, write_folder: "WriteFolder", monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = IndexFolder._hold
    words = ["second", "third"]

    def replaced_just_before(self: IndexFolder) -> None:
        if words:
            write_folder(folder, words.pop(0), force=True)
        hold(self)

    monkeypatch.setattr(IndexFolder, "_hold", replaced_just_before)
    opened = IndexFolder.open(folder)
    assert opened.manifest.generation == 3
    assert opened.json("words.json") == ["third"]
