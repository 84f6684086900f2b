"""Mailboxes (RFC 4155, and the other forms in use): many messages in one file, each a document.

A message is called by the file and its number in it, which stays when messages are added at the end, as mail programs
do. Its Message-ID would stay when one before it is deleted, too, but need be neither there nor unique.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import BinaryIO

from semhash.corpus.decoding import binary_kind, decode_alone, unify_newlines
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.lines import lines
from semhash.corpus.mail import Message, messages_within, read_as_one, read_message
from semhash.corpus.mail_headers import HEADER_NAMES
from semhash.corpus.mime import FileReader, Mime
from semhash.corpus.source import Source
from semhash.corpus.titles import first_line, one_line

__all__ = ["Mbox"]

_SUFFIXES = (".mbox", ".mbx")
_ENVELOPE = re.compile(rb"From \S.{0,200}\d\d:\d\d(?::\d\d)?\b.{0,40}\b\d{4}\b")
_DATED = re.compile(rb"From (?=.{0,250}\d\d?:\d\d)(?=.{0,250}(?:19|20)\d\d\b)")  # in whatever order
_ADDRESSED = re.compile(rb"From(?: -| [^\s@]{1,100}@[^\s@]{1,200}\b|\s{0,9}$)")
_HEADER = re.compile(rb"([!-9;-~]{1,100}):")
_QUOTED = re.compile(rb">+From ")
_MMDF = b"\1\1\1\1"
_LENGTH = re.compile(rb"content-length:[ \t]{0,9}(\d{1,12})\s{0,9}$", re.IGNORECASE)
_WRONG_LENGTHS = 3


class Mbox:
    """Files called ``.mbox``, or that begin with the line that parts the messages of one.

    Parameters
    ----------
    readers : sequence of FileReader
        Those of attached files.
    """

    name = "mailbox"

    def __init__(self, readers: Sequence[FileReader] = ()) -> None:
        self._readers = readers

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, by the first line, or by several that may part messages."""
        return name.lower().endswith(_SUFFIXES) or _begins(head) or _parts_several(head)

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Read each message as a document, however many there are."""
        kind = None if _begins(source.head) else binary_kind(source.head)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected a mailbox, found {kind}")
        wide = source.decision().wide
        mime = Mime(source, self._readers, decode_alone if wide else None)
        source.row = 0
        data: bytes | None = None
        for data in _messages(source, _stream(source, wide)):
            source.row += 1
            try:
                message = _message(source, data, mime)
            except Skip as skip:
                yield Skipped(source.where, skip.reason, skip.detail)
                continue
            yield _document(source, message)
            for remark in message.remarks:
                yield Skipped(source.where, remark.reason, remark.detail)
        if not source.row:
            raise Skip(SkipReason.EMPTY, "expected messages, found none")
        inner = (
            messages_within(data, sure=False) if source.row == 1 and data and not messages_within(data) else 0
        )
        if inner:
            yield Skipped(source.where, SkipReason.READ_AS_ONE, read_as_one(inner))


def _stream(source: Source, wide: bool) -> BinaryIO:
    """Open a mailbox; one without newlines as Unix and Windows have them is written anew, in memory."""
    if wide:
        return BytesIO(unify_newlines(source.decode(source.data())).encode())
    if b"\r" in source.head and b"\n" not in source.head:
        return BytesIO(source.data().replace(b"\r", b"\n"))
    return source.stream()


def _begins(head: bytes) -> bool:
    return _ENVELOPE.match(head) is not None or head.startswith((_MMDF + b"\n", _MMDF + b"\r\n"))


def _parts_several(head: bytes) -> bool:
    """Say whether a file begins with an envelope of whatever form, and another follows."""
    if not head.startswith(b"From"):
        return False
    ahead = head.split(b"\n")
    pairs = zip([b"", *ahead], ahead, ahead[1:], strict=False)
    found = [at for at, (before, line, after) in enumerate(pairs) if _parts(line, not before.strip(), after)]
    return len(found) > 1 and found[0] == 0


def _parts(line: bytes, blank: bool, after: bytes | None) -> bool:
    """Say whether a line parts two messages.

    Parameters
    ----------
    line : bytes
        The line.
    blank : bool
        Whether the line above it is blank, or it is the first.
    after : bytes or None
        The line below it.
    """
    if not line.startswith(b"From") or line[4:5] not in (b" ", b"\n", b"\r", b""):
        return False
    if blank and _ENVELOPE.match(line):
        return True
    header = _HEADER.match(after or b"")
    name = header[1].decode("latin-1").lower() if header else ""
    addressed = _ADDRESSED.match(line) is not None
    if blank and header and (addressed or "-" in name):
        return True
    headed = name in HEADER_NAMES or name.startswith("x-") or (after or b"").startswith(b">From ")
    return headed and (blank or addressed or _DATED.match(line) is not None)


class _Lines:
    """The lines of a mailbox, with a look at those to come."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._lines = lines(stream, limit)
        self._ahead: deque[bytes | None] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> bytes | None:
        return self._ahead.popleft() if self._ahead else next(self._lines)

    def peek(self) -> bytes | None:
        """Return the next line; None at the end, and for one that is too long."""
        if not self._ahead:
            found = next(self._lines, b"")
            if found == b"":
                return None
            self._ahead.append(found)
        return self._ahead[0]

    def body(self, line: bytes, length: int) -> list[bytes] | None:
        """Take so many bytes if they end where a message does; else leave all as it was.

        Parameters
        ----------
        line : bytes
            The first line, which was taken before.
        length : int
            How many bytes from its beginning on.
        """
        taken: list[bytes | None] = [line]
        size = len(line)
        while size < length and (more := next(self, b"")):
            taken.append(more)
            size += len(more)
        after = next(self, b"") if size == length else None
        blank = after is not None and not after.strip()
        if blank and after:
            taken.append(after)
            after = next(self, b"")
        ends = size == length and after is not None and (not after or _parts(after, True, self.peek()))
        if after:
            self._ahead.appendleft(after)
        if ends:
            return [piece for piece in taken if piece is not None]
        self._ahead.extendleft(reversed(taken[1:]))
        return None


class _Collected:
    """The message that is being read.

    Attributes
    ----------
    begun : bool
        Whether there is one.
    left : int
        How many bytes its headers say are still to come.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.clear()

    def clear(self, begun: bool = False) -> None:
        """Begin anew."""
        self.begun = begun
        self._lines: list[bytes] = []
        self._size = self.left = 0
        self._in_headers = True

    def add(self, line: bytes | None) -> None:
        """Add a line; None for one that is too long."""
        self.begun = True
        self._size += self._limit + 1 if line is None else len(line)
        if line is None or self._size > self._limit:
            self._lines.clear()
            self.left = 0
            return
        self._lines.append(line)
        if not self._in_headers:
            self.left -= len(line)
        elif not line.strip():
            self._in_headers = False
        elif found := _LENGTH.match(line):
            self.left = int(found[1])

    def data(self) -> bytes | None:
        """Return the message; None for one that is too large."""
        return b"".join(self._lines) if self._size <= self._limit else None


def _messages(source: Source, stream: BinaryIO) -> Iterator[bytes | None]:
    """Read the messages, without the lines that part them; None for one that is too large."""
    limit = source.config.max_bytes
    mmdf = source.head.startswith(_MMDF)
    ahead = _Lines(stream, limit)
    message = _Collected(limit)
    blank, wrong = True, 0
    for line in ahead:
        parts = line is not None and (
            line.strip() == _MMDF if mmdf else _parts(line, blank, _after(line, ahead))
        )
        if parts and line is not None and 0 < message.left <= limit and wrong < _WRONG_LENGTHS:
            body = ahead.body(line, message.left)
            if body is not None:
                for within in body:
                    message.add(within)
                message.left, blank = 0, True
                continue
            wrong += 1
        if parts:
            if message.begun:
                yield message.data()
            message.clear(begun=not mmdf)
        elif line is None or message.begun or not line.isspace():
            message.add(line[1:] if line is not None and _QUOTED.match(line) else line)
        blank = parts or (line is not None and not line.strip())
    if message.begun:
        yield message.data()


def _after(line: bytes, ahead: _Lines) -> bytes | None:
    """Look at the next line, where this one may part messages."""
    return ahead.peek() if line.startswith(b"From") else None


def _message(source: Source, data: bytes | None, mime: Mime) -> Message:
    if data is None:
        limit = source.config.max_bytes
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} bytes, found more")
    source.begin_message(data)
    return read_message(data, mime)


def _document(source: Source, message: Message) -> Document:
    return Document(
        id=f"{source.name}#{source.row}",
        text=message.text,
        title=one_line(message.subject) or first_line(message.text) or one_line(source.file_name),
        path=source.name,
        labels=source.labels,
        metadata=message.metadata,
        placed=True,
    )
