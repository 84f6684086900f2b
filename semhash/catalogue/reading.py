"""What can be read of a catalogue."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from semhash.catalogue.entries import CatalogueEntry, DocumentHead, ShownDocument
from semhash.catalogue.file import CatalogueFile, reading
from semhash.catalogue.guard import text_from, unpacked
from semhash.catalogue.ledger import has_encodings
from semhash.catalogue.passage import PASSAGE_FIELDS, passage_from
from semhash.catalogue.stored_text import StoredText
from semhash.catalogue.tables import DOCUMENTS, LABELS, NAMES, SKIPPED

if TYPE_CHECKING:
    from semhash.corpus.document import ReadAs, Skipped

__all__ = ["CatalogueReader"]

_BATCH = 500
_NAMES_SINCE = 3  # version of the schema
_PATHS = 10_000
_SHOWN = 16  # documents that one statement finds: mostly all hits of a page


class CatalogueReader(CatalogueFile):
    """A catalogue to read: documents by row and by id, and all that was skipped."""

    def count(self) -> int:
        """Give the number of documents."""
        [(found,)] = self._all(sa.select(sa.func.count()).select_from(DOCUMENTS))
        return int(found)

    def by_id(self, document_id: str) -> CatalogueEntry | None:
        """Give the document of an id, None when there is none."""
        return next(iter(self._entries(DOCUMENTS.c.id == document_id)), None)

    def by_rows(self, rows: Sequence[int]) -> dict[int, CatalogueEntry]:
        """Give the documents of some rows, by row."""
        found: dict[int, CatalogueEntry] = {}
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            found |= {entry.row: entry for entry in self._entries(DOCUMENTS.c.row.in_(some))}
        return found

    def shown(self, rows: Sequence[int], *, texts: bool = False) -> list[ShownDocument]:
        """Give what is shown of some documents, in the order of `rows`; one that is not there is left out."""
        documents, labels = _shown_statements(texts)
        shown: dict[int, ShownDocument] = {}
        # Past SQLAlchemy, which makes a statement's text anew each time: that takes longer than all else here.
        with reading(self._file), self.lent() as connected:
            for start in range(0, len(rows), _SHOWN):
                some = [*rows[start : start + _SHOWN]]
                some += some[-1:] * (_SHOWN - len(some))
                labelled: dict[int, tuple[str, ...]] = {}
                for row, label in connected.driver.execute(labels, some):
                    labelled[row] = (*labelled.get(row, ()), text_from(label))
                for row, *found in connected.driver.execute(documents, some):
                    name, title, path = map(text_from, found[:3])
                    place = passage_from(found[3])
                    text = StoredText(found[4], self._file) if texts and found[4] is not None else None
                    shown[row] = ShownDocument(row, name, title, path, labelled.get(row, ()), text, place)
        return [shown[row] for row in rows if row in shown]

    def texts(self, rows: Sequence[int]) -> dict[int, str | None]:
        """Return the texts of some documents, by row; None for one that is not stored."""
        statement = f"SELECT row, text FROM documents WHERE row IN ({', '.join('?' * _SHOWN)})"
        found: dict[int, str | None] = {}
        with reading(self._file), self.lent() as connected:
            for start in range(0, len(rows), _SHOWN):
                some = [*rows[start : start + _SHOWN]]
                some += some[-1:] * (_SHOWN - len(some))
                found |= {row: unpacked(text) for row, text in connected.driver.execute(statement, some)}
        return found

    def ids(self, rows: Sequence[int]) -> dict[int, str]:
        """Give only the ids of some rows, by row."""
        found: dict[int, str] = {}
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            query = sa.select(DOCUMENTS.c.row, DOCUMENTS.c.id).where(DOCUMENTS.c.row.in_(some))
            with reading(self._file):
                found |= {row.row: text_from(row.id) for row in self._all(query)}
        return found

    def select(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """Give what a query over `DOCUMENTS` and `LABELS` finds."""
        return self._all(query)

    def names(self, rows: Sequence[int] | None = None) -> dict[int, str]:
        """Give the words of their files' names that were counted with some documents, or all, by row."""
        found: dict[int, str] = {}
        if self.version < _NAMES_SINCE:
            return found
        query = sa.select(NAMES.c.row, NAMES.c.words)
        parts = [rows[start : start + _BATCH] for start in range(0, len(rows or ()), _BATCH)] if rows else []
        for some in [None] if rows is None else parts:
            asked = query if some is None else query.where(NAMES.c.row.in_(some))
            with reading(self._file):
                found |= {row.row: text_from(row.words) for row in self._all(asked)}
        return found

    def paths(self) -> Iterator[tuple[int, str]]:
        """Give row and path of every document, in order of their rows; no connection is held between them."""
        query = "SELECT row, path FROM documents WHERE row > ? ORDER BY row LIMIT ?"
        last = -1
        while True:
            with reading(self._file), self.lent() as connected:
                found = [
                    (int(row), text_from(path))
                    for row, path in connected.driver.execute(query, (last, _PATHS))
                ]
            yield from found
            if len(found) < _PATHS:
                return
            last, _ = found[-1]

    def digests(self) -> dict[str, bytes]:
        """Give the sha256 of each document's text, by id."""
        return {row.id: row.digest for row in self._all(sa.select(DOCUMENTS.c.id, DOCUMENTS.c.digest))}

    def heads(self) -> list[DocumentHead]:
        """Give what names each document, in order of their rows, without reading a text."""
        c = DOCUMENTS.c
        query = sa.select(c.row, c.id, c.title, c.path, c.digest, c.known_words).order_by(c.row)
        with reading(self._file):
            return [
                DocumentHead(
                    r.row,
                    text_from(r.id),
                    text_from(r.title),
                    text_from(r.path),
                    r.digest,
                    r.known_words or 0,
                )
                for r in self._all(query)
            ]

    def documents(self, label: str | None = None, limit: int | None = None) -> Iterator[CatalogueEntry]:
        """Give the documents in order of their rows, those of one label if one is named."""
        condition: sa.ColumnElement[bool] = sa.true()
        if label is not None:
            condition = DOCUMENTS.c.row.in_(sa.select(LABELS.c.row).where(LABELS.c.label == label))
        last = -1
        while limit is None or limit > 0:
            some = _BATCH if limit is None else min(_BATCH, limit)
            entries = self._entries(condition & (DOCUMENTS.c.row > last), some)
            yield from entries
            if len(entries) < some:
                return
            last = entries[-1].row
            limit = None if limit is None else limit - some

    def skipped(self) -> "list[Skipped]":
        """Give what did not become a document, in reading order."""
        from semhash.corpus.document import Skipped, SkipReason

        query = sa.select(SKIPPED.c.path, SKIPPED.c.reason, SKIPPED.c.detail).order_by(SKIPPED.c.number)
        with reading(self._file):
            return [
                Skipped(text_from(row.path), SkipReason(row.reason), text_from(row.detail))
                for row in self._all(query)
            ]

    def read_as(self) -> "list[ReadAs]":
        """Return how files were made text that were guessed or could not be read in full, the least sure first."""
        from semhash.corpus.document import ReadAs

        if not has_encodings(self.driver):
            return []
        query = (
            "SELECT f.path, e.encoding, e.confidence, e.n_replaced FROM encodings AS e JOIN files AS f "
            "ON f.number = e.file ORDER BY coalesce(e.confidence, 1), f.number"
        )
        with reading(self._file):
            return [
                ReadAs(text_from(path), text_from(encoding), None if sure is None else float(sure), int(n))
                for path, encoding, sure, n in self.driver.execute(query)
            ]

    def _all(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with reading(self._file), self.lent() as connected:
            return connected.connection.execute(query).all()

    def _entries(self, condition: sa.ColumnElement[bool], limit: int | None = None) -> list[CatalogueEntry]:
        rows = self._all(sa.select(DOCUMENTS).where(condition).order_by(DOCUMENTS.c.row).limit(limit))
        labels = self._labels([row.row for row in rows])
        with reading(self._file):
            return [_entry(row, labels.get(row.row, ())) for row in rows]

    def _labels(self, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
        query = sa.select(LABELS.c.row, LABELS.c.label).where(LABELS.c.row.in_(rows)).order_by(LABELS.c.label)
        found: dict[int, tuple[str, ...]] = {}
        for row in self._all(query):
            found[row.row] = (*found.get(row.row, ()), row.label)
        return found


def _entry(row: sa.Row[Any], labels: tuple[str, ...]) -> CatalogueEntry:
    return CatalogueEntry(
        row=row.row,
        id=text_from(row.id),
        title=text_from(row.title),
        path=text_from(row.path),
        split=None if row.split is None else text_from(row.split),
        labels=tuple(map(text_from, labels)),
        code=int.from_bytes(row.code or b"", "little"),
        known_words=row.known_words or 0,
        text=unpacked(row.text),
        metadata=row.metadata,
    )


@cache
def _shown_statements(texts: bool) -> tuple[str, str]:
    """Give the SQL that finds the documents, and the labels, of so many rows as are its parameters."""
    c, some = DOCUMENTS.c, range(_SHOWN)
    fields = ", ".join(f"'$.{name}'" for name in PASSAGE_FIELDS)
    place: sa.ColumnElement[str] = sa.literal_column(f"json_extract(documents.metadata, {fields})")
    columns = [c.row, c.id, c.title, c.path, place, *([c.text] if texts else [])]
    documents = sa.select(*columns).where(c.row.in_(some))
    labels = sa.select(LABELS.c.row, LABELS.c.label).where(LABELS.c.row.in_(some))
    dialect, written_out = sa.make_url("sqlite://").get_dialect()(), {"render_postcompile": True}
    return (
        str(documents.compile(dialect=dialect, compile_kwargs=written_out)),
        str(labels.order_by(LABELS.c.label).compile(dialect=dialect, compile_kwargs=written_out)),
    )
