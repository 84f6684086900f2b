import functools
import json
import operator
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash import open_index
from semhash.store.manifest import read_manifest

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home


def test_it_reports_what_was_read_and_what_was_skipped(home: "Home", notes: "Done") -> None:
    report = notes.json()
    assert report["n_documents"] == len(home.documents) + 2
    assert report["skipped"] == {"empty": 1, "binary": 1}
    assert report["n_skipped"] == 2
    assert report["n_unaddressed"] == 1
    assert report["bits"] == 20
    assert report["out"] == "indexes/notes"
    with open_index(home.path / "indexes" / "notes") as index:
        codes = [entry.code for entry in index.catalogue.documents() if entry.known_words]
    same = ~functools.reduce(operator.or_, (code ^ codes[0] for code in codes))
    assert report["dead_bits"] == (same & (2**20 - 1)).bit_count()
    seconds = report["seconds"]
    assert seconds["total"] == pytest.approx(sum(seconds.values()) - seconds["total"], abs=0.01)
    assert all(value >= 0 for value in seconds.values())


def test_json_is_the_only_thing_on_standard_output_and_remarks_stay_off_it(notes: "Done") -> None:
    assert notes.stdout.count("\n") == 1
    assert notes.stderr == ""


def test_it_says_when_training_stopped_early(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    """With the patience of one epoch, a rise after any of two thousand ends it."""
    options = ("--out", tmp_path / "out", "--epochs", "2000", "--patience", "1", "--vocabulary-size", "75")
    done = semhash("index", "notes", *options, cwd=home.path)
    remark = re.search(
        r"^training stopped after ([\d,]+) epochs: the loss on documents held out fell no more$",
        done.stderr,
        flags=re.MULTILINE,
    )
    assert remark
    assert 2 <= int(remark[1].replace(",", "")) < 2000


def test_it_says_that_bits_are_dead(semhash: "Semhash", tmp_path: Path) -> None:
    """Two texts alone, over and over, have two codes, which agree in some of twenty bits."""
    texts = ("moon orbit comet", "oven flour butter")
    rows = [json.dumps({"id": str(row), "text": texts[row % 2]}) for row in range(20)]
    (tmp_path / "two.jsonl").write_text("\n".join(rows))
    done = semhash("index", "two.jsonl", "--epochs", "1", cwd=tmp_path)
    with open_index(tmp_path / "indexes" / "two") as index:
        codes = [entry.code for entry in index.catalogue.documents()]
    dead = 20 - (codes[0] ^ codes[1]).bit_count()
    assert dead > 0
    assert done.stderr.startswith(
        f"{dead} of 20 bits are the same in nearly all documents and tell nothing; "
    )


def test_the_index_is_at_its_default_place_and_says_the_same(home: "Home", notes: "Done") -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        manifest = index.manifest
        report = notes.json()
        for name in ("n_documents", "n_skipped", "n_unaddressed", "bits", "addresses_in_use"):
            assert report[name] == getattr(manifest, name)
        entries = list(index.catalogue.documents())
    addressed = {entry.code for entry in entries if entry.known_words}
    assert report["addresses_in_use"] == len(addressed) > 1
    assert manifest.generation == 1
    assert manifest.config.text.vocabulary_size == 75
    assert manifest.config.training.epochs == 20


def test_only_the_index_is_left_where_it_was_made(home: "Home", notes: "Done") -> None:
    assert [path.name for path in (home.path / "indexes").iterdir()] == ["notes"]
    assert not [path for path in home.path.iterdir() if path.name.startswith(".")]


def test_a_document_without_a_vocabulary_word_is_in_the_catalogue_but_not_in_the_table(
    home: "Home", notes: "Done"
) -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        wordless = index.document("odd/wordless.txt")
        assert wordless.known_words == 0
        assert index.lookup.n_documents == len(index) - 1
        assert wordless.row not in index.lookup.ball(wordless.code, 20).rows
    assert notes.json()["n_unaddressed"] == 1


def test_folders_are_labels_when_asked(home: "Home", notes: "Done") -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        labels = {entry.id: entry.labels for entry in index.catalogue.documents()}
    assert labels["odd/a letter"] == ("odd",)
    for document in home.documents:
        [label] = document["labels"]
        assert labels[f"{label}/{document['id']}.txt"] == (label,)


def test_the_words_say_where_it_is_and_what_to_ask(rows: "tuple[Done, Done]", home: "Home") -> None:
    first, _ = rows
    train = [document for document in home.documents if document["split"] == "train"]
    assert first.stdout.startswith(f"{len(train)} documents in English at ")
    assert first.stdout.endswith(": elsewhere/rows\n")
    assert "of 20 bits" in first.stdout
    assert first.stderr == "ask it with: semhash query 'a few words'\n"


def test_one_seed_gives_the_same_bytes(home: "Home", rows: "tuple[Done, Done]") -> None:
    names = {"codes.npy", "model.safetensors", "table-rows.npy", "vocabulary.json", "faiss.index"}
    first = home.path / "first" / "generation-1"
    second = home.path / "elsewhere" / "rows" / "generation-2"
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_force_makes_a_new_generation(home: "Home", rows: "tuple[Done, Done]") -> None:
    folder = home.path / "elsewhere" / "rows"
    assert read_manifest(home.path / "first").generation == 1
    assert read_manifest(folder).generation == 2
    assert sorted(path.name for path in folder.iterdir()) == ["generation-2", "manifest.json"]


def test_only_the_split_asked_for_is_indexed(home: "Home", rows: "tuple[Done, Done]") -> None:
    with open_index(home.path / "elsewhere" / "rows") as index:
        entries = list(index.catalogue.documents())
        assert index.manifest.config.corpus.split == "train"
    expected = [document["id"] for document in home.documents if document["split"] == "train"]
    assert [entry.id for entry in entries] == [home.evil if i == "cooking-1" else i for i in expected]
    assert {entry.split for entry in entries} == {"train"}


def test_another_field_is_the_text_and_the_others_are_kept(home: "Home", rows: "tuple[Done, Done]") -> None:
    with open_index(home.path / "elsewhere" / "rows") as index:
        entry = index.document("cooking-2")
        [hit, *_] = index.query("butter flour oven").hits
    assert entry.known_words > 0
    assert entry.metadata == {"text": None, "year": 1993}
    assert "cooking" in hit.labels[0]


def test_no_text_is_stored_when_none_is_to_be(home: "Home", rows: "tuple[Done, Done]") -> None:
    folder = home.path / "elsewhere" / "rows"
    with open_index(folder) as index:
        assert all(entry.text is None for entry in index.catalogue.documents())
        assert all(hit.snippet.text == "" for hit in index.query("butter flour oven").hits)
    connection = sqlite3.connect(folder / "generation-2" / "catalogue.sqlite")
    assert connection.execute("SELECT count(text) FROM documents").fetchone() == (0,)
    connection.close()


def test_without_force_an_index_is_left_as_it_is(home: "Home", notes: "Done", semhash: "Semhash") -> None:
    folder = home.path / "indexes" / "notes"

    def states() -> dict[Path, tuple[int, int, int]]:
        """Whatever a write would change; a read may change the time of access."""
        found = {path: path.stat() for path in folder.rglob("*")}
        return {path: (state.st_ino, state.st_size, state.st_mtime_ns) for path, state in found.items()}

    before = states()
    refused = semhash("index", "notes", cwd=home.path, status=1)
    assert refused.stdout == ""
    assert refused.stderr == (
        f"semhash: {folder}: expected a free place, found an index; replace it with --force, or choose another "
        "place with --out DIR; to bring it up to date: semhash update\n"
    )
    assert states() == before


def test_strict_takes_what_cannot_be_read_for_an_error(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    refused = semhash("index", "notes", "--strict", "--out", out, "--quiet", cwd=home.path, status=1)
    assert refused.stdout == ""
    head, *listed = refused.stderr.splitlines()
    assert "expected every file and row to be readable (strict), found 2 that cannot be used" in head
    assert [line.split(": ")[:2] for line in listed] == [
        ["  odd/blank.txt", "empty"],
        ["  odd/photo.bin", "binary"],
    ]
    assert list(tmp_path.iterdir()) == []


def test_quiet_leaves_out_remarks(rows: "tuple[Done, Done]") -> None:
    first, second = rows
    assert second.stderr == ""
    assert second.stdout.partition(", in ")[0] == first.stdout.partition(", in ")[0]
