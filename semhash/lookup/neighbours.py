"""What a lookup by address gives, and what every such lookup can do."""

import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from semhash import codes
from semhash.errors import CodeError

__all__ = [
    "AddressLookup",
    "NeighbourLists",
    "Neighbours",
    "Probed",
    "Prober",
    "check_count",
    "check_rows",
    "repeated",
]


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Documents near a code, nearest first; documents at one distance stand in the order of their rows.

    Attributes
    ----------
    rows : ndarray of shape (n_neighbours,), int64
        Row of each document in the corpus.
    distances : ndarray of shape (n_neighbours,), int64
        Bits in which each document's code differs from the code asked for; never descending.
    """

    rows: npt.NDArray[np.int64]
    distances: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def ordered(cls, rows: npt.NDArray[np.integer], distances: npt.NDArray[np.integer]) -> Self:
        """Put documents found in any order into the order of (distance, row).

        Parameters
        ----------
        rows, distances : ndarray of shape (n_neighbours,), int
        """
        order = np.lexsort((rows, distances))
        return cls(rows[order].astype(np.int64), distances[order].astype(np.int64))

    def first(self, k: int) -> Self:
        """Keep the `k` nearest; all of them when there are fewer."""
        return type(self)(self.rows[:k], self.distances[:k])

    def within(self, radius: int) -> Self:
        """Keep the documents at distance 0 to `radius`."""
        return self.first(int(np.searchsorted(self.distances, radius, side="right")))

    def smallest_ball(self, at_least: int) -> Self:
        """Keep the smallest whole ball of `at_least` documents; all documents when there are fewer."""
        if at_least >= len(self):
            return self
        return self.within(int(self.distances[max(at_least, 1) - 1]))


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourLists:
    """Documents near each of many codes, in the order of the codes; `lists[i]` gives those of one as `Neighbours`.

    Attributes
    ----------
    bounds : ndarray of shape (n_codes + 1,), int64
        Where those of each code begin in the other arrays, and where the last end.
    rows : ndarray of shape (n,), int
        Row of each document in the corpus; those of one code in the order of `Neighbours`.
    distances : ndarray of shape (n,), int
        Bits in which each document's code differs from the code asked for.
    """

    bounds: npt.NDArray[np.int64]
    rows: npt.NDArray[np.integer]
    distances: npt.NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, number: int) -> Neighbours:
        start, stop = self.bounds[range(len(self))[number] + np.arange(2)].tolist()
        return Neighbours(self.rows[start:stop].astype(np.int64), self.distances[start:stop].astype(np.int64))

    def __iter__(self) -> Iterator[Neighbours]:
        return map(self.__getitem__, range(len(self)))

    @classmethod
    def joined(cls, each: Iterable[Neighbours]) -> Self:
        """Put the answers to many questions together."""
        found = [Neighbours(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)), *each]
        bounds = np.cumsum([len(one) for one in found])
        rows, distances = (np.concatenate([getattr(one, n) for one in found]) for n in ("rows", "distances"))
        return cls(bounds, rows, distances)


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """Documents whose codes are likely under a query, likeliest first; where they tie, in the order of their rows.

    Attributes
    ----------
    rows : ndarray of shape (n,), int64
        Row of each document in the corpus.
    costs : ndarray of shape (n,), int64
        What the flips from the query's code to each document's cost, as in `semhash.lookup.probing`; never descending.
    distances : ndarray of shape (n,), int64
        How many flips they are, in bits.
    """

    rows: npt.NDArray[np.int64]
    costs: npt.NDArray[np.int64]
    distances: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def ordered(
        cls,
        rows: npt.NDArray[np.integer],
        costs: npt.NDArray[np.integer],
        distances: npt.NDArray[np.integer],
    ) -> Self:
        """Put documents found in any order into the order of (cost, row).

        Parameters
        ----------
        rows, costs, distances : ndarray of shape (n,), int
        """
        order = np.lexsort((rows, costs))
        found = (array[order].astype(np.int64) for array in (rows, costs, distances))
        return cls(*found)


class Prober(Protocol):
    """Documents found by what their codes cost, exactly; all that implement it give one answer."""

    def probe(self, code: int, flips: npt.NDArray[np.int64], at_least: int) -> Probed:
        """Find the documents of the smallest cost around `code` that holds `at_least` of them.

        Parameters
        ----------
        code : int
            0 to ``2 ** bits - 1``.
        flips : ndarray of shape (bits,), int64
            What flipping each bit costs: see `semhash.lookup.probing.flip_costs`.
        at_least : int
            How many documents.

        Returns
        -------
        probed : Probed
            Those that tie with the last one are all there; all documents when there are fewer than `at_least`.

        Raises
        ------
        CodeError
            `code` or `at_least` is out of range.
        """


class AddressLookup(Protocol):
    """Documents found by their codes, exactly.

    All that implement it give the same answer to the same question: the same rows in the same order.
    """

    @property
    def bits(self) -> int:
        """Width of the codes."""

    @property
    def n_documents(self) -> int:
        """How many documents can be found."""

    @property
    def rows(self) -> npt.NDArray[np.integer]:
        """Row of each of them in the corpus, of shape (n_documents,), in any order."""

    def ball(self, code: int, radius: int) -> Neighbours:
        """Find all documents at distance 0 to `radius` from `code`.

        Parameters
        ----------
        code : int
            0 to ``2 ** bits - 1``.
        radius : int
            In bits; from `bits` on, the ball holds all documents.

        Raises
        ------
        CodeError
            `code` or `radius` is out of range.
        """

    def grow(self, code: int, at_least: int) -> Neighbours:
        """Find the smallest whole ball around `code` that holds `at_least` documents.

        Returns
        -------
        neighbours : Neighbours
            All documents when there are fewer than `at_least`.

        Raises
        ------
        CodeError
            `code` or `at_least` is out of range.
        """

    def nearest(self, code: int, k: int) -> Neighbours:
        """Find the `k` documents nearest to `code`: the first `k` by (distance, row).

        Returns
        -------
        neighbours : Neighbours
            All documents when there are fewer than `k`.

        Raises
        ------
        CodeError
            `code` or `k` is out of range.
        """
        return self.grow(code, check_count(k, "k")).first(k)

    def ball_many(self, packed: codes.Packed, radius: int, threads: int = 1) -> NeighbourLists:
        """Find all documents at distance 0 to `radius` from each of many codes, as `ball` does from one.

        Parameters
        ----------
        packed : ndarray of shape (n_codes, ceil(bits / 8)), uint8
        radius : int
            In bits.
        threads : int
            How many may work at once, where that is of use.

        Raises
        ------
        CodeError
            An argument is out of range.
        """
        check_count(threads, "threads", "thread")
        queries = codes.to_ints(codes.check_packed(packed, self.bits))
        return NeighbourLists.joined(self.ball(query, radius) for query in queries)

    def nearest_many(self, packed: codes.Packed, k: int, threads: int = 1) -> NeighbourLists:
        """Find the `k` documents nearest to each of many codes, as `nearest` does for one; see `ball_many`."""
        check_count(threads, "threads", "thread")
        queries = codes.to_ints(codes.check_packed(packed, self.bits))
        return NeighbourLists.joined(self.nearest(query, k) for query in queries)


def check_count(count: int, name: str, of: str = "document") -> int:
    """Give `count` back when it asks for at least one document, or whatever it counts.

    Raises
    ------
    CodeError
        It is below 1; the message calls it `name`.
    """
    if count < 1:
        raise CodeError(f"{name}: expected 1 {of} or more, found {count!r}")
    return operator.index(count)


def check_rows(rows: npt.NDArray[np.integer], n_codes: int) -> npt.NDArray[np.int64]:
    """Give `rows` back as int64 when they are the documents of so many codes.

    Parameters
    ----------
    rows : ndarray of shape (n_codes,), int
    n_codes : int

    Raises
    ------
    CodeError
        The shape or the dtype is another, a row is negative, or two are the same.
    """
    if rows.shape != (n_codes,) or not np.issubdtype(rows.dtype, np.integer):
        found = f"{rows.dtype} of shape {rows.shape}"
        raise CodeError(f"rows: expected one integer for each of {n_codes} codes, found {found}")
    if rows.min(initial=0) < 0:
        raise CodeError(f"rows: expected 0 or above, found {rows.min()}")
    twice = repeated(rows)
    if len(twice):
        raise CodeError(f"rows: expected each document once, found row {twice[0]} twice")
    return rows.astype(np.int64)


def repeated(rows: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """List the rows that occur again; by a sort, which is ten times faster here than numpy.unique."""
    ordered = np.sort(rows)
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    return ordered[again]
