"""``semhash encode``: from texts to codes."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Annotated

import msgspec
import typer

from .console import emit_json, reports_errors, say
from .options import IndexPlace, Quiet

__all__ = ["encode"]

_BATCH = 512
_SHOWN = 10


class _Row(msgspec.Struct):
    id: str | int
    text: str


@reports_errors
def encode(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSONL with id and text, or plain lines; - for stdin.")
    ] = Path("-"),
    index: IndexPlace = None,
    quiet: Quiet = False,
) -> None:
    """Give texts the codes that they would have in the index, as JSONL: id, code, bits, known_words.

    Bit i of a code is (code >> i) & 1. Plain lines are numbered from 1. A text without a known word gets a
    code all the same, with known_words 0.
    """
    from semhash.index import open_index

    broken: list[int] = []
    with open_index(index) as opened, _stream(file) as lines:
        rows = _rows(lines, broken)
        while batch := list(islice(rows, _BATCH)):
            encoded = opened.encode([row.text for row in batch])
            for row, found in zip(batch, encoded, strict=True):
                emit_json({"id": row.id, **asdict(found)})
    if broken:
        shown = ", ".join(map(str, broken[:_SHOWN])) + (", …" if len(broken) > _SHOWN else "")
        say(f"skipped {len(broken)} lines: expected a JSON object with id and text at line {shown}", quiet)


def _stream(file: Path) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")


def _rows(lines: Iterable[bytes], broken: list[int]) -> Iterator[_Row]:
    """Give the rows of JSONL, or of plain lines if the first line is no such row; note the broken ones."""
    plain: bool | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = None if plain else _parsed(line)
        if plain is None:
            plain = row is None
        if plain:
            yield _Row(str(number), line.decode("utf-8", errors="replace").rstrip("\r\n"))
        elif row is None:
            broken.append(number)
        else:
            yield row


def _parsed(line: bytes) -> _Row | None:
    try:
        return msgspec.json.decode(line, type=_Row)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
