"""Recirculation: an autoencoder that learns without backpropagation, by what each unit sees of its neighbours.

Hinton and McClelland, *Learning representations by recirculation*, NIPS (1988). Activity goes round a loop
twice. Time 0: the data at the visible units. Time 1: the hidden units they cause. Time 2: the visible units,
part data and part reconstruction. Time 3: the hidden units which those cause. Each weight then changes by the
activity before it times the change of the activity behind it.

Each unit's error is thus a difference in time of its own activity. With weights that are the same both ways,
and lambda close to 1, that is gradient descent on the reconstruction error; weight decay makes them the same.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.contrastive_divergence import momentum_step
from semhash.autoencoder.pretraining.rbm import (
    Visible,
    finite,
    initial_visible_bias,
    rate_for,
    words_a_document,
)
from semhash.errors import ConfigError

__all__ = [
    "Deltas",
    "Loop",
    "Passes",
    "Recirculation",
    "RecirculationTrainer",
    "deltas",
    "initial_loop",
    "passes",
]


@dataclass(frozen=True)
class Loop:
    """A closed loop of one visible and one hidden group.

    Attributes
    ----------
    weight : Tensor of shape (n_hidden, n_visible)
        From the visible to the hidden units.
    bias : Tensor of shape (n_hidden,)
        Of the hidden units.
    decoder_weight : Tensor of shape (n_visible, n_hidden)
        From the hidden back to the visible units.
    visible_bias : Tensor of shape (n_visible,)
        Of the visible units.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the visible units; the hidden ones are logistic.
    """

    weight: Tensor
    bias: Tensor
    decoder_weight: Tensor
    visible_bias: Tensor
    visible: Visible = "bernoulli"

    def hidden(self, v: Tensor) -> Tensor:
        """Give the hidden activities that visible ones cause, shape (n_documents, n_hidden)."""
        return torch.sigmoid(v @ self.weight.T + self.bias)

    def visible_inputs(self, h: Tensor) -> Tensor:
        """Give the visible units' total inputs, shape (n_documents, n_visible)."""
        return h @ self.decoder_weight.T + self.visible_bias


class Passes(NamedTuple):
    """Activities at times 1, 2 and 3; time 0 is the data."""

    hidden_1: Tensor
    visible_2: Tensor
    hidden_3: Tensor


class Deltas(NamedTuple):
    """Mean changes of a loop's parameters, in its order, at a learning rate of 1."""

    weight: Tensor
    bias: Tensor
    decoder_weight: Tensor
    visible_bias: Tensor


def passes(loop: Loop, data: Tensor, regression: float) -> Passes:
    """Send the data round the loop twice: ``x(2) = lambda x(0) + (1 - lambda) x_reconstructed``.

    Parameters
    ----------
    loop : Loop
        The weights.
    data : Tensor of shape (n_documents, n_visible)
        Visible activities at time 0.
    regression : float
        Lambda, how much of the data stays at time 2. Regressing the hidden units as well would only scale what
        the encoder learns by ``1 - lambda``, so they are not.
    """
    hidden_1 = loop.hidden(data)
    reconstructed = LIKELIHOODS[loop.visible].mean(loop.visible_inputs(hidden_1), data.sum(dim=1))
    visible_2 = regression * data + (1 - regression) * reconstructed
    return Passes(hidden_1, visible_2, loop.hidden(visible_2))


def deltas(loop: Loop, data: Tensor, regression: float) -> Deltas:
    """Give what each weight learns: ``h_j(1) [x_i(0) - x_i(2)]`` and ``x_i(2) [h_j(1) - h_j(3)]``.

    Hinton and McClelland (1988): the first is the decoder's, the second the encoder's.

    Parameters
    ----------
    loop, data, regression
        As in `passes`.

    Returns
    -------
    Deltas
        Means over the documents.
    """
    hidden_1, visible_2, hidden_3 = passes(loop, data, regression)
    fallen, gone = hidden_1 - hidden_3, data - visible_2
    return Deltas(
        fallen.T @ visible_2 / len(data), fallen.mean(dim=0), gone.T @ hidden_1 / len(data), gone.mean(dim=0)
    )


def initial_loop(mean: Tensor, n_hidden: int, visible: Visible, generator: torch.Generator) -> Loop:
    """Make an untrained loop: Gaussian weights of standard deviation 0.1, each way its own.

    Parameters
    ----------
    mean : Tensor of shape (n_visible,)
        Mean of each visible unit over the training documents; its bias explains it.
    n_hidden : int
        Number of hidden units.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the visible units.
    generator : torch.Generator
        Source of the weights.
    """
    weight = mean.new_empty(n_hidden, len(mean)).normal_(0.0, 0.1, generator=generator)
    decoder_weight = mean.new_empty(len(mean), n_hidden).normal_(0.0, 0.1, generator=generator)
    return Loop(
        weight, mean.new_zeros(n_hidden), decoder_weight, initial_visible_bias(visible, mean), visible
    )


@dataclass(frozen=True)
class Recirculation:
    """How loops are trained.

    Attributes
    ----------
    regression : float
        Lambda, 0 to below 1; the paper takes 0.75.
    rate : float
        Learning rate of layers of bits and probabilities. All changes are in proportion to
        ``1 - regression``, so a rate goes with its regression.
    real_rate : float
        Learning rate of layers of real numbers, which are not bounded.
    count_rate : float
        Learning rate of layers that count words, in nats a word.
    momentum : float
        Share of the last change that is made again.
    weight_cost : float
        Strength of the pull of all weights towards 0, which makes them the same both ways.
    """

    regression: float = 0.75
    rate: float = 0.1
    real_rate: float = 0.001
    count_rate: float = 1.0
    momentum: float = 0.9
    weight_cost: float = 0.0002

    def __post_init__(self) -> None:
        if not 0 <= self.regression < 1:
            raise ConfigError(f"regression of recirculation: expected 0 to below 1, found {self.regression}")


class RecirculationTrainer:
    """A loop in training.

    Parameters
    ----------
    loop : Loop
        Where to start; it is left as it is.
    options : Recirculation
        How to train.
    """

    def __init__(self, loop: Loop, options: Recirculation) -> None:
        self.loop = replace(
            loop,
            weight=loop.weight.clone(),
            bias=loop.bias.clone(),
            decoder_weight=loop.decoder_weight.clone(),
            visible_bias=loop.visible_bias.clone(),
        )
        self._options = options
        self._velocities = [torch.zeros_like(value) for value in self._values]

    @property
    def _values(self) -> list[Tensor]:
        loop = self.loop
        return [loop.weight, loop.bias, loop.decoder_weight, loop.visible_bias]

    def update(self, batch: Tensor, epoch: int) -> float:
        """Learn from a mini-batch of shape (n_documents, n_visible); give its reconstruction error before.

        The error is ``-log p(v | h)`` in nats a document.

        Raises
        ------
        TrainingError
            The error is no longer a finite number.
        """
        del epoch
        loop, options = self.loop, self._options
        inputs = loop.visible_inputs(loop.hidden(batch))
        error = finite(LIKELIHOODS[loop.visible].loss(inputs, batch).mean())
        words = words_a_document(loop.visible, batch)
        momentum_step(
            self._values,
            self._velocities,
            (delta / words for delta in deltas(loop, batch, options.regression)),
            rate=rate_for(
                loop.visible, rate=options.rate, real_rate=options.real_rate, count_rate=options.count_rate
            ),
            momentum=options.momentum,
            weight_cost=options.weight_cost,
        )
        return error
