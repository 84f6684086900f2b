"""JSON lines: one document a row, read row by row however large the file is; an array of them, too."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

from semhash.corpus.decoding import binary_kind
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.lines import lines
from semhash.corpus.rows import MAX_DEPTH, broken, document_of, kind_of_value
from semhash.corpus.source import Source

__all__ = ["JsonLines"]

_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_ARRAY = re.compile(rb"\[\s*+(?:\{|\]\s*+\Z|\Z)")
_GOES_ON = (b"{", b"[", b",", b":")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[{}\[\],]')
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
        for line in _rows(source):
            try:
                document = _document(source, line)
            except Skip as skip:
                yield Skipped(source.where, skip.reason, skip.detail)
            else:
                if document is not None:
                    yield document


def _rows(source: Source) -> Iterator[bytes | None]:
    """Return the rows that are not blank, None for one beyond the limit; count them in ``source.row``.

    A row is a line; in a file that is one JSON array, or whose objects go over several lines, it is an object.
    """
    source.row = 0
    ahead: list[bytes | None] = []
    given = iter(_opened(source))
    begin: list[bytes] = []
    for raw in given:
        line = raw.removeprefix(_UTF8_MARK) if raw and not ahead else raw
        ahead.append(line)
        begin += [line.strip()] if line and not line.isspace() else []
        if len(begin) == 2 or line is None:
            break
    every = chain(ahead, given)
    blank = True
    for line in _objects(every, source.config.max_bytes) if _is_spread(begin) else every:
        source.row += 1
        if line is None or (line and not line.isspace()):
            blank = False
            yield line
    if blank:
        raise Skip(SkipReason.EMPTY, "expected rows of JSON, found none")


def _is_spread(begin: list[bytes]) -> bool:
    """Say by its first two lines whether a file holds no object a line: one array of them, or objects on many lines."""
    if not begin:
        return False
    first, second = begin[0], begin[1] if len(begin) > 1 else b""
    if first.startswith(b"["):
        return _ARRAY.match(first) is not None
    return first.startswith(b"{") and first.endswith(_GOES_ON) and second.startswith((b'"', b"}"))


def _objects(given: Iterable[bytes | None], limit: int) -> Iterator[bytes | None]:
    """Return the objects of an array, or of a file, and whatever else stands between them; None for one too large."""
    spread = _Spread(limit)
    for line in given:
        yield from spread.rows_of(line)
    yield from spread.rest()


class _Spread:
    """Takes JSON apart into its outermost objects, a line at a time: no string goes over two."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depth = 0
        self._outside = 0
        self._pieces: list[bytes] = []
        self._size = 0

    def rows_of(self, line: bytes | None) -> Iterator[bytes | None]:
        """Return the objects that end on a line."""
        if line is None:
            self._size = self._limit + 1  # taken for a whole object, or a value of one
            if self._depth == self._outside:
                yield from self.rest()
            return
        begun = 0
        for token in _TOKEN.finditer(line):
            kind = token[0]
            if kind in b"{[":
                if kind == b"[" and self._depth == self._outside == 0:
                    self._outside = 1
                    begun = token.end()
                self._depth += 1
            elif kind in b"}]":
                self._depth -= 1
                if self._depth < self._outside:  # the end of the array
                    self._add(line[begun : token.start()])
                    self._depth = self._outside = 0
                    begun = token.end()
                    yield from self.rest()
                elif self._depth == self._outside:
                    self._add(line[begun : token.end()])
                    begun = token.end()
                    yield from self.rest()
            elif kind == b"," and self._depth == self._outside:
                self._add(line[begun : token.start()])
                begun = token.end()
                yield from self.rest()
        self._add(line[begun:])

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._limit:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def rest(self) -> Iterator[bytes | None]:
        """Return what was not told yet."""
        whole = None if self._size > self._limit else b"".join(self._pieces).strip()
        self._pieces.clear()
        self._size = 0
        if whole is None or whole:
            yield whole


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


def _document(source: Source, line: bytes | None) -> Document | None:
    """Make a document of one line; None if it is of another split."""
    if line is None:
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {source.config.max_bytes:,} bytes, found more")
    return document_of(_parsed(source, line), source)


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
