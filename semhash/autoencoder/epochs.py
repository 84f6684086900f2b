"""Passes over the training documents: update, watch the documents held out, stop when it is time, say how far."""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.descent import Descent, Measure, make_descent
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.validation import Best, held_out_loss
from semhash.config import TrainingConfig
from semhash.errors import TrainingError
from semhash.progress import Progress, Stage

__all__ = ["Course", "Plan", "Stopped", "follow"]

Stopped = Literal["finished", "early", "interrupted"]
"""Why training ended: it was done; it had stopped to help; or the user had seen enough."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    stage : {"train", "fine-tune"}
        What it is called in progress.
    epochs : int
        Passes over the training documents, at most.
    patience : int
        Epochs in a row without a lower loss on the documents held out after which to stop; 0 for never.
    watched : bool
        Whether the loss on the documents held out says which weights are the best; else the last ones are.
    fresh : bool
        Whether the network is worth nothing yet: noise grows with the training, and an interrupt before the end
        of the first epoch is passed on.
    """

    stage: Stage
    epochs: int
    patience: int = 0
    watched: bool = True
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Course:
    """What was done.

    Attributes
    ----------
    losses : list of float
        Mean of the objective in each finished epoch.
    held_out_losses : list of float
        Mean reconstruction loss on the documents held out after each, without noise; empty where there are none.
    best_epoch : int
        Whose weights were kept, the first of which is 1.
    stopped : {"finished", "early", "interrupted"}
        Why it ended.
    """

    losses: list[float]
    held_out_losses: list[float]
    best_epoch: int
    stopped: Stopped


def follow(
    plan: Plan,
    network: Autoencoder,
    batches: Batches,
    *,
    measure: Measure,
    training: TrainingConfig,
    progress: Progress,
) -> Course:
    """Train a network in place, as planned; it is left in evaluation mode, with the best weights.

    Raises
    ------
    TrainingError
        The objective is no longer a finite number.
    KeyboardInterrupt
        It came before there was anything worth keeping; a later one ends the training and no more.
    """
    descent = make_descent(network, measure, training, plan.epochs * len(batches))
    best, told = Best(network, plan.patience), _Told(plan, len(batches), progress)
    losses: list[float] = []
    held_out: list[float] = []
    stopped: Stopped = "finished"
    if not plan.fresh:
        best.hear(0, None)
    try:
        for epoch in range(1, plan.epochs + 1):
            loss = _epoch(network, batches, descent, told)
            told.held_out = held_out_loss(network, batches)
            _check(loss, told.held_out, epoch, plan)
            best.hear(epoch, told.held_out if plan.watched else None)
            losses.append(loss)
            held_out += [] if told.held_out is None else [told.held_out]
            if best.out_of_patience(epoch) and epoch < plan.epochs:
                stopped = "early"
                break
    except KeyboardInterrupt:
        if best.epoch is None:
            raise
        stopped = "interrupted"
    best.restore()
    network.eval()
    told.end(stopped, best.epoch or 0)
    return Course(losses, held_out, best.epoch or 0, stopped)


@dataclass
class _Told:
    """What progress has been told."""

    plan: Plan
    batches: int
    progress: Progress
    updates: int = 0
    held_out: float | None = None
    ones: str = ""
    _counts: list[Tensor] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How much of all that is planned is done, 0 to 1."""
        return self.updates / (self.plan.epochs * self.batches)

    @property
    def epoch(self) -> int:
        """The epoch that the next update is in, the first of which is 1."""
        return self.updates // self.batches + 1

    def update(self, loss: float, activations: Tensor) -> None:
        """Hear of an update, and tell of it."""
        epoch, epochs = self.epoch, self.plan.epochs
        self.updates += 1
        self._counts.append((activations.detach() > 0).float().mean(dim=0))
        if self.epoch > epoch:
            shares = torch.stack(self._counts).mean(dim=0)
            self.ones = f", ones {100 * shares.min():.0f}-{100 * shares.max():.0f}%"
            self._counts.clear()
        watched = "" if self.held_out is None else f", held out {self.held_out:.3f}"
        self._tell(f"epoch {epoch}/{epochs}, loss {loss:.3f}{watched}{self.ones}")

    def end(self, stopped: Stopped, best: int) -> None:
        """Tell of an end before the end."""
        if stopped == "finished":
            return
        when = f"stopped early after epoch {self.epoch - 1}" if stopped == "early" else "interrupted"
        self.updates = self.plan.epochs * self.batches
        self._tell(f"{when}, keeping {f'epoch {best}' if best else 'what was learned before'}")

    def _tell(self, detail: str) -> None:
        self.progress(self.plan.stage, self.updates, self.plan.epochs * self.batches, detail)


def _epoch(network: Autoencoder, batches: Batches, descent: Descent, told: _Told) -> float:
    """Go over the training documents once; give the mean objective."""
    network.train()
    total = 0.0
    for batch in batches:
        network.share = told.share if told.plan.fresh else 1.0
        found = descent.update(batch)
        total += found.loss.item() * len(batch.documents)
        told.update(found.reconstruction.item(), found.activations)
    return total / len(batches.documents)


def _check(loss: float, held_out: float | None, epoch: int, plan: Plan) -> None:
    """Refuse to go on from an epoch that left no numbers."""
    for found in (loss, held_out):
        if found is not None and not math.isfinite(found):
            raise TrainingError(
                f"training: expected a finite loss, found {found} in epoch {epoch} of {plan.epochs}; nothing was "
                "written; try a smaller learning rate or less noise"
            )
