"""``semhash export``: an index's documents and codes in files that others read."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from semhash.errors import ConfigError

from .console import bars, emit, emit_json, readable, reports_errors, say, stops_tidily
from .options import AsJson, IndexPlace, Quiet, path

__all__ = ["export"]

_STDOUT = "-"


class Format(StrEnum):
    """What is written: the names of `semhash.exchange.export.FORMATS`, here without what they load."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    FAISS = "faiss"


@reports_errors
def export(
    file: Annotated[
        Path,
        typer.Argument(
            parser=path,
            metavar="FILE",
            help="The file to write; - for standard output, which takes JSONL alone.",
        ),
    ],
    index: IndexPlace = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="jsonl and parquet hold every document with its code; faiss the codes alone, under the documents' "
            "rows. [default: what FILE ends in]",
        ),
    ] = None,
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Leave the documents' texts out.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that stands there.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write an index's documents and codes to a file.

    The file appears whole or not at all. faiss.read_index_binary opens a FAISS index; its ids are the rows that
    JSONL and Parquet have of every document, and its distances are exact.
    """
    from semhash.exchange.export import export_index
    from semhash.index import open_index

    stops_tidily()
    if str(file) == _STDOUT:
        _to_stdout(index, format, without_text, as_json, quiet)
        return
    with open_index(index) as opened, bars(quiet) as progress:
        written = export_index(
            opened,
            file,
            None if format is None else format.value,
            texts=not without_text,
            force=force,
            progress=progress,
        )
        left_out = len(opened) - written
    if as_json:
        emit_json({"file": readable(file), "n_documents": written, "n_left_out": left_out})
        return
    without = f"; {left_out:,} without a known word have no code" if left_out else ""
    emit(str(file))
    say(f"{written:,} documents written{without}", quiet)


def _to_stdout(
    index: Path | None, format: Format | None, without_text: bool, as_json: bool, quiet: bool
) -> None:
    """Write JSON lines on standard output, for another command to read."""
    if format not in (None, Format.JSONL) or as_json:
        found = "--json, which would stand among them" if as_json else f"--format {format}"
        raise ConfigError(
            f"-: expected to write JSON lines on standard output, found {found}; name a file, or leave that out"
        )
    from semhash.exchange.export import documents
    from semhash.index import open_index

    with open_index(index) as opened:
        for document in documents(opened, texts=not without_text):
            emit_json(document)
    sys.stdout.flush()
