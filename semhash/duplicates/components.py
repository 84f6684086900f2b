"""Connected components of a growing graph: which documents hang together by the pairs found so far."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Components"]


class Components:
    """A union-find over documents; each component is called by its lowest row.

    Galler and Fischer, *An improved equivalence algorithm*, Communications of the ACM 7 (1964). Paths are
    halved on the way, as in Tarjan and van Leeuwen, *Worst-case analysis of set union algorithms*, Journal of
    the ACM 31 (1984).

    Parameters
    ----------
    n : int
        Number of documents, at first each in a component of its own.
    """

    def __init__(self, n: int) -> None:
        self._parents = np.arange(n, dtype=np.int64)

    def join(self, first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]) -> None:
        """Make one component of the two of each pair.

        Parameters
        ----------
        first, second : ndarray of shape (n_pairs,), int
        """
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            low, high = sorted((self._root(a), self._root(b)))
            self._parents[high] = low

    def _root(self, row: int) -> int:
        parents = self._parents
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = int(parents[row])
        return row

    def names(self) -> NDArray[np.int64]:
        """Give the lowest row of each document's component, shape (n,)."""
        while not np.array_equal(above := self._parents[self._parents], self._parents):
            self._parents = above
        return self._parents.copy()

    def groups(self) -> list[NDArray[np.int64]]:
        """Give the components of two documents or more: rows ascending, by their lowest row."""
        names = self.names()
        order = np.argsort(names, kind="stable")
        cuts = np.flatnonzero(np.diff(names[order])) + 1
        return [rows for rows in np.split(order, cuts) if len(rows) > 1]
