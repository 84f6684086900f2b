"""What of a message's plain text people wrote: lines rejoined, and what only programs read left out."""

import binascii
import quopri
import re
from collections.abc import Callable

__all__ = ["text_of_calendar", "text_of_enriched", "unflowed", "without_encoded"]

_QUOTED = re.compile(r"[>|][>| ]{0,40}")
_ENCODED = re.compile(  # a line that needs a closer look
    r"\n(?:[>|][>| ]{0,40})?"
    r"(?:begin [0-7]{3,4} |=ybegin |-----BEGIN |[A-Za-z0-9+/]{40}|M[ -`]{59}|\(This file must be conv)"
)
_LONG = re.compile(r"\n[^\n]{200}")
_UU_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,200})")
_UU_LINE = re.compile(r"[ -`]{2,64}")
_UU_FULL = re.compile(r"M[ -`]{60}[ -~]?")
_UU_RUN = 3  # lines, where no "begin" stands above them
_YENC_NAME = re.compile(r" name=(\S.{0,200})")
_ARMOUR = re.compile(r"-----BEGIN ([A-Z0-9 /-]{1,60})-----")
_ARMOUR_HEADER = re.compile(r"[A-Z][A-Za-z-]{0,40}: ")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}+={0,2}")
_BASE64_END = re.compile(r"[A-Za-z0-9+/]{2,}+={0,2}")
_BASE64_RUN = 3
_BLOB = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{200,}+={0,2}")
_BINHEX = "(This file must be converted with BinHex"
_BINHEX_LINE = re.compile(r":?[!-\-0-689@A-NP-VX-Z\[`a-fh-mp-r]{1,64}:?")
_KINDS_OF_SIGN = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_SPACE = re.compile(r"[ \t]+")

Attached = Callable[[str, bytes], str]
"""What is to stand for a file of some name and content."""


def without_encoded(text: str, attached: Attached = lambda name, _: name) -> str:
    """Leave out what is written in letters and is no text: uuencode, yEnc, BinHex, base64, PGP and PEM armour.

    Parameters
    ----------
    text : str
        The text of a message. Signed text stays, and only its armour goes.
    attached : callable
        Returns what is to stand for a file that was uuencoded; its name, unless said otherwise.

    Returns
    -------
    str
        The other lines as they stand, and the names of the files.
    """
    below = f"\n{text}"
    if not _ENCODED.search(below) and not _LONG.search(below):
        return text
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = _bare(lines[at])
        end, instead = at, ""
        for block in _BLOCKS:
            end, instead = block(lines, at, line, attached)
            if end > at:
                break
        else:
            kept.append(_BLOB.sub(lambda found: "" if _mixed(found[0]) else found[0], lines[at]))
        if instead:
            kept.append(instead)
        at = max(end, at + 1)
    return "\n".join(kept)


def _bare(line: str) -> str:
    """Return a line without the marks of a quotation, and without blanks at its end."""
    quoted = _QUOTED.match(line)
    return line[quoted.end() if quoted else 0 :].rstrip()


def _mixed(text: str) -> bool:
    """Say whether small letters, capitals and digits are in a text, as in what is encoded."""
    return all(kind.search(text) for kind in _KINDS_OF_SIGN)


_Block = tuple[int, str]  # where it ends (where it began, if there is none), and what stands for it


def _uuencoded(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    begin = _UU_BEGIN.fullmatch(line)
    if begin is None or at + 1 == len(lines):
        return at, ""
    end = at + 1
    while end < len(lines) and _is_uu(lines[end]):
        end += 1
    if end == at + 1 and lines[end].strip() not in ("`", "end"):
        return at, ""
    data = b"".join(map(_uu_bytes, lines[at + 1 : end]))
    return _behind_end(lines, end), attached(begin[1].strip(), data)


def _behind_end(lines: list[str], end: int) -> int:
    """Go past what ends a uuencoded file: an empty line of its kind, and the word."""
    rest = [line.strip() for line in lines[end : end + 2]]
    return end + (2 if rest[1:] == ["end"] and rest[0] in ("`", "") else rest[:1] in (["end"], ["`"]))


def _is_uu(line: str) -> bool:
    """Say whether a line is as long as its first sign says; blanks at its end may be lost on the way."""
    line = line.rstrip("\r")
    if not _UU_LINE.fullmatch(line):
        return False
    length = 1 + -(-((ord(line[0]) - 32) & 63) // 3) * 4
    return length > 1 and (length - 8 <= len(line) <= length + 2)


def _uu_bytes(line: str) -> bytes:
    length = 1 + -(-((ord(line[0]) - 32) & 63) // 3) * 4
    try:
        return binascii.a2b_uu(line[:length].encode("ascii"))
    except ValueError:
        return b""


def _uu_section(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    """Find the lines of a uuencoded file whose beginning came in another message."""
    end = at
    while end < len(lines) and _UU_FULL.fullmatch(lines[end].rstrip("\r")):
        end += 1
    if end - at < _UU_RUN:
        return at, ""
    if end + 1 < len(lines) and _is_uu(lines[end]) and lines[end + 1].strip() in ("`", "", "end"):
        end += 1
    return _behind_end(lines, end), ""


def _yenc(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    if not line.startswith("=ybegin "):
        return at, ""
    end = at + 1
    while end < len(lines) and lines[end].strip() and not lines[end].startswith("=yend"):
        end += 1
    end += end < len(lines) and lines[end].startswith("=yend")
    name = _YENC_NAME.search(line)
    return end, name[1] if name else ""


def _armour(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    begin = _ARMOUR.fullmatch(line)
    if begin is None:
        return at, ""
    in_clear = begin[1] == "PGP SIGNED MESSAGE"
    end, in_headers = at + 1, True
    while end < len(lines):
        line = _bare(lines[end])
        if in_headers and (not line or _ARMOUR_HEADER.match(line)):
            in_headers = bool(line)
            end += 1
            if in_clear and not line:
                break
        elif in_clear:
            break
        elif line.startswith("-----END "):
            return end + 1, ""
        elif not line or _is_armoured(line, _bare(lines[end + 1]) if end + 1 < len(lines) else ""):
            in_headers = False
            end += 1
        else:
            break
    return end, ""


def _is_armoured(line: str, after: str) -> bool:
    """Say whether a line is one of base64, or its sum, or a short one at its end."""
    last = _BASE64_END.fullmatch(line) and (line.endswith("=") or after.startswith(("=", "-----END ")))
    return bool(_BASE64.fullmatch(line) or line.startswith("=") or last)


def _base64(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    first = [_bare(line) for line in lines[at : at + _BASE64_RUN]]
    alike = all(_BASE64.fullmatch(found) and len(found) == len(line) for found in first)
    if len(first) < _BASE64_RUN or not alike or not _mixed("".join(first)):
        return at, ""
    end = at + _BASE64_RUN
    while end < len(lines) and _BASE64.fullmatch(found := _bare(lines[end])) and len(found) == len(line):
        end += 1
    last = _bare(lines[end]) if end < len(lines) else ""
    ends = _BASE64_END.fullmatch(last) and len(last) < len(line) and (len(last) % 4 == 0 or "=" in last)
    return end + bool(ends and (_mixed(last) or "=" in last or len(last) > 20)), ""


def _binhex(lines: list[str], at: int, line: str, attached: Attached) -> _Block:
    if not line.startswith(_BINHEX):
        return at, ""
    end = at + 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    if end == len(lines) or not lines[end].startswith(":"):
        return at, ""
    while end < len(lines) and _BINHEX_LINE.fullmatch(found := lines[end].rstrip()):
        end += 1
        if found.endswith(":"):
            break
    return end, ""


_BLOCKS = (_uuencoded, _yenc, _armour, _binhex, _uu_section, _base64)


def unflowed(text: str, delsp: bool = False) -> str:
    """Rejoin the lines of paragraphs that were broken on the way (``format=flowed``, RFC 3676).

    Parameters
    ----------
    text : str
        The text as it was sent.
    delsp : bool
        Whether the blank at which a line was broken is to go, as in languages without blanks.

    Returns
    -------
    str
        A paragraph a line; what was quoted keeps its marks.
    """
    paragraphs: list[str] = []
    pieces: list[str] = []
    before = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if pieces and (depth != before or bare == "-- "):
            paragraphs.append(_paragraph(before, pieces))
            pieces = []
        flows = bare.endswith(" ") and bare != "-- "
        pieces.append(bare[:-1] if flows and delsp else bare)
        before = depth
        if not flows:
            paragraphs.append(_paragraph(depth, pieces))
            pieces = []
    if pieces:
        paragraphs.append(_paragraph(before, pieces))
    return "\n".join(paragraphs)


def _paragraph(depth: int, pieces: list[str]) -> str:
    return (">" * depth + " " if depth else "") + "".join(pieces)


_ENRICHED_TAG = re.compile(r"<(/?)([A-Za-z0-9-]{1,60})>")


def text_of_enriched(text: str) -> str:
    """Strip the commands off enriched text (RFC 1896)."""
    pieces: list[str] = []
    end = hidden = 0
    escaped = text.replace("<<", "\0")
    for tag in _ENRICHED_TAG.finditer(escaped):
        if not hidden:
            pieces.append(escaped[end : tag.start()])
        if tag[2].lower() == "param":
            hidden = max(0, hidden + (-1 if tag[1] else 1))
        end = tag.end()
    pieces.append(escaped[end:])
    return "".join(pieces).replace("\0", "<")


_FOLD = re.compile(r"\n[ \t]")
_SOFT_FOLD = re.compile(r"=\n")
_SAID = frozenset(
    {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES", "FN", "ORG", "TITLE", "ROLE", "NOTE"}
)
_ASIDE = frozenset({"VALARM", "VTIMEZONE"})
_ESCAPED = re.compile(r"\\(.)")


def text_of_calendar(text: str) -> str:
    r"""Return what an appointment or a business card says in words (RFC 5545, RFC 6350).

    Parameters
    ----------
    text : str
        The file, every newline ``\n``.

    Returns
    -------
    str
        Summaries, descriptions, places, names and notes, each once; no times, and nothing of alarms.
    """
    said: dict[str, None] = {}
    aside = 0
    for line in _FOLD.sub("", _SOFT_FOLD.sub("", text) if "QUOTED-PRINTABLE" in text else text).split("\n"):
        head, _, value = line.partition(":")
        name, _, parameters = head.upper().partition(";")
        if name in ("BEGIN", "END") and value.strip().upper() in _ASIDE:
            aside += 1 if name == "BEGIN" else -1
        elif name.rpartition(".")[2] in _SAID and aside <= 0:
            if "QUOTED-PRINTABLE" in parameters:
                value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
            said[_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()] = None
    return "\n".join(value for value in said if value)
