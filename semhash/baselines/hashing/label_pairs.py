"""Pairs of documents that share a label, and pairs that share none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from semhash.errors import EvaluationError

__all__ = ["LabelPairs", "labelled"]

_TRIES = 20

Rows = NDArray[np.int64]


def labelled(labels: Sequence[Collection[str]], what: str) -> NDArray[np.bool_]:
    """Say which documents have labels.

    Parameters
    ----------
    labels : sequence of n_documents collections of str
    what : str
        What learns from them, for the message.

    Returns
    -------
    ndarray of shape (n_documents,), bool

    Raises
    ------
    EvaluationError
        None has, or all have the same one.
    """
    different = sorted({label for of_one in labels for label in of_one})
    if len(different) < 2:
        found = f"only {different[0]!r}" if different else "none"
        raise EvaluationError(
            f"{what}: expected documents with two different labels or more in the database, found {found}; "
            "give labels, or leave this method out"
        )
    return np.array([len(of_one) > 0 for of_one in labels], dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class LabelPairs:
    """What pairs are drawn from.

    Attributes
    ----------
    has : sparse matrix of shape (n_documents, n_labels), int32
        1 where a document has a label.
    """

    has: Any

    @classmethod
    def of(cls, labels: Sequence[Collection[str]]) -> Self:
        """Enter each document's labels."""
        number: dict[str, int] = {}
        entries = [
            (row, number.setdefault(label, len(number)))
            for row, of_one in enumerate(labels)
            for label in sorted(set(of_one))
        ]
        rows, columns = np.array(entries, dtype=np.int64).reshape(-1, 2).T
        ones = np.ones(len(rows), dtype=np.int32)
        return cls(sp.csr_matrix((ones, (rows, columns)), shape=(len(labels), len(number))))

    def share(self, first: Rows, second: Rows) -> NDArray[np.bool_]:
        """Say which pairs share a label."""
        return np.asarray(self.has[first].multiply(self.has[second]).sum(axis=1)).ravel() > 0

    def similar(self, n: int, random: np.random.Generator) -> tuple[Rows, Rows]:
        """Draw pairs that share a label: a label of a document, then another document that has it.

        Parameters
        ----------
        n : int
        random : Generator

        Returns
        -------
        first, second : ndarray of shape (n,), int64

        Raises
        ------
        EvaluationError
            No label is on two documents.
        """
        by_label = self.has.tocsc()
        sizes = np.diff(by_label.indptr)
        offsets = np.repeat(by_label.indptr[:-1], sizes)
        shared = np.flatnonzero(np.repeat(sizes, sizes) > 1)
        if not len(shared):
            raise EvaluationError(
                "labels: expected one that two documents of the database share, found none; give labels that do"
            )
        chosen = shared[random.integers(0, len(shared), n)]
        within, size = chosen - offsets[chosen], np.repeat(sizes, sizes)[chosen]
        other = offsets[chosen] + (within + random.integers(1, size)) % size
        return by_label.indices[chosen].astype(np.int64), by_label.indices[other].astype(np.int64)

    def dissimilar(self, n: int, random: np.random.Generator) -> tuple[Rows, Rows]:
        """Draw pairs that share no label, each as likely as any other.

        Parameters
        ----------
        n : int
        random : Generator

        Returns
        -------
        first, second : ndarray of shape (n,), int64

        Raises
        ------
        EvaluationError
            None was drawn, however often tried: nearly all pairs share a label.
        """
        n_documents = self.has.shape[0]
        kept: list[NDArray[np.int64]] = []
        found = 0
        for _ in range(_TRIES):
            tried = random.integers(0, n_documents, (2, n))
            kept.append(tried[:, ~self.share(*tried)])
            found += kept[-1].shape[1]
            if found >= n:
                break
        if not found:
            raise EvaluationError(
                f"labels: expected documents that share none, found that all of {_TRIES * n} pairs share one; "
                "give labels that tell documents apart"
            )
        pairs = np.concatenate(kept, axis=1)
        first, second = pairs[:, np.arange(n) % found]
        return first, second
