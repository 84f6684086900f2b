"""Postings against BM25 by brute force and against bm25s; what is found is exact, and so is its order."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from semhash.baselines.lexical import Bm25
from semhash.errors import ConfigError, IndexDamagedError, IndexFormatError
from semhash.ranking.postings import K1, B, Postings, Spelled, lucene_idf
from semhash.store import IndexFolder
from semhash.store.draft import draft_index
from semhash.store.manifest import read_manifest
from semhash.vocabulary import Counts

SMALL = np.array([[2, 1, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]])


def counts_of(dense: NDArray[Any]) -> Counts:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    data = dense[rows, columns].astype(np.uint8)
    return Counts(indptr, columns.astype(np.int32), data, dense.shape[1])


def by_brute_force(dense: NDArray[Any], query: NDArray[Any]) -> NDArray[np.float64]:
    """The formula, document by document and word by word."""
    lengths, frequency = dense.sum(axis=1), (dense > 0).sum(axis=0)
    scores = np.zeros(len(dense))
    for d, document in enumerate(dense):
        for t in np.flatnonzero(document):
            idf = np.log(1 + (len(dense) - frequency[t] + 0.5) / (frequency[t] + 0.5))
            norm = K1 * (1 - B + B * lengths[d] / lengths.mean())
            scores[d] += query[t] * idf * document[t] / (document[t] + norm)
    return scores


def made(seed: int, n: int = 60, n_words: int = 30) -> tuple[NDArray[Any], NDArray[Any]]:
    """Documents of few words, so that many tie, and a query; words grow rarer, the last ones are in no document."""
    random = np.random.default_rng(seed)
    dense = random.poisson(1.5 / np.arange(1, n_words + 1), (n, n_words)) * (np.arange(n_words) < n_words - 2)
    dense[random.integers(0, n, 5)] = 0
    return dense, random.integers(0, 3, n_words)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_the_formula(seed: int) -> None:
    dense, query = made(seed)
    expected = by_brute_force(dense, query)
    rows, scores = Postings.build(counts_of(dense)).scores(counts_of(query[None]))
    np.testing.assert_array_equal(rows, np.flatnonzero(expected))
    np.testing.assert_allclose(scores, expected[rows], rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_bm25s(seed: int, documents_of: Any) -> None:
    dense, query = made(seed, n=200, n_words=80)
    fitted = Bm25(k1=K1, b=B).fit(documents_of(dense))
    expected = fitted.rank(documents_of(query[None])).scores(np.array([0]))[0]
    found = Postings.build(counts_of(dense)).scores_of(counts_of(query[None]), np.arange(len(dense)))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@given(seed=st.integers(0, 10**6), k=st.integers(1, 70), words=st.integers(1, 30))
def test_the_best_are_the_first_of_all_scores_to_the_last_bit(seed: int, k: int, words: int) -> None:
    """Words that cannot bring in another document are only looked up, which must not be seen in what is found."""
    dense, query = made(seed)
    query[words:] = 0
    postings, asked = Postings.build(counts_of(dense)), counts_of(query[None])
    rows, scores = postings.scores(asked)
    order = np.lexsort((rows, -scores))[:k]
    found_rows, found_scores = postings.best(asked, k)
    np.testing.assert_array_equal(found_rows, rows[order])
    np.testing.assert_array_equal(found_scores, scores[order])
    np.testing.assert_array_equal(postings.scores_of(asked, rows), scores)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [0, 1, 20, 60])
def test_some_documents_score_as_all_do_to_the_last_bit_however_few_they_are(seed: int, n: int) -> None:
    dense, query = made(seed)
    postings, asked = Postings.build(counts_of(dense)), counts_of(query[np.newaxis])
    rows, scores = postings.scores(asked)
    every = np.zeros(len(dense))
    every[rows] = scores
    some = np.random.default_rng(seed).permutation(len(dense))[:n]
    assert postings.scores_of(asked, some).tolist() == every[some].tolist()


def test_frequent_words_are_looked_up_for_the_documents_that_rare_ones_brought_in() -> None:
    """One rare and one frequent word: none of the documents with the frequent one alone is ever added up."""
    dense = np.zeros((1000, 2), dtype=np.int64)
    dense[:, 0], dense[7::100, 1] = 1, 1
    postings, asked = Postings.build(counts_of(dense)), counts_of(np.array([[1, 1]]))
    _, found, taken = postings._add_up(postings._asked(asked), 10)
    assert (found.tolist(), taken) == (list(range(7, 1000, 100)), 1)
    rows, scores = postings.best(asked, 10)
    assert rows.tolist() == found.tolist()
    np.testing.assert_allclose(scores, by_brute_force(dense, np.array([1, 1]))[rows], rtol=1e-12)


@given(seed=st.integers(0, 10**6), k=st.integers(1, 70))
def test_terms_of_one_group_are_one_word(seed: int, k: int) -> None:
    """As if documents held one term as often as all of the group, each term times its share."""
    dense, _ = made(seed)
    random = np.random.default_rng(seed)
    held = np.sort(random.choice(28, 9, replace=False))
    groups = random.integers(0, 4, 9)
    weights = np.where(random.random(9) < 0.5, 1.0, 0.25)
    query = Counts(np.array([0, 9]), held.astype(np.int32), weights, 30)
    lengths, expected = dense.sum(axis=1), np.zeros(60)
    for group in set(groups.tolist()):
        places = np.flatnonzero(groups == group)
        most = weights[places].max()
        together = (dense[:, held[places]] * weights[places] / most).sum(axis=1)
        frequency = min(int((dense[:, held[places[weights[places] == most]]] > 0).sum()), 60)
        idf = np.log(1 + (60 - frequency + 0.5) / (frequency + 0.5))
        norms = K1 * (1 - B + B * lengths / lengths.mean())
        expected += most * idf * together / (together + norms)
    postings = Postings.build(counts_of(dense))
    rows, scores = postings.scores(query, groups)
    np.testing.assert_array_equal(rows, np.flatnonzero(expected))
    np.testing.assert_allclose(scores, expected[rows], rtol=1e-12)
    np.testing.assert_array_equal(postings.scores_of(query, rows, groups), scores)
    best_rows, best_scores = postings.best(query, k, groups)
    order = np.lexsort((rows, -scores))[:k]
    np.testing.assert_array_equal(best_rows, rows[order])
    np.testing.assert_array_equal(best_scores, scores[order])


def test_documents_gain_by_the_very_spelling_of_a_word() -> None:
    """As rare as that spelling of the word is, and as one occurrence of it."""
    dense = np.array([[2, 1], [1, 3], [4, 0], [0, 1]])
    spellings = np.array([1, 1, 2, 1, 3, 1], dtype=np.uint8)  # of the entries, document after document
    postings = Postings.build(counts_of(dense), spellings)
    rows, lengths = np.array([3, 2, 1, 0]), np.array([1, 4, 4, 3])
    once = 1 / (1 + K1 * (1 - B + B * lengths / 3))
    idf = lucene_idf(np.array([2]), 4)[0]
    found = postings.spelled([Spelled((0,), 2, 0.5)], rows)
    np.testing.assert_allclose(found, 0.5 * idf * once * [0, 1, 1, 0])
    found = postings.spelled([Spelled((0,), 1, 1.0), Spelled((1,), 4, 1.0)], rows)
    np.testing.assert_allclose(found, idf * once * [0, 1, 0, 1])
    assert not Postings.build(counts_of(dense)).spelled([Spelled((0,), 1, 1.0)], rows).any()
    np.testing.assert_array_equal(postings.spellings_of_counts(), spellings)


@pytest.mark.parametrize("seed", range(3))
def test_the_documents_of_some_terms_are_those_that_count_them(seed: int) -> None:
    dense, _ = made(seed)
    spellings = np.random.default_rng(seed).integers(1, 256, np.count_nonzero(dense)).astype(np.uint8)
    by_entry = np.zeros(dense.shape, dtype=np.uint8)
    by_entry[dense > 0] = spellings
    postings = Postings.build(counts_of(dense), spellings)
    terms = [0, 3, 29]
    np.testing.assert_array_equal(postings.rows_of(terms), np.flatnonzero(dense[:, terms].any(axis=1)))
    for bits in (1, 6, 128):
        spelled = (by_entry[:, terms] & bits).any(axis=1)
        np.testing.assert_array_equal(postings.rows_of(terms, bits), np.flatnonzero(spelled))
        assert len(Postings.build(counts_of(dense)).rows_of(terms, bits)) == len(postings.rows_of(terms))
    assert not len(postings.rows_of([]))
    held = np.flatnonzero(dense[:, 3])
    assert list(postings.counted(3)) == [(row, dense[row, 3]) for row in held.tolist()]


def test_ties_stand_in_the_order_of_documents() -> None:
    postings = Postings.build(counts_of(SMALL))
    rows, scores = postings.best(counts_of(np.array([[1, 0, 0, 0]])), 2)
    assert rows.tolist() == [3, 4]
    assert scores[0] == scores[1]


def test_empty_queries_unheard_words_and_documents_without_words_find_nothing() -> None:
    postings = Postings.build(counts_of(SMALL))
    for nothing in (np.zeros((1, 4)), np.array([[0, 0, 0, 5]])):
        assert [len(part) for part in postings.best(counts_of(nothing), 3)] == [0, 0]
        assert [len(part) for part in postings.scores(counts_of(nothing))] == [0, 0]
        assert postings.scores_of(counts_of(nothing), np.array([0, 1])).tolist() == [0, 0]
    everything = counts_of(np.ones((1, 4), dtype=np.int64))
    assert 1 not in postings.scores(everything)[0]
    assert postings.scores_of(everything, np.array([1])).tolist() == [0]
    without = Postings.build(counts_of(np.zeros((3, 4))))
    assert [len(part) for part in without.best(everything, 3)] == [0, 0]


def test_fewer_than_one_document_cannot_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="k: expected 1 document or more, found 0"):
        Postings.build(counts_of(SMALL)).best(counts_of(SMALL[:1]), 0)


def test_rarer_words_weigh_more_and_every_word_weighs_something() -> None:
    weights = lucene_idf(np.arange(11), 10)
    assert (np.diff(weights) < 0).all()
    assert weights[-1] > 0


# -- files --------------------------------------------------------------------------------------------------


def write(place: Path, folder: Path, **changed: object) -> Path:
    """Write the postings of `SMALL` as an index whose manifest is else that of `folder`."""
    with draft_index(place) as draft:
        Postings.build(counts_of(SMALL)).write(draft)
        for name, value in changed.items():
            draft.save_json(f"{name}.json", value)
        manifest = read_manifest(folder)
        fits = msgspec.structs.replace(manifest, n_documents=5, n_words=4, files=draft.records())
        draft.publish(fits)
    return place


@pytest.fixture
def files(tmp_path: Path, folder: Path) -> Path:
    return write(tmp_path / "five", folder)


def opened(folder: Path) -> Postings:
    return Postings.open(IndexFolder.open(folder, check_files=False))


def test_what_is_written_is_mapped_and_answers_the_same(files: Path) -> None:
    counts = counts_of(SMALL)
    found, built = opened(files), Postings.build(counts)
    found.check(counts)
    assert isinstance(found.rows.base, np.memmap)
    for query in SMALL:
        asked = counts_of(query[None])
        for ours, theirs in zip(found.best(asked, 3), built.best(asked, 3), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_an_index_without_postings_is_told_how_to_get_them(folder: Path) -> None:
    with pytest.raises(
        IndexFormatError,
        match=r"expected postings .* found an index that semhash 0\.1\.0 .*: semhash update --index ",
    ):
        opened(folder)


@pytest.mark.parametrize(
    ("name", "array", "told"),
    [
        ("offsets", np.arange(4), r"postings-offsets.npy: expected int64 of shape \(5,\)"),
        (
            "offsets",
            np.array([1, 3, 5, 6, 6]),
            "expected offsets from 0 to the number of entries, found 1 to 6",
        ),
        ("rows", np.arange(6), "postings-rows.npy: expected uint32"),
        ("rows", np.zeros(5, dtype=np.uint32), r"postings-rows.npy: expected uint32 of shape \(6,\)"),
        ("counts", np.ones(6), "postings-counts.npy: expected unsigned"),
        ("lengths", np.ones(4, dtype=np.uint32), r"postings-lengths.npy: expected uint32 of shape \(5,\)"),
    ],
)
def test_arrays_of_another_kind_are_refused(files: Path, name: str, array: NDArray[Any], told: str) -> None:
    np.save(files / "generation-1" / f"postings-{name}.npy", array)
    with pytest.raises(IndexDamagedError, match=told):
        opened(files)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("offsets", np.array([0, 9, 5, 6, 6])),
        ("offsets", np.array([0, -1, 5, 6, 6])),
        ("rows", np.array([0, 3, 9, 0, 2, 2], dtype=np.uint32)),
    ],
)
def test_places_and_rows_out_of_bounds_are_damage(files: Path, name: str, array: NDArray[Any]) -> None:
    np.save(files / "generation-1" / f"postings-{name}.npy", array)
    damaged = opened(files)
    with pytest.raises(IndexDamagedError, match=r"^postings: expected .*, found .* semhash verify$"):
        damaged.best(counts_of(np.array([[1, 1, 1, 1]])), 3)


@pytest.mark.parametrize("name", ["offsets", "rows", "counts", "lengths"])
def test_a_check_holds_every_array_against_the_counts(name: str) -> None:
    arrays = {
        part: getattr(Postings.build(counts_of(SMALL)), part).copy()
        for part in ("offsets", "rows", "counts", "lengths")
    }
    arrays[name][1] += 1
    with pytest.raises(IndexDamagedError, match=f"expected the {name} that the counts give"):
        Postings(**arrays, n_occurrences=7).check(counts_of(SMALL))


def test_a_check_adds_up_the_words(files: Path) -> None:
    found = opened(files)
    wrong = Postings(found.offsets, found.rows, found.counts, found.lengths, 8)
    with pytest.raises(IndexDamagedError, match="expected 7 words in all, found 8"):
        wrong.check(counts_of(SMALL))


@pytest.mark.parametrize("totals", [{"occurrences": "many"}, {"occurrences": -1}, {}, [7]])
def test_totals_that_are_no_number_are_damage(tmp_path: Path, folder: Path, totals: object) -> None:
    place = write(tmp_path / "five", folder, postings=totals)
    with pytest.raises(IndexDamagedError, match=r"postings.json: expected a number of occurrences"):
        opened(place)
