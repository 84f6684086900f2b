"""Run commands that write an index, each with one system call failing, or killed there; say what was left.

    python faults.py LIBRARY WORK HOW:SAMPLE,... [ACTION...]

LIBRARY is ``failing.c``, compiled; WORK a folder to work in, which must not be there; HOW what happens at a call (see
``failing.c``); SAMPLE at how many of an action's calls, evenly, 0 for all of them. What is printed is JSON: a list of
runs with the fields of `Run`. This is a program of its own because only a process without threads may fork.

All of it: ``cc -shared -fPIC -o failing.so failing.c; python faults.py failing.so work EIO:0,full:0,KILL:0,INT:0``.
"""

import ctypes
import importlib.util
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import faiss  # noqa: F401, loaded before the fork, as all else that a command needs
import numpy as np
import safetensors.numpy  # noqa: F401
import semhash_cli  # type: ignore[import-not-found]

from semhash import pipeline
from semhash.inspection.verification import verify_index
from semhash.store.manifest import Manifest, read_manifest

WORDS = {
    "moon": "orbit moon telescope planet rocket launch lunar comet gravity crater".split(),
    "oven": "oven butter flour recipe simmer garlic onion sauce dough spice".split(),
}
ACTIONS = ("index", "replace", "update", "add", "remove")
ENDED = {"KILL": 128 + signal.SIGKILL, "INT": 130}
MADE_INDEX = Path(__file__).parents[1] / "golden" / "made_index.py"
INDEX = "notes"
UNTRACED, UNEXPECTED = 122, 121
CANNOT = 77  # the status when processes cannot be traced here


@dataclass
class Run:
    """One command with one thing that went wrong, or none.

    Attributes
    ----------
    action, how, number, call : str, str, int, str
        What was done, what went wrong, and at which call.
    status, stderr : int, str
        How the command ended.
    left : {"none", "old", "new"}
        Which index stands afterwards.
    litter : list of str
        What lies about beside it: drafts, locks and generations.
    wrong : list of str
        What is not as it should be.
    """

    action: str
    how: str
    number: int
    call: str = ""
    status: int = 0
    stderr: str = ""
    left: str = "none"
    litter: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Stage:
    """A folder with a corpus, an index of an earlier state of it, and what each action is to come to."""

    def __init__(self, work: Path, library: Path) -> None:
        self.work = work
        self.traced = ctypes.CDLL(str(library))
        self.log = work / "calls"
        self.place = work / "place"  # where the index is: nothing else lies there
        self.corpus = work / "corpus"
        self.before = work / "before"
        self.more = work / "more.txt"
        self.expected: dict[str, dict[str, str]] = {}
        self.calls: dict[str, list[str]] = {}
        source = np.random.default_rng(7)
        self.corpus.mkdir(parents=True)
        for number in range(24):
            kind = "moon" if number % 2 else "oven"
            (self.corpus / f"{number}.txt").write_text(" ".join(source.choice(WORDS[kind], 20)))
        self.more.write_text("a rocket to the moon, butter on the launch")
        self.must("index")
        shutil.move(self.place, self.before)
        (self.corpus / "3.txt").write_text("the moon is a recipe")
        (self.corpus / "24.txt").write_text("garlic and gravity")
        (self.corpus / "5.txt").unlink()

    def command(self, action: str) -> list[str]:
        out = str(self.place / INDEX)
        options = {
            "index": [str(self.corpus), "--out", out, "--vocabulary-size", "18"],
            "replace": [str(self.corpus), "--out", out, "--vocabulary-size", "18", "--force"],
            "update": ["--index", out],
            "add": [str(self.more), "--index", out],
            "remove": ["2.txt", "--index", out],
        }
        return ["index" if action == "replace" else action, *options[action], "--quiet"]

    def prepare(self, action: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        if action == "index":
            self.place.mkdir()
        else:
            shutil.copytree(self.before, self.place)

    def run(self, action: str, how: str, number: int) -> tuple[int, str]:
        """Run the command in a child; give its status and what it wrote on standard error."""
        said = self.work / "stderr"
        child = os.fork()
        if not child:
            self._be(self.command(action), said)
        folder, to = os.fsencode(self.place), os.fsencode(self.log)
        status = self.traced.watch(child, folder, ctypes.c_long(number), how.encode(), to)
        return status, said.read_text()

    def _be(self, command: list[str], said: Path) -> None:
        """Become the command; never return."""
        status = UNEXPECTED
        with suppress(BaseException):
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            handle = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            if self.traced.traced():
                os._exit(UNTRACED)
            sys.argv = ["semhash", *command]
            try:
                semhash_cli.main()
                status = 0
            except SystemExit as ended:
                status = ended.code if isinstance(ended.code, int) else 1
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)

    def must(self, action: str) -> None:
        """Run a command that nothing happens to."""
        self.place.mkdir(exist_ok=True)
        status, said = self.run(action, "none", 0)
        if status in {-1, UNTRACED}:
            sys.exit(CANNOT)
        if status:
            raise RuntimeError(f"{action}: {status}: {said}")

    def learn(self, action: str) -> None:
        """Find out which calls an action makes, and what it comes to."""
        self.prepare(action)
        self.must(action)
        self.calls[action] = self.log.read_text().splitlines()
        self.expected[action] = substance(read_manifest(self.place / INDEX))

    def judged(self, action: str, how: str, number: int) -> Run:
        """Have something go wrong, and look at what is left; then run the command again."""
        self.prepare(action)
        run = Run(action, how, number)
        run.status, run.stderr = self.run(action, how, number)
        called = self.log.read_text().splitlines()
        run.call = called[number - 1] if number <= len(called) else ""
        run.left = self.standing(run)
        run.litter = sorted(litter(self.place))
        self.judge(run)
        self.again(run)
        return run

    def standing(self, run: Run) -> str:
        """Say which index stands, which must be whole."""
        index = self.place / INDEX
        if not index.exists():
            return "none"
        for finding in verify_index(index):
            if finding.problem is not None:
                run.wrong.append(f"{finding.name}: {finding.problem}")
        manifest = read_manifest(index)
        if manifest == read_manifest(self.before / INDEX):
            return "old"
        if substance(manifest) != self.expected[run.action]:
            run.wrong.append("neither the old index nor the new one")
        return "new"

    def judge(self, run: Run) -> None:
        before = "none" if run.action == "index" else "old"
        if "Traceback" in run.stderr:
            run.wrong.append("a traceback")
        if run.left not in {before, "new"}:
            run.wrong.append(f"left {run.left}")
        if run.how in ENDED and run.call:
            if run.status not in {ENDED[run.how], 0 if run.how == "INT" and run.left == "new" else -1}:
                run.wrong.append(f"status {run.status}")
        elif run.status not in {0, 1}:
            run.wrong.append(f"status {run.status}")
        if run.status == 0 and run.left != "new":
            run.wrong.append("said to be done, and is not")
        if run.status == 1:
            self.judge_message(run)
        kept = run.left == "new" and run.status == 1  # the old generation, where the new one may not be safe
        if run.litter and run.how != "KILL" and not kept and not run.call.startswith(("unlink", "rmdir")):
            run.wrong.append("something was left behind")

    def judge_message(self, run: Run) -> None:
        told = run.stderr.strip()
        if not told.startswith(f"semhash: {self.place / INDEX}: ") or told.count("\n"):
            run.wrong.append("a message of another form")
        causes = (
            "Input/output error",
            "I/O error",
            "disk is full",
            "No space left",
            "written",
            "unable to open",
        )
        if run.how != "INT" and not any(cause in told for cause in causes):
            run.wrong.append("a message without the cause")
        if ("nothing was changed" in told) != (run.left != "new"):
            run.wrong.append("a message that is not true")

    def again(self, run: Run) -> None:
        """Run the command again: it does what it does, and clears up what was left."""
        if run.action == "index" and run.left == "new":
            return  # it would be told that an index stands there
        status, said = self.run(run.action, "none", 0)
        done = status == 0 or (run.left == "new" and run.action == "remove" and "taken out before" in said)
        if not done:
            run.wrong.append(f"could not be done again: {status}: {said}")
        found = read_manifest(self.place / INDEX)
        # Once it is there, adding it again is an update of all.
        if substance(found) != self.expected[run.action] and (run.action, run.left) != ("add", "new"):
            run.wrong.append("done again, it comes to something else")
        nothing_to_do = run.left == "new" and run.action != "replace"
        if not nothing_to_do and (left := sorted(litter(self.place))):
            run.wrong.append(f"not cleared up: {left}")


def substance(manifest: Manifest) -> dict[str, str]:
    """Give the digests of all files but the one that says when it was made."""
    return {name: record.sha256 for name, record in manifest.files.items() if name != "catalogue.sqlite"} | {
        "documents": manifest.corpus_digest,
        "removed": str(manifest.n_removed),
    }


def litter(place: Path) -> Iterator[str]:
    """Name what lies about that belongs to no index that stands."""
    index = place / INDEX
    for path in place.iterdir():
        if path != index:
            yield path.name
    if index.exists():
        current = f"generation-{read_manifest(index).generation}"
        for path in index.iterdir():
            if path.name not in {"manifest.json", current}:
                yield f"{INDEX}/{path.name}"


def numbers(n_calls: int, sample: int) -> list[int]:
    """Choose calls, evenly: the first and the last are among them."""
    if not sample or sample >= n_calls:
        return list(range(1, n_calls + 1))
    return sorted({round(1 + (n_calls - 1) * at / max(sample - 1, 1)) for at in range(sample)})


def prepare_process() -> None:
    """Load what a command loads, and take the training out: the model is made."""
    importlib.import_module("semhash.living")
    spec = importlib.util.spec_from_file_location("made_index", MADE_INDEX)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pipeline._learn = module.made


def main(library: Path, work: Path, asked: str, actions: list[str]) -> None:
    prepare_process()
    stage = Stage(work, library)
    runs: list[dict[str, Any]] = []
    for action in actions:
        stage.learn(action)
        for how, sample in (part.split(":") for part in asked.split(",")):
            chosen = numbers(len(stage.calls[action]), int(sample))
            runs += [asdict(stage.judged(action, how, number)) for number in chosen]
    sys.stdout.write(json.dumps(runs, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:] or list(ACTIONS))
