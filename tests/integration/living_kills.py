"""Run by test_living_kills.py: change an index and kill -9 the process at a random moment; print what each kill left.

This is a program of its own because only a process without threads may fork: what is loaded once is there for all.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from semhash import add_documents, open_index, remove_documents, update_index
from semhash.inspection.verification import verify_index


def state(index: Path) -> str:
    """Give what an index answers, which must be whole, without the number of its generation."""
    assert [finding for finding in verify_index(index) if finding.problem] == []
    with open_index(index) as opened:
        entries = [(e.row, e.id, e.text, e.code, e.labels) for e in opened.catalogue.documents()]
        hits = [(hit.id, hit.score) for hit in opened.query("moon boat butter", k=50).hits]
    return hashlib.sha256(repr((entries, hits)).encode()).hexdigest()


def changes(home: Path) -> dict[str, Callable[[], object]]:
    """Give each way to change the index at a place, by name."""
    return {
        "update": lambda: update_index(home / "index"),
        "add": lambda: add_documents([home / "outside.txt"], home / "index"),
        "remove": lambda: remove_documents(["0.txt"], home / "index"),
    }


def killed(change: Callable[[], object], after: float) -> bool:
    """Begin a change in a child and kill it; say whether it was still at it."""
    child = os.fork()
    if not child:
        change()
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(made: Path, home: Path, kills: int, seed: int) -> None:
    source = random.Random(seed)
    found: list[list[object]] = []
    states: dict[str, dict[str, str]] = {}
    took: dict[str, float] = {}
    for number in range(kills):
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(made, home)
        name = ("update", "add", "remove")[number % 3]
        change = changes(home)[name]
        if number < 3:
            began = time.monotonic()
            change()
            took[name] = time.monotonic() - began
            states[name] = {"old": state(made / "index"), "new": state(home / "index")}
            assert states[name]["new"] != states[name]["old"]
            continue
        was_killed = killed(change, source.uniform(0, 1.1 * took[name]))
        left = state(home / "index")
        which = [age for age in states[name] if states[name][age] == left]
        if which == ["old"]:
            change()
            assert state(home / "index") == states[name]["new"], "what was left stood in the way"
        update_index(home / "index")
        names = sorted(path.name for path in home.iterdir())
        assert names == ["corpus", "index", "outside.txt"], names
        assert len(list((home / "index").iterdir())) == 2, "a generation was left behind"
        found.append([name, was_killed, *which])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
