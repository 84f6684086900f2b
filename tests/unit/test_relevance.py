from collections.abc import Sequence

import numpy as np
import pytest

from semhash.errors import EvaluationError
from semhash.evaluation.relevance import Relevance

QUERIES = [["a"], ["b", "a"], [], ["never seen"], ["a"], ["c", "never seen"], ["a", "b", "a"]]
DOCUMENTS = [["a"], ["b"], ["a", "b"], [], ["c"], ["a", "a"], ["d"]]


def by_sets(queries: Sequence[Sequence[str]], documents: Sequence[Sequence[str]]) -> np.ndarray:
    return np.array([[bool(set(q) & set(d)) for d in documents] for q in queries])


def test_what_shares_a_label_is_relevant() -> None:
    relevance = Relevance.from_labels(QUERIES, DOCUMENTS)
    expected = by_sets(QUERIES, DOCUMENTS)
    np.testing.assert_array_equal(relevance.block(np.arange(7)), expected)
    np.testing.assert_array_equal(relevance.block(np.array([6, 0])), expected[[6, 0]])
    np.testing.assert_array_equal(relevance.totals(), expected.sum(axis=1))
    assert relevance.totals().tolist() == [3, 4, 0, 0, 3, 1, 4]
    assert (relevance.n_queries, relevance.n_documents) == (7, 7)


@pytest.mark.parametrize("seed", range(5))
def test_groups_hold_every_query_once_with_what_is_relevant_to_it(seed: int) -> None:
    random = np.random.default_rng(seed)

    def labels(n: int) -> list[list[str]]:
        return [random.choice(list("abcdefg"), random.integers(0, 4)).tolist() for _ in range(n)]

    queries, documents = labels(40), labels(60)
    expected = by_sets(queries, documents)
    seen: list[int] = []
    for rows, found, _ in Relevance.from_labels(queries, documents).groups():
        seen += rows.tolist()
        for row in rows:
            np.testing.assert_array_equal(found, np.flatnonzero(expected[row]))
    assert sorted(seen) == list(range(40))


def test_judgements_are_taken_as_they_are() -> None:
    relevance = Relevance.from_documents([[3, 1, 3], [], [0]], 4)
    assert relevance.totals().tolist() == [2, 0, 1]
    assert np.argwhere(relevance.block(np.arange(3))).tolist() == [[0, 1], [0, 3], [2, 0]]


def jaccard(queries: Sequence[Sequence[str]], documents: Sequence[Sequence[str]]) -> np.ndarray:
    return np.array(
        [[len(set(q) & set(d)) / max(1, len(set(q) | set(d))) for d in documents] for q in queries]
    )


def test_grades_worked_by_hand() -> None:
    """a and b against a, against a and b, against b and c; labels that no document has count among the query's."""
    documents = [["a"], ["a", "b"], ["b", "c"], [], ["c"]]
    relevance = Relevance.from_labels([["a", "b"], ["c", "unknown"], ["b", "b"]], documents)
    expected = [[1 / 2, 1, 1 / 3, 0, 0], [0, 0, 1 / 3, 0, 1 / 2], [0, 1 / 2, 1 / 2, 0, 0]]
    np.testing.assert_allclose(relevance.grades(np.arange(3)), expected, rtol=1e-15)
    np.testing.assert_allclose(
        relevance.best_grades(np.array([2, 0]), 4), [[1 / 2, 1 / 2, 0, 0], [1, 1 / 2, 1 / 3, 0]]
    )


@pytest.mark.parametrize("seed", range(5))
def test_grades_are_the_share_of_labels_in_common(seed: int) -> None:
    random = np.random.default_rng(seed)

    def labels(n: int) -> list[list[str]]:
        return [random.choice(list("abcdefg"), random.integers(0, 5)).tolist() for _ in range(n)]

    queries, documents = labels(40), labels(60)
    relevance = Relevance.from_labels([*queries, ["z", "a"]], documents)
    expected = jaccard([*queries, ["z", "a"]], documents)
    rows = random.permutation(41)
    np.testing.assert_allclose(relevance.grades(rows), expected[rows], rtol=1e-14)
    np.testing.assert_array_equal(relevance.grades(rows) > 0, relevance.block(rows))
    np.testing.assert_allclose(relevance.best_grades(rows, 9), -np.sort(-expected[rows], axis=1)[:, :9])
    for members, found, grades in relevance.groups():
        for row in members:
            np.testing.assert_allclose(grades, expected[row, found], rtol=1e-14)
    assert relevance.graded


@pytest.mark.parametrize(
    ("relevance", "graded"),
    [
        (Relevance.from_labels([["a"], ["b"]], [["a"], ["b"], []]), False),
        (Relevance.from_labels([["a", "b"]], [["a", "b"], ["c", "d"]]), False),
        (Relevance.from_labels([["a"]], [["a"], ["c", "d"]]), False),
        (Relevance.from_labels([["a"]], [["a", "d"]]), True),
        (Relevance.from_labels([["a", "unknown"]], [["a"]]), True),
        (Relevance.from_documents([[0, 1], []], 2), False),
        (Relevance.from_judgements([{0: 1, 1: 0, 2: -1}], 3), False),
        (Relevance.from_judgements([{0: 1}, {2: 2}], 3), True),
        (Relevance.from_judgements([], 3), False),
    ],
)
def test_relevance_is_graded_where_a_grade_is_neither_nothing_nor_one(
    relevance: Relevance, graded: bool
) -> None:
    assert relevance.graded is graded


def test_graded_judgements_are_taken_as_they_are() -> None:
    relevance = Relevance.from_judgements([{3: 2, 1: 0.5, 0: 0}, {}, {2: -1, 0: 1}], 4)
    expected = [[0, 0.5, 0, 2], [0, 0, 0, 0], [1, 0, 0, 0]]
    np.testing.assert_array_equal(relevance.grades(np.arange(3)), expected)
    np.testing.assert_array_equal(relevance.block(np.arange(3)), np.array(expected) > 0)
    assert relevance.totals().tolist() == [2, 0, 1]
    assert relevance.best_grades(np.arange(3), 3).tolist() == [[2, 0.5, 0], [0, 0, 0], [1, 0, 0]]
    [(first, rows, grades), *_] = relevance.groups()
    assert (first.tolist(), rows.tolist(), grades.tolist()) == ([0], [1, 3], [0.5, 2])


def test_judgements_of_nothing_there_are_refused_in_words() -> None:
    for row in (-1, 4):
        with pytest.raises(EvaluationError, match=f"rows of documents, 0 to 3, found {row}"):
            Relevance.from_documents([[0], [row]], 4)
    with pytest.raises(EvaluationError, match=r"expected finite grades, found nan; leave out"):
        Relevance.from_judgements([{0: float("nan")}], 4)


def test_nothing_at_all() -> None:
    empty = Relevance.from_labels([], [])
    assert list(empty.groups()) == []
    assert empty.totals().shape == (0,)
    assert empty.block(np.zeros(0, dtype=np.int64)).shape == (0, 0)
