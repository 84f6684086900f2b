"""Texts on disk: written once as they are read, and read again one by one by the few methods that want them."""

import tempfile
import zlib
from array import array
from collections.abc import Sequence
from types import TracebackType
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["TextFile", "TextsOf"]


class TextFile:
    """Texts in a file without a name, which is gone once it is closed; close it, or use it in ``with``."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115, closed by `close`
        self._ends = array("q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str) -> None:
        """Write one more text."""
        self._file.seek(self._ends[-1])
        written = self._file.write(zlib.compress(text.encode("utf-8", "surrogatepass"), 1))
        self._ends.append(self._ends[-1] + written)

    def text(self, number: int) -> str:
        """Read the text that was written as the `number`-th, the first of which is 0."""
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        return zlib.decompress(self._file.read(end - start)).decode("utf-8", "surrogatepass")


class TextsOf(Sequence[str]):
    """Some texts of a file, in an order of their own.

    Parameters
    ----------
    file : TextFile
    numbers : ndarray of shape (n_texts,), int64
        Which of its texts.
    """

    def __init__(self, file: TextFile, numbers: NDArray[np.int64]) -> None:
        self._file = file
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "TextsOf": ...
    def __getitem__(self, place: int | slice) -> "str | TextsOf":
        if isinstance(place, slice):
            return TextsOf(self._file, self._numbers[place])
        return self._file.text(int(self._numbers[place]))

    def take(self, places: NDArray[np.int64]) -> "TextsOf":
        """Give some of these texts."""
        return TextsOf(self._file, self._numbers[places])
