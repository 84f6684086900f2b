"""What a terminal would show of a text: colours, moves of the cursor and overwritten states are no words."""

import codecs
import re

__all__ = ["as_shown", "last_states"]

# ECMA-48: control sequences, strings to the terminal (a link, OSC 8, stands around its text), and other escapes.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]?|\][^\x07\x1b\n]*+(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*+(?:\x1b\\)?|[ -/]*+[0-~]?)"
    r"|\x9b[0-?]*+[ -/]*+[@-~]"
)
_WRITTEN_OUT = re.compile(r"\^\[\[\d[\d;]{0,20}[A-Za-z]")  # as `cat -v` writes them
_BARE = re.compile(
    r"(?<![1be3])\[\d{1,2}(?:;\d{1,3}){0,5}m(?!\])"
)  # where the escape was lost, and not written as \\x1b
_CHAT = re.compile(
    r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d-\x1f]"
)  # as IRC has colours and bold
_GAME = re.compile(r"\xa7[0-9a-fk-or]", re.IGNORECASE)  # as Minecraft has them; \xa7r ends them
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_RETURN = re.compile(rb"\r[^\r\n]")
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]{2,}")
_PROGRESS = re.compile(rb"[\d%#=|/\\]|\.\.\.")
_LONGEST_STATE = 500  # bytes; a line of a terminal is shorter


def last_states(data: bytes) -> bytes:
    r"""Leave out what a carriage return has the terminal overwrite: ``10%\r20%\r100%`` shows ``100%``.

    Parameters
    ----------
    data : bytes
        A file. One whose lines end in nothing but carriage returns is of an old Macintosh, and stays as it is.

    Returns
    -------
    bytes
        Of states that say the same with other figures, the last; all other lines, whatever they end in.
    """
    if b"\n" not in data or data.startswith(_WIDE) or not _RETURN.search(data):
        return data
    lines = data.split(b"\n")
    return b"\n".join(_last(line) if b"\r" in line.rstrip(b"\r") else line for line in lines)


def _last(line: bytes) -> bytes:
    kept: list[bytes] = []
    for state in filter(bytes.strip, line.split(b"\r")):
        if kept and _alike(kept[-1], state):
            kept[-1] = state
        else:
            kept.append(state)
    return b"\r".join([*kept, b""] if line.endswith(b"\r") else kept)


def _alike(first: bytes, second: bytes) -> bool:
    states = (first, second)
    if max(map(len, states)) > _LONGEST_STATE or not all(map(_PROGRESS.search, states)):
        return False
    one, other = (set(_LETTERS.findall(state)) for state in states)
    return 2 * len(one & other) >= min(len(one), len(other))


def as_shown(text: str) -> str:
    r"""Take escape sequences out of a text, and do what its backspaces say, as in ``N\bNA\bAM\bME\bE``.

    Parameters
    ----------
    text : str
        Any text, such as a log or a manual page as it was printed.
    """
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    if "[" in text:
        if "^[[" in text:
            text = _WRITTEN_OUT.sub("", text)
        if "[0m" in text:
            text = _BARE.sub("", text)
    if "\x02" in text or "\x03" in text or "\x0f" in text:
        text = _CHAT.sub("", text)
    if "\xa7r" in text:
        text = _GAME.sub("", text)
    if "\b" in text:
        text = "\n".join(_overstruck(line) if "\b" in line else line for line in text.split("\n"))
    return text


def _overstruck(line: str) -> str:
    """Type a line as a terminal does; an underscore under a letter is left out, whichever came first."""
    shown: list[str] = []
    at = 0
    for letter in line:
        if letter == "\b":
            at = max(0, at - 1)
        elif at < len(shown):
            shown[at] = shown[at] if letter == "_" else letter
            at += 1
        else:
            shown.append(letter)
            at += 1
    return "".join(shown)
