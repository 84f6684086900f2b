"""An index kept up to date through the library: what is read, what is kept, what is refused."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import numpy as np
import pytest

from semhash import build_index, open_index
from semhash.asking.naming import bare_cosine
from semhash.asking.uncoded import Uncoded
from semhash.config import CorpusConfig, IndexConfig
from semhash.duplicates import find_duplicates
from semhash.errors import ConfigError, CorpusError, DocumentNotFoundError, IndexDamagedError
from semhash.living import UpdateReport, add_documents, remove_documents, update_index
from semhash.store.manifest import read_manifest

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

TEXTS = {
    "a.txt": "moon orbit telescope",
    "b.txt": "butter flour oven",
    "sub/c.txt": "boat anchor sail",
    "rows.jsonl": "".join(
        json.dumps({"id": f"row {n}", "text": text}) + "\n"
        for n, text in enumerate(["violin", "goal", "fever"])
    ),
}
LONG_AGO = 1_600_000_000_123_456_789


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path, quick_config: "QuickConfig") -> Path:
    out = tmp_path_factory.mktemp("model") / "model"
    build_index(corpus_file, out, quick_config(bits=8, epochs=3))
    return out


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        write(tmp_path / "corpus" / name, text)
    return tmp_path / "corpus"


@pytest.fixture
def index(corpus: Path, model: Path) -> Path:
    out = corpus.parent / "index"
    build_index(corpus, out, model=model)
    return out


def write(file: Path, text: str, mtime_ns: int = LONG_AGO) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, ns=(mtime_ns, mtime_ns))
    return file


def ids(index: Path) -> list[str]:
    with open_index(index) as opened:
        return [head.id for head in opened.catalogue.heads()]


def text_of(index: Path, document_id: str) -> str | None:
    with open_index(index) as opened:
        return opened.document(document_id).text


def different(report: UpdateReport) -> dict[str, object]:
    kinds = ("new", "changed", "moved", "vanished", "removed")
    return {kind: getattr(report, kind) for kind in kinds if getattr(report, kind)}


def test_nothing_to_do_leaves_the_generation_as_it_is(index: Path) -> None:
    before = (index / "manifest.json").stat()
    report = update_index(index)
    assert (report.written, report.generation, report.n_documents, different(report)) == (False, 1, 6, {})
    assert (index / "manifest.json").stat() == before
    assert sorted(path.name for path in index.iterdir()) == ["generation-1", "manifest.json"]
    assert [path.name for path in index.parent.iterdir() if path.name.startswith(".")] == []


def test_readers_keep_their_generation_and_the_next_update_removes_it(corpus: Path, index: Path) -> None:
    with open_index(index) as reader:
        write(corpus / "new.txt", "keel")
        assert update_index(index).generation == 2
        assert "new.txt" not in [head.id for head in reader.catalogue.heads()]
        assert reader.query("moon orbit").hits
        assert not update_index(index).written
        assert sorted(path.name for path in index.glob("generation-*")) == ["generation-1", "generation-2"]
    assert not update_index(index).written
    assert [path.name for path in index.glob("generation-*")] == ["generation-2"]


def test_a_file_of_the_same_size_and_time_is_not_read(corpus: Path, index: Path) -> None:
    write(corpus / "a.txt", "OTHER WORDS TELESCOP")
    assert not update_index(index).written
    write(corpus / "new.txt", "rocket")
    assert different(update_index(index)) == {"new": ["new.txt"]}
    assert text_of(index, "a.txt") == TEXTS["a.txt"]
    write(corpus / "a.txt", "OTHER WORDS TELESCOP", LONG_AGO + 10**9)
    report = update_index(index)
    assert (different(report), report.n_encoded) == ({"changed": ["a.txt"]}, 1)
    assert text_of(index, "a.txt") == "OTHER WORDS TELESCOP"


def test_to_check_compares_what_is_in_files_of_the_same_size_and_time(corpus: Path, index: Path) -> None:
    (corpus.parent / "far").mkdir()
    far = write(corpus.parent / "far" / "x.txt", "rudder")
    add_documents([far], index)
    assert not update_index(index, check=True).written
    write(corpus / "a.txt", "OTHER WORDS TELESCOP")
    write(far, "anchor")
    rows = TEXTS["rows.jsonl"].replace("fever", "FEVER").replace('{"id": "row 0"', '{"id": "row 7"')
    write(corpus / "rows.jsonl", rows)
    assert not update_index(index).written
    told = update_index(index, check=True, dry_run=True)
    done = update_index(index, check=True)
    assert different(told) == different(done) == {
        "new": ["row 7"], "changed": ["a.txt", "row 2", str(far)], "vanished": ["row 0"],
    }  # fmt: skip
    assert (text_of(index, "a.txt"), text_of(index, str(far))) == ("OTHER WORDS TELESCOP", "anchor")
    assert not update_index(index, check=True).written
    write(corpus / "a.txt", "other words telescop")
    write(corpus / "b.txt", "BUTTER FLOUR OVEN")
    assert different(update_index(index, check=lambda found: found.name == "b.txt")) == {"changed": ["b.txt"]}


def test_a_file_that_was_only_touched_is_the_same(corpus: Path, index: Path) -> None:
    os.utime(corpus / "a.txt", ns=(LONG_AGO, LONG_AGO + 10**9))
    report = update_index(index)
    assert (report.written, different(report)) == (False, {})


def test_a_write_that_may_bear_the_time_of_the_last_one_is_found(
    corpus: Path, model: Path, tmp_path: Path
) -> None:
    """As of git's index: written within the grain of the clock, a file looks as it did."""
    later = 32_503_680_000_000_000_000
    write(corpus / "a.txt", TEXTS["a.txt"], later)
    out = tmp_path / "racy"
    build_index(corpus, out, model=model)
    write(corpus / "a.txt", "OTHER WORDS TELESCOP", later)
    assert different(update_index(out)) == {"changed": ["a.txt"]}


def test_a_moved_file_keeps_its_code_and_is_told_as_moved(corpus: Path, index: Path) -> None:
    (corpus / "sub" / "c.txt").rename(corpus / "0.txt")
    with open_index(index) as opened:
        code = opened.document("sub/c.txt").code
    report = update_index(index)
    assert (different(report), report.n_encoded) == ({"moved": [("sub/c.txt", "0.txt")]}, 0)
    assert ids(index)[0] == "0.txt"
    with open_index(index) as opened:
        entry = opened.document("0.txt")
    assert (entry.code, entry.path, entry.title) == (code, "0.txt", "0.txt")


def test_of_a_file_of_rows_only_new_texts_are_encoded(corpus: Path, index: Path) -> None:
    rows = [
        ("row 2", "fever", "labelled"),
        ("row 0", "violin", None),
        ("row 1", "penalty", None),
        ("9", "x y", None),
    ]
    text = "".join(json.dumps({"id": i, "text": t, "labels": label}) + "\n" for i, t, label in rows)
    write(corpus / "rows.jsonl", text)
    report = update_index(index)
    assert different(report) == {"new": ["9"], "changed": ["row 2", "row 1"]}
    assert report.n_encoded == 2
    assert ids(index)[2:6] == ["row 2", "row 0", "row 1", "9"]
    with open_index(index) as opened:
        assert opened.document("row 2").labels == ("labelled",)


def test_an_id_stays_with_the_file_that_had_it_first(corpus: Path, index: Path) -> None:
    write(corpus / "z.jsonl", '{"id": "row 1", "text": "another"}\n{"id": "row 9", "text": "x"}\n')
    report = update_index(index)
    assert (report.new, report.skipped, report.remarks) == (
        ["z.jsonl#row 1", "row 9"],
        {},
        {"id of two files": 1},
    )
    write(corpus / "0.jsonl", '{"id": "row 1", "text": "a third"}\n{"id": "row 1", "text": "once more"}\n')
    report = update_index(index)
    assert (report.new, report.vanished, report.moved, report.changed) == (["0.jsonl#row 1"], [], [], [])
    assert (report.skipped, report.remarks) == ({"duplicate id": 1}, {"id of two files": 2})
    texts = {name: text_of(index, name) for name in ("0.jsonl#row 1", "z.jsonl#row 1")}
    assert texts == {"0.jsonl#row 1": "a third", "z.jsonl#row 1": "another"}
    # What several files have is removed and found by the name it has, and the others stay what they are.
    remove_documents(["row 1"], index)
    assert text_of(index, "0.jsonl#row 1") == "a third"
    write(corpus / "0.jsonl", '{"id": "row 1", "text": "a third, changed"}\n')
    report = update_index(index)
    assert different(report) == {"changed": ["0.jsonl#row 1"]}
    # Once no file has the bare id, those that had longer ones keep them, and a new file gets it.
    (corpus / "rows.jsonl").unlink()
    write(corpus / "z.jsonl", '{"id": "row 1", "text": "another, changed"}\n{"id": "row 9", "text": "x"}\n')
    assert different(update_index(index))["changed"] == ["z.jsonl#row 1"]


def test_a_row_that_moves_to_another_file_keeps_its_id(corpus: Path, index: Path) -> None:
    row = (corpus / "rows.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    write(corpus / "a.jsonl", row[0])
    write(corpus / "rows.jsonl", "".join(row[1:]))
    report = update_index(index)
    assert (report.new, report.vanished, report.remarks) == ([], [], {})
    assert report.moved == [(json.loads(row[0])["id"],) * 2]


def test_of_several_files_those_that_can_be_are_added(index: Path, tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", "id,text\nrow 1,apples\nrow 2,pears\n")
    same = write(tmp_path / "same.csv", "id,text\nrow 1,plums\n")
    empty = write(tmp_path / "empty.txt", "")
    (tmp_path / "folder").mkdir()
    report = add_documents([empty, good, tmp_path / "folder", same], index)
    assert report.new == [f"{good}#row 1", f"{good}#row 2", f"{same}#row 1"]
    assert report.skipped == {"empty": 2}
    assert report.remarks == {"id of two files": 2}
    with open_index(index) as opened:
        told = {s.path for s in opened.catalogue.skipped()}
    assert told == {str(path) for path in (empty, good, same, tmp_path / "folder")}
    with pytest.raises(
        CorpusError, match=r"empty\.txt: expected something to make a document of, found none"
    ):
        add_documents([write(tmp_path / "other" / "empty.txt", "")], index)


def test_what_was_skipped_is_looked_at_again_when_it_changes(corpus: Path, index: Path) -> None:
    write(corpus / "photo", "\0\1\2")
    assert update_index(index).skipped == {"binary": 1}
    assert not update_index(index).written
    write(corpus / "photo", "it is a text now", LONG_AGO + 10**9)
    assert different(update_index(index)) == {"new": ["photo"]}


def test_a_dry_run_tells_the_same_and_changes_nothing(corpus: Path, index: Path) -> None:
    write(corpus / "a.txt", "rocket")
    (corpus / "b.txt").rename(corpus / "d.txt")
    (corpus / "sub" / "c.txt").unlink()
    write(corpus / "e.txt", "keel")
    before = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
    told = update_index(index, dry_run=True)
    assert {path: path.read_bytes() for path in index.rglob("*") if path.is_file()} == before
    assert not told.written
    done = update_index(index)
    assert done.written
    assert different(told) == different(done) == {
        "new": ["e.txt"], "changed": ["a.txt"], "moved": [("b.txt", "d.txt")], "vanished": ["sub/c.txt"],
    }  # fmt: skip
    assert (told.n_documents, told.n_encoded) == (done.n_documents, done.n_encoded) == (6, 2)


def test_the_words_of_the_model_can_be_asked_for_though_no_document_has_them(
    corpus: Path, index: Path
) -> None:
    (corpus / "b.txt").unlink()
    update_index(index)
    with open_index(index) as opened:
        [encoded] = opened.encode(["butter flour"])
        assert encoded.known_words == 2
        for rank in ("hamming", "tfidf", "bm25", "hybrid"):
            assert all(hit.id != "b.txt" for hit in opened.query("butter flour", rank=rank).hits)
        term = opened.lexicon.term("butter")
        assert term is not None
        assert opened.term_index.document_frequency[term] == 0


# -- added and removed ------------------------------------------------------------------------------------


def test_what_was_added_is_kept_and_followed(corpus: Path, index: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "far" / "x.txt", "rudder mast")
    assert different(add_documents([file], index)) == {"new": [str(file)]}
    assert ids(index)[-1] == str(file)
    assert not add_documents([file], index).written
    assert not update_index(index).written
    write(file, "rudder mast keel")
    assert different(update_index(index)) == {"changed": [str(file)]}
    file.unlink()
    assert different(update_index(index)) == {"vanished": [str(file)]}
    write(file, "back")
    assert different(update_index(index)) == {"new": [str(file)]}


def test_to_add_looks_at_nothing_else(corpus: Path, index: Path, tmp_path: Path) -> None:
    corpus.rename(tmp_path / "away")
    file = write(tmp_path / "x.txt", "rudder mast")
    report = add_documents([file, tmp_path / "x.txt"], index)
    assert (different(report), report.n_documents) == ({"new": [str(file)]}, 7)


def test_a_folder_that_was_added_may_grow(index: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "far" / "x.txt", "rudder mast").parent
    add_documents([folder], index)
    write(folder / "y.txt", "keel")
    assert different(add_documents([folder / "y.txt"], index)) == {"new": [str(folder / "y.txt")]}
    write(folder / "z.txt", "tide")
    assert different(update_index(index)) == {"new": [str(folder / "z.txt")]}


def test_a_file_of_the_corpus_is_added_as_what_it_is(corpus: Path, index: Path) -> None:
    file = write(corpus / "new.txt", "keel")
    assert different(add_documents([file], index)) == {"new": ["new.txt"]}
    assert not update_index(index).written


def test_what_cannot_be_added_is_told_and_nothing_is_changed(index: Path, tmp_path: Path) -> None:
    before = read_manifest(index)
    (tmp_path / "photo.bin").write_bytes(b"\0\1\2")
    with pytest.raises(CorpusError, match=r"photo\.bin: expected something to make a document of.*binary"):
        add_documents([tmp_path / "photo.bin"], index)
    with pytest.raises(CorpusError, match=r"nowhere.*expected a folder or a file"):
        add_documents([tmp_path / "nowhere"], index)
    with pytest.raises(ConfigError, match="expected files or folders"):
        add_documents([], index)
    assert read_manifest(index) == before


def test_what_was_removed_stays_out_whatever_becomes_of_it(corpus: Path, index: Path) -> None:
    assert different(remove_documents(["a.txt", "row 1"], index)) == {"removed": ["a.txt", "row 1"]}
    assert ids(index) == ["b.txt", "row 0", "row 2", "sub/c.txt"]
    assert read_manifest(index).n_removed == 2
    assert not update_index(index).written
    write(corpus / "a.txt", "another text altogether")
    write(corpus / "rows.jsonl", TEXTS["rows.jsonl"] + '{"id": "row 3", "text": "therapy"}\n')
    assert different(update_index(index)) == {"new": ["row 3"]}
    assert different(add_documents([corpus / "a.txt"], index)) == {"new": ["a.txt"]}
    assert text_of(index, "a.txt") == "another text altogether"
    assert different(add_documents([corpus], index)) == {"new": ["row 1"]}


def test_what_a_removed_document_alone_said_finds_nothing(
    tmp_path: Path, corpus_file: Path, quick_config: "QuickConfig"
) -> None:
    secret = {"id": "secret", "text": "zeppelin orbit moon zeppelin " * 9}
    file = tmp_path / "notes.jsonl"
    file.write_text(corpus_file.read_text() + json.dumps(secret) + "\n")
    out = tmp_path / "index"
    build_index(file, out, quick_config(bits=8, epochs=2))
    with open_index(out) as index:
        assert "zeppelin" in index.vocabulary
        assert index.query("zeppelin").hits[0].id == "secret"
    remove_documents(["secret"], out)
    with open_index(out) as index:
        nothing = index.query("zeppelin")
        assert (nothing.hits, nothing.uncoded) == ([], Uncoded.UNKNOWN)
        assert index.query("zeppelin orbit").code == index.query("orbit").code


def test_to_remove_looks_at_nothing_else(corpus: Path, index: Path, tmp_path: Path) -> None:
    corpus.rename(tmp_path / "away")
    assert remove_documents(["a.txt"], index).n_documents == 5


def test_an_id_that_is_none_is_told_and_nothing_is_changed(index: Path) -> None:
    before = read_manifest(index)
    with pytest.raises(
        DocumentNotFoundError, match=r"one of its 6 documents, found 'nothing'; nothing was changed"
    ):
        remove_documents(["a.txt", "nothing"], index)
    with pytest.raises(DocumentNotFoundError, match=r"found '.udc80'"):
        remove_documents(["\udc80"], index)
    assert read_manifest(index) == before
    remove_documents(["a.txt"], index)
    with pytest.raises(DocumentNotFoundError, match=r"found 'a\.txt', which was taken out before"):
        remove_documents(["a.txt"], index)


def test_all_may_be_removed_and_an_empty_index_answers(corpus: Path, index: Path) -> None:
    remove_documents(ids(index), index)
    with open_index(index) as opened:
        for rank in ("hamming", "asymmetric", "tfidf", "bm25", "hybrid"):
            assert opened.query("moon orbit", rank=rank).hits == []
    write(corpus / "new.txt", "moon")
    assert different(update_index(index)) == {"new": ["new.txt"]}


# -- what is refused --------------------------------------------------------------------------------------


def test_a_corpus_that_is_gone_never_empties_an_index(corpus: Path, index: Path, tmp_path: Path) -> None:
    corpus.rename(tmp_path / "away")
    with pytest.raises(
        CorpusError, match="found nothing there; nothing was changed; if a disk is not mounted"
    ):
        update_index(index)
    corpus.mkdir()
    with pytest.raises(CorpusError, match="of the 6 that the index has from there, found none of them"):
        update_index(index)
    write(corpus / "lost+found", "words")
    with pytest.raises(CorpusError, match="found none of them"):
        update_index(index)
    assert len(ids(index)) == 6
    assert different(update_index(index, force=True))["new"] == ["lost+found"]


def test_a_corpus_that_moved_is_followed(corpus: Path, index: Path, tmp_path: Path) -> None:
    moved = corpus.rename(tmp_path / "moved")
    report = update_index(index, moved)
    assert (different(report), report.written, report.n_encoded) == ({}, True, 0)
    assert read_manifest(index).corpus == str(moved)
    write(moved / "new.txt", "keel")
    assert different(update_index(index)) == {"new": ["new.txt"]}


@pytest.mark.parametrize("name", ["model.safetensors", "codes.npy", "counts-data.npy", "catalogue.sqlite"])
def test_nothing_is_copied_from_what_is_damaged(corpus: Path, index: Path, name: str) -> None:
    file = index / "generation-1" / name
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    write(corpus / "new.txt", "keel")
    with pytest.raises(IndexDamagedError, match=f"{name}: expected sha256"):
        update_index(index)
    assert read_manifest(index).generation == 1


def test_an_index_of_the_first_format_is_read_once_and_then_remembers(
    corpus: Path, index: Path, reseal: Callable[[Path], None]
) -> None:
    as_in_the_first_format(index, reseal)
    write(corpus / "a.txt", "OTHER WORDS TELESCOP")
    report = update_index(index)
    assert (different(report), report.n_encoded, report.written) == ({"changed": ["a.txt"]}, 1, True)
    assert not update_index(index).written


def test_to_remove_from_an_index_of_the_first_format_reads_it_once(
    index: Path, reseal: Callable[[Path], None]
) -> None:
    as_in_the_first_format(index, reseal)
    report = remove_documents(["b.txt"], index)
    assert (different(report), report.n_documents) == ({"removed": ["b.txt"]}, 5)


def as_in_the_first_format(index: Path, reseal: Callable[[Path], None]) -> None:
    connection = sqlite3.connect(index / "generation-1" / "catalogue.sqlite")
    for statement in (
        "DROP TABLE encodings",
        "DROP TABLE files",
        "DROP TABLE removed",
        "DROP TABLE roots",
        "PRAGMA user_version = 1",
    ):
        connection.execute(statement)
    connection.execute("ALTER TABLE skipped DROP COLUMN file")
    connection.close()
    reseal(index)


# -- a model of its own -----------------------------------------------------------------------------------


def test_retraining_is_indexing_anew_with_what_was_added_and_without_what_was_removed(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    corpus = write(tmp_path / "notes.jsonl", corpus_file.read_text())
    out = tmp_path / "index"
    build_index(corpus, out, quick_config(bits=8, epochs=3))
    file = write(tmp_path / "x.txt", "moon rudder mast")
    add_documents([file], out)
    remove_documents(["music-1"], out)
    before = read_manifest(out)
    report = update_index(out, retrain=True)
    after = read_manifest(out)
    assert (report.retrained, report.n_encoded, report.generation) == (True, 240, 4)
    assert before.model is not None
    assert after.model is not None
    assert before.model.digest != after.model.digest
    assert (before.model.n_documents, after.model.n_documents) == (240, 240)
    assert "music-1" not in ids(out)
    assert ids(out)[-1] == str(file)
    assert not update_index(out).written
    with sqlite3.connect(out / "generation-4" / "catalogue.sqlite") as connection:
        assert connection.execute("SELECT generation FROM builds").fetchall() == [(1,), (2,), (3,), (4,)]


def test_a_model_can_be_taken_from_another_index(corpus: Path, model: Path, index: Path) -> None:
    mine, its = read_manifest(index), read_manifest(model)
    assert mine.model == its.model
    assert mine.config == its.config
    with open_index(index) as one, open_index(model) as other:
        assert one.encode(["moon orbit"]) == other.encode(["moon orbit"])


# -- documents that are places of a file ------------------------------------------------------------------


def message(text: str, message_id: str = "") -> str:
    named = f"Message-ID: <{message_id}>\n" if message_id else ""
    return f"From a@b.c Thu Jan  1 00:00:00 2024\nFrom: a@b.c\n{named}Subject: note\n\n{text}\n\n"


def mailbox(*texts: str) -> str:
    return "".join(map(message, texts))


def table(*texts: str) -> str:
    return "\n".join(["text", *texts]) + "\n"


def lines(*texts: str) -> str:
    return "".join(json.dumps({"text": text}) + "\n" for text in texts)


OF_PLACES = pytest.mark.parametrize(
    ("name", "written", "called"),
    [
        ("box.mbox", mailbox, "box.mbox#{}"),
        ("rows.csv", table, "rows.csv:{}"),
        ("r.jsonl", lines, "r.jsonl:{}"),
    ],
)


class Places:
    """An index of one file whose documents have no ids of their own."""

    def __init__(
        self, folder: Path, model: Path, name: str, written: Callable[..., str], called: str
    ) -> None:
        self.file, self.index = folder / "corpus" / name, folder / "out"
        self.written, self.called = written, called
        self.first = 2 if name.endswith(".csv") else 1
        self.time = LONG_AGO
        self.write("orbit moon", "butter flour", "boat anchor", "goal fever")
        build_index(self.file.parent, self.index, model=model)

    def write(self, *texts: str, file: Path | None = None) -> None:
        self.time += 10**9
        write(file or self.file, self.written(*texts), self.time)

    def id(self, number: int) -> str:
        return self.called.format(number - 1 + self.first)

    def texts(self) -> list[str]:
        with open_index(self.index) as opened:
            found = [str(entry.text) for entry in opened.catalogue.documents()]
        return [text.removeprefix("note\n").strip() for text in found]


@pytest.fixture
def places(tmp_path: Path, model: Path, request: pytest.FixtureRequest) -> Places:
    callspec = request.node.callspec.params
    return Places(tmp_path, model, callspec["name"], callspec["written"], callspec["called"])


@OF_PLACES
def test_what_only_moved_in_its_file_is_the_same(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    places.write("butter flour", "boat anchor", "goal fever")
    report = update_index(places.index)
    assert report.n_encoded == 0
    assert different(report) == {
        "moved": [(places.id(number + 1), places.id(number)) for number in (1, 2, 3)],
        "vanished": [places.id(1)],
    }
    places.write("butter flour", "boat keel", "goal fever")
    assert different(update_index(places.index)) == {"changed": [places.id(2)]}
    places.write("zebra", "butter flour", "boat keel", "goal fever")
    report = update_index(places.index)
    assert (report.new, report.changed, report.vanished) == ([places.id(1)], [], [])
    assert places.texts() == ["zebra", "butter flour", "boat keel", "goal fever"]


@OF_PLACES
def test_what_was_removed_from_a_file_stays_out_wherever_it_moves(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    remove_documents([places.id(2)], places.index)
    places.write("butter flour", "boat anchor", "goal fever")
    assert different(update_index(places.index)) == {
        "moved": [(places.id(3), places.id(2)), (places.id(4), places.id(3))],
        "vanished": [places.id(1)],
    }
    assert places.texts() == ["boat anchor", "goal fever"]
    with pytest.raises(DocumentNotFoundError, match="which was taken out before"):
        remove_documents([places.id(1)], places.index)
    places.write("new", "also new", "boat anchor", "butter flour", "goal fever")
    update_index(places.index)
    assert places.texts() == ["new", "also new", "boat anchor", "goal fever"]
    assert read_manifest(places.index).n_removed == 1
    places.write("butter and flour", "goal fever")
    update_index(places.index)
    assert places.texts() == ["butter and flour", "goal fever"]  # another text is another document
    places.write("butter flour", "goal fever")
    update_index(places.index)
    assert places.texts() == ["goal fever"]
    assert different(add_documents([places.file], places.index)) == {"new": [places.id(1)]}
    assert read_manifest(places.index).n_removed == 0


@OF_PLACES
def test_of_equal_texts_as_many_stay_out_as_were_removed(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    places.write("moon", "boat", "boat", "boat", "moon")
    places.write("boat", file=places.file.with_name(f"a-{name}"))
    update_index(places.index)
    remove_documents([places.id(3)], places.index)
    remove_documents([places.id(4)], places.index)
    assert places.texts() == ["boat", "moon", "boat", "moon"]
    places.write("boat", "boat", "boat", "moon")
    update_index(places.index)
    assert places.texts() == ["boat", "boat", "moon"]
    places.write("boat", "boat", "boat", "boat", "moon")
    update_index(places.index)
    assert places.texts() == ["boat", "boat", "boat", "moon"]
    remove_documents([places.id(1), places.id(4)], places.index)
    places.write("keel", "boat", "boat", "boat", "boat")
    update_index(places.index)
    assert places.texts() == ["boat", "keel"]


@OF_PLACES
def test_what_was_removed_stays_out_where_its_file_moves(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    remove_documents([places.id(2)], places.index)
    places.file.rename(places.file.with_name(f"other-{name}"))
    report = update_index(places.index)
    assert (len(report.moved), report.new, report.n_encoded) == (3, [], 0)
    assert places.texts() == ["orbit moon", "boat anchor", "goal fever"]
    report = update_index(places.index)
    assert not report.written
    places.write("butter flour")  # where the file was is another one now
    update_index(places.index)
    assert sorted(places.texts()) == ["boat anchor", "butter flour", "goal fever", "orbit moon"]


@OF_PLACES
def test_retraining_leaves_out_what_was_removed_and_moved(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    remove_documents([places.id(2)], places.index)
    others = ["moon boat", "fever goal", "flour", "anchor", "oven boat", "goal orbit", "moon fever", "boat"]
    places.write("butter flour", "boat anchor", "goal fever", *others)
    update_index(places.index, retrain=True)
    assert places.texts() == ["boat anchor", "goal fever", *others]


@OF_PLACES
@pytest.mark.parametrize(("removed", "left"), [(1, ["boat", "moon"]), (3, ["boat", "moon"])])
def test_of_equal_texts_the_one_that_was_not_removed_stays(
    places: Places, name: str, written: Callable[..., str], called: str, removed: int, left: list[str]
) -> None:
    places.write("boat", "moon", "boat")
    update_index(places.index)
    remove_documents([places.id(removed)], places.index)
    texts = ["boat", "moon", "boat"]
    del texts[removed - 1]  # from the file, too
    places.write(*texts)
    update_index(places.index)
    assert sorted(places.texts()) == left
    update_index(places.index, check=True)
    assert sorted(places.texts()) == left


@OF_PLACES
def test_of_equal_texts_the_one_that_was_removed_stays_out_when_the_other_is_edited(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    places.write("boat", "moon", "boat")
    update_index(places.index)
    remove_documents([places.id(3)], places.index)
    places.write("keel", "moon", "boat")
    update_index(places.index)
    assert places.texts() == ["keel", "moon"]


@OF_PLACES
def test_what_was_removed_stays_out_in_another_file_of_the_corpus(
    places: Places, name: str, written: Callable[..., str], called: str
) -> None:
    before, behind = (places.file.with_name(f"{letter}-{name}") for letter in "az")
    places.write("anchor", file=before)
    places.write("keel", file=behind)
    update_index(places.index)
    remove_documents([places.id(2), places.id(3)], places.index)
    places.write("orbit moon", "goal fever")
    places.write("butter flour", "anchor", file=before)
    places.write("keel", "boat anchor", file=behind)
    update_index(places.index)
    assert sorted(places.texts()) == ["anchor", "goal fever", "keel", "orbit moon"]


def test_an_id_that_was_removed_is_free_in_other_files(tmp_path: Path, model: Path) -> None:
    corpus, index = tmp_path / "c", tmp_path / "index"
    rows = "id,text\n1,boat keel\n2,moon orbit\n"
    first = write(corpus / "first.csv", rows)
    build_index(corpus, index, model=model)
    remove_documents(["2"], index)
    write(corpus / "copy.csv", rows)
    update_index(index)
    assert set(ids(index)) == {"1", "copy.csv#1", "copy.csv#2"}
    (corpus / "copy.csv").unlink()
    first.rename(corpus / "second.csv")  # and what is moved stays out
    update_index(index)
    assert len(ids(index)) == 1
    (corpus / "second.csv").unlink()
    write(corpus / "third.csv", "id,text\n1,oven\n2,goal\n")
    update_index(index)
    assert len(ids(index)) == 2


def test_what_was_removed_of_an_archive_stays_out_where_that_moves(tmp_path: Path, model: Path) -> None:
    corpus, index = tmp_path / "c", tmp_path / "index"
    corpus.mkdir()
    with ZipFile(corpus / "a.zip", "w") as archive:
        archive.writestr("boat.txt", "boat keel")
        archive.writestr("moon.txt", "moon orbit")
        archive.writestr("rows.csv", "id,text\n1,oven\n2,goal\n")
    build_index(corpus, index, model=model)
    remove_documents(["a.zip/moon.txt", "2"], index)
    copy = corpus / "b.zip"
    copy.write_bytes((corpus / "a.zip").read_bytes())
    update_index(index)
    assert len(ids(index)) == 2 + 4
    copy.unlink()
    (corpus / "a.zip").rename(corpus / "c.zip")
    update_index(index)
    assert sorted(ids(index))[1:] == ["c.zip/boat.txt"]
    assert len(ids(index)) == 2


def test_messages_of_one_text_are_told_apart_by_their_message_ids(tmp_path: Path, model: Path) -> None:
    box = write(
        tmp_path / "c" / "box", "".join(message("boat anchor", name) for name in ("1@x", "2@x", "3@x"))
    )
    build_index(box.parent, tmp_path / "index", model=model)
    remove_documents(["box#2"], tmp_path / "index")
    write(box, message("boat anchor", "2@x") + message("boat anchor", "3@x"), LONG_AGO + 10**9)
    update_index(tmp_path / "index")
    with open_index(tmp_path / "index") as opened:
        assert [e.metadata["message_id"] for e in opened.catalogue.documents()] == ["<3@x>"]


def test_rows_with_ids_stay_out_by_them(tmp_path: Path, model: Path) -> None:
    file = write(tmp_path / "c" / "rows.csv", "id,text\nx,boat\ny,moon\nz,oven\n")
    build_index(file.parent, tmp_path / "index", model=model)
    remove_documents(["y"], tmp_path / "index")
    write(file, "id,text\ny,another text\nw,moon\nz,oven\n", LONG_AGO + 10**9)
    assert different(update_index(tmp_path / "index")) == {"new": ["w"], "vanished": ["x"]}


def test_a_file_that_was_removed_and_moved_stays_out_and_its_copy_stays_in(corpus: Path, index: Path) -> None:
    write(corpus / "copy.txt", TEXTS["a.txt"])
    update_index(index)
    remove_documents(["a.txt"], index)
    (corpus / "a.txt").rename(corpus / "z.txt")
    assert not update_index(index).changed
    assert "z.txt" not in ids(index)
    assert "copy.txt" in ids(index)
    write(corpus / "a.txt", "boat keel")
    assert different(update_index(index)) == {"new": ["a.txt"]}
    assert different(add_documents([corpus / "z.txt"], index)) == {"new": ["z.txt"]}


PARTS = [" ".join([word] * 30) + "." for word in ("moon", "butter", "boat", "goal")]


def test_a_passage_that_was_removed_stays_out_while_its_text_is_the_same(tmp_path: Path, model: Path) -> None:
    file, index = tmp_path / "c" / "book.txt", tmp_path / "index"
    write(file, "\n\n".join(PARTS))
    write(file.with_name("another.txt"), "keel")
    config = IndexConfig(corpus=CorpusConfig(passages=40))
    build_index(file.parent, index, config, model=model)
    remove_documents(["book.txt#2"], index)
    write(file, "\n\n".join([" ".join(["violin"] * 30) + ".", *PARTS]), LONG_AGO + 10**9)
    report = update_index(index)
    assert report.new == ["book.txt#1"]
    assert [name for name in ids(index) if name.startswith("book")] == [f"book.txt#{n}" for n in (1, 2, 4, 5)]
    write(file, "short", LONG_AGO + 2 * 10**9)
    update_index(index)
    remove_documents(["book.txt"], index)
    write(file, "\n\n".join(PARTS), LONG_AGO + 3 * 10**9)
    assert not update_index(index).new  # all of it was removed, however long it is


def as_in_the_second_format(index: Path, reseal: Callable[[Path], None]) -> None:
    [generation] = index.glob("generation-*")
    connection = sqlite3.connect(generation / "catalogue.sqlite")
    removed = connection.execute("SELECT id, path FROM removed").fetchall()
    for statement in (
        "DROP TABLE encodings",
        "DROP TABLE names",
        "DROP TABLE removed",
        "CREATE TABLE removed (id TEXT PRIMARY KEY, path TEXT NOT NULL)",
        "PRAGMA user_version = 2",
    ):
        connection.execute(statement)
    connection.executemany("INSERT INTO removed VALUES (?, ?)", removed)
    connection.commit()
    connection.close()
    reseal(index)


def test_what_was_guessed_is_kept_tips_the_balance_for_what_comes_and_can_be_told_anew(
    corpus: Path, index: Path, reseal: Callable[[Path], None]
) -> None:
    croatian = "Kuća je mala, ali vrt je velik i pun cvijeća. Šuma počinje iza ograde.\n" * 3
    for number in range(3):
        (corpus / f"{number}.txt").write_bytes(croatian.encode("cp1250"))
    update_index(index)
    (corpus / "menu.txt").write_bytes("Ćevapi, sarma, grah".encode("cp1250"))
    report = update_index(index)
    assert text_of(index, "menu.txt") == "Ćevapi, sarma, grah"
    assert {told.path: told.encoding for told in report.guessed} == dict.fromkeys(
        ("0.txt", "1.txt", "2.txt", "menu.txt"), "cp1250"
    )
    with open_index(index) as opened:
        assert opened.catalogue.read_as() == report.guessed
    as_in_the_second_format(index, reseal)
    with open_index(index) as opened:
        assert opened.catalogue.read_as() == []
    assert {told.path for told in update_index(index).guessed} >= {"0.txt", "menu.txt"}


@OF_PLACES
@pytest.mark.parametrize("first", ["update", "add", "update of another"])
def test_what_an_index_of_the_second_format_was_told_to_remove_is_known_from_then_on(
    places: Places,
    first: str,
    reseal: Callable[[Path], None],
    name: str,
    written: Callable[..., str],
    called: str,
) -> None:
    remove_documents([places.id(2)], places.index)
    as_in_the_second_format(places.index, reseal)
    with open_index(places.index) as opened:
        assert opened.query("moon").hits
    if first == "add":
        add_documents([write(places.file.parent.parent / "more.txt", "keel")], places.index)
    if first == "update of another":
        places.write("orbit moon", "butter flour", "boat anchor", "goal fever", "one more")
    assert not update_index(places.index).changed
    assert "butter flour" not in places.texts()
    places.write("butter flour", "boat anchor", "goal fever")
    update_index(places.index)
    assert places.texts()[:2] == ["boat anchor", "goal fever"]
    assert "butter flour" not in places.texts()


# -- names of files ---------------------------------------------------------------------------------------


def found(index: Path, query: str) -> list[str]:
    with open_index(index) as opened:
        return [hit.id for hit in opened.query(query, rank="bm25").hits]


def test_a_file_is_found_by_its_name(corpus: Path, index: Path) -> None:
    write(corpus / "hindenburg-contract.txt", "butter flour")
    update_index(index)
    assert found(index, "hindenburg") == ["hindenburg-contract.txt"]
    with open_index(index) as opened:
        [hit] = opened.query("hindenburg", rank="bm25").hits
        assert (hit.snippet.text, opened.document(hit.id).text) == ("butter flour", "butter flour")
    (corpus / "hindenburg-contract.txt").rename(corpus / "zeppelin.txt")
    report = update_index(index)
    assert different(report) == {"moved": [("hindenburg-contract.txt", "zeppelin.txt")]}
    assert report.n_encoded == 1
    assert (found(index, "hindenburg"), found(index, "zeppelin")) == ([], ["zeppelin.txt"])
    assert not update_index(index).written
    write(corpus / "sub" / "new.txt", "goal")
    update_index(index)
    assert found(index, "zeppelin") == ["zeppelin.txt"]  # copied from one catalogue to the next
    (corpus / "zeppelin.txt").rename(corpus / "airship.txt")
    update_index(index)
    assert (found(index, "zeppelin"), found(index, "airship")) == ([], ["airship.txt"])


def test_an_index_of_the_second_format_learns_the_names_of_its_files(
    corpus: Path, model: Path, tmp_path: Path, reseal: Callable[[Path], None]
) -> None:
    write(corpus / "hindenburg.txt", "butter flour")
    build_index(corpus, tmp_path / "old", model=model)
    as_in_the_second_format(tmp_path / "old", reseal)
    report = update_index(tmp_path / "old")
    assert (report.written, different(report)) == (True, {})
    assert found(tmp_path / "old", "hindenburg") == ["hindenburg.txt"]
    assert not update_index(tmp_path / "old").written


def test_copies_under_other_names_are_near_identical(corpus: Path, index: Path) -> None:
    text = "moon orbit telescope butter flour oven boat anchor sail goal fever violin"
    write(corpus / "quarterly-figures-draft.txt", text)
    write(corpus / "zeppelin-hangar-copy.txt", f"{text} moon")
    update_index(index)
    with open_index(index) as opened:
        names = [{document.id for document in group.documents} for group in find_duplicates(opened)]
        assert {"quarterly-figures-draft.txt", "zeppelin-hangar-copy.txt"} in names
        one, other = (opened.document(name).row for name in names[0])
        others = np.array([other, one, other])
        assert bare_cosine(opened, one, others).tolist() == pytest.approx([0.97, 1, 0.97], abs=0.02)
        terms = opened.term_index
        assert terms.cosine(terms.counts.take(np.array([one])), others[:1])[0] < 0.8
