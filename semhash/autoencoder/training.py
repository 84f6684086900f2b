"""Training: mini-batches of masked documents in, their words out."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import joblib
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.code_layer import activation_thresholds
from semhash.autoencoder.encoder import encoder_inputs
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.config import ModelConfig, NeighbourConfig, TrainingConfig
from semhash.errors import TrainingError
from semhash.progress import Progress, silent
from semhash.vocabulary import Counts, inverse_document_frequency

__all__ = ["TrainedModel", "free_cores", "train"]

_BLOCK = 1024
_DOCUMENTS_A_NEIGHBOUR = 20


@dataclass(frozen=True)
class TrainedModel:
    """What training leaves.

    Attributes
    ----------
    tensors : dict of str to ndarray, float32
        ``idf``, ``threshold``, ``encoder.I.weight``, ``encoder.I.bias``, ``decoder.I.weight``, ``decoder.I.bias``.
    losses : list of float
        Mean reconstruction loss of each epoch, in nats a word.
    n_documents : int
        Documents trained on.
    """

    tensors: dict[str, NDArray[np.float32]]
    losses: list[float]
    n_documents: int


def train(
    counts: Counts,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    progress: Progress = silent,
) -> TrainedModel:
    """Train an autoencoder on counts, in one process, the same for the same seed on one machine.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the whole lexicon, by which neighbours are found. Documents without a word of the
        vocabulary, and those beyond the sample, are left out.
    terms : ndarray of shape (n_coded_words,), int64
        The vocabulary: the columns that are coded, in their order.
    model, training : ModelConfig, TrainingConfig
        The network and how to train it; `training.seed` starts every random stream.
    progress : Progress
        Hears the mini-batches of stage ``train``, with the loss so far.

    Raises
    ------
    TrainingError
        The loss is no longer a finite number.
    """
    rows = _sample(counts.columns(terms), training)
    sample = counts.take(rows)
    coded = sample.columns(terms)
    idf = inverse_document_frequency(coded.document_frequency(), len(coded))
    neighbourhood = _company(sample, model.neighbours, training.seed)
    generator = torch.Generator().manual_seed(training.seed)
    with _threads(free_cores()):
        network = Autoencoder(len(terms), model, generator, len(coded))
        batches = Batches(
            coded,
            idf,
            model,
            size=training.batch_size,
            generator=generator,
            neighbourhood=neighbourhood,
        )
        losses = _fit(network, batches, training, progress)
        threshold = activation_thresholds(model.code.threshold, _activations(network, coded, idf))
    tensors = {name: value.numpy() for name, value in network.tensors().items()}
    return TrainedModel({"idf": idf, "threshold": threshold.numpy(), **tensors}, losses, len(coded))


def _company(counts: Counts, config: NeighbourConfig, seed: int) -> Neighbourhood | None:
    """Find the neighbours, fewer in a small corpus, where the next ten would be everybody; None for none."""
    k = min(config.neighbours, len(counts) // _DOCUMENTS_A_NEIGHBOUR)
    return Neighbourhood.find(counts, msgspec.structs.replace(config, neighbours=k), seed) if k else None


def _sample(counts: Counts, training: TrainingConfig) -> NDArray[np.int64]:
    """Choose the rows to train on: documents with words, a seeded sample of them if they are too many."""
    usable = np.flatnonzero(np.diff(counts.indptr))
    if len(usable) > training.train_documents:
        random = np.random.default_rng(training.seed)
        usable = np.sort(random.choice(usable, training.train_documents, replace=False))
    return usable


@torch.no_grad()
def _activations(network: Autoencoder, counts: Counts, idf: NDArray[np.float32]) -> Tensor:
    """Give the inputs of the code units for all documents, without noise, shape (n_documents, bits)."""
    blocks = np.array_split(np.arange(len(counts)), math.ceil(len(counts) / _BLOCK))
    inputs = (encoder_inputs(counts.take(rows), idf, network.config) for rows in blocks)
    return torch.cat([network.encode(torch.from_numpy(dense)) for dense in inputs])


def _fit(network: Autoencoder, batches: Batches, training: TrainingConfig, progress: Progress) -> list[float]:
    """Train in place; give the mean loss of each epoch."""
    epochs = max(training.epochs, math.ceil(training.min_updates / len(batches)))
    updates = epochs * len(batches)
    optimiser = torch.optim.Adam(network.parameters(), lr=training.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, training.learning_rate, total_steps=updates)
    losses: list[float] = []
    done = 0
    network.train()
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in batches:
            network.share = done / updates
            loss, reconstruction = objective(network, batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            done += 1
            total += loss.item() * len(batch.documents)
            progress("train", done, updates, f"epoch {epoch} of {epochs}, loss {reconstruction.item():.3f}")
        if not math.isfinite(total):
            raise TrainingError(
                f"training: expected a finite loss, found {total} in epoch {epoch} of {epochs}; "
                "nothing was written; try a smaller learning rate or less noise"
            )
        losses.append(total / len(batches.counts))
    network.eval()
    return losses


def free_cores() -> int:
    """Give the number of cores that this process may use and nobody else is using, at least 1.

    Affinity masks and the quotas of containers count, and so does the load of the last minute.
    """
    usable = int(joblib.cpu_count())
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, min(usable, round(usable - busy)))


@contextmanager
def _threads(n: int) -> Iterator[None]:
    """Pin torch to n threads: one more than there are free cores slows it down tenfold."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
