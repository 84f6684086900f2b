"""Tables (CSV, RFC 4180, and TSV): a document a row, its text in the column that is called so."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain

from semhash.corpus.decoding import binary_kind, well_formed
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.rows import FIELDS, broken, document_of
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line

__all__ = ["Table", "columns_of"]

_SUFFIXES = (".csv", ".tsv", ".tab")
_SEPARATORS = ",;\t|"
_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "doc_id", "docid", "document_id"),
    "text": (
        *("text", "body", "content", "contents", "abstract", "description", "message", "article"),
        *("document", "passage", "review", "comment", "post", "summary", "question", "sentence"),
    ),
    "title": ("title", "subject", "headline", "name"),
    "labels": ("labels", "label"),
    "split": ("split",),
}


class Table:
    """Files called ``.csv``, ``.tsv`` or ``.tab``, whose first row names the columns."""

    name = "table"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix alone."""
        return name.lower().endswith(_SUFFIXES)

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give a document for each row of the wanted split; the first row is number 1.

        Raises
        ------
        Skip
            No column can be the text, or from here on the file cannot be read; rows given so far are good.
        """
        source.row = 0
        overlong: list[int] = []
        rows = _rows(source, overlong)
        header = [" ".join(well_formed(name).split()) for name in next(rows, [])]
        source.row = None
        if not any(header):
            raise Skip(SkipReason.EMPTY, "expected rows under the names of columns, found none")
        names = columns_of(header, source.config.fields)
        for number, row in enumerate(rows, 2):
            source.row = number
            if overlong:
                overlong.clear()
                detail = f"expected lines of at most {source.config.max_bytes:,} bytes, found a longer one"
                yield Skipped(source.where, SkipReason.TOO_LARGE, detail)
            elif any(row):
                item = _item(source, names, header, row)
                if item is not None:
                    yield item


def columns_of(header: Sequence[str], fields: dict[str, str]) -> dict[str, str]:
    """Find the columns that hold what a document has, by their names in capitals or not.

    Parameters
    ----------
    header : sequence of str
        The names of the columns.
    fields : dict of str to str
        Those that the user names, as in `CorpusConfig.fields`.

    Raises
    ------
    Skip
        None of them can be the text.
    """
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(column.lower(), column)
    names = {}
    for field in FIELDS:
        known = (fields[field].lower(),) if field in fields else _NAMES[field]
        names[field] = next((by_name[name] for name in known if name in by_name), fields.get(field, field))
    if names["text"] not in header:
        wanted = repr(fields["text"]) if "text" in fields else f"{', '.join(_NAMES['text'][:5])} or the like"
        found = one_line(", ".join(map(repr, header)))
        advice = "name one of them with --field text=COLUMN"
        raise Skip(SkipReason.NO_TEXT, f"expected a column called {wanted}, found {found}; {advice}")
    return names


def _item(
    source: Source, names: dict[str, str], header: list[str], row: list[str]
) -> Document | Skipped | None:
    try:
        if len(row) > len(header):
            raise broken(
                f"{len(header)} cells, one for each column", f"{len(row)}: is a separator not quoted?"
            )
        cells = dict(
            zip(reversed(header[: len(row)]), reversed(row), strict=True)
        )  # of two columns the first
        if names["text"] not in cells:
            raise broken(f"a cell in column {names['text']!r}", f"only {len(row)} cells")
        return document_of(cells, source, names)
    except Skip as skip:
        return Skipped(source.where, skip.reason, skip.detail)


def _rows(source: Source, overlong: list[int]) -> Iterator[list[str]]:
    """Give the rows; a number in `overlong` says that the row holds a line that was left out."""
    kind = binary_kind(source.head)
    if kind is not None:
        raise Skip(SkipReason.BINARY, f"expected a table, found {kind}")
    limit = source.config.max_bytes
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    text = _lines(source, overlong)
    first = next(text, "")
    tabs = source.bare_name.lower().endswith((".tsv", ".tab"))
    separator = "\t" if tabs else max(_SEPARATORS, key=first.count)
    size = 0

    def measured() -> Iterator[str]:
        nonlocal size
        for line in chain([first] if first else [], text):
            size += len(line)
            if size > limit + 2:
                raise broken(f"at most {limit:,} characters in a row", "more: is a quote not closed?")
            yield line

    try:
        for row in csv.reader(measured(), delimiter=separator):
            yield row
            size = 0
    except csv.Error as error:
        raise broken("a table to its end", f"{error}: is a quote not closed?") from error


def _lines(source: Source, overlong: list[int]) -> Iterator[str]:
    """Read line by line, as the file is encoded; a line that is too long is told of and left out."""
    for number, line in enumerate(source.lines(), 1):
        if line is None:
            overlong.append(number)
        yield "\n" if line is None else well_formed(line)
