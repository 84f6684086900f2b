"""Mini-batches: what the encoder sees, what the decoder is to give, and a neighbour to compare with."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.corruption import CORRUPTIONS
from semhash.autoencoder.encoder import encoder_inputs, weigh
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.config import ModelConfig
from semhash.vocabulary import Counts

__all__ = ["Batch", "Batches", "clean_targets"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some training documents.

    Attributes
    ----------
    documents : Tensor of shape (n,), int64
        Which ones.
    inputs : Tensor of shape (n, n_words)
        What the encoder sees: weighed, corrupted, and of some documents a neighbour's in their place.
    targets : Tensor of shape (n, n_words)
        What the decoder is to give.
    neighbours : Tensor of shape (n, n_words) or None
        The weighed, corrupted words of one neighbour of each; None where no contrast is asked for.
    """

    documents: Tensor
    inputs: Tensor
    targets: Tensor
    neighbours: Tensor | None


class Batches:
    """Gives the training documents in mini-batches, again and again.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        The training documents over the vocabulary.
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies.
    config : ModelConfig
        Weights, corruption and neighbours.
    size : int
        Documents in a batch.
    generator : torch.Generator
        Source of order, corruption and chosen neighbours.
    neighbourhood : Neighbourhood or None
        Who is whose neighbour; None where neighbours play no part.
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
    ) -> None:
        self.counts = counts
        self._idf = idf
        self._config = config
        self._size = size
        self._generator = generator
        self._neighbours = None if neighbourhood is None else neighbourhood.rows
        steps = config.neighbours.diffusion_steps
        # Targets that neighbours share are dense and made once; a document's own are made as they are needed.
        self._targets = (
            None
            if neighbourhood is None
            else neighbourhood.diffuse(clean_targets(counts, idf, config), steps)
        )

    def __len__(self) -> int:
        """How many batches hold every document once."""
        return math.ceil(len(self.counts) / self._size)

    def __iter__(self) -> Iterator[Batch]:
        """Give every document once, in a new order."""
        for documents in torch.randperm(len(self.counts), generator=self._generator).split(self._size):  # type: ignore[no-untyped-call]
            yield self._batch(documents)

    def _batch(self, documents: Tensor) -> Batch:
        rows = documents.numpy()
        config = self._config.neighbours
        targets = (
            clean_targets(self.counts.take(rows), self._idf, self._config)
            if self._targets is None
            else self._targets[rows]
        )
        contrast = self._neighbours is not None and config.contrast > 0
        return Batch(
            documents=documents,
            inputs=self._inputs(self._stand_ins(rows, config.input_share)),
            targets=torch.from_numpy(targets),
            neighbours=self._inputs(self._stand_ins(rows, 1.0)) if contrast else None,
        )

    def _stand_ins(self, rows: NDArray[np.int64], share: float) -> NDArray[np.int64]:
        """Put a neighbour, drawn at random, in the place of a share of the documents."""
        if self._neighbours is None or share == 0:
            return rows
        n, k = len(rows), self._neighbours.shape[1]
        drawn = torch.randint(k, (n,), generator=self._generator).numpy()
        replaced = torch.rand(n, generator=self._generator).numpy() < share
        return np.where(replaced, self._neighbours[rows, drawn], rows)

    def _inputs(self, rows: NDArray[np.int64]) -> Tensor:
        corruption = self._config.corruption
        counts = self.counts.take(rows)
        if corruption.kind == "masking":
            # Words are hidden before they are weighed: a document of the words left is what a query is like.
            seen = torch.rand(len(counts.data), generator=self._generator).numpy() >= corruption.amount
            return torch.from_numpy(encoder_inputs(counts.entries(seen), self._idf, self._config))
        clean = torch.from_numpy(encoder_inputs(counts, self._idf, self._config))
        return CORRUPTIONS[corruption.kind](clean, corruption.amount, self._generator)


def clean_targets(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[np.float32]:
    """Give what the decoder is to give, shape (n_documents, n_words), float32; see `ModelConfig.targets`."""
    if config.targets == "counts":
        return counts.to_dense()
    if config.targets == "binary":
        return (counts.to_dense() > 0).astype(np.float32)
    weights = weigh(counts, idf, 1.0) if config.targets == "tfidf" else counts.to_dense()
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)
