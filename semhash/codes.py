"""Codes as bits, as integers and as packed bytes; distances between them; the addresses of a ball.

A set of codes is a *packed* array of shape (n_documents, ceil(bits / 8)), uint8, in little bit order: bit
``i`` of a code is bit ``i % 8`` of byte ``i // 8``, and the bits that pad the last byte are zero. FAISS lays
codes out the same way. One code is a Python int whose bit ``i`` is ``(code >> i) & 1``.

Up to 24 bits a code serves as an *address*. The ball of radius r around an address holds every address that
differs from it in at most r bits; those that differ in exactly r bits are its shell.
"""

import operator
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import comb

import numpy as np
import numpy.typing as npt

from semhash.config import MAX_BITS, MIN_BITS
from semhash.errors import CodeError

__all__ = [
    "MAX_ADDRESS_BITS",
    "Packed",
    "addresses",
    "ball",
    "ball_size",
    "check_bits",
    "check_code",
    "check_packed",
    "check_radius",
    "from_int",
    "from_ints",
    "hamming_distances",
    "hamming_matrix",
    "n_bytes",
    "pack",
    "shell_masks",
    "to_int",
    "to_ints",
    "unpack",
]

MAX_ADDRESS_BITS = 24

Packed = npt.NDArray[np.uint8]

# Shells larger than this are made anew each time: 64 cached shells then hold 32 MiB at most.
_LARGEST_CACHED_SHELL = 2**16


def check_bits(bits: int, at_most: int = MAX_BITS) -> int:
    """Give `bits` back when codes may be that wide.

    Raises
    ------
    CodeError
        It is not between 8 and `at_most`.
    """
    if not MIN_BITS <= bits <= at_most:
        raise CodeError(f"bits: expected {MIN_BITS} to {at_most}, found {bits!r}")
    return operator.index(bits)


def check_radius(radius: int) -> int:
    """Give `radius` back when it is one.

    Raises
    ------
    CodeError
        It is below 0.
    """
    if radius < 0:
        raise CodeError(f"radius: expected 0 bits or more, found {radius!r}")
    return operator.index(radius)


def check_code(code: int, bits: int) -> int:
    """Give `code` back as a Python int when it is one of `bits` bits.

    Raises
    ------
    CodeError
        It is negative or needs more bits.
    """
    if not 0 <= code < 1 << bits:
        raise CodeError(f"code: expected 0 to {(1 << bits) - 1} at {bits} bits, found {code}")
    return operator.index(code)


def check_packed(packed: Packed, bits: int) -> Packed:
    """Give `packed` back, C-contiguous, when it holds codes of `bits` bits.

    Parameters
    ----------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
    bits : int

    Raises
    ------
    CodeError
        The shape or the dtype is another, or a padding bit is set.
    """
    width = n_bytes(bits)
    if packed.ndim != 2 or packed.shape[1] != width or packed.dtype != np.uint8:
        found = f"{packed.dtype} of shape {packed.shape}"
        raise CodeError(f"packed codes: expected uint8 of shape (n, {width}) at {bits} bits, found {found}")
    if bits % 8 and (packed[:, -1] >> (bits % 8)).any():
        raise CodeError(f"packed codes: expected zeros above bit {bits - 1}, found a padding bit set")
    return np.ascontiguousarray(packed)


def n_bytes(bits: int) -> int:
    """Count the bytes of one packed code of `bits` bits."""
    return (check_bits(bits) + 7) // 8


def pack(bits_array: npt.NDArray[np.bool_]) -> Packed:
    """Pack bits into bytes.

    Parameters
    ----------
    bits_array : ndarray of shape (n_documents, bits), bool

    Returns
    -------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8

    Raises
    ------
    CodeError
        The array has not two axes, or its width is no width of a code.
    """
    if bits_array.ndim != 2:
        raise CodeError(f"bits: expected an array of shape (n, bits), found {bits_array.shape}")
    check_bits(bits_array.shape[1])
    return np.packbits(bits_array.astype(np.bool_, copy=False), axis=1, bitorder="little")


def unpack(packed: Packed, bits: int) -> npt.NDArray[np.bool_]:
    """Undo `pack`.

    Parameters
    ----------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
    bits : int

    Returns
    -------
    bits_array : ndarray of shape (n_documents, bits), bool
    """
    return np.unpackbits(check_packed(packed, bits), axis=1, count=bits, bitorder="little").view(np.bool_)


def to_int(packed_row: Packed) -> int:
    """Read one packed code of shape (n_bytes,) as an int."""
    return int.from_bytes(packed_row.tobytes(), "little")


def from_int(code: int, bits: int) -> Packed:
    """Pack one code; the row has shape (n_bytes,).

    Raises
    ------
    CodeError
        The code is negative or needs more than `bits` bits.
    """
    width = n_bytes(bits)
    return np.frombuffer(bytearray(check_code(code, bits).to_bytes(width, "little")), dtype=np.uint8)


def to_ints(packed: Packed) -> list[int]:
    """Read every row of packed codes of shape (n_documents, n_bytes) as an int."""
    width = packed.shape[1]
    octets = packed.tobytes()
    return [int.from_bytes(octets[at : at + width], "little") for at in range(0, len(octets), width)]


def from_ints(codes: Sequence[int], bits: int) -> Packed:
    """Pack codes given as ints; the array has shape (n_documents, n_bytes).

    Raises
    ------
    CodeError
        A code is negative or needs more than `bits` bits.
    """
    width = n_bytes(bits)
    octets = bytearray().join(check_code(code, bits).to_bytes(width, "little") for code in codes)
    return np.frombuffer(octets, dtype=np.uint8).reshape(len(codes), width)


def addresses(packed: Packed, bits: int) -> npt.NDArray[np.int64]:
    """Read packed codes as addresses.

    Parameters
    ----------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
    bits : int
        8 to 24.

    Returns
    -------
    addresses : ndarray of shape (n_documents,), int64

    Raises
    ------
    CodeError
        The codes are wider than 24 bits, or not of `bits` bits.
    """
    packed = check_packed(packed, check_bits(bits, MAX_ADDRESS_BITS))
    words = np.zeros((len(packed), 4), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view("<u4")[:, 0].astype(np.int64)


def hamming_distances(packed_query: Packed, packed: Packed) -> npt.NDArray[np.uint8]:
    """Count the bits in which each code differs from the query.

    Parameters
    ----------
    packed_query : ndarray of shape (n_bytes,), uint8
    packed : ndarray of shape (n_documents, n_bytes), uint8

    Returns
    -------
    distances : ndarray of shape (n_documents,), uint8
        0 to 128 bits.

    Raises
    ------
    CodeError
        The query has another width than the codes.
    """
    if packed.ndim != 2 or packed_query.shape != packed.shape[1:]:
        raise CodeError(
            f"query: expected shape {packed.shape[1:]} like the codes, found {packed_query.shape}"
        )
    packed, packed_query = np.ascontiguousarray(packed), np.ascontiguousarray(packed_query)
    distances = np.zeros(len(packed), dtype=np.uint8)
    for columns, word in _words(packed.shape[1]):
        differing = packed[:, columns].view(word)[:, 0] ^ packed_query[columns].view(word)[0]
        distances += np.bitwise_count(differing)
    return distances


def hamming_matrix(packed_queries: Packed, packed: Packed) -> npt.NDArray[np.uint8]:
    """Give the distances of many queries; see `hamming_distances`.

    Parameters
    ----------
    packed_queries : ndarray of shape (n_queries, n_bytes), uint8
    packed : ndarray of shape (n_documents, n_bytes), uint8

    Returns
    -------
    distances : ndarray of shape (n_queries, n_documents), uint8
    """
    distances = np.empty((len(packed_queries), len(packed)), dtype=np.uint8)
    for row, query in zip(distances, packed_queries, strict=True):
        row[:] = hamming_distances(query, packed)
    return distances


def _words(width: int) -> Iterator[tuple[slice, np.dtype[np.unsignedinteger]]]:
    """Cut `width` bytes into the widest words: a popcount of 8 bytes costs what a popcount of one does."""
    start = 0
    for size in (8, 4, 2, 1):
        word = np.dtype(f"u{size}")
        while width - start >= size:
            yield slice(start, start + size), word
            start += size


def ball_size(bits: int, radius: int) -> int:
    """Count the addresses at distance 0 to `radius` from an address: the sum of C(bits, d).

    At 20 bits and radius 0 to 5: 1, 21, 211, 1351, 6196, 21700.

    Raises
    ------
    CodeError
        `bits` or `radius` is out of range.
    """
    check_bits(bits)
    return sum(comb(bits, distance) for distance in range(min(check_radius(radius), bits) + 1))


def shell_masks(bits: int, radius: int) -> npt.NDArray[np.int64]:
    """List the masks with `radius` of `bits` bits set, ascending; ``mask ^ address`` is in the shell.

    Parameters
    ----------
    bits : int
        8 to 24.
    radius : int
        Above `bits` there are no masks.

    Returns
    -------
    masks : ndarray of shape (C(bits, radius),), int64
        Read-only where it is shared with later calls.

    Raises
    ------
    CodeError
        `bits` or `radius` is out of range.
    """
    check_bits(bits, MAX_ADDRESS_BITS)
    size = comb(bits, check_radius(radius))
    if size == 0:
        return np.empty(0, dtype=np.int64)
    return _cached_shell(bits, radius) if size <= _LARGEST_CACHED_SHELL else _shell(bits, radius)


def _shell(bits: int, radius: int) -> npt.NDArray[np.int64]:
    """List a shell's masks: under each top bit, in turn, the masks of one bit fewer that lie below it."""
    masks = np.zeros(1, dtype=np.int64)
    for weight in range(1, radius + 1):
        tops = range(weight - 1, bits)
        masks = np.concatenate([masks[: comb(top, weight - 1)] | (1 << top) for top in tops])
    return masks


@lru_cache(maxsize=64)
def _cached_shell(bits: int, radius: int) -> npt.NDArray[np.int64]:
    masks = _shell(bits, radius)
    masks.flags.writeable = False
    return masks


def ball(address: int, bits: int, radius: int) -> npt.NDArray[np.int64]:
    """List the addresses of a ball, nearest first: by distance, then by address.

    Parameters
    ----------
    address : int
        The centre.
    bits : int
        8 to 24.
    radius : int
        In bits; from `bits` on, the ball is all addresses.

    Returns
    -------
    addresses : ndarray of shape (ball_size(bits, radius),), int64

    Raises
    ------
    CodeError
        An argument is out of range.
    """
    check_bits(bits, MAX_ADDRESS_BITS)
    check_code(address, bits)
    radii = range(min(check_radius(radius), bits) + 1)
    return np.concatenate([np.sort(shell_masks(bits, distance) ^ address) for distance in radii])
