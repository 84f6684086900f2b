"""A stored text that is unpacked as far as it is read."""

import codecs
import zlib
from pathlib import Path
from typing import Any

from semhash.catalogue.file import NO_VALUE, unsound

__all__ = ["StoredText"]


class StoredText:
    """Reads a packed text from its beginning on.

    Parameters
    ----------
    packed : bytes
        As `semhash.catalogue.packing` packs texts.
    file : Path
        The catalogue; for messages.
    """

    __slots__ = ("_decoded", "_file", "_packed", "_rest", "_stream")

    def __init__(self, packed: Any, file: Path) -> None:
        self._file, self._packed = file, packed
        self._stream = zlib.decompressobj()
        self._rest, self._decoded = b"", ""

    def skip(self, prefix: str) -> None:
        """Leave out what the text begins with, if it does so."""
        found = self.read(len(prefix))
        if found != prefix:
            self._decoded = found + self._decoded

    def read(self, size: int, /) -> str:
        """Return as many of the next characters, fewer at its end alone.

        Raises
        ------
        IndexDamagedError
            It is no text.
        """
        found, self._decoded = self._decoded[:size], self._decoded[size:]
        try:
            while len(found) < size and not self._stream.eof:
                found += self._next(size - len(found))
        except (zlib.error, *NO_VALUE) as error:
            raise unsound(self._file, error) from error
        return found

    def _next(self, at_most: int) -> str:
        """Unpack at least one byte more, unless that was all."""
        data = self._stream.decompress(self._packed, at_most)
        self._packed = self._stream.unconsumed_tail
        if not data and not self._stream.eof:
            raise ValueError("a text that is cut short")
        data = self._rest + data
        text, used = codecs.utf_8_decode(data, "strict", self._stream.eof)
        self._rest = data[used:]
        return text
