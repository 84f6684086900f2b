"""The autoencoder of one hidden layer, a stack of which pretrains a deep one; it may be denoising.

Vincent, Larochelle, Lajoie, Bengio and Manzagol, *Stacked denoising autoencoders*, Journal of Machine Learning
Research 11 (2010): the layer sees its data with some values hidden and gives them back whole. The decoder's
weights are the encoder's turned over.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from semhash.autoencoder.corruption import mask
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.rbm import (
    Visible,
    finite,
    initial_visible_bias,
    words_a_document,
)
from semhash.errors import ConfigError

__all__ = ["Denoising", "DenoisingTrainer", "ShallowAutoencoder", "initial_autoencoder"]


@dataclass(frozen=True)
class ShallowAutoencoder:
    """An autoencoder of one logistic hidden layer and tied weights.

    Attributes
    ----------
    weight : Tensor of shape (n_hidden, n_visible)
        Of the encoder; the decoder's is its transpose.
    bias : Tensor of shape (n_hidden,)
        Of the hidden units.
    visible_bias : Tensor of shape (n_visible,)
        Of the reconstruction.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Likelihood of the data.
    """

    weight: Tensor
    bias: Tensor
    visible_bias: Tensor
    visible: Visible = "bernoulli"

    def loss(self, seen: Tensor, clean: Tensor) -> Tensor:
        """Give the mean of ``-log p(clean | h(seen))`` over the documents, in nats.

        Vincent et al. (2010), equation 6: the encoder sees the corrupted data, the target stays clean.

        Parameters
        ----------
        seen, clean : Tensor of shape (n_documents, n_visible)
            Corrupted and clean data.

        Returns
        -------
        Tensor of shape ()
        """
        hidden = torch.sigmoid(seen @ self.weight.T + self.bias)
        inputs = hidden @ self.weight + self.visible_bias
        return LIKELIHOODS[self.visible].loss(inputs, clean).mean()


def initial_autoencoder(
    mean: Tensor, n_hidden: int, visible: Visible, generator: torch.Generator
) -> ShallowAutoencoder:
    """Make an untrained autoencoder, with Glorot and Bengio's (2010) uniform weights.

    Parameters
    ----------
    mean : Tensor of shape (n_visible,)
        Mean of each visible unit over the training documents; its bias explains it.
    n_hidden : int
        Number of hidden units.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Likelihood of the data.
    generator : torch.Generator
        Source of the weights.
    """
    weight = torch.nn.init.xavier_uniform_(mean.new_empty(n_hidden, len(mean)), generator=generator)
    return ShallowAutoencoder(weight, mean.new_zeros(n_hidden), initial_visible_bias(visible, mean), visible)


@dataclass(frozen=True)
class Denoising:
    """How shallow autoencoders are trained, by Adam.

    Attributes
    ----------
    masking : float
        Share of the values hidden from the encoder, 0 to below 1; 0 for a plain autoencoder.
    rate : float
        Learning rate.
    """

    masking: float = 0.25
    rate: float = 1e-3

    def __post_init__(self) -> None:
        if not 0 <= self.masking < 1:
            raise ConfigError(f"masking in pretraining: expected 0 to below 1, found {self.masking}")


class DenoisingTrainer:
    """A shallow autoencoder in training.

    Parameters
    ----------
    autoencoder : ShallowAutoencoder
        Where to start; it is left as it is.
    options : Denoising
        How to train.
    generator : torch.Generator
        Source of the masks.
    """

    def __init__(
        self, autoencoder: ShallowAutoencoder, options: Denoising, generator: torch.Generator
    ) -> None:
        values = (autoencoder.weight, autoencoder.bias, autoencoder.visible_bias)
        self._values = [value.detach().clone().requires_grad_() for value in values]
        weight, bias, visible_bias = self._values
        self._trained = ShallowAutoencoder(weight, bias, visible_bias, autoencoder.visible)
        self._options = options
        self._generator = generator
        self._adam = torch.optim.Adam(self._values, lr=options.rate)

    @property
    def autoencoder(self) -> ShallowAutoencoder:
        """The autoencoder as it is now."""
        weight, bias, visible_bias = (value.detach() for value in self._values)
        return ShallowAutoencoder(weight, bias, visible_bias, self._trained.visible)

    def update(self, batch: Tensor, epoch: int) -> float:
        """Learn from a mini-batch of shape (n_documents, n_visible); give its reconstruction error before.

        The error is that of the clean data seen through the mask, in nats a document.

        Raises
        ------
        TrainingError
            The error is no longer a finite number.
        """
        del epoch
        seen = mask(batch, self._options.masking, self._generator)
        loss = self._trained.loss(seen, batch)
        error = finite(loss)
        self._adam.zero_grad()
        (loss / words_a_document(self._trained.visible, batch)).backward()  # type: ignore[no-untyped-call]
        self._adam.step()
        return error
