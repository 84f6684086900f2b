"""Prefix filtering must find what comparing all with all finds, and compare far fewer."""

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.duplicates.similarity_join import cosines, prefix_postings, sharing_pairs
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts


def made(n: int, seed: int, n_words: int = 300) -> TermIndex:
    """Documents of Zipf's words; every third one is an earlier one with a few words changed, some are empty."""
    source = np.random.default_rng(seed)
    dense = np.zeros((n, n_words), dtype=np.int64)
    shares = 1 / np.arange(1, n_words + 1)
    for row in range(n):
        if row % 3 == 2:
            dense[row] = dense[source.integers(0, row)]
            dense[row, source.integers(0, n_words, size=source.integers(0, 8))] += 1
        elif row % 10:
            dense[row] = source.multinomial(source.integers(1, 60), shares / shares.sum())
    owners, words = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return TermIndex.build(Counts(indptr, words.astype(np.int32), dense[owners, words], n_words))


def all_cosines(terms: TermIndex) -> NDArray[np.float64]:
    """Every cosine by dense products, shape (n, n)."""
    counts = terms.counts
    dense = np.zeros((len(counts), counts.n_columns))
    dense[counts.owners(), counts.indices] = terms.weights(counts)
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    scaled = np.divide(dense, lengths, out=np.zeros_like(dense), where=lengths > 0)
    return np.asarray(scaled @ scaled.T)


def candidates(terms: TermIndex, threshold: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found = list(sharing_pairs(prefix_postings(terms, np.arange(len(terms.counts)), threshold)))
    return np.concatenate([p.first for p in found]), np.concatenate([p.second for p in found])


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.7, 0.9, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_pair_that_reaches_the_threshold_is_a_candidate(
    threshold: float, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semhash.duplicates.similarity_join._PAIRS", 500)
    monkeypatch.setattr("semhash.duplicates.similarity_join._ENTRIES", 700)
    terms = made(150, seed)
    first, second = candidates(terms, threshold)
    assert (second < first).all()
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(first)
    expected = np.argwhere(np.tril(all_cosines(terms), -1) >= threshold - 1e-7)
    assert len(expected) >= 3
    assert {tuple(pair) for pair in expected.tolist()} <= set(
        zip(first.tolist(), second.tolist(), strict=True)
    )


def test_a_high_threshold_leaves_few_to_compare() -> None:
    terms = made(150, 2)
    counts = [len(candidates(terms, threshold)[0]) for threshold in (0.05, 0.5, 0.9)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 150 * 149 / 2 / 10


def test_cosines_of_pairs_are_those_of_one_document_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = made(60, 3)
    first, second = (side.ravel() for side in np.meshgrid(np.arange(60), np.arange(60)))
    whole = cosines(terms, first, second)
    np.testing.assert_allclose(whole.reshape(60, 60), all_cosines(terms), atol=1e-6)
    each = [terms.cosine(terms.counts.take(np.array([row])), np.arange(60)) for row in range(60)]
    np.testing.assert_allclose(whole.reshape(60, 60), each, atol=1e-6)
    monkeypatch.setattr("semhash.duplicates.similarity_join._ENTRIES", 100)
    np.testing.assert_array_equal(cosines(terms, first, second), whole)


def test_documents_left_out_are_in_no_pair() -> None:
    terms = made(90, 4)
    rows = np.arange(0, 90, 2)
    found = list(sharing_pairs(prefix_postings(terms, rows, 0.3)))
    assert sum(map(len, found)) > 5
    assert all((pairs.first % 2 == 0).all() and (pairs.second % 2 == 0).all() for pairs in found)


@pytest.mark.parametrize("threshold", [0.3, 0.9])
def test_with_keys_only_pairs_that_share_one_come_and_all_of_them(threshold: float) -> None:
    terms, rows = made(150, 6), np.arange(5, 150)
    keys = np.random.default_rng(0).integers(0, 4, size=(len(rows), 2))
    found = list(sharing_pairs(prefix_postings(terms, rows, threshold, keys)))
    pairs = [pair for some in found for pair in zip(some.first.tolist(), some.second.tolist(), strict=True)]
    agree, alike = dict(zip(rows.tolist(), keys, strict=True)), all_cosines(terms)
    plain = list(sharing_pairs(prefix_postings(terms, rows, threshold)))
    every = [pair for some in plain for pair in zip(some.first.tolist(), some.second.tolist(), strict=True)]
    assert all((agree[a] == agree[b]).any() for a, b in pairs)
    must = {(a, b) for a, b in every if (agree[a] == agree[b]).any() and alike[a, b] >= threshold}
    assert len(must) >= 5
    assert must <= set(pairs) <= set(every)
    assert len(set(pairs)) == len(pairs) < len(every)


def test_of_no_documents_there_are_no_pairs() -> None:
    terms = made(10, 5)
    assert sum(map(len, sharing_pairs(prefix_postings(terms, np.arange(0), 0.9)))) == 0
    assert len(cosines(terms, np.arange(0), np.arange(0))) == 0
