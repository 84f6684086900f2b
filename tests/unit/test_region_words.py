import math

import numpy as np
import pytest

from semhash.subjects.words import log_odds_scores, surprise


def test_a_score_is_the_log_odds_in_standard_deviations() -> None:
    inside, all_over = np.array([30.0, 10.0]), np.array([40.0, 60.0])
    odds = math.log(30.4 / 10.6) - math.log(10.4 / 50.6)
    expected = [odds / math.sqrt(1 / 30.4 + 1 / 10.4), -odds / math.sqrt(1 / 10.6 + 1 / 50.6)]
    assert log_odds_scores(inside, all_over).tolist() == pytest.approx(expected)


def test_a_word_found_alike_in_and_out_says_nothing_and_one_that_is_nowhere_neither() -> None:
    scores = log_odds_scores(np.array([5, 50, 0, 45]), np.array([10, 100, 0, 90]))
    assert scores.tolist() == pytest.approx([0, 0, 0, 0])


def test_what_is_inside_alone_scores_more_the_more_often_it_is_there() -> None:
    inside = np.array([1, 5, 40, 100, 0])
    scores = log_odds_scores(inside, np.array([1, 5, 40, 200, 500]))
    assert 0 < scores[0] < scores[1] < scores[2]
    assert scores[4] < 0
    turned = log_odds_scores(np.array([1, 5, 40, 200, 500]) - inside, np.array([1, 5, 40, 200, 500]))
    np.testing.assert_allclose(turned, -scores)


def test_a_region_that_is_the_whole_corpus_has_finite_scores() -> None:
    assert np.isfinite(log_odds_scores(np.array([3, 1]), np.array([3, 1]))).all()
    assert np.isfinite(log_odds_scores(np.array([3]), np.array([3]))).all()


def test_surprises_sum_to_the_divergence() -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    found = surprise(p, q)
    assert found.sum() == pytest.approx(0.5 * math.log(2.5) + 0.2 * math.log(0.4))
    assert found[1] == 0
    assert np.isfinite(surprise(np.array([0.0, 1.0]), np.array([1.0, 0.0]))).all()
