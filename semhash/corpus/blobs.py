"""What is packed into letters inside a text, as base64 or by uuencode: no words, and left out."""

import re
from itertools import pairwise

__all__ = ["without_blobs"]

_LEAST = 48  # characters; a shorter run may be a word, a path or a key that somebody looks for
_IS_LONG = re.compile(rf"(?:\S{{0,{_LEAST - 1}}}+\s)*+\S{{{_LEAST}}}")  # goes over each character once
_CHANGES = 0.45  # of neighbours differ in kind: capital, small, digit; nearly two of three do in base64
_SIGNS = 1 / 12  # of the letters are ``/``, ``-`` or ``_``, at most: a path or a title in an address has more
# What is looked at begins where the run does, so that none is looked at twice.
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{48,}+={0,2}")
_DATA = re.compile(r"data:[\w.+/-]{0,80}(?:;[\w=.-]{0,40}){0,4}?;base64,[\w+/=%-]*+")
_LINE = re.compile(r"[>|\s]{0,20}+[A-Za-z0-9+/]{1,100}+={0,2}\s*+")
_BEGIN = re.compile(r"begin(?:-base64)? [0-7]{3,4} (.*)")
_UU_FULL = 61  # characters of a full line, which begins with M
_MAY_BE_UU = re.compile(r"^(?:begin(?:-base64)? [0-7]{3,4} |M[ -`]{57,61}$)", re.MULTILINE)
_UU = re.compile(r"[ -`]{2,62}")


def without_blobs(text: str) -> str:
    """Leave out of a text what is base64, a ``data:`` address, a key, or an attachment by uuencode.

    Parameters
    ----------
    text : str
        Any text; what is a word, a path, a digest or a sequence of one kind of letters stays.
    """
    uu = "\nbegin" in text or text.startswith("begin") or "\nM" in text
    if uu and _MAY_BE_UU.search(text):
        text = _without_uu(text)
    elif not _IS_LONG.match(text):
        return text
    if ";base64," in text:
        text = _DATA.sub("", text)
    return _without_base64(text) if _RUN.search(text) else text


def _without_base64(text: str) -> str:
    """Leave out runs that look drawn by lot, and lines of the same letters next to them."""
    kept: list[str] = []
    within = False
    for line in text.split("\n"):
        rest = _RUN.sub(_unless_random, line)
        if rest != line and not rest.strip(" \t\r>|"):
            within = True  # a whole line of it: what ends a block is shorter
        elif within and _LINE.fullmatch(line) and _ends_a_block(line.strip(" \t\r>|")):
            within = False
        else:
            within = False
            kept.append(rest)
    return "\n".join(kept)


def _unless_random(run: re.Match[str]) -> str:
    return "" if _is_random(run[0]) else run[0]


def _is_random(run: str) -> bool:
    kinds = ["A" if letter.isupper() else "a" if letter.islower() else "0" for letter in run]
    changes = sum(1 for one, other in pairwise(kinds) if one != other)
    signs = sum(map(run.count, "/-_"))
    return len(set(kinds)) == 3 and changes >= _CHANGES * len(run) and signs <= _SIGNS * len(run)


def _ends_a_block(line: str) -> bool:
    return line.endswith("=") or line.startswith("=") or (len(line) % 4 == 0 and not line.isalpha())


def _without_uu(text: str) -> str:
    """Leave out attachments by uuencode, but for their names; a message may hold the middle of one only."""
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        begin = _BEGIN.fullmatch(lines[at])
        end = _end_of_uu(lines, at + 1 if begin else at)
        if end - at >= (2 if begin else 3):
            kept += [begin[1]] if begin else []
            at = end
        else:
            kept.append(lines[at])
            at += 1
    return "\n".join(kept)


def _end_of_uu(lines: list[str], at: int) -> int:
    """Find where full lines end, and the shorter one, the empty one and ``end`` behind them."""
    start = at
    while (
        at < len(lines)
        and lines[at][:1] == "M"
        and len(lines[at].rstrip()) <= _UU_FULL + 1
        and _is_uu(lines[at])
    ):
        at += 1
    if (
        at < len(lines)
        and _is_uu(lines[at])
        and at + 1 < len(lines)
        and lines[at + 1].strip(" `") in ("", "end")
    ):
        at += 1
    if at > start:
        for last in ("", "end"):
            at += at < len(lines) and lines[at].strip(" `") == last
    return at


def _is_uu(line: str) -> bool:
    """Say whether a line is as long as its first letter says."""
    coded = -(-((ord(line[0]) - 32) & 63) // 3) * 4 if line else -1
    return _UU.fullmatch(line) is not None and coded - 3 <= len(line) - 1 <= coded + 1
