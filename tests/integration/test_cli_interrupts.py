"""Commands that are stopped half way: nothing is left of an index that is not whole."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

ENDLESS = ("--epochs", "1000000", "--patience", "0", "--vocabulary-size", "60", "--stop-words", "none")
FEW = 36
PATIENCE = 60


@dataclass
class Running:
    """A command at work, its standard error a terminal."""

    process: subprocess.Popen[bytes]
    terminal: int
    seen: bytes = b""
    status: int | None = None
    stdout: bytes = b""
    others: dict[str, "Done"] = field(default_factory=dict)

    def wait_for(self, text: bytes) -> None:
        """Read the terminal until a text is on it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            assert self._read(), self.seen

    def _read(self) -> bool:
        try:
            if select.select([self.terminal], [], [], PATIENCE)[0]:
                data = os.read(self.terminal, 65536)
                self.seen += data
                return bool(data)
        except OSError:  # all that had the terminal open have closed it
            return False
        return True

    def finish(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, self.seen
        self.stdout, _ = self.process.communicate(timeout=PATIENCE)
        self.status = self.process.returncode


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """Let commands hear a signal that whoever runs the tests in the background has them ignore."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def running(semhash: "Semhash", *arguments: str | Path, cwd: Path) -> Iterator[Running]:
    ours, theirs = pty.openpty()
    environment = {**semhash.environment, "TERM": "xterm", "COLUMNS": "100"}
    with heard(signal.SIGINT):
        process = subprocess.Popen(
            [semhash.command, *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
    os.close(theirs)
    try:
        yield Running(process, ours)
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


@pytest.fixture(scope="module")
def few(home: "Home", tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("few") / "few.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for document in home.documents[:FEW]))
    return file


@pytest.fixture(scope="module")
def interrupted(
    few: Path, semhash: "Semhash", tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Running]:
    """A command that got Ctrl-C after an epoch of training, and what a second writer was told meanwhile."""
    cwd = tmp_path_factory.mktemp("interrupted")
    arguments = ("index", few, *ENDLESS, "--json")
    with running(semhash, *arguments, cwd=cwd) as command:
        command.wait_for(b"training")
        command.wait_for(b", ones ")
        command.others["second writer"] = semhash(*arguments, cwd=cwd, status=1)
        command.others["list"] = semhash("list", "--indexes", cwd=cwd)
        assert command.process.poll() is None
        command.process.send_signal(signal.SIGINT)
        command.finish()
    return cwd, command


def test_ctrl_c_in_training_writes_an_index_of_what_was_learned(
    interrupted: tuple[Path, Running], semhash: "Semhash"
) -> None:
    cwd, command = interrupted
    assert command.status == 0
    assert b"interrupted, keeping epoch" in command.seen
    assert b"Traceback" not in command.seen
    report = json.loads(command.stdout)
    assert report["n_documents"] == FEW
    assert 1 <= report["epochs"] < 1_000_000
    assert report["stopped"] == "interrupted"
    semhash("verify", cwd=cwd)
    assert semhash("query", "sail the boat", "--json", cwd=cwd).json()["hits"]


def test_ctrl_c_before_there_is_anything_to_keep_ends_in_130_and_leaves_nothing(
    few: Path, semhash: "Semhash", tmp_path: Path
) -> None:
    with running(semhash, "index", few, *ENDLESS, "--json", cwd=tmp_path) as command:
        command.wait_for(b"reading")
        command.process.send_signal(signal.SIGINT)
        command.finish()
    assert command.status == 130
    assert command.stdout == b""
    assert command.seen.rstrip().endswith(b"semhash: stopped")
    assert b"Traceback" not in command.seen
    assert list(tmp_path.iterdir()) == []


def test_bars_are_drawn_where_standard_error_is_a_terminal(interrupted: tuple[Path, Running]) -> None:
    _, command = interrupted
    for expected in (b"reading", b"100%", b"36 documents", b"training", b"epoch ", b"\x1b[?25h"):
        assert expected in command.seen


def test_a_second_writer_is_told(interrupted: tuple[Path, Running]) -> None:
    cwd, command = interrupted
    told = command.others["second writer"].stderr
    assert re.sub(r"on \S+, since \S+\)", "on HOST, since TIME)", told) == (
        f"semhash: {cwd}/indexes/few: expected to be its only writer, found another semhash process at work on "
        f"it (process {command.process.pid} on HOST, since TIME); wait for it to end, and try again\n"
    )


def test_an_index_that_is_being_written_is_not_listed(interrupted: tuple[Path, Running]) -> None:
    _, command = interrupted
    assert command.others["list"].stdout == ""


@pytest.mark.parametrize("moment", [b"100%", b", ones "])
def test_a_request_to_end_leaves_nothing_whatever_was_learned(
    home: "Home", semhash: "Semhash", tmp_path: Path, moment: bytes
) -> None:
    with running(semhash, "index", home.path / "notes", *ENDLESS, cwd=tmp_path) as command:
        command.wait_for(moment)
        command.process.send_signal(signal.SIGTERM)
        command.finish()
        assert command.status == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_command_leaves_is_no_index_and_is_swept(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    with running(semhash, "index", home.path / "notes", *ENDLESS, cwd=tmp_path) as command:
        command.wait_for(b"100%")
        command.process.kill()
        command.finish()
        assert command.status == -signal.SIGKILL
    left = sorted(path.name for path in (tmp_path / "indexes").iterdir())
    assert len(left) == 2
    assert left[0] == ".notes.lock"
    assert left[1].startswith(".notes.partial-")
    assert "expected an index, found none" in semhash("query", "moon", cwd=tmp_path, status=1).stderr
    one = tmp_path / "one.jsonl"
    one.write_text('{"text": "moon"}\n')
    arguments = ("index", one, "--out", "indexes/notes", "--stop-words", "none")
    assert "expected at least 5 documents" in semhash(*arguments, cwd=tmp_path, status=1).stderr
    assert list((tmp_path / "indexes").iterdir()) == []


@pytest.mark.usefixtures("notes")
def test_ctrl_c_while_waiting_for_input_says_only_that_it_stopped(home: "Home", semhash: "Semhash") -> None:
    with heard(signal.SIGINT):
        process = subprocess.Popen(
            [semhash.command, "encode"],
            cwd=home.path,
            env={**semhash.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        # A batch is answered once it is full, so by then it waits for the next.
        process.stdin.write(b"sail the boat\n" * 512)
        process.stdin.flush()
        assert process.stdout.readline().startswith(b'{"id":"1"')
        process.send_signal(signal.SIGINT)
        process.stdin.close()
        assert process.stderr is not None
        assert process.stderr.read() == b"semhash: stopped\n"
        assert process.wait(PATIENCE) == 130
