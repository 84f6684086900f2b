"""One job: fit its methods, rank, measure, time; a method that fails says why."""

from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import CodeRanking, FittedRetriever, ScoreRanking
from semhash.errors import SemhashError
from semhash.evaluation.best import best
from semhash.evaluation.costs import query_milliseconds
from semhash.evaluation.course import Course
from semhash.evaluation.jobs import Job, Method
from semhash.evaluation.metrics import Measured, measure
from semhash.evaluation.outcome import Found, Outcome
from semhash.evaluation.results import Cost, RetrieverResult
from semhash.evaluation.statistics import bootstrap_interval
from semhash.evaluation.task import Task
from semhash.evaluation.trec import DEPTH, file_name, write_run

__all__ = ["measure_job"]

_CELLS = 2**24
_DIGITS = 10
_BY_LABEL = ("P@100", "MAP")
_REASON = 500
_SEED = 0


def measure_job(job: Job, task: Task, folder: Path, course: Course, outcome: Outcome) -> None:
    """Fit and measure the methods of a job, and write their runs.

    Parameters
    ----------
    job : Job
    task : Task
    folder : Path
        Where runs go.
    course : Course
        Hears how far it is.
    outcome : Outcome
        Hears what came of each method. One that came out as another that is measured already is left out.
    """
    seconds = 0.0
    fitting = None
    for number, asked in enumerate(job.methods):
        method = asked
        try:
            begun = perf_counter()
            fitting = job.fit(task.database.documents, course) if fitting is None else fitting
            fitted = next(fitting)
            seconds += perf_counter() - begun
            method = _as_fitted(method, fitted, job)
            if outcome.holds(method.title, method.seed):
                continue
            found, scores = _measured(method, fitted, seconds, task, course)
        except Exception as error:  # a method of another's making must not end hours of work
            reason = _reason(error)
            for failed in job.methods[number:]:
                outcome.hear(Found(_failure(failed, reason)))
            return
        assert found.rows is not None
        name = file_name(method.name, *([] if method.size is None else [method.size]), *_seed(method))
        ids = task.queries.ids, task.database.ids
        write_run(folder / f"{name}.trec.gz", ids, found.rows, scores, method.title.replace(" ", "-"))
        outcome.hear(found)
        course.measured()


def _as_fitted(method: Method, fitted: FittedRetriever, job: Job) -> Method:
    """Call a method by the size that it has come out with, should that differ from what was asked for."""
    size = getattr(fitted, "size", method.size)
    if size is None or size == method.size or job.title is None:
        return method
    return replace(method, size=size, title=job.title(size))


def _seed(method: Method) -> list[str]:
    return [] if method.seed is None else [f"seed{method.seed}"]


def _reason(error: Exception) -> str:
    """Say why a method failed, on one line; errors of ours speak for themselves."""
    said = " ".join(str(error).split())[:_REASON]
    if isinstance(error, SemhashError):
        return said
    if isinstance(error, MemoryError):
        return f"expected room for it in memory, found too little: {said}".rstrip(": ")
    return f"{type(error).__name__}: {said}".rstrip(": ")


def _failure(method: Method, reason: str) -> RetrieverResult:
    return RetrieverResult(**asdict(method), failed=reason)


def _measured(
    method: Method, fitted: FittedRetriever, seconds: float, task: Task, course: Course
) -> tuple[Found, NDArray[Any]]:
    """Rank and measure; give what was found, and the scores of its run."""
    queries = task.queries.documents

    def report(done: float, total: float, detail: str) -> None:
        course("measure", done, total, method.title)

    ranking = fitted.rank(queries)
    scores: NDArray[Any]
    if isinstance(ranking, CodeRanking):
        rows, scores = _nearest(ranking)
        measured = measure(ranking, task.relevance, report=report)
    else:
        first = _First(ranking, len(queries), len(task.database))
        measured = measure(ScoreRanking(first), task.relevance, report=report)
        rows, scores = first.rows, first.scores
    cost = Cost(
        bytes_per_document=fitted.bytes_per_document,
        fit_seconds=seconds,
        query_milliseconds=query_milliseconds(fitted, queries),
    )
    header = asdict(method) | {
        "config": {**method.config, **getattr(fitted, "config", {})},
        "ranks_by": "codes" if isinstance(ranking, CodeRanking) else "scores",
    }
    return Found(_result(header, measured, cost, task), rows, fitted, ranking), scores


def _result(header: dict[str, Any], measured: Measured, cost: Cost, task: Task) -> RetrieverResult:
    return RetrieverResult(
        **header,
        cost=cost,
        figures=measured.means,
        intervals={name: bootstrap_interval(values, _SEED) for name, values in measured.values.items()},
        worst=measured.worst,
        best=measured.best,
        curve=measured.curve,
        balls=measured.balls,
        addresses=measured.addresses,
        by_label=_by_label(measured, task) if task.facts.relevance == "labels" else {},
        values={name: np.round(values, _DIGITS).tolist() for name, values in measured.values.items()},
    )


def _by_label(measured: Measured, task: Task) -> dict[str, dict[str, float]]:
    queries: dict[str, list[int]] = {}
    for row, labels in enumerate(task.queries.documents.labels):
        for label in labels:
            queries.setdefault(label, []).append(row)
    return {
        name: {label: float(measured.values[name][rows].mean()) for label, rows in sorted(queries.items())}
        for name in _BY_LABEL
    }


def _nearest(ranking: CodeRanking) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the documents nearest to each query, in the order of documents at equal distances, and their scores.

    A score is the number of bits that agree.
    """
    found, scores = [], []
    step = max(1, _CELLS // max(1, len(ranking.documents)))
    for start in range(0, len(ranking.queries), step):
        distances = codes.hamming_matrix(ranking.queries[start : start + step], ranking.documents)
        agreeing = np.int16(ranking.bits) - distances.astype(np.int16)
        rows = best(agreeing, DEPTH)
        found.append(rows)
        scores.append(np.take_along_axis(agreeing, rows, axis=1).astype(np.int64))
    return np.concatenate(found), np.concatenate(scores)


class _First:
    """Notes the first documents of each query while scores go by on their way to be measured.

    Attributes
    ----------
    rows, scores : ndarray of shape (n_queries, n_places)
        The best first.
    """

    def __init__(self, ranking: ScoreRanking, n_queries: int, n_documents: int) -> None:
        self._scores = ranking.scores
        depth = min(DEPTH, n_documents)
        self.rows = np.zeros((n_queries, depth), dtype=np.int64)
        self.scores = np.zeros((n_queries, depth), dtype=np.float32)

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        scores = self._scores(rows)
        if scores.ndim == 2 and not np.isnan(scores).any():  # the others are told of by what measures them
            found = best(scores, DEPTH)
            self.rows[rows] = found
            self.scores[rows] = np.take_along_axis(scores, found, axis=1)
        return scores
