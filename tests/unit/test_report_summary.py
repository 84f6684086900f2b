"""The plain words at the head of a report: they follow the figures, also where these do not flatter."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import pytest

from semhash.evaluation.report.summary import sentences, verdict
from semhash.evaluation.report.view import View

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

    Made = Callable[..., Results]


def words(results: "Results") -> str:
    view = View(results)
    return " ".join([verdict(view), *sentences(view)])


@pytest.mark.parametrize(
    ("own", "said", "ending"),
    [
        (0.0, "is ahead of LSA (128 numbers)", "semhash is significantly above it"),
        (-0.09, "is tied with LSA (128 numbers)", "a tie."),
        (-0.3, "is behind LSA (128 numbers)", "semhash is significantly below it"),
    ],
)
def test_it_says_whether_semhash_wins_ties_or_loses(
    made_results: "Made", own: float, said: str, ending: str
) -> None:
    view = View(made_results(own=own, seed=5))
    assert said in verdict(view)
    against = next(text for text in sentences(view) if "The best other method that knows" in text)
    assert ending in against


def test_a_verdict_does_not_hide_where_another_is_ahead(made_results: "Made") -> None:
    """Better in the key measure, worse at the top of the list: as codes often are."""
    results = made_results(methods=["semhash, 20 bits", "BM25"], failed=False)
    runs = []
    for r in results.retrievers:
        change = 0.0 if r.own else 0.9 - r.figures["P@10"]
        figures = r.figures | {"P@10": r.figures["P@10"] + change}
        runs.append(msgspec.structs.replace(r, figures=figures))
    like = results.comparisons[0]
    tested = msgspec.structs.replace(
        like, title="semhash, 20 bits", against="BM25", measure="P@10", p_value=0.01, difference=-0.2
    )
    view = View(msgspec.structs.replace(results, retrievers=runs, comparisons=[*results.comparisons, tested]))
    assert verdict(view).startswith("semhash (20 bits) is ahead of BM25")
    assert verdict(view).endswith("; but in P@10 it is behind the best.")
    said = " ".join(sentences(view))
    mine = view.lead.mean("P@10") if view.lead else 0
    assert f"it is significantly behind in P@10 ({mine:.3f} against 0.900 of BM25)." in said
    assert "it is significantly ahead in P@100 (" in said
    assert "; but" not in verdict(View(results))


def test_a_difference_that_was_not_tested_is_not_called_anything(made_results: "Made") -> None:
    results = msgspec.structs.replace(made_results(), comparisons=[])
    assert "the difference was not tested" in verdict(View(results))
    assert "significant" not in words(results)


def test_what_was_left_out_is_said(made_results: "Made") -> None:
    said = words(made_results())
    assert "Failed and left out: LDA (4096 topics)" in said
    assert "2 queries were left out, since nothing in the database is relevant to them." in said
    assert "The text of 1 query stands in the database too" in said
    assert ": q7." in said
    assert "Failed" not in words(made_results(failed=False))


def test_bytes_are_compared(made_results: "Made") -> None:
    assert "LSA (128 numbers) keeps 512 bytes, so that semhash needs 205 times fewer" in words(made_results())
    small = made_results(methods=["semhash, 128 bits", "ITQ, 20 bits"])
    assert "ITQ (20 bits) keeps 2.5 bytes, so that semhash needs 6.4 times as many" in words(small)


def test_neighbours_of_tfidf_are_never_called_relevant(made_results: "Made") -> None:
    results = made_results(relevance="tfidf-neighbours", labels=[])
    view = View(results)
    said = words(results)
    assert view.wording.warning.startswith("This is no measure of relevance.")
    assert "keeps more of TF-IDF's neighbours than LSA (128 numbers)" in said
    assert "kept MAP" in said
    assert "relevant" not in said
    assert "relevant" not in " ".join(view.wording.meaning(m) for m in ("P@10", "R@100", "MAP", "nDCG@10"))


def test_codes_that_saw_labels_are_not_passed_off_as_learned_without(made_results: "Made") -> None:
    results = made_results(methods=["semhash, 20 bits", "BM25"])
    seen = [msgspec.structs.replace(r, uses_labels=r.own) for r in results.retrievers]
    said = verdict(View(msgspec.structs.replace(results, retrievers=seen)))
    assert said.endswith("But it was shown labels, which the other was not.")
