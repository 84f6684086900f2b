"""Files of results: JSON with one run a line, whole after every run, so that work can stop and go on."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from semhash.errors import ConfigError
from semhash.store.writer_lock import lock_file

__all__ = ["RESULTS", "Results", "Run", "digest_of", "read_runs"]

RESULTS = Path(__file__).resolve().parent / "results"
"""Where results are kept."""

Run = dict[str, Any]
"""One measured thing, as JSON: what it was, what it was made with, and its figures."""

_KEY = ("experiment", "name", "set", "corpus", "part", "config")


def digest_of(run: Run) -> str:
    """Give the sha256 of all that is known of a run before it is made: what is measured, and how."""
    return hashlib.sha256(msgspec.json.encode(run, order="sorted")).hexdigest()


class Results:
    """The runs in one file; several benchmarks may write to it at once.

    Parameters
    ----------
    file : Path
        Made when the first run is added.

    Raises
    ------
    ConfigError
        The file is there and is none of ours.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known = {run["digest"] for run in read_runs(file)} if file.exists() else set()

    def __contains__(self, digest: str) -> bool:
        return digest in self._known

    def __len__(self) -> int:
        return len(self._known)

    def add(self, run: Run) -> None:
        """Write a run, in the place of the one with its digest if there is one: beside, flushed, then renamed."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            others = read_runs(self.file) if self.file.exists() else []
            runs = [*(other for other in others if other["digest"] != run["digest"]), run]
            lines = ",\n".join(msgspec.json.encode(one).decode() for one in runs)
            beside = self.file.with_name(f".{self.file.name}.{os.getpid()}")
            try:
                with beside.open("w", encoding="utf-8") as stream:
                    stream.write(f"[\n{lines}\n]\n")
                    stream.flush()
                    os.fsync(stream.fileno())
                beside.replace(self.file)
            finally:
                beside.unlink(missing_ok=True)
        self._known.add(run["digest"])

    def _lock(self) -> AbstractContextManager[None]:
        """Wait for others that add a run."""
        name = hashlib.sha256(os.fsencode(self.file.resolve())).hexdigest()[:16]
        return lock_file(Path(tempfile.gettempdir()) / f"semhash-benchmark-{name}.lock")


def read_runs(file: Path) -> list[Run]:
    """Read the runs of a file.

    Raises
    ------
    ConfigError
        It is no file of results.
    """
    try:
        runs = msgspec.json.decode(file.read_bytes(), type=list[Run])
    except (msgspec.DecodeError, OSError) as error:
        raise ConfigError(f"{file}: expected a file of results, found: {error}; move it away") from error
    return list(_checked(file, runs))


def _checked(file: Path, runs: list[Run]) -> Iterator[Run]:
    for number, run in enumerate(runs, 1):
        missing = [name for name in ("digest", "figures", *_KEY) if name not in run]
        if missing:
            raise ConfigError(f"{file}: expected {missing[0]!r} in run {number}, found none; move it away")
        yield run
