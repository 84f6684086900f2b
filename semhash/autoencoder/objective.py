"""What training makes small: the reconstruction loss, and the terms that the configuration adds to it."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from semhash.autoencoder import penalties
from semhash.autoencoder.batches import Batch, CodedBatch
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.sparse_inputs import Inputs, dense
from semhash.config import PenaltyConfig

__all__ = ["Objective", "decoder_objective", "held_out_loss", "objective"]


class Objective(NamedTuple):
    """The objective on one batch.

    Attributes
    ----------
    loss : Tensor of shape ()
        What is made small.
    reconstruction : Tensor of shape ()
        The reconstruction loss in it, without a gradient. In nats: a word with shares as targets, a document
        otherwise. Where nothing is reconstructed, the cross-entropy to the guide's bits, in nats a bit.
    activations : Tensor of shape (n_documents, bits)
        Inputs of the code units.
    """

    loss: Tensor
    reconstruction: Tensor
    activations: Tensor


def objective(network: Autoencoder, batch: Batch) -> Objective:
    """Return the loss of one batch, and the reconstruction loss in it.

    ``-ln p(target | code)`` averaged over the documents, plus the cross-entropy to the guide's bits, averaged over
    documents and bits, plus the penalties on the code without noise, plus the contrast with a neighbour, each times
    its weight. A batch without targets asks for no reconstruction, one without bits for no guide.

    Parameters
    ----------
    network : Autoencoder
        In training mode, with noise; in evaluation mode, without.
    batch : Batch
        Inputs, targets, the guide's bits and neighbours.
    """
    config = network.config
    activations = network.encode(batch.inputs)
    loss, told = _penalties(network, activations, batch.inputs, config.penalties), []
    if batch.targets is not None:
        code = network.code(activations, batch.documents)
        reconstruction = LIKELIHOODS[config.likelihood].loss(network.decode(code), batch.targets).mean()
        loss = loss + reconstruction
        told.append(reconstruction.detach())
    if batch.bits is not None:
        guide = F.binary_cross_entropy_with_logits(activations, batch.bits)
        loss = loss + config.neighbours.guide * guide
        told.append(guide.detach())
    if batch.neighbours is not None:
        others = network.encode(batch.neighbours)
        contrast = penalties.info_nce(activations, others, config.neighbours.temperature)
        loss = loss + config.neighbours.contrast * contrast
    return Objective(loss, told[0], activations)


def decoder_objective(network: Autoencoder, batch: CodedBatch) -> Objective:
    """Return the reconstruction loss of codes that stand: ``-ln p(target | code)``, averaged over the documents."""
    likelihood = LIKELIHOODS[network.config.likelihood]
    code = network.code(batch.activations, batch.documents)
    loss = likelihood.loss(network.decode(code), batch.targets).mean()
    return Objective(loss, loss.detach(), batch.activations)


@torch.no_grad()
def held_out_loss(network: Autoencoder, batches: Iterable[Batch]) -> float | None:
    """Return the mean loss on documents held out, without noise and with all their words.

    Parameters
    ----------
    network : Autoencoder
        Left in training mode.
    batches : iterable of Batch
        The documents held out.

    Returns
    -------
    float or None
        The reconstruction loss, in the unit of the training loss; where nothing is reconstructed, the cross-entropy
        to the guide's bits. None where no document is held out.
    """
    network.eval()
    found = [_clean_losses(network, batch) for batch in batches]
    network.train()
    return torch.cat(found).mean().item() if found else None


def _clean_losses(network: Autoencoder, batch: Batch) -> Tensor:
    """Return the loss of each document of a batch, shape (n_documents,)."""
    if batch.targets is not None:
        return LIKELIHOODS[network.config.likelihood].loss(network(batch.inputs), batch.targets)
    activations = network.encode(batch.inputs)
    assert batch.bits is not None
    return F.binary_cross_entropy_with_logits(activations, batch.bits, reduction="none").mean(dim=1)


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
