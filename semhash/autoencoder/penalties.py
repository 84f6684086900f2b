"""What is added to the reconstruction loss, to ask more of the code than that it can be decoded.

Pure functions of the code units that give one number, fit to be multiplied by a weight and trained on. One
convention holds for all: **summed over the units, averaged over the documents**, as the reconstruction loss
is. Codes h, between 0 and 1, and their pre-activations z are of shape (n_documents, bits); pass them
without noise, for it is the encoder that is to be penalised and not the noise.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from semhash.errors import ConfigError

__all__ = [
    "bit_balance",
    "contractive",
    "contractive_layer",
    "decorrelation",
    "info_nce",
    "kl_sparsity",
    "l1",
]


def l1(h: Tensor) -> Tensor:
    """Give ``sum_j |h_j|``, averaged over the documents: sparse activations.

    The -log of a Laplace prior on the code, without its constant: Goodfellow, Bengio and Courville, *Deep
    Learning* (2016), section 14.2.1.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Activations of any sign.

    Returns
    -------
    Tensor of shape ()
    """
    return h.abs().sum(dim=1).mean()


def kl_sparsity(h: Tensor, rho: float) -> Tensor:
    """Give ``sum_j KL(rho || rho_j)``, rho_j the mean of unit j over the documents: units active seldom.

    ``KL(rho || r) = rho ln(rho / r) + (1 - rho) ln((1 - rho) / (1 - r))``: Ng, *Sparse autoencoder*, CS294A
    lecture notes (2011), section 3; the idea of a target activation is Lee, Ekanadham and Ng's (2008).

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Codes, 0 to 1.
    rho : float
        Wanted mean activation of each unit, above 0 and below 1.

    Returns
    -------
    Tensor of shape ()
        Nats; 0 when every unit's mean is `rho`. A mean of exactly 0 or 1 counts as one that the type can just
        tell from it, so that no unit brings infinity.

    Raises
    ------
    ConfigError
        `rho` is out of range.
    """
    if not 0 < rho < 1:
        raise ConfigError(f"rho: expected a mean activation above 0 and below 1, found {rho!r}")
    least = torch.finfo(h.dtype).eps
    mean = h.mean(dim=0).clamp(least, 1 - least)  # (bits,)
    active = rho * (math.log(rho) - mean.log())
    idle = (1 - rho) * (math.log1p(-rho) - (1 - mean).log())
    return (active + idle).sum()


def contractive_layer(h: Tensor, weight: Tensor) -> Tensor:
    """Give the squared Frobenius norm of one logistic layer's Jacobian, averaged over the documents.

    ``sum_j (h_j (1 - h_j))^2 sum_i W_ji^2`` for ``h = sigmoid(W x + b)``: Rifai, Vincent, Muller, Glorot and
    Bengio, *Contractive Auto-Encoders: Explicit Invariance During Feature Extraction*, ICML 2011.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        The layer's outputs.
    weight : Tensor of shape (bits, n_inputs)
        The layer's weights.

    Returns
    -------
    Tensor of shape ()
    """
    slopes = (h * (1 - h)).square()  # (n_documents, bits)
    return (slopes @ weight.square().sum(dim=1)).mean()


def contractive(encode: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Give the exact squared Frobenius norm of any encoder's Jacobian, averaged over the documents.

    ``||dh/dx||_F^2 = sum_j sum_i (dh_j / dx_i)^2``, by automatic differentiation, one backward pass a unit:
    Rifai et al. (2011), for encoders of any depth. It can itself be differentiated with respect to
    the encoder's parameters, and to x where that asks for it.

    Parameters
    ----------
    encode : callable
        Inputs of shape (n_documents, n_inputs) to codes of shape (n_documents, bits), each document on its
        own: no statistics of the batch inside.
    x : Tensor of shape (n_documents, n_inputs)
        Where to take the Jacobians.

    Returns
    -------
    Tensor of shape ()
        Under `torch.no_grad` the same number, without a graph.
    """
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_()
        norm = x.new_zeros(())
        for unit in encode(x).unbind(dim=1):  # (n_documents,)
            (row,) = torch.autograd.grad(unit.sum(), x, create_graph=True)
            norm = norm + row.square().sum()
    return norm / len(x)


def bit_balance(h: Tensor) -> Tensor:
    """Give ``sum_j (mean_j - 1/2)^2``, mean_j over the documents: each bit set in half of them.

    The first constraint of spectral hashing, as a penalty: Weiss, Torralba and Fergus, *Spectral Hashing*,
    NIPS 2008, section 2.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Codes, 0 to 1.

    Returns
    -------
    Tensor of shape ()
        0 when all bits are balanced, bits / 4 when all documents have one binary code.
    """
    return (h.mean(dim=0) - 0.5).square().sum()


def decorrelation(h: Tensor) -> Tensor:
    """Give the sum of the squared off-diagonal entries of ``s' s / n_documents``, with ``s = 2 h - 1``.

    The second constraint of spectral hashing, that bits be uncorrelated, as a penalty: Weiss, Torralba and
    Fergus (2008), section 2. Second moments, not centred ones: together with `bit_balance` they are
    correlations. Each pair of bits is counted twice, as in the matrix, so the sum grows with bits squared.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Codes, 0 to 1.

    Returns
    -------
    Tensor of shape ()
        0 when no two bits go together, bits * (bits - 1) when all documents have one binary code.
    """
    s = 2 * h - 1
    moments = s.T @ s / len(s)  # (bits, bits)
    return (moments - torch.diag(moments.diagonal())).square().sum()


def info_nce(z: Tensor, neighbours: Tensor, temperature: float) -> Tensor:
    """Give the contrastive loss of picking each document's neighbour among the batch's, and the reverse.

    ``-ln(exp(s_kk / t) / sum_l exp(s_kl / t))``, s the cosine between the codes ``tanh(z / 2) = 2 sigmoid(z) - 1``
    of document k and neighbour l: van den Oord, Li and Vinyals, *Representation Learning with Contrastive
    Predictive Coding* (2018), equation 4. Averaged over both directions, and over the documents.

    Parameters
    ----------
    z : Tensor of shape (n_documents, bits)
        Inputs of the code units for some documents.
    neighbours : Tensor of shape (n_documents, bits)
        The same for one neighbour of each, in the same order.
    temperature : float
        Above 0; the smaller, the harder the choice.

    Returns
    -------
    Tensor of shape ()
        Nats; ln n_documents when all codes are alike.
    """
    codes = F.normalize(torch.tanh(z / 2), dim=1)
    others = F.normalize(torch.tanh(neighbours / 2), dim=1)
    similarity = codes @ others.T / temperature  # (n_documents, n_documents)
    right = torch.arange(len(z), device=z.device)
    return (F.cross_entropy(similarity, right) + F.cross_entropy(similarity.T, right)) / 2
