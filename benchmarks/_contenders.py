"""Who looks codes up: the table, compiled and not, FAISS's binary indexes, and a scan in numpy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log2
from typing import Any, Literal, Protocol

import faiss
import numpy as np
from _lookup_page import OURS, PLAIN
from numpy.typing import NDArray

from semhash import codes
from semhash.hamming_table import HammingTable
from semhash.lookup.neighbours import NeighbourLists, Neighbours

__all__ = ["Contender", "Table", "Task", "contenders"]


@dataclass(frozen=True)
class Task:
    """What is asked: all documents in a ball, or the nearest ones.

    Attributes
    ----------
    verb : {"ball", "nearest"}
    size : int
        The radius, or how many.
    furthest : int
        The greatest distance that a right answer to any of the questions has.
    """

    verb: Literal["ball", "nearest"]
    size: int
    furthest: int

    @property
    def title(self) -> str:
        """Such as ``ball, radius 2``."""
        return f"ball, radius {self.size}" if self.verb == "ball" else f"{self.size} nearest"


class Contender(Protocol):
    """Somebody who looks codes up; `checked` gives what must be equal for all of them."""

    name: str

    def one(self, task: Task) -> Callable[[Any], Any]:
        """Give what answers one question, put as `singly` puts it."""

    def many(self, task: Task, threads: int) -> Callable[[codes.Packed], Any]:
        """Give what answers many questions at once."""

    def singly(self, packed: codes.Packed) -> list[Any]:
        """Put questions as `one` takes them."""

    def checked(self, task: Task, answer: Any) -> Iterator[NDArray[np.integer]]:
        """Give, for each question, the documents in the ball, ascending, or the distances of the nearest."""


class Table:
    """The table of semhash."""

    def __init__(self, name: str, table: HammingTable) -> None:
        self.name = name
        self.table = table

    def one(self, task: Task) -> Callable[[Any], Any]:
        table, size = self.table, task.size
        return (
            (lambda code: table.ball(code, size))
            if task.verb == "ball"
            else lambda code: table.nearest(code, size)
        )

    def many(self, task: Task, threads: int) -> Callable[[codes.Packed], Any]:
        ask = self.table.ball_many if task.verb == "ball" else self.table.nearest_many
        return lambda packed: ask(packed, task.size, threads)

    def singly(self, packed: codes.Packed) -> list[Any]:
        return codes.to_ints(packed)

    def checked(self, task: Task, answer: Any) -> Iterator[NDArray[np.integer]]:
        found: NeighbourLists | list[Neighbours] = answer if isinstance(answer, NeighbourLists) else [answer]
        for one in found:
            yield np.sort(one.rows) if task.verb == "ball" else one.distances


class Faiss:
    """A binary index of FAISS; it is told how many bits to flip for its answers to be right, and no more."""

    def __init__(self, name: str, index: Any, parts: int = 0) -> None:
        self.name = name
        self.index = index
        self.parts = parts

    def one(self, task: Task) -> Callable[[Any], Any]:
        return self.many(task, 1)

    def many(self, task: Task, threads: int) -> Callable[[codes.Packed], Any]:
        faiss.omp_set_num_threads(threads)
        if self.parts:
            self.index.nflip = min(task.furthest // self.parts, self.index.b)
        index, size = self.index, task.size
        if task.verb == "ball":  # FAISS gives what is strictly nearer
            return lambda packed: index.range_search(packed, size + 1)
        return lambda packed: index.search(packed, size)

    def singly(self, packed: codes.Packed) -> list[Any]:
        return [packed[number : number + 1] for number in range(len(packed))]

    def checked(self, task: Task, answer: Any) -> Iterator[NDArray[np.integer]]:
        if task.verb == "nearest":
            yield from np.sort(answer[0], axis=1)
            return
        bounds, _, rows = answer
        for start, stop in zip(bounds[:-1].astype(int), bounds[1:].astype(int), strict=True):
            yield np.sort(rows[start:stop])


class Scan:
    """Codes as 32-bit numbers, compared with the question one after the other by numpy."""

    name = "numpy scan"

    def __init__(self, addresses: NDArray[np.int64]) -> None:
        self.codes = addresses.astype(np.uint32)

    def one(self, task: Task) -> Callable[[Any], Any]:
        return self._ball(task.size) if task.verb == "ball" else self._nearest(task.size)

    def many(self, task: Task, threads: int) -> Callable[[codes.Packed], Any]:
        ask = self.one(task)
        return lambda packed: [ask(question) for question in self.singly(packed)]

    def singly(self, packed: codes.Packed) -> list[Any]:
        return list(codes.addresses(packed, 8 * packed.shape[1]).astype(np.uint32))

    def checked(self, task: Task, answer: Any) -> Iterator[NDArray[np.integer]]:
        yield from answer if isinstance(answer, list) else [answer]

    def _ball(self, radius: int) -> Callable[[np.uint32], NDArray[np.integer]]:
        def ask(code: np.uint32) -> NDArray[np.integer]:
            return np.flatnonzero(np.bitwise_count(self.codes ^ code) <= radius)

        return ask

    def _nearest(self, k: int) -> Callable[[np.uint32], NDArray[np.integer]]:
        def ask(code: np.uint32) -> NDArray[np.integer]:
            distances = np.bitwise_count(self.codes ^ code)
            radius = 0
            while len(found := np.flatnonzero(distances <= radius)) < k:
                radius += 1
            nearest: NDArray[np.integer] = np.sort(distances[found], kind="stable")[:k]
            return nearest

        return ask


def contenders(addresses: NDArray[np.int64], packed: codes.Packed, bits: int) -> list[Contender]:
    """Give everybody the same codes; the first is ours."""
    table = HammingTable.build(packed, bits, np.arange(len(packed)), compiled=True)
    width = 8 * packed.shape[1]
    few = max(8, min(bits, int(log2(len(packed))) - 5))
    made: list[tuple[str, Any, int]] = [
        ("IndexBinaryFlat", faiss.IndexBinaryFlat(width), 0),
        (f"IndexBinaryHash, {bits} bits", faiss.IndexBinaryHash(width, bits), 1),
        (f"IndexBinaryHash, {few} bits", faiss.IndexBinaryHash(width, few), 1),
        (f"IndexBinaryMultiHash, 2 x {bits // 2} bits", faiss.IndexBinaryMultiHash(width, 2, bits // 2), 2),
    ]
    for _, index, _ in made:
        index.add(packed)
    plain = HammingTable(table.offsets, table.rows, bits, compiled=False)
    peers = [Faiss(name, index, parts) for name, index, parts in made]
    return [Table(OURS, table), Table(PLAIN, plain), *peers, Scan(addresses)]
