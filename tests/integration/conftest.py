"""Two corpora and their indexes, made once by the real command, for the tests of all commands."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash

QUICK = ("--epochs", "20", "--vocabulary-size", "75")


@dataclass(frozen=True)
class Home:
    """A working directory with two corpora in it.

    ``notes/`` holds a text file a document, in a folder a subject, and in ``odd/`` what a corpus should not.
    ``rows.jsonl`` holds documents whose text is called ``body``, a quarter of them of split ``test``.
    """

    path: Path
    documents: list[dict[str, Any]]
    evil: str = "evil\x1b[31m\n\u202e\x07\tid"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path) -> Home:
    home = Home(
        tmp_path_factory.mktemp("home"),
        [json.loads(line) for line in corpus_file.read_text().splitlines()[:120]],
    )
    for document in home.documents:
        file = home.path / "notes" / document["labels"][0] / f"{document['id']}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document["text"])
    odd = home.path / "notes" / "odd"
    odd.mkdir()
    (odd / "a letter").write_text(
        "sail the boat with a mast and a keel into the harbour café\x1b]0;owned\x07\u202e"
    )
    (odd / "blank.txt").write_text(" \n")
    (odd / "photo.bin").write_bytes(bytes(range(256)) * 10)
    (odd / "wordless.txt").write_text("zyzzyva qwertz")
    rows = [{**d, "body": d["text"], "text": None, "year": 1993} for d in home.documents]
    rows[7] |= {"id": home.evil, "labels": ["\x1b[1mcooking"]}
    (home.path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return home


@pytest.fixture(scope="session")
def notes(home: Home, semhash: "Semhash") -> "Done":
    """The index of ``notes/``, at its default place; what the command that made it said."""
    return semhash("index", "notes", "--labels", "folder", *QUICK, "--json", cwd=home.path, fresh=True)


@pytest.fixture(scope="session")
def rows(home: Home, semhash: "Semhash") -> "tuple[Done, Done]":
    """The index of ``rows.jsonl``, made twice over, in ``elsewhere/``; what was said each time.

    What the first one was is kept in ``first/``. It was made with a seed of hashes of its own.
    """
    (home.path / "elsewhere").mkdir()
    what = ("--split", "train", "--field", "text=body", "--no-store-text")
    options = (*what, "--seed", "5", "--stop-words", "none", *QUICK)
    elsewhere = {"SEMHASH_INDEXES": "elsewhere"}
    first = semhash("index", "rows.jsonl", *options, cwd=home.path, env=elsewhere, fresh=True)
    shutil.copytree(home.path / "elsewhere" / "rows", home.path / "first")
    return first, semhash("index", "rows.jsonl", *options, "--force", "--quiet", cwd=home.path, env=elsewhere)
