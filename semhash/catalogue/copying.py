"""Documents from one catalogue to the next, as they are: by SQL, without a row passing through Python."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from semhash.catalogue.catalogue import Catalogue
from semhash.catalogue.tables import BUILDS, DOCUMENTS, LABELS, NAMES

__all__ = ["Run", "copy_builds", "copy_documents"]

Run = tuple[int, int, int]
"""Rows that lie together: the first and the last + 1 in the old catalogue, and the first in the new one."""


def copy_documents(catalogue: Catalogue, old: Path, runs: Sequence[Run]) -> None:
    """Copy documents with their labels, names, texts and codes from another catalogue, one of an earlier schema too.

    Parameters
    ----------
    catalogue : Catalogue
        Open for writing, without documents at the new rows.
    old : Path
        The file of the other.
    runs : sequence of Run
        Which, and where to.

    Raises
    ------
    OSError
        It cannot be written.
    """
    rows = [(new - first, first, stop) for first, stop, new in runs]
    with _attached(catalogue, old) as driver:
        there = {name for (name,) in driver.execute("SELECT name FROM old.sqlite_schema")}
        for table in (table for table in (DOCUMENTS, LABELS, NAMES) if table.name in there):
            columns = [column.name for column in table.columns if column.name != "row"]
            driver.executemany(
                f"INSERT INTO main.{table.name} (row, {', '.join(columns)}) SELECT row + ?, {', '.join(columns)} "
                f"FROM old.{table.name} WHERE row >= ? AND row < ?",
                rows,
            )


def copy_builds(catalogue: Catalogue, old: Path) -> None:
    """Copy the record of how an index was made so far."""
    with _attached(catalogue, old) as driver:
        columns = ", ".join(column.name for column in BUILDS.columns)
        driver.execute(f"INSERT INTO main.builds ({columns}) SELECT {columns} FROM old.builds")


@contextmanager
def _attached(catalogue: Catalogue, old: Path) -> Iterator[sqlite3.Connection]:
    driver = catalogue.driver
    try:
        driver.commit()
        driver.execute("ATTACH DATABASE ? AS old", (f"{old.resolve().as_uri()}?mode=ro&immutable=1",))
        try:
            yield driver
            driver.commit()
        finally:
            driver.rollback()
            driver.execute("DETACH DATABASE old")
    except sqlite3.Error as error:
        raise OSError(f"catalogue: {error}") from error
