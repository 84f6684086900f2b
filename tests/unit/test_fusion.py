"""The fusion of words and codes: what moves a score, and what does not."""

import numpy as np
import pytest

from semhash.ranking.fusion import (
    Evidence,
    corrected,
    dampened,
    document_share,
    fuse,
    semantic_weight,
    spelling_weight,
)
from semhash.vocabulary import Counts

WORDS = np.array([9.0, 6.0, 3.0, 1.5, 0.0])
COSTS = np.array([4.0, 0.0, 2.0, 8.0, 1.0])
MARGINS = np.full(20, 1.5)
MANY = 10**9  # documents, that codes are trusted


def asked(known_words: int, *, document: bool = False) -> Evidence:
    return Evidence(known_words, MANY, document)


def test_scores_by_hand() -> None:
    """The third-best document by words scores 1; half of the most weight comes with 8 words, or 10 of a document."""
    for evidence, most in ((asked(8), 0.35), (asked(10, document=True), 0.8)):
        weight = most / 2 / 20
        expected = [3 - 4 * weight, 2, 1 - 2 * weight, 0.5 - 8 * weight, -weight]
        np.testing.assert_allclose(fuse(WORDS, COSTS, MARGINS, evidence), expected, rtol=1e-6)


def test_what_is_further_off_than_chance_is_no_worse_for_that() -> None:
    """A code of tossed coins has half of the bits wrong."""
    scores = fuse(np.zeros(4), np.array([14.0, 15.0, 15.1, 30.0]), MARGINS, asked(8))
    assert scores[0] > scores[1]
    np.testing.assert_array_equal(scores[1:], np.full(3, scores[1]))


def test_without_a_known_word_only_words_count() -> None:
    np.testing.assert_allclose(fuse(WORDS, COSTS, MARGINS, asked(0)), WORDS / 3)


def test_without_a_shared_word_only_codes_count() -> None:
    scores = fuse(np.zeros(5), COSTS, MARGINS, asked(7))
    np.testing.assert_array_equal(np.argsort(-scores, kind="stable"), np.argsort(COSTS, kind="stable"))
    assert scores.max() == 0


def test_the_weight_grows_with_the_words_that_the_code_rests_on_and_has_a_limit() -> None:
    weights = [semantic_weight(asked(n, document=True)) for n in (0, 1, 2, 10, 100, 10_000)]
    assert weights[0] == 0
    assert (np.diff(weights) > 0).all()
    assert weights[-1] < 0.8


def test_a_few_words_and_many_say_what_is_asked_for_a_sentence_has_the_best_code() -> None:
    """And what is longer than a paragraph becomes a document, little by little."""
    weights, documents = (
        np.array([semantic_weight(asked(n, document=document)) for n in range(200)])
        for document in (False, True)
    )
    assert weights[:13].argmax() == 12
    assert weights[3] < weights[12] / 5
    assert (np.diff(weights[:13]) > 0).all()
    assert (np.diff(weights[14:40]) < 0).all()
    assert (np.diff(weights[40:81]) > 0).all()
    np.testing.assert_allclose(weights[80:], documents[80:])
    assert np.abs(np.diff(weights)).max() < 0.08


def test_codes_that_were_learned_from_few_documents_weigh_less() -> None:
    weights = [semantic_weight(Evidence(10, n)) for n in (0, 100, 300, 10_000, MANY)]
    assert weights[0] == 0
    assert (np.diff(weights) > 0).all()
    assert weights[2] == pytest.approx(weights[-1] / 2, rel=1e-6)


def test_repeats_count_in_a_question_and_say_little_in_a_document() -> None:
    terms = Counts(np.array([0, 3]), np.array([0, 4, 5], dtype=np.int32), np.array([1, 4, 0.25]), 9)
    assert dampened(terms, 0.0) is terms
    np.testing.assert_allclose(dampened(terms, 1.0).data, [1, 1 + np.log(4), 0.25])
    np.testing.assert_allclose(dampened(terms, 0.5).data, [1, (5 + np.log(4)) / 2, 0.25])
    assert [document_share(n) for n in (0, 40, 60, 80, 900)] == [0, 0, 0.5, 1, 1]
    assert document_share(3, document=True) == 1


def test_the_spelling_of_a_word_counts_less_the_more_words_there_are() -> None:
    assert [spelling_weight(n) for n in (0, 1, 5, 10, 50)] == pytest.approx([0.6, 0.6, 0.6, 0.3, 0.06])


def test_the_scale_of_bm25_does_not_matter() -> None:
    """Long queries have higher scores; where words are k times as good, they are k times as good for all."""
    np.testing.assert_allclose(
        fuse(WORDS * 40, COSTS, MARGINS, asked(7)), fuse(WORDS, COSTS, MARGINS, asked(7))
    )


def test_a_copy_of_the_query_does_not_change_what_else_is_found() -> None:
    copied = WORDS.copy()
    copied[0] *= 100
    np.testing.assert_array_equal(
        fuse(copied, COSTS, MARGINS, asked(7))[1:], fuse(WORDS, COSTS, MARGINS, asked(7))[1:]
    )


def test_witnesses_are_added_as_log_odds_by_hand() -> None:
    """Of three codes, bit 0 is set in all, bit 1 in two, bit 2 in none: 7, 5/3 and 1/7 to one."""
    witnesses = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0]], dtype=np.bool_)
    margins = np.array([-1.0, 0.5, 0.0], dtype=np.float32)
    expected = margins + np.log([7, 5 / 3, 1 / 7])
    np.testing.assert_allclose(corrected(margins, witnesses), expected, rtol=1e-6)


def test_without_witnesses_or_with_those_that_disagree_a_code_stays_as_it_is() -> None:
    margins = np.array([3.0, -0.2], dtype=np.float32)
    np.testing.assert_array_equal(corrected(margins, np.zeros((0, 2), dtype=np.bool_)), margins)
    both = np.array([[0, 1], [1, 0]], dtype=np.bool_)
    np.testing.assert_allclose(corrected(margins, both), margins)


def test_bits_all_mirrored_give_margins_all_mirrored() -> None:
    random = np.random.default_rng(0)
    margins, witnesses = random.normal(size=20).astype(np.float32), random.random((5, 20)) < 0.3
    np.testing.assert_allclose(corrected(-margins, ~witnesses), -corrected(margins, witnesses), rtol=1e-6)


@pytest.mark.parametrize(("bm25", "scale"), [([4.0], 4.0), ([4.0, 2.0, 0.0], 2.0), ([], 1.0)])
def test_with_fewer_than_three_documents_the_last_of_them_sets_the_scale(
    bm25: list[float], scale: float
) -> None:
    scores = fuse(np.array(bm25), np.zeros(len(bm25)), MARGINS, asked(7))
    np.testing.assert_allclose(scores, np.array(bm25) / scale)
