"""What is left when a disk fails, or a command is killed, at any of its calls: the old index or the new one, whole.

A few calls of an update; more, of every command, with ``SEMHASH_CAMPAIGN=1``; all of them with `faults.py`.
"""

import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash

pytestmark = pytest.mark.slow

FAULTS = Path(__file__).with_name("faults.py")
ACTIONS = ("index", "replace", "update", "add", "remove")
HOW = ("EIO", "full", "KILL", "INT")
A_CAMPAIGN = 3600  # seconds
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


def runs(
    semhash: "Semhash", library: Path, tmp_path: Path, asked: str, *actions: str
) -> list[dict[str, Any]]:
    arguments: tuple[str | Path, ...] = (library, tmp_path / "work", asked, *actions)
    done = semhash.script(FAULTS, *arguments, cwd=tmp_path, patience=A_CAMPAIGN)
    if done.status == 77:
        pytest.skip("processes cannot be traced here")
    assert done.status == 0, done.stderr
    found: list[dict[str, Any]] = done.json()
    return found


def assert_old_or_new(found: list[dict[str, Any]], action: str) -> None:
    before = "none" if action == "index" else "old"
    assert [run for run in found if run["wrong"]] == []
    assert {run["left"] for run in found} == {before, "new"}
    for how in ("KILL", "INT"):
        left = [run["left"] for run in found if run["how"] == how]
        assert left == sorted(left, key=[before, "new"].index), "there is no way back"


@pytest.mark.parametrize("action", ["update"])
def test_the_old_index_or_the_new_one_is_left(
    semhash: "Semhash", library: Path, tmp_path: Path, action: str
) -> None:
    assert_old_or_new(runs(semhash, library, tmp_path, SHORT, action), action)


@pytest.mark.campaign
@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_so_at_many_a_call(semhash: "Semhash", library: Path, tmp_path: Path, action: str) -> None:
    asked = ",".join(f"{how}:10" for how in HOW)
    assert_old_or_new(runs(semhash, library, tmp_path, asked, action), action)
