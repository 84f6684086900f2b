"""Who is compared with whom, and what of several seeds stands in a table."""

from collections.abc import Callable
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from semhash.evaluation.report.view import View

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

    Made = Callable[..., Results]


@pytest.fixture(scope="module")
def results(made_results: "Made") -> "Results":
    return made_results()


def test_seeds_of_one_title_become_one_method(results: "Results") -> None:
    view = View(results)
    runs = [r for r in results.measured if r.title == "ITQ, 20 bits"]
    (found,) = [m for m in view.methods if m.title == "ITQ, 20 bits"]
    maps = [r.figures["MAP"] for r in runs]
    assert len(runs) == 2
    assert found.mean("MAP") == pytest.approx(fmean(maps))
    assert found.deviation("MAP") == pytest.approx(stdev(maps))
    low, high = found.interval("MAP") or (0, 0)
    assert low == pytest.approx(fmean(r.intervals["MAP"][0] for r in runs))
    assert high == pytest.approx(fmean(r.intervals["MAP"][1] for r in runs))
    values = found.values("MAP")
    assert values is not None
    np.testing.assert_allclose(values, np.mean([r.values["MAP"] for r in runs], axis=0))
    assert found.balls is not None
    assert found.balls.precision[3] == pytest.approx(
        fmean(r.balls.precision[3] for r in runs if r.balls is not None)
    )
    assert found.curve[4][1] == pytest.approx(fmean(r.curve[4][1] for r in runs))


def test_each_method_stands_in_one_place(results: "Results") -> None:
    view = View(results)
    assert view.lead is not None
    titles = {
        "lead": {view.lead.title},
        "own": {m.title for m in view.own},
        "rivals": {m.title for m in view.rivals},
        "aided": {m.title for m in view.aided},
        "reference": {m.title for m in view.reference},
    }
    assert titles["lead"] == {"semhash, 20 bits"}
    assert titles["own"] == {"semhash, 128 bits", "semhash, 20 bits, then TF-IDF"}
    assert titles["aided"] == {"NCA, 20 numbers", "MiniLM"}
    assert titles["reference"] == set()
    assert sorted(title for group in titles.values() for title in group) == sorted(
        m.title for m in view.methods
    )


def test_the_lead_is_the_first_asked_for_and_not_the_best(results: "Results") -> None:
    view = View(results)
    assert view.lead is not None
    best = max(m.mean("MAP") or 0 for m in [view.lead, *view.own])
    assert (view.lead.mean("MAP") or 0) < best


def test_the_best_rival_knows_the_texts_alone(results: "Results") -> None:
    view = View(results)
    rival = view.best_rival()
    assert rival is not None
    assert rival.title == "LSA, 128 numbers"
    assert rival.unaided
    assert (rival.mean("MAP") or 0) < max(m.mean("MAP") or 0 for m in view.aided)


def test_where_tfidf_makes_the_relevance_it_does_not_compete(made_results: "Made") -> None:
    view = View(made_results(relevance="tfidf-neighbours", labels=[]))
    assert [m.title for m in view.reference] == ["TF-IDF, all words"]
    assert "TF-IDF, all words" not in [m.title for m in view.rivals]


@pytest.mark.parametrize(
    ("value", "p_value", "verdict"),
    [
        (0.1, 0.01, "ahead"),
        (-0.1, 0.01, "behind"),
        (0.1, 0.05, "tied"),
        (-0.1, 0.2, "tied"),
        (0.1, None, "untested"),
    ],
)
def test_verdicts(results: "Results", value: float, p_value: float | None, verdict: str) -> None:
    kept = [c for c in results.comparisons if c.title != "semhash, 20 bits" or c.measure != "MAP"]
    if p_value is not None:
        like = results.comparisons[0]
        kept.append(
            msgspec.structs.replace(
                like, title="semhash, 20 bits", against="LSH, 20 bits", measure="MAP", p_value=p_value
            )
        )
    view = View(msgspec.structs.replace(results, comparisons=kept))
    first, second = (
        next(m for m in view.methods if m.title == t) for t in ("semhash, 20 bits", "LSH, 20 bits")
    )
    pair = (first, second) if value > 0 else (second, first)
    difference = view.difference(*pair)
    assert difference is not None
    assert (difference.value > 0) == (value > 0)
    assert difference.verdict == verdict


def test_the_interval_of_a_difference_holds_it_and_turns_with_it(results: "Results") -> None:
    view = View(results)
    lead, rival = view.lead, view.best_rival()
    assert lead is not None
    assert rival is not None
    low, high = view.interval(lead, rival) or (1, 0)
    difference = view.difference(lead, rival)
    assert difference is not None
    assert low < difference.value < high
    # Narrower than the two intervals apart: the same queries are hard for both.
    ends = [m.interval("MAP") or (0, 0) for m in (lead, rival)]
    assert high - low < min(top - bottom for bottom, top in ends)
    assert view.interval(rival, lead) == pytest.approx((-high, -low))


def test_methods_without_a_value_for_each_query_have_no_interval(results: "Results") -> None:
    bare = [msgspec.structs.replace(r, values={}) for r in results.retrievers]
    view = View(msgspec.structs.replace(results, retrievers=bare))
    assert view.lead is not None
    assert view.interval(view.lead, view.rivals[0]) is None
