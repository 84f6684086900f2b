"""The text inside a MIME message (RFC 2045 to 2049): its parts in order, and of alternatives the one that says most.

A message is cut into parts here, by finding its boundaries, and to a limited depth: the parser of Python's ``email``
package looks at every line once for each multipart around it, which takes minutes where hundreds are nested. What the
headers of a part say is left to that package, by its old ``compat32`` policy: the new one parses every header by a full
grammar, which takes seconds for a long one and raises errors of many kinds for a broken one.
"""

import binascii
import quopri
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Any, Protocol

from semhash.corpus.decoding import Decode, binary_kind, decode_alone, unify_newlines, well_formed
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.html_text import text_of_html
from semhash.corpus.mail_headers import header_lines, split_message
from semhash.corpus.mail_text import text_of_calendar, text_of_enriched, unflowed, without_encoded
from semhash.corpus.source import HEAD_BYTES, AttachedFile, Source
from semhash.corpus.titles import one_line

__all__ = ["FileReader", "Mime", "Part", "decode_words", "lost_boundary"]


class FileReader(Protocol):
    """What reads attached files of one format."""

    def accepts(self, name: str, head: bytes) -> bool:
        """Say whether a file is of this format."""

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Read the documents of a file."""


_MAX_DEPTH = 20  # parts within parts; a message that was forwarded on and on has two a time
_MAX_PARTS = 10_000
_NOT_TEXT = frozenset({"application", "audio", "font", "image", "model", "video"})
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news", "message/partial"})
_LEFT_OUT = frozenset(  # signatures, keys, what only some programs read, and what says the same once more
    {
        "application/pgp-signature",
        "application/pgp-encrypted",
        "application/pgp-keys",
        "application/applefile",
    }
    | {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pkcs7-mime"}
    | {"application/x-pkcs7-mime", "application/ms-tnef", "application/vnd.ms-tnef", "text/x-amp-html"}
)
_MACHINERY = frozenset({"text/css", "text/javascript", "text/ecmascript"})  # of a page, unless it is attached
_CALENDARS = frozenset({"text/calendar", "application/ics", "text/vcard", "text/x-vcard", "text/directory"})
_ENRICHED = frozenset({"text/enriched", "text/richtext"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_KIND_BY_SUFFIX = {
    **dict.fromkeys(("html", "htm", "xhtml"), "text/html"),
    **dict.fromkeys(("ics", "vcs", "vcf"), "text/calendar"),
    "eml": "message/rfc822",
    **dict.fromkeys(
        "txt text log md rst csv tsv json jsonl xml yaml yml toml ini cfg conf tex bib srt vtt diff patch sql sh bat "
        "ps1 py c h cc cpp hpp cs java js ts go rs rb pl php r m f f90 lua swift kt scala hs el lisp ml asm".split(),
        "text/plain",
    ),
}
_TEXTUAL = frozenset(  # by another name
    {"application/json", "application/xml", "application/x-yaml", "application/yaml", "application/sql"}
    | {"application/x-sh", "application/x-python", "application/x-tex", "application/javascript"}
    | {"application/xhtml+xml", "application/ics"}
)
_NO_NAME = re.compile(  # what mail programs call what has no name
    r"(?:image|img|att|outlook|part|pic|unnamed|noname|unknown|untitled|attachment|mime-attachment|smime|winmail"
    r"|signature|encrypted|openpgp)[-_. ]?[0-9a-f-]{0,40}(?:\.[a-z0-9]{1,5})?",
    re.IGNORECASE,
)
_CIPHERED = (".asc", ".pgp", ".gpg", ".sig", ".p7s", ".p7m", ".p7c")
_WORD = re.compile(r"[\w-]+")
_LOST_BOUNDARY = re.compile(
    rb"^--(?!-)([!-~](?:[ -~]{0,98}[!-~])?)[ \t]{0,9}\r?\n(?=content-[a-z-]{2,30}:)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK = re.compile(rb"\n\r?\n")
_CHARSET = re.compile(r"charset[ \t]{0,9}=[ \t]{0,9}\"?([^\s\";]{1,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"charset ?= ?[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4096
_LONGEST_PREAMBLE = 500
_PREAMBLE = re.compile(r"mime|multi-?part", re.IGNORECASE)
_RTF = re.compile(rb"\s{0,9}\{\\rtf")
_HTML = re.compile(r"\s{0,200}<(?:!doctype html|html)[\s>]", re.IGNORECASE)
_DIAGNOSTIC = re.compile(r"^diagnostic-code:(?: ?[\w-]{1,20};)?(.*)", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\n[ \t]+")
_MARKUP_LINE = re.compile(
    r"^(?:--\S.*|content-[a-z-]{2,30}:.*(?:\n[ \t].*)*)\n?", re.IGNORECASE | re.MULTILINE
)


def decode_words(value: str, decode: Decode = decode_alone) -> str:
    """Decode the encoded words of a header (``=?utf-8?q?caf=C3=A9?=``), and put it on one line.

    Parameters
    ----------
    value : str
        A header's value, unfolded.
    decode : callable
        Makes text of some bytes and of the character set they are said to be in.

    Returns
    -------
    str
        Words that are broken, or in a character set that nobody knows, are kept as well as can be.
    """
    if "=?" in value:
        with suppress(HeaderParseError, ValueError):
            value = "".join(_chunk(chunk, charset, decode) for chunk, charset in decode_header(value))
    return " ".join(well_formed(value).split())


def _chunk(chunk: Any, charset: str | None, decode: Decode) -> str:
    if isinstance(chunk, str):
        return chunk
    if charset is None:  # what decode_header makes of the text between encoded words
        return str(chunk, "raw-unicode-escape", "replace")
    return decode(chunk, charset.partition("*")[0])


def lost_boundary(body: bytes) -> bytes | None:
    """Find what parts the parts of a body whose headers do not say it: a line before the headers of a part."""
    if b"--" not in body or b"ontent-" not in body:
        return None
    found = _LOST_BOUNDARY.search(body)
    return found[1] if found else None


class Part:
    """A part of a message, or a whole one.

    Parameters
    ----------
    data : bytes
        Headers and body.
    decode : callable
        Makes text of it.
    default : str
        What it is where it does not say so.

    Attributes
    ----------
    headers : dict of str to str
        As `split_message` has them.
    kind : str
        Its media type, such as ``text/plain``.
    body : bytes
        What is below the headers, as it was sent.
    """

    def __init__(self, data: bytes, decode: Decode = decode_alone, default: str = "text/plain") -> None:
        self._decode = decode
        self.headers, self.body = _apart(data, decode)
        if default == "message/rfc822" and "content-type" not in self.headers and "subject" in self.headers:
            self.headers, self.body = {}, data  # a blank line is missing above the message
        self._fields = Message()
        self._fields.set_default_type(default)
        for name in ("content-type", "content-disposition"):
            if name in self.headers:
                self._fields[name] = self.headers[name]
        self.kind = self._fields.get_content_type()

    def header(self, name: str) -> str:
        """Return a header's value with its encoded words decoded; empty if there is none."""
        return decode_words(self.headers.get(name, ""), self._decode)

    @property
    def is_attached(self) -> bool:
        """Whether it says that it is to be saved rather than shown."""
        return self._fields.get_content_disposition() == "attachment"

    @property
    def file_name(self) -> str:
        """What the file is called that the part is; empty where mail programs have made a name up."""
        name = (
            one_line(decode_words(self._fields.get_filename() or "", self._decode))
            .replace("\\", "/")
            .rpartition("/")[2]
        )
        return "" if _NO_NAME.fullmatch(name) else name

    @property
    def boundary(self) -> bytes:
        """What parts its parts; empty if it does not say."""
        return (self._fields.get_boundary() or "").encode("utf-8", "replace")

    def parameter(self, name: str) -> str:
        """Return a parameter of the media type, in small letters."""
        return str(self._fields.get_param(name) or "").lower()

    def payload(self) -> bytes:
        """Undo the transfer encoding of the body."""
        found = _WORD.search(self.headers.get("content-transfer-encoding", "").lower())
        transfer = found[0] if found else ""
        if transfer == "quoted-printable":
            return quopri.decodestring(self.body)
        if transfer == "base64":
            return _from_base64(self.body)
        if transfer in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return _from_uuencode(self.body)
        return self.body

    def text(self) -> str:
        """Decode the body as text."""
        payload = self.payload()
        charset = self._fields.get_content_charset()
        if charset is None and self.kind in _PAGES:
            declared = _META_CHARSET.search(payload[:_META_WITHIN])
            charset = declared[1].decode("ascii") if declared else None
        return _text(payload, charset, self._decode)


def _text(data: bytes, charset: str | None, decode: Decode) -> str:
    return well_formed(unify_newlines(decode(data, charset)))


def _apart(data: bytes, decode: Decode) -> tuple[dict[str, str], bytes]:
    """Split the bytes of a message into headers, which are taken to be in the character set of its body, and body."""
    if data.startswith((b"\n", b"\r\n")):
        return {}, data[data.index(b"\n") + 1 :]
    blank = _BLANK.search(data)
    head, body = (data[: blank.end()], data[blank.end() :]) if blank else (data, b"")
    first, _ = split_message(unify_newlines(head[:HEAD_BYTES].decode("latin-1")))
    charset = _CHARSET.search(first.get("content-type", ""))
    text = _text(head, charset[1] if charset else None, decode)
    lines, end, _ = header_lines(text)
    if end < len(text):  # a line that is no header
        start = 0
        for _ in lines:
            start = head.find(b"\n", start) + 1
        body = data[start:]
    return split_message(text)[0], body


def _from_base64(body: bytes) -> bytes:
    """Decode base64; what software has put below it in plain text is kept."""
    lines = body.split(b"\n")
    end = next((at for at, line in enumerate(lines) if not _is_base64(line)), len(lines))
    rest = lines[end:]
    if sum(map(_is_base64, rest)) * 2 > len(rest) + 1:  # rubbish among it
        end, rest = len(lines), []
    decoded = [_unpadded(code) for code in b"".join(lines[:end]).split(b"=") if code]
    below = b"\n".join(rest)
    return b"".join(decoded) + (b"\n" + below if below.strip() else b"")


_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/= \t\r]*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def _unpadded(code: bytes) -> bytes:
    """Decode base64 without the signs that fill it up at its end."""
    code = _NOT_BASE64.sub(b"", code)
    code = code[: len(code) - (len(code) % 4 == 1)]
    return binascii.a2b_base64(code + b"=" * (-len(code) % 4))


def _is_base64(line: bytes) -> bool:
    return _BASE64_LINE.fullmatch(line) is not None


def _from_uuencode(body: bytes) -> bytes:
    found: list[bytes] = []

    def attached(_: str, data: bytes) -> str:
        found.append(data)
        return ""

    rest = without_encoded(body.decode("latin-1").replace("\r\n", "\n"), attached).strip()
    return b"".join(found) if found and not rest else b"".join([*found, b"\n", rest.encode("latin-1")])


@dataclass(slots=True)
class _Piece:
    """Some text of a message.

    Attributes
    ----------
    text : str
        The text.
    apart : bool
        Whether it is beside the message's own text: attached, or forwarded.
    """

    text: str
    apart: bool = False


class Mime:
    """Reads the text of messages.

    Parameters
    ----------
    source : Source
        The file they are in; its configuration says how large an attached file may be.
    readers : sequence of FileReader
        Those of attached files.
    decode : callable or None
        Makes text of what is in the messages; unless given, that of the source.

    Attributes
    ----------
    remarks : list of Skip
        What could not be read of the message read last.
    """

    def __init__(
        self, source: Source, readers: Sequence[FileReader] = (), decode: Decode | None = None
    ) -> None:
        self._source = source
        self._decode = decode or source.decode
        self._readers = readers
        self._left = source.config.max_bytes
        self.remarks: list[Skip] = []

    def message(self, data: bytes) -> Part:
        """Split a message into headers and body, to be decoded as the file is."""
        return Part(data, self._decode)

    def text(self, message: Part) -> str:
        """Return the text of a message's body.

        Parameters
        ----------
        message : Part
            The whole message.

        Returns
        -------
        str
            All parts that are text, in order, files with their names; empty when there are none.
        """
        self.remarks = []
        self._left = self._source.config.max_bytes
        return _joined(self._pieces(message, 0))

    def plain(self, message: Part) -> str:
        """Return the text of a message that is all plain, and of the text files that are written into it in letters."""
        self.remarks = []
        self._left = self._source.config.max_bytes
        return self._shown(message.text(), "text/plain")

    def _uuencoded(self, name: str, data: bytes) -> str:
        return _joined(self._file(name, data, "application/octet-stream", lambda: self._decoded(data), 0))

    def _decoded(self, data: bytes) -> str:
        return _text(data, None, self._decode)

    def _pieces(self, part: Part, depth: int) -> list[_Piece]:
        """Return the texts in a part."""
        try:
            if depth > _MAX_DEPTH:
                detail = (
                    f"expected at most {_MAX_DEPTH} parts within each other, found more; read as they stand"
                )
                self.remarks.append(Skip(SkipReason.UNREADABLE, detail))
                return [_Piece(_as_it_stands(self._decoded(part.body)))]
            main = part.kind.partition("/")[0]
            untold = depth == 0 and "content-type" not in part.headers
            chunks = _chunks(part) if main == "multipart" or untold else []
            if len(chunks) > 1 + untold:
                return self._multipart(part.kind, chunks, depth)
            if main == "message":
                return self._message(part, depth)
            return self._leaf(part, depth)
        except Exception:  # the email package raises errors of many kinds on what is malformed
            return [_Piece(_as_it_stands(self._decoded(part.body)))]

    def _multipart(self, kind: str, chunks: list[tuple[bool, bytes]], depth: int) -> list[_Piece]:
        found: list[tuple[str, list[_Piece]]] = []
        chunks = [chunk for chunk in chunks if chunk[1].strip()]
        if len(chunks) > _MAX_PARTS:
            detail = (
                f"expected at most {_MAX_PARTS:,} parts, found {len(chunks):,}; the others read as they stand"
            )
            self.remarks.append(Skip(SkipReason.TOO_LARGE, detail))
            chunks, rest = chunks[:_MAX_PARTS], b"\n".join(data for _, data in chunks[_MAX_PARTS:])
            found.append(("", [_Piece(_as_it_stands(self._decoded(rest)), apart=True)]))
        for number, (is_part, data) in enumerate(chunks):
            if is_part:
                part = _within(data, kind, self._decode)
                found.append((part.kind, self._pieces(part, depth + 1)))
            else:
                text = self._decoded(data)
                if number or len(text) > _LONGEST_PREAMBLE or not _PREAMBLE.search(text):
                    found.append(("", [_Piece(without_encoded(text), apart=True)]))
        if kind == "multipart/alternative":
            return _chosen(found)
        return [piece for _, pieces in found for piece in pieces]

    def _message(self, part: Part, depth: int) -> list[_Piece]:
        """Return subject and text of a message within, or what a report says of its own accord."""
        if part.kind in _MESSAGES:
            inner = self.message(part.payload())
            subject = inner.header("subject")
            name = "" if subject else part.file_name
            pieces = [_Piece(line) for line in (name, subject) if line] + self._pieces(inner, depth + 1)
        elif part.kind in ("message/delivery-status", "message/global-delivery-status"):
            reasons = _DIAGNOSTIC.findall(_FOLD.sub(" ", part.text()))
            pieces = [_Piece(reason.strip()) for reason in dict.fromkeys(reasons)]
        else:
            pieces = []
        return [_Piece(piece.text, apart=True) for piece in pieces]

    def _leaf(self, part: Part, depth: int) -> list[_Piece]:
        if part.kind in _LEFT_OUT or (part.kind in _MACHINERY and not part.is_attached):
            return []
        if part.kind == "text/rfc822-headers":
            subject = split_message(part.text())[0].get("subject", "")
            return [_Piece(decode_words(subject, self._decode), apart=True)]
        name = part.file_name
        marked_up = _RTF.match(part.body) is not None
        if part.is_attached or name or marked_up or part.kind.partition("/")[0] in _NOT_TEXT:
            return self._file(name, part.payload(), part.kind, part.text, depth)
        if binary_kind(part.payload()):
            return []
        return [
            _Piece(self._shown(part.text(), part.kind, part.parameter("format"), part.parameter("delsp")))
        ]

    def _shown(self, text: str, kind: str, flow: str = "", delsp: str = "") -> str:
        """Return the words of a text of some kind."""
        if kind in _PAGES or (kind == "text/plain" and _HTML.match(text)):
            return text_of_html(text)
        if kind in _CALENDARS:
            return text_of_calendar(text)
        if kind in _ENRICHED:
            return text_of_enriched(text)
        if flow == "flowed":
            text = unflowed(text, delsp == "yes")
        return without_encoded(text, self._uuencoded)

    def _file(self, name: str, data: bytes, kind: str, text: Callable[[], str], depth: int) -> list[_Piece]:
        """Return the name of an attached file, and its text where it is one or a reader knows it."""
        lower = name.lower()
        if lower.endswith(_CIPHERED) or lower == "winmail.dat":
            return []
        named = [_Piece(name, apart=True)] if name else []
        if len(data) > self._left:
            detail = f"expected at most {self._source.config.max_bytes:,} bytes attached, found more"
            self.remarks.append(Skip(SkipReason.TOO_LARGE, detail))
            return named
        self._left -= len(data)
        reader = next((reader for reader in self._readers if reader.accepts(lower, data[:HEAD_BYTES])), None)
        words = self._read(reader, name, data) if reader else ""
        if words.strip():
            return [*named, _Piece(words, apart=True)]
        kind = _kind_of_file(kind, lower)
        if binary_kind(data) or (kind.partition("/")[0] in _NOT_TEXT and kind not in _TEXTUAL):
            return named
        if kind == "message/rfc822":
            return self._message(self.message(_EML + data), depth)
        return [*named, _Piece(self._shown(text(), kind), apart=True)]

    def _read(self, reader: FileReader, name: str, data: bytes) -> str:
        """Read an attached file."""
        texts: list[str] = []
        try:
            for item in reader.read(AttachedFile(self._source, name, data)):
                if isinstance(item, Skipped):
                    raise Skip(item.reason, item.detail)
                texts.append(item.text)
                self._left -= len(item.text)
        except Skip as skip:
            self.remarks.append(Skip(skip.reason, f"attached {name or 'file'}: {skip.detail}"))
        except Exception as error:  # whatever a reader runs into, the rest of the message can be read
            detail = f"attached {name or 'file'}: expected to read it, found: {type(error).__name__}: {error}"
            self.remarks.append(Skip(SkipReason.UNREADABLE, detail))
        return "\n".join(texts)


def _kind_of_file(kind: str, name: str) -> str:
    """Return the media type of an attached file, by its name where its type says little."""
    says_little = kind == "text/plain" or (kind.startswith("application/") and kind not in _TEXTUAL)
    return _KIND_BY_SUFFIX.get(name.rpartition(".")[2], kind) if says_little else kind


_EML = b"Content-Type: message/rfc822\n\n"


def _joined(pieces: list[_Piece]) -> str:
    return "\n".join(piece.text for piece in pieces if piece.text.strip())


def _as_it_stands(body: str) -> str:
    """Return a body that is too broken to take apart, without what is surely no text."""
    return without_encoded(_MARKUP_LINE.sub("", body))


def _within(data: bytes, kind: str, decode: Decode) -> Part:
    """Read a part of a multipart; one whose first lines only look like headers is all text."""
    if kind == "multipart/digest":
        return Part(data, decode, "message/rfc822")
    part = Part(data, decode)
    known = any(name.startswith(("content-", "x-", "mime-")) for name in part.headers)
    return part if known or not part.headers else Part(b"\n" + data, decode)


def _chunks(part: Part) -> list[tuple[bool, bytes]]:
    """Cut a multipart; each piece with whether it is a part, or stands before, behind or between."""
    boundary = part.boundary
    body = part.body if boundary and b"--" + boundary in part.body else part.payload()
    chunks = _cut(body, boundary) if boundary else []
    if len(chunks) < 2:  # it says none, or another one
        lost = lost_boundary(body)
        chunks = _cut(body, lost) if lost else []
    return chunks


def _cut(body: bytes, boundary: bytes) -> list[tuple[bool, bytes]]:
    mark = b"--" + boundary
    chunks: list[tuple[bool, bytes]] = []
    is_part, start, at = False, 0, body.find(mark)
    while at >= 0:
        end = body.find(b"\n", at)
        end = len(body) if end < 0 else end
        rest = body[at + len(mark) : end].strip() if end - at < len(mark) + _LONGEST_LINE else b"?"
        if rest in (b"", b"--") and (at == 0 or body[at - 1] == _NEWLINE):
            chunks.append((is_part, _without_newline(body[start:at])))
            is_part, start = not rest, end + 1
        at = body.find(mark, max(end, at + 1)) if rest in (b"", b"--") else body.find(mark, at + 1)
    chunks.append((is_part, body[start:]))
    return chunks


_NEWLINE = ord("\n")
_LONGEST_LINE = 998


def _without_newline(data: bytes) -> bytes:
    return data.removesuffix(b"\n").removesuffix(b"\r")


_URL = re.compile(r"(?:https?://|www\.)\S+")
_NO_LETTER = re.compile(r"[\W_]+")
_LONG_WORD = re.compile(r"\w{3,}")
_STUB = re.compile(r"html|browser|online|web ?(?:page|version|client|mail)", re.IGNORECASE)
_STUB_LETTERS = 400
_LONGER = 2
_ALIKE = 0.5


def _chosen(found: list[tuple[str, list[_Piece]]]) -> list[_Piece]:
    """Choose among alternatives, and keep what is attached to any of them."""
    bodies: dict[str, list[str]] = {"plain": [], "rich": [], "calendar": []}
    for kind, pieces in found:
        role = "plain" if kind == "text/plain" else "calendar" if kind in _CALENDARS else "rich"
        text = _joined([piece for piece in pieces if not piece.apart])
        if text.strip() and text not in bodies[role]:
            bodies[role].append(text)
    text = _the_better("\n".join(bodies["plain"]), "\n".join(bodies["rich"]))
    shown = set(_LONG_WORD.findall(text.lower()))
    more = [
        line
        for calendar in bodies["calendar"]
        for line in calendar.split("\n")
        if not shown.issuperset(_LONG_WORD.findall(line.lower()))
    ]
    chosen = [_Piece("\n".join([text, *more]) if more else text)]
    return chosen + [piece for _, pieces in found for piece in pieces if piece.apart]


def _the_better(plain: str, rich: str) -> str:
    """Choose the plain text, unless it says much less than the other; both where each says something else."""
    n_plain, n_rich = (len(_NO_LETTER.sub("", _URL.sub("", text))) for text in (plain, rich))
    if not n_plain or not n_rich:
        return rich if n_rich else plain
    of_plain, of_rich = (set(_LONG_WORD.findall(_URL.sub("", text).lower())) for text in (plain, rich))
    both = of_plain & of_rich
    rich_is_new = len(both) < _ALIKE * len(of_rich)
    plain_is_new = len(both) < _ALIKE * len(of_plain)
    stub = n_plain < _STUB_LETTERS and (_STUB.search(plain) is not None or n_rich > _LONGER * n_plain)
    if rich_is_new and plain_is_new and not stub:
        return f"{plain}\n{rich}"
    return rich if n_rich > _LONGER * n_plain or (stub and rich_is_new) else plain
