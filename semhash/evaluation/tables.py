"""Figures as CSV: a line for every method and measure, and a line for every method and query."""

import csv
from collections.abc import Iterator
from pathlib import Path

from semhash.evaluation.results import Results, RetrieverResult
from semhash.evaluation.trec import text_gz

__all__ = ["FIGURES", "QUERIES", "write_tables"]

FIGURES = "figures.csv"
QUERIES = "queries.csv.gz"

_METHOD = ("name", "title", "group", "ranks_by", "size", "seed", "uses_labels", "own")
_FIGURE = ("measure", "value", "low", "high", "worst", "best")
_COST = ("bytes_per_document", "fit_seconds", "query_milliseconds")

Cell = str | int | float | bool | None


def write_tables(results: Results, folder: Path) -> None:
    """Write ``figures.csv`` and ``queries.csv.gz``.

    ``low`` and ``high`` are the ends of the 95 % interval, ``worst`` and ``best`` the orders among equal distances.
    A method that failed has one line, which says why.
    """
    with (folder / FIGURES).open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*_METHOD, *_FIGURE, *_COST, "failed"])
        for retriever in results.retrievers:
            lines.writerows(_figures(retriever, results.corpus.prefix))
    with text_gz(folder / QUERIES) as packed:
        measures = list(dict.fromkeys(name for found in results.measured for name in found.values))
        prefix = results.corpus.prefix
        header = ["name", "size", "seed", "query", "n_relevant", *(prefix + name for name in measures)]
        lines = csv.writer(packed, lineterminator="\n")
        lines.writerow(header)
        for retriever in results.measured:
            lines.writerows(_values(retriever, results, measures))


def _figures(retriever: RetrieverResult, prefix: str) -> Iterator[list[Cell]]:
    method = [getattr(retriever, name) for name in _METHOD]
    if retriever.failed is not None:
        yield [*method, *([None] * (len(_FIGURE) + len(_COST))), retriever.failed]
        return
    cost = [getattr(retriever.cost, name, None) for name in _COST]
    for measure, value in retriever.figures.items():
        low, high = retriever.intervals.get(measure, (None, None))
        extremes = (retriever.worst.get(measure), retriever.best.get(measure))
        yield [*method, prefix + measure, value, low, high, *extremes, *cost, None]


def _values(retriever: RetrieverResult, results: Results, measures: list[str]) -> Iterator[list[Cell]]:
    columns = [retriever.values.get(measure) for measure in measures]
    for row, query in enumerate(results.queries):
        values = [None if column is None else column[row] for column in columns]
        yield [retriever.name, retriever.size, retriever.seed, query.id, query.n_relevant, *values]
