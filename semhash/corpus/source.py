"""One file being read: what every reader is given."""

import io
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, cast

from semhash.config import CorpusConfig
from semhash.corpus.decoding import binary_kind, decode, unify_newlines
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.stamp import Digested, Stamp
from semhash.corpus.titles import one_line
from semhash.corpus.unpacking import Unpacked, packing_of, without_packing

__all__ = ["HEAD_BYTES", "Found", "Skip", "Source", "kind_of", "open_regular"]

HEAD_BYTES = 16_384  # enough for the headers of nearly all mail
_BUFFER = 131_072
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
    """

    path: str
    name: str
    size: int
    mtime_ns: int = 0


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
    row : int or None
        Number of the row that the reader is at, from 1; None for files that are one document.

    Raises
    ------
    Skip
        It is no regular file.
    OSError
        It cannot be opened or read.
    """

    def __init__(self, found: Found, config: CorpusConfig) -> None:
        self.name = found.name
        self.config = config
        self.row: int | None = None
        self._data: bytes | None = None
        self._digested = Digested(cast(io.FileIO, cast(io.BufferedReader, open_regular(found.path)).detach()))
        self._file = io.BufferedReader(self._digested, _BUFFER)
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
        """The place to name in a report: the file, or ``file:row``."""
        return self.name if self.row is None else f"{self.name}:{self.row}"

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.name.rpartition("/")[2]

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

    def text(self, fallback: str | None = None) -> str:
        r"""Read the whole file as text, every newline ``\n``.

        Parameters
        ----------
        fallback : str, optional
            An encoding that takes any byte, for formats that say piece by piece which encoding holds.

        Raises
        ------
        Skip
            It is too large, or binary, or in no known encoding.
        """
        data = self.data()
        kind = binary_kind(data)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected text, found {kind}")
        decoded = decode(data)
        if decoded is None and fallback is not None:
            return unify_newlines(data.decode(fallback))
        if decoded is None:
            expected = "UTF-8, UTF-16 or UTF-32 with a byte order mark, or a legacy encoding"
            raise Skip(SkipReason.UNREADABLE, f"expected text in {expected}, found bytes that fit none")
        return decoded.text

    def stream(self) -> BinaryIO:
        """Give the file itself, unpacked, from its first byte, for formats that are read piece by piece."""
        if self._packing:
            return io.BufferedReader(self._unpacked(), _BUFFER)
        self._file.seek(0)
        return self._file

    def document(self, text: str, title: str = "", metadata: dict[str, Any] | None = None) -> Document:
        """Make the one document of this file; without a title it is called by the file's name."""
        return Document(
            id=self.name,
            text=text,
            title=one_line(title) or one_line(self.file_name),
            path=self.name,
            labels=self.labels,
            metadata=metadata or {},
        )
