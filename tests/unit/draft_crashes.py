"""Run by test_draft.py: write an index and crash before each system call in turn; print what each crash left.

A crash is ``os._exit`` in a forked child: no clean-up runs, as when the power fails. This is a program of its
own because only a process without threads may fork.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from semhash.config import IndexConfig
from semhash.store import IndexFolder
from semhash.store.draft import draft_index
from semhash.store.manifest import Manifest

CALLS = ("fsync", "rename", "replace", "rmdir", "unlink", "mkdir", "open")
CRASHED = 9


def write(target: Path, word: str) -> None:
    with draft_index(target, force=True) as draft:
        draft.save_json("words.json", [word])
        draft.save_array("numbers.npy", np.arange(10))
        manifest = Manifest(
            semhash_version="0.1.0",
            created="",
            generation=draft.generation,
            corpus="",
            corpus_digest="",
            config=IndexConfig(),
            bits=20,
            n_documents=10,
            n_unaddressed=0,
            n_skipped=0,
            n_words=1,
            addresses_in_use=1,
            files=draft.records(),
        )
        draft.publish(manifest)


def crash_before(number: int) -> None:
    """Have the process end before its so-manieth system call."""
    done = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            done += 1
            if done == number:
                os._exit(CRASHED)
            return call(*args, **kwargs)

        return wrapped

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def crashes(target: Path, number: int, word: str) -> bool:
    """Write an index in a child that crashes before its so-manieth call; say whether it came to that."""
    child = os.fork()
    if not child:
        crash_before(number)
        write(target, word)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    found = os.waitstatus_to_exitcode(status)
    assert found in (0, CRASHED), found
    return found == CRASHED


def word_in(target: Path) -> str | None:
    """Give the word of the index, which must be whole; None when there is none."""
    if not target.exists():
        return None
    folder = IndexFolder.open(target)
    assert [problem for _, problem in folder.verify() if problem] == []
    word: str = folder.json("words.json")[0]
    folder.close()
    return word


def main(parent: Path, old: str | None) -> None:
    target = parent / "notes"
    left: list[str | None] = []
    for number in range(1, 200):
        shutil.rmtree(parent, ignore_errors=True)
        parent.mkdir()
        if old is not None:
            write(target, old)
        crashed = crashes(target, number, "new")
        left.append(word_in(target))
        write(target, "newest")
        assert word_in(target) == "newest"
        assert sorted(path.name for path in parent.iterdir()) == ["notes"], "something was left behind"
        assert len(list(target.iterdir())) == 2, "a generation was left behind"
        if not crashed:
            break
    sys.stdout.write(json.dumps(left))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *([None] if len(sys.argv) == 2 else sys.argv[2:]))
