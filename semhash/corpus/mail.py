"""Mail and news messages (RFC 5322): the subject is the title, and only subject and body are text.

The other headers name sender, organisation and newsgroup. They give a message's subject away, so counting
them would make every evaluation look better than it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from semhash.corpus.decoding import binary_kind, decode_alone
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.mail_headers import header_lines, looks_like_mail
from semhash.corpus.mime import FileReader, Mime, Part, lost_boundary
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line

__all__ = ["Mail", "Message", "messages_within", "read_as_one", "read_message"]

_AS_IT_STANDS = ("", "7bit", "8bit", "binary")
_PLAIN = ("", "text", "text/plain")
_BINARY_PARTS = re.compile(
    rb"^(?:content-type: ?multipart/|content-transfer-encoding: ?binary|=ybegin )", re.I | re.M
)
# Archives that strip References by their first line leave the rest folded below the subject.
# Read backwards: where they end is known, and where they begin is not.
_REFERENCES = re.compile(r"(?:>[^<>\s@]++@[^<>\s]++<\s++)*+")

_EMLX_COUNT = re.compile(rb"\s{0,9}(\d{1,12})[ \t]{0,9}\r?\n")
_EMLX_END = re.compile(rb"\s{0,9}(?:<\?xml|<!DOCTYPE plist|\Z)")
_PLIST = re.compile(rb"^<\?xml [^>]{0,200}\?>\s{0,9}<!DOCTYPE plist", re.MULTILINE)

_MAILDIR = (["cur"], ["new"])
_INNER_START = re.compile(
    rb"\n\r?\n(?:From [^\n]{0,200}\n)?(?=(?:from|received|return-path|message-id|date|subject|path|x-[a-z-]{2,40}):)",
    re.I,
)
_INNER_WITHIN = 4096
_ANNOUNCED = re.compile(
    rb"message/|forwarded|original message", re.I
)  # what may stand above a message within
_ANNOUNCED_WITHIN = 300


class Mail:
    """One message a file: called ``.eml`` or ``.emlx``, or with headers at its beginning whatever it is called.

    Parameters
    ----------
    readers : sequence of FileReader
        Those of attached files.
    """

    name = "mail"

    def __init__(self, readers: Sequence[FileReader] = ()) -> None:
        self._readers = readers

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by headers that only mail and news have together."""
        return name.lower().endswith((".eml", ".emlx")) or looks_like_mail(head)

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Read the message as one document; ``From``, ``Date`` and ``Message-ID`` become metadata."""
        data = source.data()
        if source.bare_name.lower().endswith(".emlx"):
            data = _without_emlx(data)
        wide = source.decision().wide
        data = source.decode(data).encode() if wide else data
        mime = Mime(source, self._readers, decode_alone if wide else None)
        message = read_message(data, mime, quoted=1)
        document = source.document(message.text, message.subject, message.metadata)
        yield _of_maildir(document) if document.path.split("/")[-2:-1] in _MAILDIR else document
        for remark in message.remarks:
            yield Skipped(source.where, remark.reason, remark.detail)


@dataclass(frozen=True, slots=True)
class Message:
    """What is read of a message.

    Attributes
    ----------
    subject : str
        On one line; empty if there is none.
    text : str
        Subject and body.
    metadata : dict of str to str
        ``from``, ``date`` and ``message_id``, as far as it has them.
    remarks : list of Skip
        What of it could not be read, and whether it seems to be several.
    """

    subject: str
    text: str
    metadata: dict[str, str]
    remarks: list[Skip] = field(default_factory=list)


def read_message(data: bytes, mime: Mime, quoted: int = 0) -> Message:
    """Take a message apart.

    Parameters
    ----------
    data : bytes
        The message.
    mime : Mime
        Decodes it, and reads what is in parts, or encoded.
    quoted : int
        How many messages may stand in it with all their headers and nothing be said of it.

    Raises
    ------
    Skip
        It is binary, and not because of what is attached to it.
    """
    kind = binary_kind(data)
    if kind is not None and not (looks_like_mail(data[:_INNER_WITHIN]) and _BINARY_PARTS.search(data)):
        raise Skip(SkipReason.BINARY, f"expected a message, found {kind}")
    data = data.lstrip(b"\r\n") if b"\n" in data else data.replace(b"\r", b"\n").lstrip(b"\n")
    message = mime.message(data)
    text = mime.text(message) if _needs_mime(message) else mime.plain(message)
    remarks = list(mime.remarks)
    inner = messages_within(data)
    if inner > quoted:
        remarks.append(Skip(SkipReason.READ_AS_ONE, read_as_one(inner)))
    message.headers["subject"] = _without_references(message.headers.get("subject", ""))
    subject = message.header("subject")
    metadata = {"from": message.header("from"), "date": message.header("date")}
    metadata["message_id"] = one_line(message.headers.get("message-id", ""))
    found = {name: value for name, value in metadata.items() if value}
    return Message(subject, f"{subject}\n{text}" if subject else text, found, remarks)


def _without_references(subject: str) -> str:
    found = _REFERENCES.match(subject[::-1])
    return subject[: len(subject) - found.end()] if found else subject


def _needs_mime(message: Part) -> bool:
    """Say whether the body is anything but the text that it looks like."""
    kind = message.headers.get("content-type", "").lower()
    transfer = message.headers.get("content-transfer-encoding", "").lower()
    if kind.partition(";")[0].strip() not in _PLAIN or transfer not in _AS_IT_STANDS or "flowed" in kind:
        return True
    return not kind and lost_boundary(message.body) is not None


def read_as_one(inner: int) -> str:
    """Return what is said of a message that seems to hold others."""
    return f"expected one message, found the headers of {inner:,} more in it; part them by lines From ..."


def messages_within(data: bytes, sure: bool = True) -> int:
    """Count the messages that follow in one without a line that parts them, nor anything that announces them.

    Parameters
    ----------
    data : bytes
        The message.
    sure : bool
        Whether they must have headers that people who quote a message leave out.
    """
    count = 0
    for found in _INNER_START.finditer(data):
        head = data[found.end() : found.end() + _INNER_WITHIN].decode("latin-1").replace("\r\n", "\n")
        names = {line.partition(":")[0].lower() for line in header_lines(head)[0]}
        whole = {"from", "message-id" if sure else "subject"} <= names and not names.isdisjoint(
            {"date", "received"}
        )
        before = data[max(0, found.start() - _ANNOUNCED_WITHIN) : found.start()]
        count += whole and _ANNOUNCED.search(before) is None
    return count


def _without_emlx(data: bytes) -> bytes:
    """Take off what Apple Mail puts around a message: how many bytes it has, and a property list behind it."""
    count = _EMLX_COUNT.match(data)
    start = count.end() if count else 0
    end = start + int(count[1]) if count else len(data)
    if count and end <= len(data) and _EMLX_END.match(data, end):
        return data[start:end]
    plists = [found.start() for found in _PLIST.finditer(data, start)]
    return data[start : plists[-1] if plists else len(data)]


def _of_maildir(document: Document) -> Document:
    """Take the folder above for the label, and no words from the name, which a mail server has made up."""
    folder = tuple(name.lstrip(".") for name in document.path.split("/")[-3:-2])
    return replace(document, labels=folder if document.labels else (), name_words="")
