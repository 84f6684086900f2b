"""Times of things that do the same, taken in turns, so that what else the machine does falls on all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

__all__ = ["Times", "in_turns", "ratio", "seconds_of"]

Times = Mapping[str, list[float]]
"""Seconds of each thing, one for each round."""


def seconds_of(work: Callable[[], object]) -> float:
    """Do something once; give the seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Do each thing once a round, beginning with another one each time; no garbage is collected in between.

    Parameters
    ----------
    works : mapping of str to callable
    rounds : int
    """
    names, times = list(works), {name: [0.0] * rounds for name in works}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                times[name][number] = seconds_of(works[name])
    finally:
        gc.enable()
    return times


def ratio(slow: list[float], fast: list[float]) -> float:
    """Give the median over rounds of how many times as long one thing took as another."""
    return median(s / max(f, 1e-9) for s, f in zip(slow, fast, strict=True))
