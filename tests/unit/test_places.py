from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash.errors import IndexNotFoundError
from semhash.store.places import (
    ENVIRONMENT_VARIABLE,
    default_index,
    find_indexes,
    indexes_folder,
    resolve_index,
)

if TYPE_CHECKING:
    from tests.unit.conftest import WriteFolder


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_indexes_are_in_the_working_directory_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert default_index("notes") == Path("indexes/notes")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "/somewhere/else")
    assert indexes_folder() == Path("/somewhere/else")
    assert default_index("notes") == Path("/somewhere/else/notes")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "")
    assert indexes_folder() == Path("indexes")


def test_none_is_told_with_what_to_do() -> None:
    expected = r"^indexes: expected an index, found none; make one with: semhash index CORPUS, or name one"
    with pytest.raises(IndexNotFoundError, match=expected):
        resolve_index()
    Path("indexes").mkdir()
    with pytest.raises(IndexNotFoundError, match=expected):
        resolve_index()


def test_the_only_one_is_meant(write_folder: "WriteFolder") -> None:
    write_folder(Path("indexes/notes").absolute())
    assert resolve_index() == Path("indexes/notes")


def test_of_several_one_must_be_chosen(write_folder: "WriteFolder") -> None:
    for name in ("notes", "letters"):
        write_folder(Path("indexes", name).absolute())
    with pytest.raises(
        IndexNotFoundError, match="found 2: letters, notes; choose one, such as --index letters"
    ):
        resolve_index()
    assert find_indexes() == [Path("indexes/letters"), Path("indexes/notes")]


def test_an_index_is_found_by_name_and_by_path(here: Path, write_folder: "WriteFolder") -> None:
    write_folder(here / "indexes" / "notes")
    write_folder(here / "mine")
    assert resolve_index("notes") == Path("indexes/notes")
    assert resolve_index("indexes/notes") == Path("indexes/notes")
    assert resolve_index(here / "mine") == here / "mine"
    assert resolve_index("mine") == Path("mine")
    assert resolve_index("nowhere") == Path("nowhere")


def test_a_corpus_of_the_same_name_does_not_stand_before_its_index(
    here: Path, write_folder: "WriteFolder"
) -> None:
    write_folder(here / "indexes" / "notes")
    (here / "notes").mkdir()
    assert resolve_index("notes") == Path("indexes/notes")


def test_an_index_in_the_working_directory_stands_before_one_of_that_name(
    here: Path, write_folder: "WriteFolder"
) -> None:
    write_folder(here / "indexes" / "notes")
    write_folder(here / "notes")
    assert resolve_index("notes") == Path("notes")


def test_drafts_and_other_folders_are_no_indexes(here: Path, write_folder: "WriteFolder") -> None:
    write_folder(here / "indexes" / "notes")
    write_folder(here / "indexes" / ".letters.partial-7")
    (here / "indexes" / "plain").mkdir()
    (here / "indexes" / "README.md").touch()
    assert find_indexes() == [Path("indexes/notes")]
    assert resolve_index() == Path("indexes/notes")
