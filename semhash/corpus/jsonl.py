"""JSON lines: one document a row, read row by row however large the file is."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from semhash.corpus.decoding import binary_kind
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.lines import lines
from semhash.corpus.rows import FIELDS, MAX_DEPTH, broken, document_of, kind_of_value
from semhash.corpus.source import Source

__all__ = ["JsonLines"]

_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_UTF8_MARK = b"\xef\xbb\xbf"


class JsonLines:
    """Files called ``.jsonl`` or ``.ndjson``, with or without ``.gz``."""

    name = "JSON lines"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone, so that a damaged file is reported and not read as text."""
        return name.lower().endswith(_SUFFIXES)

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give a document for each row of the wanted split; blank lines are nothing.

        Raises
        ------
        Skip
            From here on the file cannot be read; rows given so far are good.
        """
        names = {field: source.config.fields.get(field, field) for field in FIELDS}
        for line in _lines(source):
            try:
                document = _document(source, names, line)
            except Skip as skip:
                yield Skipped(source.where, skip.reason, skip.detail)
            else:
                if document is not None:
                    yield document


def _lines(source: Source) -> Iterator[bytes | None]:
    """Give the lines that are not blank, None for one beyond the limit; count them in ``source.row``."""
    source.row = 0
    blank = True
    for raw in _opened(source):
        source.row += 1
        line = raw.removeprefix(_UTF8_MARK) if raw and source.row == 1 else raw
        if line is None or (line and not line.isspace()):
            blank = False
            yield line
    if blank:
        raise Skip(SkipReason.EMPTY, "expected rows of JSON, found none")


def _opened(source: Source) -> Iterator[bytes | None]:
    """Refuse what holds no lines; give the lines in UTF-8, whatever the file is in."""
    rows = source.head.removeprefix(_UTF8_MARK).lstrip().startswith(b"{")
    kind = None if rows else binary_kind(source.head)  # a stray NUL spoils its own row, not the file
    if kind is not None and source.name.lower().endswith(".gz"):
        raise Skip(SkipReason.UNREADABLE, f"expected gzip data, found {kind} and no gzip header")
    if kind is not None:
        raise Skip(SkipReason.BINARY, f"expected JSON lines, found {kind}")
    decision = source.decision()
    if decision.encoding in ("utf-8", ""):
        return lines(source.stream(), source.config.max_bytes)
    return (None if line is None else line.encode("utf-8", "replace") for line in source.lines())


def _document(source: Source, names: dict[str, str], line: bytes | None) -> Document | None:
    """Make a document of one line; None if it is of another split."""
    if line is None:
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {source.config.max_bytes:,} bytes, found more")
    return document_of(_parsed(source, line), source, names)


def _parsed(source: Source, line: bytes) -> dict[str, Any]:
    """Parse a line; for NaN, lone surrogates and damaged UTF-8 msgspec is too strict."""
    try:
        row = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeError):
        if not source.decision().encoding and not line.isascii():
            raise broken("a JSON object", "bytes in no known encoding") from None
        row = _parsed_leniently(source.decode(line))
    except RecursionError as error:
        raise broken(f"at most {MAX_DEPTH} levels of nesting", "more") from error
    if not isinstance(row, dict):
        raise broken("a JSON object", kind_of_value(row))
    return row


def _parsed_leniently(line: str) -> Any:
    try:
        return json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 20 else digits)
    except json.JSONDecodeError as error:
        found = f"{error.msg[0].lower()}{error.msg[1:]} at character {error.pos + 1}"
        raise broken("a JSON object", found) from error
    except RecursionError as error:
        raise broken(f"at most {MAX_DEPTH} levels of nesting", "more") from error
