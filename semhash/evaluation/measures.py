"""All measures of one set of codes, or of one ranking, as means over the queries that have something to find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.codes import Packed
from semhash.errors import EvaluationError
from semhash.evaluation import expected, rankings
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.shells import Shells

__all__ = ["CUTS", "CodeMeasures", "RankingMeasures", "Scores", "measure_codes", "measure_scores"]

CUTS = (10, 100)
"""Where precision is measured unless one says otherwise."""

Scores = Callable[[NDArray[np.int64]], NDArray[Any]]
"""Gives the scores of all documents for some queries: rows of queries in, (n, n_documents) out."""

_PAIRS = 2**21


@dataclass(frozen=True, kw_only=True)
class CodeMeasures:
    """How well ranking by Hamming distance finds what is relevant.

    Attributes
    ----------
    bits : int
        Width of the codes.
    n_documents, n_queries : int
        Documents ranked; queries that have something to find, over which the means are.
    addresses_in_use : int
        Different codes among the documents.
    precision, worst_precision, best_precision : dict of int to float
        Precision after k documents, by k: its expected value over random order among equal distances, and
        its value in the worst and in the best order.
    recall : dict of int to float
        Expected recall after k documents, by k.
    mean_average_precision : float
        Expected value over random order among equal distances.
    ball_precision, ball_recall, ball_documents : list of float
        By radius, from 0 to `bits`: precision and recall of the ball, and how many documents it holds.
    """

    bits: int
    n_documents: int
    n_queries: int
    addresses_in_use: int
    precision: dict[int, float]
    worst_precision: dict[int, float]
    best_precision: dict[int, float]
    recall: dict[int, float]
    mean_average_precision: float
    ball_precision: list[float]
    ball_recall: list[float]
    ball_documents: list[float]


@dataclass(frozen=True, kw_only=True)
class RankingMeasures:
    """How well an order of documents finds what is relevant.

    Attributes
    ----------
    n_documents, n_queries : int
        Documents ranked; queries that have something to find, over which the means are.
    precision, recall, ndcg : dict of int to float
        After k documents, by k.
    mean_average_precision : float
    """

    n_documents: int
    n_queries: int
    precision: dict[int, float]
    recall: dict[int, float]
    ndcg: dict[int, float]
    mean_average_precision: float


def measure_codes(
    queries: Packed, documents: Packed, bits: int, relevance: Relevance, cuts: Sequence[int] = CUTS
) -> CodeMeasures:
    """Measure codes, exactly: no figure hangs on the order in which documents of equal distance are stored.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, ceil(bits / 8)), uint8
        Packed as in `semhash.codes`.
    documents : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        The database.
    bits : int
    relevance : Relevance
        Of those documents to those queries.
    cuts : sequence of int
        After how many documents precision is measured.

    Raises
    ------
    CodeError, EvaluationError
        Codes, bits and labels do not fit together, or no query has anything to find.
    """
    shells = Shells.count(queries, documents, bits, relevance).judged()
    _check_judged(len(shells.relevant), relevance)
    return CodeMeasures(
        bits=bits,
        n_documents=len(documents),
        n_queries=len(shells.relevant),
        addresses_in_use=len(np.unique(documents, axis=0)),
        precision={k: _mean(expected.precision_at(shells, k)) for k in cuts},
        worst_precision={k: _mean(expected.worst_precision_at(shells, k)) for k in cuts},
        best_precision={k: _mean(expected.best_precision_at(shells, k)) for k in cuts},
        recall={k: _mean(expected.recall_at(shells, k)) for k in cuts},
        mean_average_precision=_mean(expected.average_precision(shells)),
        ball_precision=expected.ball_precision(shells).mean(axis=0).tolist(),
        ball_recall=expected.ball_recall(shells).mean(axis=0).tolist(),
        ball_documents=np.cumsum(shells.documents, axis=1).mean(axis=0).tolist(),
    )


def measure_scores(scores: Scores, relevance: Relevance, cuts: Sequence[int] = CUTS) -> RankingMeasures:
    """Measure the ranking of all documents by real-valued scores, in blocks of queries.

    Parameters
    ----------
    scores : callable
        Gives the scores of all documents for the queries whose rows it gets; the higher, the better. Equal
        ones rank in the order of the documents.
    relevance : Relevance
    cuts : sequence of int
        After how many documents precision, recall and gain are measured.

    Raises
    ------
    EvaluationError
        No query has anything to find, or scores are of another shape, or not numbers.
    """
    totals = relevance.totals()
    judged = np.flatnonzero(totals)
    _check_judged(len(judged), relevance)
    found: list[NDArray[np.float64]] = []
    step = max(1, _PAIRS // relevance.n_documents)
    for start in range(0, len(judged), step):
        rows = judged[start : start + step]
        order = rankings.descending(_checked(scores(rows), (len(rows), relevance.n_documents)))
        hits = rankings.hits_of(order, relevance, rows)
        found.append(_all_measures(hits, totals[rows], cuts))
    means = np.concatenate(found, axis=1).mean(axis=1).tolist()
    precision, recall, ndcg = (dict(zip(cuts, means[i::3], strict=False)) for i in range(3))
    return RankingMeasures(
        n_documents=relevance.n_documents,
        n_queries=len(judged),
        precision=precision,
        recall=recall,
        ndcg=ndcg,
        mean_average_precision=means[-1],
    )


def _all_measures(
    hits: NDArray[np.bool_], totals: NDArray[np.int64], cuts: Sequence[int]
) -> NDArray[np.float64]:
    """Give precision, recall and gain at each cut in turn, then average precision; shape (3 n_cuts + 1, n)."""
    rows = [
        measure
        for k in cuts
        for measure in (
            rankings.precision_at(hits, k),
            rankings.recall_at(hits, totals, k),
            rankings.ndcg_at(hits, totals, k),
        )
    ]
    return np.array([*rows, rankings.average_precision(hits, totals)])


def _checked(scores: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    if scores.shape != shape:
        raise EvaluationError(f"scores: expected shape {shape}, queries by documents, found {scores.shape}")
    return scores


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean())


def _check_judged(n_judged: int, relevance: Relevance) -> None:
    if not n_judged:
        raise EvaluationError(
            f"labels: expected a query that shares a label with a document, found none among "
            f"{relevance.n_queries} queries and {relevance.n_documents} documents; check labels and split"
        )
