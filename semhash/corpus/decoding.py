"""From bytes to text: name the encodings, stop at the first that fits.

The order is: a byte order mark, UTF-8, UTF-8 with a little damage, Windows-1252 where it is plausible, and
only then a guess by charset-normalizer. From a handful of accented letters such a guess is worse than the
commonest Western encoding: 45 of the 73 non-ASCII messages of 20 Newsgroups come out of it altered, some of
them as Big5 or as DOS code page 775.
"""

import codecs
import re
from dataclasses import dataclass

__all__ = ["Decoded", "binary_kind", "decode", "unify_newlines", "well_formed"]

_BOMS = (  # UTF-32 before UTF-16: the little-endian mark of one begins with that of the other
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\b\t\n\f\r\x1b")) + b"\x7f"
_MAX_CONTROLS = 0.1
_SNIFF = 65_536

_WESTERN_SHARE = 0.04  # Danish, French, German, Spanish stay below; Polish, Czech, Hungarian lie above
_FEW = 3  # accents in a line or two are no evidence for anything else
# A capital after a small letter, or a sign between two letters: wrong in all that Windows-1252 serves.
_MISPLACED = re.compile(
    r"[a-zß-öø-ÿ][À-ÖØ-Þ]|[^\W\d_](?:[\u0080-¬®-³µ¶¸-¿×÷–—]|[‚-™]|[ˆ˜ƒ])[^\W\d_]",
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ILL_FORMED = re.compile("[\x00\ud800-\udfff]")
_SAMPLE = 32_768
_MAX_REPLACED = 0.01


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""Text, and the encoding that it was in.

    Attributes
    ----------
    text : str
        Without byte order mark; every newline is ``\n``.
    encoding : str
        Python's name of the encoding.
    """

    text: str
    encoding: str


def unify_newlines(text: str) -> str:
    r"""Write every newline as ``\n``: those of Windows (``\r\n``) and of the old Macintosh (``\r``) too."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def well_formed(text: str) -> str:
    """Put U+FFFD for NUL and lone surrogates, which neither UTF-8 nor every database can hold."""
    if text.isascii() and "\0" not in text:
        return text
    return _ILL_FORMED.sub("\ufffd", text)


def binary_kind(data: bytes) -> str | None:
    """Say what data is that cannot be text.

    Parameters
    ----------
    data : bytes
        A whole file or its beginning.

    Returns
    -------
    str or None
        What was found, such as ``"PDF"`` or ``"NUL bytes"``; None when the data may be text.
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic) and not (magic == b"BZh" and data[4:10] != b"1AY&SY"):
            return kind
    if _bom(data) not in (None, "utf-8-sig"):
        return None
    if b"\0" in data:
        return "NUL bytes"
    head = data[:_SNIFF]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _MAX_CONTROLS * len(head):
        return f"{controls / len(head):.0%} control characters"
    return None


def decode(data: bytes) -> Decoded | None:
    r"""Decode bytes of unknown encoding.

    Parameters
    ----------
    data : bytes
        Text in UTF-8, in UTF-16 or UTF-32 with a byte order mark, or in a legacy encoding.

    Returns
    -------
    Decoded or None
        None when no encoding fits. Newlines come out as ``\n``, a byte order mark is dropped, and no lone
        surrogate is ever in the text, so that it can be written as UTF-8.
    """
    marked = _bom(data)
    if marked is not None:
        wide = _strictly(data, marked)
        return wide and Decoded(well_formed(wide.text), marked)
    decoded = _strictly(data, "utf-8")
    for attempt in (_damaged_utf8, _western, _guessed):
        if decoded is None:
            decoded = attempt(data)
    return decoded


def _bom(data: bytes) -> str | None:
    return next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)


def _strictly(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(unify_newlines(data.decode(encoding)), encoding)
    except (UnicodeError, LookupError):
        return None


def _damaged_utf8(data: bytes) -> Decoded | None:
    """Take UTF-8 of which a little is cut or overwritten; chance alone makes no four good letters of five."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for _ in _NOT_ASCII.finditer(text)) - broken
    return Decoded(unify_newlines(text), "utf-8") if good >= 4 * broken else None


def _western(data: bytes) -> Decoded | None:
    """Take Windows-1252 when accents are as rare, and stand where, Western languages have them."""
    decoded = _strictly(data, "cp1252")
    if decoded is None:
        return None
    accents = sum(1 for _ in _NOT_ASCII.finditer(decoded.text))
    misplaced = sum(1 for _ in _MISPLACED.finditer(decoded.text))
    plausible = accents <= max(_FEW, _WESTERN_SHARE * len(data)) and misplaced <= max(1, 0.1 * accents)
    return decoded if plausible else None


def _guessed(data: bytes) -> Decoded | None:
    """Ask charset-normalizer, by a sample that begins at the first line with a byte beyond ASCII."""
    from charset_normalizer import from_bytes

    for match in from_bytes(_sample(data)):  # the likeliest first
        text = data.decode(match.encoding, "replace")
        if text.count("\ufffd") <= _MAX_REPLACED * len(text):
            return Decoded(unify_newlines(text), match.encoding)
    return None


def _sample(data: bytes) -> bytes:
    if len(data) <= _SAMPLE:
        return data
    first = re.search(rb"[\x80-\xff]", data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    sample = data[start : start + _SAMPLE]
    end = sample.rfind(b"\n")  # a cut at a newline splits no character
    return sample[:end] if end > 0 else sample
