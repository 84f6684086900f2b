"""Ids that are like one that is not there."""

import sqlite3
from collections.abc import Sequence

import pytest

from semhash.asking.close_ids import close_ids, did_you_mean

IDS = ["music/music-1.txt", "music/music-10.txt", "sailing/boat.txt", "/far/away/prep.py", "row 7"]


def catalogue(ids: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE documents (id TEXT)")
    connection.executemany("INSERT INTO documents VALUES (?)", [(id_,) for id_ in ids])
    return connection


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("music/music-1", ["music/music-1.txt", "music/music-10.txt"]),
        ("MUSIC/music-10.txt", ["music/music-10.txt"]),
        ("prep.py", ["/far/away/prep.py"]),
        ("./sailing/boat.txt", ["sailing/boat.txt"]),
        ("sailing/baot.txt", ["sailing/boat.txt"]),
        ("sailing", ["sailing/boat.txt"]),
        ("row_7", ["row 7"]),
        ("nothing of the kind", []),
        ("", []),
        ("\udcff", []),
    ],
)
def test_the_closest(given: str, found: list[str]) -> None:
    assert close_ids(catalogue(IDS), given) == found


def test_few_are_named() -> None:
    connection = catalogue([f"{folder}/note.txt" for folder in "abcdef"])
    assert (
        did_you_mean(connection, "note.txt")
        == " (did you mean 'a/note.txt' or 'b/note.txt' or 'c/note.txt'?)"
    )
    assert did_you_mean(connection, "zzz") == ""
