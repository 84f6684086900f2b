"""Measures of rankings are those of trec_eval, which ``ir-measures`` asks: of lists with ties, and by grades.

trec_eval orders documents of equal score by their names. A run therefore gets one score a place, in our order.
Its gain is the grade itself (and not 2^grade - 1), its discount 1 / log2(place + 1), as ours.
"""

import gzip
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import pytest
from ir_measures import AP, P, Qrel, R, ScoredDoc, nDCG
from numpy.typing import NDArray

from semhash.baselines.retriever import ScoreRanking
from semhash.evaluation.metrics import measure
from semhash.evaluation.metrics.order import descending
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.trec import write_qrels, write_run

CUTS = (1, 10, 100)
PLAIN = {"MAP": AP} | {f"P@{k}": P @ k for k in CUTS} | {f"R@{k}": R @ k for k in CUTS}


def judged(random: np.random.Generator, n_queries: int, n_documents: int, top: int) -> list[dict[int, int]]:
    """Grades from -1, some of 0; some queries have nothing to find."""
    judgements = []
    for query in range(n_queries):
        rows = random.choice(n_documents, random.integers(1, n_documents), replace=False)
        grades = random.integers(-1, top + 1, len(rows)) if query % 9 else np.zeros(len(rows), dtype=int)
        judgements.append(dict(zip(rows.tolist(), grades.tolist(), strict=True)))
    return judgements


def theirs(
    measures: dict[str, ir_measures.Measure],
    judgements: list[dict[int, int]],
    scores: NDArray[np.float32],
    queries: list[int],
) -> dict[str, list[float]]:
    qrels = [Qrel(f"q{q}", f"d{d}", grade) for q in queries for d, grade in judgements[q].items()]
    run = [
        ScoredDoc(f"q{q}", f"d{d}", -place)
        for q in queries
        for place, d in enumerate(descending(scores[[q]])[0].tolist())
    ]
    values = {(v.measure, v.query_id): v.value for v in ir_measures.iter_calc(measures.values(), qrels, run)}
    return {name: [values[asked, f"q{q}"] for q in queries] for name, asked in measures.items()}


@pytest.mark.parametrize("n_documents", [3, 40, 300])
@pytest.mark.parametrize("top", [1, 4])
def test_values_are_those_of_trec_eval_query_by_query(n_documents: int, top: int) -> None:
    random = np.random.default_rng(n_documents + top)
    judgements = judged(random, 30, n_documents, top)
    scores = random.integers(0, 12, (30, n_documents)).astype(np.float32)  # ties everywhere
    found = measure(
        ScoreRanking(lambda rows: scores[rows]), Relevance.from_judgements(judgements, n_documents), CUTS
    )
    prefix = "graded " if top > 1 else ""
    by_grade = {f"{prefix}nDCG@{k}": nDCG @ k for k in CUTS}
    expected = theirs(PLAIN | by_grade, judgements, scores, found.queries.tolist())
    assert len(found.queries) < 30
    for name, values in expected.items():
        np.testing.assert_allclose(found.values[name], values, atol=1e-12, err_msg=name)


def test_gain_that_is_not_by_grade_is_that_of_judgements_without_grades() -> None:
    random = np.random.default_rng(0)
    judgements = judged(random, 30, 50, 4)
    scores = random.integers(0, 12, (30, 50)).astype(np.float32)
    found = measure(ScoreRanking(lambda rows: scores[rows]), Relevance.from_judgements(judgements, 50), CUTS)
    plain = [{row: int(grade > 0) for row, grade in of_query.items()} for of_query in judgements]
    expected = theirs({f"nDCG@{k}": nDCG @ k for k in CUTS}, plain, scores, found.queries.tolist())
    for name, values in expected.items():
        np.testing.assert_allclose(found.values[name], values, atol=1e-12, err_msg=name)


def test_the_comparison_can_fail() -> None:
    """Lists of the opposite order have other figures."""
    random = np.random.default_rng(0)
    judgements = judged(random, 10, 50, 1)
    scores = random.random((10, 50), dtype=np.float32)
    found = measure(ScoreRanking(lambda rows: -scores[rows]), Relevance.from_judgements(judgements, 50), CUTS)
    expected = theirs(PLAIN, judgements, scores, found.queries.tolist())
    assert not np.allclose(found.values["MAP"], expected["MAP"], atol=0.01)


@pytest.mark.parametrize("top", [1, 3])
def test_runs_and_judgements_that_we_write_give_the_same_figures(top: int, tmp_path: Path) -> None:
    """Scores without ties, names with white space, and lists of fewer documents than a run may hold."""
    random = np.random.default_rng(top)
    n_queries, n_documents = 12, 60
    judgements = judged(random, n_queries, n_documents, top)
    relevance = Relevance.from_judgements(judgements, n_documents)
    scores = random.permutation(n_queries * n_documents).reshape(n_queries, n_documents).astype(np.float32)
    queries = [f"query {row}" for row in range(n_queries)]
    documents = [f"document\t{row}" for row in range(n_documents)]
    order = descending(scores)
    write_qrels(tmp_path / "qrels.gz", queries, documents, relevance)
    ranked = np.take_along_axis(scores, order, axis=1)
    write_run(tmp_path / "run.gz", (queries, documents), order, ranked, "a method")
    found = measure(ScoreRanking(lambda rows: scores[rows]), relevance)
    prefix = "graded " if top > 1 else ""
    names = {"MAP": AP, "P@10": P @ 10, "R@100": R @ 100, f"{prefix}nDCG@10": nDCG @ 10}
    qrels, run = (gzip.decompress((tmp_path / name).read_bytes()).decode() for name in ("qrels.gz", "run.gz"))
    read_qrels: Any = ir_measures.read_trec_qrels
    read_run: Any = ir_measures.read_trec_run
    means = ir_measures.calc_aggregate(names.values(), read_qrels(qrels), read_run(run))
    assert {name: means[asked] for name, asked in names.items()} == pytest.approx(
        {name: found.means[name] for name in names}, abs=1e-12
    )
