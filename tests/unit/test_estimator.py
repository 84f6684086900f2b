import doctest
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from msgspec.structs import replace
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

import semhash.estimator.hasher
from semhash import CodeConfig, ModelConfig, SemanticHasher, SupervisionConfig, TrainingConfig, codes
from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.training import train
from semhash.config.presets import PRESETS
from semhash.errors import ConfigError
from semhash.estimator.inputs import as_counts
from semhash.hamming_table import HammingTable

SUBJECTS = ("moon star orbit comet rocket", "bread butter flour oven sugar", "boat sail mast anchor tide")
MEDIAN = ModelConfig(code=CodeConfig(threshold="median"))


def texts(n: int = 90, seed: int = 0) -> list[str]:
    """Documents on three subjects in turn."""
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(SUBJECTS[i % 3].split(), 8)) for i in range(n)]


def counts(n: int = 90, seed: int = 0) -> Any:
    return CountVectorizer(vocabulary=sorted(" ".join(SUBJECTS).split())).transform(texts(n, seed))


def quick(n_bits: int | None = 8, **options: Any) -> SemanticHasher:
    given = {"hidden": (32,), "min_updates": 200, "learning_rate": 0.01, "random_state": 0, **options}
    return SemanticHasher(n_bits, **given)


@cache
def fitted() -> SemanticHasher:
    return quick(16).fit(counts())


def mean_distances(packed: codes.Packed) -> tuple[float, float]:
    """Mean Hamming distance within a subject, and between two."""
    distances = codes.hamming_matrix(packed, packed)
    subject = np.arange(len(packed)) % 3
    same = subject[:, None] == subject
    return float(distances[same].mean()), float(distances[~same].mean())


def scikit_learns_checks() -> list[Any]:
    """Each of scikit-learn's checks on an estimator that trains in no time; none is expected to fail."""
    made = quick(min_updates=10, epochs=2, hidden=(8,), model=MEDIAN)
    pairs = estimator_checks_generator(made, legacy=True, expected_failed_checks={})
    return [pytest.param(estimator, check, id=check.func.__name__) for estimator, check in pairs]


@pytest.mark.parametrize(("estimator", "check"), scikit_learns_checks())
def test_scikit_learns_own_checks_pass(estimator: SemanticHasher, check: Any) -> None:
    check(estimator)


def test_in_a_pipeline_unseen_documents_on_one_subject_get_near_codes() -> None:
    pipeline = Pipeline([("count", CountVectorizer()), ("hash", quick(16))]).fit(texts())
    bits = pipeline.transform(texts(60, seed=1)) > 0.5
    within, between = mean_distances(codes.pack(bits))
    assert within < between / 4


def test_bits_are_one_where_their_probability_is_above_the_threshold_and_a_table_takes_them() -> None:
    hasher, X = fitted(), counts()
    packed = hasher.predict_codes(X)
    np.testing.assert_array_equal(codes.unpack(packed, 16), hasher.transform(X) > 0.5)
    table = HammingTable.build(packed, 16, np.arange(90))
    assert 7 in table.ball(codes.to_ints(packed)[7], 0).rows
    assert codes.addresses(packed, 16).tolist() == codes.to_ints(packed)


def test_the_model_is_the_one_that_training_gives_for_all_columns_and_that_seed() -> None:
    X = counts()
    hasher = quick(16, training=TrainingConfig(validation_share=0.2)).fit(X)
    found = train(as_counts(X), np.arange(15), hasher.model_, hasher.training_)
    expected = Encoder.from_tensors(found.tensors, hasher.model_)
    np.testing.assert_array_equal(hasher.predict_codes(X), expected.codes(as_counts(X)))
    assert (hasher.losses_, hasher.held_out_losses_) == (found.losses, found.held_out_losses)
    assert (hasher.best_epoch_, hasher.stopped_) == (found.best_epoch, found.stopped)
    assert hasher.held_out_losses_[found.best_epoch - 1] == min(hasher.held_out_losses_)
    assert hasher.training_.seed == 0


def test_an_int_repeats_the_codes_and_other_random_states_do_as_scikit_learn_says() -> None:
    X = counts()

    def weights(random_state: Any) -> np.ndarray:
        hasher = quick(min_updates=0, epochs=2, model=MEDIAN, random_state=random_state)
        return hasher.fit(X).encoder_.layers[0][0]

    np.testing.assert_array_equal(weights(3), weights(3))
    np.testing.assert_array_equal(weights(np.int64(3)), weights(3))
    np.testing.assert_array_equal(weights(np.random.RandomState(3)), weights(np.random.RandomState(3)))
    one_after_another = np.random.RandomState(3)
    drawn = [weights(random_state) for random_state in (3, 4, None, one_after_another, one_after_another)]
    assert len({array.tobytes() for array in drawn}) == len(drawn)


def test_a_clone_trains_to_the_same_codes_and_a_pickle_has_them_without_torch(tmp_path: Path) -> None:
    hasher, X = fitted(), counts()
    packed = hasher.predict_codes(X)
    np.testing.assert_array_equal(clone(hasher).fit(X).predict_codes(X), packed)
    (tmp_path / "pickle").write_bytes(pickle.dumps((hasher, X, packed)))
    code = "import pickle, sys\nhasher, X, packed = pickle.load(open('pickle', 'rb'))\n"
    code += (
        "assert (hasher.predict_codes(X) == packed).all()\nhasher.inverse_transform(hasher.transform(X))\n"
    )
    code += "assert 'torch' not in sys.modules, 'torch was loaded'"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_importing_the_estimator_loads_no_torch_and_importing_semhash_no_estimator() -> None:
    code = "import sys, semhash\nassert not {'torch', 'sklearn', 'scipy', 'numpy'} & set(sys.modules)\n"
    code += "semhash.SemanticHasher(20)\nassert 'sklearn' in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_expected_shares_sum_to_one_and_go_to_the_subjects_words() -> None:
    hasher, X = fitted(), counts()
    shares = hasher.inverse_transform(hasher.transform(X))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    words = np.array(sorted(" ".join(SUBJECTS).split()))
    for i, subject in enumerate(SUBJECTS):
        of_subject = shares[i::3][:, np.isin(words, subject.split())].sum(axis=1)
        assert of_subject.mean() > 0.8  # by chance a third
    bits = codes.unpack(hasher.predict_codes(X), 16)
    np.testing.assert_allclose(hasher.inverse_transform(bits), shares, atol=0.1)


def test_with_bernoulli_words_what_is_expected_are_probabilities() -> None:
    model = ModelConfig(likelihood="bernoulli", targets="binary")
    hasher = quick(model=model).fit(counts())
    expected = hasher.inverse_transform(hasher.transform(counts()))
    assert expected.min() >= 0
    assert expected.max() <= 1
    # About four of a subject's five words are in a document of eight words: 5 * (1 - 0.8**8) = 4.2
    assert expected.sum(axis=1).mean() == pytest.approx(4.2, abs=0.5)


def test_linear_units_are_decoded_from_their_inputs() -> None:
    model = ModelConfig(code=CodeConfig(kind="linear", threshold="median"), likelihood="gaussian")
    hasher = quick(model=model).fit(counts())
    values = hasher.transform(counts())
    assert values.min() < 0
    np.testing.assert_array_equal(hasher.inverse_transform(values), hasher.decoder_.pre_activations(values))


def test_the_score_is_the_mean_log_probability_of_the_words() -> None:
    hasher = quick(model=ModelConfig(targets="counts")).fit(counts())
    X = counts(700, seed=1)
    shares = hasher.inverse_transform(hasher.transform(X))
    expected = (X.toarray() * np.log(shares)).sum(axis=1).mean()
    assert hasher.score(X) == pytest.approx(expected, rel=1e-5)
    empty = sp.vstack([X, sp.csr_array((5, 15), dtype=X.dtype)])
    assert hasher.score(empty) == pytest.approx(hasher.score(X), rel=1e-12)


def test_the_score_falls_when_words_that_go_together_are_torn_apart() -> None:
    X = counts(300, seed=1).toarray()
    torn = np.random.default_rng(0).permuted(X, axis=0)
    hasher = fitted()
    assert hasher.score(torn) < hasher.score(X) - 0.5
    # Knowing the subject leaves five words to choose from, knowing nothing fifteen.
    assert -np.log(15) < hasher.score(X) <= -np.log(4)


def test_scores_choose_among_options() -> None:
    search = GridSearchCV(quick(), {"n_bits": [8, 16], "epochs": [1], "min_updates": [1, 150]}, cv=2)
    search.fit(counts())
    assert search.best_params_["min_updates"] == 150
    assert search.score(counts()) == search.best_estimator_.score(counts())


@pytest.mark.parametrize("kind", ["csc_array", "coo_matrix", "lil_array", "csr_matrix", "dense", "list"])
def test_counts_may_come_in_any_form(kind: str) -> None:
    X = counts(30, seed=1)
    dense = X.toarray()
    other = {"dense": dense, "list": dense.tolist()}.get(kind)
    other = getattr(sp, kind)(X) if other is None else other
    np.testing.assert_array_equal(fitted().transform(other), fitted().transform(X))


def test_what_is_given_holds_over_the_records_and_the_records_over_the_preset() -> None:
    model, training = ModelConfig(bits=24, activation="tanh"), TrainingConfig(seed=9, batch_size=50, epochs=2)
    options: dict[str, Any] = {
        "min_updates": 0,
        "neighbours": np.int64(2),
        "hidden": np.array([9, 8]),
        "random_state": 5,
    }
    hasher = SemanticHasher(model=model, training=training, preset="plain", **options)
    hasher.fit(counts())
    company = replace(model.neighbours, neighbours=2)
    assert hasher.model_ == replace(model, hidden=(9, 8), neighbours=company)
    assert hasher.training_ == replace(training, min_updates=0, seed=5)
    assert hasher.predict_codes(counts()).shape == (90, 3)
    plain = SemanticHasher(30, preset="plain", random_state=0, epochs=1, min_updates=40).fit(counts())
    assert plain.model_ == replace(PRESETS["plain"].model, bits=30)


def test_names_progress_and_the_epochs_losses() -> None:
    heard: list[tuple[Any, ...]] = []
    hasher = quick(progress=lambda *told: heard.append(told)).fit(counts())
    assert list(hasher.get_feature_names_out()[:2]) == ["semantichasher0", "semantichasher1"]
    assert len(hasher.get_feature_names_out()) == 8
    assert hasher.n_features_in_ == 15
    assert [told[:3] for told in heard if told[0] == "train"][-1] == ("train", 200, 200)
    assert heard[-1][:3] == ("decode", 102, 102)
    assert hasher.losses_[-1] < hasher.losses_[0]


@pytest.mark.parametrize("method", ["transform", "predict_codes", "score", "inverse_transform"])
def test_what_needs_training_says_so(method: str) -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(quick(), method)(np.ones((3, 8)))


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.array([[1, -1], [2, 3]]), "Negative values in data"),
        (sp.csr_array([[1, -1], [2, 3]]), "Negative values in data"),
        (np.array([[1, np.nan], [2, 3]]), "contains NaN"),
        (np.array([[1, np.inf], [2, 3]]), "contains infinity"),
        (np.zeros((7, 2)), r"a word in at least one document, found 7 documents without any; look at"),
        (np.ones((1, 2)), r"Found array with 1 sample\(s\)"),
        (np.ones((2, 1)), r"Found array with 1 feature\(s\)"),
        (["a text", "another"], r"expected a matrix of word counts, found texts; .*CountVectorizer"),
        (np.array([1, 2, 3]), "Expected 2D array, got 1D array"),
    ],
)
def test_what_is_no_matrix_of_counts_is_a_value_error_in_words(X: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        quick().fit(X)


def test_words_and_widths_other_than_those_trained_on_are_refused() -> None:
    with pytest.raises(ValueError, match="X has 9 features, but SemanticHasher is expecting 15"):
        fitted().transform(np.ones((2, 9)))
    with pytest.raises(ValueError, match=r"expected values of shape \(n, 16\), found shape \(90, 2\)"):
        fitted().inverse_transform(fitted().predict_codes(counts()))
    with pytest.raises(ValueError, match="found 3 documents without any"):
        fitted().score(np.zeros((3, 15)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_bits": 7}, "bits: expected 8 to 128, found 7"),
        ({"n_bits": 8.5}, r"bits: expected a whole number, found 8\.5"),
        ({"hidden": (0,)}, r"hidden: expected widths above 0, found \(0,\)"),
        ({"preset": "best"}, "preset: expected one of default, plain, paper, found 'best'"),
        ({"supervision": "lda"}, "loss: expected one of none, nca, contrastive, found 'lda'"),
        ({"supervision": "nca"}, "expected labels, since supervision asks for them, found none; pass y, or"),
        ({"model": {"bits": 20}}, "model: expected a ModelConfig or None, found {'bits': 20}"),
        ({"training": 3}, "training: expected a TrainingConfig or None, found 3"),
    ],
)
def test_options_out_of_range_are_told_when_training_starts(options: dict[str, Any], words: str) -> None:
    hasher = quick(**options)
    with pytest.raises(ConfigError, match=words):
        hasher.fit(counts())


def kitchen() -> np.ndarray:
    """Labels that know food from all else, and the sky from ships no more."""
    return np.where(np.arange(90) % 3 == 1, "kitchen", "elsewhere")


def test_labels_draw_subjects_together_where_supervision_asks_for_them() -> None:
    X = counts()

    def from_the_sky(hasher: SemanticHasher) -> list[float]:
        """Mean distance of documents on the sky to those on food and on ships."""
        packed = hasher.fit(X, kitchen()).predict_codes(X)
        distances = codes.hamming_matrix(packed, packed)
        return [float(distances[::3, subject::3].mean()) for subject in (1, 2)]

    food, ships = from_the_sky(quick(16))
    assert food == pytest.approx(ships, rel=0.5)
    model = ModelConfig(supervision=SupervisionConfig(weight=5.0, margin=8.0, epochs=60, learning_rate=0.01))
    food, ships = from_the_sky(quick(16, supervision="contrastive", model=model))
    assert ships < food / 3


@pytest.mark.parametrize("loss", ["nca", "contrastive"])
def test_labels_are_those_that_training_takes_whatever_they_are_called(loss: str) -> None:
    X = counts()
    tuned = quick(supervision=loss, min_updates=50).fit(X, kitchen())
    labels = [(name,) for name in kitchen().tolist()]
    found = train(as_counts(X), np.arange(15), tuned.model_, tuned.training_, labels=labels)
    assert tuned.model_.supervision.loss == loss
    assert tuned.fine_tuning_losses_ == found.fine_tuning_losses
    as_numbers = clone(tuned).fit(X, (kitchen() == "kitchen").astype(int))
    np.testing.assert_array_equal(as_numbers.transform(X), tuned.transform(X))
    others = clone(tuned).fit(X, np.arange(90) % 2)
    assert not np.array_equal(others.transform(X), tuned.transform(X))


def test_labels_without_supervision_change_nothing() -> None:
    X = counts()
    with_labels = clone(fitted()).fit(X, np.random.default_rng(0).integers(0, 3, 90))
    np.testing.assert_array_equal(with_labels.predict_codes(X), fitted().predict_codes(X))
    assert with_labels.fine_tuning_losses_ == []


def test_fractional_counts_are_coded_by_subject_too() -> None:
    X = counts() * 0.05
    within, between = mean_distances(quick(16).fit(X).predict_codes(X))
    assert within < between / 4


def test_the_example_runs() -> None:
    result = doctest.testmod(semhash.estimator.hasher)
    assert result.attempted > 10
    assert not result.failed
