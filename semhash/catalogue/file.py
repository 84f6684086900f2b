"""The file of a catalogue: opened, checked, let go of, and what is told when it fails."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from semhash.catalogue.connections import Connected, Connections
from semhash.catalogue.guard import check_schema, guard
from semhash.catalogue.tables import SCHEMA_VERSION
from semhash.errors import IndexDamagedError, IndexFormatError
from semhash.once import once

__all__ = ["CatalogueFile", "reading", "writing"]

_READABLE = range(1, SCHEMA_VERSION + 1)
NO_VALUE = (ValueError, TypeError, OverflowError, RecursionError)  # of what was not written by us


class CatalogueFile:
    """One catalogue file and the connections to it. Close it, or use it in ``with``.

    Many threads may read one that was opened. One that was created is written by a single connection, in one thread.

    Parameters
    ----------
    file : Path
        Where it is.
    engine : Engine
        Connects with it.
    writer : Connected or None
        The connection by which it is written, and read too; None for a file that is only read.
    """

    def __init__(self, file: Path, engine: sa.Engine, writer: Connected | None = None) -> None:
        self._file = file
        self._engine = engine
        self._writer = writer
        self._readers = Connections(file, self._connected)

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
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=uri, query=read_only),
            poolclass=NullPool,
            connect_args={
                "check_same_thread": False
            },  # `Connections` sees to it that one thread uses it at a time
        )
        catalogue = cls(path, engine)
        with catalogue._readers.one():
            return catalogue

    def close(self) -> None:
        """Let go of the file; what is being read just now is read to its end."""
        self._readers.close()
        if self._writer is not None:
            self._writer.close()
        self._engine.dispose()

    def lent(self) -> AbstractContextManager[Connected]:
        """Lend a connection to one thread."""
        return self._readers.one() if self._writer is None else nullcontext(self._writer)

    def _connected(self) -> Connected:
        """Connect for reading, and check what may be believed of the file."""
        with reading(self._file):
            connected = Connected(self._engine.connect())
            try:
                guard(connected.driver)
                [(found,)] = connected.driver.execute("PRAGMA user_version")
                if found not in _READABLE:
                    raise IndexFormatError(
                        f"{self._file}: expected catalogue schema {SCHEMA_VERSION}, found {found}; "
                        "index the corpus again with this version of semhash, or use the version that wrote it"
                    )
                check_schema(connected.driver)
            except BaseException:
                connected.close()
                raise
        return connected

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def driver(self) -> sqlite3.Connection:
        """What is beneath a connection that is kept for one who builds, in one thread; see `lent`."""
        return (self._readers.kept() if self._writer is None else self._writer).driver

    @once
    def version(self) -> int:
        """The version of its schema."""
        with self.lent() as connected:
            [(version,)] = connected.driver.execute("PRAGMA user_version")
        return int(version)

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._file

    def check(self) -> str | None:
        """Have SQLite check the whole file; give its complaint, None when there is none."""
        try:
            with self.lent() as connected:
                found = str(connected.connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        except sa.exc.DatabaseError as error:
            return str(error.orig)
        return None if found == "ok" else found


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Tell of whatever the file holds that is not what was written there."""
    try:
        yield
    except (sa.exc.DatabaseError, sqlite3.DatabaseError, zlib.error, *NO_VALUE) as error:
        found = error.orig if isinstance(error, sa.exc.DatabaseError) else error
        raise unsound(file, found) from error


def unsound(file: Path, found: object) -> IndexDamagedError:
    """Return an error that tells what was found in a catalogue."""
    return IndexDamagedError(
        f"{file}: expected a sound SQLite catalogue, found: {found}; look closer with: semhash verify"
    )


@contextmanager
def writing() -> Iterator[None]:
    """Tell of a full disk as all other writers do."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        raise OSError(f"catalogue: {error.orig}") from error
    except sqlite3.DatabaseError as error:
        raise OSError(f"catalogue: {error}") from error
