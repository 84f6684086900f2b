"""What is heard of the long steps on an index that stands, and what is drawn of them on a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash import Index
from semhash.duplicates import find_duplicates
from semhash.inspection.verification import verify_index
from semhash.progress import Progress, Stage
from semhash.store.manifest import read_manifest
from semhash.subjects import find_subjects
from semhash.subjects.page import write_page

if TYPE_CHECKING:
    from tests.conftest import Semhash

COMMANDS = """
import sys
from contextlib import suppress
from semhash_cli import main
for command in ("verify", "duplicates", "map"):
    sys.argv = ["semhash", command, "--index", INDEX, "--json"]
    with suppress(SystemExit):
        main()
"""


class Heard:
    """Takes down all that is told of each stage."""

    def __init__(self) -> None:
        self.told: dict[str, list[tuple[float, float]]] = {}

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        self.told.setdefault(stage, []).append((done, total))


def _verified(index: Index, folder: Path, progress: Progress) -> dict[str, float]:
    checks = [found.name for found in verify_index(index.path, progress=progress)]
    files = read_manifest(index.path).files
    return {"verify": sum(file.bytes for file in files.values()), "check": len(checks) - len(files) - 1}


def _duplicates(index: Index, folder: Path, progress: Progress) -> dict[str, float]:
    find_duplicates(index, progress=progress)
    return {"sort": len(index) - index.manifest.n_unaddressed}


def _mapped(index: Index, folder: Path, progress: Progress) -> dict[str, float]:
    write_page(index, find_subjects(index, progress=progress), folder / "map.html", progress=progress)
    return dict.fromkeys(("describe", "draw"), len(index) - index.manifest.n_unaddressed)


@pytest.mark.parametrize(
    ("step", "stages"),
    [
        (_verified, ["verify", "check"]),
        (_duplicates, ["sort", "compare"]),
        (_mapped, ["group", "describe", "draw"]),
    ],
)
def test_each_stage_rises_to_its_total(
    index: Index, tmp_path: Path, step: Callable[[Index, Path, Progress], dict[str, float]], stages: list[str]
) -> None:
    heard = Heard()
    totals = step(index, tmp_path, heard)
    assert list(heard.told) == stages
    for stage, told in heard.told.items():
        done = [at for at, _ in told]
        assert done == sorted(done)
        assert {total for _, total in told} == {totals.get(stage, told[0][1])}
        assert done[-1] == told[-1][1]


def test_bars_are_drawn_for_them_where_standard_error_is_a_terminal(
    index_folder: Path, semhash: "Semhash"
) -> None:
    ours, theirs = pty.openpty()
    program = COMMANDS.replace("INDEX", repr(str(index_folder)))
    command = [sys.executable, "-c", program]
    environment = semhash.environment | {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # all that had the terminal open have closed it
            while some := os.read(ours, 65536):
                seen += some
    os.close(ours)
    assert process.returncode == 0
    assert b"Traceback" not in seen
    for doing in (b"verifying", b"checking", b"sorting", b"comparing", b"grouping", b"describing"):
        assert doing in seen
    assert b"100%" in seen
