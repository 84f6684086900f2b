"""The files within a zip archive, unpacked no further than is reasonable."""

import os
import zipfile
from io import BytesIO
from typing import BinaryIO, Self

from semhash.corpus.document import Skip, SkipReason

__all__ = ["ZipParts", "check_listing"]

_END = b"PK\x05\x06"
_END_WITHIN = 65_557
_MAX_LISTED = 4_000_000  # bytes of the list of files: some fifty thousand of them
_FREE = 1_000_000  # what may come of anything
_RATIO = 200


class ZipParts:
    """An archive in memory.

    Parameters
    ----------
    data : bytes
        The archive.
    limit : int
        Bytes that all that is read may have together.

    Attributes
    ----------
    names : frozenset of str
        The files in it.

    Raises
    ------
    Skip
        It is damaged, or lists more files than a document has.
    """

    def __init__(self, data: bytes, limit: int) -> None:
        check_listing(BytesIO(data))
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except Exception as error:  # what zipfile raises on odd bytes is of many kinds
            raise _damaged(error) from error
        self.names = frozenset(self._zip.namelist())
        self._limit = self._left = limit

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Unpack one file.

        Raises
        ------
        Skip
            It is missing, encrypted or damaged; or it unpacks to more than is allowed, or to so much of so
            little that it must be a trap.
        """
        try:
            info = self._zip.getinfo(name)
            allowed = min(self._left, max(_FREE, _RATIO * info.compress_size))
            with self._zip.open(info) as part:
                data = part.read(allowed + 1)
        except KeyError:
            raise Skip(SkipReason.UNREADABLE, f"expected {name!r} in the archive, found none") from None
        except Exception as error:
            raise _damaged(error) from error
        if len(data) > self._left:
            raise Skip(SkipReason.TOO_LARGE, f"expected at most {self._limit:,} bytes unpacked, found more")
        if len(data) > allowed:
            packed = f"found more, of {info.compress_size:,}"
            raise Skip(SkipReason.TOO_LARGE, f"expected at most {_RATIO} bytes of each packed one, {packed}")
        self._left -= len(data)
        return data


def check_listing(stream: BinaryIO) -> None:
    """Refuse an archive whose list of files would fill the memory; the stream is left at its beginning.

    Raises
    ------
    Skip
        It lists too many.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_WITHIN))
    tail = stream.read(_END_WITHIN)
    stream.seek(0)
    end = tail.rfind(_END)
    if end >= 0 and int.from_bytes(tail[end + 12 : end + 16], "little") > _MAX_LISTED:
        raise Skip(SkipReason.TOO_LARGE, "expected a document, found an archive of very many files")


def _damaged(error: Exception) -> Skip:
    found = (
        "an encrypted one" if isinstance(error, RuntimeError) and "encrypted" in str(error) else str(error)
    )
    return Skip(
        SkipReason.UNREADABLE, f"expected a sound zip archive, found: {found or type(error).__name__}"
    )
