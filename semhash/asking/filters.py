"""The filters that an index was asked with last: what passes each, and a way to look it up."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from semhash.asking.where import Settled, Where, select, settled
from semhash.lookup.code_scan import CodeScan
from semhash.once import Once
from semhash.opened_index import OpenedIndex

__all__ = ["Filters", "Passing", "passing_rows"]

_KEPT = 32
_KEPT_ROWS = 4_000_000
"""How many documents all filters that are kept pass together; the last one is kept however many it passes."""


@dataclass(frozen=True, slots=True, eq=False)
class Passing:
    """What passes a filter.

    Attributes
    ----------
    rows : ndarray of shape (n,), int64
        The documents, ascending; those without a code too.
    scan : CodeScan
        Finds those that have a code.
    """

    rows: NDArray[np.int64]
    scan: CodeScan


_Entry: TypeAlias = tuple[Settled, Once[Passing]]


class Filters:
    """Works a filter out when it is first asked for, once for all threads that ask, and keeps the last ones."""

    def __init__(self) -> None:
        # The newest first. Never changed, but replaced as a whole: of two threads that do so at once one may win, and
        # the filter of the other is worked out once more when it is asked for again.
        self._kept: tuple[_Entry, ...] = ()

    def passing(self, index: OpenedIndex, where: Where) -> Passing:
        """Give what passes a filter in an index, always the same one.

        Raises
        ------
        ConfigError
            As `semhash.asking.where.select` does.
        """
        asked = settled(where)
        for known, made in self._kept:
            if known == asked:
                return made()
        entry = (asked, Once(partial(_passing, index, asked)))
        self._kept = (entry, *self._kept)
        try:
            found = entry[1]()
        except BaseException:
            self._kept = tuple(kept for kept in self._kept if kept is not entry)
            raise
        self._kept = tuple(_bounded(self._kept))
        return found


def _bounded(entries: Iterable[_Entry]) -> list[_Entry]:
    """Keep as many of the first as are to be kept."""
    kept: list[_Entry] = []
    rows = 0
    for entry in entries:
        rows += len(entry[1]().rows) if entry[1].is_made else 0
        if kept and (len(kept) == _KEPT or rows > _KEPT_ROWS):
            break
        kept.append(entry)
    return kept


def _passing(index: OpenedIndex, asked: Settled) -> Passing:
    return passing_rows(index, select(index.catalogue, dict(asked)))


def passing_rows(index: OpenedIndex, rows: NDArray[np.int64]) -> Passing:
    """Return some documents, given as rows that ascend, as what passes a filter."""
    coded = rows
    if index.manifest.n_unaddressed:
        has_code = np.zeros(len(index), dtype=bool)
        has_code[index.lookup.rows] = True
        coded = rows[has_code[rows]]
    return Passing(rows, CodeScan(index.codes, index.bits, coded))
