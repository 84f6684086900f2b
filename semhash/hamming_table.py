"""The table from addresses to documents: semantic hashing proper, a lookup in place of a search.

Salakhutdinov and Hinton, *Semantic Hashing* (2009): a code is a memory address, and the documents like a
query are those at its own address and at the addresses a few flipped bits away.

Two arrays hold it, in compressed sparse rows: the documents at address ``a`` are
``rows[offsets[a]:offsets[a + 1]]``. Both may be memory-mapped; a lookup reads the few places it needs.

Lookups are array operations until it pays to compile them, or as the table is told; the answers are the same: see
`semhash.kernels`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from math import comb
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from semhash import codes
from semhash.errors import CodeError, IndexDamagedError
from semhash.kernels import Kernel
from semhash.lookup.neighbours import (
    AddressLookup,
    NeighbourLists,
    Neighbours,
    Probed,
    check_count,
    check_rows,
)
from semhash.lookup.probing import cheapest_flips, code_costs
from semhash.lookup.table_arrays import as_uint32, check_ends, check_whole

if TYPE_CHECKING:
    from semhash.kernels.table import TableKernel

__all__ = ["MAX_TABLE_BITS", "HammingTable"]

MAX_TABLE_BITS = codes.MAX_ADDRESS_BITS

# So that rows, and how many there are, both fit into 32 bits.
_MAX_ROWS = 2**32 - 1
# One address enumerated costs two scattered reads; one address in use, scanned, costs some eight times less.
_SCAN_ADVANTAGE = 8
# Which addresses are in use is not asked for before a shell is this share of all: that reads every offset.
_SMALL_SHELL = 1 / 64
# Addresses are probed by cost so many at first, then so many times more. Finding each costs some four times what
# enumerating it in a shell does.
_FIRST_PROBES = 64
_MORE_PROBES = 8
_PROBE_COST = 4
# What compiling spares, in seconds: benchmarks/lookup.py.
_SPARED_A_LOOKUP = 3e-5
_SPARED_A_DOCUMENT = 2.5e-8


class HammingTable(AddressLookup):
    """Documents grouped by address.

    Parameters
    ----------
    offsets : ndarray of shape (2 ** bits + 1,), uint32
        Where the documents of each address start in `rows`; the last entry is their number.
    rows : ndarray of shape (n_documents,), uint32
        Row of each document in the corpus, by address, ascending inside each address.
    bits : int
        8 to 24.
    compiled : bool or None
        Whether lookups are compiled: at once, never, or, with None, once so many were asked for that it has paid.

    Raises
    ------
    CodeError
        No table can be that wide.
    ConfigError
        `compiled` is True, and numba is not installed.
    IndexDamagedError
        The arrays do not fit together. Only their ends are looked at here; `check` reads them whole.
    """

    def __init__(
        self,
        offsets: npt.NDArray[np.unsignedinteger],
        rows: npt.NDArray[np.unsignedinteger],
        bits: int,
        compiled: bool | None = None,
    ) -> None:
        self._bits = codes.check_bits(bits, MAX_TABLE_BITS)
        # Plain views of what may be memory maps: numpy.memmap pays for its subclass at every read.
        self._offsets = as_uint32("offsets", np.asarray(offsets))
        self._rows = as_uint32("rows", np.asarray(rows))
        self._occupied: npt.NDArray[np.uint32] | None = None
        self._kernel = Kernel("table", compiled)
        self._for_kernel: TableKernel | None = None
        check_ends(self._offsets, self._rows, self._bits)

    @classmethod
    def build(
        cls,
        packed: codes.Packed,
        bits: int,
        rows: npt.NDArray[np.integer],
        compiled: bool | None = None,
    ) -> Self:
        """Group documents by address.

        Parameters
        ----------
        packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        bits : int
            8 to 24.
        rows : ndarray of shape (n_documents,), int
            Row in the corpus of the document of each code, each once and below 2 ** 32 - 1. A document
            without a known word has no code, and its row is left out.
        compiled : bool or None
            As above.

        Raises
        ------
        CodeError
            An argument is out of range, or the two arrays do not fit together.
        """
        addresses = codes.addresses(packed, codes.check_bits(bits, MAX_TABLE_BITS))
        row_numbers = check_rows(rows, len(addresses))
        if row_numbers.max(initial=0) >= _MAX_ROWS:
            raise CodeError(f"rows: expected 0 to {_MAX_ROWS - 1}, found {row_numbers.max()}")
        keys = addresses << 32 | row_numbers
        keys.sort()
        offsets = np.zeros((1 << bits) + 1, dtype=np.uint32)
        np.cumsum(np.bincount(addresses, minlength=1 << bits), out=offsets[1:])
        return cls(offsets, keys.astype(np.uint32), bits, compiled)

    @property
    def bits(self) -> int:
        """Width of the codes."""
        return self._bits

    @property
    def offsets(self) -> npt.NDArray[np.uint32]:
        """Where the documents of each address start in `rows`, of shape (2 ** bits + 1,)."""
        return self._offsets

    @property
    def rows(self) -> npt.NDArray[np.uint32]:
        """Row of each document, by address, of shape (n_documents,)."""
        return self._rows

    @property
    def n_documents(self) -> int:
        """How many documents the table holds."""
        return len(self._rows)

    @property
    def addresses_in_use(self) -> int:
        """How many addresses hold a document."""
        return len(self._occupied_addresses())

    @property
    def max_load(self) -> int:
        """How many documents the fullest address holds."""
        _, counts = self._spans(self._occupied_addresses().astype(np.int64))
        return int(counts.max(initial=0))

    def ball(self, code: int, radius: int) -> Neighbours:
        """Find all documents at distance 0 to `radius`."""
        code, radius = codes.check_code(code, self._bits), codes.check_radius(radius)
        kernel = self._compiled()
        found = kernel and kernel.ball(code, radius)
        if found:
            return Neighbours(*found)
        return self._counted(_joined(islice(self._shells(code), radius + 1)))

    def grow(self, code: int, at_least: int) -> Neighbours:
        """Find the smallest whole ball of `at_least` documents; all documents when there are fewer."""
        code = codes.check_code(code, self._bits)
        wanted = min(check_count(at_least, "at_least"), self.n_documents)
        kernel = self._compiled()
        found = kernel and kernel.grow(code, wanted)
        return Neighbours(*found) if found else self._counted(_joined(self._until(code, wanted)))

    def nearest(self, code: int, k: int) -> Neighbours:
        """Find the `k` documents nearest to `code`: the first `k` by (distance, row)."""
        code, k = codes.check_code(code, self._bits), check_count(k, "k")
        kernel = self._compiled()
        found = kernel and kernel.nearest(code, k)
        return Neighbours(*found) if found else super().nearest(code, k)

    def ball_many(self, packed: codes.Packed, radius: int, threads: int = 1) -> NeighbourLists:
        """Find all documents at distance 0 to `radius` from each of many codes, as `ball` does from one."""
        kernel = self._compiled(len(packed))
        if kernel:
            addresses, radius = codes.addresses(packed, self._bits), codes.check_radius(radius)
            found = kernel.balls(addresses, radius, check_count(threads, "threads", "thread"))
            if found:
                return NeighbourLists(*found)
        return super().ball_many(packed, radius, threads)

    def nearest_many(self, packed: codes.Packed, k: int, threads: int = 1) -> NeighbourLists:
        """Find the `k` documents nearest to each of many codes, as `nearest` does for one."""
        kernel = self._compiled(len(packed))
        if kernel:
            addresses = codes.addresses(packed, self._bits)
            found = kernel.nearest_each(
                addresses, check_count(k, "k"), check_count(threads, "threads", "thread")
            )
            if found:
                return NeighbourLists(*found)
        return super().nearest_many(packed, k, threads)

    def probe(self, code: int, flips: npt.NDArray[np.int64], at_least: int) -> Probed:
        """Find the documents at the cheapest addresses, `at_least` of them: see `semhash.lookup.neighbours.Prober`."""
        codes.check_code(code, self.bits)
        wanted = min(check_count(at_least, "at_least"), self.n_documents)
        # However few are asked for, all that ties with the code itself comes with it.
        n_probes = max(_FIRST_PROBES, 1 << int(np.count_nonzero(flips == 0)))
        while not self._scan_pays(n_probes * _PROBE_COST):
            masks, costs = cheapest_flips(flips, n_probes)
            _, counts = self._spans(masks ^ code)
            if counts.sum() >= wanted:
                return self._probed(code, masks, costs, wanted)
            n_probes *= _MORE_PROBES
        return self._probed_by_scan(code, flips, wanted)

    def check(self) -> None:
        """Read both arrays whole and compare them with each other.

        Raises
        ------
        IndexDamagedError
            An offset is below the one before it, or `rows` has a row twice or out of its order.
        """
        check_whole(self._offsets, self._rows)

    def _compiled(self, ahead: int = 0) -> "TableKernel | None":
        """Return the compiled lookups in this table, where those that were asked for and those ahead make them pay."""
        module = self._kernel(ahead=ahead * _SPARED_A_LOOKUP)
        if module and self._for_kernel is None:
            self._for_kernel = module.TableKernel(self._offsets, self._rows, self._bits)
        return self._for_kernel

    def _counted(self, found: Neighbours) -> Neighbours:
        """Return what array operations found, once it is counted what compiling would have spared."""
        self._kernel(_SPARED_A_LOOKUP + len(found) * _SPARED_A_DOCUMENT)
        return found

    def _until(self, code: int, wanted: int) -> Iterator[npt.NDArray[np.uint32]]:
        """Give the rows at distance 0, 1, ... until there are so many."""
        held = 0
        for shell in self._shells(code):
            yield shell
            held += len(shell)
            if held >= wanted:
                return

    def _shells(self, code: int) -> Iterator[npt.NDArray[np.uint32]]:
        """Give the rows at distance 0, 1, ..., bits, ascending in each; what is not asked for is not read."""
        distances: npt.NDArray[np.uint8] | None = None
        for distance in range(self.bits + 1):
            if distances is None and self._scan_pays(comb(self.bits, distance)):
                distances = np.bitwise_count(self._occupied_addresses() ^ np.uint32(code))
            if distances is None:
                yield self._documents(codes.shell_masks(self.bits, distance) ^ code)
            else:
                yield self._documents(self._occupied_addresses()[distances == distance].astype(np.int64))

    def _scan_pays(self, shell_size: int) -> bool:
        """Say whether looking through the addresses in use is cheaper than enumerating a shell."""
        small = shell_size <= min(self.n_documents, _SMALL_SHELL * (len(self._offsets) - 1))
        if small and self._occupied is None:
            return False
        return shell_size * _SCAN_ADVANTAGE > self.addresses_in_use

    def _probed_by_scan(self, code: int, flips: npt.NDArray[np.int64], wanted: int) -> Probed:
        """Probe the addresses in use alone: as each holds a document, no more than `wanted` and ties are needed."""
        occupied = self._occupied_addresses()
        octets = occupied.astype("<u4").view(np.uint8).reshape(-1, 4)
        costs = code_costs(code, flips, octets[:, : codes.n_bytes(self.bits)])
        if 0 < wanted < len(costs):
            kept = np.flatnonzero(costs <= np.partition(costs, wanted - 1)[wanted - 1])
            occupied, costs = occupied[kept], costs[kept]
        order = np.argsort(costs, kind="stable")
        return self._probed(code, occupied[order].astype(np.int64) ^ code, costs[order], wanted)

    def _probed(
        self, code: int, masks: npt.NDArray[np.int64], costs: npt.NDArray[np.int64], wanted: int
    ) -> Probed:
        """Give the documents at the first addresses, cheapest first, that hold `wanted`, and at all that tie."""
        _, counts = self._spans(masks ^ code)
        last = int(np.searchsorted(counts.cumsum(), wanted))
        near = np.flatnonzero((costs <= costs[last : last + 1].max(initial=-1)) & (counts > 0))
        rows = self._at(masks[near] ^ code)
        distances = np.bitwise_count(masks[near])
        return Probed.ordered(rows, np.repeat(costs[near], counts[near]), np.repeat(distances, counts[near]))

    def _occupied_addresses(self) -> npt.NDArray[np.uint32]:
        """List the addresses in use, ascending; made once, or by several threads alike."""
        if self._occupied is None:
            if self.n_documents * self.bits < len(self._offsets):
                # Few documents in a wide table: bisect for each rather than read every offset.
                places = np.arange(self.n_documents, dtype=self._offsets.dtype)
                found = np.searchsorted(self._offsets, places, side="right") - 1
                occupied = found[np.diff(found, prepend=-1) > 0]
            else:
                occupied = np.flatnonzero(self._offsets[1:] != self._offsets[:-1])
            self._occupied = occupied.astype(np.uint32)
        return self._occupied

    def _spans(self, addresses: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give where each address's documents start in `rows`, and how many they are."""
        # Every address is below 2 ** bits, so nothing is ever clipped: "clip" only spares numpy a buffer.
        starts = self._offsets[:-1].take(addresses, mode="clip").astype(np.int64)
        return starts, self._offsets[1:].take(addresses, mode="clip") - starts

    def _documents(self, addresses: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """Give the rows of the documents at any of `addresses`, ascending."""
        rows = self._at(addresses)
        rows.sort()
        return rows

    def _at(self, addresses: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """Give the rows of the documents at each of `addresses`, one address after the other."""
        starts, counts = self._spans(addresses)
        ends = counts.cumsum()
        try:
            if len(ends) and ends[-1] > self.n_documents:
                raise ValueError("more documents than there are")
            places = np.repeat(starts - ends + counts, counts)
            places += np.arange(len(places))
            return self._rows.take(places)
        except (IndexError, ValueError) as error:
            # Fewer documents than none, or places beyond the last, numpy finds out by itself.
            raise IndexDamagedError(
                f"table offsets: expected to rise from 0 to {self.n_documents}, found: {error}; "
                "restore the index from a copy, or build it again"
            ) from error


def _joined(shells: Iterable[npt.NDArray[np.uint32]]) -> Neighbours:
    """Join shells, given from distance 0 on, into one answer."""
    found = list(shells)
    distances = np.repeat(np.arange(len(found)), [len(shell) for shell in found])
    return Neighbours(np.concatenate(found).astype(np.int64), distances)
