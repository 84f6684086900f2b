"""Mail and news messages (RFC 5322): the subject is the title, and only subject and body are text.

The other headers name sender, organisation and newsgroup. They give a message's subject away, so counting
them would make every evaluation look better than it is.
"""

import re
from collections.abc import Iterator

from semhash.corpus.decoding import Decode, binary_kind, decode_alone, unify_newlines, well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.mime import decode_words, mime_body
from semhash.corpus.source import HEAD_BYTES, Source

__all__ = ["Mail", "charset_of", "looks_like_mail", "read_message", "split_message"]

_FIELD = re.compile(r"([!-9;-~]+):(.*)")
_SENDERS = frozenset({"From", "Sender", "Return-Path"})  # a configuration file would write them small
_COMPANIONS = frozenset(
    {"subject", "date", "to", "cc", "message-id", "newsgroups", "received", "in-reply-to", "reply-to"}
    | {"references", "mime-version", "organization", "lines", "distribution", "nntp-posting-host"}
    | {"x-mailer", "delivered-to"}
)
_AS_IT_STANDS = ("", "7bit", "8bit", "binary")
_PLAIN = ("", "text", "text/plain")
_ASCII_BASED = re.compile(r"(us-)?ascii|utf-?8|(iso-?8859|windows|koi8|latin)[\w-]*")
_CHARSET = re.compile(r"charset[ \t]*=[ \t]*\"?([^\s\";]+)", re.IGNORECASE)
# Archives that strip References by their first line leave the rest folded below the subject.
# Read backwards: where they end is known, and where they begin is not.
_REFERENCES = re.compile(r"(?:>[^<>\s@]++@[^<>\s]++<\s++)*+")
_LONGEST_LINE = 998
_LONGEST_HEADER = 4096


class Mail:
    """One message a file: called ``.eml``, or with headers at its beginning whatever it is called."""

    name = "mail"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by headers that only mail and news have together."""
        return name.lower().endswith(".eml") or looks_like_mail(head)

    def read(self, source: Source) -> Iterator[Document]:
        """Give the message as one document; ``From`` and ``Date`` become metadata."""
        data = source.data()
        kind = binary_kind(data)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected a message, found {kind}")
        plain = well_formed(unify_newlines(source.decode(data, charset_of(data))))
        subject, text, metadata = read_message(data, plain, source.decode)
        yield source.document(text, subject, metadata)


def charset_of(data: bytes) -> str | None:
    """Return the character set that a message says its body is in: what it has in its headers is in that, too."""
    headers, _ = split_message(unify_newlines(data[:HEAD_BYTES].decode("latin-1")))
    found = _CHARSET.search(headers.get("content-type", ""))
    return found[1] if found else None


def read_message(data: bytes, decoded: str, decode: Decode = decode_alone) -> tuple[str, str, dict[str, str]]:
    """Take a message apart.

    Parameters
    ----------
    data : bytes
        The message.
    decoded : str
        The same as text, for what does not say how it is encoded.
    decode : callable
        Makes text of its parts and of encoded words.

    Returns
    -------
    subject, text : str
        Subject, and subject and body.
    metadata : dict of str to str
        ``from`` and ``date``.
    """
    headers, body = split_message(decoded)
    if _needs_mime(headers, body):
        body = mime_body(data, body, decode)
    subject = decode_words(_without_references(headers.get("subject", "")), decode)
    metadata = {name: decode_words(headers[name], decode) for name in ("from", "date") if headers.get(name)}
    return subject, f"{subject}\n{body}" if subject else body, metadata


def _without_references(subject: str) -> str:
    found = _REFERENCES.match(subject[::-1])
    return subject[: len(subject) - found.end()] if found else subject


def looks_like_mail(head: bytes) -> bool:
    """Say whether a file begins with mail headers: a sender, one more that mail has, and nothing between.

    Parameters
    ----------
    head : bytes
        The beginning of a file; it may end inside the headers.
    """
    if b":" not in head[:_LONGEST_LINE]:
        return False
    text = unify_newlines(head.decode("latin-1").removeprefix("ï»¿"))
    if len(head) >= HEAD_BYTES:
        text = text[: text.rfind("\n") + 1]
    lines, _, ended = _header_lines(text)
    names = {line.partition(":")[0] for line in lines}
    known = not names.isdisjoint(_SENDERS) and not _COMPANIONS.isdisjoint(name.lower() for name in names)
    return known and ended


def split_message(text: str) -> tuple[dict[str, str], str]:
    r"""Split a message into headers and body.

    Parameters
    ----------
    text : str
        The message, every newline ``\n``.

    Returns
    -------
    headers : dict of str to str
        By their names in small letters, unfolded, cut at 4096 characters; of several of one name the first.
    body : str
        Everything below the first blank line, or from the first line that is no header.
    """
    lines, end, _ = _header_lines(text)
    headers: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", "\n".join(lines)).split("\n"):
        field = _FIELD.match(line)
        if field:
            headers.setdefault(field[1].lower(), field[2][:_LONGEST_HEADER].strip())
    return headers, text[end:]


def _header_lines(text: str) -> tuple[list[str], int, bool]:
    """Give the header lines, where the body begins, and whether they end as headers do, by a blank line."""
    lines: list[str] = []
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if not line:
            return lines, end + 1, True
        envelope = not lines and line.startswith("From ")
        if not (line[0] in " \t" or envelope or _FIELD.match(line)):
            return lines, position, bool(lines) and lines[-1].isspace()
        lines.append(line)
        position = end + 1
    return lines, len(text), True


def _needs_mime(headers: dict[str, str], body: str) -> bool:
    """Say whether the body is anything but the text that it looks like."""
    kind = headers.get("content-type", "")
    transfer = headers.get("content-transfer-encoding", "").lower()
    if kind.partition(";")[0].strip().lower() not in _PLAIN or transfer not in _AS_IT_STANDS:
        return True
    charset = _CHARSET.search(kind)
    if charset is None:
        return False
    name = charset[1].lower()
    return _ASCII_BASED.fullmatch(name) is None or not (body.isascii() or name in ("utf-8", "us-ascii"))
