"""How one mini-batch changes the network: a step of Adam, or some line searches."""

from collections.abc import Callable
from typing import Protocol

import torch

from semhash.autoencoder.batches import Batch
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import Objective
from semhash.autoencoder.optimisers import Exact, make_adam, minimise
from semhash.config import TrainingConfig

__all__ = ["Descent", "Measure", "make_descent"]

Measure = Callable[[Autoencoder, Batch], Objective]
"""Gives the objective of a network on one batch."""


class Descent(Protocol):
    """Changes a network, one mini-batch at a time."""

    def update(self, batch: Batch) -> Objective:
        """Learn from a mini-batch; give the objective on it, before a step of Adam, after line searches."""


def make_descent(network: Autoencoder, measure: Measure, training: TrainingConfig, updates: int) -> Descent:
    """Make what the configuration asks for.

    Parameters
    ----------
    network : Autoencoder
        What to train.
    measure : callable
        What to make small.
    training : TrainingConfig
        The optimiser and its options.
    updates : int
        Mini-batches to come, over which Adam's schedule is laid.
    """
    if training.optimiser == "adam":
        return _Adam(network, measure, training.learning_rate, updates)
    return _LineSearches(network, measure, training.optimiser, training.iterations)


class _Adam:
    def __init__(self, network: Autoencoder, measure: Measure, rate: float, updates: int) -> None:
        self._network, self._measure = network, measure
        self._optimiser, self._schedule = make_adam(network.parameters(), rate, updates)

    def update(self, batch: Batch) -> Objective:
        found = self._measure(self._network, batch)
        self._optimiser.zero_grad()
        found.loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()
        return found


class _LineSearches:
    def __init__(self, network: Autoencoder, measure: Measure, method: Exact, iterations: int) -> None:
        self._network, self._measure = network, measure
        self._parameters = list(network.parameters())
        self._method, self._iterations = method, iterations

    def update(self, batch: Batch) -> Objective:
        minimise(
            lambda: self._measure(self._network, batch).loss, self._parameters, self._method, self._iterations
        )
        with torch.no_grad():
            return self._measure(self._network, batch)
