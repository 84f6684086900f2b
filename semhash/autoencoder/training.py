"""Training: mini-batches of masked documents in, their words out."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.encoder import weigh
from semhash.autoencoder.network import Autoencoder
from semhash.config import ModelConfig, TrainingConfig
from semhash.errors import TrainingError
from semhash.progress import Progress, silent
from semhash.vocabulary import Counts, inverse_document_frequency

__all__ = ["TrainedModel", "free_cores", "reconstruction_loss", "train"]


@dataclass(frozen=True)
class TrainedModel:
    """What training leaves.

    Attributes
    ----------
    tensors : dict of str to ndarray, float32
        ``idf``, ``encoder.I.weight``, ``encoder.I.bias``, ``decoder.I.weight``, ``decoder.I.bias``.
    losses : list of float
        Mean reconstruction loss of each epoch, in nats a word.
    n_documents : int
        Documents trained on.
    """

    tensors: dict[str, NDArray[np.float32]]
    losses: list[float]
    n_documents: int


def train(
    counts: Counts, model: ModelConfig, training: TrainingConfig, progress: Progress = silent
) -> TrainedModel:
    """Train an autoencoder on counts, in one process, the same for the same seed on one machine.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the vocabulary; documents without a word, and those beyond the sample, are left out.
    model, training : ModelConfig, TrainingConfig
        The network and how to train it; `training.seed` starts every random stream.
    progress : Progress
        Hears the mini-batches of stage ``train``, with the loss so far.

    Raises
    ------
    TrainingError
        The loss is no longer a finite number.
    """
    sample = _sample(counts, training)
    idf = inverse_document_frequency(sample.document_frequency(), len(sample))
    generator = torch.Generator().manual_seed(training.seed)
    with _threads(free_cores()):
        network = Autoencoder(sample.n_columns, model, generator)
        batches = _Batches(sample, idf, model, training.batch_size, generator)
        losses = _fit(network, batches, training, progress)
    tensors = {name: value.detach().numpy().copy() for name, value in network.state_dict().items()}
    return TrainedModel({"idf": idf, **tensors}, losses, len(sample))


def reconstruction_loss(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    """Give the cross-entropy of the words, ``-sum_i t_i log p_i``, averaged over the documents.

    Salakhutdinov and Hinton (2009), section 3.2: the multi-class cross-entropy, each word weighted by its
    share of the document.

    Parameters
    ----------
    log_probabilities : Tensor of shape (n_documents, n_words)
        What the decoder expects.
    targets : Tensor of shape (n_documents, n_words)
        Shares of the words; each document sums to 1.

    Returns
    -------
    Tensor of shape ()
        Nats a word.
    """
    return -(targets * log_probabilities).sum(dim=1).mean()


def _sample(counts: Counts, training: TrainingConfig) -> Counts:
    usable = np.flatnonzero(np.diff(counts.indptr))
    if len(usable) > training.train_documents:
        random = np.random.default_rng(training.seed)
        usable = np.sort(random.choice(usable, training.train_documents, replace=False))
    return counts.take(usable)


@dataclass(frozen=True)
class _Batches:
    """Mini-batches of weighed, masked documents and of their clean targets."""

    sample: Counts
    idf: NDArray[np.float32]
    model: ModelConfig
    size: int
    generator: torch.Generator

    @property
    def per_epoch(self) -> int:
        return math.ceil(len(self.sample) / self.size)

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Give every document once, in a new order: pairs of shape (n_documents, n_words)."""
        order = torch.randperm(len(self.sample), generator=self.generator).numpy()
        for start in range(0, len(order), self.size):
            yield self._batch(self.sample.take(order[start : start + self.size]))

    def _batch(self, counts: Counts) -> tuple[Tensor, Tensor]:
        targets = weigh(counts, self.idf, 1.0)
        targets /= targets.sum(axis=1, keepdims=True)
        seen = torch.rand(len(counts.data), generator=self.generator).numpy() >= self.model.masking
        inputs = weigh(counts.entries(seen), self.idf, self.model.input_scale)
        return torch.from_numpy(inputs), torch.from_numpy(targets)


def _fit(
    network: Autoencoder, batches: _Batches, training: TrainingConfig, progress: Progress
) -> list[float]:
    """Train in place; give the mean loss of each epoch."""
    epochs = max(training.epochs, math.ceil(training.min_updates / batches.per_epoch))
    updates = epochs * batches.per_epoch
    optimiser = torch.optim.Adam(network.parameters(), lr=training.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, training.learning_rate, total_steps=updates)
    losses: list[float] = []
    done = 0
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for inputs, targets in batches.epoch():
            network.noise_share = done / updates
            loss = reconstruction_loss(network(inputs), targets)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            done += 1
            total += loss.item() * len(inputs)
            progress("train", done, updates, f"epoch {epoch + 1} of {epochs}, loss {loss.item():.3f}")
        if not math.isfinite(total):
            raise TrainingError(
                f"training: expected a finite loss, found {total} in epoch {epoch + 1} of {epochs}; "
                "nothing was written; try a smaller learning rate or less code noise"
            )
        losses.append(total / len(batches.sample))
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
