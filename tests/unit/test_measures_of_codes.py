"""Measures of codes: worked by hand, by enumerating every order of ties, and by the reference scorer."""

import json
import re
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import CodeRanking
from semhash.errors import CodeError, EvaluationError
from semhash.evaluation.metrics import Measured, balls, expected, extremes, measure
from semhash.evaluation.metrics.harmonic import reciprocal_sum
from semhash.evaluation.metrics.shells import Shells
from semhash.evaluation.relevance import Relevance

SCORER = Path(__file__).parents[3] / "shared" / "protocol" / "score.py"
LETTERS = list("abcdef")


def shells(*counted: tuple[int, int]) -> Shells:
    """One query's shells: documents and relevant ones at distance 0, 1, ..."""
    documents, relevant = zip(*counted, strict=True)
    return Shells(np.array([documents]), np.array([relevant]), np.array([relevant], dtype=np.float64))


def random_case(
    seed: int, n_queries: int = 30, n_documents: int = 80, bits: int = 9, spread: float = 0.5
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[list[str]], list[list[str]]]:
    random = np.random.default_rng(seed)

    def labels(n: int) -> list[list[str]]:
        return [random.choice(LETTERS, random.integers(0, 3)).tolist() for _ in range(n)]

    queries = codes.pack(random.random((n_queries, bits)) < spread)
    documents = codes.pack(random.random((n_documents, bits)) < spread)
    return queries, documents, labels(n_queries), labels(n_documents)


def orders(shell_table: Shells) -> list[list[bool]]:
    """Every order of one query's documents that sorts them by distance."""
    pairs = zip(shell_table.documents[0].tolist(), shell_table.relevant[0].tolist(), strict=True)
    inside = [list(permutations([True] * m + [False] * (n - m))) for n, m in pairs]
    return [[hit for shell in chosen for hit in shell] for chosen in product(*inside)]


def average_precision_of(hits: list[bool]) -> Fraction:
    found, total = 0, Fraction(0)
    for place, hit in enumerate(hits, 1):
        found += hit
        total += Fraction(found, place) if hit else 0
    return total / max(found, 1)


TINY = [
    shells((3, 1), (0, 0), (2, 2), (1, 0)),
    shells((1, 0), (4, 2), (2, 1)),
    shells((0, 0), (0, 0), (5, 3)),
    shells((2, 2), (3, 3)),
    shells((4, 0), (3, 0)),
    shells((1, 1), (1, 0), (1, 1), (1, 0), (1, 1)),
]


@pytest.mark.parametrize("table", TINY, ids=range(len(TINY)))
def test_expected_values_are_means_over_every_order_of_ties(table: Shells) -> None:
    every = orders(table)
    of_all = [float(average_precision_of(hits)) for hits in every]
    assert expected.average_precision(table) == pytest.approx(np.mean(of_all), abs=1e-12)
    assert extremes.worst_average_precision(table) == pytest.approx(min(of_all), abs=1e-12)
    assert extremes.best_average_precision(table) == pytest.approx(max(of_all), abs=1e-12)
    n_relevant = max(table.relevant.sum(), 1)
    for k in range(1, int(table.documents.sum()) + 3):
        found = np.array([sum(hits[:k]) for hits in every])
        assert expected.precision_at(table, k) == pytest.approx(found.mean() / k)
        assert extremes.worst_precision_at(table, k) == pytest.approx(found.min() / k)
        assert extremes.best_precision_at(table, k) == pytest.approx(found.max() / k)
        assert expected.recall_at(table, k) == pytest.approx(found.mean() / n_relevant)


def test_a_case_worked_by_hand() -> None:
    """Three nearest documents, one of them relevant; then two, both relevant.

    AP: the first hit is at place 1, 2 or 3, so 1/1, 1/2 or 1/3; the others are at 4 and 5: 2/4 and 3/5. The
    mean of the first is 11/18, so AP is (11/18 + 1/2 + 3/5) / 3 = 77/135.
    """
    table = shells((3, 1), (2, 2))
    assert expected.average_precision(table) == pytest.approx(77 / 135, abs=1e-15)
    assert expected.precision_at(table, 2) == pytest.approx(1 / 3)
    assert expected.precision_at(table, 4) == pytest.approx(2 / 4)
    assert balls.ball_precision(table)[0].tolist() == pytest.approx([1 / 3, 3 / 5])
    assert balls.ball_recall(table)[0].tolist() == pytest.approx([1 / 3, 1])


def test_balls_that_are_empty_and_queries_with_nothing_to_find() -> None:
    table = shells((0, 0), (2, 0))
    assert balls.ball_precision(table).tolist() == [[0, 0]]
    assert balls.ball_recall(table).tolist() == [[0, 0]]
    assert expected.average_precision(table).tolist() == [0]


@pytest.mark.parametrize("after", [0, 1, 5, 62, 63, 64, 65, 1000, 10**6, 10**9])
def test_reciprocal_sums_are_exact_far_out_too(after: int) -> None:
    lengths = np.array([0, 1, 2, 3, 50, 64, 200, 5000])
    found = reciprocal_sum(np.full(len(lengths), after), lengths)
    exact = [float(sum((Fraction(1, after + j) for j in range(1, n + 1)), Fraction(0))) for n in lengths[:7]]
    np.testing.assert_allclose(found[:7], exact, rtol=1e-14)
    np.testing.assert_allclose(found[7], np.sum(1 / (after + np.arange(5000, 0, -1))), rtol=1e-12)


@pytest.mark.parametrize("bits", [8, 20, 33, 128])
@pytest.mark.parametrize("spread", [0.05, 0.5])
def test_shells_are_those_of_brute_force(bits: int, spread: float) -> None:
    queries, documents, wanted, given = random_case(bits, bits=bits, spread=spread)
    relevance = Relevance.from_labels(wanted, given)
    found = Shells.count(CodeRanking(queries, documents, bits), relevance)
    judged = [(query, labels) for query, labels in zip(codes.to_ints(queries), wanted, strict=True) if labels]
    assert len(found.documents) == len(judged)
    for q, (query, labels) in enumerate(judged):
        documents_at = np.zeros(bits + 1, dtype=int)
        relevant_at = np.zeros(bits + 1, dtype=int)
        grades_at = np.zeros(bits + 1)
        for document, others in zip(codes.to_ints(documents), given, strict=True):
            distance = (query ^ document).bit_count()
            documents_at[distance] += 1
            relevant_at[distance] += bool(set(labels) & set(others))
            grades_at[distance] += len(set(labels) & set(others)) / len(set(labels) | set(others))
        np.testing.assert_array_equal(found.documents[q], documents_at)
        np.testing.assert_array_equal(found.relevant[q], relevant_at)
        np.testing.assert_allclose(found.grades[q], grades_at, atol=1e-12)


def assert_equal(first: Measured, second: Measured) -> None:
    np.testing.assert_array_equal(first.queries, second.queries)
    assert first.values.keys() == second.values.keys()
    for name, values in first.values.items():
        np.testing.assert_allclose(second.values[name], values, rtol=1e-13)
    assert np.array(second.curve) == pytest.approx(np.array(first.curve), rel=1e-13)
    assert (first.worst, first.best) == (second.worst, second.best)
    assert (first.balls, first.addresses) == (second.balls, second.addresses)


def test_figures_do_not_change_when_the_database_is_shuffled() -> None:
    queries, documents, wanted, given = random_case(3)
    order = np.random.default_rng(4).permutation(len(documents))
    shuffled = Relevance.from_labels(wanted, [given[i] for i in order])
    first = measure(CodeRanking(queries, documents, 9), Relevance.from_labels(wanted, given))
    assert_equal(measure(CodeRanking(queries, documents[order], 9), shuffled), first)


def test_queries_with_nothing_to_find_are_left_out() -> None:
    queries, documents, wanted, given = random_case(5)
    more = np.concatenate([queries, queries[:2]])
    first = measure(CodeRanking(queries, documents, 9), Relevance.from_labels(wanted, given))
    relevance = Relevance.from_labels([*wanted, [], ["never seen"]], given)
    assert_equal(measure(CodeRanking(more, documents, 9), relevance), first)
    assert first.queries.tolist() == [row for row, labels in enumerate(wanted) if labels]


def reference(
    folder: Path,
    queries: NDArray[np.uint8],
    documents: NDArray[np.uint8],
    wanted: list[list[str]],
    given: list[list[str]],
    bits: int,
) -> list[float]:
    """Run the reference scorer with every digit printed, and read all numbers of its output, in order."""
    labels = [("train", given, documents), ("test", wanted, queries)]
    rows = [
        (f"{split}{row}", split, of_row, code)
        for split, of_split, packed in labels
        for row, (of_row, code) in enumerate(zip(of_split, codes.to_ints(packed), strict=True))
    ]
    (folder / "documents.jsonl").write_text(
        "".join(json.dumps({"id": i, "split": split, "labels": ls}) + "\n" for i, split, ls, _ in rows)
    )
    (folder / "codes.jsonl").write_text("".join(json.dumps({"id": i, "code": c}) + "\n" for i, *_, c in rows))
    (folder / "score.py").write_text(SCORER.read_text().replace(":.4f}", ":.17g}").replace(":.1f}", ":.17g}"))
    arguments = ["codes", "documents.jsonl", "codes.jsonl", "--bits", str(bits)]
    done = subprocess.run(
        [sys.executable, "score.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [float(number) for number in re.findall(r"(?<![\w@.])\d[\d.e+-]*", done.stdout)]


@pytest.mark.skipif(not SCORER.is_file(), reason="no measuring protocol beside this clone")
@pytest.mark.parametrize(
    ("bits", "spread", "n_queries", "n_documents"),
    [(20, 0.5, 60, 300), (20, 0.05, 60, 1500), (8, 0.5, 300, 700), (64, 0.2, 50, 400), (12, 0.0, 20, 200)],
)
def test_figures_are_those_of_the_reference_scorer(
    tmp_path: Path, bits: int, spread: float, n_queries: int, n_documents: int
) -> None:
    queries, documents, wanted, given = random_case(bits, n_queries, n_documents, bits, spread)
    found = measure(CodeRanking(queries, documents, bits), Relevance.from_labels(wanted, given))
    assert found.balls
    assert found.addresses
    figures: list[float] = [n_documents, len(found.queries), bits, found.addresses.in_use]
    for name in ("P@10", "P@100"):
        figures += [found.means[name], found.worst[name], found.best[name]]
    figures.append(found.means["MAP"])
    by_radius = zip(found.balls.precision, found.balls.recall, found.balls.documents, strict=True)
    for radius, ball in enumerate(list(by_radius)[:9]):
        figures += [radius, *ball]
    printed = reference(tmp_path, queries, documents, wanted, given, bits)
    assert printed == pytest.approx(figures, abs=1e-9)


def test_memory_stays_bounded_however_many_pairs_there_are() -> None:
    random = np.random.default_rng(0)
    queries, documents = (random.integers(0, 256, (n, 8), dtype=np.uint8) for n in (1500, 30_000))
    wanted, given = ([[str(label)] for label in random.integers(0, 3, n)] for n in (1500, 30_000))
    tracemalloc.start()
    try:
        measure(CodeRanking(queries, documents, 64), Relevance.from_labels(wanted, given))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 150e6  # a byte a pair would be 45 MB, the 8 bytes of an index 360 MB


def test_what_does_not_fit_together_is_refused_in_words() -> None:
    queries, documents, wanted, given = random_case(0)
    relevance = Relevance.from_labels(wanted, given)
    with pytest.raises(EvaluationError, match=r"30 queries and 80 documents.*found 30 and 79"):
        measure(CodeRanking(queries, documents[1:], 9), relevance)
    with pytest.raises(CodeError, match="at 20 bits"):
        measure(CodeRanking(queries, documents, 20), relevance)
    with pytest.raises(EvaluationError, match="k: expected 1 document or more, found 0"):
        measure(CodeRanking(queries, documents, 9), relevance, cuts=[0])
    nobody = Relevance.from_labels([["x"]] * 30, given)
    with pytest.raises(EvaluationError, match=r"found none among 30 queries and 80 documents; check labels"):
        measure(CodeRanking(queries, documents, 9), nobody)
