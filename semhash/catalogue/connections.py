"""The connections by which many threads read one catalogue: each is in the hands of one thread at a time."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import RLock
from types import TracebackType
from weakref import WeakSet

import sqlalchemy as sa

from semhash.errors import IndexClosedError

__all__ = ["Connected", "Connections"]

_IDLE = 8
"""How many are kept for whoever asks next; those beyond are closed when they are given back."""

_PATIENCE = 10.0
"""Seconds that a fork waits for what is being read."""


class Connected:
    """A connection.

    Parameters
    ----------
    connection : Connection
        Of SQLAlchemy.

    Attributes
    ----------
    driver : sqlite3.Connection
        What is beneath it, for what goes through SQL of its own.
    """

    __slots__ = ("__weakref__", "connection", "driver", "lock")

    def __init__(self, connection: sa.Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self.connection, self.driver, self.lock = connection, driver, RLock()

    def close(self) -> None:
        """Close it."""
        with self.lock:
            self.connection.close()


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

    def __init__(self, file: Path, connect: Callable[[], Connected]) -> None:
        self._file = file
        self._connect = connect
        self._idle: dict[int, list[Connected]] = {}  # by process
        self._kept: dict[int, Connected] = {}
        self._closed = False

    def one(self) -> AbstractContextManager[Connected]:
        """Lend a connection, which is to be entered by the thread that asks.

        Raises
        ------
        IndexClosedError
            They were closed.
        """
        return _Loan(self)

    def kept(self) -> Connected:
        """Give one connection for good, the same each time: for who builds, not for many threads."""
        process = os.getpid()
        if process not in self._kept:
            self._kept[process] = self.take(process)
        return self._kept[process]

    def close(self) -> None:
        """Close all that are idle; those that are lent are closed when they are given back."""
        self._closed = True
        process = os.getpid()
        kept = self._kept.pop(process, None)
        if kept is not None:
            kept.close()
        _close_all(self._idle.get(process, []))

    def take(self, process: int) -> Connected:
        """Take one out."""
        if self._closed:
            raise IndexClosedError(
                f"{self._file}: expected an open index, found one that was closed; "
                "open it again with: semhash.open_index"
            )
        try:
            return self._idle.setdefault(process, []).pop()
        except IndexError:
            return _forks.opened(self._connect)

    def give_back(self, process: int, connected: Connected) -> None:
        """Put one in again."""
        idle = self._idle[process]
        if len(idle) >= _IDLE:
            connected.close()
            return
        idle.append(connected)
        if self._closed:  # meanwhile: either `close` has seen it in the list, or it is closed here
            _close_all(idle)


class _Loan:
    """One connection, while it is lent."""

    __slots__ = ("_connected", "_connections", "_process")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> Connected:
        self._process = os.getpid()
        self._connected = self._connections.take(self._process)
        self._connected.lock.acquire()
        return self._connected

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if os.getpid() != self._process:
            return
        self._connected.lock.release()
        if kind is None:
            self._connections.give_back(self._process, self._connected)
        else:  # whatever it was, it may have left a statement half done
            self._connected.close()


class _Forks:
    """Has forks wait until no thread is inside SQLite.

    SQLite has locks of its own, for memory and for what all connections share. Those that a thread holds at the moment
    of a fork stay locked in the child, where that thread is not.
    """

    def __init__(self) -> None:
        self._opening = RLock()
        self._open: WeakSet[Connected] = WeakSet()
        self._held: list[Connected] = []

    def opened(self, connect: Callable[[], Connected]) -> Connected:
        """Open a connection, and have forks wait for it from now on."""
        with self._opening:
            connected = connect()
            self._open.add(connected)
        return connected

    def shut(self) -> None:
        """Take the lock of every connection, and let nobody open one."""
        self._opening.acquire()
        for connected in list(self._open):
            if connected.lock.acquire(timeout=_PATIENCE):
                self._held.append(connected)

    def open(self) -> None:
        """Release them in the parent."""
        while self._held:
            self._held.pop().lock.release()
        self._opening.release()

    def begin(self) -> None:
        """Begin anew in the child; the locks of the parent's connections are never asked for again."""
        self.__dict__.update(vars(_Forks()))


_forks = _Forks()
os.register_at_fork(before=_forks.shut, after_in_parent=_forks.open, after_in_child=_forks.begin)


def _close_all(connections: list[Connected]) -> None:
    while True:
        try:
            connected = connections.pop()
        except IndexError:
            return
        connected.close()
