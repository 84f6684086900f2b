"""Files read by this process, and what every other way to read them gives, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semhash.corpus import Corpus, Document, Skipped
from semhash.corpus.document import ReadAs
from semhash.corpus.source import Found
from semhash.corpus.stamp import Stamp

__all__ = ["FileReader", "Here", "ReadDocument"]


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """A document as it was read.

    Attributes
    ----------
    document : Document
        The document.
    where : str
        The file it is in, or ``file:row``.
    numbers : ndarray of shape (n_tokens,), int32, or None
        The numbers of its tokens; None where they are not numbered yet.
    guess : int
        Which language it is in, where its tokens are numbered: see `semhash.analysis.settling.quick_guess`.
    """

    document: Document
    where: str
    numbers: NDArray[np.int32] | None = None
    guess: int = 0


class FileReader(Protocol):
    """Reads files, one after the other."""

    @property
    def position(self) -> int:
        """How many bytes of the file that is read are dealt with."""

    @property
    def stamp(self) -> Stamp | None:
        """The state of the file that was read last; None if it could not be opened."""

    @property
    def read_as(self) -> ReadAs | None:
        """How it was made text, where that is to be told."""

    def read(self, found: Found) -> Iterator[ReadDocument | Skipped]:
        """Read one file: what is in it, in order, as `semhash.corpus.Corpus.read` gives it."""


class Here:
    """Reads files in this process.

    Parameters
    ----------
    corpus : Corpus
        What reads them.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._begun = corpus.read_bytes

    @property
    def position(self) -> int:
        """How many bytes of the file that is read are dealt with."""
        return self._corpus.read_bytes - self._begun

    @property
    def stamp(self) -> Stamp | None:
        """The state of the file that was read last; None if it could not be opened."""
        return self._corpus.stamp

    @property
    def read_as(self) -> ReadAs | None:
        """How it was made text, where that is to be told."""
        return self._corpus.read_as

    def read(self, found: Found) -> Iterator[ReadDocument | Skipped]:
        """Read one file."""
        self._begun = self._corpus.read_bytes
        for item in self._corpus.read(found):
            yield item if isinstance(item, Skipped) else ReadDocument(item, self._corpus.where(item))
