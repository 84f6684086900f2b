"""Run by test_living_kills.py: kill -9 what watches, around the moment when a file changes; print what each kill left.

This is a program of its own because only a process without threads may fork: what is loaded once is there for all.
"""

import json
import os
import random
import runpy
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from semhash import build_index, update_index
from semhash.living import watch_index
from semhash.store.manifest import read_manifest

state: Callable[[Path], str] = runpy.run_path(str(Path(__file__).with_name("living_kills.py")))["state"]


def arrays(index: Path) -> dict[str, str]:
    """Return the digests of all that an index holds, but for what tells of its history.

    The catalogue says when it was made, and a term is shown as it was written when it came in.
    """
    files = read_manifest(index).files
    history = ("catalogue.sqlite", "forms-letters.npy", "forms-offsets.npy")
    return {name: record.sha256 for name, record in files.items() if name not in history}


def change(home: Path) -> None:
    """Put another file in the place of one, at once."""
    (home / "next").write_text("a boat on the moon, butter for the orchestra")
    (home / "next").replace(home / "corpus" / "0.txt")


def watching(index: Path) -> tuple[int, int]:
    """Begin to watch in a child; give its number, and what it writes a byte to for every update."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        for _ in watch_index(index, settle=0.05):
            os.write(theirs, b".")
    os.close(theirs)
    os.read(ours, 1)
    return child, ours


def main(made: Path, home: Path, kills: int, seed: int) -> None:
    source = random.Random(seed)
    base, fresh = home.with_name("base"), home.with_name("fresh")
    shutil.copytree(made, home)
    update_index(home / "index", home / "corpus")
    old = state(home / "index")
    shutil.copytree(home, base)
    change(home)
    build_index(home / "corpus", fresh, model=home / "index")
    new, expected = state(fresh), arrays(fresh)
    assert new != old
    found: list[str] = []
    took = 0.0
    for number in range(kills):
        shutil.rmtree(home)
        shutil.copytree(base, home)
        child, told = watching(home / "index")
        began = time.monotonic()
        change(home)
        if number == 0:  # once to its end, to know how long it takes, and once before it begins
            os.read(told, 1)
            took = time.monotonic() - began
        elif number > 1:
            time.sleep(source.uniform(0, 1.2 * took))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)
        found.append({old: "old", new: "new"}[state(home / "index")])
        update_index(home / "index")
        assert state(home / "index") == new
        assert arrays(home / "index") == expected
        names = sorted(path.name for path in home.iterdir())
        assert names == ["corpus", "index", "outside.txt"], names
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
