"""The headers of mail and news (RFC 5322), told from text, unfolded and bounded."""

import re

from semhash.corpus.decoding import unify_newlines

__all__ = ["HEADER_NAMES", "header_lines", "looks_like_mail", "split_message"]

_FIELD = re.compile(r"([!-9;-~]++)[ \t]{0,9}:(.*)")
_FOLD = re.compile(r"\n[ \t]+")
# A configuration file would write them small.
_SENDERS = frozenset(
    {"From", "Sender", "Return-Path", "Received", "Delivered-To", "Message-ID", "Message-Id", "X-Received"}
)
_COMPANIONS = frozenset(
    {"subject", "date", "to", "cc", "message-id", "newsgroups", "received", "in-reply-to", "reply-to"}
    | {"references", "mime-version", "organization", "lines", "distribution", "nntp-posting-host"}
    | {"x-mailer", "delivered-to"}
)
HEADER_NAMES = _COMPANIONS | {
    *("from", "sender", "return-path", "path", "status", "x-status", "bcc", "content-type", "content-length"),
    *("content-transfer-encoding", "errors-to", "xref", "keywords", "comments", "resent-from", "resent-date"),
    *("envelope-to", "apparently-to", "list-id", "dkim-signature", "arc-seal", "user-agent", "precedence"),
    *(
        "summary",
        "approved",
        "article-i.d.",
        "posted",
        "followup-to",
        "expires",
        "importance",
        "thread-index",
    ),
    *("x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys", "x-uid", "x-gm-thrid", "x-gmail-labels"),
    *("x-original-to", "x-received", "x-from-line", "x-message-id", "x-envelope-from", "x-account-key"),
}
"""Names of headers that begin a message in a mailbox, in small letters."""

_ENVELOPES = ("From ", ">From ")
_LONGEST_LINE = 998
_LONGEST_HEADER = 4096
_LONGEST_WORD = 100
_HEAD = 16_384


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
    if len(head) >= _HEAD:
        text = text[: text.rfind("\n") + 1]
    lines, _, ended = header_lines(text)
    names = {line.partition(":")[0].rstrip() for line in lines}
    senders = names & _SENDERS
    small = {name.lower() for name in names - senders} | {name.lower() for name in sorted(senders)[1:]}
    return bool(senders) and not _COMPANIONS.isdisjoint(small) and ended


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
    lines, end, _ = header_lines(text)
    headers: dict[str, str] = {}
    for line in _FOLD.sub(" ", "\n".join(lines)).split("\n"):
        field = _FIELD.match(line)
        if field:
            headers.setdefault(field[1].lower(), _cut(field[2]))
    return headers, text[end:]


def _cut(value: str) -> str:
    """Cut a value that is too long, but no encoded word in two."""
    if len(value) > _LONGEST_HEADER:
        value = value[:_LONGEST_HEADER]
        start = value.rfind("=?", -_LONGEST_WORD)
        if start >= 0 and value.rfind("?=", start + 2) < 0:
            value = value[:start]
    return value.strip()


def header_lines(text: str) -> tuple[list[str], int, bool]:
    """Return the header lines, where the body begins, and whether they end as headers do, by a blank line."""
    lines: list[str] = []
    position = 0
    above = True  # only lines of the envelope were met
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if not line:
            return lines, end + 1, True
        envelope = above and line.startswith(_ENVELOPES)
        if not (line[0] in " \t" or envelope or _FIELD.match(line)):
            return lines, position, bool(lines) and lines[-1].isspace()
        above = envelope
        lines.append(line)
        position = end + 1
    return lines, len(text), True
