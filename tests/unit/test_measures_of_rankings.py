"""Measures of ordered lists: worked by hand, against plain loops, and by the reference scorer."""

import json
import re
import subprocess
import sys
from math import log2
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.retriever import ScoreRanking
from semhash.errors import EvaluationError
from semhash.evaluation.metrics import measure, rankings
from semhash.evaluation.metrics.order import descending, in_order
from semhash.evaluation.relevance import Relevance

SCORER = Path(__file__).parents[3] / "shared" / "protocol" / "score.py"


def test_a_case_worked_by_hand() -> None:
    """Hits at places 1, 3 and 6 of six; a fourth relevant document was not found."""
    hits, totals = np.array([[1, 0, 1, 0, 0, 1]], dtype=bool), np.array([4])
    assert rankings.average_precision(hits, totals) == pytest.approx((1 + 2 / 3 + 3 / 6) / 4)
    assert rankings.precision_at(hits, 3) == pytest.approx(2 / 3)
    assert rankings.precision_at(hits, 10) == pytest.approx(3 / 10)
    assert rankings.recall_at(hits, totals, 3) == pytest.approx(2 / 4)
    best = np.array([[1, 1, 1, 1, 0, 0, 0, 0, 0, 0]], dtype=bool)
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert rankings.ndcg_at(hits, best, 3) == pytest.approx((1 + 1 / log2(4)) / ideal)
    ideal += 1 / log2(5)
    assert rankings.ndcg_at(hits, best, 10) == pytest.approx((1 + 1 / log2(4) + 1 / log2(7)) / ideal)


def test_nothing_found_and_nothing_to_find() -> None:
    hits, totals = np.zeros((2, 5), dtype=bool), np.array([0, 3])
    for found in (
        rankings.average_precision(hits, totals),
        rankings.precision_at(hits, 5),
        rankings.recall_at(hits, totals, 5),
        rankings.ndcg_at(hits, np.arange(5) < totals[:, None], 5),
    ):
        assert found.tolist() == [0, 0]


def test_perfect_rankings_score_one() -> None:
    hits, totals = np.array([[1, 1, 1, 0, 0]], dtype=bool), np.array([3])
    assert rankings.average_precision(hits, totals) == pytest.approx(1)
    assert rankings.ndcg_at(hits, hits, 5) == pytest.approx(1)
    assert rankings.ndcg_at(hits, hits, 2) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_is_that_of_a_stable_sort(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.standard_normal((20, 300)).astype(np.float32)
    scores[:, 50:200] = np.round(scores[:, 50:200])  # ties, zeros of both signs among them
    scores[0, :5] = [np.inf, -np.inf, np.inf, 0.0, -0.0]
    assert (np.signbit(scores) & (scores == 0)).any()
    np.testing.assert_array_equal(descending(scores), np.argsort(-scores, axis=1, kind="stable"))


def test_lists_that_end_early_have_no_hits_beyond_their_end() -> None:
    relevance = Relevance.from_documents([[0, 2], [2]], 3)
    order = np.array([[2, 1, -1], [-1, -1, -1]])
    hits = in_order(relevance.block(np.array([0, 1])), order)
    assert hits.tolist() == [[True, False, False], [False, False, False]]


def random_case(
    seed: int, n_queries: int, n_documents: int
) -> tuple[NDArray[np.float32], list[list[str]], list[list[str]]]:
    random = np.random.default_rng(seed)
    scores = np.round(random.random((n_queries, n_documents), dtype=np.float32), 2)
    wanted, given = (
        [random.choice(list("abcdef"), random.integers(0, 3)).tolist() for _ in range(n)]
        for n in (n_queries, n_documents)
    )
    return scores, wanted, given


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, wanted, given = random_case(0, 40, 70)
    relevance = Relevance.from_labels(wanted, given)
    asked: list[int] = []

    def scored(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        asked.append(len(rows))
        return scores[rows]

    whole = measure(ScoreRanking(scored), relevance)
    monkeypatch.setattr("semhash.evaluation.metrics.measured._PAIRS", 7 * 70)
    heard: list[tuple[float, float]] = []
    parts = measure(
        ScoreRanking(scored), relevance, report=lambda done, total, _: heard.append((done, total))
    )
    assert parts.values.keys() == whole.values.keys()
    for name, values in whole.values.items():
        np.testing.assert_array_equal(parts.values[name], values)
    assert parts.curve == whole.curve
    assert heard == [(done, asked[0]) for done in np.cumsum(asked[1:])]
    assert asked[0] == sum(1 for labels in wanted if labels) == sum(asked[1:])
    assert max(asked[1:]) == 7


@pytest.mark.skipif(not SCORER.is_file(), reason="no measuring protocol beside this clone")
@pytest.mark.parametrize(("seed", "n_queries", "n_documents"), [(1, 30, 60), (2, 20, 400)])
def test_figures_are_those_of_the_reference_scorer(
    tmp_path: Path, seed: int, n_queries: int, n_documents: int
) -> None:
    scores, wanted, given = random_case(seed, n_queries, n_documents)
    rows = [
        *({"id": f"d{row}", "split": "train", "labels": labels} for row, labels in enumerate(given)),
        *({"id": f"q{row}", "split": "test", "labels": labels} for row, labels in enumerate(wanted)),
    ]
    run = [
        f"q{query} Q0 d{document} {rank} {scores[query, document]} tag\n"
        for query, order in enumerate(np.argsort(-scores, axis=1, kind="stable"))
        for rank, document in enumerate(order, 1)
    ]
    (tmp_path / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "run.trec").write_text("".join(run))
    (tmp_path / "score.py").write_text(SCORER.read_text().replace(":.4f}", ":.17g}"))
    command = [sys.executable, "score.py", "run", "documents.jsonl", "run.trec"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = dict(re.findall(r"^(\S+) ([\d.e-]+)$", done.stdout, flags=re.MULTILINE))
    found = measure(ScoreRanking(lambda of: scores[of]), Relevance.from_labels(wanted, given))
    names = ("P@10", "P@100", "MAP", "nDCG@10", "R@100")
    mine = {"queries": len(found.queries)} | {name: found.means[name] for name in names}
    assert {name: float(value) for name, value in printed.items()} == pytest.approx(mine, abs=1e-9)


def test_what_does_not_fit_together_is_refused_in_words() -> None:
    scores, wanted, given = random_case(0, 10, 20)
    relevance = Relevance.from_labels(wanted, given)
    with pytest.raises(EvaluationError, match=r"scores: expected shape \(\d+, 20\).*found \(\d+, 19\)"):
        measure(ScoreRanking(lambda rows: scores[rows, 1:]), relevance)
    with pytest.raises(EvaluationError, match="found NaN"):
        measure(ScoreRanking(lambda rows: scores[rows] * np.nan), relevance)
    with pytest.raises(EvaluationError, match="k: expected 1 document or more, found 0"):
        measure(ScoreRanking(lambda rows: scores[rows]), relevance, cuts=[0])
    with pytest.raises(EvaluationError, match="check labels, judgements and split"):
        measure(ScoreRanking(lambda rows: scores[rows]), Relevance.from_labels([["x"]], given))
