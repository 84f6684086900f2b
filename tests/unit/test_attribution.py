from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from semhash.autoencoder.attribution import SLOPES, contributions, input_gradients
from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.layers import ACTIVATIONS, Layers
from semhash.config import ModelConfig
from semhash.vocabulary import Counts

WIDTHS = (12, 9, 7, 8)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "linear": lambda x: x,
}


def layers(seed: int = 0) -> Layers:
    random = np.random.default_rng(seed)
    return [
        ((random.normal(size=(b, a)) / 3).astype(np.float32), random.normal(size=b).astype(np.float32))
        for a, b in pairwise(WIDTHS)
    ]


def exactly(made: Layers, x: np.ndarray, activation: str) -> np.ndarray:
    """The pass through the layers in 64 bits."""
    for weight, bias in made[:-1]:
        x = FUNCTIONS[activation](x @ weight.T.astype(np.float64) + bias)
    return np.asarray(x @ made[-1][0].T.astype(np.float64) + made[-1][1])


def encoder(activation: str, inputs: str = "tfidf") -> Encoder:
    config = ModelConfig.from_json(
        {"bits": WIDTHS[-1], "hidden": WIDTHS[1:-1], "activation": activation, "inputs": inputs}
    )
    idf = np.linspace(1, 3, WIDTHS[0]).astype(np.float32)
    return Encoder(idf, layers(), np.zeros(WIDTHS[-1], dtype=np.float32), config)


def text() -> Counts:
    return Counts(
        np.array([0, 4]), np.array([1, 4, 5, 11], dtype=np.int32), np.array([2, 1, 1, 5]), WIDTHS[0]
    )


def test_there_is_a_slope_for_every_activation() -> None:
    assert set(SLOPES) == set(ACTIVATIONS) == set(FUNCTIONS)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("seed", range(3))
def test_the_gradients_are_those_of_finite_differences(activation: str, seed: int) -> None:
    made, x, h = layers(seed), np.random.default_rng(seed).normal(size=WIDTHS[0]), 1e-5
    found = input_gradients(made, x.astype(np.float32), activation)
    moved = h * np.eye(WIDTHS[0])
    differences = (exactly(made, x + moved, activation) - exactly(made, x - moved, activation)) / (2 * h)
    np.testing.assert_allclose(found, differences.T, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("inputs", ["tfidf", "shares", "binary"])
@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_contributions_and_what_the_biases_add_sum_to_the_units_inputs(activation: str, inputs: str) -> None:
    """With the units that are on at this text and no others, the biases alone give the rest."""
    made = encoder(activation, inputs)
    activations = made.activations(text())[0]
    x = np.zeros(WIDTHS[0], dtype=np.float32)
    values = {
        "tfidf": made.idf[text().indices] * (1 + np.log(text().data)),
        "shares": text().data / 9,
        "binary": 1.0,
    }
    x[text().indices] = values[inputs]
    if inputs == "tfidf":
        x *= made.config.input_scale / np.linalg.norm(x)
    biases = np.zeros(WIDTHS[0])
    before, without_words = x.astype(np.float64), biases
    for weight, bias in made.layers[:-1]:
        before = weight @ before + bias
        on = (before > 0) | (activation == "linear")
        before, without_words = before * on, (weight @ without_words + bias) * on
    weight, bias = made.layers[-1]
    np.testing.assert_allclose(
        contributions(made, text()).sum(axis=1), activations - (weight @ without_words + bias), atol=1e-4
    )


def test_a_word_that_a_unit_does_not_see_adds_nothing_to_it() -> None:
    made = encoder("relu")
    made.layers[0][0][:, 4] = 0
    found = contributions(made, text())
    assert found.shape == (8, 4)
    assert not found[:, 1].any()
    assert found[:, [0, 2, 3]].any()
