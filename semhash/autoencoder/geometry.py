"""What the learned map looks like: tangents of its manifold, pull towards it, and errors of reconstruction.

Nothing here knows a network. ``encode``, ``decode`` and ``reconstruct`` are plain callables that take a batch
of rows and give a row for each, deterministic and without state (a network in its ``eval`` mode); every
result is detached from their gradients.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from semhash.errors import ConfigError

__all__ = [
    "TangentSpace",
    "jacobians",
    "reconstruction_errors",
    "score_estimate",
    "tangent_space",
    "vector_field",
]

Map = Callable[[Tensor], Tensor]


def jacobians(encode: Map, x: Tensor) -> Tensor:
    """Give the encoder's Jacobian at each document, ``J_jk = d h_j / d x_k``.

    Parameters
    ----------
    encode : callable
        Rows of shape (n_documents, n_words) to rows of shape (n_documents, n_units). The inputs of the code
        units say more than their values, whose slopes vanish as noise drives them to 0 and 1.
    x : Tensor of shape (n_documents, n_words)
        Where to look.

    Returns
    -------
    Tensor of shape (n_documents, n_units, n_words)
    """

    def one(row: Tensor) -> Tensor:
        return encode(row[None])[0]

    found: Tensor = torch.func.vmap(torch.func.jacrev(one))(x.detach())
    return found.detach()


@dataclass(frozen=True)
class TangentSpace:
    """The directions in which a document can move and the encoder takes notice.

    Attributes
    ----------
    singular_values : Tensor of shape (n_documents, r)
        How fast the code moves along each direction, largest first; r is the smaller of units and words.
    directions : Tensor of shape (n_documents, r, n_words)
        Orthonormal rows: changes of the input, of either sign.
    """

    singular_values: Tensor
    directions: Tensor

    def dimensions(self, threshold: float = 0.1) -> Tensor:
        """Count each document's directions whose singular value is above a share of the largest one.

        After Rifai et al. (2011), who keep the singular vectors whose values stand out.

        Parameters
        ----------
        threshold : float
            The share, 0 to 1.

        Returns
        -------
        Tensor of shape (n_documents,), int64
        """
        return (self.singular_values > threshold * self.singular_values[:, :1]).sum(dim=1)


def tangent_space(encode: Map, x: Tensor) -> TangentSpace:
    """Give the tangent directions of the learned manifold at each document.

    ``J = U S V^T``: the right singular vectors of the encoder's Jacobian are the directions of the input,
    ordered by how much of a move along them the code keeps. Directions off the manifold are those it learned
    to ignore. Rifai, Dauphin, Vincent, Bengio and Muller, *The Manifold Tangent Classifier* (2011), section 3
    (there of the transposed Jacobian, hence its left ones).

    Parameters
    ----------
    encode : callable
        As for `jacobians`.
    x : Tensor of shape (n_documents, n_words)
        Where to look.

    Returns
    -------
    TangentSpace
    """
    _, values, directions = torch.linalg.svd(jacobians(encode, x), full_matrices=False)
    return TangentSpace(values, directions)


def vector_field(reconstruct: Map, x: Tensor) -> Tensor:
    """Give the denoiser's pull at each point, ``r(x) - x``.

    It points to where documents are denser and vanishes on the manifold. Alain and Bengio, *What Regularized
    Auto-Encoders Learn from the Data-Generating Distribution* (2014).

    Parameters
    ----------
    reconstruct : callable
        Decoder after encoder, in the units of the input: rows to rows of the same shape.
    x : Tensor of shape (n_points, n_words)
        Where to look.

    Returns
    -------
    Tensor of shape (n_points, n_words)
    """
    return (reconstruct(x) - x).detach()


def score_estimate(reconstruct: Map, x: Tensor, sigma: float) -> Tensor:
    """Give a denoiser's estimate of the score, ``(r(x) - x) / sigma^2``, near ``grad log p(x)``.

    Alain and Bengio (2014), theorem 1: exact as sigma goes to 0. For any sigma the best denoiser, the
    posterior mean, gives exactly the score of the *noisy* data: Vincent, *A Connection Between Score Matching
    and Denoising Autoencoders* (2011).

    Parameters
    ----------
    reconstruct : callable
        A denoiser trained with the squared error.
    x : Tensor of shape (n_points, n_words)
        Where to look.
    sigma : float
        Standard deviation of the Gaussian corruption it was trained with.

    Returns
    -------
    Tensor of shape (n_points, n_words)
        Nats a unit of the input.

    Raises
    ------
    ConfigError
        Sigma is not above 0.
    """
    if not sigma > 0:
        raise ConfigError(f"sigma: expected a standard deviation above 0, found {sigma}")
    return vector_field(reconstruct, x) / sigma**2


def reconstruction_errors(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    """Give each document's reconstruction error, the cross-entropy of its words ``-sum_i t_i log p_i``.

    Whatever its length, a document drawn from the p that is expected of it has one and the same mean error,
    the entropy of p. (The Kullback-Leibler divergence of t and p has not: every short text would look odd.)
    The error of a text of few words still scatters widely about that mean.

    Parameters
    ----------
    log_probabilities : Tensor of shape (n_documents, n_words)
        What the decoder expects.
    targets : Tensor of shape (n_documents, n_words)
        Shares of the words; each document sums to 1.

    Returns
    -------
    Tensor of shape (n_documents,)
        Nats a word, 0 or above; nan for a document without a word, of which nothing can be said.
    """
    held = targets > 0
    terms = torch.where(held, -targets * log_probabilities, 0.0)  # 0 where t is 0, even if log p is -inf
    return terms.sum(dim=1).masked_fill(~held.any(dim=1), float("nan")).detach()
