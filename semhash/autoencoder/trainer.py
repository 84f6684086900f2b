"""The training loop: passes over mini-batches, what is known of them, and what else is done along the way."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

import torch
from torch import Tensor

from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import Objective
from semhash.autoencoder.optimisers import Adam, minimise, one_cycle
from semhash.config import TrainingConfig
from semhash.errors import TrainingError
from semhash.progress import Report

__all__ = ["Callback", "EarlyStopping", "History", "Measure", "ProgressReport", "Stopped", "Trainer"]

Stopped = Literal["finished", "early", "interrupted"]
"""Why training ended: it was done; it had stopped to help; or the user had seen enough."""

Batch = TypeVar("Batch")
Batch_contra = TypeVar("Batch_contra", contravariant=True)
Batch_co = TypeVar("Batch_co", covariant=True)


class Measure(Protocol[Batch_contra]):
    """Returns the objective of a network on one mini-batch."""

    def __call__(self, network: Autoencoder, batch: Batch_contra, /) -> Objective:
        """Return the objective."""


class MiniBatches(Protocol[Batch_co]):
    """Mini-batches that can be gone through again and again."""

    def __len__(self) -> int:
        """Return how many there are in one pass."""

    def __iter__(self) -> Iterator[Batch_co]:
        """Start a pass."""


@dataclass
class History:
    """What training has come to so far.

    Attributes
    ----------
    epochs, batches : int
        Passes that are planned at most, and mini-batches in each.
    updates : int
        Mini-batches that were learned from.
    losses : list of float
        Mean of the objective in each finished epoch.
    held_out_losses : list of float
        Mean loss on the documents held out after each, without noise; empty where there are none.
    best_epoch : int
        Whose weights are kept, the first of which is 1; 0 for those before the first.
    stopped : {"finished", "early", "interrupted"}
        Why it ended.
    """

    epochs: int
    batches: int
    updates: int = 0
    losses: list[float] = field(default_factory=list)
    held_out_losses: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: Stopped = "finished"

    @property
    def planned(self) -> int:
        """Mini-batches in all epochs."""
        return self.epochs * self.batches

    @property
    def epoch(self) -> int:
        """The epoch that the next update is in, the first of which is 1."""
        return self.updates // self.batches + 1


class Callback:
    """Hears of a training as it goes along; does nothing unless a class below says so."""

    def after_update(self, history: History, found: Objective) -> None:
        """Hear of an update, and of the objective that it was made by."""

    def after_epoch(self, history: History) -> None:
        """Hear that an epoch is finished; to end the training, set `History.stopped` to another word."""

    def after_training(self, history: History) -> None:
        """Hear that the training is over."""


class Trainer(Generic[Batch]):
    """Trains parameters of a network by mini-batches.

    Parameters
    ----------
    network : Autoencoder
        What is trained, in place.
    measure : callable
        What is made small: the objective on a mini-batch.
    training : TrainingConfig
        The optimiser and its options.
    callbacks : sequence of Callback
        Called in their order.
    parameters : iterable of Tensor, or None
        What is changed; None for all parameters of the network.
    tuning : bool
        Whether the network is worth something already: then the noise is that of the end of a training from the
        first update on, and an interrupt before the end of the first epoch ends the training and no more.
    """

    def __init__(
        self,
        network: Autoencoder,
        measure: Measure[Batch],
        training: TrainingConfig,
        callbacks: Sequence[Callback] = (),
        *,
        parameters: Iterable[Tensor] | None = None,
        tuning: bool = False,
    ) -> None:
        self.network = network
        self.measure = measure
        self.training = training
        self.callbacks = callbacks
        self.parameters = list(network.parameters() if parameters is None else parameters)
        self.tuning = tuning

    def fit(self, batches: MiniBatches[Batch], epochs: int) -> History:
        """Go over the batches so many times at most; the network is left in evaluation mode.

        Raises
        ------
        TrainingError
            The objective is no longer a finite number.
        KeyboardInterrupt
            It came before there was anything worth keeping; a later one ends the training and no more.
        """
        history = History(epochs, len(batches))
        update, finished = self._updates(history), 0
        try:
            while finished < epochs and history.stopped == "finished":
                history.losses.append(self._epoch(batches, update, history))
                history.best_epoch = len(history.losses)
                for callback in self.callbacks:
                    callback.after_epoch(history)
                finished += 1
        except KeyboardInterrupt:
            if not finished and not self.tuning:
                raise
            history.stopped = "interrupted"
        self.network.eval()
        for callback in self.callbacks:
            callback.after_training(history)
        return history

    def _epoch(
        self, batches: MiniBatches[Batch], update: Callable[[Batch], Objective], history: History
    ) -> float:
        """Go over the batches once; return the mean of the objective over all documents."""
        self.network.train()
        total, documents = 0.0, 0
        for batch in batches:
            self.network.share = 1.0 if self.tuning else history.updates / history.planned
            found = update(batch)
            total += found.loss.item() * len(found.activations)
            documents += len(found.activations)
            history.updates += 1
            for callback in self.callbacks:
                callback.after_update(history, found)
        check_finite(total / documents, history)
        return total / documents

    def _updates(self, history: History) -> Callable[[Batch], Objective]:
        """Return what learns from one mini-batch, and returns the objective on it."""
        method = self.training.optimiser
        if method == "adam":
            adam = Adam(self.parameters, one_cycle(self.training.learning_rate, history.planned))

            def step(batch: Batch) -> Objective:
                found = self.measure(self.network, batch)
                adam.descend(found.loss)
                return found

            return step

        def search(batch: Batch) -> Objective:
            minimise(
                lambda: self.measure(self.network, batch).loss,
                self.parameters,
                method,
                self.training.iterations,
            )
            with torch.no_grad():
                return self.measure(self.network, batch)

        return search


class EarlyStopping(Callback):
    """Watches the loss on documents held out, keeps the best weights, and stops when it falls no more.

    Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 7.8 and algorithm 7.1: train while the
    validation loss falls, give up after some epochs without a new lowest, and keep the weights that had it.

    Parameters
    ----------
    network : Autoencoder
        Whose weights are kept, and put back when the training is over.
    held_out_loss : callable
        Returns the loss on the documents held out, or None where there are none: then nothing is kept but the last
        finished epoch's.
    patience : int
        Epochs in a row without a lower loss after which to stop; 0 for never.
    watched : bool
        Whether the loss says which weights are the best; else the last ones are.
    """

    def __init__(
        self,
        network: Autoencoder,
        held_out_loss: Callable[[], float | None],
        patience: int = 0,
        *,
        watched: bool = True,
    ) -> None:
        self.network = network
        self.held_out_loss = held_out_loss
        self.patience = patience
        self.watched = watched
        self.best_epoch = 0
        self.lowest: float | None = None
        self.kept = self._weights()

    def after_epoch(self, history: History) -> None:
        """Keep the weights if they are the best so far; stop when patience has run out."""
        loss, epoch = self.held_out_loss(), len(history.losses)
        if loss is not None:
            check_finite(loss, history)
            history.held_out_losses.append(loss)
        if loss is None or not self.watched or self.lowest is None or loss < self.lowest:
            self.kept, self.lowest, self.best_epoch = self._weights(), loss, epoch
        history.best_epoch = self.best_epoch
        if 0 < self.patience <= epoch - self.best_epoch and epoch < history.epochs:
            history.stopped = "early"

    def after_training(self, history: History) -> None:
        """Put the best weights back."""
        self.network.load_state_dict(self.kept)
        history.best_epoch = self.best_epoch

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}


class ProgressReport(Callback):
    """Tells progress of every update: the epoch, the losses, and how often the bits are 1.

    Parameters
    ----------
    report : callable
        Hears of it.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.ones = ""
        self.shares: list[Tensor] = []

    def after_update(self, history: History, found: Objective) -> None:
        """Tell of an update."""
        self.shares.append((found.activations.detach() > 0).float().mean(dim=0))
        epoch = (history.updates - 1) // history.batches + 1
        if history.epoch > epoch:
            shares = torch.stack(self.shares).mean(dim=0)
            self.ones = f", ones {100 * shares.min():.0f}-{100 * shares.max():.0f}%"
            self.shares.clear()
        watched = f", held out {history.held_out_losses[-1]:.3f}" if history.held_out_losses else ""
        loss = f"loss {found.reconstruction.item():.3f}"
        self._tell(history.updates, history, f"epoch {epoch}/{history.epochs}, {loss}{watched}{self.ones}")

    def after_training(self, history: History) -> None:
        """Tell of an end before the end."""
        if history.stopped == "finished":
            return
        early = history.stopped == "early"
        when = f"stopped early after epoch {len(history.losses)}" if early else "interrupted"
        kept = f"epoch {history.best_epoch}" if history.best_epoch else "what was learned before"
        self._tell(history.planned, history, f"{when}, keeping {kept}")

    def _tell(self, done: int, history: History, detail: str) -> None:
        self.report(done, history.planned, detail)


def check_finite(loss: float, history: History) -> None:
    """Refuse to go on from an epoch that left no numbers."""
    if not math.isfinite(loss):
        epoch = (history.updates - 1) // history.batches + 1
        raise TrainingError(
            f"training: expected a finite loss, found {loss} in epoch {epoch} of {history.epochs}; nothing was "
            "written; try a smaller learning rate or less noise"
        )
