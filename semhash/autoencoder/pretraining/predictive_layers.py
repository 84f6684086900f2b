"""Layers out of predictive sparse decompositions: the predictor is the encoder, the dictionary the decoder.

Kavukcuoglu, Ranzato and LeCun (2008); see `semhash.autoencoder.pretraining.sparse_decomposition`, whose predictor is
``f(x) = g tanh(z)`` with ``z = K x + b``, and whose dictionary W gives back ``W f(x)``. Units of the network have
no gain, and those of the code layer are logistic:

- hidden units are tanh, ``W f(x) = (W g) tanh(z)``, so the gain goes to the decoder;
- code units are ``s = sigmoid(2 z)``, and ``tanh(z) = 2 s - 1``, so ``W f(x) = (2 W g) s - W g``.

Both are exact. Above the first layer the decoder's sum goes through the hidden units below once more, which
leaves small values nearly as they are.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from semhash.autoencoder.pretraining.sparse_coding import DecompositionConfig
from semhash.autoencoder.pretraining.sparse_decomposition import Decomposition, fit
from semhash.autoencoder.pretraining.stack import Pretrained
from semhash.progress import Report, unheard

__all__ = ["as_layer", "decompose"]


def decompose(
    batches: Sequence[Tensor],
    widths: Sequence[int],
    config: DecompositionConfig,
    *,
    generator: torch.Generator,
    report: Report = unheard,
) -> list[Pretrained]:
    """Decompose documents, then what the first layer makes of them, and so on.

    Parameters
    ----------
    batches : sequence of Tensor of shape (n_documents, n_words)
        Documents, in mini-batches that are the same each time they are looked at.
    widths : sequence of int
        Units of each layer, bottom up, the code layer, which alone is logistic, last.
    config : DecompositionConfig
        Of each decomposition.
    generator : torch.Generator
        Source of all draws, on the CPU.
    report : callable
        Hears the mini-batches of all alternations of all layers.

    Returns
    -------
    list of Pretrained
        Bottom up.
    """
    layers: list[Pretrained] = []
    for depth, width in enumerate(widths):

        def told(done: float, total: float, detail: str, depth: int = depth) -> None:
            report(depth * total + done, len(widths) * total, f"layer {depth + 1} of {len(widths)}, {detail}")

        found = fit(_Above(batches, tuple(layers)), width, config, generator, told)
        layers.append(as_layer(found, "sigmoid" if depth == len(widths) - 1 else "tanh"))
    return layers


def as_layer(found: Decomposition, units: Literal["tanh", "sigmoid"]) -> Pretrained:
    """Make a layer and its mirror of a decomposition.

    Parameters
    ----------
    found : Decomposition
        Of what the layer below gives.
    units : {"tanh", "sigmoid"}
        What the layer's units do.
    """
    predictor = found.predictor
    decoder = found.dictionary * predictor.gain  # (n_in, n_out) * (n_out,)
    if units == "tanh":
        nothing = decoder.new_zeros(len(decoder))
        return Pretrained(predictor.weight, predictor.bias, nothing, decoder, units)
    return Pretrained(2 * predictor.weight, 2 * predictor.bias, -decoder.sum(dim=1), 2 * decoder, units)


class _Above(Sequence[Tensor]):
    """What some layers make of mini-batches, made anew each time, so that it takes no memory."""

    def __init__(self, batches: Sequence[Tensor], layers: Sequence[Pretrained]) -> None:
        self._batches, self._layers = batches, layers

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]  # of no use in slices
        batch = self._batches[index]
        for layer in self._layers:
            batch = layer.activities(batch)
        return batch
