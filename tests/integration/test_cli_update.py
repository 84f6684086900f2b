"""``semhash update``, ``add`` and ``remove``: what they print, and what they say no to."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

LONG_AGO = 1_600_000_000_123_456_789


@pytest.fixture
def place(home: "Home", tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A working folder with a corpus ``notes/`` and its index."""
    request.getfixturevalue("notes")
    shutil.copytree(home.path / "notes", tmp_path / "notes")
    shutil.copytree(home.path / "indexes", tmp_path / "indexes")
    return tmp_path


@pytest.fixture
def moved(place: Path, semhash: "Semhash") -> Path:
    """The same, the index told where its corpus is now."""
    semhash("update", "notes", "--quiet", cwd=place)
    return place


def test_a_corpus_elsewhere_is_followed_and_nothing_is_encoded(place: Path, semhash: "Semhash") -> None:
    done = semhash("update", "notes", cwd=place, fresh=True)
    assert done.stdout.startswith("no document changed; 0 encoded; 122 documents, in ")
    assert done.stderr == "skipped 2: 1 empty, 1 binary; see: semhash list --skipped\n"
    assert semhash("info", "--json", cwd=place).json()["corpus"] == str(place / "notes")
    again = semhash("update", cwd=place)
    assert (again.stdout, again.stderr) == (
        "nothing to do: 122 documents as they were: indexes/notes\n",
        "",
    )


def test_what_is_different_is_listed_then_done(moved: Path, semhash: "Semhash") -> None:
    notes = moved / "notes"
    (notes / "new.txt").write_text("violin")
    (notes / "odd" / "wordless.txt").write_text("sail the boat")
    (notes / "music" / "music-1.txt").rename(notes / "moved\n.txt")
    (notes / "music" / "music-2.txt").unlink()
    listed = semhash("update", "--dry-run", cwd=moved)
    assert listed.stdout.splitlines() == [
        "new\tnew.txt",
        "changed\todd/wordless.txt",
        r"moved	moved\n.txt	music/music-1.txt",
        "vanished\tmusic/music-2.txt",
    ]
    told = "1 new, 1 changed, 1 moved, 1 vanished; nothing was changed: indexes/notes\n"
    assert listed.stderr == told
    dry = semhash("update", "--dry-run", "--json", cwd=moved).json()
    wet = semhash("update", "--json", cwd=moved).json()
    assert wet == {
        "new": ["new.txt"],
        "changed": ["odd/wordless.txt"],
        "moved": [{"from": "music/music-1.txt", "to": "moved\n.txt"}],
        "vanished": ["music/music-2.txt"],
        "removed": [],
        "n_documents": 122,
        "n_encoded": 3,  # of what was moved, the name is another
        "n_unaddressed": wet["n_unaddressed"],
        "n_skipped": 2,
        "skipped": {"empty": 1, "binary": 1},
        "remarks": {},
        "guessed": [],
        "generation": 3,
        "written": True,
        "retrained": False,
        "drift": wet["drift"],
        "dry_run": False,
        "seconds": wet["seconds"],
        "out": "indexes/notes",
    }
    same = ("new", "changed", "moved", "vanished", "removed", "n_documents", "n_encoded", "skipped")
    assert {name: dry[name] for name in same} == {name: wet[name] for name in same}
    assert (dry["dry_run"], dry["written"], dry["generation"]) == (True, False, 2)
    hits = semhash("query", "violin", "--json", cwd=moved).json()["hits"]
    assert "new.txt" in [hit["id"] for hit in hits]


def test_add_and_remove(moved: Path, semhash: "Semhash") -> None:
    far = moved / "far.txt"
    far.write_text("rudder mast")
    added = semhash("add", "far.txt", cwd=moved, fresh=True)
    assert added.stdout.startswith("1 new; 1 encoded; 123 documents, in ")
    removed = semhash("remove", str(far), "music/music-3.txt", cwd=moved, fresh=True)
    assert removed.stdout.startswith("2 removed; 0 encoded; 121 documents, in ")
    assert semhash("update", cwd=moved).stdout.startswith("nothing to do")
    back = semhash("add", "notes/music/music-3.txt", "--json", cwd=moved).json()
    assert (back["new"], back["n_documents"]) == (["music/music-3.txt"], 122)


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (
            ["update"],
            1,
            "expected the corpus that indexes/notes was made from, found nothing there; nothing was",
        ),
        (["update", "nowhere"], 1, "nowhere: expected a folder or a file, found: no such file or directory"),
        (["update", ""], 2, "expected a path, found an empty one"),
        (["update", "--index", "none"], 1, "none: expected an index"),
        (["add", "nowhere"], 1, "nowhere: expected a folder or a file"),
        (["add", "indexes/notes"], 1, "expected documents, found an index made by semhash"),
        (["add"], 2, "Missing argument 'FILE...'"),
        (
            ["remove", "nothing"],
            1,
            "expected the id of one of its 122 documents, found 'nothing'; nothing was changed",
        ),
        (["remove", b"\xff"], 1, r"found '\udcff'"),
        (["remove"], 2, "Missing argument 'ID...'"),
    ],
)
def test_what_cannot_be_done_is_told(
    moved: Path, semhash: "Semhash", arguments: list[str | bytes], status: int, told: str
) -> None:
    (moved / "notes").rename(moved / "away")
    done = semhash(*arguments, cwd=moved, status=status)
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert semhash("verify", cwd=moved).stdout.startswith("indexes/notes: whole")


def test_an_emptied_corpus_is_taken_for_one_only_when_told_so(moved: Path, semhash: "Semhash") -> None:
    shutil.rmtree(moved / "notes")
    (moved / "notes").mkdir()
    refused = semhash("update", cwd=moved, status=1)
    assert "of the 122 that the index has from there, found none of them" in refused.stderr
    done = semhash("update", "--force", cwd=moved)
    assert done.stdout.startswith("122 vanished; 0 encoded; 0 documents, in ")
    assert semhash("query", "sail the boat", cwd=moved).stdout == ""
    assert semhash("info", "--json", cwd=moved).json()["n_documents"] == 0


def test_a_new_model_is_learned_only_when_asked_for(moved: Path, semhash: "Semhash") -> None:
    def model() -> list[bytes]:
        [folder] = (moved / "indexes" / "notes").glob("generation-*")
        return [(folder / name).read_bytes() for name in ("model.safetensors", "vocabulary.json")]

    before = model()
    (moved / "notes" / "new.txt").write_text("zephyr " * 50)
    os.utime(moved / "notes" / "new.txt", ns=(LONG_AGO, LONG_AGO))
    semhash("update", cwd=moved)
    assert model() == before
    done = semhash("update", "--retrain", "--json", cwd=moved).json()
    assert (done["retrained"], done["n_encoded"], done["n_documents"]) == (True, 123, 123)
    assert model() != before
