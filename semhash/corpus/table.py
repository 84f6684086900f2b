"""Tables (CSV, RFC 4180, and TSV): a document a row, its text in the column that is called so."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from semhash.corpus.decoding import binary_kind, well_formed
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.records import Layout, Record, Records
from semhash.corpus.rows import FIELDS, KNOWN_NAMES, broken, document_of, fields_of
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line

__all__ = ["Table", "columns_of"]

_SUFFIXES = (".csv", ".tsv", ".tab")
_BY_RETURNS = re.compile(r"[^\r]*\r|[^\r]+")
_SAYS_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line, for Excel
_NUMBERED = re.compile(r"((?:^|(?<!\\),)\s*)column (\d{1,6})(?=\s*(?:,|$))", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_LONGEST_NAME = 80
_SAMPLE = 20
_SHOWN = 5


class Table:
    """Files called ``.csv``, ``.tsv`` or ``.tab``, whose first row names the columns."""

    name = "table"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone."""
        return name.lower().endswith(_SUFFIXES)

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Read a document from each row of the wanted split; the first row is number 1.

        Raises
        ------
        Skip
            No column can be the text, or from here on the file cannot be read; rows read so far are good.
        """
        kind = binary_kind(source.head)
        if kind is not None:
            raise Skip(SkipReason.BINARY, f"expected a table, found {kind}")
        source.row = 0
        records = Records(_lines(source), source.config.max_bytes)
        records.layout = Layout(_separator(source, records))
        first = next(
            (record for record in _counted(source, records) if any(map(str.strip, record.cells))), None
        )
        names = [] if first is None else [" ".join(name.replace('"', " ").split()) for name in first.cells]
        at, source.row = source.row, None
        if first is None or not any(name.strip(",;|") for name in names):
            raise Skip(SkipReason.EMPTY, "expected rows under the names of columns, found none")
        given = source.config.fields
        headless = any(map(_NUMBERED.search, given.values())) and not _looks_like_names(names)
        header = _distinct([""] * len(names) if headless else [well_formed(name) for name in names])
        given = {field: _by_number(name, header) for field, name in given.items()}
        columns_of(header, given)
        records.layout = Layout(records.layout.separator, len(header))
        source.row = at - 1 if headless else at
        for record in _counted(source, chain([first] if headless else [], records)):
            item = _item(source, given, header, record)
            if item is not None:
                yield item
        source.row = None
        if records.mended:
            yield _told(source, records.mended)


def columns_of(header: Sequence[str], fields: dict[str, str]) -> dict[str, str]:
    """Find the columns that hold what a document has, by their names in capitals or not.

    Parameters
    ----------
    header : sequence of str
        The names of the columns.
    fields : dict of str to str
        Those that the user names, as in `CorpusConfig.fields`.

    Returns
    -------
    dict of str to str
        The columns of those of `FIELDS` that the table has; several with commas between them.

    Raises
    ------
    Skip
        None of them can be the text.
    """
    found = fields_of(header, fields)
    if not found["text"]:
        wanted = (
            repr(fields["text"]) if "text" in fields else f"{', '.join(KNOWN_NAMES['text'][:5])} or the like"
        )
        there = one_line(", ".join(map(repr, header)))
        advice = "name one of them with --field text=COLUMN"
        if not _looks_like_names(header):
            advice = "where the first row names no columns, they are: --field 'text=column 2', counted from 1"
        raise Skip(SkipReason.NO_TEXT, f"expected a column called {wanted}, found {there}; {advice}")
    return {field: ",".join(path[0] for path in found[field]) for field in FIELDS if found[field]}


def _counted(source: Source, records: Iterable[Record]) -> Iterator[Record]:
    """Count the records in ``source.row``."""
    for record in records:
        source.row = (source.row or 0) + 1
        yield record


def _distinct(names: Sequence[str]) -> list[str]:
    """Give every column a name of its own: one without a name its number, one of the same name that of its kind."""
    found: dict[str, None] = {}
    times: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        called = base = name or f"column {number}"
        while called in found:
            times[base] = times.get(base, 1) + 1
            called = f"{base} ({times[base]})"
        found[called] = None
    return list(found)


def _looks_like_names(names: Sequence[str]) -> bool:
    """Say whether the first row can name columns: short, different from each other, and no numbers."""
    filled = [name for name in names if name]
    short = all(len(name) <= _LONGEST_NAME and not _NUMBER.fullmatch(name) for name in filled)
    return short and len(set(filled)) == len(filled)


def _by_number(given: str, header: Sequence[str]) -> str:
    """Put names for columns that are called by their numbers (``column 2``)."""

    def name(found: re.Match[str]) -> str:
        at = int(found[2]) - 1
        return found[1] + header[at].replace(",", "\\,") if 0 <= at < len(header) else found[0]

    return given if given in header else _NUMBERED.sub(name, given)


def _item(
    source: Source, given: dict[str, str], header: list[str], record: Record
) -> Document | Skipped | None:
    try:
        if record.overlong:
            limit = source.config.max_bytes
            raise Skip(SkipReason.TOO_LARGE, f"expected lines of at most {limit:,} bytes, found a longer one")
        cells = record.cells
        if not any(cells):
            return None
        if any(cells[len(header) :]):
            raise broken(
                f"{len(header)} cells, one for each column", f"{len(cells)}: is a separator not quoted?"
            )
        row = dict(zip(header, map(well_formed, cells), strict=False))
        if not fields_of(row, given)["text"]:
            text = columns_of(header, given)["text"]
            raise broken(f"a cell in column {text!r}", f"only {len(cells)} cells")
        return document_of(row, source, given)
    except Skip as skip:
        return Skipped(source.where, skip.reason, skip.detail)


def _told(source: Source, mended: Sequence[int]) -> Skipped:
    """Tell of rows whose quotes are not as they should be."""
    named = ", ".join(map(str, mended[:_SHOWN]))
    more = f" and {len(mended) - _SHOWN:,} more" if len(mended) > _SHOWN else ""
    return Skipped(
        source.name,
        SkipReason.QUOTE,
        f"expected quotes that close and are doubled inside of others, found other ones in {len(mended):,} "
        f"{'row' if len(mended) == 1 else 'rows'} ({named}{more}): read as what fits the columns; nothing is left out",
    )


def _separator(source: Source, records: Records) -> str:
    """Find what stands between cells, by the first lines; empty where there is one column."""
    sample = records.peek(_SAMPLE)
    says = _SAYS_SEPARATOR.fullmatch((sample[0] or "").strip("\r\n")) if sample else None
    if says is not None:
        next(_counted(source, records))
        return says[1]
    tabs = source.bare_name.lower().endswith((".tsv", ".tab"))
    best, separator = 0.0, ""
    for each in "\t,;|" if tabs else ",;\t|":
        score = _score(sample, each, source)
        if score > best:
            best, separator = score, each
    return separator


def _score(sample: Sequence[str | None], separator: str, source: Source) -> float:
    """Say how well a separator fits: whether it parts known names of columns, and rows as long as the header is."""
    records = Records(sample, source.config.max_bytes)
    records.layout = Layout(separator)
    found = iter(records)
    header = next((record.cells for record in found if any(map(str.strip, record.cells))), [])
    if len(header) < 2:
        return 0
    records.layout = Layout(separator, len(header))
    widths = [len(record.cells) for record in found if record.cells]
    names = [" ".join(name.split()) for name in header]
    given = source.config.fields
    known = bool(fields_of(names, given)["text"])
    fit = sum(width == len(header) for width in widths) / len(widths) if widths else 0
    return 0.01 + known + 2 * fit + min(len(header), 100) / 10_000


def _lines(source: Source) -> Iterator[str | None]:
    """Read line by line, as the file is encoded; None for a line that is too long."""
    for line in map(_sound, source.lines()):
        # Where the head has no newline of Unix or Windows, the old Macintosh's part the lines.
        if line is not None and "\r" in line and b"\n" not in source.head:
            yield from _BY_RETURNS.findall(line)
        else:
            yield line


def _sound(line: str | None) -> str | None:
    return None if line is None else well_formed(line)
