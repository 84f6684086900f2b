"""What is left when a disk fails, or a command is killed, at any of its calls: the old index or the new one, whole.

A few calls of an update; more, of every command, with ``SEMHASH_CAMPAIGN=1``; all of them with `faults.py`.
"""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

FAULTS = Path(__file__).with_name("faults.py")
ACTIONS = ("index", "replace", "update", "add", "remove")
HOW = ("EIO", "full", "KILL", "INT")
SHORT = "EIO:3,full:2,KILL:4,INT:3"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        pytest.skip("system calls are stopped on x86-64 Linux alone")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    made = tmp_path_factory.mktemp("failing") / "failing.so"
    options = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, "-o", str(made), str(FAULTS.with_name("failing.c"))], check=True)
    return made


def runs(library: Path, work: Path, asked: str, *actions: str) -> list[dict[str, Any]]:
    command = [sys.executable, str(FAULTS), str(library), str(work), asked, *actions]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("processes cannot be traced here")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def assert_old_or_new(found: list[dict[str, Any]], action: str) -> None:
    before = "none" if action == "index" else "old"
    assert [run for run in found if run["wrong"]] == []
    assert {run["left"] for run in found} == {before, "new"}
    for how in ("KILL", "INT"):
        left = [run["left"] for run in found if run["how"] == how]
        assert left == sorted(left, key=[before, "new"].index), "there is no way back"


@pytest.mark.parametrize("action", ["update"])
def test_the_old_index_or_the_new_one_is_left(library: Path, tmp_path: Path, action: str) -> None:
    assert_old_or_new(runs(library, tmp_path / "work", SHORT, action), action)


@pytest.mark.campaign
@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_so_at_many_a_call(library: Path, tmp_path: Path, action: str) -> None:
    asked = ",".join(f"{how}:10" for how in HOW)
    assert_old_or_new(runs(library, tmp_path / "work", asked, action), action)
