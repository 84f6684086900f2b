"""Held-out documents: which they are, the loss on them, and when to stop for their sake.

Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 7.8 and algorithm 7.1: train while the
validation loss falls, give up after some epochs without a new lowest, and keep the weights that had it.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.network import Autoencoder

__all__ = ["Best", "choose_held_out", "held_out_loss"]

MOST, LEAST_DOCUMENTS = 1000, 40
_STREAM = 1  # beside the stream that the sample is drawn from


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
    if not share or n_documents < LEAST_DOCUMENTS:
        return np.zeros(0, dtype=np.int64)
    n = min(MOST, max(1, round(share * n_documents)))
    return np.sort(np.random.default_rng([seed, _STREAM]).choice(n_documents, n, replace=False))


@torch.no_grad()
def held_out_loss(network: Autoencoder, batches: Batches) -> float | None:
    """Give the mean reconstruction loss on the documents held out, without noise and with all their words.

    Returns
    -------
    float or None
        In the unit of the training loss; None where no document is held out.
    """
    loss = LIKELIHOODS[network.config.likelihood].loss
    network.eval()
    found = [loss(network(batch.inputs), batch.targets) for batch in batches.held_out()]
    network.train()
    return torch.cat(found).mean().item() if found else None


class Best:
    """Keeps the best weights so far; the last ones, where no loss says which are best.

    Parameters
    ----------
    network : Autoencoder
        Whose weights.
    patience : int
        Epochs in a row without a lower loss after which to stop; 0 for never.

    Attributes
    ----------
    epoch : int or None
        Whose weights are kept, the first of which is 1; None before any.
    """

    def __init__(self, network: Autoencoder, patience: int) -> None:
        self.epoch: int | None = None
        self._network = network
        self._patience = patience
        self._lowest: float | None = None
        self._kept: dict[str, Tensor] = {}

    def hear(self, epoch: int, loss: float | None) -> None:
        """Take note of an epoch's end, and of the validation loss where there is one."""
        if self._lowest is None or loss is None or loss < self._lowest:
            self._kept = {name: value.detach().clone() for name, value in self._network.state_dict().items()}
            self.epoch, self._lowest = epoch, loss

    def out_of_patience(self, epoch: int) -> bool:
        """Tell whether too many epochs have gone by since the best one."""
        return 0 < self._patience <= epoch - (self.epoch or 0)

    def restore(self) -> None:
        """Put the best weights back, where any were kept."""
        if self._kept:
            self._network.load_state_dict(self._kept)
