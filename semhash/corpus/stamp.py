"""What tells one state of a file from another: its size, its time, and the digest of its bytes.

The digest is taken while a reader reads, whatever that reader's way through the file, so that no file is read
twice for it.
"""

import hashlib
import io
import os
import time
from dataclasses import dataclass
from typing import Any

__all__ = ["Digested", "Stamp", "settled_time"]

_BLOCK = 1 << 20
# A file system may tell time in whole seconds, every other one (FAT), or in ticks of the kernel's clock.
_COARSE, _FINE, _SECOND = 2_000_000_000, 20_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """A state of a file.

    Attributes
    ----------
    size : int
        Bytes.
    mtime_ns : int or None
        When it was last written, in nanoseconds; None where a file of the same size and time may yet be another,
        since it was written while it was read, or so shortly before that its next change may bear the same time.
    digest : bytes or None
        sha256 of its bytes; None for a file that was not read to its end.
    """

    size: int
    mtime_ns: int | None
    digest: bytes | None


def settled_time(status: os.stat_result, now_ns: int) -> int | None:
    """Give the time a file was last written, None where another write could still bear the same time.

    Parameters
    ----------
    status : os.stat_result
        Of the file, before it was read.
    now_ns : int
        The time at which its reading began.
    """
    granularity = _FINE if status.st_mtime_ns % _SECOND else _COARSE
    return status.st_mtime_ns if status.st_mtime_ns + granularity < now_ns else None


class Digested(io.RawIOBase):
    """A file that digests what is read of it, each byte once and in order, wherever the reader jumps.

    Parameters
    ----------
    file : RawIOBase
        An open file, closed with this one.
    """

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._begun = os.fstat(file.fileno()), time.time_ns()
        self._digest = hashlib.sha256()
        self._digested = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def fileno(self) -> int:
        """Give the descriptor."""
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Give the place."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Read, and digest what was never read before."""
        at = self._file.tell()
        n = self._file.readinto(buffer) or 0
        if at <= self._digested < at + n:
            self._digest.update(memoryview(buffer)[self._digested - at : n])
            self._digested = at + n
        return n

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def stamp(self, limit: int) -> Stamp:
        """Give the file's state, reading on where no more than some bytes were left unread."""
        status, began = self._begun
        if status.st_size - self._digested <= limit:
            self._file.seek(self._digested)
            while self._digested < status.st_size and self.read(_BLOCK):
                pass
        after = os.fstat(self._file.fileno())
        same = (status.st_size, status.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        whole = same and self._digested == status.st_size
        return Stamp(
            status.st_size,
            settled_time(status, began) if same else None,
            self._digest.digest() if whole else None,
        )
