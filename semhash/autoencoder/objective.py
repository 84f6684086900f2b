"""What training makes small: the reconstruction loss, and the terms that the configuration adds to it."""

import torch
from torch import Tensor

from semhash.autoencoder import penalties
from semhash.autoencoder.batches import Batch
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.network import Autoencoder
from semhash.config import PenaltyConfig

__all__ = ["objective"]


def objective(network: Autoencoder, batch: Batch) -> tuple[Tensor, Tensor]:
    """Give the loss of one batch, and the reconstruction loss in it.

    ``-ln p(target | code)`` averaged over the documents, plus the penalties on the code without noise, plus
    the contrast with a neighbour, each times its weight.

    Parameters
    ----------
    network : Autoencoder
        In training mode, with noise; in evaluation mode, without.
    batch : Batch
        Inputs, targets and neighbours.

    Returns
    -------
    loss, reconstruction : Tensor of shape ()
        In nats: a word with shares as targets, a document otherwise.
    """
    config = network.config
    activations = network.encode(batch.inputs)
    code = network.code(activations, batch.documents)
    likelihood = LIKELIHOODS[config.likelihood]
    reconstruction = likelihood.loss(network.decode(code), batch.targets).mean()
    loss = reconstruction + _penalties(network, activations, batch.inputs, config.penalties)
    if batch.neighbours is not None:
        others = network.encode(batch.neighbours)
        contrast = penalties.info_nce(activations, others, config.neighbours.temperature)
        loss = loss + config.neighbours.contrast * contrast
    return loss, reconstruction.detach()


def _penalties(network: Autoencoder, activations: Tensor, inputs: Tensor, config: PenaltyConfig) -> Tensor:
    code = torch.sigmoid(activations)
    total = activations.new_zeros(())
    if config.l1:
        total = total + config.l1 * penalties.l1(code)
    if config.kl:
        total = total + config.kl * penalties.kl_sparsity(code, config.activation)
    if config.balance:
        total = total + config.balance * penalties.bit_balance(code)
    if config.decorrelation:
        total = total + config.decorrelation * penalties.decorrelation(code)
    if config.contractive:
        norm = penalties.contractive(lambda x: torch.sigmoid(network.encode(x)), inputs)
        total = total + config.contractive * norm
    return total
