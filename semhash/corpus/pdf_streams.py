"""Whether reading a PDF would take more than is reasonable.

PDFium itself would unpack a gigabyte, and in a damaged file looks for the end of every stream up to that of the file.
"""

import re
import zlib

from semhash.corpus.document import Skip, SkipReason

__all__ = ["check_streams"]

_STREAM = re.compile(rb"stream\r?\n")
_ABOVE = 600  # bytes above a stream in which its dictionary is looked for
_CHUNK = 65_536
_FREE = 8_000_000  # what may come of anything
_RATIO = 200
_FREE_TOGETHER = 200_000_000
_RATIO_TOGETHER = 50
_END = re.compile(rb"endstream")
_FREE_STEPS = 1_000_000_000  # bytes looked at for the ends of streams: some seconds
_STEPS_A_BYTE = 20


def check_streams(data: bytes) -> None:
    """Unpack every stream that is packed as nearly all are, and keep nothing of it; pictures are left out.

    Parameters
    ----------
    data : bytes
        A PDF.

    Raises
    ------
    Skip
        So much comes of so little that it must be a trap, or so many streams have no end.
    """
    _check_ends(data)
    together = 0
    for mark in _STREAM.finditer(data):
        start = mark.end()
        above = data[max(0, start - _ABOVE) : start]
        header = data[start : start + 2]
        packed = len(header) == 2 and header[0] & 15 == 8 and int.from_bytes(header, "big") % 31 == 0
        if packed and b"/Image" not in above[above.rfind(b"obj") + 3 :]:
            together += _unpacked(data, start)
        if together > _FREE_TOGETHER + _RATIO_TOGETHER * len(data):
            detail = (
                f"expected at most {_RATIO_TOGETHER} bytes of each packed one, found {together:,} and more"
            )
            raise Skip(SkipReason.TOO_LARGE, detail)


def _check_ends(data: bytes) -> None:
    """Refuse a file that it takes too long to find the ends of the streams of."""
    ends = (end.start() for end in _END.finditer(data))
    end = next(ends, len(data))
    steps = 0
    for mark in _STREAM.finditer(data):
        while end < mark.start() - 3:
            end = next(ends, len(data))
        steps += max(0, end - mark.end())
    allowed = _FREE_STEPS + _STEPS_A_BYTE * len(data)
    if steps > allowed:
        detail = "expected a PDF whose streams end, found one with very many that do not"
        raise Skip(SkipReason.UNREADABLE, f"{detail}: save it anew with what made it")


def _unpacked(data: bytes, start: int) -> int:
    """Give how many bytes come of the stream at a place; of one that is damaged, as far as it goes."""
    stream = zlib.decompressobj()
    given, at = 0, start
    pending = b""
    while not stream.eof:
        if not pending:
            pending = data[at : at + _CHUNK]
            at += _CHUNK
        try:
            some = stream.decompress(pending, _FREE)
        except zlib.error:
            return given
        given += len(some)
        if not pending and not some:
            return given
        pending = stream.unconsumed_tail
        if given > max(_FREE, _RATIO * (min(at, len(data)) - start)):
            detail = f"expected at most {_RATIO} bytes of each packed one, found {given:,} and more"
            raise Skip(SkipReason.TOO_LARGE, detail)
    return given
