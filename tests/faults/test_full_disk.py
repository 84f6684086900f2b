"""A disk that is full, and a place that cannot be written, made for real where the system lets a test do so."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash.inspection.verification import verify_index
from semhash.store.manifest import read_manifest

if TYPE_CHECKING:
    from tests.conftest import Semhash

pytestmark = pytest.mark.slow

MADE_INDEX = Path(__file__).parents[1] / "golden" / "made_index.py"


def in_a_room_of_its_own(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a shell where file systems may be mounted that nobody else sees."""
    command = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-euc",
        script,
        "sh",
        *map(str, arguments),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def _rooms() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    tried = in_a_room_of_its_own("mount -t tmpfs -o size=1m none /mnt")
    if tried.returncode:
        pytest.skip(f"file systems cannot be mounted here: {tried.stderr.strip()}")


@pytest.mark.usefixtures("_rooms")
@pytest.mark.parametrize("size", ["200k", "4m"])
def test_a_full_disk_leaves_the_index_as_it_was(
    made_indexes: dict[str, Path], tmp_path: Path, size: str
) -> None:
    """A file system of a few blocks: the first is full before a catalogue is written, the other in the arrays."""
    index = made_indexes["table"]
    corpus = index.parent / "0.jsonl"
    script = (
        'mount -t tmpfs -o size="$1" none "$2"; "$3" "$4" index "$5" --out "$2/notes" --quiet || echo "status $?"; '
        'ls -A "$2"'
    )
    place = tmp_path / "disk"
    place.mkdir()
    done = in_a_room_of_its_own(script, size, place, sys.executable, MADE_INDEX, corpus)
    assert done.stdout == "status 1\n", done.stderr
    told = f"semhash: {place}/notes: expected to write an index there, found: "
    assert done.stderr.startswith(told)
    assert any(cause in done.stderr for cause in ("No space left on device", "disk is full"))
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("_rooms")
@pytest.mark.parametrize("action", ["index", "update", "remove"])
def test_a_place_that_is_read_only_leaves_the_index_as_it_was(
    semhash: "Semhash", made_indexes: dict[str, Path], tmp_path: Path, action: str
) -> None:
    place = tmp_path / "place"
    index = shutil.copytree(made_indexes["table"], place / "notes")
    before = read_manifest(index)
    options = {
        "index": f"{made_indexes['table'].parent / '1.jsonl'} --out {index} --force",
        "update": f"{made_indexes['table'].parent / '1.jsonl'} --index {index} --force",
        "remove": f"d7 --index {index}",
    }
    script = f'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; "$@" {action} {options[action]}'
    command = [sys.executable, MADE_INDEX] if action == "index" else [semhash.command]
    done = in_a_room_of_its_own(script, place, *command)
    assert done.returncode == 1, done.stderr
    assert (
        "expected to write an index there, found: Read-only file system; nothing was changed" in done.stderr
    )
    assert done.stderr.count("\n") == 1
    assert read_manifest(index) == before
    assert all(finding.problem is None for finding in verify_index(index))
    assert [path.name for path in place.iterdir()] == ["notes"]
