import errno
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash.errors import IndexBusyError, IndexExistsError, IndexFolderError
from semhash.store import IndexFolder
from semhash.store import draft as draft_module
from semhash.store.draft import Draft, draft_index
from semhash.store.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from tests.unit.conftest import WriteFolder


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its bytes, every folder with None."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def word_of(folder: Path) -> str:
    [word] = IndexFolder.open(folder).json("words.json")
    return str(word)


def abandon(target: Path, *, force: bool = False) -> None:
    """Begin an index, write into it, and fail."""
    with draft_index(target, force=force) as draft:
        draft.save_json("words.json", ["never"])
        raise ZeroDivisionError


def test_nothing_is_seen_before_it_is_published(tmp_path: Path, write_folder: "WriteFolder") -> None:
    target = tmp_path / "notes"
    with draft_index(target) as draft:
        draft.save_json("words.json", ["first"])
        draft.records()
        assert not target.exists()
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
    write_folder(target)
    assert sorted(contents(target)) == [
        "generation-1",
        "generation-1/numbers.npy",
        "generation-1/words.json",
        MANIFEST,
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_a_failure_leaves_nothing_not_even_the_folders_above(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        abandon(tmp_path / "new" / "and" / "deep" / "notes")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_folders_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ZeroDivisionError):
        abandon(tmp_path / "mine" / "deep" / "notes")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_failure_leaves_the_old_index_as_it_was(folder: Path) -> None:
    before = contents(folder.parent)
    with pytest.raises(ZeroDivisionError):
        abandon(folder, force=True)
    assert contents(folder.parent) == before


def test_an_index_is_not_replaced_unless_asked(folder: Path) -> None:
    before = contents(folder.parent)
    expected = (
        "expected a free place, found an index; replace it with --force, or choose .*--out DIR; to bring it"
    )
    with pytest.raises(IndexExistsError, match=expected):
        abandon(folder)
    assert contents(folder.parent) == before


def test_a_replaced_index_is_a_new_generation(folder: Path, write_folder: "WriteFolder") -> None:
    for number, word in enumerate(["second", "third"], 2):
        write_folder(folder, word, force=True)
        assert read_manifest(folder).generation == number
        assert word_of(folder) == word
        assert sorted(path.name for path in folder.iterdir()) == [f"generation-{number}", MANIFEST]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", ["letter.txt", MANIFEST])
def test_other_peoples_files_are_never_overwritten(
    tmp_path: Path, name: str, force: bool, write_folder: "WriteFolder"
) -> None:
    target = tmp_path / "site"
    (target / "generation-1").mkdir(parents=True)
    (target / name).write_text('{"name": "A web page", "start_url": "/"}')
    (target / "index.html").write_text("<p>")
    before = contents(tmp_path)
    with pytest.raises(IndexExistsError, match="found other files, which are never overwritten"):
        write_folder(target, force=force)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("force", [False, True])
def test_a_file_and_a_link_to_nothing_are_no_free_places(
    tmp_path: Path, force: bool, write_folder: "WriteFolder"
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = contents(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(IndexExistsError, match="found other files"):
            write_folder(tmp_path / name, force=force)
    assert contents(tmp_path) == before


def test_an_empty_folder_is_a_free_place(tmp_path: Path, write_folder: "WriteFolder") -> None:
    (tmp_path / "notes").mkdir()
    write_folder(tmp_path / "notes")
    assert word_of(tmp_path / "notes") == "first"


@pytest.mark.parametrize("left", [None, b"", b"{}", b"\0" * 5000])
def test_an_index_whose_manifest_is_damaged_can_be_built_again(
    folder: Path, left: bytes | None, write_folder: "WriteFolder"
) -> None:
    (folder / MANIFEST).unlink()
    if left is not None:
        (folder / MANIFEST).write_bytes(left)
    with pytest.raises(IndexExistsError, match="replace it with --force"):
        write_folder(folder, "second")
    write_folder(folder, "second", force=True)
    assert word_of(folder) == "second"
    assert sorted(path.name for path in folder.iterdir()) == ["generation-2", MANIFEST]


def test_an_index_behind_a_link_is_replaced_where_it_is(folder: Path, write_folder: "WriteFolder") -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    write_folder(link, "second", force=True)
    assert link.is_symlink()
    assert word_of(folder) == "second"


def test_what_a_killed_writer_left_is_swept_and_nothing_else(
    tmp_path: Path, write_folder: "WriteFolder"
) -> None:
    kept = ["1993", ".other.partial-7", ".notes.partial-7.txt", ".notes.partial-", "notes.partial-7"]
    for name in (*kept, ".notes.partial-7"):
        (tmp_path / name / "generation-1").mkdir(parents=True)
    (tmp_path / ".notes.lock").touch()
    write_folder(tmp_path / "notes")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "notes"])


def test_it_is_swept_even_by_a_writer_that_is_refused(folder: Path, write_folder: "WriteFolder") -> None:
    (folder.parent / ".notes.partial-7").mkdir()
    with pytest.raises(IndexExistsError):
        write_folder(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["notes"]


def test_two_writers_at_once_one_is_told(tmp_path: Path, write_folder: "WriteFolder") -> None:
    target = tmp_path / "notes"
    with draft_index(target) as draft:
        with pytest.raises(IndexBusyError, match=f"{target}: expected to be its only writer, found another"):
            write_folder(target)
        write_folder(tmp_path / "others")
        assert draft.folder.is_dir(), "the second writer took the first one's draft away"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["others"]
    write_folder(target)


@pytest.mark.parametrize("step", ["fsync", "rename", "replace"])
def test_a_failed_publish_leaves_the_old_index(
    folder: Path, step: str, write_folder: "WriteFolder", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the calls that publishing makes fails in turn, as on a full or failing disk."""
    before = contents(folder.parent)
    genuine = getattr(os, step)
    told: list[str] = []
    for failing in range(20):
        calls = 0

        def fails(*args: object, failing: int = failing) -> None:
            nonlocal calls
            calls += 1
            if calls > failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            genuine(*args)

        with monkeypatch.context() as patch:
            patch.setattr(os, step, fails)
            try:
                write_folder(folder, "second", force=True)
                break
            except IndexFolderError as error:
                told.append(str(error))
        if word_of(folder) == "second":
            # The manifest had been exchanged when the last flush failed: the new index is whole.
            assert step == "fsync"
            assert read_manifest(folder).generation == 2
            assert "expected the new index to be safe on the disk, found: No space left" in told.pop()
            break
        assert contents(folder.parent) == before
    assert told
    assert all(f"{folder}: expected to write an index there, found: No space left" in text for text in told)
    assert word_of(folder) == "second"


@pytest.mark.parametrize("old", [None, "old"])
def test_a_crash_at_any_moment_leaves_the_old_index_or_the_new_one(tmp_path: Path, old: str | None) -> None:
    script = Path(__file__).with_name("draft_crashes.py")
    arguments = [] if old is None else [old]
    done = subprocess.run(
        [sys.executable, script, tmp_path / "crashes", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    left = json.loads(done.stdout)
    assert len(left) > 10
    assert set(left) == {old, "new"}
    assert all((before, after) != ("new", old) for before, after in pairwise(left)), "there is no way back"


def test_failures_to_write_are_told_in_one_sentence(tmp_path: Path) -> None:
    from safetensors import SafetensorError

    causes = {
        OSError(errno.ENOSPC, "No space left on device"): "No space left on device",
        OSError("104 requested and 96 written"): "104 requested and 96 written",
        SafetensorError("I/O error: File too large"): "I/O error: File too large",
    }
    for cause, told in causes.items():
        with (
            pytest.raises(
                IndexFolderError, match=f"notes: expected to write .*, found: {told}; nothing was"
            ) as e,
            draft_index(tmp_path / "notes"),
        ):
            raise cause
        assert e.value.__cause__ is cause
        assert list(tmp_path.iterdir()) == []


def test_records_are_taken_after_everything_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(draft_module, "flush", flushed.append)
    draft = Draft(tmp_path / "notes", tmp_path / "staging", 1)
    draft.save_json("b.json", 1)
    draft.save_json("a.json", 2)
    assert list(draft.records()) == ["a.json", "b.json"]
    assert flushed == [draft.folder / "a.json", draft.folder / "b.json", draft.folder]
