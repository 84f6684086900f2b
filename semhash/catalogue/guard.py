"""What the file of a catalogue may hold, checked before any of it is believed: it may come from anywhere.

SQLite's own advice on files of unknown origin, https://www.sqlite.org/security.html, section 1.2: nothing that the
schema brings along is run, nothing is written, and no value takes more memory than one of ours can.
"""

import re
import sqlite3
import zlib
from typing import Any

from semhash.catalogue.ledger import LEDGER

__all__ = ["MAX_TEXT", "check_schema", "guard", "text_from", "unpacked"]

MAX_TEXT = 100_000_000
"""Texts of more bytes than this are not stored, and none that unpacks to more is read."""

_MAX_VALUE = 256_000_000
_PRAGMAS = ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON")
_TABLES = {"documents", "labels", "names", "skipped", "builds"} | {
    statement.split()[2] for statement in LEDGER
}
_PLAIN_INDEX = re.compile(r'CREATE (UNIQUE )?INDEX [\w"]+ ON \w+ \([\w", ]+\)')
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
_HIDDEN = (
    "SELECT m.name, x.name FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS x "
    "WHERE m.type = 'table' AND x.hidden <> 0"
)


def guard(connection: sqlite3.Connection) -> None:
    """Have SQLite run nothing out of a file that it reads, write nothing to it, and bound what it gives."""
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)


def check_schema(connection: sqlite3.Connection) -> None:
    """Look for what no catalogue of ours has: a view, a trigger, a virtual table, a column that is worked out.

    Raises
    ------
    ValueError
        It is there.
    """
    for kind, name, table, sql in connection.execute(_SCHEMA):
        plain = {
            "table": table in _TABLES and name == table and str(sql).startswith("CREATE TABLE "),
            "index": table in _TABLES and (sql is None or _PLAIN_INDEX.fullmatch(str(sql))),
        }
        if not plain.get(kind):
            raise ValueError(f"{kind} {name!r}, which no catalogue has")
    for table, column in connection.execute(_HIDDEN):
        raise ValueError(f"column {column!r} of {table!r}, which is worked out")


def text_from(value: Any) -> str:
    """Take a value for the text that it must be.

    Raises
    ------
    ValueError
        It is something else.
    """
    if not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} in place of a text")
    return value


def unpacked(packed: Any) -> str | None:
    """Unpack a stored text, None where none is stored.

    Raises
    ------
    ValueError, TypeError, zlib.error
        It is no text, or one of more than `MAX_TEXT` bytes.
    """
    if packed is None:
        return None
    stream = zlib.decompressobj()
    data = stream.decompress(packed, MAX_TEXT + 1)
    if len(data) > MAX_TEXT:
        raise ValueError(f"a text of more than {MAX_TEXT:,} bytes, packed into {len(packed):,}")
    if not stream.eof:
        raise ValueError("a text that is cut short")
    return data.decode()
