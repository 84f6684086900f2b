"""One file being read: what every reader is given."""

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, cast

from semhash.charsets import codec_of
from semhash.config import CorpusConfig
from semhash.corpus.decoding import (
    UTF8,
    Decision,
    Evidence,
    binary_kind,
    evidence_of,
    evidence_of_stream,
    is_plain_utf8,
    is_unreadable,
    unify_newlines,
    well_formed,
)
from semhash.corpus.document import Document, ReadAs, Skip, SkipReason
from semhash.corpus.lines import lines
from semhash.corpus.naming import name_words
from semhash.corpus.stamp import Digested, Stamp
from semhash.corpus.terminal import as_shown, last_states
from semhash.corpus.titles import one_line
from semhash.corpus.unpacking import Unpacked, packing_of, without_packing

__all__ = [
    "HEAD_BYTES",
    "AttachedFile",
    "Found",
    "Skip",
    "Source",
    "kind_of",
    "look_into",
    "open_regular",
]

HEAD_BYTES = 16_384  # enough for the headers of nearly all mail
_BUFFER = 131_072
_OF_ONE_FILE = 6.0  # how much likelier a message is in what its mailbox is in than in anything else
_VERY_SURELY = 0.95
_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the corpus before it is read.

    Attributes
    ----------
    path : str
        The file, as the operating system names it.
    name : str
        Its path relative to the corpus root, ``/`` between the parts; always valid Unicode.
    size : int
        Bytes when it was listed.
    mtime_ns : int
        When it had last been written by then, in nanoseconds.
    decision : Decision or None
        How it is encoded, where that was decided with regard to the rest of the corpus; else it is decided by the
        file alone.
    """

    path: str
    name: str
    size: int
    mtime_ns: int = 0
    decision: Decision | None = None


def kind_of(mode: int) -> str:
    """Say in words what a file's mode says it is."""
    return next((kind for test, kind in _KINDS if test(mode)), "a device")


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading; never wait for the other end of a pipe.

    Raises
    ------
    Skip
        It is no regular file (any more).
    OSError
        It cannot be opened.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise Skip(SkipReason.NOT_A_FILE, f"expected a file, found {kind_of(mode)}")
        return open(descriptor, "rb", buffering=_BUFFER)  # noqa: PTH123, a descriptor has no path
    except BaseException:
        os.close(descriptor)
        raise


def look_into(path: str) -> Evidence:
    """Return what the bytes of a file, unpacked, say of how it is encoded; it is opened and closed for it.

    Raises
    ------
    Skip
        It is no regular file.
    OSError
        It cannot be read.
    """
    with open_regular(path) as file:
        head = os.read(file.fileno(), _BUFFER)  # nearly always the whole file
        if len(head) < _BUFFER and is_plain_utf8(head):
            return UTF8
        packing = packing_of(head)
        if packing is None and binary_kind(head[:HEAD_BYTES]) is not None:
            return UTF8
        if packing is None and len(head) < _BUFFER:
            return evidence_of(head)
        file.seek(0)
        return evidence_of_stream(io.BufferedReader(Unpacked(file, packing), _BUFFER) if packing else file)


class Source:
    """An open file of the corpus, and what a reader needs to know about it.

    A file that is packed by gzip, bzip2 or xz is read as what is in it.

    Parameters
    ----------
    found : Found
        The file.
    config : CorpusConfig
        How the corpus is read.

    Attributes
    ----------
    name : str
        Path relative to the corpus root.
    bare_name : str
        The same, without the ending that says that the file is packed: what is inside is told by it.
    head : bytes
        The first `HEAD_BYTES` bytes, unpacked.
    path : str
        The file, as the operating system names it.
    row : int or None
        Number of the row that the reader is at, from 1; None for files that are one document.
    inside : Source or None
        The file that the reader is at, where this one is an archive.

    Raises
    ------
    Skip
        It is no regular file.
    OSError
        It cannot be opened or read.
    """

    inside: "Source | None" = None

    def __init__(self, found: Found, config: CorpusConfig) -> None:
        self.name = found.name
        self.path = found.path
        self.config = config
        self.row: int | None = None
        self._data: bytes | None = None
        self._decision = found.decision
        self._of_message: Decision | None = None
        self._used = False  # for text that declares nothing itself
        self._n_replaced = 0
        self._digested = Digested(cast(io.FileIO, cast(io.BufferedReader, open_regular(found.path)).detach()))
        self._file: BinaryIO = io.BufferedReader(self._digested, _BUFFER)
        try:
            head = self._file.read(HEAD_BYTES)
            self._packing = packing_of(head)
            self.head = self._beginning() if self._packing else head
        except BaseException:
            self._file.close()
            raise
        self.bare_name = without_packing(self.name) if self._packing else self.name

    def _beginning(self) -> bytes:
        """Unpack the first bytes, as far as that goes: what is damaged is told when it is read."""
        head = b""
        with suppress(Skip):
            packed = self._unpacked()
            while len(head) < HEAD_BYTES and (more := packed.read(HEAD_BYTES - len(head))):
                head += more
        return head

    def _unpacked(self) -> Unpacked:
        self._file.seek(0)
        return Unpacked(self._file, self._packing or "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def where(self) -> str:
        """The place to name in a report: the file, or ``file:row``; in an archive, that of the file inside."""
        if self.inside is not None:
            return self.inside.where
        return self.name if self.row is None else f"{self.name}:{self.row}"

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.name.rpartition("/")[2]

    @property
    def size(self) -> int:
        """How many bytes the file has, packed."""
        return os.fstat(self._file.fileno()).st_size

    @property
    def position(self) -> int:
        """How many bytes of the file have been read; compressed ones if it is compressed."""
        return self._file.tell()

    def stamp(self) -> Stamp:
        """Give the state of the file that was read, to know it again by; to be asked when it has been read."""
        return self._digested.stamp(self.config.max_bytes)

    @property
    def labels(self) -> tuple[str, ...]:
        """The parent folder's name, when folders are labels and the file is not at the root."""
        parents = self.name.split("/")[:-1]
        return (parents[-1],) if parents and self.config.labels == "folder" else ()

    def data(self) -> bytes:
        """Read the whole file, which is then kept until the source is closed.

        Raises
        ------
        Skip
            It is larger than ``config.max_bytes``, or damaged where it was packed.
        """
        if self._data is None:
            limit = self.config.max_bytes
            size = os.fstat(self._file.fileno()).st_size
            if size > limit:
                raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} bytes, found {size:,}")
            if self._packing:
                data = self.stream().read(limit + 1)
            else:
                data = self.head + self._file.read(max(0, limit + 1 - len(self.head)))
            if len(data) > limit:  # it has grown since, or was packed
                raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} bytes, found more")
            self._data = data
        return self._data

    def decision(self) -> Decision:
        """Return how the file is encoded, which holds for all that is read of it.

        Raises
        ------
        Skip
            It cannot be unpacked.
        """
        if self._decision is None:
            given = self.config.encoding
            self._decision = self._evidence().decide(otherwise=codec_of(given) or "" if given else "")
        return self._decision

    def _evidence(self) -> Evidence:
        return evidence_of(self._data) if self._data is not None else look_into(self.path)

    def decode(self, data: bytes, label: str | None = None) -> str:
        """Decode a piece of the file: a line, a message, or what was taken out of base64 and the like.

        Parameters
        ----------
        data : bytes
            The piece.
        label : str or None
            The character set that it is declared to be in.

        Returns
        -------
        str
            Newlines are as they were. What could not be read is U+FFFD, and counted.
        """
        text, n_replaced = (self._of_message or self.decision()).text(data, label)
        self._n_replaced += n_replaced
        self._used = self._used or not (data.isascii() or (label and codec_of(label)))
        return text

    def begin_message(self, message: bytes) -> None:
        """Hear of a message of a mailbox: it is decoded as the file is, unless it says otherwise very surely.

        Whoever wrote it may have used another program than those who wrote the others.
        """
        self._of_message = decision = self.decision()
        if decision.encoding != "utf-8" and not (decision.otherwise or message.isascii()):
            own = evidence_of(message).decide({decision.encoding: _OF_ONE_FILE})
            if own.encoding and (own.confidence is None or own.confidence >= _VERY_SURELY):
                self._of_message = own

    def text(self, fallback: str | None = None) -> str:
        r"""Read the whole file as text as a terminal shows it, every newline ``\n``.

        Parameters
        ----------
        fallback : str, optional
            An encoding that takes any byte, for formats that say piece by piece which encoding holds.

        Raises
        ------
        Skip
            It is too large, or binary, or in no known encoding.
        """
        data = last_states(self.data())
        kind = binary_kind(data)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected text, found {kind}")
        decision = self.decision()
        text, n_replaced = decision.text(data)
        if is_unreadable(decision, text, n_replaced):
            if fallback is not None:
                return unify_newlines(data.decode(fallback))
            expected = "UTF-8, UTF-16, UTF-32 or a legacy encoding (the option `encoding` can name it)"
            raise Skip(SkipReason.UNREADABLE, f"expected text in {expected}, found bytes that fit none")
        self._n_replaced += n_replaced
        self._used = True
        return as_shown(well_formed(unify_newlines(text)))

    def lines(self) -> Iterator[str | None]:
        r"""Read the file line by line as text, whatever its size.

        Yields
        ------
        str or None
            A line with its newline, ``\n`` or ``\r\n``; None for one beyond ``config.max_bytes``. A byte order mark
            is dropped.
        """
        limit = self.config.max_bytes
        self._used = True
        if self.decision().wide:
            yield from self._wide_lines(limit)
            return
        for line in lines(self.stream(), limit):
            yield None if line is None else self.decode(line)

    def _wide_lines(self, limit: int) -> Iterator[str | None]:
        encoding = self.decision().encoding
        stream = io.TextIOWrapper(cast(io.BufferedReader, self.stream()), encoding, "replace", newline="")
        try:
            while line := stream.readline(limit + 2):
                self._n_replaced += line.count("\ufffd")
                if len(line) <= limit or line.endswith("\n"):
                    yield line.removeprefix("\ufeff")
                    continue
                yield None
                while line and not line.endswith("\n"):
                    line = stream.readline(_BUFFER)
        finally:
            with suppress(ValueError):  # the file is closed already, where reading was given up
                stream.detach()  # or it would close the file with it

    def read_as(self) -> ReadAs | None:
        """Return how the file was made text; None where that is no news, since it is known and all was read."""
        decision = self._decision
        confidence = decision.confidence if decision is not None and self._used else None
        if decision is None or (confidence is None and not self._n_replaced):
            return None
        return ReadAs(self.name, decision.encoding, confidence, self._n_replaced)

    def stream(self) -> BinaryIO:
        """Give the file itself, unpacked, from its first byte, for formats that are read piece by piece."""
        if self._packing:
            return io.BufferedReader(self._unpacked(), _BUFFER)
        self._file.seek(0)
        return self._file

    def document(
        self,
        text: str,
        title: str = "",
        metadata: dict[str, Any] | None = None,
        headings: Callable[[str], Iterable[tuple[str, str]]] | None = None,
    ) -> Document:
        """Make the one document of this file; without a title it is called by the file's name.

        Parameters
        ----------
        text, title, metadata : as in `Document`
        headings : callable or None
            Finds the headings in the text: see `Document.headings`.
        """
        return Document(
            id=self.name,
            text=text,
            title=one_line(title) or one_line(self.file_name),
            path=self.name,
            labels=self.labels,
            metadata=metadata or {},
            name_words=name_words(self.file_name),
            headings=tuple(headings(text)) if headings and self.config.passages else (),
        )


class AttachedFile(Source):
    """A file that another holds, such as one attached to a message.

    Parameters
    ----------
    outer : Source
        The file that holds it.
    name : str
        What it is called.
    data : bytes
        What is in it.
    """

    def __init__(self, outer: Source, name: str, data: bytes) -> None:
        self.name = self.bare_name = name
        self.path = outer.path
        self.config = outer.config
        self.row = None
        self.head = data[:HEAD_BYTES]
        self._data = data
        self._decision = self._of_message = None
        self._used = False
        self._n_replaced = 0
        self._packing = None
        self._file = io.BytesIO(data)

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return len(self.data())
