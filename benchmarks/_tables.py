"""Markdown, and means over seeds."""

from collections.abc import Callable, Iterable, Sequence
from statistics import mean, stdev

from _results import Run

__all__ = ["figure", "grouped", "points", "seconds", "table", "value", "whole"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Draw a table; the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def grouped(runs: Iterable[Run], key: Callable[[Run], object]) -> list[list[Run]]:
    """Put runs together that have one key, in the order in which the keys first come."""
    found: dict[object, list[Run]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return list(found.values())


def value(run: Run, path: str) -> float | None:
    """Look up a number, such as ``figures/precision/100``; None where it is not there."""
    found = run
    for name in path.split("/"):
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return float(found)  # type: ignore[arg-type]


def _values(runs: Iterable[Run], path: str) -> list[float]:
    return [found for found in (value(run, path) for run in runs) if found is not None]


def figure(runs: Sequence[Run], path: str) -> str:
    """Give the mean over runs with three digits, and their standard deviation if there are several."""
    values = _values(runs, path)
    if not values:
        return "failed" if any("failed" in run for run in runs) else ""
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


def points(runs: Sequence[Run], base: Sequence[Run], path: str) -> float | None:
    """Give by how many hundredths the mean is above that of other runs."""
    mine, theirs = _values(runs, path), _values(base, path)
    return 100 * (mean(mine) - mean(theirs)) if mine and theirs else None


def whole(runs: Sequence[Run], path: str) -> str:
    """Give the mean over runs as a whole number, such as 1,840."""
    values = _values(runs, path)
    return f"{mean(values):,.0f}" if values else ""


def seconds(runs: Sequence[Run]) -> str:
    """Give the mean training time, with more digits the shorter it is."""
    values = _values(runs, "seconds/train")
    if not values:
        return ""
    return f"{mean(values):,.0f}" if mean(values) >= 10 else f"{mean(values):.1f}"
