"""BM25 compiled and by array operations: one answer to the last bit, whatever is asked of whatever postings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.errors import IndexDamagedError
from semhash.ranking.postings import Postings
from semhash.vocabulary import Counts


def compiled(postings: Postings) -> Postings:
    """The same, compiled."""
    arrays = postings.offsets, postings.rows, postings.counts, postings.lengths
    return Postings(*arrays, postings.n_occurrences, compiled=True)


def made(seed: int, n: int, shares: list[float], most: int) -> Postings:
    """Words that so many of the documents hold, so often each; documents of few lengths, so that many tie."""
    random = np.random.default_rng(seed)
    held = [np.flatnonzero(random.random(n) < share).astype(np.uint32) for share in shares]
    offsets = np.concatenate(([0], np.cumsum([len(rows) for rows in held])))
    dtype = np.min_scalar_type(most)
    counts = random.integers(1, most, offsets[-1], endpoint=True).astype(dtype)
    lengths = random.integers(most, most + random.integers(1, 30), n).astype(np.uint32)
    return Postings(offsets, np.concatenate(held), counts, lengths, int(lengths.sum()), compiled=False)


def asked(words_of: dict[int, int], n_words: int) -> Counts:
    terms = np.array(sorted(words_of), dtype=np.int32)
    data = np.array([words_of[int(term)] for term in terms], dtype=np.int64)
    return Counts(np.array([0, len(terms)]), terms, data, n_words)


SHARES = st.lists(st.sampled_from([0.0, 0.0005, 0.01, 0.1, 0.5, 1.0]), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    n=st.sampled_from([1, 40, 3000, 65_536, 150_000]),
    shares=SHARES,
    most=st.sampled_from([1, 3, 200, 300]),
    longest=st.sampled_from([0, 100_000]),
    k=st.sampled_from([1, 2, 10, 500, 200_000]),
    data=st.data(),
)
def test_the_best_are_the_same_to_the_last_bit(
    seed: int, n: int, shares: list[float], most: int, longest: int, k: int, data: st.DataObject
) -> None:
    postings = made(seed, n, shares, most)
    postings.lengths[-1] = max(postings.lengths[-1], longest)
    query = asked(data.draw(st.dictionaries(st.integers(0, len(shares) - 1), st.integers(1, 3))), len(shares))
    rows, scores = postings.best(query, k)
    wanted = np.random.default_rng(seed).integers(0, n, 50)
    looked_up = postings.scores_of(query, wanted), postings.scores_of(query, np.sort(wanted))
    same = compiled(postings)
    found_rows, found_scores = same.best(query, k)
    found = same.scores_of(query, wanted), same.scores_of(query, np.sort(wanted))
    np.testing.assert_array_equal(found_rows, rows)
    np.testing.assert_array_equal(found_scores, scores)
    np.testing.assert_array_equal(found, looked_up)


@pytest.mark.parametrize(
    "rows",
    [
        [0, 70_000, 5, 70_001],  # back into a block that is done
        [0, 4_000_000_000, 5, 70_001],  # beyond all documents
        [0, *[5] * 70_001],  # one document more often than there are documents
    ],
)
def test_rows_that_are_not_where_they_must_be_are_damage(rows: list[int]) -> None:
    held = np.array(rows, dtype=np.uint32)
    counts = np.zeros(len(held), dtype=np.uint8)
    postings = Postings(
        np.array([0, len(held)]), held, counts, np.full(70_002, 9, dtype=np.uint32), 9 * 70_002, compiled=True
    )
    with pytest.raises(IndexDamagedError, match="expected rows that ascend inside each word"):
        postings.best(asked({0: 1}, 1), 10)


def test_what_lies_outside_is_read_nowhere() -> None:
    held = np.array([3, 70_005], dtype=np.uint32)
    postings = Postings(
        np.array([0, 1]), held[:1], np.ones(1, dtype=np.uint8), np.ones(5, dtype=np.uint32), 5, compiled=True
    )
    assert postings.scores_of(asked({0: 1}, 1), np.array([70_005, 4, 3]))[:2].tolist() == [0, 0]


def test_wide_counts_are_left_to_array_operations() -> None:
    postings = made(0, 50, [0.5, 0.2], 70_000)
    query = asked({0: 1, 1: 2}, 2)
    assert postings.counts.dtype == np.uint32
    np.testing.assert_array_equal(compiled(postings).best(query, 7), postings.best(query, 7))
