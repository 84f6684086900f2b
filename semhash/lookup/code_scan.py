"""Some documents, or all, looked up by comparing the query with the code of each: exact at any width.

It is how a filter is looked through, since finding what passes one costs more than comparing its codes; and how
codes that are too wide for a table are probed by cost.
"""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from semhash import codes
from semhash.errors import CodeError
from semhash.lookup.neighbours import AddressLookup, Neighbours, Probed, check_count, check_rows
from semhash.lookup.probing import code_costs

__all__ = ["CodeScan"]

_Number = TypeVar("_Number", bound=np.integer[Any])


class CodeScan(AddressLookup):
    """Documents by code, with nothing built beforehand.

    Parameters
    ----------
    packed : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        Every document's code; may be memory-mapped.
    bits : int
        8 to 128.
    rows : ndarray of shape (n,), int64, or None
        The documents that can be found, ascending; None for all. Only their codes are read.

    Raises
    ------
    CodeError
        An argument is out of range, or the two arrays do not fit together.
    """

    def __init__(self, packed: codes.Packed, bits: int, rows: npt.NDArray[np.int64] | None = None) -> None:
        self._bits = codes.check_bits(bits)
        if rows is not None and len(rows) and rows.max() >= len(packed):
            raise CodeError(f"rows: expected below {len(packed)}, the number of codes, found {rows.max()}")
        self._rows = np.arange(len(packed)) if rows is None else check_rows(rows, len(rows))
        self._packed = packed if rows is None else packed[self._rows]

    @property
    def bits(self) -> int:
        """Width of the codes."""
        return self._bits

    @property
    def n_documents(self) -> int:
        """How many documents can be found."""
        return len(self._rows)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Row of each document in the corpus, ascending, of shape (n_documents,)."""
        return self._rows

    def ball(self, code: int, radius: int) -> Neighbours:
        """Find all documents at distance 0 to `radius`."""
        distances = self._distances(code)
        kept = np.flatnonzero(distances <= codes.check_radius(radius))
        return Neighbours.ordered(self._rows[kept], distances[kept])

    def grow(self, code: int, at_least: int) -> Neighbours:
        """Find the smallest whole ball of `at_least` documents; all documents when there are fewer."""
        distances = self._distances(code)
        kept = _smallest(distances, check_count(at_least, "at_least"))
        return Neighbours.ordered(self._rows[kept], distances[kept])

    def probe(self, code: int, flips: npt.NDArray[np.int64], at_least: int) -> Probed:
        """Find the `at_least` documents whose codes cost least, and all that tie with the last; see `Prober`."""
        costs = code_costs(codes.check_code(code, self.bits), flips, self._packed)
        kept = _smallest(costs, check_count(at_least, "at_least"))
        query = codes.from_int(code, self.bits)
        distances = codes.hamming_distances(query, np.asarray(self._packed[kept]))
        return Probed.ordered(self._rows[kept], costs[kept], distances)

    def _distances(self, code: int) -> npt.NDArray[np.uint8]:
        return codes.hamming_distances(codes.from_int(code, self.bits), self._packed)


def _smallest(values: npt.NDArray[_Number], at_least: int) -> npt.NDArray[np.intp]:
    """Give the places of the `at_least` smallest values and of all that tie with the last, in their order."""
    if at_least >= len(values):
        return np.arange(len(values))
    return np.flatnonzero(values <= np.partition(values, at_least - 1)[at_least - 1])
