"""From bytes to text: how a file is encoded is decided once, by all of its bytes, and then holds for each piece.

The order is: a byte order mark; UTF-16 and UTF-32 that show by their zeros; what the file declares; UTF-8, with a
little damage, or among lines in something else; what the user says; and only then a guess by `semhash.corpus.guessing`.
Bytes that fit nothing become U+FFFD, and are counted.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from semhash.charsets import codec_of
from semhash.corpus.document import Skip
from semhash.corpus.guessing import Ranking, ranked, with_prior

__all__ = [
    "UTF8",
    "Decision",
    "Decode",
    "Decoded",
    "Evidence",
    "binary_kind",
    "decode",
    "decode_alone",
    "evidence_of",
    "evidence_of_stream",
    "is_plain_utf8",
    "is_unreadable",
    "unify_newlines",
    "well_formed",
]

Decode = Callable[[bytes, str | None], str]
"""What makes text of some bytes of a file and of the character set that they are declared to be in, if any."""

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
_MARKS, _MAGICS = (tuple(start for start, _ in known) for known in (_BOMS, _MAGIC))
_CONTROLS = bytes(set(range(32)) - set(b"\b\t\n\f\r\x1b")) + b"\x7f"
_MAX_CONTROLS = 0.1
_SNIFF = 65_536

_ILL_FORMED = re.compile("[\x00\ud800-\udfff]")
_HIGH = bytes(range(128, 256))
_LEADS = bytes(range(192, 256))
_REPLACEMENT = "\ufffd"
_REPLACED = _REPLACEMENT.encode()
# ISO 2022 has no byte beyond ASCII: it switches between sets by escapes, which colours on a terminal do not have.
_ISO_2022 = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$[@B]|\x1b\([JI]"), "iso2022_jp_ext"),
)
_SEVEN_BITS = ("iso2022", "hz", "utf-7")
_WIDE = ("utf-16", "utf-32")
_ASCII_TEXT = bytes(range(32, 127)) + b"\0\t\n\r\f"
_BLOCK = 1 << 18
_SAMPLE = 32_768
_MUCH, _SCRAP = 1_000_000, 16_384  # bytes that are no UTF-8, after which so much of each block is looked at
_DAMAGED = 4  # letters that are whole for one that is broken: chance makes no four good ones of five
_MIXED = 0.1  # of what is not ASCII is UTF-8, by lines, where a file is a mixture
_SURELY = 5  # letters of UTF-8 are no chance in anything else
_DECLARED_WRONG = 0.1  # of the bytes beyond ASCII fit not, and what is declared is not believed
_SUREST = 0.999  # a guess is never certain
_MAX_REPLACED = 0.01  # of the characters of a text whose encoding was guessed
_DECLARED_WITHIN = 4096
_DECLARATION = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,300}?\b(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.-]{2,40})",
    re.IGNORECASE,
)
_COOKIE = re.compile(rb"^(?:.{0,200}\n)?.{0,200}?-\*-.{0,100}?coding[:=]\s{0,9}([\w.-]{2,40}).{0,100}?-\*-")


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
    for magic, kind in _MAGIC if data.startswith(_MAGICS) else ():
        if data.startswith(magic) and not (magic == b"BZh" and data[4:10] != b"1AY&SY"):
            return kind
    if _bom(data) not in (None, "utf-8-sig") or _wide(data) is not None:
        return None
    if b"\0" in data:
        return "NUL bytes"
    head = data[:_SNIFF]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _MAX_CONTROLS * len(head):
        return f"{controls / len(head):.0%} control characters"
    return None


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file is encoded.

    Attributes
    ----------
    encoding : str
        Python's name; empty where nothing fits.
    confidence : float or None
        How surely, from 0 to 1, where it was guessed; None where it is known.
    mixed : bool
        Lines that are UTF-8 stand among those in `encoding`.
    otherwise : str
        What the user says that whatever is no UTF-8 is in; empty where that is to be guessed.
    """

    encoding: str
    confidence: float | None = None
    mixed: bool = False
    otherwise: str = ""

    @property
    def wide(self) -> bool:
        """Whether a character takes two or four bytes, so that lines cannot be told by theirs."""
        return self.encoding.startswith(_WIDE)

    def text(self, data: bytes, label: str | None = None) -> tuple[str, int]:
        r"""Decode a file, or any piece of it that is whole lines.

        Parameters
        ----------
        data : bytes
            The piece, as it stands in the file or as it was taken out of base64 and the like.
        label : str or None
            The character set that it is declared to be in.

        Returns
        -------
        text : str
            Newlines are as they were; a byte order mark is dropped. It may hold NUL: see `well_formed`.
        n_replaced : int
            How many bytes, or pieces of characters, became U+FFFD.
        """
        declared = codec_of(label) if label else None
        marked = _bom(data)
        # In a file of one byte a letter, a line may begin with those of a mark of UTF-16.
        if marked == "utf-8-sig" or (marked is not None and (self.wide or self.encoding in ("utf-8", ""))):
            return _replacing(data, marked)
        if self.wide and b"\0" in data:
            return _replacing(data, self.encoding)
        if data.isascii():
            seven = declared if declared and declared.startswith(_SEVEN_BITS) else _iso_2022(data)
            return _replacing(data, seven) if seven else (data.decode("ascii"), 0)
        if declared is not None and declared.startswith(_WIDE):
            return _replacing(data, declared)
        if declared is not None and declared != "utf-8" and not _is_utf8(data, declared):
            text, n_replaced = _replacing(data, declared)
            if n_replaced <= max(1, _DECLARED_WRONG * _n_high(data)):
                return text, n_replaced
        return self._undeclared(data)

    def _undeclared(self, data: bytes) -> tuple[str, int]:
        utf8 = _strictly(data, "utf-8")
        if self.wide:  # UTF-8 is what was made of it
            return (utf8, 0) if utf8 is not None else _replacing(data, self.encoding)
        if self.encoding == "utf-8":
            return (utf8, 0) if utf8 is not None else self._unseen(data)
        if utf8 is not None and (self.mixed or _n_leads(data) >= _SURELY):
            return utf8, 0
        if self.mixed and b"\n" in data.rstrip(b"\n"):
            return _by_line(data, self)
        utf8_is_damaged = self.mixed and _is_damaged_utf8(data)
        return _replacing(data, "utf-8" if utf8_is_damaged else self.encoding or "ascii")

    def _unseen(self, data: bytes) -> tuple[str, int]:
        """Decode what is no UTF-8, in a file that is: it came out of base64, say."""
        own = evidence_of(data).decide(otherwise=self.otherwise)
        return _replacing(data, "utf-8") if own.encoding in ("utf-8", "") else own.text(data)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the bytes of a file say of how it is encoded.

    Attributes
    ----------
    known : Decision or None
        The decision, where nothing is to be guessed.
    ranking : Ranking
        Otherwise: what fits, the likeliest first.
    mixed : bool
        As of `Decision`.
    """

    known: Decision | None
    ranking: Ranking = ()
    mixed: bool = False

    def decide(self, prior: Mapping[str, float] | None = None, otherwise: str = "") -> Decision:
        """Decide.

        Parameters
        ----------
        prior : mapping of str to float or None
            As of `semhash.corpus.guessing.with_prior`.
        otherwise : str
            What the user says that whatever declares nothing and is no UTF-8 is in; empty to have it guessed.
        """
        if self.known is not None:
            return replace(self.known, otherwise=otherwise) if otherwise else self.known
        if otherwise:
            return Decision(otherwise, None, self.mixed, otherwise)
        ranking = with_prior(self.ranking, prior) if prior else self.ranking
        if not ranking:
            return Decision("", 0.0, self.mixed)
        (encoding, *_), share = ranking[0]
        return Decision(encoding, min(_SUREST, round(share, 3)), self.mixed)


UTF8 = Evidence(Decision("utf-8"))
"""What a file says that is UTF-8, or that is no text at all."""


def decode(data: bytes) -> Decoded | None:
    r"""Decode bytes of unknown encoding, which stand alone.

    Parameters
    ----------
    data : bytes
        Text in UTF-8, UTF-16 or UTF-32, or in a legacy encoding.

    Returns
    -------
    Decoded or None
        None when no encoding fits. Newlines come out as ``\n``, a byte order mark is dropped, and no lone
        surrogate is ever in the text, so that it can be written as UTF-8.
    """
    decision = evidence_of(data).decide()
    if not decision.encoding:
        return None
    text, n_replaced = decision.text(data)
    if is_unreadable(decision, text, n_replaced):
        return None
    return Decoded(well_formed(unify_newlines(text)), decision.encoding)


def decode_alone(data: bytes, label: str | None = None) -> str:
    """Decode a piece that belongs to no file, as it is declared, or as it looks."""
    return Decision("utf-8").text(data, label)[0]


def is_unreadable(decision: Decision, text: str, n_replaced: int) -> bool:
    """Say whether so much of a text was replaced that it is in no known encoding, whatever a sample of it was."""
    most = 0 if decision.wide else _MAX_REPLACED * len(text)
    return not decision.encoding or (decision.encoding != "utf-8" and n_replaced > most)


def is_plain_utf8(data: bytes) -> bool:
    """Say whether a whole file is UTF-8 or ASCII beyond doubt, as nearly all are."""
    return b"\0" not in data and b"\x1b" not in data and _strictly(data, "utf-8") is not None


def evidence_of(data: bytes) -> Evidence:
    """Return what some bytes that are whole say of how they are encoded."""
    return _evidence(iter([data]), data)


def evidence_of_stream(stream: BinaryIO) -> Evidence:
    """Return what all bytes of a file say of how it is encoded, read from its beginning in one pass."""

    def read() -> bytes:
        try:
            return stream.read(_BLOCK)
        except Skip:  # it is damaged where it is packed, which is told when it is read
            return b""

    first = read()

    def blocks() -> Iterator[bytes]:
        block = first
        while block:
            more = read()
            cut = _cut(block) if more else len(block)
            yield block[:cut]
            block = block[cut:] + more

    return _evidence(blocks(), first)


def _cut(block: bytes) -> int:
    """Return where a block may end without splitting a line, or else a character."""
    end = block.rfind(b"\n") + 1
    if end:
        return end
    tail = re.search(rb"[\x00-\x7f][\x80-\xff]*$", block[-64:])
    return len(block) - len(tail[0]) + 1 if tail and len(tail[0]) < len(block) else len(block)


def _evidence(blocks: Iterator[bytes], head: bytes) -> Evidence:
    marked = _bom(head) or _wide(head)
    if marked not in (None, "utf-8-sig"):
        return Evidence(Decision(marked or ""))
    tally = _Tally()
    for block in blocks:
        tally.add(block)
    if tally.escapes and not tally.n_foreign:
        return Evidence(Decision(tally.escapes, 0.99))
    if not tally.n_foreign:
        return UTF8
    mixed = marked is not None or tally.n_good >= max(1, _MIXED * tally.n_foreign)
    declared = _declared(head)
    if declared not in (None, "utf-8"):
        return Evidence(Decision(declared or "", None, mixed))
    return Evidence(None, ranked(tally.sample()), mixed)


class _Tally:
    """Counts what is UTF-8 in a file, and keeps of what is not a sample from all over it."""

    def __init__(self) -> None:
        self.n_good = 0  # letters of UTF-8
        self.n_foreign = 0  # bytes beyond ASCII in lines that are something else
        self.escapes = ""
        self._lines: list[bytes] = []
        self._size = 0
        self._met = 0
        self._every = 1

    def add(self, block: bytes) -> None:
        """Take the next bytes, whole lines where there are lines."""
        if block.isascii():
            if not self.escapes and b"\x1b" in block:
                self.escapes = _iso_2022(block) or ""
        elif _strictly(block, "utf-8") is not None:
            self.n_good += _n_leads(block)
        else:
            looked_at = block[: _cut(block[:_SCRAP])] if self.n_foreign > _MUCH else block
            for line in looked_at.splitlines(keepends=True):
                self._add_line(line, max(1, len(block) // max(1, len(looked_at))))

    def _add_line(self, line: bytes, times: int) -> None:
        """Take a line that stands for so many."""
        if line.isascii():
            return
        if _strictly(line, "utf-8") is not None or _is_damaged_utf8(line):
            self.n_good += times * _n_leads(line)
            return
        self.n_foreign += times * _n_high(line)
        if self._met % self._every == 0:
            self._lines.append(line[: 2 * _SAMPLE])
            self._size += len(self._lines[-1])
            while self._size > 2 * _SAMPLE and len(self._lines) > 1:
                self._lines = self._lines[::2]
                self._size = sum(map(len, self._lines))
                self._every *= 2
        self._met += 1

    def sample(self) -> bytes:
        """Return some lines in the order of the file; of one that is endless, its beginning."""
        return b"".join(self._lines)[:_SAMPLE] if len(self._lines) < 2 else b"".join(self._lines)


def _bom(data: bytes) -> str | None:
    if not data.startswith(_MARKS):
        return None
    return next(encoding for mark, encoding in _BOMS if data.startswith(mark))


def _wide(data: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without a mark by where the zeros are, and by what the characters would be."""
    if b"\0" not in data[:_SNIFF]:
        return None
    head = data[:4096]
    if head.isascii() and not head.translate(None, _ASCII_TEXT) and 5 * head.count(0) < len(head):
        return None  # a text of one byte a letter that holds a stray NUL
    for width, orders in ((4, ("utf-32-le", "utf-32-be")), (2, ("utf-16-le", "utf-16-be"))):
        if len(data) % width and len(data) < _SNIFF:
            continue
        for encoding in orders:
            text = _strictly(head[: len(head) // width * width], encoding)
            if text is None and width == 2:  # cut between two surrogates
                text = _strictly(head[: len(head) // width * width - 2], encoding)
            if text and _reads(text):
                return encoding
    return None


def _reads(text: str) -> bool:
    """Say whether characters are those of a text: letters nearly all, blanks among them, of few scripts."""
    plain = sum(1 for c in text if " " <= c <= "~" or c in "\n\r\t")
    odd = sum(1 for c in text if c not in "\n\r\t\f" and unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs"))
    pages = {ord(c) >> 8 for c in text if ord(c) > 255 and not 0x2E80 <= ord(c) < 0xD7A4}
    return not odd and plain >= max(1, 0.02 * len(text)) and len(pages) <= 2 + len(text) // 50


def _declared(head: bytes) -> str | None:
    """Return the codec of the character set that a page, XML or a source file says it is in."""
    start = head[:_DECLARED_WITHIN]
    found = _DECLARATION.search(start) if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else None
    found = found or _COOKIE.match(start)
    return codec_of(found[1].decode("ascii", "replace")) if found else None


def _iso_2022(data: bytes) -> str | None:
    return next((name for escape, name in _ISO_2022 if escape.search(data)), None)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _replacing(data: bytes, encoding: str) -> tuple[str, int]:
    text = _strictly(data, encoding)
    if text is not None:
        return text, 0
    text = data.decode(encoding, "replace")
    there = data.count(_REPLACED) if encoding.startswith("utf-8") else 0
    return text, max(0, text.count(_REPLACEMENT) - there)


def _by_line(data: bytes, decision: Decision) -> tuple[str, int]:
    pieces = [decision.text(line) for line in data.splitlines(keepends=True)]
    return "".join(text for text, _ in pieces), sum(n for _, n in pieces)


def _n_high(data: bytes) -> int:
    """Count the bytes beyond ASCII."""
    return len(data) - len(data.translate(None, _HIGH))


def _n_leads(data: bytes) -> int:
    """Count the bytes that begin a letter beyond ASCII, if it is UTF-8."""
    return len(data) - len(data.translate(None, _LEADS))


def _is_damaged_utf8(data: bytes) -> bool:
    """Say whether it is UTF-8 of which a little is cut or overwritten."""
    text = data.decode("utf-8", "replace")
    broken = text.count(_REPLACEMENT)
    good = sum(1 for character in text if character > "\x7f") - broken
    return good >= _DAMAGED * broken


def _is_utf8(data: bytes, declared: str) -> bool:
    """Say whether bytes that are declared to be something else are UTF-8.

    A word of two Chinese characters may be UTF-8 by chance: it is what it is declared to be where that fits, too.
    """
    text = _strictly(data, "utf-8")
    if text is None:
        return False
    double = declared in ("gb18030", "big5hkscs", "cp949", "cp932", "euc_jp")
    few = _n_leads(data) < _SURELY and max(text) < "\u0800" and _n_high(data) == len(data.strip())
    return not (double and few and _strictly(data, declared) is not None)
