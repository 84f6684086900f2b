"""Mailboxes (RFC 4155): many messages in one file, each a document.

A message is called by the file and its number in it, which stays when messages are added at the end, as mail programs
do. Its Message-ID would stay when one before it is deleted, too, but need be neither there nor unique.
"""

import re
from collections.abc import Iterator

from semhash.corpus.decoding import binary_kind, unify_newlines, well_formed
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.lines import lines
from semhash.corpus.mail import charset_of, read_message, split_message
from semhash.corpus.source import Source
from semhash.corpus.titles import first_line, one_line

__all__ = ["Mbox"]

_SUFFIXES = (".mbox", ".mbx")
_ENVELOPE = re.compile(rb"From \S.{0,200}\d\d:\d\d(?::\d\d)?\b.{0,40}\b\d{4}\b")
_QUOTED = re.compile(rb">+From ")


class Mbox:
    """Files called ``.mbox``, or that begin with the line that parts the messages of one."""

    name = "mailbox"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix or by the first line."""
        return name.lower().endswith(_SUFFIXES) or _ENVELOPE.match(head) is not None

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give each message as a document, however many there are."""
        kind = None if _ENVELOPE.match(source.head) else binary_kind(source.head)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected a mailbox, found {kind}")
        source.row = 0
        for data in _messages(source):
            source.row += 1
            try:
                yield _document(source, data)
            except Skip as skip:
                yield Skipped(source.where, skip.reason, skip.detail)
        if not source.row:
            raise Skip(SkipReason.EMPTY, "expected messages, found none")


def _messages(source: Source) -> Iterator[bytes | None]:
    """Give the messages, without the lines that part them; None for one that is too large."""
    limit = source.config.max_bytes
    message: list[bytes] = []
    size = 0
    begun, blank = False, True
    for line in lines(source.stream(), limit):
        if line is not None and blank and _ENVELOPE.match(line):
            if begun:
                yield b"".join(message) if size <= limit else None
            message, size, begun = [], 0, True
        elif line is None or begun or not line.isspace():
            begun = True
            size += limit + 1 if line is None else len(line)
            if line is not None and size <= limit:
                message.append(line[1:] if _QUOTED.match(line) else line)
            else:
                message.clear()
        blank = line is not None and line in (b"\n", b"\r\n")
    if begun:
        yield b"".join(message) if size <= limit else None


def _document(source: Source, data: bytes | None) -> Document:
    if data is None:
        limit = source.config.max_bytes
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} bytes, found more")
    kind = binary_kind(data)
    if kind is not None:
        raise Skip(SkipReason.BINARY, f"expected a message, found {kind}")
    plain = well_formed(unify_newlines(source.decode(data, charset_of(data))))
    subject, text, metadata = read_message(data, plain, source.decode)
    message_id = one_line(split_message(plain)[0].get("message-id", ""))
    return Document(
        id=f"{source.name}#{source.row}",
        text=text,
        title=one_line(subject) or first_line(text) or one_line(source.file_name),
        path=source.name,
        labels=source.labels,
        metadata={**metadata, **({"message_id": message_id} if message_id else {})},
        placed=True,
    )
