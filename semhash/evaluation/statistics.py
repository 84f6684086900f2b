"""How far a figure can be trusted: intervals and tests over queries. All chance comes from the seed.

Queries are what is drawn: an interval says how the mean would vary with other queries of the same kind, and a test
asks whether two methods differ on such queries. Neither knows of other trainings, other corpora or other splits.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError

__all__ = ["bootstrap_interval", "holm", "randomisation_test"]

_CELLS = 2**20  # of a resample and a query at once: some 16 bytes each
_EXACT = 12


def bootstrap_interval(
    values: NDArray[np.float64], seed: int, level: float = 0.95, resamples: int = 2000
) -> tuple[float, float]:
    """Give a confidence interval of the mean by the percentile bootstrap.

    Queries are drawn anew, as many as there are and with replacement; the interval holds the middle `level` of the
    means of such draws. Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13.

    Parameters
    ----------
    values : ndarray of shape (n_queries,), float64
        One query's is its own interval.
    seed : int
    level : float
        Above 0 and below 1.
    resamples : int

    Returns
    -------
    low, high : float

    Raises
    ------
    EvaluationError
        There are no values, one is not a number, or an option is out of range.
    """
    values = _checked("values", values)
    if not len(values) or not 0 < level < 1 or resamples < 1:
        raise EvaluationError(
            "bootstrap: expected a value or more, a level above 0 and below 1, and a resample or more, "
            f"found {len(values)}, {level} and {resamples}"
        )
    random = np.random.default_rng(seed)
    means = [
        values[random.integers(0, len(values), (n, len(values)), dtype=np.int32)].mean(axis=1)
        for n in _blocks(resamples, len(values))
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2]).tolist()
    return low, high


def randomisation_test(
    first: NDArray[np.float64], second: NDArray[np.float64], seed: int, rounds: int = 10_000
) -> float:
    """Say how likely two methods without a difference would differ so much on these queries, or more.

    Paired and two-sided: if there is no difference, each query's two values could as well change places, which
    turns the sign of their difference. p is the share of such changes whose mean difference is as large in size as
    the one found. Smucker, Allan and Carterette, *A Comparison of Statistical Significance Tests for Information
    Retrieval Evaluation*, CIKM 2007.

    Where twelve queries or fewer differ, all changes are gone through, and p is exact. Where more do, `rounds` of
    them are drawn, and p is ``(b + 1) / (rounds + 1)`` with b of them as large: the changes found are one of all,
    so that p is never 0 and the test holds its level.

    Parameters
    ----------
    first, second : ndarray of shape (n_queries,), float64
        Of the same queries, in one order.
    seed : int
    rounds : int

    Returns
    -------
    p_value : float
        Above 0 and at most 1; 1 where no query differs.

    Raises
    ------
    EvaluationError
        The two are of different lengths, a value is not a number, or `rounds` is below 1.
    """
    first, second = _checked("first", first), _checked("second", second)
    if len(first) != len(second) or rounds < 1:
        raise EvaluationError(
            "randomisation test: expected two values a query and a round or more, "
            f"found {len(first)} and {len(second)} values and {rounds} rounds"
        )
    differences = (first - second)[first != second]
    if len(differences) <= _EXACT:
        subsets = _all_subsets(len(differences))
        return _as_large(differences, subsets) / len(subsets)
    random = np.random.default_rng(seed)
    drawn = (_drawn_subsets(random, n, len(differences)) for n in _blocks(rounds, len(differences)))
    return (sum(_as_large(differences, subsets) for subsets in drawn) + 1) / (rounds + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of several comparisons, so that any false finding at all is as rare as the level asked.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is below one before it, nor above 1.
    Holm, *A Simple Sequentially Rejective Multiple Test Procedure*, Scandinavian Journal of Statistics 6 (1979).

    Parameters
    ----------
    p_values : sequence of float
        0 to 1.

    Returns
    -------
    list of float
        In the order given.

    Raises
    ------
    EvaluationError
        A p-value is not between 0 and 1.
    """
    given = np.asarray(p_values, dtype=np.float64)
    outside = given[~((given >= 0) & (given <= 1))]
    if len(outside):
        raise EvaluationError(f"p-values: expected numbers from 0 to 1, found {outside[0]}")
    order = np.argsort(given, kind="stable")
    adjusted = np.empty(len(given))
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1)), 1)
    return adjusted.tolist()


def _checked(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise EvaluationError(
            f"{name}: expected one finite number a query, found shape {values.shape}"
            f"{' and a value that is none' if values.ndim == 1 else ''}"
        )
    return values


def _blocks(n_rows: int, width: int) -> Iterator[int]:
    """Cut rows of so many cells into blocks that memory holds, and give how many rows each has."""
    step = max(1, _CELLS // max(1, width))
    for start in range(0, n_rows, step):
        yield min(step, n_rows - start)


def _all_subsets(n: int) -> NDArray[np.float64]:
    """Give all subsets of n items as rows of 0 and 1, shape (2^n, n)."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def _drawn_subsets(random: np.random.Generator, n_rows: int, n: int) -> NDArray[np.float64]:
    """Draw subsets of n items, each item in or out by a fair coin, shape (n_rows, n)."""
    octets = random.integers(0, 256, (n_rows, (n + 7) // 8), dtype=np.uint8)
    return np.unpackbits(octets, axis=1, count=n).astype(np.float64)


def _as_large(differences: NDArray[np.float64], turned: NDArray[np.float64]) -> int:
    """Count the changes of sign that leave a sum as large in size as that of all differences, or larger.

    A row of `turned`, shape (n_changes, n_queries), has 1 where the sign stays. Sums that differ by rounding alone
    count as equal.
    """
    sums = 2 * (turned @ differences) - differences.sum()
    rounding = 1e-12 * np.abs(differences).sum()
    return int((np.abs(sums) >= abs(differences.sum()) - rounding).sum())
