"""Texts packed as the catalogue stores them, by both cores where there are many.

Nothing else of making an index takes as long outside of Python, where threads do not wait for each other. So no queue
is needed, and no process: a batch is shared out, and whoever is through waits for the other.
"""

import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from semhash.catalogue.guard import MAX_TEXT

__all__ = ["pack_all"]

# Up to so many bytes so large a window and tables pack as well as zlib's own 15 and 8, for which it asks the system for
# a quarter of a megabyte, text by text: most of its time.
_SMALL = ((4096, 12, 6), (8192, 13, 7))
_FEW = 100  # texts that are packed in less time than a thread takes to start


def pack_all(texts: Sequence[str]) -> list[bytes | None]:
    """Pack texts by zlib; None for one of more than `MAX_TEXT` bytes.

    Parameters
    ----------
    texts : sequence of str
        Well-formed Unicode.

    Returns
    -------
    list of bytes or None
        In their order, and the same however many cores there are.
    """
    if len(texts) < _FEW:
        return [_packed(text) for text in texts]
    half = len(texts) // 2
    with ThreadPoolExecutor(1) as other:
        second = other.submit(_pack_some, texts[half:])
        return [*_pack_some(texts[:half]), *second.result()]


def _pack_some(texts: Sequence[str]) -> list[bytes | None]:
    return [_packed(text) for text in texts]


def _packed(text: str) -> bytes | None:
    encoded = text.encode()
    if len(encoded) > MAX_TEXT:
        return None
    for n_bytes, window, memory in _SMALL:
        if len(encoded) <= n_bytes:
            packer = zlib.compressobj(wbits=window, memLevel=memory)
            return packer.compress(encoded) + packer.flush()
    return zlib.compress(encoded)
