"""One entry for all measures: codes against lists in every order of ties, worked by hand, and where it is undefined."""

import tracemalloc
from itertools import permutations, product
from math import log2

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import CodeRanking, ScoreRanking
from semhash.errors import EvaluationError
from semhash.evaluation.metrics import Measured, measure
from semhash.evaluation.relevance import Relevance

GOLDEN_GRADES = {1: 3.0, 2: 1.0, 4: 2.0}


def at_distances(distances: list[int], bits: int = 8) -> CodeRanking:
    """One query at such distances from the documents."""
    documents = codes.pack(np.arange(bits) < np.array(distances)[:, None])
    return CodeRanking(codes.pack(np.zeros((1, bits), dtype=bool)), documents, bits)


def by_place(orders: list[tuple[int, ...]]) -> ScoreRanking:
    """A query an order, whose documents are ranked by it."""
    scores = np.zeros((len(orders), len(orders[0])), dtype=np.float32)
    np.put_along_axis(scores, np.array(orders), -np.arange(scores.shape[1], dtype=np.float32), axis=1)
    return ScoreRanking(lambda rows: scores[rows])


def every_order(distances: list[int]) -> list[tuple[int, ...]]:
    shells = [np.flatnonzero(np.array(distances) == d).tolist() for d in sorted(set(distances))]
    return [sum(parts, ()) for parts in product(*(permutations(shell) for shell in shells))]


@pytest.mark.parametrize(
    ("distances", "grades"),
    [
        ([0, 0, 0, 2, 2, 5, 5], {1: 3.0, 3: 1.0, 6: 2.0}),
        ([4, 4, 4, 4, 4, 4], {0: 0.5, 5: 0.25}),
        ([0, 1, 1, 1, 1, 8], {2: 1.0, 3: 1.0, 4: 1.0}),
        ([3, 3, 3, 1, 1], {0: 1.0, 1: 2.0, 2: 2.0, 3: 1.0, 4: 7.0}),
        ([0, 7, 7, 7, 7, 7], {3: 4.0}),
    ],
)
def test_measures_of_codes_are_means_over_every_order_of_ties(
    distances: list[int], grades: dict[int, float]
) -> None:
    cuts, n = (1, 2, 3, 5, 9), len(distances)
    orders = every_order(distances)
    found = measure(at_distances(distances), Relevance.from_judgements([grades], n), cuts)
    every = measure(by_place(orders), Relevance.from_judgements([grades] * len(orders), n), cuts)
    assert found.values.keys() == every.values.keys()
    assert ("graded P@5" in found.values) == (set(grades.values()) != {1.0})
    for name, values in every.values.items():
        assert found.values[name] == pytest.approx(values.mean(), abs=1e-13), name
    assert np.array(found.curve) == pytest.approx(np.array(every.curve), abs=1e-13)
    for name, worst in found.worst.items():
        assert worst == pytest.approx(every.values[name].min(), abs=1e-13)
        assert found.best[name] == pytest.approx(every.values[name].max(), abs=1e-13)
    assert found.worst.keys() == found.best.keys() == {*(f"P@{k}" for k in cuts), "MAP"}


def test_a_list_worked_by_hand() -> None:
    """Documents 0, 1, 2, 3 in this order; 1, 2 and 4 are relevant with grades 3, 1, 2, and 4 comes last of five."""
    found = measure(by_place([(0, 1, 2, 3, 4)]), Relevance.from_judgements([GOLDEN_GRADES], 5), cuts=(2, 10))
    assert found.queries.tolist() == [0]
    assert found.n_documents == 5
    expected = {
        "P@2": 1 / 2,
        "P@10": 3 / 10,
        "R@2": 1 / 3,
        "R@10": 1,
        "MAP": (1 / 2 + 2 / 3 + 3 / 5) / 3,
        "nDCG@2": (1 / log2(3)) / (1 + 1 / log2(3)),
        "nDCG@10": (1 / log2(3) + 1 / log2(4) + 1 / log2(6)) / (1 + 1 / log2(3) + 1 / log2(4)),
        "graded P@2": 3 / 2,
        "graded P@10": 6 / 10,
        "graded nDCG@2": (3 / log2(3)) / (3 + 2 / log2(3)),
        "graded nDCG@10": (3 / log2(3) + 1 / log2(4) + 2 / log2(6)) / (3 + 2 / log2(3) + 1 / log2(4)),
    }
    assert found.means == pytest.approx(expected)
    assert [precision for _, precision in found.curve] == pytest.approx(
        [1 / 2] * 4 + [2 / 3] * 3 + [3 / 5] * 4
    )
    assert [level for level, _ in found.curve] == pytest.approx([i / 10 for i in range(11)])
    assert (found.worst, found.best, found.balls, found.addresses) == ({}, {}, None, None)


def test_codes_worked_by_hand() -> None:
    """At distance 0 documents 0, 1 and 2, of which 1 and 2 are relevant, grades 3 and 1; at 5, document 4, grade 2,
    and document 3.

    Two of the first three are relevant: each place is worth 2/3, by grades 4/3. The average precision is the mean
    of hits at 1 and 2, 1 and 3, 2 and 3 (11/6) and of a third hit at 4 or 5 (3/4 and 3/5, 27/40), over 3.
    """
    distances = [0, 0, 0, 5, 5]
    found = measure(at_distances(distances), Relevance.from_judgements([GOLDEN_GRADES], 5), cuts=(2, 4))
    first_hits = (1 + 2 / 2 + 1 + 2 / 3 + 1 / 2 + 2 / 3) / 3
    discount = [1, 1 / log2(3), 1 / log2(4), 1 / log2(5)]
    gain = sum(discount[:3]) * 2 / 3 + discount[3] / 2
    graded_gain = sum(discount[:3]) * 4 / 3 + discount[3]
    expected = {
        "P@2": 2 / 3,
        "P@4": (2 + 1 / 2) / 4,
        "R@2": 2 / 3 * 2 / 3,
        "R@4": 2.5 / 3,
        "MAP": (first_hits + (3 / 4 + 3 / 5) / 2) / 3,
        "nDCG@2": 2 / 3,
        "nDCG@4": gain / sum(discount[:3]),
        "graded P@2": 4 / 3,
        "graded P@4": (4 + 1) / 4,
        "graded nDCG@2": 4 / 3 * sum(discount[:2]) / (3 + 2 * discount[1]),
        "graded nDCG@4": graded_gain / (3 + 2 * discount[1] + discount[2]),
    }
    assert found.means == pytest.approx(expected)
    assert found.worst == pytest.approx({"P@2": 1 / 2, "P@4": 2 / 4, "MAP": (1 / 2 + 2 / 3 + 3 / 5) / 3})
    assert found.best == pytest.approx({"P@2": 1, "P@4": 3 / 4, "MAP": (1 + 1 + 3 / 4) / 3})
    assert found.balls
    assert found.balls.precision == pytest.approx([2 / 3] * 5 + [3 / 5] * 4)
    assert found.balls.recall == pytest.approx([2 / 3] * 5 + [1] * 4)
    assert found.balls.documents == [3] * 5 + [5] * 4
    assert found.addresses
    assert (found.addresses.in_use, found.addresses.largest) == (2, 3)
    assert found.addresses.sizes == [(2, 1), (3, 1)]


def both(n_documents: int, relevance: Relevance) -> list[Measured]:
    """Codes that are all the same, and scores that are."""
    n = relevance.n_queries
    equal = CodeRanking(np.zeros((n, 1), np.uint8), np.zeros((n_documents, 1), np.uint8), 8)
    scores = ScoreRanking(lambda rows: np.zeros((len(rows), n_documents), np.float32))
    return [measure(ranking, relevance) for ranking in (equal, scores)]


def test_one_document_that_is_relevant() -> None:
    for found in both(1, Relevance.from_documents([[0]], 1)):
        assert found.means == pytest.approx(
            {"P@10": 0.1, "P@100": 0.01, "R@10": 1, "R@100": 1, "nDCG@10": 1, "nDCG@100": 1, "MAP": 1}
        )
        assert found.curve == [(i / 10, 1) for i in range(11)]


def test_all_at_one_distance_is_chance_for_codes_and_the_order_of_documents_for_scores() -> None:
    """Of 40 documents the last 10 are relevant."""
    chance, stored = both(40, Relevance.from_documents([range(30, 40)], 40))
    assert chance.means["P@10"] == pytest.approx(1 / 4)
    assert (chance.worst["P@10"], chance.best["P@10"]) == (0, 1)
    assert (chance.worst["MAP"], chance.best["MAP"]) == pytest.approx((stored.means["MAP"], 1))
    assert stored.means["P@10"] == 0
    assert chance.balls
    assert chance.balls.precision == [1 / 4] * 9
    assert (
        chance.means["P@100"] == stored.means["P@100"] == pytest.approx(10 / 100)
    )  # empty places are misses
    assert chance.means["R@100"] == stored.means["R@100"] == 1


def test_an_empty_ball_has_precision_and_recall_nothing() -> None:
    found = measure(at_distances([3, 4]), Relevance.from_documents([[0]], 2))
    assert found.balls
    assert found.balls.documents[:5] == [0, 0, 0, 1, 2]
    assert found.balls.precision[:5] == [0, 0, 0, 1, 1 / 2]
    assert found.balls.recall[:5] == [0, 0, 0, 1, 1]


def test_what_scores_minus_infinity_is_not_returned() -> None:
    """Documents 0 and 3 are relevant, 3 is not returned; then nothing is."""
    scores = np.array([[2, 1, -np.inf, -np.inf], [-np.inf] * 4], dtype=np.float32)
    relevance = Relevance.from_judgements([{0: 1, 3: 2}, {0: 1, 1: 2}], 4)
    found = measure(ScoreRanking(lambda rows: scores[rows]), relevance, cuts=(4,))
    assert found.values["P@4"].tolist() == [1 / 4, 0]
    assert found.values["R@4"].tolist() == [1 / 2, 0]
    assert found.values["MAP"].tolist() == [1 / 2, 0]
    assert found.values["graded P@4"].tolist() == [1 / 4, 0]
    assert found.values["graded nDCG@4"] == pytest.approx([1 / (2 + 1 / log2(3)), 0])
    assert [precision for _, precision in found.curve] == pytest.approx([1 / 2] * 6 + [0] * 5)


def test_queries_with_nothing_to_find_are_left_out_and_grades_of_zero_are_nothing() -> None:
    relevance = Relevance.from_judgements([{0: 0, 1: -1}, {1: 1}, {}], 3)
    for found in both(3, relevance):
        assert found.queries.tolist() == [1]
        assert {len(values) for values in found.values.values()} == {1}
    with pytest.raises(EvaluationError, match="found none among 1 queries and 3 documents"):
        both(3, Relevance.from_judgements([{0: 0, 1: 0}], 3))


def test_no_cuts_leave_average_precision_and_the_curve() -> None:
    relevance = Relevance.from_judgements([{0: 3.0}], 2)
    ranking = at_distances([0, 1])
    assert measure(ranking, relevance, cuts=()).means == {"MAP": 1}
    assert measure(by_place([(1, 0)]), relevance, cuts=()).means == {"MAP": 1 / 2}


def test_progress_counts_queries_that_are_measured() -> None:
    relevance = Relevance.from_labels([["a"]] * 300 + [["b"]] * 7 + [[]] * 5, [["a"], ["b"], ["c"]])
    heard: list[tuple[float, float]] = []
    ranking = CodeRanking(np.zeros((312, 1), np.uint8), np.zeros((3, 1), np.uint8), 8)
    measure(ranking, relevance, report=lambda done, total, _: heard.append((done, total)))
    assert heard == [(256, 307), (300, 307), (307, 307)]


@pytest.mark.parametrize("graded", [False, True])
def test_memory_is_that_of_a_block(graded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semhash.evaluation.metrics.measured._PAIRS", 2**16)
    random = np.random.default_rng(0)
    n_queries, n_documents = 400, 5000

    def labels(n: int) -> list[list[str]]:
        return [random.choice(list("abcd"), 1 + graded).tolist() for _ in range(n)]

    relevance = Relevance.from_labels(labels(n_queries), labels(n_documents))
    assert relevance.graded == graded

    def scores(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return random.random((len(rows), n_documents), dtype=np.float32)

    tracemalloc.start()
    try:
        measure(ScoreRanking(scores), relevance)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80 * 2**16  # the order of all alone would be 16 MB
