"""Mini-batches: what the encoder sees, what the decoder is to give, and a neighbour to compare with."""

import math
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.corruption import CORRUPTIONS
from semhash.autoencoder.encoder import encoder_inputs, input_weights, weigh
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.sparse_inputs import Inputs, SparseInputs
from semhash.autoencoder.spectral_codes import spectral_bits
from semhash.config import ModelConfig
from semhash.progress import Progress, Report, silent
from semhash.vocabulary import Counts

__all__ = ["Batch", "Batches", "clean_targets"]

_CPU = torch.device("cpu")
_NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some documents.

    Attributes
    ----------
    documents : Tensor of shape (n,), int64
        Which ones.
    inputs : Tensor or SparseInputs of shape (n, n_words)
        What the encoder sees: weighed, corrupted, and of some documents a neighbour's in their place.
    targets : Tensor of shape (n, n_words)
        What the decoder is to give.
    neighbours : Tensor or SparseInputs of shape (n, n_words), or None
        The weighed, corrupted words of one neighbour of each; None where no contrast is asked for.
    bits : Tensor of shape (n, bits), or None
        The bits that the guide would give them, 0 or 1; None where none is asked for.
    """

    documents: Tensor
    inputs: Inputs
    targets: Tensor
    neighbours: Inputs | None
    bits: Tensor | None = None


class Batches:
    """Gives the training documents in mini-batches, again and again.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        The documents over the vocabulary.
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies.
    config : ModelConfig
        Weights, corruption and neighbours.
    size : int
        Documents in a batch.
    generator : torch.Generator
        Source of order, corruption and chosen neighbours; draws on the CPU.
    neighbourhood : Neighbourhood or None
        Who is whose neighbour; None where neighbours play no part.
    held_out : ndarray of shape (n_held_out,), int64
        Rows of the documents that no batch has, neither as themselves nor as a neighbour.
    device, dtype : torch.device, torch.dtype
        Where the batches are to be, and of which numbers.
    progress : Progress
        Hears the stages ``mix`` and ``guide``, where neighbours play a part.

    Attributes
    ----------
    documents : ndarray of shape (n_training_documents,), int64
        Rows of the documents that are not held out.
    """

    def __init__(
        self,
        counts: Counts,
        idf: NDArray[np.float32],
        config: ModelConfig,
        *,
        size: int,
        generator: torch.Generator,
        neighbourhood: Neighbourhood | None = None,
        held_out: NDArray[np.int64] = _NOBODY,
        device: torch.device = _CPU,
        dtype: torch.dtype = torch.float32,
        progress: Progress = silent,
    ) -> None:
        self.documents = np.setdiff1d(np.arange(len(counts)), held_out)
        self._held_out = held_out
        self._counts = counts
        self.idf = idf
        self._config = config
        self._size = size
        self._input_share = config.neighbours.input_share
        self.generator = generator
        self._device, self._dtype = device, dtype
        self._company = None if neighbourhood is None else _Company.without(neighbourhood.rows, held_out)
        steps = config.neighbours.diffusion_steps
        # Targets that neighbours share are dense and made once; a document's own are made as they are needed.
        self._targets = (
            None
            if neighbourhood is None
            else neighbourhood.diffuse(clean_targets(counts, idf, config), steps, partial(progress, "mix"))
        )
        self._bits = self._guide(partial(progress, "guide"))

    def as_themselves(self) -> "Batches":
        """Give the same batches without what may contradict a label: stand-ins at the input, and the guide."""
        given = copy(self)
        given._input_share, given._bits = 0.0, None
        return given

    @property
    def n_documents(self) -> int:
        """All documents, those held out included."""
        return len(self._counts)

    @property
    def mean_length(self) -> float:
        """Mean number of words of the vocabulary in a training document."""
        return float(self._counts.take(self.documents).data.sum(dtype=np.float64)) / len(self.documents)

    def __len__(self) -> int:
        """How many batches hold every training document once."""
        return math.ceil(len(self.documents) / self._size)

    def __iter__(self) -> Iterator[Batch]:
        """Give every training document once, in a new order."""
        order = torch.randperm(len(self.documents), generator=self.generator).numpy()
        for start in range(0, len(order), self._size):
            yield self._batch(self.documents[order[start : start + self._size]])

    def held_out(self) -> Iterator[Batch]:
        """Give every document that is held out once, as it is: its own words, none of them hidden."""
        for start in range(0, len(self._held_out), self._size):
            rows = self._held_out[start : start + self._size]
            yield Batch(torch.from_numpy(rows), self.clean(rows), self._targets_of(rows), None)

    def clean(self, rows: NDArray[np.int64]) -> Tensor:
        """Give what the encoder sees of some documents as they are, shape (len(rows), n_words)."""
        return self._there(encoder_inputs(self._counts.take(rows), self.idf, self._config))

    def _batch(self, rows: NDArray[np.int64]) -> Batch:
        contrast = self._company is not None and self._config.neighbours.contrast > 0
        return Batch(
            documents=torch.from_numpy(rows),
            inputs=self._inputs(self._stand_ins(rows, self._input_share)),
            targets=self._targets_of(rows),
            bits=None if self._bits is None else self._there(self._bits[rows]),
            neighbours=self._inputs(self._stand_ins(rows, 1.0)) if contrast else None,
        )

    def _guide(self, report: Report) -> NDArray[np.float32] | None:
        config = self._config.neighbours
        if self._targets is None or not config.guide:
            return None
        seed = int(torch.randint(2**31, (), generator=self.generator))
        return spectral_bits(
            self._targets,
            self._config.bits,
            config.guide_dimensions,
            config.guide_whitening,
            seed,
            rounds=config.guide_rounds,
            report=report,
        )

    def _targets_of(self, rows: NDArray[np.int64]) -> Tensor:
        if self._targets is not None:
            return self._there(self._targets[rows])
        return self._there(clean_targets(self._counts.take(rows), self.idf, self._config))

    def _stand_ins(self, rows: NDArray[np.int64], share: float) -> NDArray[np.int64]:
        """Put a neighbour, drawn at random, in the place of a share of the documents."""
        if self._company is None or share == 0:
            return rows
        drawn, coin = (torch.rand(len(rows), generator=self.generator).numpy() for _ in range(2))
        return np.where(coin < share, self._company.pick(rows, drawn), rows)

    def _inputs(self, rows: NDArray[np.int64]) -> Inputs:
        corruption = self._config.corruption
        if corruption.kind == "masking":
            # Words are hidden before they are weighed: a document of the words left is what a query is like.
            counts = self._counts.take(rows)
            seen = torch.rand(len(counts.data), generator=self.generator).numpy() >= self._hidden(counts)
            return self._sparse(counts.entries(seen))
        return CORRUPTIONS[corruption.kind](self.clean(rows), corruption.amount, self.generator)

    def _hidden(self, counts: Counts) -> NDArray[np.float32] | float:
        """Give the probability that a word is hidden: one for all, or for each entry that of its document."""
        corruption = self._config.corruption
        if not corruption.varied:
            return corruption.amount
        lowest, highest = max(0.0, 2 * corruption.amount - 1), min(1.0, 2 * corruption.amount)
        drawn = torch.rand(len(counts), generator=self.generator).numpy()
        return np.repeat(lowest + (highest - lowest) * drawn, np.diff(counts.indptr)).astype(np.float32)

    def _sparse(self, counts: Counts) -> SparseInputs:
        return SparseInputs(
            words=torch.from_numpy(counts.indices.astype(np.int64)).to(self._device),
            starts=torch.from_numpy(np.ascontiguousarray(counts.indptr[:-1])).to(self._device),
            weights=self._there(input_weights(counts, self.idf, self._config)),
            n_words=counts.n_columns,
        )

    def _there(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self._device, self._dtype)


@dataclass(frozen=True, slots=True)
class _Company:
    """Whom each document can be stood in for by.

    Attributes
    ----------
    rows : ndarray of shape (n_documents, k), int64
        Neighbours; the first `sizes` of each row count.
    sizes : ndarray of shape (n_documents,), int64
        How many; where there is none, a document stands in for itself.
    """

    rows: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def without(cls, neighbours: NDArray[np.int64], held_out: NDArray[np.int64]) -> "_Company":
        kept = ~np.isin(neighbours, held_out)
        first = np.argsort(~kept, axis=1, kind="stable")
        return cls(np.take_along_axis(neighbours, first, axis=1), kept.sum(axis=1))

    def pick(self, rows: NDArray[np.int64], drawn: NDArray[np.float32]) -> NDArray[np.int64]:
        """Give one neighbour of each document, by a number from 0 to below 1 for each."""
        sizes = self.sizes[rows]
        return np.where(sizes > 0, self.rows[rows, (drawn * sizes).astype(np.int64)], rows)


def clean_targets(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[np.float32]:
    """Give what the decoder is to give, shape (n_documents, n_words), float32; see `ModelConfig.targets`."""
    if config.targets == "inputs":
        return encoder_inputs(counts, idf, config)
    if config.targets == "counts":
        return counts.to_dense()
    if config.targets == "binary":
        return (counts.to_dense() > 0).astype(np.float32)
    weights = (
        replace(counts, data=weigh(counts, idf, 1.0)) if config.targets == "tfidf" else counts
    ).to_dense()
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return weights
