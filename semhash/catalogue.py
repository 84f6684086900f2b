"""The SQL side of an index: documents, labels, what was skipped, and how it was built, in one SQLite file.

A document's *row* is its place in every array of the index, counted from 0 in reading order.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

from semhash.catalogue_guard import check_schema, guard, text_from, unpacked
from semhash.errors import IndexDamagedError, IndexFolderError, IndexFormatError
from semhash.ledger import LEDGER
from semhash.packing import pack_all
from semhash.passage import PASSAGE_FIELDS, Passage, passage_from

if TYPE_CHECKING:
    from semhash.corpus.document import Document, Skipped

__all__ = [
    "BUILDS",
    "DOCUMENTS",
    "LABELS",
    "SCHEMA_VERSION",
    "Catalogue",
    "CatalogueEntry",
    "DocumentCode",
    "DocumentHead",
    "ShownDocument",
]

SCHEMA_VERSION = 2
_READABLE = (1, SCHEMA_VERSION)  # the first had no ledger
_BATCH = 500
_SHOWN = 16  # documents that one statement finds: mostly all hits of a page
_NO_VALUE = (ValueError, TypeError, OverflowError, RecursionError)  # of what was not written by us

_schema = MetaData()
_documents = Table(
    "documents",
    _schema,
    Column("row", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("split", Text),
    Column("metadata", sa.JSON, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="sha256 of the text in UTF-8"),
    Column("text", LargeBinary, comment="zlib; NULL when texts are not stored"),
    Column("code", LargeBinary, comment="little-endian; bit i of the code is (code >> i) & 1"),
    Column("known_words", Integer, comment="words of the text that are in the vocabulary"),
)
_labels = Table(
    "labels",
    _schema,
    Column("row", ForeignKey("documents.row"), primary_key=True),
    Column("label", Text, primary_key=True, index=True),
)
_skipped = Table(
    "skipped",
    _schema,
    Column("number", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("file", Integer, comment="the number of the file it is in; NULL when that is none to read"),
)
_builds = Table(
    "builds",
    _schema,
    Column("generation", Integer, primary_key=True),
    Column("created", Text, nullable=False, comment="ISO 8601, UTC"),
    Column("semhash_version", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("corpus", Text, nullable=False, comment="where the documents were read from"),
    Column("n_documents", Integer, nullable=False),
    Column("n_skipped", Integer, nullable=False),
)

_ADD_DOCUMENT = (
    "INSERT INTO documents (row, id, title, path, split, metadata, digest, text) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_LABEL = "INSERT INTO labels (row, label) VALUES (?, ?)"
_SET_CODE = "UPDATE documents SET code = ?, known_words = ? WHERE row = ?"

# What a filter is written in terms of.
DOCUMENTS, LABELS, BUILDS = _documents, _labels, _builds


@dataclass(frozen=True, slots=True)
class DocumentCode:
    """What the encoder said of one document.

    Attributes
    ----------
    row : int
        The document's row.
    code : bytes
        Its code, packed as in `semhash.codes`.
    known_words : int
        How many words of its text are in the vocabulary; with none, it has no address.
    """

    row: int
    code: bytes
    known_words: int


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What names a document, without its text.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path : as in `semhash.corpus.Document`
        What was read.
    digest : bytes
        sha256 of its text.
    known_words : int
        How many words of its text are in the vocabulary; with none, it has no address.
    """

    row: int
    id: str
    title: str
    path: str
    digest: bytes
    known_words: int


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One document as the catalogue holds it.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path, split, metadata : as in `semhash.corpus.Document`
        What was read.
    labels : tuple of str
        Its labels, sorted.
    code : int
        Its code; bit i is ``(code >> i) & 1``.
    known_words : int
        How many words of its text are in the vocabulary.
    text : str or None
        Its text, None when texts are not stored.
    """

    row: int
    id: str
    title: str
    path: str
    split: str | None
    labels: tuple[str, ...]
    code: int
    known_words: int
    text: str | None = field(repr=False)
    metadata: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """What is shown of one document.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path, labels, text : as in `CatalogueEntry`
        What was read; the text only if it was asked for.
    passage : Passage or None
        Where in a longer document it stands; None for one that is whole.
    """

    row: int
    id: str
    title: str
    path: str
    labels: tuple[str, ...]
    text: str | None = field(repr=False)
    passage: Passage | None = None


class Catalogue:
    """Reads and writes one catalogue file. Made by `create` or `open`; close it, or use it in ``with``."""

    def __init__(self, file: Path, engine: sa.Engine) -> None:
        self._file = file
        self._engine = engine
        self._connection = engine.connect()

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty catalogue at a path where no file is.

        Raises
        ------
        OSError
            It cannot be written; so do all methods that write.
        """
        anew = {"mode": "rwc", "uri": "true"}
        uri = path.absolute().as_uri()
        engine = sa.create_engine(sa.URL.create("sqlite", database=uri, query=anew))
        with _writing():
            catalogue = cls(path, engine)
            # The draft that it is part of is flushed to disk as a whole, and thrown away if anything fails.
            for pragma in ("synchronous = OFF", "journal_mode = OFF", f"user_version = {SCHEMA_VERSION}"):
                catalogue._connection.exec_driver_sql(f"PRAGMA {pragma}")
            _schema.create_all(catalogue._connection)
            for statement in LEDGER:
                catalogue._connection.exec_driver_sql(statement)
            catalogue._connection.commit()
        return catalogue

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a catalogue for reading only.

        Raises
        ------
        IndexDamagedError
            The file is no SQLite database, or lacks the tables.
        IndexFormatError
            Its schema version is not the one that this version of semhash reads.
        """
        # as_uri quotes what a path may hold and a URI may not: ?, # and %.
        uri = path.resolve().as_uri()
        read_only = {"mode": "ro", "immutable": "1", "uri": "true"}
        engine = sa.create_engine(sa.URL.create("sqlite", database=uri, query=read_only))
        try:
            with _reading(path):
                catalogue = cls(path, engine)
                guard(catalogue.driver)
                found = catalogue._connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                if found not in _READABLE:
                    raise IndexFormatError(
                        f"{path}: expected catalogue schema {SCHEMA_VERSION}, found {found}; "
                        "index the corpus again with this version of semhash, or use the version that wrote it"
                    )
                check_schema(catalogue.driver)
                _teach_fnmatch(catalogue._connection)
        except IndexFolderError:
            engine.dispose()
            raise
        return catalogue

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def driver(self) -> sqlite3.Connection:
        """The connection beneath, for what goes through SQL of its own."""
        connection = self._connection.connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        return connection

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._file

    # -- writing ------------------------------------------------------------------------------------------

    def add_documents(
        self, first_row: int, batch: Sequence[tuple["Document", bytes]], store_text: bool
    ) -> None:
        """Add documents, each with the digest of its text, at rows that count up from `first_row`."""
        nothing: list[bytes | None] = [None] * len(batch)
        packed = pack_all([document.text for document, _ in batch]) if store_text else nothing
        rows = (
            (
                row,
                document.id,
                document.title,
                document.path,
                document.split,
                json.dumps(document.metadata) if document.metadata else "{}",
                digest,
                text,
            )
            for row, ((document, digest), text) in enumerate(zip(batch, packed, strict=True), first_row)
        )
        labels = (
            (row, label)
            for row, (document, _) in enumerate(batch, first_row)
            for label in sorted(set(document.labels))
        )
        self._write_all(_ADD_DOCUMENT, rows)
        self._write_all(_ADD_LABEL, labels)

    def add_skipped(self, batch: "Iterable[Skipped]") -> None:
        """Record what did not become a document."""
        rows = [{"path": s.path, "reason": str(s.reason), "detail": s.detail} for s in batch]
        self._insert(_skipped, rows)

    def set_codes(self, codes: Iterable[DocumentCode]) -> None:
        """Give documents that are in the catalogue their codes."""
        self._write_all(_SET_CODE, ((c.code, c.known_words, c.row) for c in codes))

    def add_build(self, **fields: Any) -> None:
        """Record one build; the fields are the columns of the ``builds`` table."""
        self._insert(_builds, [fields])

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        self._write(sa.insert(table), rows)

    def _write_all(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write many rows past SQLAlchemy, which takes longer to prepare them than SQLite to write them."""
        with _writing(), self._connection.begin():
            self.driver.executemany(statement, rows)

    def _write(self, statement: sa.Insert, values: list[dict[str, Any]]) -> None:
        if not values:
            return
        with _writing(), self._connection.begin():
            self._connection.execute(statement, values)

    # -- reading ------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Give the number of documents."""
        [(found,)] = self._all(sa.select(sa.func.count()).select_from(_documents))
        return int(found)

    def by_id(self, document_id: str) -> CatalogueEntry | None:
        """Give the document of an id, None when there is none."""
        return next(iter(self._entries(_documents.c.id == document_id)), None)

    def by_rows(self, rows: Sequence[int]) -> dict[int, CatalogueEntry]:
        """Give the documents of some rows, by row."""
        found: dict[int, CatalogueEntry] = {}
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            found |= {entry.row: entry for entry in self._entries(_documents.c.row.in_(some))}
        return found

    def shown(self, rows: Sequence[int], *, texts: bool) -> list[ShownDocument]:
        """Give what is shown of some documents, in the order of `rows`; one that is not there is left out."""
        documents, labels = _shown_statements(texts)
        # Past SQLAlchemy, which makes a statement's text anew each time: that takes longer than all else here.
        driver: Any = self._connection.connection.driver_connection
        shown: dict[int, ShownDocument] = {}
        with _reading(self._file):
            for start in range(0, len(rows), _SHOWN):
                some = [*rows[start : start + _SHOWN]]
                some += some[-1:] * (_SHOWN - len(some))
                labelled: dict[int, tuple[str, ...]] = {}
                for row, label in driver.execute(labels, some):
                    labelled[row] = (*labelled.get(row, ()), text_from(label))
                for row, *found in driver.execute(documents, some):
                    name, title, path = map(text_from, found[:3])
                    place, text = passage_from(found[3]), unpacked(found[4]) if texts else None
                    shown[row] = ShownDocument(row, name, title, path, labelled.get(row, ()), text, place)
        return [shown[row] for row in rows if row in shown]

    def ids(self, rows: Sequence[int]) -> dict[int, str]:
        """Give only the ids of some rows, by row."""
        found: dict[int, str] = {}
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            query = sa.select(_documents.c.row, _documents.c.id).where(_documents.c.row.in_(some))
            with _reading(self._file):
                found |= {row.row: text_from(row.id) for row in self._all(query)}
        return found

    def select(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """Give what a query over `DOCUMENTS` and `LABELS` finds; ``fnmatch(path, pattern)`` is known to it."""
        return self._all(query)

    def digests(self) -> dict[str, bytes]:
        """Give the sha256 of each document's text, by id."""
        return {row.id: row.digest for row in self._all(sa.select(_documents.c.id, _documents.c.digest))}

    def heads(self) -> list[DocumentHead]:
        """Give what names each document, in order of their rows, without reading a text."""
        c = _documents.c
        query = sa.select(c.row, c.id, c.title, c.path, c.digest, c.known_words).order_by(c.row)
        with _reading(self._file):
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
            condition = _documents.c.row.in_(sa.select(_labels.c.row).where(_labels.c.label == label))
        last = -1
        while limit is None or limit > 0:
            some = _BATCH if limit is None else min(_BATCH, limit)
            entries = self._entries(condition & (_documents.c.row > last), some)
            yield from entries
            if len(entries) < some:
                return
            last = entries[-1].row
            limit = None if limit is None else limit - some

    def skipped(self) -> "list[Skipped]":
        """Give what did not become a document, in reading order."""
        from semhash.corpus.document import Skipped, SkipReason

        query = sa.select(_skipped.c.path, _skipped.c.reason, _skipped.c.detail).order_by(_skipped.c.number)
        with _reading(self._file):
            return [
                Skipped(text_from(row.path), SkipReason(row.reason), text_from(row.detail))
                for row in self._all(query)
            ]

    def check(self) -> str | None:
        """Have SQLite check the whole file; give its complaint, None when there is none."""
        try:
            found = str(self._connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        except sa.exc.DatabaseError as error:
            return str(error.orig)
        return None if found == "ok" else found

    def _all(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with _reading(self._file):
            return self._connection.execute(query).all()

    def _entries(self, condition: sa.ColumnElement[bool], limit: int | None = None) -> list[CatalogueEntry]:
        rows = self._all(sa.select(_documents).where(condition).order_by(_documents.c.row).limit(limit))
        labels = self._labels([row.row for row in rows])
        with _reading(self._file):
            return [_entry(row, labels.get(row.row, ())) for row in rows]

    def _labels(self, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
        query = (
            sa.select(_labels.c.row, _labels.c.label).where(_labels.c.row.in_(rows)).order_by(_labels.c.label)
        )
        found: dict[int, tuple[str, ...]] = {}
        for row in self._all(query):
            found[row.row] = (*found.get(row.row, ()), row.label)
        return found


def _teach_fnmatch(connection: sa.Connection) -> None:
    """Give SQL the function ``fnmatch(path, pattern)``, 1 where a path matches."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("fnmatch", 2, fnmatchcase, deterministic=True)


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
    c, some = _documents.c, range(_SHOWN)
    fields = ", ".join(f"'$.{name}'" for name in PASSAGE_FIELDS)
    place: sa.ColumnElement[str] = sa.literal_column(f"json_extract(documents.metadata, {fields})")
    columns = [c.row, c.id, c.title, c.path, place, *([c.text] if texts else [])]
    documents = sa.select(*columns).where(c.row.in_(some))
    labels = sa.select(_labels.c.row, _labels.c.label).where(_labels.c.row.in_(some))
    dialect, written_out = sa.make_url("sqlite://").get_dialect()(), {"render_postcompile": True}
    return (
        str(documents.compile(dialect=dialect, compile_kwargs=written_out)),
        str(labels.order_by(_labels.c.label).compile(dialect=dialect, compile_kwargs=written_out)),
    )


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Tell of whatever the file holds that is not what was written there."""
    try:
        yield
    except (sa.exc.DatabaseError, sqlite3.DatabaseError, zlib.error, *_NO_VALUE) as error:
        found = error.orig if isinstance(error, sa.exc.DatabaseError) else error
        raise IndexDamagedError(
            f"{file}: expected a sound SQLite catalogue, found: {found}; look closer with: semhash verify"
        ) from error


@contextmanager
def _writing() -> Iterator[None]:
    """Tell of a full disk as all other writers do."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        raise OSError(f"catalogue: {error.orig}") from error
    except sqlite3.DatabaseError as error:
        raise OSError(f"catalogue: {error}") from error
