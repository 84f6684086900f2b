import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.autoencoder.bit_meanings import flip_effects, top_words
from semhash.errors import ConfigError

Floats = NDArray[np.float64]


def log_softmax(rows: Floats) -> Floats:
    return np.asarray(rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)))


def test_flip_effects_of_a_linear_softmax_are_its_weight_columns_less_the_normalisers() -> None:
    """log p = U c + b - log Z(c): a bit adds its column, less the log of the mean of exp(column) without it."""
    random = np.random.default_rng(0)
    weight, bias = random.normal(size=(9, 4)), random.normal(size=9)
    code = np.array([1.0, 0.0, 0.3, 1.0])

    effects = flip_effects(lambda rows: log_softmax(rows @ weight.T + bias), code)
    assert effects.shape == (4, 9)
    for bit in range(4):
        off = code.copy()
        off[bit] = 0
        p = np.exp(log_softmax((weight @ off + bias)[None])[0])
        by_hand = weight[:, bit] - np.log(p @ np.exp(weight[:, bit]))
        np.testing.assert_allclose(effects[bit], by_hand)
        np.testing.assert_allclose(np.diff(effects[bit]), np.diff(weight[:, bit]))


def test_a_flip_leaves_the_other_bits_and_the_code_as_they_are() -> None:
    seen: list[Floats] = []

    def decode(rows: Floats) -> Floats:
        seen.append(rows)
        return rows

    code = np.array([0.2, 1.0, 0.0])
    flip_effects(decode, code)
    assert seen[0].tolist() == [[1, 1, 0], [0.2, 1, 0], [0.2, 1, 1]]
    assert seen[1].tolist() == [[0, 1, 0], [0.2, 0, 0], [0.2, 1, 0]]
    assert code.tolist() == [0.2, 1, 0]


def test_units_that_are_not_bits_are_switched_between_the_values_that_are_given() -> None:
    code, on, off = np.array([-1.0, 4.0]), np.array([3.0, 4.0]), np.array([-1.0, 0.5])
    effects = flip_effects(lambda rows: 10 * rows, code, on, off)
    assert effects.tolist() == [[40, 0], [0, 35]]


def test_the_top_words_are_named_with_their_weights_and_ties_keep_the_vocabularys_order() -> None:
    weights, words = np.array([0.5, -2.0, 3.0, 0.5]), ["ball", "chip", "orbit", "season"]
    assert top_words(weights, words, 3) == [("orbit", 3.0), ("ball", 0.5), ("season", 0.5)]
    assert top_words(-weights, words, 1) == [("chip", 2.0)]
    assert len(top_words(weights, words, 9)) == 4
    many = [str(i) for i in range(500)]
    assert [word for word, _ in top_words(np.zeros(500), many, 500)] == many
    with pytest.raises(ConfigError, match="words: expected one for each of 4 weights, found 3"):
        top_words(weights, words[:3], 1)
