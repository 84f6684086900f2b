"""Restricted Boltzmann machines over word counts, bits and real numbers.

Visible units that are all linked to hidden units, no two of one kind linked. The hidden units are 0 or 1;
the visible ones are of four kinds, all of which share the energy ``-a.v - b.h - h.W.v`` but for a term:

- ``bernoulli``: 0 or 1 each (or a probability). Hinton, *Training products of experts by minimizing
  contrastive divergence*, Neural Computation 14 (2002).
- ``gaussian``: real numbers of unit variance. Hinton and Salakhutdinov, *Reducing the dimensionality of data
  with neural networks*, Science 313 (2006).
- ``multinomial``: the counts of N words that share one softmax, the hidden biases scaled by N.
  Salakhutdinov and Hinton, *Replicated softmax: an undirected topic model*, NIPS 22 (2009).
- ``poisson``: counts whose rates add up to the document's length N ("constrained Poisson"). Salakhutdinov and
  Hinton, *Semantic hashing*, International Journal of Approximate Reasoning 50 (2009), section 2.

"The guide" is Hinton, *A practical guide to training restricted Boltzmann machines*, UTML TR 2010-003. What
trains a machine is in `semhash.autoencoder.pretraining.contrastive_divergence`.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.errors import TrainingError

__all__ = [
    "Rbm",
    "Visible",
    "counts_words",
    "finite",
    "initial_rbm",
    "initial_visible_bias",
    "rate_for",
    "words_a_document",
]

Visible = Literal["bernoulli", "gaussian", "multinomial", "poisson"]


def counts_words(visible: Visible) -> bool:
    """Tell whether units of that kind share out the words of a document among them."""
    return visible in ("multinomial", "poisson")


def finite(error: Tensor) -> float:
    """Give a reconstruction error as a number.

    Raises
    ------
    TrainingError
        It is infinite or no number.
    """
    if not error.isfinite():
        raise TrainingError(
            f"pretraining: expected a finite reconstruction error, found {error.item()}; nothing was written; "
            "try a smaller learning rate"
        )
    return error.item()


def rate_for(visible: Visible, *, rate: float, real_rate: float, count_rate: float) -> float:
    """Choose a learning rate: of real numbers, of counted words, or of bits and probabilities."""
    if visible == "gaussian":
        return real_rate
    return count_rate if counts_words(visible) else rate


def words_a_document(visible: Visible, data: Tensor) -> float:
    """Give the mean length of a batch's documents for the counting kinds, and 1 for the others.

    A learning rate divided by it goes with nats a word, so that one rate does for short and long documents.
    """
    return (data.sum().item() / len(data) or 1.0) if counts_words(visible) else 1.0


def initial_visible_bias(visible: Visible, mean: Tensor) -> Tensor:
    """Give the visible biases that alone explain the units' means (the guide, section 8.1).

    Parameters
    ----------
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the units.
    mean : Tensor of shape (n_visible,)
        Mean of each unit over the training documents; 0 counts as a millionth.

    Returns
    -------
    Tensor of shape (n_visible,)
    """
    if counts_words(visible):
        return (mean / mean.sum().clamp_min(1e-6)).clamp_min(1e-6).log()
    return torch.logit(mean, eps=1e-6) if visible == "bernoulli" else mean.clone()


@dataclass(frozen=True)
class Rbm:
    """A restricted Boltzmann machine.

    Attributes
    ----------
    weight : Tensor of shape (n_hidden, n_visible)
        W, one weight a link.
    hidden_bias : Tensor of shape (n_hidden,)
        b; of one word when the visible units are multinomial.
    visible_bias : Tensor of shape (n_visible,)
        a (the papers on word counts write lambda).
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the visible units.
    """

    weight: Tensor
    hidden_bias: Tensor
    visible_bias: Tensor
    visible: Visible = "bernoulli"

    def bias_scale(self, v: Tensor) -> Tensor:
        """Give what multiplies the hidden biases, shape (n, 1): N in a replicated softmax, else 1."""
        return v.sum(dim=1, keepdim=True) if self.visible == "multinomial" else v.new_ones(len(v), 1)

    def hidden_probabilities(self, v: Tensor) -> Tensor:
        """Give ``p(h_j = 1 | v) = sigmoid(b_j + sum_i W_ji v_i)``, with ``N b_j`` in a replicated softmax.

        Semantic hashing (2009), equation 2; Replicated softmax (2009), section 2.
        """
        return torch.sigmoid(self._hidden_inputs(v))  # (n, n_visible) -> (n, n_hidden)

    def _hidden_inputs(self, v: Tensor) -> Tensor:
        return v @ self.weight.T + self.bias_scale(v) * self.hidden_bias

    def visible_inputs(self, h: Tensor) -> Tensor:
        """Give the visible units' total inputs ``a_i + sum_j h_j W_ji``."""
        return h @ self.weight + self.visible_bias  # (n, n_hidden) -> (n, n_visible)

    def sample_visible(self, h: Tensor, lengths: Tensor, generator: torch.Generator) -> Tensor:
        """Draw the visible units from ``p(v | h)``.

        Parameters
        ----------
        h : Tensor of shape (n_documents, n_hidden)
            States of the hidden units.
        lengths : Tensor of shape (n_documents,)
            Words of each document, which the counting kinds keep to. A replicated softmax draws as many,
            rounded and at least one, and scales its counts to add up to the length.
        generator : torch.Generator
            Source of the draws.

        Returns
        -------
        Tensor of shape (n_documents, n_visible)
        """
        inputs = self.visible_inputs(h)
        if self.visible == "multinomial":
            return _words(torch.softmax(inputs, dim=1), lengths, generator)
        means = LIKELIHOODS[self.visible].mean(inputs, lengths)
        if self.visible == "poisson":
            return torch.poisson(means, generator=generator)
        if self.visible == "bernoulli":
            return torch.bernoulli(means, generator=generator)
        return means + torch.randn(means.shape, generator=generator, dtype=means.dtype, device=means.device)

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """Give the energy of joint states, shape (n,): ``p(v, h)`` is in proportion to ``exp(-energy)``.

        Semantic hashing (2009), equation 4, whose constraint on the rates is not in the energy; Replicated
        softmax (2009), section 2, whose energy is that of one *sequence* of words with the counts v.
        """
        hidden = (self.bias_scale(v) * h) @ self.hidden_bias + ((h @ self.weight) * v).sum(dim=1)
        return self._visible_energy(v) - hidden

    def free_energy(self, v: Tensor) -> Tensor:
        """Give ``-log sum_h exp(-energy(v, h))``, shape (n,), in closed form (the guide, section 16.1).

        The gap between held-out and training documents widens when the machine overfits (section 6).
        """
        return self._visible_energy(v) - functional.softplus(self._hidden_inputs(v)).sum(dim=1)

    def _visible_energy(self, v: Tensor) -> Tensor:
        if self.visible == "gaussian":
            return (v - self.visible_bias).square().sum(dim=1) / 2
        factorials = torch.lgamma(v + 1).sum(dim=1) if self.visible == "poisson" else 0.0
        return factorials - v @ self.visible_bias


def _words(probabilities: Tensor, lengths: Tensor, generator: torch.Generator) -> Tensor:
    draws = lengths.round().clamp_min(1).long()[:, None]
    most = int(draws.max())
    drawn = torch.multinomial(probabilities, most, replacement=True, generator=generator)
    wanted = torch.arange(most, device=draws.device) < draws
    counts = torch.zeros_like(probabilities).scatter_add_(1, drawn, wanted.to(probabilities.dtype))
    return counts * (lengths[:, None] / draws)


def initial_rbm(
    mean: Tensor, n_hidden: int, visible: Visible, generator: torch.Generator, deviation: float = 0.01
) -> Rbm:
    """Make an untrained machine that knows how frequent each visible unit is, and no more.

    The guide, section 8: weights from a Gaussian of standard deviation 0.01, hidden biases of 0.

    Parameters
    ----------
    mean : Tensor of shape (n_visible,)
        Mean of each visible unit over the training documents.
    n_hidden : int
        Number of hidden units.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the visible units.
    generator : torch.Generator
        Source of the weights.
    deviation : float
        Standard deviation of the weights.
    """
    weight = mean.new_empty(n_hidden, len(mean)).normal_(0.0, deviation, generator=generator)
    return Rbm(weight, mean.new_zeros(n_hidden), initial_visible_bias(visible, mean), visible)
