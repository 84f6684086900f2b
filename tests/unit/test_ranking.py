import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from semhash.analysis.analyzer import Analyzer
from semhash.ranking import TermIndex, rank
from semhash.ranking import shortlist as ranking
from semhash.ranking.shortlist import descending
from semhash.vocabulary import Counts, Lexicon
from semhash.words.counting import CountsBuilder

PLAIN = Analyzer("none", "none")
words = PLAIN.terms
TEXTS = ["moon orbit moon", "oven butter", "moon butter butter flour", "orbit comet", "the the the"]


def build() -> tuple[Lexicon, Counts]:
    builder = CountsBuilder(PLAIN)
    for text in TEXTS:
        builder.add(text)
    found = builder.finish()
    return found.lexicon, found.counts


@pytest.mark.parametrize("query", ["moon", "moon moon butter", "comet flour oven unheard", TEXTS[2]])
def test_cosines_equal_those_of_scikit_learn(query: str) -> None:
    lexicon, counts = build()
    vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=True)
    documents = vectorizer.fit_transform(TEXTS)
    expected = (documents @ vectorizer.transform([query]).T).toarray().ravel()
    rows = np.array([4, 2, 0, 1, 3])
    found = TermIndex.build(counts).cosine(lexicon.count(words(query)), rows)
    np.testing.assert_allclose(found, expected[rows], atol=1e-6)


def test_a_document_has_cosine_one_with_itself_and_nothing_shared_is_zero() -> None:
    lexicon, counts = build()
    index = TermIndex.build(counts)
    found = index.cosine(lexicon.count(words(TEXTS[0])), np.array([0, 1]))
    np.testing.assert_allclose(found, [1.0, 0.0], atol=1e-6)


def test_no_known_word_and_no_document_are_no_error() -> None:
    lexicon, counts = build()
    index = TermIndex.build(counts)
    np.testing.assert_array_equal(index.cosine(lexicon.count(["unheard"]), np.array([0, 1])), [0, 0])
    assert len(index.cosine(lexicon.count(["moon"]), np.array([], dtype=np.int64))) == 0


def test_order_is_by_score_then_distance_then_row() -> None:
    rows = np.array([7, 3, 5, 1, 2])
    distances = np.array([2, 1, 1, 0, 1])
    scores = np.array([0.5, 0.5, 0.5, 0.1, 0.9], dtype=np.float32)
    ranking = rank(rows, distances, scores, 4)
    assert ranking.rows.tolist() == [2, 3, 5, 7]
    assert ranking.distances.tolist() == [1, 1, 1, 2]
    assert (np.diff(ranking.scores) <= 0).all()


@pytest.mark.parametrize("n_values", [1, 3, 50, 10**9])
def test_orders_are_those_of_a_stable_sort_with_and_without_ties(n_values: int) -> None:
    random = np.random.default_rng(n_values)
    scores = (random.integers(0, n_values, 300) / n_values - 0.5).astype(np.float32)
    rows, distances = random.permutation(300), random.integers(0, 3, 300)
    assert descending(scores).tolist() == np.argsort(-scores, kind="stable").tolist()
    expected = sorted(range(300), key=lambda i: (-scores[i], distances[i], rows[i]))
    assert rank(rows, distances, scores, 200).rows.tolist() == rows[expected[:200]].tolist()


def test_norms_do_not_depend_on_how_many_documents_are_weighed_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    builder = CountsBuilder(PLAIN)
    for text in ("aa bb", "", "cc cc cc aa", "dd", "bb aa bb dd"):
        builder.add(text)
    counts = builder.finish().counts
    together = TermIndex.build(counts).norms
    monkeypatch.setattr(ranking, "_BLOCK", 2)
    np.testing.assert_array_equal(TermIndex.build(counts).norms, together)
    assert (together > 0).tolist() == [True, False, True, True, True]
