"""Counts to codes: the trained encoder's forward pass, in numpy alone.

Both indexing and querying encode here, so a text gets the same code on either side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.autoencoder.layers import (
    ACTIVATIONS,
    Layers,
    layer_shapes,
    layers_of,
    read_tensors,
    sigmoid,
)
from semhash.config import ModelConfig
from semhash.once import once
from semhash.vocabulary import Counts, sublinear_frequency

__all__ = ["Encoder", "encoder_inputs", "input_weights", "weigh"]

_BLOCK = 512


def weigh(counts: Counts, idf: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Weigh counts for the encoder: ``(1 + ln c) * idf``, each document scaled to one Euclidean length.

    Sublinear TF-IDF: Manning, Raghavan and Schütze, *Introduction to Information Retrieval* (2008),
    section 6.4.1, equation 6.13; see `sublinear_frequency` for fractional counts.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the vocabulary.
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies.
    scale : float
        The length that every document gets; one without a word stays all zeros.

    Returns
    -------
    ndarray of shape (n_entries,), float32
        The weight of each entry; all others are 0.
    """
    weights = sublinear_frequency(counts.data) * idf[counts.indices]
    owners = counts.owners()
    lengths = np.sqrt(np.bincount(owners, weights=weights**2, minlength=len(counts)))
    # Fractional counts can be so small that their squares are 0.
    factors = np.divide(scale, lengths, out=np.zeros(len(counts)), where=lengths > 0)
    return (weights * factors[owners]).astype(np.float32)


def input_weights(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[np.float32]:
    """Give what the encoder sees of each entry of the counts, shape (n_entries,): see `ModelConfig.inputs`."""
    if config.inputs == "tfidf":
        return weigh(counts, idf, config.input_scale)
    if config.inputs == "binary":
        return (counts.data > 0).astype(np.float32)
    owners = counts.owners()
    lengths = np.bincount(owners, weights=counts.data, minlength=len(counts))
    return (counts.data / np.maximum(lengths, 1e-9)[owners]).astype(np.float32)


def encoder_inputs(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[np.float32]:
    """Give what the encoder sees of some documents: see `ModelConfig.inputs`.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the vocabulary.
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies.
    config : ModelConfig
        Which weights, and their scale.

    Returns
    -------
    ndarray of shape (n_documents, n_words), float32
    """
    return replace(counts, data=input_weights(counts, idf, config)).to_dense()


@dataclass(frozen=True)
class Encoder:
    """A trained encoder.

    A text gets the same code whatever it is encoded beside, in a query as in an index. A matrix product may take its
    sums in another order for another number of rows, and on another processor. So sums are taken in float64 and
    rounded to float32, which leaves nothing of that order.

    Attributes
    ----------
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies of the vocabulary in the training documents.
    layers : list of (weight, bias)
        ``weight`` of shape (n_out, n_in) and ``bias`` of shape (n_out,), float32; the last one feeds the
        code units.
    threshold : ndarray of shape (bits,), float32
        A bit is 1 where the unit's input is above this.
    config : ModelConfig
        What the inputs are, and what the hidden units do.
    """

    idf: NDArray[np.float32]
    layers: Layers
    threshold: NDArray[np.float32]
    config: ModelConfig

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.float32]], config: ModelConfig) -> Self:
        """Take the encoder's part out of a trained model's tensors, by their names."""
        layers = layers_of("encoder", tensors, len(config.hidden) + 1)
        return cls(tensors["idf"], layers, tensors["threshold"], config)

    @classmethod
    def load(cls, file: Path, n_words: int, config: ModelConfig) -> Self:
        """Read the encoder from a safetensors file; every shape and type must be as the config says.

        Raises
        ------
        IndexDamagedError
            The file is no safetensors file, or a tensor is missing or of another shape or type.
        """
        widths = (n_words, *config.hidden, config.bits)
        shapes: dict[str, tuple[int, ...]] = {"idf": (n_words,), "threshold": (config.bits,)}
        shapes |= layer_shapes("encoder", widths)
        return cls.from_tensors(read_tensors(file, shapes), config)

    @property
    def bits(self) -> int:
        """Units of the code layer."""
        return len(self.layers[-1][1])

    def _activations(self, counts: Counts) -> NDArray[np.float32]:
        function = ACTIVATIONS[self.config.activation]
        sums = self._of_one(counts) if len(counts) == 1 else self._of_many(counts)
        units = (sums + self.layers[0][1]).astype(np.float32)
        for weight, bias in self._later_layers:
            units = (function(units).astype(np.float64) @ weight.T + bias).astype(np.float32)
        return units

    def _of_one(self, counts: Counts) -> NDArray[np.float64]:
        """Return the first layer's sums for one document, by the weights of its own words alone."""
        inputs = input_weights(counts, self.idf, self.config).astype(np.float64)
        weight = self.layers[0][0].take(counts.indices, axis=1)
        return np.asarray((weight.astype(np.float64) @ inputs)[np.newaxis])

    def _of_many(self, counts: Counts) -> NDArray[np.float64]:
        """Return the same for many; as many products as there are words, and no zeros: a quarter of the time."""
        import scipy.sparse as sp  # here, since a query does without

        inputs = input_weights(counts, self.idf, self.config).astype(np.float64)
        matrix = sp.csr_matrix((inputs, counts.indices, counts.indptr), shape=(len(counts), counts.n_columns))
        return np.asarray(matrix @ self._first_by_words)

    @once
    def _first_by_words(self) -> NDArray[np.float64]:
        """The first layer's weights, those of each word together, shape (n_words, n_out)."""
        return np.ascontiguousarray(self.layers[0][0].T, dtype=np.float64)

    @once
    def _later_layers(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Weight and bias of each layer but the first."""
        return [(weight.astype(np.float64), bias.astype(np.float64)) for weight, bias in self.layers[1:]]

    def probabilities(self, counts: Counts) -> NDArray[np.float32]:
        """Give each code unit's probability of being 1.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Counts over the vocabulary.

        Returns
        -------
        ndarray of shape (n_documents, bits), float32
        """
        return sigmoid(self.activations(counts))

    def values(self, counts: Counts) -> NDArray[np.float32]:
        """Give the code units' values without noise, which the decoder reads, shape (n_documents, bits).

        Their probabilities; the inputs themselves of units that are linear.
        """
        return self.values_at(self.activations(counts))

    def values_at(self, activations: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the code units' values from their inputs, both of shape (n_documents, bits): see `values`."""
        return activations if self.config.code.kind == "linear" else sigmoid(activations)

    def codes(self, counts: Counts) -> NDArray[np.uint8]:
        """Give the codes, packed as in `semhash.codes`: a bit is 1 where its unit is above the threshold.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Counts over the vocabulary.

        Returns
        -------
        ndarray of shape (n_documents, n_bytes), uint8
        """
        return codes.pack(self.margins(counts) > 0)

    def margins(self, counts: Counts) -> NDArray[np.float32]:
        """Give the inputs of the code units less their thresholds: above 0 a bit is 1, the farther the surer.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Counts over the vocabulary.

        Returns
        -------
        ndarray of shape (n_documents, bits), float32
        """
        return self.activations(counts) - self.threshold

    def activations(self, counts: Counts) -> NDArray[np.float32]:
        """Give the inputs of the code units, shape (n_documents, bits), float32.

        Raises
        ------
        ValueError
            They are no numbers, since weights are none, as in a file that was altered.
        """
        found = np.zeros((len(counts), self.bits), dtype=np.float32)
        for start in range(0, len(counts), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(counts)))
            found[rows] = self._activations(counts.take(rows))
        if not np.isfinite(found).all():
            raise ValueError("code units whose inputs are no numbers")
        return found
