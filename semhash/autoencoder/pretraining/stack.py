"""Greedy pretraining, layer by layer from the bottom, and unrolling into a deep autoencoder.

Hinton and Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science 313 (2006): each
layer learns to give back what the layer below makes of the data; then the stack is unrolled, the decoder's
weights being the encoder's turned over, and fine-tuned as a whole. A layer is a restricted Boltzmann machine,
a (denoising) autoencoder, or a recirculation loop.

The data are never in memory at once: they come in mini-batches, and go up through the finished layers one
mini-batch at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from semhash.autoencoder.pretraining.contrastive_divergence import ContrastiveDivergence, RbmTrainer
from semhash.autoencoder.pretraining.rbm import Visible, initial_rbm
from semhash.autoencoder.pretraining.recirculation import Recirculation, RecirculationTrainer, initial_loop
from semhash.autoencoder.pretraining.shallow_autoencoder import (
    Denoising,
    DenoisingTrainer,
    initial_autoencoder,
)
from semhash.errors import ConfigError, TrainingError
from semhash.progress import Report, unheard

__all__ = ["Batches", "Method", "Pretrained", "in_batches", "pretrain", "unroll"]

Batches = Callable[[], Iterator[Tensor]]
"""Starts one pass over the data: mini-batches of shape (n_documents, n_in), floating point."""

Method = ContrastiveDivergence | Denoising | Recirculation
"""How each layer is trained, by the record of its options."""

_Trainer = RbmTrainer | DenoisingTrainer | RecirculationTrainer


@dataclass(frozen=True)
class Pretrained:
    """One layer of the encoder, and its mirror in the decoder.

    Attributes
    ----------
    weight : Tensor of shape (n_out, n_in)
        Of the encoder.
    bias : Tensor of shape (n_out,)
        Of the encoder.
    visible_bias : Tensor of shape (n_in,)
        Of the decoder.
    decoder_weight : Tensor of shape (n_in, n_out), or None
        Of the decoder; None for the encoder's, turned over.
    activation : {"sigmoid", "tanh"}
        What the layer's units do.
    """

    weight: Tensor
    bias: Tensor
    visible_bias: Tensor
    decoder_weight: Tensor | None = None
    activation: Literal["sigmoid", "tanh"] = "sigmoid"

    def activities(self, below: Tensor) -> Tensor:
        """Give the layer's activities, shape (n_documents, n_out), from those of the layer below."""
        function = torch.sigmoid if self.activation == "sigmoid" else torch.tanh
        return function(functional.linear(below, self.weight, self.bias))

    def of_scaled(self, scale: float) -> "Pretrained":
        """Give the layer that does for documents what this one does for `scale` times them.

        It gives back what this one gives back, so only the encoder's weights change.
        """
        turned = self.weight.T if self.decoder_weight is None else self.decoder_weight
        return replace(self, weight=scale * self.weight, decoder_weight=turned)


def in_batches(
    n_rows: int,
    rows: Callable[[NDArray[np.int64]], Tensor],
    batch_size: int,
    generator: torch.Generator,
) -> Batches:
    """Make mini-batches out of whatever can give some rows as a dense tensor, in a new order each pass.

    Parameters
    ----------
    n_rows : int
        Number of documents.
    rows : callable
        Gives the documents of some row numbers, a tensor of shape (len(numbers), n_in).
    batch_size : int
        Documents in a mini-batch; the last of a pass may have fewer.
    generator : torch.Generator
        Source of the orders.

    Returns
    -------
    Batches
    """

    def one_pass() -> Iterator[Tensor]:
        order = torch.randperm(n_rows, generator=generator, device=generator.device).cpu().numpy()
        for start in range(0, n_rows, batch_size):
            yield rows(order[start : start + batch_size])

    return one_pass


def pretrain(
    method: Method | None,
    batches: Batches,
    widths: Sequence[int],
    *,
    visible: Visible,
    epochs: int,
    generator: torch.Generator,
    report: Report = unheard,
) -> list[Pretrained]:
    """Train a stack of layers, each on the probabilities of the one below.

    Parameters
    ----------
    method : ContrastiveDivergence, Denoising, Recirculation or None
        How; None gives no layers.
    batches : Batches
        The data. A replicated softmax scales its hidden biases by each document's length, which the network
        above it cannot: that gets the bias of the mean length, so give documents that are scaled to one length
        (`Pretrained.of_scaled` makes the layer fit for documents that are not).
    widths : sequence of int
        Units of each layer, bottom up, the code layer last.
    visible : {"bernoulli", "gaussian", "multinomial", "poisson"}
        Kind of the data; the layers above the first see probabilities ("bernoulli").
    epochs : int
        Passes over the data, for each layer.
    generator : torch.Generator
        Source of all draws.
    report : callable
        Hears each epoch's end, with the mean reconstruction error in nats a document.

    Returns
    -------
    list of Pretrained
        Bottom up.

    Raises
    ------
    TrainingError
        There are no data, or a reconstruction error is no longer a finite number.
    """
    if method is None:
        return []
    layers: list[Pretrained] = []
    for depth, width in enumerate(widths):
        below = _above(batches, tuple(layers))
        mean = _mean(below)
        kind = visible if depth == 0 else "bernoulli"
        trainer = _start(method, mean, width, kind, generator)
        for epoch in range(epochs):
            error = _epoch(trainer, below, epoch)
            detail = f"layer {depth + 1} of {len(widths)}, epoch {epoch + 1} of {epochs}, error {error:.3f}"
            report(depth * epochs + epoch + 1, len(widths) * epochs, detail)
        length = mean.sum() if kind == "multinomial" else 1.0
        layers.append(_finish(trainer, length))
    return layers


def _above(batches: Batches, layers: Sequence[Pretrained]) -> Batches:
    """Map the data up through finished layers, one mini-batch at a time."""

    def one_pass() -> Iterator[Tensor]:
        for batch in batches():
            for layer in layers:
                batch = layer.activities(batch)  # noqa: PLW2901
            yield batch

    return one_pass


def _mean(batches: Batches) -> Tensor:
    total, n = torch.zeros(()), 0
    for batch in batches():
        total, n = total + batch.sum(dim=0), n + len(batch)
    if not n:
        raise TrainingError("pretraining: expected documents, found none; give at least one mini-batch")
    return total / n


def _epoch(trainer: _Trainer, batches: Batches, epoch: int) -> float:
    total, n = 0.0, 0
    for batch in batches():
        total, n = total + trainer.update(batch, epoch) * len(batch), n + len(batch)
    return total / n


def _start(
    method: Method, mean: Tensor, width: int, visible: Visible, generator: torch.Generator
) -> _Trainer:
    match method:
        case ContrastiveDivergence():
            return RbmTrainer(initial_rbm(mean, width, visible, generator), method, generator)
        case Denoising():
            return DenoisingTrainer(initial_autoencoder(mean, width, visible, generator), method, generator)
        case Recirculation():
            return RecirculationTrainer(initial_loop(mean, width, visible, generator), method)


def _finish(trainer: _Trainer, bias_scale: Tensor | float) -> Pretrained:
    match trainer:
        case RbmTrainer(rbm=rbm):
            return Pretrained(rbm.weight, rbm.hidden_bias * bias_scale, rbm.visible_bias)
        case DenoisingTrainer(autoencoder=shallow):
            return Pretrained(shallow.weight, shallow.bias, shallow.visible_bias)
        case RecirculationTrainer(loop=loop):
            return Pretrained(loop.weight, loop.bias, loop.visible_bias, loop.decoder_weight)


def unroll(encoder: nn.ModuleList, decoder: nn.ModuleList, layers: Sequence[Pretrained]) -> None:
    """Copy a stack into a deep autoencoder, in place; no layers leave it as it is.

    Parameters
    ----------
    encoder, decoder : nn.ModuleList
        Layers with a weight and a bias, in order of application; the decoder mirrors the encoder. One whose
        weights are tied to the encoder's gets the biases alone.
    layers : sequence of Pretrained
        Bottom up, as many as the encoder has, or none.

    Raises
    ------
    ConfigError
        The layers do not fit; the message names the one and both shapes.
    """
    if not layers:
        return
    if not len(layers) == len(encoder) == len(decoder):
        raise ConfigError(
            f"unrolling: expected as many layers in the encoder and the decoder as pretrained ({len(layers)}), "
            f"found {len(encoder)} and {len(decoder)}"
        )
    for i, layer in enumerate(layers):
        turned = layer.weight.T if layer.decoder_weight is None else layer.decoder_weight
        _copy(encoder[i], f"encoder.{i}", layer.weight, layer.bias)
        _copy(decoder[-1 - i], f"decoder.{len(layers) - 1 - i}", turned, layer.visible_bias)


@torch.no_grad()
def _copy(into: nn.Module, name: str, weight: Tensor, bias: Tensor) -> None:
    own, own_bias = cast(Tensor, into.weight), cast(Tensor, into.bias)
    if own.shape != weight.shape:
        raise ConfigError(
            f"unrolling: expected {name} of shape {tuple(own.shape)}, "
            f"found a pretrained layer of shape {tuple(weight.shape)}"
        )
    if isinstance(own, nn.Parameter):  # and not the encoder's, turned over
        own.copy_(weight)
    own_bias.copy_(bias)
