"""The file of a catalogue: opened, checked, let go of, and what is told when it fails."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from semhash.catalogue.guard import check_schema, guard
from semhash.catalogue.tables import SCHEMA_VERSION
from semhash.errors import IndexDamagedError, IndexFolderError, IndexFormatError

__all__ = ["CatalogueFile", "reading", "writing"]

_READABLE = range(1, SCHEMA_VERSION + 1)
_NO_VALUE = (ValueError, TypeError, OverflowError, RecursionError)  # of what was not written by us


class CatalogueFile:
    """One catalogue file and the connection to it. Close it, or use it in ``with``."""

    def __init__(self, file: Path, engine: sa.Engine) -> None:
        self._file = file
        self._engine = engine
        self._connection = engine.connect()

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
            with reading(path):
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

    @cached_property
    def version(self) -> int:
        """The version of its schema."""
        [(version,)] = self.driver.execute("PRAGMA user_version")
        return int(version)

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._file

    def check(self) -> str | None:
        """Have SQLite check the whole file; give its complaint, None when there is none."""
        try:
            found = str(self._connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        except sa.exc.DatabaseError as error:
            return str(error.orig)
        return None if found == "ok" else found


def _teach_fnmatch(connection: sa.Connection) -> None:
    """Give SQL the function ``fnmatch(path, pattern)``, 1 where a path matches."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("fnmatch", 2, fnmatchcase, deterministic=True)


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Tell of whatever the file holds that is not what was written there."""
    try:
        yield
    except (sa.exc.DatabaseError, sqlite3.DatabaseError, zlib.error, *_NO_VALUE) as error:
        found = error.orig if isinstance(error, sa.exc.DatabaseError) else error
        raise IndexDamagedError(
            f"{file}: expected a sound SQLite catalogue, found: {found}; look closer with: semhash verify"
        ) from error


@contextmanager
def writing() -> Iterator[None]:
    """Tell of a full disk as all other writers do."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        raise OSError(f"catalogue: {error.orig}") from error
    except sqlite3.DatabaseError as error:
        raise OSError(f"catalogue: {error}") from error
