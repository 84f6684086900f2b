"""Words that tell of neighbours: the information against its definition, and that nobody is left without a word."""

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.autoencoder.telling_words import covering, neighbour_information, ranked_words, telling_words
from semhash.vocabulary import Counts, most_frequent

SEEDS = pytest.mark.parametrize("seed", range(3))


def counts_of(dense: NDArray[np.int64]) -> Counts:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.uint16), dense.shape[1])


def subjects(seed: int, n: int = 600) -> tuple[Counts, NDArray[np.int64]]:
    """Documents on two subjects in turn; words 0 to 9 are anywhere, and often; ten of each subject are rarer.

    Neighbours are of one subject, as they stand in line.
    """
    random = np.random.default_rng(seed)
    dense = np.zeros((n, 30), dtype=np.int64)
    dense[:, :10] = random.poisson(2.0, (n, 10))
    for row in range(n):
        own = slice(10, 20) if row % 2 else slice(20, 30)
        dense[row, own] = random.random(10) < 0.5
    neighbours = (np.arange(n)[:, None] + np.array([2, 4, 6])) % n
    return counts_of(dense), neighbours


@SEEDS
def test_the_information_is_that_of_the_two_by_two_table_of_all_pairs(seed: int) -> None:
    counts, neighbours = subjects(seed, 40)
    has = counts.to_dense() > 0
    found = neighbour_information(counts, neighbours)
    for word in range(counts.n_columns):
        pairs = [(has[i, word], has[j, word]) for i in range(40) for j in neighbours[i]]
        expected = 0.0
        for x in (False, True):
            for y in (False, True):
                joint = np.mean([pair == (x, y) for pair in pairs])
                apart = np.mean([a == x for a, _ in pairs]) * np.mean([b == y for _, b in pairs])
                expected += joint * np.log(joint / apart) if joint else 0.0
        assert found[word] == pytest.approx(expected, abs=1e-6)


@SEEDS
def test_words_of_a_subject_come_before_words_that_stand_anywhere(seed: int) -> None:
    counts, neighbours = subjects(seed)
    ranked = ranked_words(counts, neighbours)
    assert sorted(ranked.tolist()) == list(range(30))
    assert set(ranked[:20].tolist()) == set(range(10, 30))
    assert set(most_frequent(counts, 10).tolist()) == set(range(10))


@SEEDS
@pytest.mark.parametrize("size", [1, 3, 8, 25, 200])
def test_whoever_has_one_of_the_most_frequent_words_has_one_of_those_chosen(seed: int, size: int) -> None:
    """Of documents of one word or two, whose words are told apart at random."""
    random = np.random.default_rng(seed)
    dense = np.zeros((300, 60), dtype=np.int64)
    for row in range(300):
        dense[row, np.minimum(random.geometric(0.05, random.integers(1, 3)), 60) - 1] = 1
    counts, ranked = counts_of(dense), random.permutation(60)
    chosen = telling_words(counts, ranked, size)
    assert len(set(chosen.tolist())) == len(chosen) == min(size, 60)
    known = counts.columns(most_frequent(counts, size))
    covered = counts.columns(chosen)
    assert not ((np.diff(known.indptr) > 0) & (np.diff(covered.indptr) == 0)).any()
    frequency = counts.total_frequency()[chosen]
    assert (frequency[:-1] >= frequency[1:]).all()


def test_no_word_is_given_up_where_nobody_needs_another() -> None:
    counts, neighbours = subjects(0)
    ranked = ranked_words(counts, neighbours)
    covered = counts.take(np.flatnonzero(np.diff(counts.columns(ranked[:20]).indptr)))
    assert covering(covered, ranked, most_frequent(covered, 20), 20).tolist() == ranked[:20].tolist()
    assert set(telling_words(covered, ranked, 20).tolist()) == set(ranked[:20].tolist())
