"""The fusion of words and codes: what moves a score, and what does not."""

import numpy as np
import pytest

from semhash.ranking.fusion import ENOUGH_WORDS, FEW_WORDS, MOST_WEIGHT, corrected, fuse, semantic_weight

WORDS = np.array([9.0, 6.0, 3.0, 1.5, 0.0])
COSTS = np.array([4.0, 0.0, 2.0, 8.0, 1.0])


def test_scores_by_hand() -> None:
    """The third-best document by words scores 1, and half of a document's weight comes with `ENOUGH_WORDS`."""
    for document, share in ((True, 1), (False, FEW_WORDS / ENOUGH_WORDS)):
        weight = share * MOST_WEIGHT / 2 / 20
        expected = [3 - 4 * weight, 2, 1 - 2 * weight, 0.5 - 8 * weight, -weight]
        found = fuse(WORDS, COSTS, ENOUGH_WORDS, 20, document=document)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_without_a_known_word_only_words_count() -> None:
    np.testing.assert_allclose(fuse(WORDS, COSTS, 0, 20), WORDS / 3)


def test_without_a_shared_word_only_codes_count() -> None:
    scores = fuse(np.zeros(5), COSTS, 7, 20)
    np.testing.assert_array_equal(np.argsort(-scores, kind="stable"), np.argsort(COSTS, kind="stable"))
    assert scores.max() == 0


def test_the_weight_grows_with_the_words_that_the_code_rests_on_and_has_a_limit() -> None:
    weights = [semantic_weight(n, document=True) for n in (0, 1, 2, 10, 100, 10_000)]
    assert weights[0] == 0
    assert (np.diff(weights) > 0).all()
    assert weights[-1] < MOST_WEIGHT


def test_the_weight_falls_where_a_question_has_words_enough_of_its_own() -> None:
    """Until it is so long that it is a document, which it becomes little by little."""
    asked, documents = (
        np.array([semantic_weight(n, document=document) for n in range(200)]) for document in (False, True)
    )
    np.testing.assert_array_equal(asked[: FEW_WORDS + 1], documents[: FEW_WORDS + 1])
    between = np.arange(FEW_WORDS + 1, 40)
    np.testing.assert_allclose(asked[between], 0.8 * 6 / (between + 10))
    assert (np.diff(asked[FEW_WORDS:40]) < 0).all()
    assert (np.diff(asked[40:81]) > 0).all()
    np.testing.assert_array_equal(asked[80:], documents[80:])
    assert np.abs(np.diff(asked)).max() < 0.08


def test_the_scale_of_bm25_does_not_matter() -> None:
    """Long queries have higher scores; where words are k times as good, they are k times as good for all."""
    np.testing.assert_allclose(fuse(WORDS * 40, COSTS, 7, 20), fuse(WORDS, COSTS, 7, 20))


def test_a_copy_of_the_query_does_not_change_what_else_is_found() -> None:
    copied = WORDS.copy()
    copied[0] *= 100
    np.testing.assert_array_equal(fuse(copied, COSTS, 7, 20)[1:], fuse(WORDS, COSTS, 7, 20)[1:])


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
    scores = fuse(np.array(bm25), np.zeros(len(bm25)), 7, 20)
    np.testing.assert_allclose(scores, np.array(bm25) / scale)
