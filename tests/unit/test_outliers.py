import math

import numpy as np
import pytest

from semhash.errors import ConfigError
from semhash.learned.outliers import OutlierScale


@pytest.mark.parametrize("n_documents", [50, 1001, 5000])
def test_scores_of_the_training_documents_are_uniform(n_documents: int) -> None:
    errors = np.random.default_rng(0).lognormal(sigma=2.0, size=n_documents)
    scores = OutlierScale.learn(errors).score(np.sort(errors))
    np.testing.assert_allclose(scores, np.linspace(0, 1, n_documents), atol=0.0011)


def test_few_training_errors_are_kept_whole_and_scored_by_their_rank() -> None:
    scale = OutlierScale.learn(np.array([5.0, 1.0, 3.0]))
    assert scale.quantiles.tolist() == [1, 3, 5]
    assert len(OutlierScale.learn(np.arange(5000.0)).quantiles) == 1001
    np.testing.assert_allclose(scale.score(np.array([0.9, 1, 2, 3, 5, 5.1])), [0, 0, 0.25, 0.5, 1, 1])


@pytest.mark.parametrize("kind", ["spread", "ties", "one"])
def test_scores_rise_with_the_error_and_stay_between_zero_and_one(kind: str) -> None:
    random = np.random.default_rng(0)
    training = {
        "spread": random.normal(size=3000),
        "ties": random.integers(-2, 3, size=3000).astype(float),
        "one": np.zeros(10),
    }[kind]
    errors = np.concatenate(([-np.inf, -1e300], np.linspace(-5, 5, 501), [1e300, np.inf]))
    scores = OutlierScale.learn(training).score(errors)
    assert (np.diff(scores) >= 0).all()
    assert (scores[0], scores[-1]) == (0, 1)
    assert scores[errors == 0] == pytest.approx(0.5, abs=0.05)  # all three have 0 in their middle


def test_errors_that_tie_get_one_score_the_middle_of_their_ranks() -> None:
    scale = OutlierScale.learn(np.array([0.0, 1, 1, 1, 2]))
    np.testing.assert_allclose(scale.score(np.array([0.0, 1, 2])), [0, 0.5, 1])


def test_the_z_score_tells_far_from_farther_and_nothing_from_nothing() -> None:
    scale = OutlierScale.learn(np.array([1.0, 2, 3, 2]))
    np.testing.assert_allclose(scale.z_score(np.array([2.0, 3, 102])), np.array([0, 1, 100]) * math.sqrt(2))
    same = OutlierScale.learn(np.full(3, 7.0))
    np.testing.assert_array_equal(same.z_score(np.array([6.0, 7, 8])), [-np.inf, 0, np.inf])
    assert np.isnan(scale.score(np.array([np.nan]))).all()


def test_what_no_scale_can_be_learned_from_is_an_error_in_words() -> None:
    with pytest.raises(ConfigError, match="errors: expected a finite one at least, found none among 2"):
        OutlierScale.learn(np.array([np.nan, np.inf]))
    with pytest.raises(ConfigError, match="n_quantiles: expected 2 or above, found 1"):
        OutlierScale.learn(np.zeros(3), n_quantiles=1)
