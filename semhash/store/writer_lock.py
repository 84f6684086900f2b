"""One writer at a time: a lock that says who holds it, and that no crash can leave behind.

It is the operating system's own on a file (``flock``), so it ends with the process that holds it, however that ends.
What is written in the file is for people.
"""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from semhash.errors import IndexBusyError

__all__ = ["lock_file", "writer_lock"]

_MAX_BYTES = 300


@contextmanager
def writer_lock(target: Path) -> Iterator[None]:
    """Be the only one that writes an index, as long as the block lasts.

    Parameters
    ----------
    target : Path
        The index folder, which need not be there; the folder that it is in must be.

    Raises
    ------
    IndexBusyError
        Another process holds the lock, on this machine or on another that shares the file system.
    OSError
        The lock cannot be written.
    """

    def busy(holder: str) -> Exception:
        return IndexBusyError(
            f"{target}: expected to be its only writer, found another semhash process at work on it{holder}; wait for "
            "it to end, and try again"
        )

    with lock_file(target.parent / f".{target.name}.lock", busy):
        yield


@contextmanager
def lock_file(file: Path, busy: Callable[[str], Exception] | None = None) -> Iterator[None]:
    """Hold the lock that a file is, as long as the block lasts; the file goes with it.

    Parameters
    ----------
    file : Path
        The folder that it is in must be there.
    busy : callable or None
        Gives what is raised where another process holds it, of who that is: ``" (process 1 on host, since ...)"``, or
        nothing. None waits until it is free.

    Raises
    ------
    OSError
        The lock cannot be written.
    """
    handle = _locked(file, busy)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, _signature(), 0)
        yield
    finally:
        # Removed while it is held: a process that has it open sees that it lost its name, and tries again.
        with suppress(OSError):  # a file that stays holds nobody up
            file.unlink()
        os.close(handle)


def _locked(file: Path, busy: Callable[[str], Exception] | None) -> int:
    """Open the file and lock it; give its descriptor."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if busy is None else fcntl.LOCK_NB))
            except BlockingIOError:
                if busy is None:
                    raise
                raise busy(_holder(handle)) from None
            if _is_there(file, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _is_there(file: Path, handle: int) -> bool:
    """Say whether what was locked is still what is called so."""
    try:
        named, locked = file.lstat(), os.fstat(handle)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (locked.st_dev, locked.st_ino)


def _signature() -> bytes:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {since}\n".encode()


def _holder(handle: int) -> str:
    """Give in words who holds a lock; nothing when it has not signed yet."""
    signed = os.pread(handle, _MAX_BYTES, 0).decode("utf-8", "replace").strip()
    return f" ({signed})" if signed else ""
