"""What training makes small: the reconstruction loss, and the terms that the configuration adds to it."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from semhash.autoencoder import penalties
from semhash.autoencoder.batches import Batch
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.sparse_inputs import Inputs, dense
from semhash.config import PenaltyConfig

__all__ = ["Objective", "objective"]


class Objective(NamedTuple):
    """The objective on one batch.

    Attributes
    ----------
    loss : Tensor of shape ()
        What is made small.
    reconstruction : Tensor of shape ()
        The reconstruction loss in it, without a gradient. In nats: a word with shares as targets, a document
        otherwise.
    activations : Tensor of shape (n_documents, bits)
        Inputs of the code units.
    """

    loss: Tensor
    reconstruction: Tensor
    activations: Tensor


def objective(network: Autoencoder, batch: Batch) -> Objective:
    """Give the loss of one batch, and the reconstruction loss in it.

    ``-ln p(target | code)`` averaged over the documents, plus the penalties on the code without noise, plus the
    cross-entropy to the guide's bits, averaged over documents and bits, plus the contrast with a neighbour, each
    times its weight.

    Parameters
    ----------
    network : Autoencoder
        In training mode, with noise; in evaluation mode, without.
    batch : Batch
        Inputs, targets and neighbours.
    """
    config = network.config
    activations = network.encode(batch.inputs)
    code = network.code(activations, batch.documents)
    likelihood = LIKELIHOODS[config.likelihood]
    reconstruction = likelihood.loss(network.decode(code), batch.targets).mean()
    loss = reconstruction + _penalties(network, activations, batch.inputs, config.penalties)
    if batch.bits is not None:
        guide = F.binary_cross_entropy_with_logits(activations, batch.bits)
        loss = loss + config.neighbours.guide * guide
    if batch.neighbours is not None:
        others = network.encode(batch.neighbours)
        contrast = penalties.info_nce(activations, others, config.neighbours.temperature)
        loss = loss + config.neighbours.contrast * contrast
    return Objective(loss, reconstruction.detach(), activations)


def _penalties(network: Autoencoder, activations: Tensor, inputs: Inputs, config: PenaltyConfig) -> Tensor:
    code, probabilities = network.clean(activations), torch.sigmoid(activations)
    total = activations.new_zeros(())
    if config.l1:
        total = total + config.l1 * penalties.l1(code)
    if config.kl:
        total = total + config.kl * penalties.kl_sparsity(probabilities, config.activation)
    if config.balance:
        total = total + config.balance * penalties.bit_balance(probabilities)
    if config.decorrelation:
        total = total + config.decorrelation * penalties.decorrelation(probabilities)
    if config.contractive:
        norm = penalties.contractive(lambda x: network.clean(network.encode(x)), dense(inputs))
        total = total + config.contractive * norm
    return total
