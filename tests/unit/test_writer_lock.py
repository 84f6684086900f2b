import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from semhash.errors import IndexBusyError
from semhash.store.writer_lock import lock_file, writer_lock

HOLDER = """
import sys, time
from pathlib import Path
from semhash.store.writer_lock import lock_file, writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_is_refused_is_told_who_holds_it_and_since_when(tmp_path: Path) -> None:
    holder = re.escape(f"(process {os.getpid()} on {socket.gethostname()}, since 20")
    with writer_lock(tmp_path / "notes"):
        with (
            pytest.raises(
                IndexBusyError, match=f"notes: expected to be its only writer, .*{holder}.*\\); wait"
            ),
            writer_lock(tmp_path / "notes"),
        ):
            pass
        with writer_lock(tmp_path / "others"):
            assert sorted(path.name for path in tmp_path.iterdir()) == [".notes.lock", ".others.lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holders_lock_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "notes"], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusyError, match=f"process {holder.pid} on"), writer_lock(tmp_path / "notes"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert [path.name for path in tmp_path.iterdir()] == [".notes.lock"]
    with writer_lock(tmp_path / "notes"):
        assert f"process {os.getpid()} " in (tmp_path / ".notes.lock").read_text()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_lost_its_name_is_no_lock(tmp_path: Path) -> None:
    """Who waited for a file that its holder removed must not share the index with who made the next one."""
    with writer_lock(tmp_path / "notes"):
        (tmp_path / ".notes.lock").unlink()
        with writer_lock(tmp_path / "notes"):
            assert (tmp_path / ".notes.lock").is_file()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    (tmp_path / ".notes.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"), writer_lock(tmp_path / "notes"):
        pass
    assert (tmp_path / "mine").read_text() == "precious"


def test_who_waits_has_it_when_it_is_free(tmp_path: Path) -> None:
    program = HOLDER.replace("with writer_lock", "with lock_file").replace(
        "time.sleep(60)", "sys.stdin.read(1)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "runs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        threading.Timer(0.1, holder.stdin.close).start()
        with lock_file(tmp_path / "runs"):
            assert f"process {os.getpid()} " in (tmp_path / "runs").read_text()
    assert list(tmp_path.iterdir()) == []
