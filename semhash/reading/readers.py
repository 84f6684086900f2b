"""Who reads which files: this process, or some beside it."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from semhash.corpus import Corpus
from semhash.corpus.source import Found
from semhash.errors import ConfigError
from semhash.reading.beside import Beside
from semhash.reading.here import FileReader, Here
from semhash.words.numbers import WordNumbers

__all__ = ["ENVIRONMENT_VARIABLE", "Readers", "how_many"]

ENVIRONMENT_VARIABLE = "SEMHASH_READERS"
"""How many processes read, whatever there is to read; 0 has this one read."""

_LITTLE = 8_000_000  # bytes that are read before another process has started and paid for itself
_MOST = 8
_OPENING = 4096  # bytes that are read while a file is opened


class Readers:
    """Deals files out to processes that read them; to be used in ``with``.

    Parameters
    ----------
    files : mapping of int to (Corpus, Found)
        All that is sure to be read, by its place in the order in which it will be asked for. The corpora are read
        in one way.
    numbers : WordNumbers
        What numbers the tokens.
    guess : bool
        Guess the language of each document.

    Raises
    ------
    ConfigError
        The environment names a number of processes that is none.
    """

    def __init__(
        self, files: Mapping[int, tuple[Corpus, Found]], numbers: WordNumbers, guess: bool = True
    ) -> None:
        self._guess = guess
        self._readers: dict[int, Beside] = {}
        self._open = ExitStack()
        sizes = [found.size for _, found in files.values()]
        shares = _dealt(list(files), sizes, how_many(sizes))
        try:
            for share in shares:
                self._start(share, files, numbers)
            for reader in dict.fromkeys(self._readers.values()):
                reader.begin()
        except BaseException:
            self._open.close()
            raise

    def _start(
        self, share: list[int], files: Mapping[int, tuple[Corpus, Found]], numbers: WordNumbers
    ) -> None:
        """Start a process for a share of the files; where it cannot be had, they are read here."""
        with suppress(OSError):
            reader = Beside(files[share[0]][0], [files[place][1] for place in share], numbers, self._guess)
            self._open.callback(reader.end)
            self._readers.update(dict.fromkeys(share, reader))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def of(self, place: int, corpus: Corpus) -> FileReader:
        """Give what reads the file at a place, of some corpus; files are to be read in the order of their places."""
        return self._readers.get(place) or Here(corpus)


def how_many(sizes: Sequence[int]) -> int:
    """Say how many processes are to read files beside this one.

    Parameters
    ----------
    sizes : sequence of int
        The sizes of the files, in bytes.

    Returns
    -------
    int
        0 where there is only one core, or so little to read that it is done before another process has started; and
        never more than there are files.

    Raises
    ------
    ConfigError
        The environment names a number of processes that is none.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        return min(_number(named), len(sizes))
    cores = _cores()
    if cores < 2 or not _is_python() or sum(sizes) + _OPENING * len(sizes) < _LITTLE:
        return 0
    return min(cores, len(sizes), _MOST)


def _number(named: str) -> int:
    if not (named.isascii() and named.isdigit() and int(named) <= _MOST):
        raise ConfigError(
            f"{ENVIRONMENT_VARIABLE}: expected a number of processes from 0 to {_MOST}, found {named!r}; "
            "mend it, or leave it out"
        )
    return int(named)


def _is_python() -> bool:
    """Say whether what runs is a Python that can be started once more, and no program that has one built in."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _dealt(places: Sequence[int], sizes: Sequence[int], n: int) -> list[list[int]]:
    """Deal files out in turn, each to the process that has least to read."""
    shares: list[list[int]] = [[] for _ in range(n)]
    loads = [0] * n
    for place, size in zip(places, sizes, strict=True) if n else ():
        least = loads.index(min(loads))
        shares[least].append(place)
        loads[least] += size + _OPENING
    return shares
