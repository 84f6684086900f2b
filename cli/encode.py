"""``semhash encode``: from texts to codes."""

import codecs
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Annotated

import msgspec
import typer

from semhash.corpus.titles import one_line, with_title

from .console import emit_json, reports_errors, say
from .options import IndexPlace, Quiet, path

__all__ = ["encode"]

_BATCH = 512
_SHOWN = 10


class _Row(msgspec.Struct):
    id: str | int
    text: str
    title: str | None = None

    @property
    def counted(self) -> str:
        """What an index of this row would count."""
        return with_title(one_line(self.title or ""), self.text)


@reports_errors
def encode(
    file: Annotated[
        Path,
        typer.Argument(
            parser=path, metavar="FILE", help="JSONL with id and text, or plain lines; - for stdin."
        ),
    ] = Path("-"),
    index: IndexPlace = None,
    quiet: Quiet = False,
) -> None:
    """Give texts their codes, as JSONL.

    Each line holds id, code, bits and known_words. Bit i of a code is (code >> i) & 1. Of a file in an index the words
    of its name are encoded, too, and here those of the text alone. Plain lines are numbered from 1. A text without a
    known word gets a code all the same, with known_words 0.
    """
    from semhash.index import open_index

    broken: list[int] = []
    with open_index(index) as opened, _stream(file) as lines:
        rows = _rows(lines, broken)
        while batch := list(islice(rows, _BATCH)):
            encoded = opened.encode([row.counted for row in batch])
            for row, found in zip(batch, encoded, strict=True):
                emit_json({"id": row.id, **asdict(found)})
    if broken:
        shown = ", ".join(map(str, broken[:_SHOWN])) + (", …" if len(broken) > _SHOWN else "")
        say(f"skipped {len(broken)} lines: expected a JSON object with id and text at line {shown}", quiet)


def _stream(file: Path) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")


def _rows(lines: Iterable[bytes], broken: list[int]) -> Iterator[_Row]:
    """Give the rows of JSONL, or plain lines if the first does not begin as JSONL does; note the broken ones."""
    plain: bool | None = None
    for number, line in enumerate(lines, 1):
        given = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not given.strip():
            continue
        if plain is None:
            plain = not given.lstrip().startswith(b"{")
        if plain:
            yield _Row(str(number), given.decode("utf-8", errors="replace").rstrip("\r\n"))
        elif (row := _parsed(given)) is not None:
            yield row
        else:
            broken.append(number)


def _parsed(line: bytes) -> _Row | None:
    try:
        return msgspec.json.decode(line, type=_Row)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
