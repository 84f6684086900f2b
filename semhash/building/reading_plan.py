"""What is to be read of a corpus, file by file in reading order, and what is kept as it stands."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from semhash.catalogue.ledger import CORPUS, Ledger, SourceFile
from semhash.corpus import Corpus, Skipped
from semhash.corpus.source import Found

__all__ = ["Doubt", "Plan", "Step", "as_it_stands", "believed", "plan"]

Doubt = Callable[[Found], bool]
"""Says whether a file's bytes are to be compared though its size and time are the same."""


def believed(_: Found) -> bool:
    """Doubt nothing: a file of the same size and time is the same."""
    return False


@dataclass(slots=True)
class Step:
    """One file, and what to do with it.

    Attributes
    ----------
    root : int
        The number of the root that it is below.
    corpus : Corpus
        What reads it.
    found : Found
        The file as it was listed.
    number : int or None
        Its number in the ledger of the generation that stands; None if it is not there.
    action : {"keep", "look", "read"}
        Keep what stands; read it; or digest it, and read it only if it is another than it was.
    """

    root: int
    corpus: Corpus
    found: Found
    number: int | None = None
    action: Literal["keep", "look", "read"] = "read"


@dataclass
class Plan:
    """What is to be done with each file.

    Attributes
    ----------
    roots : list of Path
        The corpus, then what was added.
    steps : list of Step or Skipped
        In reading order.
    vanished : list of int
        Numbers of files of the ledger that were not found again.
    """

    roots: list[Path]
    steps: list[Step | Skipped] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)

    @property
    def bytes_to_read(self) -> int:
        """How much there is to read, as it was listed."""
        return sum(s.found.size for s in self.steps if isinstance(s, Step) and s.action != "keep")

    def files_to_read(self) -> dict[int, tuple[Corpus, Found]]:
        """Give what is sure to be read, by its place among the steps."""
        return {
            place: (step.corpus, step.found)
            for place, step in enumerate(self.steps)
            if isinstance(step, Step) and step.action == "read"
        }

    def positions(self) -> dict[int, int]:
        """Give the place among the steps of each file of the ledger that was found again."""
        return {
            step.number: place
            for place, step in enumerate(self.steps)
            if isinstance(step, Step) and step.number is not None
        }

    def add(
        self,
        root: int,
        corpus: Corpus,
        ledger: Ledger | None = None,
        *,
        trusted: bool = True,
        doubt: Doubt = believed,
    ) -> None:
        """Add all that was listed below a root.

        Parameters
        ----------
        root : int
            Its number.
        corpus : Corpus
            What was listed there. What was met below another root is left out.
        ledger : Ledger or None
            What stands; with None everything is read.
        trusted : bool
            Keep a file whose size and time are the same; without, everything is read.
        doubt : Doubt
            Whose bytes are compared all the same.
        """
        met = {s.found.path for s in self.steps if isinstance(s, Step)} if root else set()
        for entry in corpus.entries:
            if isinstance(entry, Skipped):
                self.steps.append(entry)
            elif entry.path not in met:
                step = _step(root, corpus, entry, ledger, trusted)
                if step.action == "keep" and doubt(entry):
                    step.action = "look" if _digest(step, ledger) else "read"
                self.steps.append(step)


def _digest(step: Step, ledger: Ledger | None) -> bytes | None:
    return None if ledger is None or step.number is None else ledger.files[step.number].digest


def _step(root: int, corpus: Corpus, found: Found, ledger: Ledger | None, trusted: bool) -> Step:
    number = ledger.number_by_path.get(found.name) if ledger is not None else None
    step = Step(root, corpus, found, number)
    if ledger is None or number is None or not trusted:
        return step
    old = ledger.files[number]
    if old.size == found.size and old.root == root:
        if old.mtime_ns == found.mtime_ns:
            step.action = "keep"
        elif old.digest is not None:
            step.action = "look"
    return step


def plan(
    corpora: Sequence[Corpus],
    roots: Sequence[Path],
    ledger: Ledger | None = None,
    *,
    trusted: bool = True,
    doubt: Doubt = believed,
) -> Plan:
    """Plan to read what has changed since a generation was written; all of it when there is none.

    Parameters
    ----------
    corpora : sequence of Corpus
        What was listed below each root; one that is gone is there with nothing in it.
    roots : sequence of Path
        The corpus, then what was added.
    ledger : Ledger or None
        What stands.
    trusted, doubt
        As of `Plan.add`.
    """
    made = Plan(list(roots))
    for root, corpus in enumerate(corpora):
        made.add(root, corpus, ledger, trusted=trusted, doubt=doubt)
    if ledger is not None:
        made.vanished = sorted(set(range(len(ledger.files))) - made.positions().keys())
        if made.vanished or any(isinstance(s, Step) and s.action != "keep" for s in made.steps):
            _read_again_what_was_twice(made, ledger)
    return made


def _read_again_what_was_twice(made: Plan, ledger: Ledger) -> None:
    """Read the files with documents whose ids were met before: what had those ids may be gone."""
    twice = {file for skipped, file in ledger.skipped if skipped.reason == "duplicate id"}
    for step in made.steps:
        if isinstance(step, Step) and step.number in twice:
            step.action = "read"


def as_it_stands(ledger: Ledger, corpora: Iterable[Corpus], again: Collection[str] = ()) -> Plan:
    """Plan to keep everything without looking at it, but for some files that are read.

    Parameters
    ----------
    ledger : Ledger
        What stands.
    corpora : iterable of Corpus
        Something that reads, for each root.
    again : collection of str
        Paths of the files to read.
    """
    made = Plan(list(ledger.roots))
    readers = list(corpora)
    others = iter(ledger.skipped)
    waiting = next(others, None)
    for number, file in enumerate(ledger.files):
        # What is no file to read has no number: it stands before the file of what was skipped next.
        while waiting is not None and (waiting[1] is None or waiting[1] < number):
            if waiting[1] is None:
                made.steps.append(waiting[0])
            waiting = next(others, None)
        found = Found(str(_place(ledger, file)), file.path, file.size, file.mtime_ns or 0)
        action: Literal["keep", "read"] = "read" if file.path in again else "keep"
        made.steps.append(Step(file.root, readers[file.root], found, number, action))
    while waiting is not None:
        if waiting[1] is None:
            made.steps.append(waiting[0])
        waiting = next(others, None)
    return made


def _place(ledger: Ledger, file: SourceFile) -> Path:
    """Give where a file was; a corpus that is one file is called by its last part."""
    root = ledger.roots[file.root]
    if file.root != CORPUS:
        return Path(file.path)
    return root if root.is_file() else root / file.path
