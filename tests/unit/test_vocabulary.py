import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from semhash.analysis.analyzer import Analyzer
from semhash.vocabulary import (
    Counts,
    Lexicon,
    inverse_document_frequency,
    most_frequent,
    sublinear_frequency,
)
from semhash.words import counting
from semhash.words.counting import CountsBuilder

PLAIN = Analyzer("none", "none")
words = PLAIN.terms
TEXTS = ["bb aa bb", "", "cc aa the", "aa zz zz zz dd", "ünï aa"]


def build(texts: list[str]) -> tuple[Lexicon, Counts]:
    builder = CountsBuilder(PLAIN)
    for text in texts:
        builder.add(text)
    found = builder.finish()
    return found.lexicon, found.counts


def test_counts_equal_those_of_scikit_learn() -> None:
    lexicon, counts = build(TEXTS)
    reference = CountVectorizer(analyzer=words)
    expected = reference.fit_transform(TEXTS).toarray()
    assert [lexicon.word(term) for term in range(len(lexicon))] == list(reference.get_feature_names_out())
    np.testing.assert_array_equal(counts.to_dense(), expected)
    np.testing.assert_array_equal(counts.document_frequency(), (expected > 0).sum(axis=0))
    np.testing.assert_array_equal(counts.total_frequency(), expected.sum(axis=0))


def test_columns_ascend_inside_every_document() -> None:
    _, counts = build(["zz yy xx aa", "mm bb zz"])
    for row in range(len(counts)):
        columns = counts.indices[counts.indptr[row] : counts.indptr[row + 1]]
        assert (np.diff(columns) > 0).all()


def test_counts_do_not_depend_on_how_many_texts_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    together = build(TEXTS)
    for at_once in (1, 2, 5):
        monkeypatch.setattr(counting, "_AT_ONCE", at_once)
        lexicon, counts = build(TEXTS)
        assert lexicon.letters.tobytes() == together[0].letters.tobytes()
        np.testing.assert_array_equal(counts.indptr, together[1].indptr)
        np.testing.assert_array_equal(counts.indices, together[1].indices)
        np.testing.assert_array_equal(counts.data, together[1].data)


def test_a_word_that_a_text_holds_very_often_is_counted_in_full() -> None:
    _, counts = build(["aa " * 300 + "bb", "bb"])
    np.testing.assert_array_equal(counts.to_dense(), [[300, 1], [0, 1]])


def test_words_beyond_the_limit_are_not_counted() -> None:
    lexicon, counts = build(["the moon", "the " + "x" * 65])
    assert [lexicon.word(term) for term in range(len(lexicon))] == ["moon", "the"]
    np.testing.assert_array_equal(counts.to_dense(), [[1, 1], [0, 1]])


def test_stop_words_are_counted_and_told_from_the_words_that_codes_are_learned_from() -> None:
    builder = CountsBuilder(Analyzer("english"))
    for text in ["The moon was over the sea", "to be or not to be", "Fire systems at the bottom of the bill"]:
        builder.add(text)
    found = builder.finish()
    kept = {found.lexicon.word(term) for term in found.content().tolist()}
    assert kept == {"moon", "sea", "fire", "system", "bottom", "bill"}
    assert set(found.stop_words()) == {"the", "was", "over", "to", "be", "or", "not", "at", "of"}
    assert len(found.lexicon) == len(kept) + len(found.stop_words())


def test_the_vocabulary_is_the_most_frequent_words_and_ties_are_alphabetical() -> None:
    lexicon, counts = build(["dd dd cc cc aa bb bb bb", "aa"])
    ordered = [lexicon.word(term) for term in most_frequent(counts, 3).tolist()]
    assert ordered == ["bb", "aa", "cc"]
    assert len(most_frequent(counts, 100)) == 4


def test_the_lexicon_finds_its_own_words_and_no_others() -> None:
    listed = sorted({"aa", "ab", "b", "zebra", "ünï", "東京", "a" * 64})
    lexicon = Lexicon.from_words(listed)
    assert [lexicon.term(word) for word in listed] == list(range(len(listed)))
    for absent in ("", "a", "aaa", "zz", "\ud800", "東"):
        assert lexicon.term(absent) is None
    assert Lexicon.from_words([]).term("aa") is None


def test_words_of_one_beginning_stand_together() -> None:
    listed = sorted({"a", "ab", "abc", "abé", "ac", "b", "é", "éa", "\U0010ffff", "東京"})
    lexicon = Lexicon.from_words(listed)
    for letters in ("", "a", "ab", "abd", "é", "z", "東", "\U0010ffff", "\ud800"):
        assert [lexicon.word(term) for term in lexicon.beginning(letters)] == [
            word for word in listed if word.startswith(letters)
        ]
    assert not len(Lexicon.from_words([]).beginning("a"))


@pytest.mark.parametrize("n", [1, 255, 256, 257, 1000])
def test_many_words_are_looked_up_as_few_are(n: int) -> None:
    """Words at fences, between them and beyond both ends, before fences are kept and after."""
    ordered = sorted(f"w{number * 7919 % 100_003:06d}é" for number in range(n))
    lexicon = Lexicon.from_words(ordered)
    for term, word in enumerate(ordered):
        assert (lexicon.term(word), lexicon.term(word + "x")) == (term, None)
    assert [lexicon.term(ordered[term]) for term in range(n)] == list(range(n))
    assert [lexicon.term(word) for word in ("", "a", "w", "wz", "zzz", "\U0010ffff")] == [None] * 6


def test_counting_one_text_agrees_with_counting_the_corpus() -> None:
    lexicon, counts = build(TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_array_equal(
            lexicon.count(words(text)).to_dense()[0], counts.take(np.array([row])).to_dense()[0]
        )


def test_take_gives_rows_in_the_order_asked_repeats_and_empty_ones_included() -> None:
    _, counts = build(TEXTS)
    rows = np.array([3, 1, 0, 3])
    np.testing.assert_array_equal(counts.take(rows).to_dense(), counts.to_dense()[rows])
    assert len(counts.take(np.array([], dtype=np.int64))) == 0


def test_columns_are_chosen_and_moved() -> None:
    _, counts = build(TEXTS)
    terms = np.array([3, 0])
    np.testing.assert_array_equal(counts.columns(terms).to_dense(), counts.to_dense()[:, terms])


def test_entries_keep_every_document() -> None:
    _, counts = build(TEXTS)
    kept = counts.data > 1
    np.testing.assert_array_equal(
        counts.entries(kept).to_dense(), np.where(counts.to_dense() > 1, counts.to_dense(), 0)
    )


@pytest.mark.parametrize(("times", "dtype"), [(255, np.uint8), (256, np.uint16)])
def test_counts_take_the_smallest_type_that_holds_them(times: int, dtype: type[np.generic]) -> None:
    _, counts = build(["aa " * times, "bb"])
    assert counts.data.dtype == dtype
    assert counts.data.max() == times


def test_inverse_document_frequency_by_hand() -> None:
    found = inverse_document_frequency(np.array([0, 1, 9]), 9)
    np.testing.assert_allclose(found, [np.log(10) + 1, np.log(5) + 1, 1.0], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int64, np.float32, np.float64])
def test_whole_counts_weigh_one_and_their_logarithm_whatever_their_type(dtype: type) -> None:
    frequency: np.ndarray = np.arange(1, 256).astype(dtype)
    expected = (1 + np.log(np.arange(1, 256), dtype=np.float32)).astype(np.float32)
    np.testing.assert_array_equal(sublinear_frequency(frequency), expected, strict=True)


def test_fractional_counts_weigh_what_they_are_below_one_without_a_step_or_a_bend() -> None:
    small = np.array([1e-30, 0.01, 0.3, 0.999, 1.0])
    np.testing.assert_allclose(sublinear_frequency(small), small, rtol=1e-6)
    around = sublinear_frequency(np.array([0.99, 1.0, 1.01])).astype(float)
    assert np.diff(around)[0] == pytest.approx(np.diff(around)[1], rel=0.02)
    assert (np.diff(sublinear_frequency(np.linspace(0.001, 50, 999))) > 0).all()


@pytest.mark.parametrize("indptr", [[0, 2, 1, 4], [1, 2, 3, 4], [0, 1, 2, 5]])
def test_places_that_do_not_rise_to_the_end_are_told_of(indptr: list[int]) -> None:
    places = np.array(indptr)
    counts = Counts(places, np.zeros(4, dtype=np.int32), np.ones(4, dtype=np.uint8), 1)
    with pytest.raises(ValueError, match="places of counts that do not rise from 0 to 4"):
        counts.check()
    with pytest.raises(ValueError, match="places of words that do not rise from 0 to 4"):
        Lexicon(np.frombuffer(b"abcd", dtype=np.uint8), places).check()


@pytest.mark.parametrize("column", [-1, 3])
def test_a_column_that_is_no_words_is_told_of(column: int) -> None:
    lexicon, counts = build(TEXTS)
    lexicon.check()
    counts.check()
    with pytest.raises(ValueError, match="a word that is none of 3"):
        Counts(np.array([0, 1]), np.array([column], dtype=np.int32), np.ones(1, dtype=np.uint8), 3).check()
