"""The deep autoencoder as a torch module: encoder, noisy code layer, decoder.

After Salakhutdinov and Hinton, *Semantic Hashing*, International Journal of Approximate Reasoning 50
(2009), section 3: logistic code units whose inputs get Gaussian noise in training, which drives them to
0 or 1, and a softmax over the words at the output.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from semhash.config import ModelConfig

__all__ = ["Autoencoder"]


class Autoencoder(nn.Module):
    """A V-h1-h2-B encoder and its mirror.

    Parameters
    ----------
    n_words : int
        Words of the vocabulary, V.
    config : ModelConfig
        Widths, bits and noise.
    generator : torch.Generator
        Source of the initial weights and of all noise.
    """

    def __init__(self, n_words: int, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        widths = (n_words, *config.hidden, config.bits)
        self.encoder = nn.ModuleList(_linear(a, b, generator) for a, b in pairwise(widths))
        self.decoder = nn.ModuleList(_linear(a, b, generator) for a, b in pairwise(widths[::-1]))
        self.code_noise = config.code_noise
        self.noise_share = 1.0
        self.generator = generator

    def encode(self, x: Tensor) -> Tensor:
        """Give the inputs of the code units, without noise."""
        return _through(self.encoder, x)  # (n_documents, n_words) -> (n_documents, bits)

    def code(self, activations: Tensor) -> Tensor:
        """Give the code units' values: ``sigmoid(z + e)``, e Gaussian in training.

        Its standard deviation is ``noise_share * code_noise``; training raises the share from 0 to 1, so that
        the network first learns what to say and then learns to say it loudly.
        """
        if self.training and self.code_noise > 0:
            noise = torch.randn(activations.shape, generator=self.generator)
            activations = activations + self.noise_share * self.code_noise * noise
        return torch.sigmoid(activations)

    def decode(self, code: Tensor) -> Tensor:
        """Give the log-probability of each word of the vocabulary."""
        return torch.log_softmax(_through(self.decoder, code), dim=1)  # (n_documents, bits) -> (.., n_words)

    def forward(self, x: Tensor) -> Tensor:
        """Give the log-probability of each word, from a document's weighed counts."""
        return self.decode(self.code(self.encode(x)))


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Make a layer with Glorot and Bengio's (2010) uniform weights, drawn from the generator alone."""
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, n_in, n_out)  # type: ignore[no-untyped-call]
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def _through(layers: nn.ModuleList, x: Tensor) -> Tensor:
    *hidden, last = layers
    for layer in hidden:
        x = torch.relu(layer(x))
    return last(x)  # type: ignore[no-any-return]  # torch types a module's call as Any
