"""The connections by which many threads read one catalogue: each is in the hands of one thread at a time."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, local

import sqlalchemy as sa

from semhash.errors import IndexClosedError

__all__ = ["Connections", "driver_of"]

_IDLE = 8
"""How many are kept for whoever asks next; those beyond are closed when they are given back."""
_PATIENCE = 10.0
"""Seconds that a fork waits for what is being read."""


class _Gate:
    """Lets threads read beside each other, and none while the process is being forked.

    SQLite has locks of its own, for memory and for what all connections share. Those that a thread holds at the moment
    of a fork stay locked in the child, where that thread is not.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._forks = 0
        self._thread = local()

    def __enter__(self) -> None:
        depth = getattr(self._thread, "depth", 0)
        if not depth:
            with self._changed:
                while self._forks:
                    self._changed.wait()
                self._inside += 1
        self._thread.depth = depth + 1

    def __exit__(self, *_: object) -> None:
        depth = self._thread.depth = getattr(self._thread, "depth", 1) - 1
        if not depth:
            with self._changed:
                self._inside -= 1
                if self._forks:
                    self._changed.notify_all()

    def shut(self) -> None:
        """Let nobody in, and wait until all others are out."""
        with self._changed:
            self._forks += 1
            own = min(1, getattr(self._thread, "depth", 0))
            self._changed.wait_for(lambda: self._inside <= own, _PATIENCE)

    def open(self) -> None:
        """Let them in again."""
        with self._changed:
            self._forks -= 1
            self._changed.notify_all()

    def begin(self) -> None:
        """Begin anew in a child, which has this thread alone."""
        self._changed, self._forks = Condition(), 0
        self._inside = min(1, getattr(self._thread, "depth", 0))


_gate = _Gate()
os.register_at_fork(before=_gate.shut, after_in_parent=_gate.open, after_in_child=_gate.begin)


class Connections:
    """Lends connections; opens one where none is idle, so that nobody waits for another.

    There are never more than threads that read at once, or `_IDLE` of them, whatever threads come and go. Those that
    a process has from before it was forked belong to its parent: the child leaves them alone and opens its own
    (https://www.sqlite.org/howtocorrupt.html, section 2.6). A fork waits until nothing is read.

    Parameters
    ----------
    file : Path
        What they read; for messages.
    connect : callable
        Opens a connection that any thread may use.
    """

    def __init__(self, file: Path, connect: Callable[[], sa.Connection]) -> None:
        self._file = file
        self._connect = connect
        self._idle: dict[int, list[sa.Connection]] = {}  # by process
        self._kept: dict[int, sa.Connection] = {}
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[sa.Connection]:
        """Lend a connection.

        Raises
        ------
        IndexClosedError
            They were closed.
        """
        with _gate:
            process = os.getpid()
            connection = self._take(process)
            try:
                yield connection
            except BaseException:
                # Whatever it was, it may have left a statement half done.
                if os.getpid() == process:
                    connection.close()
                raise
            if os.getpid() == process:
                self._give_back(self._idle[process], connection)

    def kept(self) -> sa.Connection:
        """Give one connection for good, the same each time: for who builds, not for many threads."""
        process = os.getpid()
        if process not in self._kept:
            with _gate:
                self._kept[process] = self._take(process)
        return self._kept[process]

    def close(self) -> None:
        """Close all that are idle; those that are lent are closed when they are given back."""
        self._closed = True
        with _gate:
            process = os.getpid()
            kept = self._kept.pop(process, None)
            if kept is not None:
                kept.close()
            _close_all(self._idle.get(process, []))

    def _take(self, process: int) -> sa.Connection:
        if self._closed:
            raise IndexClosedError(
                f"{self._file}: expected an open index, found one that was closed; "
                "open it again with: semhash.open_index"
            )
        try:
            return self._idle.setdefault(process, []).pop()
        except IndexError:
            return self._connect()

    def _give_back(self, idle: list[sa.Connection], connection: sa.Connection) -> None:
        if len(idle) >= _IDLE:
            connection.close()
            return
        idle.append(connection)
        if self._closed:  # meanwhile: either `close` has seen it in the list, or it is closed here
            _close_all(idle)


def driver_of(connection: sa.Connection) -> sqlite3.Connection:
    """Give what is beneath a connection, for what goes through SQL of its own."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _close_all(connections: list[sa.Connection]) -> None:
    while True:
        try:
            connection = connections.pop()
        except IndexError:
            return
        connection.close()
