"""A catalogue to write, and to read."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy import Table

from semhash.catalogue.connections import Connected
from semhash.catalogue.entries import DocumentCode
from semhash.catalogue.file import writing
from semhash.catalogue.ledger import LEDGER
from semhash.catalogue.reading import CatalogueReader
from semhash.catalogue.tables import BUILDS, SCHEMA, SCHEMA_VERSION, SKIPPED

if TYPE_CHECKING:
    from semhash.corpus.document import Document, Skipped

__all__ = ["Catalogue"]

# Of pages of 8 kB less is left over, where rows of half a kilobyte end, than of SQLite's own 4.
_PRAGMAS = ("page_size = 8192", "synchronous = OFF", "journal_mode = OFF")
_SOME_WORDS = 1000  # as wide as most that will stand in its place
_ADD_DOCUMENT = (
    "INSERT INTO documents (row, id, title, path, split, metadata, digest, text, code, known_words) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_LABEL = "INSERT INTO labels (row, label) VALUES (?, ?)"
_ADD_NAME = "INSERT INTO names (row, words) VALUES (?, ?)"
_SET_CODE = "UPDATE documents SET code = ?, known_words = ? WHERE row = ?"


class Catalogue(CatalogueReader):
    """Reads and writes one catalogue file. Made by `create` or `open`; close it, or use it in ``with``."""

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
        with writing():
            connection = engine.connect()
            catalogue = cls(path, engine, Connected(connection))
            # The draft that it is part of is flushed to disk as a whole, and thrown away if anything fails.
            for pragma in (*_PRAGMAS, f"user_version = {SCHEMA_VERSION}"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            SCHEMA.create_all(connection)
            for statement in LEDGER:
                connection.exec_driver_sql(statement)
            connection.commit()
        return catalogue

    def add_documents(
        self, first_row: int, batch: Sequence[tuple["Document", bytes]], store_text: bool, code_bytes: int = 0
    ) -> None:
        """Add documents, each with the digest of its text, at rows that count up from `first_row`.

        `code_bytes` are left free for each one's code, so that nothing needs to make way for it when it is set.
        """
        from semhash.catalogue.packing import pack_all  # here, since a query writes nothing

        nothing: list[bytes | None] = [None] * len(batch)
        packed = pack_all([document.text for document, _ in batch]) if store_text else nothing
        code, known_words = (bytes(code_bytes), _SOME_WORDS) if code_bytes else (None, None)
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
                code,
                known_words,
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
        names = [(row, d.name_words) for row, (d, _) in enumerate(batch, first_row) if d.name_words]
        if names:
            self._write_all(_ADD_NAME, names)

    def add_skipped(self, batch: "Iterable[Skipped]") -> None:
        """Record what did not become a document."""
        rows = [{"path": s.path, "reason": str(s.reason), "detail": s.detail} for s in batch]
        self._insert(SKIPPED, rows)

    def set_codes(self, codes: Iterable[DocumentCode]) -> None:
        """Give documents that are in the catalogue their codes."""
        self._write_all(_SET_CODE, ((c.code, c.known_words, c.row) for c in codes))

    def add_build(self, **fields: Any) -> None:
        """Record one build; the fields are the columns of the ``builds`` table."""
        self._insert(BUILDS, [fields])

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        self._write(sa.insert(table), rows)

    def _write_all(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write many rows past SQLAlchemy, which takes longer to prepare them than SQLite to write them."""
        with writing(), self.lent() as connected, connected.connection.begin():
            connected.driver.executemany(statement, rows)

    def _write(self, statement: sa.Insert, values: list[dict[str, Any]]) -> None:
        if not values:
            return
        with writing(), self.lent() as connected, connected.connection.begin():
            connected.connection.execute(statement, values)
