"""Measures of codes in the worst and in the best order of the documents at equal distances.

How far the two are apart says how much of a figure is left to chance. The letters are those of `expected`.
"""

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.metrics.harmonic import reciprocal_sum
from semhash.evaluation.metrics.parts import check_cut, ratio
from semhash.evaluation.metrics.shells import Shells

__all__ = [
    "best_average_precision",
    "best_precision_at",
    "worst_average_precision",
    "worst_precision_at",
]


def worst_precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the share of relevant documents among the first k when they come last in every shell.

    The sum of ``t - (n - m)``, not below 0, divided by k; see `expected.precision_at`.
    """
    others = shells.documents - shells.relevant
    return np.asarray(np.maximum(shells.taken(check_cut(k)) - others, 0).sum(axis=1) / k)


def best_precision_at(shells: Shells, k: int) -> NDArray[np.float64]:
    """Give the share of relevant documents among the first k when they come first in every shell.

    The sum of the lesser of t and m, divided by k; see `expected.precision_at`.
    """
    return np.asarray(np.minimum(shells.taken(check_cut(k)), shells.relevant).sum(axis=1) / k)


def worst_average_precision(shells: Shells) -> NDArray[np.float64]:
    """Give the average precision when the relevant documents come last in every shell, shape (n_queries,)."""
    return _average_precision(shells, shells.documents - shells.relevant)


def best_average_precision(shells: Shells) -> NDArray[np.float64]:
    """Give the average precision when the relevant documents come first in every shell, shape (n_queries,)."""
    return _average_precision(shells, np.zeros_like(shells.documents))


def _average_precision(shells: Shells, others: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the average precision when some of each shell's other documents come first, and then the relevant ones.

    With A documents before the first of them, a shell adds the sum over j = 1..m of ``(R + j) / (A + j)``, which
    is m less A - R times the sum of ``1 / (A + j)``.
    """
    m, ahead = shells.relevant, shells.before + others
    added = m - (ahead - shells.relevant_before) * reciprocal_sum(ahead, m)
    return ratio(added.sum(axis=1), m.sum(axis=1))
