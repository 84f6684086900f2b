"""Files packed by gzip, bzip2 or xz: unpacked as they are read, and no further than is reasonable."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from semhash.corpus.document import Skip, SkipReason

__all__ = ["PACKED", "Unpacked", "packing_of", "without_packing"]

PACKED = {"gzip": (b"\x1f\x8b", ".gz"), "bzip2": (b"BZh", ".bz2"), "xz": (b"\xfd7zXZ\x00", ".xz")}
"""How a packed file begins, and how its name ends, by what it is packed with."""

_CHUNK = 65_536
_MEMORY = 128 << 20  # xz -9 needs 65 MiB to unpack
_FREE = 100 << 20  # what may come of anything
_RATIO = 200  # gzip makes at most 1032 bytes of one, and no more than 30 where text is written by people


class _Decoder(Protocol):
    """What `bz2` and `lzma` have for one stream."""

    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """The same for gzip."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY),
}


def packing_of(head: bytes) -> str | None:
    """Say what a file is packed with, by its first bytes; None for a file that is not."""
    packing = next((name for name, (magic, _) in PACKED.items() if head.startswith(magic)), None)
    sure = packing != "bzip2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")
    return packing if sure else None


def without_packing(name: str) -> str:
    """Take the ending off a name that says that the file is packed."""
    ending = next((end for _, end in PACKED.values() if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)]


class Unpacked(io.RawIOBase):
    """What is packed in a file, as a file of its own; several streams in a row are one.

    Parameters
    ----------
    file : BinaryIO
        The packed file, at its beginning. It stays open.
    packing : str
        One of `PACKED`.

    Raises
    ------
    Skip
        While it is read: it is damaged or cut short; or so much comes of so little that it must be a trap.
    """

    def __init__(self, file: BinaryIO, packing: str) -> None:
        self._file = file
        self._packing = packing
        self._decoder: _Decoder = _DECODERS[packing]()
        self._pending = b""  # packed bytes that no decoder has seen
        self._packed = self._given = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes; none at the end."""
        try:
            data = self._some(len(buffer))
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the file's, not the decoder's
                raise
            raise self._damaged(str(error)) from error
        self._given += len(data)
        if self._given > max(_FREE, _RATIO * self._packed):
            detail = f"expected at most {_RATIO} bytes of each packed one, found {self._given:,} of {self._packed:,}"
            raise Skip(SkipReason.TOO_LARGE, detail)
        buffer[: len(data)] = data
        return len(data)

    def _some(self, n: int) -> bytes:
        while n:
            if self._decoder.eof and not self._next_stream():
                return b""
            fed = self._pending
            data = self._decoder.decompress(fed, n)
            self._pending = b""
            if data:
                return data
            if not self._decoder.eof:
                self._pending = self._read()
                if not self._pending:
                    raise self._damaged("its end is missing")
        return b""

    def _next_stream(self) -> bool:
        """Begin the stream behind the one that has ended; give False at the end of the file."""
        rest = self._decoder.unused_data
        while not rest.strip(b"\0"):
            rest = self._read()
            if not rest:
                return False
        rest = rest.lstrip(b"\0")  # streams may be padded
        if not rest.startswith(PACKED[self._packing][0][: len(rest)]):
            raise self._damaged("something else behind it")
        self._decoder = _DECODERS[self._packing]()
        self._pending = rest
        return True

    def _read(self) -> bytes:
        data = self._file.read(_CHUNK)
        self._packed += len(data)
        return data

    def _damaged(self, found: str) -> Skip:
        where = f"after {self._given:,} bytes" if self._given else "at once"
        return Skip(
            SkipReason.UNREADABLE, f"expected {self._packing} data to its end, found {where}: {found}"
        )
