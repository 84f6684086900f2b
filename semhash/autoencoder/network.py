"""The deep autoencoder as a torch module: encoder, noisy code layer, decoder.

After Salakhutdinov and Hinton, *Semantic Hashing*, International Journal of Approximate Reasoning 50
(2009), section 3: a narrow layer of logistic units that noise in training drives to 0 or 1, between an
encoder and its mirror.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semhash.autoencoder.code_layer import SCHEDULES, FixedNoise, bernoulli, noisy_logistic
from semhash.autoencoder.sparse_inputs import Inputs, first_layer
from semhash.config import ModelConfig

__all__ = ["ACTIVATIONS", "Autoencoder"]


def _same(x: Tensor) -> Tensor:
    return x


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "linear": _same,
}
"""What hidden units do, by the names of `ModelConfig.activation`."""


class Transposed(nn.Module):
    """A layer whose weights are another's, transposed; its bias is its own.

    With tied weights the gradient of W is the sum of its encoder and its decoder part.

    Parameters
    ----------
    layer : nn.Linear
        The other layer.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._layer = (layer,)  # in a tuple, so that its parameters are not listed twice
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    @property
    def weight(self) -> Tensor:
        """The other layer's weights, transposed, shape (n_out, n_in)."""
        return self._layer[0].weight.T

    def forward(self, x: Tensor) -> Tensor:
        """Give ``x W + b`` where the other layer gives ``x W' + c``."""
        return F.linear(x, self.weight, self.bias)


class Autoencoder(nn.Module):
    """A V-h1-h2-B encoder and its mirror.

    Parameters
    ----------
    n_words : int
        Words of the vocabulary, V.
    config : ModelConfig
        Widths, activations, the code layer, and whether weights are tied.
    generator : torch.Generator
        Source of the initial weights and of all noise.
    n_documents : int
        Training documents, for noise that is fixed for each.

    Attributes
    ----------
    share : float
        How far training is, 0 to 1; noise may grow with it.
    """

    def __init__(
        self, n_words: int, config: ModelConfig, generator: torch.Generator, n_documents: int = 0
    ) -> None:
        super().__init__()
        widths = (n_words, *config.hidden, config.bits)
        layers = [_linear(a, b, generator) for a, b in pairwise(widths)]
        self.encoder = nn.ModuleList(layers)
        self.decoder = nn.ModuleList(
            [Transposed(layer) for layer in reversed(layers)]
            if config.tied
            else [_linear(a, b, generator) for a, b in pairwise(widths[::-1])]
        )
        self.config = config
        self.generator = generator
        self.share = 1.0
        fixed = config.code.kind == "fixed-gaussian"
        self._noise = FixedNoise.draw(n_documents, config.bits, generator) if fixed else None

    def lay_by_words(self) -> None:
        """Lay the first layer's weights word by word in memory: those of a document's words are added up faster.

        L-BFGS cannot follow weights that lie like this.
        """
        first = cast(nn.Linear, self.encoder[0])
        first.weight = nn.Parameter(first.weight.detach().T.contiguous().T)

    def encode(self, x: Inputs) -> Tensor:
        """Give the inputs of the code units, without noise."""
        return self._through(self.encoder, x)  # (n_documents, n_words) -> (n_documents, bits)

    def code(self, activations: Tensor, documents: Tensor | None = None) -> Tensor:
        """Give the code units' values: noisy in training, as `clean` has them elsewhere.

        Parameters
        ----------
        activations : Tensor of shape (n_documents, bits)
            Inputs of the code units.
        documents : Tensor of shape (n_documents,), int64
            Which training documents they are; asked for by noise that is fixed for each.
        """
        code = self.config.code
        deviation = code.noise * SCHEDULES[code.schedule](self.share)
        if not self.training or code.kind in ("deterministic", "linear"):
            return self.clean(activations)
        if code.kind == "bernoulli":
            return bernoulli(activations, self.generator)
        if self._noise is not None and documents is not None:
            return self._noise.logistic(activations, documents, deviation)
        return noisy_logistic(activations, deviation, self.generator)

    def clean(self, activations: Tensor) -> Tensor:
        """Give the code units' values without noise: ``sigmoid(z)``, and z itself where they are linear."""
        return activations if self.config.code.kind == "linear" else torch.sigmoid(activations)

    def decode(self, code: Tensor) -> Tensor:
        """Give the pre-activation of each word, which the likelihood makes a prediction of."""
        return self._through(self.decoder, code)  # (n_documents, bits) -> (n_documents, n_words)

    def forward(self, x: Inputs) -> Tensor:
        """Give the pre-activation of each word, from a document's weighed counts."""
        return self.decode(self.code(self.encode(x)))

    def tensors(self) -> dict[str, Tensor]:
        """Give weight and bias of each layer by name, tied weights written out."""
        found = {}
        for part, layers in (("encoder", self.encoder), ("decoder", self.decoder)):
            for number, layer in enumerate(layers):
                weight, bias = cast(Tensor, layer.weight), cast(Tensor, layer.bias)
                found[f"{part}.{number}.weight"] = weight.detach().clone(
                    memory_format=torch.contiguous_format
                )
                found[f"{part}.{number}.bias"] = bias.detach().clone()
        return found

    def _through(self, layers: nn.ModuleList, x: Inputs) -> Tensor:
        activation = ACTIVATIONS[self.config.activation]
        first, *others = layers
        found = first_layer(first, x)
        for layer in others:
            found = layer(activation(found))
        return found


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Make a layer with Glorot and Bengio's (2010) uniform weights, drawn from the generator alone."""
    with torch.random.fork_rng(
        devices=[]
    ):  # what torch draws is drawn over; skip_init would load its compiler
        layer = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
