"""Training: the sample, the network, its start, its epochs, and whether what came of them is any good."""

import math
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.code_layer import activation_thresholds
from semhash.autoencoder.epochs import Course, Plan, Stopped, follow
from semhash.autoencoder.fine_tuning import Labels, chosen_labels, with_labels
from semhash.autoencoder.health import check_health
from semhash.autoencoder.machine import choose_device, free_cores, random_stream, threads
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.autoencoder.pretraining.starting_weights import pretrain_network
from semhash.autoencoder.validation import choose_held_out
from semhash.config import ModelConfig, NeighbourConfig, TrainingConfig, check_together
from semhash.progress import Progress, Report, silent
from semhash.vocabulary import Counts, inverse_document_frequency

__all__ = ["TrainedModel", "train"]

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
        Mean objective of each epoch, in nats: a word with shares as targets, a document otherwise.
    held_out_losses : list of float
        Mean reconstruction loss after each epoch on the documents held out, as they are and without noise;
        empty where none is.
    fine_tuning_losses : list of float
        Mean objective of each epoch with labels; empty where none are asked for.
    n_documents : int
        Documents trained on, those held out included.
    n_held_out : int
        Documents held out.
    best_epoch : int
        The epoch whose weights these are, or were before fine-tuning, the first of which is 1.
    stopped : {"finished", "early", "interrupted"}
        Why training ended: all epochs were done; the loss on the documents held out fell no more; or Ctrl-C.
    dead_bits : int
        Bits that are the same in nearly all training documents.
    """

    tensors: dict[str, NDArray[np.float32]]
    losses: list[float]
    held_out_losses: list[float]
    fine_tuning_losses: list[float]
    n_documents: int
    n_held_out: int
    best_epoch: int
    stopped: Stopped
    dead_bits: int


def train(
    counts: Counts,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    progress: Progress = silent,
    *,
    labels: Labels | None = None,
) -> TrainedModel:
    """Train an autoencoder on counts, in one process, the same for the same seed on one machine.

    Ctrl-C (a KeyboardInterrupt, from wherever it comes) ends the training and no more once an epoch is finished:
    the best weights so far are given back, and `TrainedModel.stopped` is ``"interrupted"``. Before that, and in
    what follows the training, it is passed on.

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
        Hears how neighbours are found and used, in the stages ``relate``, ``mix`` and ``guide``; then the epochs of
        ``pretrain`` and the mini-batches of ``train`` and ``fine-tune``, the first and the last of these only where
        they are asked for, with the losses so far.
    labels : sequence of n_documents collections of str, or None
        Each document's labels, for `ModelConfig.supervision`; without it they are never looked at.

    Raises
    ------
    ConfigError
        The model cannot be trained in that way, there is no such device, or labels are asked for and missing.
    TrainingError
        The loss is no longer a finite number, or what was learned tells no document from another.
    """
    check_together(model, training)
    device = choose_device(training.device)
    rows = _sample(counts.columns(terms), training)
    known = chosen_labels(labels, len(counts), rows, model.supervision)
    with threads(free_cores()):
        network, batches = _prepare(counts.take(rows), terms, model, training, device, progress=progress)
        courses = _learn(network, batches, known, training, progress)
        return _finished(network.float(), batches, courses)


def _prepare(
    sample: Counts,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    device: torch.device,
    *,
    progress: Progress,
) -> tuple[Autoencoder, Batches]:
    """Make a network that knows nothing yet, and the batches that it is to learn from."""
    coded, stream = sample.columns(terms), random_stream(torch.device("cpu"), training.seed)
    held_out = choose_held_out(len(coded), training.validation_share, training.seed)
    # All documents at once can be followed to the very minimum, where losses differ in digits that 32 bits lack.
    exact = training.optimiser != "adam" and training.batch_size >= len(coded) - len(held_out)
    dtype = torch.float64 if exact else torch.float32
    network = Autoencoder(len(terms), model, stream, len(coded)).to(device, dtype)
    if training.optimiser == "adam":
        network.lay_by_words()
    if device.type != "cpu":
        network.generator = random_stream(device, training.seed)
    batches = Batches(
        coded,
        inverse_document_frequency(coded.document_frequency(), len(coded)),
        model,
        size=training.batch_size,
        generator=stream,
        neighbourhood=_company(sample, model.neighbours, training.seed, partial(progress, "relate")),
        held_out=held_out,
        device=device,
        dtype=dtype,
        progress=progress,
    )
    return network, batches


def _learn(
    network: Autoencoder,
    batches: Batches,
    labels: Labels | None,
    training: TrainingConfig,
    progress: Progress,
) -> list[Course]:
    """Pretrain, train, and fine-tune where there are labels to do it with, in place."""
    pretrain_network(network, batches, partial(progress, "pretrain"))
    go = partial(follow, network=network, training=training, progress=progress)
    courses = [go(_plan(training, len(batches)), batches=batches, measure=objective)]
    if labels is not None and courses[0].stopped != "interrupted":
        supervision = network.config.supervision
        plan = Plan("fine-tune", supervision.epochs, watched=False, fresh=False)
        measure = with_labels(labels, supervision)
        courses.append(go(plan, batches=batches.as_themselves(), measure=measure))
    return courses


def _finished(network: Autoencoder, batches: Batches, courses: list[Course]) -> TrainedModel:
    """Give what is to be stored, if it is any good."""
    activations = _activations(network, batches)
    threshold = activation_thresholds(network.config.code.threshold, activations)
    tensors = {"idf": batches.idf, "threshold": threshold.numpy()}
    tensors |= {name: value.cpu().numpy() for name, value in network.tensors().items()}
    trained, *tuned = courses
    return TrainedModel(
        tensors=tensors,
        losses=trained.losses,
        held_out_losses=trained.held_out_losses,
        fine_tuning_losses=tuned[0].losses if tuned else [],
        n_documents=batches.n_documents,
        n_held_out=batches.n_documents - len(batches.documents),
        best_epoch=trained.best_epoch,
        stopped="interrupted" if courses[-1].stopped == "interrupted" else trained.stopped,
        dead_bits=check_health(tensors, (activations > threshold).numpy()),
    )


def _plan(training: TrainingConfig, batches: int) -> Plan:
    """Plan more epochs for a small corpus, and patience in proportion."""
    updates = batches * (1 if training.optimiser == "adam" else training.iterations)
    epochs = max(training.epochs, math.ceil(training.min_updates / updates))
    return Plan("train", epochs, math.ceil(training.patience * epochs / training.epochs))


def _company(counts: Counts, config: NeighbourConfig, seed: int, report: Report) -> Neighbourhood | None:
    """Find the neighbours, fewer in a small corpus, where the next ten would be everybody; None for none."""
    k = min(config.neighbours, len(counts) // _DOCUMENTS_A_NEIGHBOUR)
    if not k:
        return None
    return Neighbourhood.find(counts, msgspec.structs.replace(config, neighbours=k), seed, report)


def _sample(counts: Counts, training: TrainingConfig) -> NDArray[np.int64]:
    """Choose the rows to train on: documents with words, a seeded sample of them if they are too many."""
    usable = np.flatnonzero(np.diff(counts.indptr))
    if len(usable) > training.train_documents:
        random = np.random.default_rng(training.seed)
        usable = np.sort(random.choice(usable, training.train_documents, replace=False))
    return usable


@torch.no_grad()
def _activations(network: Autoencoder, batches: Batches) -> Tensor:
    """Give the inputs of the code units for all documents, without noise, shape (n_documents, bits), float32."""
    blocks = np.array_split(np.arange(batches.n_documents), math.ceil(batches.n_documents / _BLOCK))
    return torch.cat([network.encode(batches.clean(rows).float()).cpu() for rows in blocks])
