"""The text inside a MIME message (RFC 2045 to 2047), by Python's ``email`` package; never fatal.

The old ``compat32`` policy serves: the new one parses every header by a full grammar, which takes seconds for a
long one and raises errors of many kinds for a broken one.
"""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Any, cast

from semhash.corpus.decoding import Decode, decode_alone, unify_newlines, well_formed
from semhash.corpus.html_text import text_of_html

__all__ = ["decode_words", "mime_body"]

_NOT_TEXT = frozenset({"application", "audio", "font", "image", "model", "video"})


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


def mime_body(data: bytes, raw: str, decode: Decode = decode_alone) -> str:
    """Give the text of a message's body: plain parts, else HTML without its tags, else other text.

    Parameters
    ----------
    data : bytes
        The whole message.
    raw : str
        Its body as it stands, which is given back when the message is too broken to take apart.
    decode : callable
        Makes text of some bytes and of the character set they are said to be in.

    Returns
    -------
    str
        Empty when the message holds nothing but attachments.
    """
    kinds: dict[str, list[str]] = {"plain": [], "html": [], "other": []}
    try:
        message = message_from_bytes(data.removeprefix(codecs.BOM_UTF8))
        for kind, text in _texts(message, decode):
            kinds[kind].append(text)
    except Exception:  # the email package raises errors of many kinds on what is malformed
        return raw
    return next(("\n".join(texts) for texts in kinds.values() if "".join(texts).strip()), "")


def _texts(part: Message, decode: Decode, top: bool = True) -> Iterator[tuple[str, str]]:
    """Walk the parts that are text and not attached."""
    if not top and part.get_content_disposition() == "attachment":
        return
    if part.is_multipart():
        for inner in cast(list[Message], part.get_payload()):
            yield from _texts(inner, decode, top=False)
    elif part.get_content_maintype() not in _NOT_TEXT:
        payload = cast(bytes, part.get_payload(decode=True))
        text = well_formed(unify_newlines(decode(payload, part.get_content_charset())))
        if part.get_content_subtype() == "html":
            yield "html", text_of_html(text)
        else:  # an unknown main type, or a multipart without parts, is taken for what it looks like
            plain = part.get_content_subtype() == "plain" or part.get_content_maintype() != "text"
            yield ("plain" if plain else "other"), text
