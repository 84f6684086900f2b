"""Codes to words: the trained decoder's forward pass, in numpy alone.

The mirror of `semhash.autoencoder.encoder`: what a code says of the documents that have it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from semhash.autoencoder.layers import Layers, layer_shapes, layers_of, read_tensors, sigmoid, through
from semhash.config import ModelConfig
from semhash.errors import CodeError

__all__ = ["MEANS", "Decoder"]

Floats = NDArray[np.float32]


def _shared_out(pre_activations: Floats, totals: Floats) -> Floats:
    """Give ``N softmax(a)``, as in `likelihoods.word_counts_mean`."""
    odds = np.exp(pre_activations - pre_activations.max(axis=1, keepdims=True))
    return np.asarray(totals[:, None] * (odds / odds.sum(axis=1, keepdims=True)))


def _each(pre_activations: Floats, totals: Floats) -> Floats:
    """Give ``sigmoid(a)``, as in `likelihoods.bernoulli_mean`."""
    return sigmoid(pre_activations)


def _as_they_are(pre_activations: Floats, totals: Floats) -> Floats:
    """Give the pre-activations, as in `likelihoods.gaussian_mean`."""
    return pre_activations


MEANS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "multinomial": _shared_out,
    "poisson": _shared_out,
    "bernoulli": _each,
    "gaussian": _as_they_are,
}
"""The mean of each likelihood of `semhash.autoencoder.likelihoods`, by its name, in numpy."""

_SPREAD = 0.01  # of the shares of means that may be 0, so that no word is held to be impossible


@dataclass(frozen=True)
class Decoder:
    """A trained decoder.

    Attributes
    ----------
    layers : list of (weight, bias)
        ``weight`` of shape (n_out, n_in) and ``bias`` of shape (n_out,), float32; the last one gives the
        words' pre-activations. Tied weights stand here as if they were not.
    config : ModelConfig
        What the hidden units do, and the distribution of the words.
    """

    layers: Layers
    config: ModelConfig

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Floats], config: ModelConfig) -> Self:
        """Take the decoder's part out of a trained model's tensors, by their names."""
        return cls(layers_of("decoder", tensors, len(config.hidden) + 1), config)

    @classmethod
    def load(cls, file: Path, n_words: int, config: ModelConfig) -> Self:
        """Read the decoder from a safetensors file; every shape and type must be as the config says.

        Raises
        ------
        IndexDamagedError
            The file is no safetensors file, or a tensor is missing or of another shape or type.
        """
        widths = (config.bits, *reversed(config.hidden), n_words)
        return cls.from_tensors(read_tensors(file, layer_shapes("decoder", widths)), config)

    @property
    def bits(self) -> int:
        """Units of the code layer."""
        return int(self.layers[0][0].shape[1])

    @property
    def n_words(self) -> int:
        """Words of the vocabulary."""
        return len(self.layers[-1][1])

    def pre_activations(self, code: ArrayLike) -> Floats:
        """Give the pre-activation of each word, which the likelihood makes a prediction of.

        Parameters
        ----------
        code : array of shape (n_documents, bits)
            Values of the code units: bits, as `semhash.codes.unpack` gives them, or what `Encoder.values`
            gives. Bits say nothing to the decoder of units that are linear.

        Returns
        -------
        ndarray of shape (n_documents, n_words), float32

        Raises
        ------
        CodeError
            The array has another shape.
        ValueError
            What comes of it is no number, since weights are none, as in a file that was altered.
        """
        values: NDArray[Any] = np.asarray(code)
        if values.ndim != 2 or values.shape[1] != self.bits:
            raise CodeError(
                f"code: expected values of shape (n, {self.bits}), found shape {values.shape}; "
                "packed codes are unpacked by semhash.codes.unpack"
            )
        found = through(self.layers, values.astype(np.float32, copy=False), self.config.activation)
        if not np.isfinite(found).all():
            raise ValueError("words whose expectations are no numbers")
        return found

    def mean(self, code: ArrayLike, totals: ArrayLike = 1.0) -> Floats:
        """Give what is expected of each word: the mean of the likelihood.

        Parameters
        ----------
        code : array of shape (n_documents, bits)
            As in `pre_activations`.
        totals : float or array of shape (n_documents,)
            How long each document is, for the multinomial and the Poisson: 1 gives shares, which sum to 1 in
            each document, a number of words gives counts. The other two ignore it.

        Returns
        -------
        ndarray of shape (n_documents, n_words), float32
            Shares or counts (multinomial, Poisson), probabilities (Bernoulli) or values (Gaussian) of the
            words, in the units of the model's targets.

        Raises
        ------
        CodeError
            The code has another shape.
        """
        pre_activations = self.pre_activations(code)
        lengths = np.broadcast_to(np.asarray(totals, dtype=np.float32), len(pre_activations))
        return MEANS[self.config.likelihood](pre_activations, lengths)

    def log_shares(self, code: ArrayLike) -> Floats:
        """Give the logarithm of each word's share of what is expected, whatever the likelihood.

        The log-softmax for the multinomial and the Poisson. The means of the other two are divided by their sum,
        negative ones taken for 0, and a hundredth of it all is spread evenly over the words.

        Parameters
        ----------
        code : array of shape (n_documents, bits)
            As in `pre_activations`.

        Returns
        -------
        ndarray of shape (n_documents, n_words), float32
            Nats, 0 or below.

        Raises
        ------
        CodeError
            The code has another shape.
        """
        found = self.pre_activations(code)
        if MEANS[self.config.likelihood] is _shared_out:
            found = found - found.max(axis=1, keepdims=True)
            return np.asarray(found - np.log(np.exp(found).sum(axis=1, keepdims=True)))
        means = np.maximum(MEANS[self.config.likelihood](found, np.ones(len(found), dtype=np.float32)), 0)
        sums = means.sum(axis=1, keepdims=True)
        shares = np.divide(means, sums, out=np.full_like(means, 1 / self.n_words), where=sums > 0)
        return np.asarray(np.log((1 - _SPREAD) * shares + _SPREAD / self.n_words), dtype=np.float32)
