"""The FAISS binary indexes behind the verbs of the table, for codes of any width.

FAISS takes widths in multiples of 8 only: the padding bits are zero on both sides and leave distances as
they are. Its range search finds what is *strictly* nearer than its radius, so an inclusive radius r is asked
for as r + 1. The file holds the documents' rows as ids: ``faiss.read_index_binary`` alone can open and query it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import comb, log2
from pathlib import Path
from typing import Any, Literal, Self, get_args

import faiss
import numpy as np
import numpy.typing as npt

from semhash import codes
from semhash.errors import CodeError, IndexDamagedError
from semhash.lookup.neighbours import AddressLookup, Neighbours, check_count, check_rows, repeated

__all__ = ["BinaryIndex", "Kind", "default_kind", "rows_in"]

Kind = Literal["flat", "hash", "multihash"]

# Looking up one flipped hash costs what comparing so many codes one after the other does.
_LOOKUP_COST = 256
# Finding the k-th nearest by FAISS's heap pays for no more than one document in this many.
_FEW = 64
# How FAISS marks the file of an IndexBinaryIDMap.
_ID_MAP = b"IBMp"
# FAISS reads a hash as 8 whole bytes, which for a code at the very end reach beyond it.
_SLACK = 8


def default_kind(bits: int) -> Kind:
    """Choose a kind: flat up to 24 bits, where the table does the work, multihash above."""
    return "flat" if codes.check_bits(bits) <= codes.MAX_ADDRESS_BITS else "multihash"


class BinaryIndex(AddressLookup):
    """Documents by code in a FAISS index; every answer is exact, whatever the kind.

    ``flat`` compares the query with every code.

    ``multihash`` cuts the codes into parts and looks the parts up: codes that differ in at most r bits differ
    in at most floor(r / parts) bits in one part at least (Norouzi, Punjani and Fleet, *Fast Search in Hamming
    Space with Multi-Index Hashing*, 2012, Proposition 1). Where flipping so many bits would cost more than
    comparing every code, every code is compared.

    ``hash`` looks up the first few bits, flipping up to r of them. FAISS keeps no plain list of codes beside
    it, so the way out at a wide radius is to visit every bucket; those are few enough for that, one to 32
    documents.

    Parameters
    ----------
    index : faiss.IndexBinaryIDMap
        Its ids are the documents' rows.
    bits : int
        Width of the codes, 8 to 128.

    Raises
    ------
    CodeError
        `bits` is out of range.
    IndexDamagedError
        The index is of another kind or width.
    """

    def __init__(self, index: Any, bits: int) -> None:
        self._bits = codes.check_bits(bits)
        self._index = index
        self._inner = _unwrapped(index, bits)
        self._rows: npt.NDArray[np.int64] = faiss.vector_to_array(index.id_map)
        self.kind = _KINDS[type(self._inner)]
        self._parts = _parts(self._inner, self.kind)
        # The number of flips is a field of the FAISS index, so two threads must not search at once. By process: what
        # another thread holds during a fork stays locked in the child.
        self._locks: dict[int, threading.Lock] = {}

    @classmethod
    def build(
        cls, packed: codes.Packed, bits: int, rows: npt.NDArray[np.integer], kind: Kind | None = None
    ) -> Self:
        """Index documents by their codes.

        Parameters
        ----------
        packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        bits : int
            8 to 128.
        rows : ndarray of shape (n_documents,), int
            Row in the corpus of the document of each code, each once.
        kind : {"flat", "hash", "multihash"} or None
            None takes `default_kind`. Where all codes agree in one whole part, ``multihash`` becomes
            ``flat``: that part's one bucket would hold every document, and FAISS loses such a bucket on
            writing when their number is a power of two.

        Raises
        ------
        CodeError
            An argument is out of range, or the two arrays do not fit together.
        """
        packed = codes.check_packed(packed, bits)
        ids = check_rows(rows, len(packed))
        inner = _empty_index(packed, bits, default_kind(bits) if kind is None else kind)
        index = faiss.IndexBinaryIDMap(inner)
        index.add_with_ids(_with_slack(packed), ids)
        return cls(index, bits)

    def write(self, path: Path) -> None:
        """Write the index to a file.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        # FAISS itself does not look whether its last bytes came to the disk.
        path.write_bytes(faiss.serialize_index_binary(self._index).data)

    @property
    def bits(self) -> int:
        """Width of the codes."""
        return self._bits

    @property
    def n_documents(self) -> int:
        """How many documents the index holds."""
        return len(self._rows)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Row of each document in the corpus, of shape (n_documents,), in the order of their codes."""
        return self._rows

    def ball(self, code: int, radius: int) -> Neighbours:
        """Find all documents at distance 0 to `radius`."""
        query = self._query(code)
        radius = min(codes.check_radius(radius), self.bits)
        with self._lock(), _one_thread():
            return self._within(radius, query)

    def grow(self, code: int, at_least: int) -> Neighbours:
        """Find the smallest whole ball of `at_least` documents; all documents when there are fewer."""
        query = self._query(code)
        wanted = min(check_count(at_least, "at_least"), self.n_documents)
        with self._lock(), _one_thread():
            for radius in self._cheap_radii():
                found = self._within(radius, query)
                if len(found) >= wanted:
                    return found.smallest_ball(wanted)
            return self._within(self._radius_of(wanted, query), query).smallest_ball(wanted)

    def _lock(self) -> threading.Lock:
        return self._locks.setdefault(os.getpid(), threading.Lock())

    def _query(self, code: int) -> codes.Packed:
        return _with_slack(codes.from_int(code, self.bits)[np.newaxis])

    def _within(self, radius: int, query: codes.Packed) -> Neighbours:
        """Find all documents at distance 0 to `radius` from the query of shape (1, n_bytes)."""
        # A hash index has nothing but its buckets to go through, so fewer of them are always better.
        flip = self.kind == "hash" or self._is_cheap(radius)
        searcher = self._flipping(radius) if flip else self._comparing()
        _, distances, places = searcher.range_search(query, radius + 1)
        try:
            return Neighbours.ordered(self._rows[places], distances.astype(np.uint8))
        except IndexError as error:
            raise IndexDamagedError(f"FAISS index: expected {self.n_documents} documents, {error}") from error

    def _radius_of(self, k: int, query: codes.Packed) -> int:
        """Give a radius that holds `k` documents: their last one's, unless sorting them all is cheaper."""
        if k * _FEW >= self.n_documents:
            return self.bits
        distances, _ = self._comparing().search(query, k)
        return int(distances.max())

    def _cheap_radii(self) -> Iterator[int]:
        """Give the widest radius that 0, 1, 2, ... flipped bits make good, while flipping pays."""
        parts, part_bits = self._parts
        for flips in range(part_bits + 1):
            radius = min(parts * (flips + 1) - 1, self.bits)
            if not self._is_cheap(radius):
                return
            yield radius

    def _is_cheap(self, radius: int) -> bool:
        """Say whether flipping bits costs less than comparing the query with every code."""
        if self.kind == "flat":
            return False
        parts, part_bits = self._parts
        lookups = parts * sum(comb(part_bits, flips) for flips in range(radius // parts + 1))
        return lookups * _LOOKUP_COST <= self.n_documents

    def _flipping(self, radius: int) -> Any:
        """Give the FAISS index, set to flip as many bits as a radius needs."""
        parts, part_bits = self._parts
        self._inner.nflip = min(radius // parts, part_bits)
        return self._inner

    def _comparing(self) -> Any:
        """Give a FAISS index that compares the query with every code."""
        if self.kind == "multihash":
            return self._inner.storage
        if self.kind == "hash":
            self._inner.nflip = self._inner.b
        return self._inner


def rows_in(path: Path, n: int, below: int) -> npt.NDArray[np.int64]:
    """Read the documents' rows out of the file of a FAISS index.

    They stand at its end, their number before them. That is all that is read, since FAISS's own reader believes what
    a file says: it may end the process, or take all the memory there is. With the codes, they make the index again
    in the time that it takes to read it.

    Parameters
    ----------
    path : Path
        The file.
    n : int
        How many there must be.
    below : int
        What each of them must be below, and 0 or above.

    Raises
    ------
    IndexDamagedError
        The file is missing, or holds something else.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_ID_MAP))
            stream.seek(-8 * (n + 1), 2)
            found, *_ = counted = np.frombuffer(stream.read(8 * (n + 1)), dtype="<i8")
    except (OSError, ValueError) as error:
        raise IndexDamagedError(f"{path}: expected a FAISS index of {n} documents, found: {error}") from error
    rows = counted[1:].astype(np.int64)
    if start != _ID_MAP or found != n:
        raise IndexDamagedError(f"{path}: expected a FAISS index of {n} documents, found another file")
    if rows.min(initial=0) < 0 or rows.max(initial=-1) >= below or len(repeated(rows)):
        raise IndexDamagedError(f"{path}: expected {n} different rows from 0 to {below - 1}, found others")
    return rows


_KINDS: dict[type, Kind] = {
    faiss.IndexBinaryFlat: "flat",
    faiss.IndexBinaryHash: "hash",
    faiss.IndexBinaryMultiHash: "multihash",
}


def _parts(inner: Any, kind: Kind) -> tuple[int, int]:
    """Give how many parts of a code are looked up, and the bits of each."""
    return inner.nhash if kind == "multihash" else 1, inner.d if kind == "flat" else inner.b


def _empty_index(packed: codes.Packed, bits: int, kind: Kind) -> Any:
    """Make the FAISS index of a kind, with parts to suit the codes that are to go into it."""
    width = 8 * codes.n_bytes(bits)
    magnitude = log2(max(len(packed), 1))
    if kind == "hash":
        return faiss.IndexBinaryHash(width, min(bits, max(8, int(magnitude) - 5)))
    if kind == "multihash":
        # The paper advises log2 n bits a part; with a little more, a bucket holds hardly a stranger.
        parts = max(1, round(bits / max(16, magnitude + 2)))
        if not _agree_in_a_part(packed, parts, bits // parts):
            return faiss.IndexBinaryMultiHash(width, parts, bits // parts)
    elif kind != "flat":
        raise CodeError(f"kind: expected one of {', '.join(get_args(Kind))}, found {kind!r}")
    return faiss.IndexBinaryFlat(width)


def _agree_in_a_part(packed: codes.Packed, parts: int, part_bits: int) -> bool:
    """Say whether all codes have the same bits in one of the parts."""
    differing = codes.to_int(np.bitwise_or.reduce(packed ^ packed[:1], axis=0))
    part = (1 << part_bits) - 1
    return any(differing >> (number * part_bits) & part == 0 for number in range(parts))


def _unwrapped(index: Any, bits: int) -> Any:
    """Give the index inside the one that knows the ids, when it is what `bits` bits need."""
    if not isinstance(index, faiss.IndexBinaryIDMap):
        raise IndexDamagedError(f"expected an IndexBinaryIDMap, found {type(index).__name__}")
    inner = faiss.downcast_IndexBinary(index.index)
    if type(inner) not in _KINDS:
        raise IndexDamagedError(f"expected a flat, hash or multihash index, found {type(inner).__name__}")
    if inner.d != 8 * codes.n_bytes(bits):
        raise IndexDamagedError(f"expected codes of {8 * codes.n_bytes(bits)} bits, found {inner.d}")
    if index.id_map.size() != inner.ntotal:
        raise IndexDamagedError(f"expected {inner.ntotal} ids, one a code, found {index.id_map.size()}")
    return inner


def _with_slack(packed: codes.Packed) -> codes.Packed:
    """Copy codes into memory that goes on for a few bytes behind them."""
    room = np.zeros(packed.size + _SLACK, dtype=np.uint8)
    room[: packed.size] = packed.ravel()
    return room[: packed.size].reshape(packed.shape)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep FAISS to the calling thread: on a busy machine, waking others takes longer than the query.

    OpenMP keeps this number for each calling thread apart, and it is put back, so nobody else sees it.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
