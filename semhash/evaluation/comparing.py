"""Which differences are more than chance: semhash's methods against each of the others, over the same queries."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.results import Comparison, RetrieverResult
from semhash.evaluation.statistics import holm, randomisation_test
from semhash.progress import Progress, silent

__all__ = ["MEASURES", "compare"]

MEASURES = ("P@10", "P@100", "MAP", "nDCG@10")
"""What methods are compared in."""


_SEED = 0


def compare(retrievers: Sequence[RetrieverResult], progress: Progress = silent) -> list[Comparison]:
    """Test each of semhash's methods against each method that is not, by the paired randomisation test.

    Values are averaged over seeds first: a query is one observation, however often it was asked. The p-values of
    one measure are adjusted for how many there are, by Holm's method.

    Parameters
    ----------
    retrievers : sequence of RetrieverResult
        None of them failed.
    progress : Progress
        Hears the pairs of stage ``compare``, in all measures.
    """
    own = list(dict.fromkeys(r.title for r in retrievers if r.own))
    others = list(dict.fromkeys(r.title for r in retrievers if not r.own))
    pairs = [(title, against) for title in own for against in others]
    found: list[Comparison] = []
    for number, measure in enumerate(MEASURES):
        values = {title: _over_seeds(retrievers, title, measure) for title in (*own, *others)}
        raw = []
        for title, against in pairs:
            raw.append(randomisation_test(values[title], values[against], _SEED))
            done = number * len(pairs) + len(raw)
            progress("compare", done, len(MEASURES) * len(pairs), f"{title}, {against}")
        for (title, against), p_value in zip(pairs, holm(raw), strict=True):
            found.append(
                Comparison(
                    title=title,
                    against=against,
                    measure=measure,
                    difference=float((values[title] - values[against]).mean()),
                    p_value=float(p_value),
                )
            )
    return found


def _over_seeds(retrievers: Sequence[RetrieverResult], title: str, measure: str) -> NDArray[np.float64]:
    """Give each query's mean over the seeds, shape (n_queries,)."""
    values = np.array([r.values[measure] for r in retrievers if r.title == title])
    return np.asarray(values.mean(axis=0))
