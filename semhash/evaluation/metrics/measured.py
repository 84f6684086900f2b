"""All measures of one ranking, query by query: ``measure(ranking, relevance, cuts, report) -> Measured``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import CodeRanking, Ranking, ScoreRanking
from semhash.errors import EvaluationError
from semhash.evaluation.metrics import balls, expected, extremes, rankings, recall_levels
from semhash.evaluation.metrics.order import descending, in_order
from semhash.evaluation.metrics.parts import CUTS, check_cut
from semhash.evaluation.metrics.shells import Shells
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.results import Addresses, Balls
from semhash.progress import Report, unheard

__all__ = ["Measured", "measure"]

_PAIRS = 2**21  # of a query and a document at once: some 50 bytes each


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """How well a ranking finds what is relevant. Those of codes are expected values over random order among equals.

    Attributes
    ----------
    n_documents : int
        How many were ranked.
    queries : ndarray of shape (n_judged,), int64
        Rows of the queries that have something to find, ascending. All else is of them alone.
    values : dict of str to ndarray of shape (n_judged,), float64
        Query by query. With cuts 10 and 100: ``P@10``, ``R@10``, ``nDCG@10``, ``P@100``, ``R@100``, ``nDCG@100`` and
        ``MAP`` (a query's average precision), for which a document is relevant or not; where there are grades
        other than 0 and 1, ``graded P@10`` (the mean grade of the first ten), ``graded nDCG@10`` and so on.
    curve : list of (float, float)
        Recall 0, 0.1, ... 1, and the mean precision there; see `recall_levels`.
    worst, best : dict of str to float
        Codes alone: means of ``P@10``, ``P@100`` and ``MAP`` in the worst and in the best order among equals.
    balls : Balls or None
        Codes alone: means by radius 0, 1, ... bits.
    addresses : Addresses or None
        Codes alone: how full the addresses of the documents are.
    """

    n_documents: int
    queries: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    curve: list[tuple[float, float]]
    worst: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    balls: Balls | None = None
    addresses: Addresses | None = None

    @property
    def means(self) -> dict[str, float]:
        """Means over the queries, by measure: each query counts alike."""
        return _means(self.values)


def measure(
    ranking: Ranking, relevance: Relevance, cuts: Sequence[int] = CUTS, report: Report = unheard
) -> Measured:
    """Measure how well a ranking finds what is relevant, in blocks of queries, so that memory stays bounded.

    Codes are ranked by Hamming distance, and no figure hangs on the order in which documents of equal distance are
    stored. Scores are compared in single precision, equal ones stand in the order of the documents; minus infinity
    says that a document is not returned at all.

    Queries with nothing to find are left out. A place without a document counts as a miss, an empty ball has
    precision 0, and so has a level of recall that a list does not reach.

    Parameters
    ----------
    ranking : CodeRanking or ScoreRanking
        Of all documents, for all queries.
    relevance : Relevance
        Of those documents to those queries.
    cuts : sequence of int
        After how many documents one looks: 1 or above, more than there are documents too.
    report : callable, optional
        Hears of queries.

    Raises
    ------
    EvaluationError
        No query has anything to find; ranking and relevance do not fit together; a score is not a number; a cut is
        below 1.
    CodeError
        Codes are not of the bits they are said to be of.
    """
    for k in cuts:
        check_cut(k)
    judged = np.flatnonzero(relevance.totals())
    if not len(judged):
        raise EvaluationError(
            f"relevance: expected a query to which some document is relevant, found none among "
            f"{relevance.n_queries} queries and {relevance.n_documents} documents; check labels, judgements and split"
        )
    if isinstance(ranking, CodeRanking):
        return _measure_codes(ranking, relevance, judged, cuts, report)
    return _measure_scores(ranking, relevance, judged, cuts, report)


def _measure_codes(
    ranking: CodeRanking, relevance: Relevance, judged: NDArray[np.int64], cuts: Sequence[int], report: Report
) -> Measured:
    shells = Shells.count(ranking, relevance, report)
    ideal = _Ideal.of(relevance, judged, shells.relevant.sum(axis=1), cuts)
    values = {}
    for k in cuts:
        values[f"P@{k}"] = expected.precision_at(shells, k)
        values[f"R@{k}"] = expected.recall_at(shells, k)
        values[f"nDCG@{k}"] = expected.ndcg_at(shells, shells.relevant, ideal.hits, k)
        if ideal.grades is not None:
            values[f"graded P@{k}"] = expected.graded_precision_at(shells, k)
            values[f"graded nDCG@{k}"] = expected.ndcg_at(shells, shells.grades, ideal.grades, k)
    values["MAP"] = expected.average_precision(shells)
    worst = {f"P@{k}": extremes.worst_precision_at(shells, k) for k in cuts}
    best = {f"P@{k}": extremes.best_precision_at(shells, k) for k in cuts}
    return Measured(
        n_documents=relevance.n_documents,
        queries=judged,
        values=values,
        curve=_curve(recall_levels.expected_precision(shells)),
        worst=_means(worst | {"MAP": extremes.worst_average_precision(shells)}),
        best=_means(best | {"MAP": extremes.best_average_precision(shells)}),
        balls=Balls(
            precision=balls.ball_precision(shells).mean(axis=0).tolist(),
            recall=balls.ball_recall(shells).mean(axis=0).tolist(),
            documents=balls.ball_documents(shells).mean(axis=0).tolist(),
        ),
        addresses=_addresses(ranking),
    )


def _measure_scores(
    ranking: ScoreRanking,
    relevance: Relevance,
    judged: NDArray[np.int64],
    cuts: Sequence[int],
    report: Report,
) -> Measured:
    totals = relevance.totals()
    found: list[dict[str, NDArray[np.float64]]] = []
    precision = []
    step = max(1, _PAIRS // relevance.n_documents)
    for start in range(0, len(judged), step):
        rows = judged[start : start + step]
        scores = _checked(ranking.scores(rows), (len(rows), relevance.n_documents))
        order, returned = descending(scores), scores > -np.inf
        hits = in_order(relevance.block(rows) & returned, order)
        ideal = _Ideal.of(relevance, rows, totals[rows], cuts)
        first = order[:, : ideal.hits.shape[1]]
        grades = in_order(relevance.grades(rows) * returned, first) if ideal.grades is not None else None
        found.append(_of_lists(hits, grades, totals[rows], ideal, cuts))
        precision.append(recall_levels.precision(hits, totals[rows]))
        report(start + len(rows), len(judged), "")
    return Measured(
        n_documents=relevance.n_documents,
        queries=judged,
        values={name: np.concatenate([block[name] for block in found]) for name in found[0]},
        curve=_curve(np.concatenate(precision)),
    )


def _of_lists(
    hits: NDArray[np.bool_],
    grades: NDArray[np.float64] | None,
    totals: NDArray[np.int64],
    ideal: "_Ideal",
    cuts: Sequence[int],
) -> dict[str, NDArray[np.float64]]:
    """Give all measures of some lists, from hits and, where there are any, grades in their order."""
    values = {}
    for k in cuts:
        values[f"P@{k}"] = rankings.precision_at(hits, k)
        values[f"R@{k}"] = rankings.recall_at(hits, totals, k)
        values[f"nDCG@{k}"] = rankings.ndcg_at(hits, ideal.hits, k)
        if grades is not None and ideal.grades is not None:
            values[f"graded P@{k}"] = rankings.graded_precision_at(grades, k)
            values[f"graded nDCG@{k}"] = rankings.ndcg_at(grades, ideal.grades, k)
    return values | {"MAP": rankings.average_precision(hits, totals)}


@dataclass(frozen=True, eq=False)
class _Ideal:
    """What the first places are worth in the best order there could be, each of shape (n_queries, largest cut).

    `grades` is None where every grade is 0 or 1.
    """

    hits: NDArray[np.bool_]
    grades: NDArray[np.float64] | None

    @classmethod
    def of(
        cls, relevance: Relevance, queries: NDArray[np.int64], totals: NDArray[np.int64], cuts: Sequence[int]
    ) -> "_Ideal":
        depth = max(cuts, default=1)
        grades = relevance.best_grades(queries, depth) if relevance.graded else None
        return cls(np.arange(depth) < totals[:, None], grades)


def _curve(precision: NDArray[np.float64]) -> list[tuple[float, float]]:
    return list(zip(recall_levels.LEVELS, precision.mean(axis=0).tolist(), strict=True))


def _means(values: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    return {name: float(of_each.mean()) for name, of_each in values.items()}


def _addresses(ranking: CodeRanking) -> Addresses:
    _, held = np.unique(ranking.documents, axis=0, return_counts=True)
    sizes, times = np.unique(held, return_counts=True)
    return Addresses(
        in_use=len(held),
        largest=int(held.max()),
        sizes=list(zip(sizes.tolist(), times.tolist(), strict=True)),
    )


def _checked(scores: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    if scores.shape != shape:
        raise EvaluationError(f"scores: expected shape {shape}, queries by documents, found {scores.shape}")
    return scores
