"""Methods as a report sees them: all seeds of one title together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.results import Addresses, Balls, Cost, Results, RetrieverResult

__all__ = ["Method", "methods_of"]


@dataclass(frozen=True, eq=False)
class Method:
    """A method that was measured, with one seed or several.

    Attributes
    ----------
    runs : sequence of RetrieverResult
        One for each seed, all of one title; none of them failed.
    """

    runs: Sequence[RetrieverResult]

    @property
    def first(self) -> RetrieverResult:
        """The first seed's; what does not hang on the seed is read from it."""
        return self.runs[0]

    @property
    def title(self) -> str:
        """What it is called in a table."""
        return self.first.title

    @property
    def unaided(self) -> bool:
        """Whether it knows the database's texts alone: no labels, no pretrained model."""
        return not self.first.uses_labels and self.first.group != "pretrained"

    def mean(self, measure: str) -> float | None:
        """Give a measure's mean over the seeds; None where it was not measured."""
        return _mean([run.figures[measure] for run in self.runs if measure in run.figures])

    def deviation(self, measure: str) -> float | None:
        """Give its standard deviation over the seeds; None for a single one."""
        found = [run.figures[measure] for run in self.runs if measure in run.figures]
        return stdev(found) if len(found) > 1 else None

    def interval(self, measure: str) -> tuple[float, float] | None:
        """Give its 95 % interval over the queries: with several seeds, the mean of each end."""
        found = [run.intervals[measure] for run in self.runs if measure in run.intervals]
        return (fmean(low for low, _ in found), fmean(high for _, high in found)) if found else None

    def extreme(self, measure: str, which: Callable[[RetrieverResult], dict[str, float]]) -> float | None:
        """Give the mean over the seeds in the worst or the best order."""
        return _mean([which(run)[measure] for run in self.runs if measure in which(run)])

    def label_means(self, measure: str) -> dict[str, float]:
        """Give a measure's mean for each label."""
        found: dict[str, list[float]] = {}
        for run in self.runs:
            for label, value in run.by_label.get(measure, {}).items():
                found.setdefault(label, []).append(value)
        return {label: fmean(values) for label, values in found.items()}

    def values(self, measure: str) -> NDArray[np.float64] | None:
        """Give a measure's value for each query, means over the seeds; shape (n_queries,)."""
        found = [run.values[measure] for run in self.runs if measure in run.values]
        if not found or len({len(values) for values in found}) > 1:
            return None
        means: NDArray[np.float64] = np.array(found, dtype=np.float64).mean(axis=0)
        return means

    @cached_property
    def cost(self) -> Cost | None:
        """What it costs: means over the seeds."""
        found = [run.cost for run in self.runs if run.cost is not None]
        if not found:
            return None
        return Cost(
            bytes_per_document=fmean(cost.bytes_per_document for cost in found),
            fit_seconds=fmean(cost.fit_seconds for cost in found),
            query_milliseconds=fmean(cost.query_milliseconds for cost in found),
        )

    @cached_property
    def curve(self) -> list[tuple[float, float]]:
        """(recall, precision): the mean over the seeds at each level of recall."""
        found: dict[float, list[float]] = {}
        for run in self.runs:
            for recall, precision in run.curve:
                found.setdefault(recall, []).append(precision)
        return [(recall, fmean(precisions)) for recall, precisions in sorted(found.items())]

    @cached_property
    def balls(self) -> Balls | None:
        """Means over the seeds by radius; None where it ranks by scores."""
        found = [run.balls for run in self.runs if run.balls is not None]
        if not found:
            return None
        return Balls(
            precision=_means([balls.precision for balls in found]),
            recall=_means([balls.recall for balls in found]),
            documents=_means([balls.documents for balls in found]),
        )

    @property
    def addresses(self) -> Addresses | None:
        """How full the addresses are, with the first seed; None where it ranks by scores."""
        return self.first.addresses


def methods_of(results: Results) -> list[Method]:
    """Put the seeds of each title together, in the order in which titles first come."""
    found: dict[str, list[RetrieverResult]] = {}
    for retriever in results.measured:
        found.setdefault(retriever.title, []).append(retriever)
    return [Method(runs) for runs in found.values()]


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def _means(rows: list[list[float]]) -> list[float]:
    return [fmean(column) for column in zip(*rows, strict=False)]
