"""Training: the sample, its neighbours, the words, the network, and whether what came of it is any good."""

import math
from dataclasses import dataclass, replace
from functools import partial

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.batches import Batches, CodedBatches
from semhash.autoencoder.code_layer import activation_thresholds
from semhash.autoencoder.fine_tuning import Labels, chosen_labels, with_labels
from semhash.autoencoder.health import check_health
from semhash.autoencoder.machine import choose_device, free_cores, random_stream, threads
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import decoder_objective, held_out_loss, objective
from semhash.autoencoder.pretraining.starting_weights import pretrain_network
from semhash.autoencoder.telling_words import ranked_words, telling_words
from semhash.autoencoder.trainer import EarlyStopping, History, ProgressReport, Stopped, Trainer
from semhash.config import IndexConfig, ModelConfig, NeighbourConfig, TrainingConfig, check_together
from semhash.progress import Progress, Report, silent
from semhash.vocabulary import Counts, inverse_document_frequency, most_frequent

__all__ = ["TrainedModel", "choose_held_out", "learn", "train"]

_BLOCK = 1024
_DECODER_RATE = 1e-2  # codes that stand are soon learned
_DECODER_UPDATES = 100  # however few the documents are
_SMALLEST_BATCH, _BATCHES = 16, 30  # of the decoder, where documents are few
_DOCUMENTS_A_NEIGHBOUR = 20
_HELD_OUT_AT_MOST, _HELD_OUT_OF_AT_LEAST = 1000, 40
_HELD_OUT_STREAM = 1  # beside the stream that the sample is drawn from


@dataclass(frozen=True)
class TrainedModel:
    """What training leaves.

    Attributes
    ----------
    terms : ndarray of shape (n_coded_words,), int64
        The vocabulary: the columns of the counts that are coded, in their order.
    tensors : dict of str to ndarray, float32
        ``idf``, ``threshold``, ``encoder.I.weight``, ``encoder.I.bias``, ``decoder.I.weight``, ``decoder.I.bias``.
    losses : list of float
        Mean objective of each epoch, in nats: a bit, where the encoder learns from the guide alone; else a word with
        shares as targets, a document otherwise.
    held_out_losses : list of float
        Mean loss after each epoch on the documents held out, as they are and without noise; empty where none is.
    decoder_losses : list of float
        Mean reconstruction loss of each epoch in which the decoder was fitted to codes that stand; empty where both
        learned together.
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

    terms: NDArray[np.int64]
    tensors: dict[str, NDArray[np.float32]]
    losses: list[float]
    held_out_losses: list[float]
    decoder_losses: list[float]
    fine_tuning_losses: list[float]
    n_documents: int
    n_held_out: int
    best_epoch: int
    stopped: Stopped
    dead_bits: int


@dataclass(frozen=True, eq=False)
class _Sample:
    """The documents that are learned from.

    Attributes
    ----------
    counts : Counts of shape (n_documents, n_words)
        Over the whole lexicon.
    neighbourhood : Neighbourhood or None
        Who is whose neighbour; None where neighbours play no part.
    labels : list of collections of str, or None
        Of each document; None where they are not asked for.
    """

    counts: Counts
    neighbourhood: Neighbourhood | None
    labels: Labels | None


def learn(
    counts: Counts, config: IndexConfig, progress: Progress = silent, *, labels: Labels | None = None
) -> TrainedModel:
    """Choose the words that are coded, and train an autoencoder on them, as ``semhash index`` does.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        Counts over the whole lexicon, but for stop words.
    config : IndexConfig
        Which words, which network, and how to train it.
    progress, labels
        As of `train`, which also says what is raised.
    """
    model, training, size = config.model, config.training, config.text.vocabulary_size
    terms = most_frequent(counts, size)
    with threads(free_cores()):
        sample = _related(counts, terms, model, training, labels=labels, progress=progress)
        if config.text.vocabulary == "telling" and sample.neighbourhood is not None:
            ranked = ranked_words(sample.counts, sample.neighbourhood.rows)
            terms = telling_words(counts, ranked, size)
        return _trained(sample, terms, model, training, progress)


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
        ``pretrain`` and the mini-batches of ``train``, ``decode`` and ``fine-tune``, with the losses so far; of each
        but ``train`` only where it is asked for.
    labels : sequence of n_documents collections of str, or None
        Each document's labels, for `ModelConfig.supervision`; without it they are never looked at.

    Raises
    ------
    ConfigError
        The model cannot be trained in that way, there is no such device, or labels are asked for and missing.
    TrainingError
        The loss is no longer a finite number, or what was learned tells no document from another.
    """
    with threads(free_cores()):
        sample = _related(counts, terms, model, training, labels=labels, progress=progress)
        return _trained(sample, terms, model, training, progress)


def choose_held_out(n_documents: int, share: float, seed: int) -> NDArray[np.int64]:
    """Choose the documents to hold out, by the seed alone.

    Parameters
    ----------
    n_documents : int
        How many there are to choose from; of fewer than 40 none is held out.
    share : float
        What share of them; at least one document is held out, at most 1,000, and none where it is 0.
    seed : int
        Start of the random stream.

    Returns
    -------
    ndarray of shape (n_held_out,), int64
        Rows, in ascending order.
    """
    if not share or n_documents < _HELD_OUT_OF_AT_LEAST:
        return np.zeros(0, dtype=np.int64)
    n = min(_HELD_OUT_AT_MOST, max(1, round(share * n_documents)))
    return np.sort(np.random.default_rng([seed, _HELD_OUT_STREAM]).choice(n_documents, n, replace=False))


def _related(
    counts: Counts,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    *,
    labels: Labels | None,
    progress: Progress,
) -> _Sample:
    """Choose the documents with a word of the vocabulary, a seeded sample if they are too many; find neighbours."""
    check_together(model, training)
    choose_device(training.device)
    rows = np.flatnonzero(np.diff(counts.columns(terms).indptr))
    if len(rows) > training.train_documents:
        random = np.random.default_rng(training.seed)
        rows = np.sort(random.choice(rows, training.train_documents, replace=False))
    known = chosen_labels(labels, len(counts), rows, model.supervision)
    sample = counts.take(rows)
    hood = _neighbours(sample, model.neighbours, training.seed, partial(progress, "relate"))
    return _Sample(sample, hood, known)


def _neighbours(counts: Counts, config: NeighbourConfig, seed: int, report: Report) -> Neighbourhood | None:
    """Find the neighbours, fewer in a small corpus, where the next ten would be everybody; None for none."""
    k = min(config.neighbours, len(counts) // _DOCUMENTS_A_NEIGHBOUR)
    if not k:
        return None
    return Neighbourhood.find(counts, msgspec.structs.replace(config, neighbours=k), seed, report)


def _trained(
    sample: _Sample,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    progress: Progress,
) -> TrainedModel:
    """Train in the order that is asked for: pretraining, training, the decoder by itself, labels."""
    network, batches = _prepare(sample, terms, model, training, progress)
    pretrain_network(network, batches, partial(progress, "pretrain"))
    # With tied weights there is no decoder to fit by itself.
    guided = training.decoder_epochs > 0 and batches.guide_bits is not None and not model.tied
    trained = _train(network, batches.for_the_guide() if guided else batches, training, progress)
    decoded = _fit_decoder(network, batches, training, progress) if guided else None
    tuned = None
    if sample.labels is not None and trained.stopped != "interrupted":
        tuned = _fine_tune(network, batches, sample.labels, training, progress)
    return _finished(network.float(), batches, terms, trained=trained, decoded=decoded, tuned=tuned)


def _prepare(
    sample: _Sample,
    terms: NDArray[np.int64],
    model: ModelConfig,
    training: TrainingConfig,
    progress: Progress,
) -> tuple[Autoencoder, Batches]:
    """Make a network that knows nothing yet, and the batches that it is to learn from."""
    device = choose_device(training.device)
    coded, stream = sample.counts.columns(terms), random_stream(torch.device("cpu"), training.seed)
    held_out = choose_held_out(len(coded), training.validation_share, training.seed)
    # All documents at once can be followed to the very minimum, where losses differ in digits that 32 bits lack.
    exact = training.optimiser != "adam" and training.batch_size >= len(coded) - len(held_out)
    dtype = torch.float64 if exact else torch.float32
    network = Autoencoder(len(terms), model, stream, len(coded)).to(device, dtype)
    if training.optimiser == "adam":
        network.lay_by_words()
    if device.type != "cpu":
        network.generator = random_stream(device, training.seed)
    batches = Batches.prepare(
        coded,
        inverse_document_frequency(coded.document_frequency(), len(coded)),
        model,
        size=training.batch_size,
        generator=stream,
        neighbourhood=sample.neighbourhood,
        held_out=held_out,
        device=device,
        dtype=dtype,
        progress=progress,
    )
    return network, batches


def _train(network: Autoencoder, batches: Batches, training: TrainingConfig, progress: Progress) -> History:
    """Train all that the batches ask for: by reconstruction, by the guide, or by both."""
    # More epochs for a small corpus, and patience in proportion.
    updates = len(batches) * (1 if training.optimiser == "adam" else training.iterations)
    epochs = max(training.epochs, math.ceil(training.min_updates / updates))
    patience = math.ceil(training.patience * epochs / training.epochs)
    callbacks = [
        EarlyStopping(network, lambda: held_out_loss(network, batches.held_out()), patience),
        ProgressReport(partial(progress, "train")),
    ]
    return Trainer(network, objective, training, callbacks).fit(batches, epochs)


def _fit_decoder(
    network: Autoencoder, batches: Batches, training: TrainingConfig, progress: Progress
) -> History:
    """Fit the decoder alone to the codes that the encoder gives by now, in smaller batches where documents are few."""
    activations = _activations(network, batches).to(batches.device, batches.dtype)
    by_adam = msgspec.structs.replace(training, optimiser="adam", learning_rate=_DECODER_RATE)
    trainer = Trainer(
        network,
        decoder_objective,
        by_adam,
        [ProgressReport(partial(progress, "decode"))],
        parameters=network.decoder.parameters(),
    )
    smaller = replace(
        batches, size=min(batches.size, max(_SMALLEST_BATCH, len(batches.documents) // _BATCHES))
    )
    coded = CodedBatches(smaller, activations)
    return trainer.fit(coded, max(training.decoder_epochs, math.ceil(_DECODER_UPDATES / len(coded))))


def _fine_tune(
    network: Autoencoder, batches: Batches, labels: Labels, training: TrainingConfig, progress: Progress
) -> History:
    """Train on with the loss on labels added; the last weights are kept."""
    themselves, supervision = batches.as_themselves(), network.config.supervision
    callbacks = [
        EarlyStopping(network, lambda: held_out_loss(network, themselves.held_out()), watched=False),
        ProgressReport(partial(progress, "fine-tune")),
    ]
    measure = with_labels(labels, supervision)
    gently = msgspec.structs.replace(training, learning_rate=supervision.learning_rate)
    trainer = Trainer(network, measure, gently, callbacks, tuning=True)
    return trainer.fit(themselves, supervision.epochs)


def _finished(
    network: Autoencoder,
    batches: Batches,
    terms: NDArray[np.int64],
    *,
    trained: History,
    decoded: History | None,
    tuned: History | None,
) -> TrainedModel:
    """Return what is to be stored, if it is any good."""
    activations = _activations(network, batches)
    threshold = activation_thresholds(network.config.code.threshold, activations)
    tensors = {"idf": batches.idf, "threshold": threshold.numpy()}
    tensors |= {name: value.cpu().numpy() for name, value in network.tensors().items()}
    interrupted = any(part is not None and part.stopped == "interrupted" for part in (decoded, tuned))
    return TrainedModel(
        terms=terms,
        tensors=tensors,
        losses=trained.losses,
        held_out_losses=trained.held_out_losses,
        decoder_losses=[] if decoded is None else decoded.losses,
        fine_tuning_losses=[] if tuned is None else tuned.losses,
        n_documents=batches.n_documents,
        n_held_out=len(batches.held_out_rows),
        best_epoch=trained.best_epoch,
        stopped="interrupted" if interrupted else trained.stopped,
        dead_bits=check_health(tensors, (activations > threshold).numpy()),
    )


@torch.no_grad()
def _activations(network: Autoencoder, batches: Batches) -> Tensor:
    """Return the inputs of the code units for all documents, without noise, shape (n_documents, bits), float32."""
    blocks = np.array_split(np.arange(batches.n_documents), math.ceil(batches.n_documents / _BLOCK))
    dtype = next(network.parameters()).dtype
    return torch.cat([network.encode(batches.clean(rows).to(dtype)).float().cpu() for rows in blocks])
