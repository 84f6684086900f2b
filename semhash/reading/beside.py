"""Files read by a process beside this one; when it ends before its time, nothing is lost, and nothing comes twice.

A file that brings its reader down, such as a PDF that was made to, is skipped, and another process goes on behind it.
Which file it was is found by a process that tells of each file when it has read it: the first tells of many at once.
Where a process was ended from outside, or cannot go on, the rest is read here.
"""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

import numpy as np

from semhash.corpus import Corpus, Skipped, SkipReason
from semhash.corpus.document import ReadAs
from semhash.corpus.looking import look_at
from semhash.corpus.source import Found, Skip
from semhash.corpus.stamp import Stamp
from semhash.reading.here import Here, ReadDocument
from semhash.reading.messages import Batch, Ended, Left
from semhash.reading.process import ReaderProcess
from semhash.words.numbers import WordNumbers

__all__ = ["Beside"]

_Given = ReadDocument | Skipped | Ended


class Beside:
    """Reads some files in another process, in the order in which they were named.

    Parameters
    ----------
    corpus : Corpus
        Reads them where that process does not; its configuration says how.
    files : sequence of Found
        The files.
    numbers : WordNumbers
        What numbers the tokens.
    guess : bool
        Guess the language of each document.

    Attributes
    ----------
    position : int
        How many bytes of the file that is read are dealt with.
    stamp : Stamp or None
        The state of the file that was read last; None if it could not be opened.
    read_as : ReadAs or None
        How it was made text, where that is to be told.

    Raises
    ------
    OSError
        No process can be started.
    """

    def __init__(self, corpus: Corpus, files: Sequence[Found], numbers: WordNumbers, guess: bool) -> None:
        self.position = 0
        self.stamp: Stamp | None = None
        self.read_as: ReadAs | None = None
        self._corpus = corpus
        self._files = files
        self._numbers = numbers
        self._guess = guess
        self._n_read = 0
        self._careful = self._begun = False
        self._given: Iterator[_Given] = iter(())
        self._process: ReaderProcess | None = ReaderProcess()

    def begin(self) -> None:
        """Have the process begin, with the first file that is not read yet."""
        if self._process is not None:
            files = self._files[self._n_read :]
            self._process.begin(self._corpus.config, files, guess=self._guess, careful=self._careful)
            self._given = self._received(self._process)

    def end(self) -> None:
        """End the process, whatever it is at."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def read(self, found: Found) -> Iterator[ReadDocument | Skipped]:
        """Read one file, the one after that which was read before."""
        self.position, taken, known = 0, 0, 0
        while self._process is not None:
            for item in self._given:
                if isinstance(item, Ended):
                    self.stamp, self.read_as = item.stamp, item.read_as
                    self._n_read += 1
                    return
                known += 1
                if known > taken:
                    taken = known
                    yield item
            known = 0
            blamed = self._go_on()
            if blamed is not None:
                yield self._left_out(found, blamed)
                return
        yield from self._read_here(found, taken)

    def _received(self, process: ReaderProcess) -> Iterator[_Given]:
        """Give what a process sends, until it has ended."""
        ours = array("i")  # the numbers that its tokens have here
        self._begun = False
        while (batch := process.receive()) is not None:
            self._begun = True
            ours.extend(map(self._numbers.__getitem__, batch.new_tokens))
            if not any(isinstance(item, Ended) for item in batch.items):
                self.position = batch.position
            yield from _items(batch, ours)

    def _go_on(self) -> str | None:
        """Replace a process that has ended by another or by none; give the crash its next file is to blame for."""
        assert self._process is not None
        crash, was_careful = self._process.crash() if self._begun else None, self._careful
        self.end()
        if crash is None:
            return None
        self._careful = True
        if was_careful:
            self._n_read += 1
        with suppress(OSError):
            self._process = ReaderProcess()
            self.begin()
        return crash if was_careful else None

    def _left_out(self, found: Found, crash: str) -> Skipped:
        """Leave a file out until it is another one: were it read again, here, it would bring us down."""
        self.stamp = self.read_as = None
        with suppress(OSError, Skip):
            self.stamp = look_at(found)
        detail = f"expected to read it, found that whatever reads it crashes ({crash})"
        return Skipped(found.name, SkipReason.UNREADABLE, detail)

    def _read_here(self, found: Found, taken: int) -> Iterator[ReadDocument | Skipped]:
        """Read a file in this process, but for the first items, which were given before."""
        here = Here(self._corpus)
        for item in islice(here.read(found), taken, None):
            self.position = here.position
            yield item
        self.stamp, self.read_as = here.stamp, here.read_as


def _items(batch: Batch, ours: "array[int]") -> Iterator[_Given]:
    numbers = np.frombuffer(ours, dtype=np.int32)[np.frombuffer(batch.numbers, dtype=np.int32)]
    at = 0
    for item in batch.items:
        if isinstance(item, Ended):
            yield item
        elif isinstance(item, Left):
            yield item.skipped
        else:
            yield ReadDocument(item.document, item.where, numbers[at : at + item.n_tokens], item.guess)
            at += item.n_tokens
