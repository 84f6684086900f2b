from collections.abc import Sequence

import numpy as np
import pytest

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


def test_nothing_at_all() -> None:
    empty = Relevance.from_labels([], [])
    assert list(empty.groups()) == []
    assert empty.totals().shape == (0,)
    assert empty.block(np.zeros(0, dtype=np.int64)).shape == (0, 0)
