"""Arrays in .npy files: written so that no failure passes unseen, and mapped into memory without being believed.

A file may come from anywhere, so its header is read by a pattern, for exactly what ``numpy.save`` writes, and
evaluated by nobody, no pickle, no Python; and what it claims is held against the file's size.
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["map_array", "save_array"]

_START = b"\x93NUMPY\x01\x00"
_LENGTH = 2
_HEADER = re.compile(
    rb"\{'descr': '([<>|=][biufc]\d{1,2})', 'fortran_order': False, 'shape': "
    rb"\(((?:\d{1,19},)|(?:\d{1,19}(?:, \d{1,19})+)|)\), \} *\n"
)
_MAX_HEADER = 1024


def save_array(file: Path, array: NDArray[Any]) -> None:
    """Write an array.

    Not by ``numpy.save``, which hands large parts to C's buffered output and does not look whether that came to its
    end: on a full disk it leaves a file cut short, and says nothing.

    Parameters
    ----------
    file : Path
        Where to.
    array : ndarray
        Numbers.

    Raises
    ------
    OSError
        It cannot be written.
    """
    whole = np.asarray(array, order="C")
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(whole))
        stream.write(whole.reshape(-1).view(np.uint8).data)


def map_array(file: Path) -> NDArray[Any]:
    """Map an array into memory, read-only.

    Parameters
    ----------
    file : Path
        As ``numpy.save`` wrote it: format 1.0, numbers, in the order of C.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is something else, or its header claims another size than the file has.
    """
    with file.open("rb") as stream:
        start = stream.read(len(_START) + _LENGTH)
        if len(start) < len(_START) + _LENGTH or not start.startswith(_START):
            raise ValueError(f"{start[: len(_START)]!r} in place of {_START!r}")
        length = int.from_bytes(start[len(_START) :], "little")
        header = stream.read(min(length, _MAX_HEADER))
        offset, end = stream.tell(), stream.seek(0, 2)
    described = _HEADER.fullmatch(header)
    if described is None or len(header) != length:
        raise ValueError(f"a header that is none: {header[:100]!r}")
    try:
        dtype = np.dtype(described[1].decode())
    except TypeError as error:
        raise ValueError(str(error)) from error
    shape = tuple(int(number) for number in described[2].split(b",") if number)
    claimed = offset + math.prod(shape) * dtype.itemsize
    if claimed != end:
        raise ValueError(
            f"a header that claims {dtype} of shape {shape}, {claimed:,} bytes, in a file of {end:,}"
        )
    if not math.prod(shape):  # which cannot be mapped
        return np.zeros(shape, dtype=dtype)
    return np.memmap(file, dtype=dtype, mode="r", offset=offset, shape=shape)
