"""What a denoising autoencoder does to its inputs; the target stays the clean input, which the caller keeps.

After Vincent, Larochelle, Lajoie, Bengio and Manzagol, *Stacked Denoising Autoencoders*, Journal of Machine
Learning Research 11 (2010), section 3.3. Each corruption takes inputs of shape (n_documents, n_words), an
amount and a generator, and gives new inputs of that shape; the ones it was given are left as they were, and
an amount of 0 gives them back entry for entry. Entries are corrupted independently of each other.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from semhash.errors import ConfigError

__all__ = ["CORRUPTIONS", "Corruption", "clean", "gaussian", "mask", "salt_and_pepper"]

Corruption = Callable[[Tensor, float, torch.Generator], Tensor]


def clean(x: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Give the inputs as they are, whatever the amount; nothing is drawn."""
    return x


def mask(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Set each entry to 0 with probability `share`: masking noise.

    Parameters
    ----------
    x : Tensor of shape (n_documents, n_words)
        Clean inputs.
    share : float
        0 to 1.
    generator : torch.Generator
        Source of what is hit.

    Returns
    -------
    Tensor of shape (n_documents, n_words)

    Raises
    ------
    ConfigError
        The share is not between 0 and 1.
    """
    return torch.where(_hit(x, share, generator), 0, x)


def salt_and_pepper(
    x: Tensor, share: float, generator: torch.Generator, low: float = 0.0, high: float = 1.0
) -> Tensor:
    """Set each entry, with probability `share`, to the lowest or the highest value, by a fair coin.

    Parameters
    ----------
    x : Tensor of shape (n_documents, n_words)
        Clean inputs.
    share : float
        0 to 1.
    generator : torch.Generator
        Source of what is hit, and of the coins.
    low, high : float
        The least and the greatest value that an input has.

    Returns
    -------
    Tensor of shape (n_documents, n_words)

    Raises
    ------
    ConfigError
        The share is not between 0 and 1.
    """
    hit = _hit(x, share, generator)
    salt = _hit(x, 0.5, generator)
    extremes = torch.where(salt, torch.full_like(x, high), torch.full_like(x, low))
    return torch.where(hit, extremes, x)


def gaussian(x: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Add Gaussian noise of mean 0 to every entry.

    Parameters
    ----------
    x : Tensor of shape (n_documents, n_words)
        Clean inputs.
    deviation : float
        Standard deviation of the noise, in units of x, 0 or above.
    generator : torch.Generator
        Source of the noise.

    Returns
    -------
    Tensor of shape (n_documents, n_words)

    Raises
    ------
    ConfigError
        The deviation is below 0.
    """
    if not deviation >= 0:
        raise ConfigError(f"corruption: expected a standard deviation of 0 or above, found {deviation!r}")
    noise = torch.randn(x.shape, generator=generator, dtype=x.dtype, device=generator.device)
    return x + deviation * noise.to(x.device)


def _hit(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Draw which entries are hit, each with probability `share`: bool, of the shape of x."""
    if not 0 <= share <= 1:
        raise ConfigError(f"corruption: expected a share of the entries, 0 to 1, found {share!r}")
    return (torch.rand(x.shape, generator=generator, device=generator.device) < share).to(x.device)


CORRUPTIONS: dict[str, Corruption] = {
    "none": clean,
    "masking": mask,
    "salt-and-pepper": salt_and_pepper,
    "gaussian": gaussian,
}
"""Every corruption, by its name; salt and pepper are 1 and 0 here."""
