"""Contrastive divergence: what trains restricted Boltzmann machines.

Hinton, *Training products of experts by minimizing contrastive divergence*, Neural Computation 14 (2002). As
in `semhash.autoencoder.pretraining.rbm`, "the guide" is Hinton, *A practical guide to training restricted Boltzmann
machines*, UTML TR 2010-003, and *Semantic hashing* is Salakhutdinov and Hinton (2009).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.rbm import (
    Rbm,
    Visible,
    finite,
    rate_for,
    words_a_document,
)
from semhash.errors import ConfigError

__all__ = ["ContrastiveDivergence", "Gradient", "RbmTrainer", "cd_gradient", "gibbs", "momentum_step"]


class Gradient(NamedTuple):
    """Which way to move a machine's parameters, each of the parameter's shape; nats a document."""

    weight: Tensor
    hidden_bias: Tensor
    visible_bias: Tensor


def gibbs(rbm: Rbm, data: Tensor, steps: int, generator: torch.Generator, *, sampled_visible: bool) -> Tensor:
    """Give the visible units after some steps of alternating Gibbs sampling from the data.

    The hidden states are always samples, so that a hidden unit cannot tell more than one bit (the guide,
    section 3.1). The visible ones are their expected values (section 3.2), or samples too: only then are they
    draws from the machine's distribution, ever closer to it as the steps grow.

    Parameters
    ----------
    rbm : Rbm
        The machine.
    data : Tensor of shape (n_documents, n_visible)
        Where the chains start; each keeps its document's length.
    steps : int
        Full steps, hidden then visible.
    generator : torch.Generator
        Source of the draws.
    sampled_visible : bool
        Whether the visible units are samples or expected values.

    Returns
    -------
    Tensor of shape (n_documents, n_visible)
    """
    lengths = data.sum(dim=1)
    v = data
    for _ in range(steps):
        h = torch.bernoulli(rbm.hidden_probabilities(v), generator=generator)
        if sampled_visible:
            v = rbm.sample_visible(h, lengths, generator)
        else:
            v = LIKELIHOODS[rbm.visible].mean(rbm.visible_inputs(h), lengths)
    return v


def cd_gradient(
    rbm: Rbm, data: Tensor, steps: int, generator: torch.Generator, *, sampled_visible: bool
) -> Gradient:
    """Estimate the gradient of the mean log-likelihood: ``E_data[h v] - E_recon[h v]``.

    Hinton (2002), and Semantic hashing (2009), equation 6; with ever more steps it becomes equation 5, the
    gradient itself. On both sides h is the hidden *probabilities*, which have the samples' mean and less
    noise (the guide, sections 3.1 to 3.3).

    Parameters
    ----------
    rbm, data, steps, generator, sampled_visible
        As in `gibbs`, which makes the reconstructions.

    Returns
    -------
    Gradient
        Means over the documents.
    """
    recon = gibbs(rbm, data, steps, generator, sampled_visible=sampled_visible)
    positive, negative = rbm.hidden_probabilities(data), rbm.hidden_probabilities(recon)
    return Gradient(
        (positive.T @ data - negative.T @ recon) / len(data),
        (rbm.bias_scale(data) * positive - rbm.bias_scale(recon) * negative).mean(dim=0),
        (data - recon).mean(dim=0),
    )


def momentum_step(
    values: Iterable[Tensor],
    velocities: Iterable[Tensor],
    gradient: Iterable[Tensor],
    *,
    rate: float,
    momentum: float,
    weight_cost: float,
) -> None:
    """Go uphill in place: ``u <- m u + rate (g - cost w)``, ``w <- w + u`` (the guide, sections 9 and 10).

    Parameters
    ----------
    values, velocities, gradient : iterable of Tensor
        Parameters w, velocities u and gradients g, in one order and of the same shapes.
    rate, momentum, weight_cost : float
        The weight cost holds for matrices alone: biases are never decayed.
    """
    for value, velocity, slope in zip(values, velocities, gradient, strict=True):
        velocity.mul_(momentum).add_(slope, alpha=rate)
        if value.ndim == 2:
            velocity.sub_(value, alpha=rate * weight_cost)
        value.add_(velocity)


@dataclass(frozen=True)
class ContrastiveDivergence:
    """How machines are trained; one step, rate, weight cost and momentum as in Semantic hashing (2009).

    Attributes
    ----------
    steps : int
        k of CD-k.
    rate : float
        Learning rate of layers of bits and probabilities.
    real_rate : float
        Learning rate of layers of real numbers, which are not bounded: the guide, section 13.2, asks for one ten
        or a hundred times less.
    count_rate : float
        Learning rate of layers that count words, in nats a word, as if the counts were shares of the document.
        Such a layer has far smaller slopes, the words being many and each rare.
    weight_cost : float
        Strength of the pull of all weights towards 0.
    initial_momentum, final_momentum : float
        Momentum in the first epochs and afterwards.
    initial_epochs : int
        How many epochs have the initial momentum.
    sampled_visible : bool
        Whether reconstructions are samples, or expected values as in the authors' own programs. Samples beside
        data that are themselves probabilities would teach upper layers that the data are noisy.
    """

    steps: int = 1
    rate: float = 0.1
    real_rate: float = 0.001
    count_rate: float = 1.0
    weight_cost: float = 0.0002
    initial_momentum: float = 0.5
    final_momentum: float = 0.9
    initial_epochs: int = 5
    sampled_visible: bool = False

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ConfigError(f"steps of contrastive divergence: expected 1 or above, found {self.steps}")

    def momentum(self, epoch: int) -> float:
        """Give the momentum of an epoch, the first of which is 0."""
        return self.initial_momentum if epoch < self.initial_epochs else self.final_momentum


def _of_rate_one(gradient: Gradient, visible: Visible, words: float) -> Gradient:
    """Scale a gradient so that one learning rate does for all kinds of visible units and all lengths.

    A counting layer's becomes one of nats a word: the papers divide the counts by the length. The hidden bias
    of a replicated softmax acts once a word, so a step of it weighs N times what it does elsewhere, and its
    slope is N times as steep: it is divided by N squared, which makes it learn as if it were not scaled.
    """
    weight, hidden_bias, visible_bias = (slope / words for slope in gradient)
    return Gradient(weight, hidden_bias / (words**2 if visible == "multinomial" else 1.0), visible_bias)


class RbmTrainer:
    """A machine in training.

    Parameters
    ----------
    rbm : Rbm
        Where to start; it is left as it is.
    options : ContrastiveDivergence
        How to train.
    generator : torch.Generator
        Source of all draws.
    """

    def __init__(self, rbm: Rbm, options: ContrastiveDivergence, generator: torch.Generator) -> None:
        self.rbm = Rbm(rbm.weight.clone(), rbm.hidden_bias.clone(), rbm.visible_bias.clone(), rbm.visible)
        self._options = options
        self._generator = generator
        self._velocities = [torch.zeros_like(value) for value in self._values]

    @property
    def _values(self) -> list[Tensor]:
        return [self.rbm.weight, self.rbm.hidden_bias, self.rbm.visible_bias]

    def update(self, batch: Tensor, epoch: int) -> float:
        """Learn from a mini-batch of shape (n_documents, n_visible); give its reconstruction error before.

        The error is ``-log p(v | h)`` in nats a document, with the hidden probabilities as h.

        Raises
        ------
        TrainingError
            The error is no longer a finite number.
        """
        rbm, options = self.rbm, self._options
        hidden = rbm.hidden_probabilities(batch)
        error = finite(LIKELIHOODS[rbm.visible].loss(rbm.visible_inputs(hidden), batch).mean())
        gradient = cd_gradient(
            rbm, batch, options.steps, self._generator, sampled_visible=options.sampled_visible
        )
        momentum_step(
            self._values,
            self._velocities,
            _of_rate_one(gradient, rbm.visible, words_a_document(rbm.visible, batch)),
            rate=rate_for(
                rbm.visible, rate=options.rate, real_rate=options.real_rate, count_rate=options.count_rate
            ),
            momentum=options.momentum(epoch),
            weight_cost=options.weight_cost,
        )
        return error
