"""What goes between this process and one that reads: msgpack in frames, each behind its length.

Nothing is pickled, and what comes back is taken for no more than the types below say: the files that were read may
come from anywhere.
"""

from typing import Annotated, BinaryIO

import msgspec

from semhash.config import CorpusConfig
from semhash.corpus.decoding import Decision
from semhash.corpus.document import Document, ReadAs, Skipped
from semhash.corpus.stamp import Stamp

__all__ = ["Batch", "Ended", "File", "Item", "Left", "Read", "Task", "receive", "send"]

_LENGTH = 8

File = tuple[bytes, str, int, int, Decision | None]
"""One file to read: `semhash.corpus.source.Found`, its path in the bytes that the operating system knows it by."""


class Task(msgspec.Struct, frozen=True, array_like=True):
    """What a process is to read.

    Attributes
    ----------
    config : CorpusConfig
        How.
    files : list of File
        What, in order.
    guess : bool
        Guess the language of each document.
    careful : bool
        Tell of each file at once when it is read, so that it can be said which one nothing was told of.
    """

    config: CorpusConfig
    files: list[File]
    guess: bool = True
    careful: bool = False


class Read(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """A document.

    Attributes
    ----------
    document : Document
        As a reader gave it.
    where : str
        The file it is in, or ``file:row``.
    n_tokens : int
        How many tokens it has.
    guess : int
        Which language it is in: as of `semhash.analysis.settling.quick_guess`; 0 where that is not asked.
    """

    document: Document
    where: str
    n_tokens: Annotated[int, msgspec.Meta(ge=0)]
    guess: Annotated[int, msgspec.Meta(ge=-1, le=511)]


class Left(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """What could not become a document."""

    skipped: Skipped


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """The end of a file, and the state it is in; None if it could not be opened. And how it was made text."""

    stamp: Stamp | None
    read_as: ReadAs | None = None


Item = Read | Left | Ended


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What was read of some files.

    Attributes
    ----------
    items : list of Item
        Documents and what was skipped, in order, each file closed by an `Ended`.
    new_tokens : list of str
        The tokens that are met here first; they are numbered on from those of earlier batches.
    numbers : bytes
        The numbers of the tokens of all documents, one document after the other, as int32 of this machine.
    position : int
        How many bytes of the file that is being read are dealt with.
    """

    items: list[Item]
    new_tokens: list[str]
    numbers: bytes
    position: int


def send(stream: BinaryIO, message: Task | Batch) -> None:
    """Write one message.

    Raises
    ------
    OSError
        Nobody reads it any more.
    """
    packed = msgspec.msgpack.encode(message)
    stream.write(len(packed).to_bytes(_LENGTH, "big"))
    stream.write(packed)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one message, still packed; None where the stream ends before it does."""
    length = stream.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    wanted = int.from_bytes(length, "big")
    packed = stream.read(wanted)
    return packed if len(packed) == wanted else None
