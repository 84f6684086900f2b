"""JSON lines: one document a row, read row by row however large the file is."""

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from semhash.corpus.document import Document, Skipped, SkipReason
from semhash.corpus.source import Skip, Source
from semhash.corpus.titles import first_line, one_line, with_title
from semhash.decoding import binary_kind, decode, well_formed

__all__ = ["JsonLines"]

_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_FIELDS = ("id", "text", "title", "labels", "split")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_SCRAP = 65_536
_MAX_DEPTH = 100


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
        names = {field: source.config.fields.get(field, field) for field in _FIELDS}
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
    limit = source.config.max_bytes
    source.row = 0
    blank = True
    stream = _opened(source)
    while line := stream.readline(limit + 2):
        source.row += 1
        if source.row == 1:
            line = line.removeprefix(_UTF8_MARK)
        blank = blank and (not line or line.isspace())
        if len(line.removesuffix(b"\n").removesuffix(b"\r")) > limit:
            yield None
            while line and not line.endswith(b"\n"):
                line = stream.readline(_SCRAP)
        elif line and not line.isspace():
            yield line
    if blank:
        raise Skip(SkipReason.EMPTY, "expected rows of JSON, found none")


def _opened(source: Source) -> BinaryIO:
    """Refuse what holds no lines."""
    if source.head.startswith(_WIDE_MARKS):
        raise Skip(
            SkipReason.UNREADABLE, "expected JSON lines in UTF-8, found UTF-16 or UTF-32: convert the file"
        )
    rows = source.head.removeprefix(_UTF8_MARK).lstrip().startswith(b"{")
    kind = None if rows else binary_kind(source.head)  # a stray NUL spoils its own row, not the file
    if kind is not None and source.name.lower().endswith(".gz"):
        raise Skip(SkipReason.UNREADABLE, f"expected gzip data, found {kind} and no gzip header")
    if kind is not None:
        raise Skip(SkipReason.BINARY, f"expected JSON lines, found {kind}")
    return source.stream()


def _document(source: Source, names: dict[str, str], line: bytes | None) -> Document | None:
    """Make a document of one line; None if it is of another split."""
    if line is None:
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {source.config.max_bytes:,} bytes, found more")
    row = _parsed(line)
    split = _name(row, names["split"])
    if source.config.split is not None and split != source.config.split:
        return None
    text = _text(row, names["text"])
    title = one_line(_name(row, names["title"]) or "")
    others = {key: value for key, value in row.items() if key not in names.values()}
    return Document(
        id=_name(row, names["id"]) or source.where,
        text=with_title(title, text),
        title=title or first_line(text),
        path=source.name,
        labels=_labels(row, names["labels"]),
        split=split,
        metadata=_clean(others),
    )


def _parsed(line: bytes) -> dict[str, Any]:
    """Parse a line; for NaN, lone surrogates and legacy encodings msgspec is too strict."""
    try:
        row = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeError):
        row = _parsed_leniently(line)
    except RecursionError as error:
        raise _broken(f"at most {_MAX_DEPTH} levels of nesting", "more") from error
    if not isinstance(row, dict):
        raise _broken("a JSON object", _kind(row))
    return row


def _parsed_leniently(line: bytes) -> Any:
    decoded = decode(line)
    if decoded is None:
        raise _broken("a JSON object", "bytes in no known encoding")
    try:
        return json.loads(decoded.text, parse_int=lambda digits: int(digits) if len(digits) < 20 else digits)
    except json.JSONDecodeError as error:
        found = f"{error.msg[0].lower()}{error.msg[1:]} at character {error.pos + 1}"
        raise _broken("a JSON object", found) from error
    except RecursionError as error:
        raise _broken(f"at most {_MAX_DEPTH} levels of nesting", "more") from error


def _broken(expected: str, found: str) -> Skip:
    return Skip(SkipReason.BROKEN_ROW, f"expected {expected}, found {found}")


def _kind(value: object) -> str:
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return kinds.get(type(value), "a number")


def _text(row: dict[str, Any], field: str) -> str:
    if field not in row:
        names = one_line(", ".join(map(repr, row))) or "no field"
        raise _broken(f"a field {field!r} that holds the text (the option `fields` can name another)", names)
    if not isinstance(row[field], str):
        raise _broken(f"a string in {field!r}", _kind(row[field]))
    return well_formed(row[field])


def _name(row: dict[str, Any], field: str) -> str | None:
    """Read a short string; whole numbers are written out, null and blank are as good as missing."""
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _broken(f"a string in {field!r}", _kind(value))
    name = well_formed(str(value))
    return name if name.strip() else None


def _labels(row: dict[str, Any], field: str) -> tuple[str, ...]:
    value = row.get(field)
    labels = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(labels, list):
        raise _broken(f"a string or a list of strings in {field!r}", _kind(value))
    wrong = next((label for label in labels if not isinstance(label, str)), "")
    if wrong != "":
        raise _broken(f"a list of strings in {field!r}", f"{_kind(wrong)} among them")
    return tuple(dict.fromkeys(well_formed(label) for label in labels if label.strip()))


def _clean(value: Any, depth: int = 0) -> Any:
    """Keep to what any JSON reader takes: finite floats, 64-bit integers, strings of well-formed Unicode."""
    if depth > _MAX_DEPTH:
        raise _broken(f"at most {_MAX_DEPTH} levels of nesting", "more")
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(key): _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value
