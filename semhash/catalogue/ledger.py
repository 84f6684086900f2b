"""Where the documents of an index came from: the roots that were read, the files found there, and what was taken out.

Kept in the catalogue, beside the documents. Documents know their file by their rows, since those of a file lie
together. With it, an update reads nothing but what has changed.
"""

import os
import sqlite3
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from semhash.errors import IndexDamagedError

if TYPE_CHECKING:
    from semhash.corpus.document import ReadAs, Skipped

__all__ = [
    "CORPUS",
    "LEDGER",
    "Ledger",
    "Removed",
    "SourceFile",
    "has_encodings",
    "read_ledger",
    "write_ledger",
]

CORPUS = 0
"""The number of the root that is the corpus; what was added is numbered from 1 on, in the order of addition."""

LEDGER = (
    "CREATE TABLE roots (number INTEGER PRIMARY KEY, path BLOB NOT NULL)",
    "CREATE TABLE files (number INTEGER PRIMARY KEY, root INTEGER NOT NULL REFERENCES roots (number), "
    "path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER, digest BLOB, "
    "first_row INTEGER NOT NULL, n_documents INTEGER NOT NULL)",
    "CREATE TABLE removed (number INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, key BLOB, "
    "nth INTEGER NOT NULL)",
    "CREATE TABLE encodings (file INTEGER PRIMARY KEY REFERENCES files (number), encoding TEXT NOT NULL, "
    "confidence REAL, n_replaced INTEGER NOT NULL)",
)
"""What makes the tables. A root's path is as the operating system has it, which may be no text."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read.

    Attributes
    ----------
    root : int
        Where it was found: `CORPUS`, or the number of something added.
    path : str
        Relative to the corpus; of what was added, the whole path.
    size, mtime_ns, digest : as in `semhash.corpus.stamp.Stamp`
        Its state when it was read. Without a time it is looked at again.
    first_row, n_documents : int
        Its documents are the rows from `first_row` on, so many of them.
    read_as : ReadAs or None
        How it was made text, where its encoding was guessed or not all of it could be read.
    """

    root: int
    path: str
    size: int
    mtime_ns: int | None
    digest: bytes | None
    first_row: int
    n_documents: int
    read_as: "ReadAs | None" = None

    @property
    def rows(self) -> range:
        """The rows of its documents."""
        return range(self.first_row, self.first_row + self.n_documents)


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was taken out.

    Attributes
    ----------
    id : str
        What it was called where it was met last.
    path : str
        The file that it was in then.
    key : bytes or None
        What it is known by where its id is only its place in its file: the digest of its text, with its Message-ID if
        it has one. None in an index of an early version, until its file is read again.
    nth : int
        Which it is of those in the file that are the same, from 1.
    """

    id: str
    path: str
    key: bytes | None = None
    nth: int = 1


@dataclass(frozen=True)
class Ledger:
    """Where the documents of one generation came from.

    Attributes
    ----------
    roots : list of Path
        The corpus, then what was added.
    files : list of SourceFile
        In reading order; the number of a file is its place here.
    removed : list of Removed
        The documents that were taken out.
    skipped : list of (Skipped, int or None)
        What did not become a document, and the number of the file it is in; None for what is no file to read.
    """

    roots: list[Path]
    files: list[SourceFile]
    removed: list[Removed] = field(default_factory=list)
    skipped: "list[tuple[Skipped, int | None]]" = field(default_factory=list)

    @cached_property
    def number_by_path(self) -> dict[str, int]:
        """The number of the file of each path; files that share one, as bytes that are no text may, have none."""
        numbers: dict[str, int] = {}
        twice = set()
        for number, file in enumerate(self.files):
            if numbers.setdefault(file.path, number) != number:
                twice.add(file.path)
        return {path: number for path, number in numbers.items() if path not in twice}

    @cached_property
    def removed_by_id(self) -> dict[str, Removed]:
        """What was taken out, by the ids that it had last."""
        return {removed.id: removed for removed in self.removed}

    @cached_property
    def skipped_by_file(self) -> "dict[int, list[Skipped]]":
        """What was skipped inside each file."""
        found: dict[int, list[Skipped]] = {}
        for skipped, file in self.skipped:
            if file is not None:
                found.setdefault(file, []).append(skipped)
        return found

    def number_of(self, row: int) -> int:
        """Give the number of the file that a document is of."""
        return bisect_right(self._first_rows, row) - 1

    def check(self, n_documents: int) -> None:
        """Look whether every document is of one file, and every file of a root.

        Raises
        ------
        ValueError
            One is not, as in a file that was altered.
        """
        row = 0
        for file in self.files:
            if file.first_row != row or not 0 <= file.n_documents <= n_documents - row:
                raise ValueError(f"{file.path!r} with the rows {file.rows}, where row {row} is next")
            if not 0 <= file.root < len(self.roots):
                raise ValueError(f"{file.path!r} below a root that is none of {len(self.roots)}")
            row = file.rows.stop
        if self.files and row != n_documents:
            raise ValueError(f"files of {row} documents, where there are {n_documents}")
        wrong = [file for _, file in self.skipped if file is not None and not 0 <= file < len(self.files)]
        if wrong or not self.roots:
            raise ValueError(f"something of file {wrong[0]}" if wrong else "no corpus")

    @cached_property
    def _first_rows(self) -> list[int]:
        # Of files that begin at one row, all but the last are without documents.
        return [file.first_row for file in self.files]


def write_ledger(connection: sqlite3.Connection, ledger: Ledger) -> None:
    """Write into the tables of `LEDGER`, and into that of what was skipped; all are empty.

    Raises
    ------
    OSError
        It cannot be written.
    """
    try:
        _write(connection, ledger)
    except sqlite3.Error as error:
        raise OSError(f"catalogue: {error}") from error


def _write(connection: sqlite3.Connection, ledger: Ledger) -> None:
    roots = ((number, os.fsencode(root)) for number, root in enumerate(ledger.roots))
    connection.executemany("INSERT INTO roots VALUES (?, ?)", roots)
    files = (
        (number, f.root, f.path, f.size, f.mtime_ns, f.digest, f.first_row, f.n_documents)
        for number, f in enumerate(ledger.files)
    )
    connection.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", files)
    removed = ((number, r.id, r.path, r.key, r.nth) for number, r in enumerate(ledger.removed))
    connection.executemany("INSERT INTO removed VALUES (?, ?, ?, ?, ?)", removed)
    told = ((number, f.read_as) for number, f in enumerate(ledger.files))
    encodings = ((number, r.encoding, r.confidence, r.n_replaced) for number, r in told if r is not None)
    connection.executemany("INSERT INTO encodings VALUES (?, ?, ?, ?)", encodings)
    skipped = ((s.path, str(s.reason), s.detail, file) for s, file in ledger.skipped)
    connection.executemany("INSERT INTO skipped (path, reason, detail, file) VALUES (?, ?, ?, ?)", skipped)
    connection.commit()


_File = tuple[int, str, int, int | None, bytes | None, int, int]
_Encoding = tuple[int, str, float | None, int]
_Skip = tuple[str, str, str, int | None]
_Removed = tuple[str, str, bytes | None, int]
_KEYS_SINCE = 3  # version of the schema


def read_ledger(connection: sqlite3.Connection) -> Ledger:
    """Read what `write_ledger` wrote.

    Raises
    ------
    IndexDamagedError
        It is not what was written.
    """
    try:
        return _read(connection)
    except (sqlite3.Error, ValueError, TypeError) as error:
        [(_, _, file), *_] = connection.execute("PRAGMA database_list")
        raise IndexDamagedError(
            f"{file}: expected where the documents came from, found: {error}; look closer with: semhash verify"
        ) from error


def has_encodings(connection: sqlite3.Connection) -> bool:
    """Say whether a catalogue has the table ``encodings``, which came with its third schema."""
    return bool(connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'encodings'").fetchall())


def _read(connection: sqlite3.Connection) -> Ledger:
    from semhash.corpus.document import ReadAs, Skipped, SkipReason

    def rows(sql: str, kind: Any) -> Any:
        return msgspec.convert(connection.execute(sql).fetchall(), list[kind])

    roots = rows("SELECT path FROM roots ORDER BY number", tuple[bytes])
    files = rows(
        "SELECT root, path, size, mtime_ns, digest, first_row, n_documents FROM files ORDER BY number", _File
    )
    encodings = []
    if has_encodings(connection):
        encodings = rows("SELECT file, encoding, confidence, n_replaced FROM encodings", _Encoding)
    told = {file: ReadAs(files[file][1], *how) for file, *how in encodings if 0 <= file < len(files)}
    skipped = rows("SELECT path, reason, detail, file FROM skipped ORDER BY number", _Skip)
    [(version,)] = connection.execute("PRAGMA user_version")
    if version < _KEYS_SINCE:
        removed = rows("SELECT id, path, NULL, 1 FROM removed ORDER BY id", _Removed)
    else:
        removed = rows("SELECT id, path, key, nth FROM removed ORDER BY number", _Removed)
    return Ledger(
        roots=[Path(os.fsdecode(path)) for (path,) in roots],
        files=[replace(SourceFile(*row), read_as=told.get(number)) for number, row in enumerate(files)],
        removed=[Removed(*row) for row in removed],
        skipped=[(Skipped(path, SkipReason(reason), detail), file) for path, reason, detail, file in skipped],
    )
