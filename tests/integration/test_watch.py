"""``semhash update --watch``: a real process that hears of real files."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from semhash import build_index, open_index
from semhash.living import add_documents
from semhash.store.writer_lock import writer_lock
from tests.conftest import documents, write_jsonl

if TYPE_CHECKING:
    from tests.conftest import QuickConfig, Semhash

pytestmark = pytest.mark.slow

PATIENCE = 120.0
LONG_AGO = 1_600_000_000_123_456_789


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, quick_config: "QuickConfig") -> Path:
    folder = tmp_path_factory.mktemp("model")
    build_index(
        write_jsonl(folder / "rows.jsonl", documents(5)), folder / "model", quick_config(bits=8, epochs=3)
    )
    return folder / "model"


@pytest.fixture
def corpus(tmp_path: Path, model: Path) -> Path:
    """A corpus whose index lies inside it."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("moon orbit telescope")
    (corpus / "b.txt").write_text("butter flour oven")
    build_index(corpus, corpus / "index", model=model)
    return corpus


class Watching:
    """A process that watches; what it says goes into files."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.process = process
        self._out, self._err = out, err

    def done(self) -> list[dict[str, Any]]:
        lines = self._out.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def said(self) -> str:
        return self._err.read_text()

    def until(self, is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, (self.done(), self.said())
            time.sleep(0.05)

    def until_ids(self, corpus: Path, *ids: str) -> None:
        self.until(lambda: ids_of(corpus / "index") == sorted(ids))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def watching(semhash: "Semhash", corpus: Path, *arguments: str) -> Iterator[Watching]:
    out, err = corpus.parent / "out", corpus.parent / "err"
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored, where tests run in the background
    try:
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = start(semhash, corpus, arguments, stdout, stderr)
    finally:
        signal.signal(signal.SIGINT, before)
    it = Watching(process, out, err)
    try:
        it.until(lambda: "watching; Ctrl-C ends it" in it.said())
        yield it
    finally:
        process.kill()
        process.wait()


def start(
    semhash: "Semhash", corpus: Path, arguments: tuple[str, ...], stdout: IO[bytes], stderr: IO[bytes]
) -> "subprocess.Popen[bytes]":
    command = [
        str(semhash.command),
        "update",
        "--watch",
        "--json",
        "--index",
        str(corpus / "index"),
        *arguments,
    ]
    return subprocess.Popen(command, env=semhash.environment, stdout=stdout, stderr=stderr)


def ids_of(index: Path) -> list[str]:
    with open_index(index) as opened:
        return sorted(head.id for head in opened.catalogue.heads())


def is_text(index: Path, document_id: str, text: str) -> bool:
    with open_index(index) as opened:
        return opened.document(document_id).text == text


def write(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def test_files_that_come_change_move_and_go(corpus: Path, semhash: "Semhash") -> None:
    with watching(semhash, corpus) as it:
        [first] = it.done()
        assert (first["new"], first["n_documents"]) == ([], 2)
        (corpus / "new").mkdir()
        (corpus / "new" / "c.txt").write_text("boat anchor sail")
        it.until_ids(corpus, "a.txt", "b.txt", "new/c.txt")
        (corpus / "new").rename(corpus / "moved")
        it.until_ids(corpus, "a.txt", "b.txt", "moved/c.txt")
        (corpus / "a.txt").unlink()
        it.until_ids(corpus, "b.txt", "moved/c.txt")
        (corpus / "moved" / "c.txt").write_text("violin orchestra")
        it.until(lambda: it.done()[-1]["changed"] == ["moved/c.txt"])
        for text in ("boat anchor", "BOAT ANCHOR"):  # of one size and time
            os.utime((beside := write(corpus.parent / "c.txt", text)), ns=(LONG_AGO, LONG_AGO))
            beside.rename(corpus / "b.txt")
            it.until(partial(is_text, corpus / "index", "b.txt", text))
        done = it.done()
        assert [line["moved"] for line in done if line["moved"]] == [
            [{"from": "new/c.txt", "to": "moved/c.txt"}]
        ]
        assert [line["vanished"] for line in done if line["vanished"]] == [["a.txt"]]
        assert all(line["written"] for line in done[1:])
        assert it.end(signal.SIGINT) == 130
        assert it.said() == "watching; Ctrl-C ends it\nsemhash: stopped\n"
    assert [file.name for file in corpus.iterdir() if file.name.startswith(".")] == []


def test_its_own_files_wake_nobody(corpus: Path, semhash: "Semhash") -> None:
    with watching(semhash, corpus) as it:
        for number, text in enumerate(("violin", "goal", "fever")):
            (corpus / "c.txt").write_text(text)
            it.until(lambda n=number: len([d for d in it.done() if d["new"] or d["changed"]]) > n)  # type: ignore[misc]
        # Had an update of its own woken it, it would have found the index as it is, and told of no such one.
        generations = [line["generation"] for line in it.done()]
        assert generations == sorted(set(generations))
        assert it.end(signal.SIGTERM) == 143


def test_what_fails_is_told_and_tried_again(corpus: Path, semhash: "Semhash") -> None:
    with watching(semhash, corpus) as it:
        with writer_lock(corpus / "index"):
            (corpus / "c.txt").write_text("violin")
            it.until(lambda: "found another semhash process at work on it" in it.said())
        (corpus / "d.txt").write_text("goal")
        it.until_ids(corpus, "a.txt", "b.txt", "c.txt", "d.txt")
        assert it.said().count("found another semhash process") == 1


def test_a_corpus_that_goes_and_comes_back(corpus: Path, semhash: "Semhash", tmp_path: Path) -> None:
    outside = tmp_path / "index"
    shutil.move(corpus / "index", outside)
    with watching(semhash, corpus, "--index", str(outside)) as it:
        corpus.rename(tmp_path / "away")
        it.until(lambda: "found nothing there; nothing was changed" in it.said())
        (tmp_path / "away" / "c.txt").write_text("violin")
        (tmp_path / "away").rename(corpus)
        it.until(lambda: ids_of(outside) == ["a.txt", "b.txt", "c.txt"])
        (corpus / "c.txt").unlink()
        it.until(lambda: ids_of(outside) == ["a.txt", "b.txt"])


def test_what_another_process_adds_is_watched_too(corpus: Path, semhash: "Semhash", tmp_path: Path) -> None:
    far = tmp_path / "far.txt"
    far.write_text("goal")
    with watching(semhash, corpus) as it:
        add_documents([far], corpus / "index")
        new = tmp_path / "new"
        new.write_text("goal keeper referee")
        new.replace(far)  # as editors do
        it.until(lambda: it.done()[-1]["changed"] == [str(far)])


def test_what_links_lead_to_is_watched_too(corpus: Path, semhash: "Semhash", tmp_path: Path) -> None:
    far, new = tmp_path / "far", tmp_path / "new"
    (far / "deep").mkdir(parents=True)
    new.mkdir()
    (corpus / "far").symlink_to(far)
    with watching(semhash, corpus) as it:
        (far / "deep" / "c.txt").write_text("violin")
        it.until_ids(corpus, "a.txt", "b.txt", "far/deep/c.txt")
        (corpus / "new").symlink_to(new)
        (new / "d.txt").write_text("goal")
        it.until_ids(corpus, "a.txt", "b.txt", "far/deep/c.txt", "new/d.txt")
        (new / "d.txt").unlink()
        it.until_ids(corpus, "a.txt", "b.txt", "far/deep/c.txt")


def test_without_watchdog_the_command_to_install_it_is_named(
    corpus: Path, semhash: "Semhash", tmp_path: Path
) -> None:
    code = "import sys; sys.modules['watchdog'] = None; from semhash_cli import main; main()"
    command = [sys.executable, "-c", code, "update", "--watch", "--index", str(corpus / "index")]
    done = subprocess.run(command, env=semhash.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "semhash: --watch: expected the package watchdog, found it not installed; install it with: pip install "
        "'semhash-index[watch]'\n"
    )
    assert os.listdir(tmp_path) == ["corpus"]  # noqa: PTH208


@pytest.mark.parametrize("other", ["--dry-run", "--retrain", "--force"])
def test_it_goes_with_an_ordinary_update_alone(corpus: Path, semhash: "Semhash", other: str) -> None:
    done = semhash("update", "--watch", other, "--index", "corpus/index", cwd=corpus.parent, status=2)
    assert "--watch: expected none of --dry-run, --retrain and --force with it" in done.stderr
