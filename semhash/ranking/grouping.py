"""Near-identical documents put under the best of them, so that k hits are k different things."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEAR_IDENTICAL", "Group", "grouped"]

NEAR_IDENTICAL = 0.9
"""The TF-IDF cosine from which two documents at one address count as the same thing said again."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One document and those that are nearly the same.

    Attributes
    ----------
    place : int
        The document's place in the ranking, counted from 0.
    rows : ndarray of shape (n,), int64
        The others, most similar first, then by row.
    similarities : ndarray of shape (n,), float32
        Their cosine with the document.
    """

    place: int
    rows: NDArray[np.int64]
    similarities: NDArray[np.float32]


def grouped(
    rows: NDArray[np.int64],
    k: int,
    cosine: Callable[[int, NDArray[np.int64]], NDArray[np.float32]],
    beside: Callable[[int], NDArray[np.int64]],
    places: Iterable[int] | None = None,
) -> list[Group]:
    """Go down a ranking; each document that is in no group yet begins one with all that are nearly the same.

    A group is made around its best document: two others in it need not be near each other.

    Parameters
    ----------
    rows : ndarray of shape (n,), int64
        Documents, best first.
    k : int
        How many groups at most.
    cosine : callable
        Gives the TF-IDF cosine of a document with others, both as rows.
    beside : callable
        Gives the rows of all documents that may be found at a document's address, ranked or not.
    places : iterable of int, or None
        Places of the documents that may begin a group, ascending; None for all.

    Returns
    -------
    list of Group
        In the order of their best documents.
    """
    groups: list[Group] = []
    taken: set[int] = set()
    for place in range(len(rows)) if places is None else places:
        row = int(rows[place])
        if row in taken:
            continue
        others = np.array([r for r in beside(row).tolist() if r != row and r not in taken], dtype=np.int64)
        cosines = cosine(row, others)
        near = np.flatnonzero(cosines >= NEAR_IDENTICAL)
        near = near[np.lexsort((others[near], -cosines[near]))]
        groups.append(Group(place, others[near], cosines[near]))
        taken |= {row, *others[near].tolist()}
        if len(groups) == k:
            break
    return groups
