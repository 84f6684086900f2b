"""What happens between the encoder's last pre-activations z and the code h that the decoder reads.

Everything here takes z of shape (n_documents, bits) and gives h of that shape. In training one of five
kinds of code unit is used:

=====================  ======================================  ==========================================
deterministic          `torch.sigmoid`                         the plain autoencoder
Gaussian noise, anew   `noisy_logistic`                        drives h to 0 and 1; new noise each time
Gaussian noise, fixed  `FixedNoise.logistic`                   the same, and the loss stays deterministic
stochastic             `bernoulli`                             h is 0 or 1, by a coin that z loads
linear                 z itself                                no squashing: with squared error it is PCA
=====================  ======================================  ==========================================

Afterwards, in encoding, units have no noise: bit j of a document is 1 where z_j is above its threshold.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor

from semhash.errors import ConfigError

__all__ = [
    "SCHEDULES",
    "FixedNoise",
    "Threshold",
    "activation_thresholds",
    "bernoulli",
    "noisy_logistic",
    "thresholds",
]

Threshold = float | Literal["median"]

SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda share: 1.0,
    "linear": lambda share: share,
}
"""How the noise grows: from the share of the training that is done, 0 to 1, to the share of the deviation.

``linear`` lets the network first learn what to say and then learn to say it loudly.
"""


def noisy_logistic(z: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Give ``sigmoid(z + e)``, e Gaussian with mean 0, drawn anew each time.

    Salakhutdinov and Hinton, *Semantic Hashing*, International Journal of Approximate Reasoning 50 (2009),
    on making the codes binary: to be heard over the noise, an encoder must make z large, so that h is
    nearly 0 or 1.

    Parameters
    ----------
    z : Tensor of shape (n_documents, bits)
        Inputs of the code units.
    deviation : float
        Standard deviation of the noise, in units of z.
    generator : torch.Generator
        Source of the noise.

    Returns
    -------
    Tensor of shape (n_documents, bits)
        Between 0 and 1.
    """
    noise = torch.randn(z.shape, generator=generator, dtype=z.dtype, device=generator.device)
    return torch.sigmoid(z + deviation * noise.to(z.device))


@dataclass(frozen=True, eq=False)
class FixedNoise:
    """Gaussian noise on the inputs of the code units, fixed for each training case: the paper's way.

    Salakhutdinov and Hinton (2009) call it deterministic noise, of variance 16: it does what new noise does,
    and the loss remains a deterministic function of the weights, as conjugate gradients and L-BFGS need.

    Attributes
    ----------
    rows : Tensor of shape (n_documents, bits), float32
        One draw from the standard Gaussian for each document and unit. It is stored, 4 bytes each, and
        scaled when it is used, so that its deviation may follow a schedule.
    """

    rows: Tensor

    @classmethod
    def draw(cls, n_documents: int, bits: int, generator: torch.Generator) -> Self:
        """Draw the noise of all documents at once; it depends on the generator's seed alone."""
        return cls(torch.randn(n_documents, bits, generator=generator, device=generator.device))

    def logistic(self, z: Tensor, documents: Tensor, deviation: float) -> Tensor:
        """Give ``sigmoid(z + e)``, e the documents' own noise.

        Parameters
        ----------
        z : Tensor of shape (n, bits)
            Inputs of the code units for some documents.
        documents : Tensor of shape (n,), int64
            Which documents they are: rows of the noise, in the order of z.
        deviation : float
            Standard deviation of the noise, in units of z.

        Returns
        -------
        Tensor of shape (n, bits)
            Between 0 and 1.
        """
        noise = self.rows[documents.to(self.rows.device)]  # (n, bits)
        return torch.sigmoid(z + deviation * noise.to(z))


def bernoulli(z: Tensor, generator: torch.Generator) -> Tensor:
    """Draw each unit: 1 with probability ``sigmoid(z)``, else 0; the gradient is that of the sigmoid.

    Bengio, Léonard and Courville, *Estimating or Propagating Gradients Through Stochastic Neurons* (2013),
    the straight-through estimator in the variant that multiplies by the derivative of the sigmoid: a
    draw has no derivative, so its expectation's stands in, ``dh/dz = sigmoid(z) (1 - sigmoid(z))``.

    Parameters
    ----------
    z : Tensor of shape (n_documents, bits)
        Inputs of the code units: log-odds of a 1.
    generator : torch.Generator
        Source of the draws.

    Returns
    -------
    Tensor of shape (n_documents, bits)
        Exactly 0 or 1.
    """
    p = torch.sigmoid(z)
    coin = torch.rand(z.shape, generator=generator, dtype=z.dtype, device=generator.device)
    drawn = (coin.to(z.device) < p).to(z.dtype)
    return drawn + (p - p.detach())  # the bracket is exactly 0, and brings the gradient


def thresholds(kind: Threshold, probabilities: Tensor) -> Tensor:
    """Give each unit's threshold, in probability: a bit is 1 where the probability is above it.

    Parameters
    ----------
    kind : float or "median"
        One number for all units, such as 0.5, or 0.1 as in Salakhutdinov and Hinton (2009); or each unit's
        median over the documents, which lets half of them have the bit, fewer where many share the median
        itself. Of an even number of documents the lower of the two in the middle is the median.
    probabilities : Tensor of shape (n_documents, bits)
        Of the training documents, without noise. A logistic unit driven far enough gives exactly 1 in
        float32, and such probabilities can no longer be told apart: take `activation_thresholds` to encode.

    Returns
    -------
    Tensor of shape (bits,)

    Raises
    ------
    ConfigError
        The number is not between 0 and 1, or it is another word than ``median``.
    """
    if kind == "median":
        return probabilities.median(dim=0).values
    return probabilities.new_full(probabilities.shape[1:], _probability(kind))


def activation_thresholds(kind: Threshold, activations: Tensor) -> Tensor:
    """Give each unit's threshold as an input of that unit: a bit is 1 where z is above it.

    It is ``ln(t / (1 - t))`` of the threshold t that `thresholds` gives for ``sigmoid(z)``: the bits are the
    same, but for probabilities so near 1 that they are no longer told apart.

    Parameters
    ----------
    kind : float or "median"
        As for `thresholds`.
    activations : Tensor of shape (n_documents, bits)
        Inputs of the code units for the training documents, without noise.

    Returns
    -------
    Tensor of shape (bits,)

    Raises
    ------
    ConfigError
        The number is not between 0 and 1, or it is another word than ``median``.
    """
    if kind == "median":
        return activations.median(dim=0).values
    t = _probability(kind)
    return activations.new_full(activations.shape[1:], math.log(t / (1 - t)))


def _probability(kind: float | str) -> float:
    if isinstance(kind, str) or not 0 < kind < 1:
        raise ConfigError(
            f'threshold: expected a probability above 0 and below 1 or "median", found {kind!r}'
        )
    return kind
