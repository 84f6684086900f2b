"""What the decoder's outputs mean: the distributions p(x | h) of a document given its code.

Each likelihood reads the decoder's *pre-activations* a, one a word, as the parameters of a distribution,
and gives the negative log-likelihood of the targets x under it, in nats a document. All four are
exponential families with their natural parameters as pre-activations, so that for all four the gradient is
prediction minus target, without a factor (Larochelle's lecture on autoencoders: the loss function)::

    d loss / d a = mean(a, target_total) - x

Shapes: pre-activations and targets are (n_documents, n_words), losses and totals (n_documents,). The caller
averages over the documents.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "LIKELIHOODS",
    "Likelihood",
    "bernoulli_loss",
    "bernoulli_mean",
    "gaussian_loss",
    "gaussian_mean",
    "multinomial_loss",
    "poisson_loss",
    "word_counts_mean",
]


@dataclass(frozen=True)
class Likelihood:
    """A distribution of the targets given the decoder's pre-activations.

    Attributes
    ----------
    name : str
        The name that the configuration knows it by.
    loss : callable
        ``loss(pre_activation, target)`` gives -log p(target) of shape (n_documents,), up to a term that no
        parameter of the model moves.
    mean : callable
        ``mean(pre_activation, target_total)`` gives the expected target, of the shape of the
        pre-activations. ``target_total`` of shape (n_documents,) is each document's length, ``target.sum(dim=1)``;
        the Bernoulli and the Gaussian ignore it.
    """

    name: str
    loss: Callable[[Tensor, Tensor], Tensor]
    mean: Callable[[Tensor, Tensor], Tensor]


def bernoulli_loss(pre_activation: Tensor, target: Tensor) -> Tensor:
    """Give ``-sum_i x_i ln p_i + (1 - x_i) ln(1 - p_i)`` with p = sigmoid(a): binary cross-entropy.

    Larochelle's lecture on autoencoders, loss for binary inputs. Computed from the logits, so that no
    logarithm of 0 is ever taken. It is the whole -log p when the targets are 0 or 1.

    Parameters
    ----------
    pre_activation : Tensor of shape (n_documents, n_words)
        Log-odds of each word.
    target : Tensor of shape (n_documents, n_words)
        0 to 1: whether the document holds the word.

    Returns
    -------
    Tensor of shape (n_documents,)
        Nats a document.
    """
    return F.binary_cross_entropy_with_logits(pre_activation, target, reduction="none").sum(dim=1)


def bernoulli_mean(pre_activation: Tensor, target_total: Tensor) -> Tensor:
    """Give ``sigmoid(a)``, each word's probability of being in the document; the total is ignored."""
    return torch.sigmoid(pre_activation)


def gaussian_loss(pre_activation: Tensor, target: Tensor) -> Tensor:
    """Give ``1/2 sum_i (a_i - x_i)^2``: the -log p of a Gaussian of variance 1 around the pre-activations.

    Larochelle's lecture on autoencoders, loss for real-valued inputs. The constant
    ``n_words / 2 * ln(2 pi)`` is left out.

    Parameters
    ----------
    pre_activation : Tensor of shape (n_documents, n_words)
        Mean of each word's weight.
    target : Tensor of shape (n_documents, n_words)
        Any real numbers.

    Returns
    -------
    Tensor of shape (n_documents,)
        Nats a document.
    """
    return (pre_activation - target).square().sum(dim=1) / 2


def gaussian_mean(pre_activation: Tensor, target_total: Tensor) -> Tensor:
    """Give the pre-activations themselves; the total is ignored."""
    return pre_activation


def multinomial_loss(pre_activation: Tensor, target: Tensor) -> Tensor:
    """Give ``-sum_i x_i ln softmax_i(a)``: the cross-entropy of the words.

    The replicated softmax of Salakhutdinov and Hinton, *Replicated Softmax: an Undirected Topic Model*, NIPS
    2009: each of a document's N words is one draw from the softmax. With counts as targets the unit is nats a document,
    with shares (each document sums to 1) nats a word: the fine-tuning loss of Salakhutdinov and Hinton,
    *Semantic Hashing* (2009). The logarithm of the multinomial coefficient ``N! / prod_i x_i!`` is left out:
    no parameter moves it, and for shares it has no meaning.

    Parameters
    ----------
    pre_activation : Tensor of shape (n_documents, n_words)
        Log-probability of each word, up to a constant a document.
    target : Tensor of shape (n_documents, n_words)
        Counts or shares, 0 or above.

    Returns
    -------
    Tensor of shape (n_documents,)
        Nats a document for counts, nats a word for shares; 0 for a document without a word.
    """
    return -(target * torch.log_softmax(pre_activation, dim=1)).sum(dim=1)


def poisson_loss(pre_activation: Tensor, target: Tensor) -> Tensor:
    """Give ``sum_i r_i - x_i ln r_i + ln x_i!`` with rates ``r = N softmax(a)``, N the document's length.

    The constrained Poisson model of Salakhutdinov and Hinton, *Semantic Hashing*, International Journal of
    Approximate Reasoning 50 (2009): the rates of a document's words sum to its length, so that the code
    need not say how long it is. It is the whole -log p for counts: ``ln x_i!`` is there. Since N is
    ``sum_i x_i``, only the softmax moves it, and it differs from `multinomial_loss` by the constant
    ``N - N ln N + sum_i ln x_i!`` alone.

    Parameters
    ----------
    pre_activation : Tensor of shape (n_documents, n_words)
        Log-rate of each word, up to a constant a document.
    target : Tensor of shape (n_documents, n_words)
        Counts, 0 or above.

    Returns
    -------
    Tensor of shape (n_documents,)
        Nats a document; 0 for a document without a word.
    """
    total = target.sum(dim=1)
    constant = total - torch.xlogy(total, total) + torch.lgamma(target + 1).sum(dim=1)
    return multinomial_loss(pre_activation, target) + constant


def word_counts_mean(pre_activation: Tensor, target_total: Tensor) -> Tensor:
    """Give ``N softmax(a)``, how often a document of length N is expected to hold each word.

    The mean of the multinomial and of the constrained Poisson alike.
    """
    return target_total.unsqueeze(1) * torch.softmax(pre_activation, dim=1)  # (n, 1) * (n, n_words)


LIKELIHOODS: dict[str, Likelihood] = {
    likelihood.name: likelihood
    for likelihood in (
        Likelihood("multinomial", multinomial_loss, word_counts_mean),
        Likelihood("poisson", poisson_loss, word_counts_mean),
        Likelihood("bernoulli", bernoulli_loss, bernoulli_mean),
        Likelihood("gaussian", gaussian_loss, gaussian_mean),
    )
}
"""Every likelihood, by its name."""
