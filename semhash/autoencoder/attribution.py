"""Words to bits: which words of a text drive each unit of the code layer, in numpy alone.

Gradient times input: Shrikumar, Greenside, Shcherbina and Kundaje, *Not Just a Black Box: Learning Important
Features Through Propagating Activation Differences* (2016), section 3.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from semhash.autoencoder.encoder import Encoder, encoder_inputs
from semhash.autoencoder.layers import ACTIVATIONS, Layers, sigmoid
from semhash.vocabulary import Counts

__all__ = ["SLOPES", "contributions", "input_gradients"]

Floats = NDArray[np.float32]


def _step(x: Floats) -> Floats:
    return np.asarray(x > 0, dtype=np.float32)


def _logistic_slope(x: Floats) -> Floats:
    p = sigmoid(x)
    return p * (1 - p)


def _tanh_slope(x: Floats) -> Floats:
    return 1 - np.tanh(x) ** 2


def _one(x: Floats) -> Floats:
    return np.ones_like(x)


SLOPES: dict[str, Callable[[Floats], Floats]] = {
    "relu": _step,
    "sigmoid": _logistic_slope,
    "tanh": _tanh_slope,
    "linear": _one,
}
"""The derivative of each function of `layers.ACTIVATIONS`, by its name; that of ``relu`` at 0 is 0."""


def input_gradients(layers: Layers, x: Floats, activation: str) -> Floats:
    """Give the derivative of each output of some layers by each input, at one point: backpropagation.

    Parameters
    ----------
    layers : Layers
        One or more, the last of which is left as it is.
    x : ndarray of shape (n_in,), float32
        Where.
    activation : str
        What the hidden units do.

    Returns
    -------
    ndarray of shape (n_out, n_in), float32
    """
    slopes = []
    for weight, bias in layers[:-1]:
        pre_activations = np.asarray(weight @ x + bias)
        slopes.append(SLOPES[activation](pre_activations))
        x = ACTIVATIONS[activation](pre_activations)
    gradient = layers[-1][0]
    for (weight, _), slope in zip(reversed(layers[:-1]), reversed(slopes), strict=True):
        gradient = np.asarray((gradient * slope) @ weight)
    return gradient


def contributions(encoder: Encoder, counts: Counts) -> Floats:
    """Give what each word of one text adds to the input of each code unit: gradient times input.

    With rectified or linear hidden units the encoder is linear around the text, and the contributions and what
    the biases add sum to the unit's input exactly; with the others, whose slope changes on the way from no words
    to these, they say what a little more of a word would do.

    Parameters
    ----------
    encoder : Encoder
        The trained encoder.
    counts : Counts of shape (1, n_words)
        The text, over the vocabulary.

    Returns
    -------
    ndarray of shape (bits, n_entries), float32
        Of the words of `counts`, in their order; above 0 they speak for a 1.
    """
    x = encoder_inputs(counts, encoder.idf, encoder.config)[0]
    gradient = input_gradients(encoder.layers, x, encoder.config.activation)
    return np.asarray(gradient[:, counts.indices] * x[counts.indices])
