"""The lines of a file of any size, none of them longer in memory than is allowed."""

from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["lines"]

_SCRAP = 65_536


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    r"""Give the lines of a file.

    Parameters
    ----------
    stream : BinaryIO
        The file, where reading is to begin.
    limit : int
        Bytes of a line, its ``\n`` or ``\r\n`` not counted.

    Yields
    ------
    bytes or None
        A line with its newline; None for one beyond the limit, of which no more than that is ever in memory.
    """
    while line := stream.readline(limit + 2):
        if len(line.removesuffix(b"\n").removesuffix(b"\r")) <= limit:
            yield line
            continue
        yield None
        while line and not line.endswith(b"\n"):
            line = stream.readline(_SCRAP)
