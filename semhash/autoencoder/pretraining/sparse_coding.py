"""Sparse coding: the codes of documents in a dictionary, nearest to what a predictor says of them.

The objective is that of predictive sparse decomposition (`semhash.autoencoder.pretraining.sparse_decomposition`); with
``gamma = 0`` it is the lasso.

Shapes: x (n_documents, n_words), dictionary (n_words, n_codes), codes (n_documents, n_codes).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from semhash.config.record import require

__all__ = ["DecompositionConfig", "infer", "objective", "soft_threshold"]


@dataclass(frozen=True, kw_only=True)
class DecompositionConfig:
    """Weights of the objective's terms and how long to work at it.

    Attributes
    ----------
    sparsity : float
        Lambda, the cost of a code's absolute value, 0 or above.
    prediction : float
        Gamma, the cost of a squared difference between code and prediction, 0 or above. At 0 the codes are
        the lasso's, and the predictor merely learns to guess them.
    alternations : int
        Passes over the documents, 1 or above.
    inference_steps : int
        Proximal gradient steps a mini-batch at most, 1 or above.
    tolerance : float
        Inference ends when no document's subgradient is longer than this.
    predictor_steps : int
        L-BFGS steps on the predictor in each alternation, 1 or above.
    """

    sparsity: float = 0.5
    prediction: float = 0.5
    alternations: int = 30
    inference_steps: int = 200
    tolerance: float = 1e-3
    predictor_steps: int = 10

    def __post_init__(self) -> None:
        for name in ("sparsity", "prediction", "tolerance"):
            value = getattr(self, name)
            require(0 <= value < math.inf, name, "a number of 0 or above", value)
        for name in ("alternations", "inference_steps", "predictor_steps"):
            require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))


def soft_threshold(values: Tensor, threshold: float | Tensor) -> Tensor:
    """Draw values towards 0 by a threshold and stop there: the proximal operator of ``threshold * |.|_1``.

    Beck and Teboulle, *A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems* (2009),
    equation 1.5.
    """
    return values.sign() * (values.abs() - threshold).clamp_min(0)


def objective(
    x: Tensor, dictionary: Tensor, codes: Tensor, prediction: Tensor, config: DecompositionConfig
) -> Tensor:
    """Give the joint objective of each document, ``||x - W h||^2 + lambda |h|_1 + gamma ||h - f(x)||^2``.

    Parameters
    ----------
    x : Tensor of shape (n_documents, n_words)
        Documents.
    dictionary : Tensor of shape (n_words, n_codes)
        W.
    codes, prediction : Tensor of shape (n_documents, n_codes)
        h and f(x).
    config : DecompositionConfig
        Lambda and gamma.

    Returns
    -------
    Tensor of shape (n_documents,)
    """
    error = (x - codes @ dictionary.T).square().sum(dim=1)
    distance = (codes - prediction).square().sum(dim=1)
    return error + config.sparsity * codes.abs().sum(dim=1) + config.prediction * distance


def infer(
    x: Tensor,
    dictionary: Tensor,
    prediction: Tensor,
    config: DecompositionConfig,
    start: Tensor | None = None,
) -> Tensor:
    """Infer the codes that minimise the objective, by accelerated proximal gradient steps.

    FISTA (Beck and Teboulle, 2009, section 4, constant step 1/L), each document's momentum set back whenever
    it runs uphill (O'Donoghue and Candès, *Adaptive Restart for Accelerated Gradient Schemes*, 2015,
    equation 13). The smooth part's gradient is ``2 W^T (W h - x) + 2 gamma (h - f(x))``, of Lipschitz constant
    ``L = 2 (s + gamma)``, s the largest eigenvalue of ``W^T W``.

    Parameters
    ----------
    x : Tensor of shape (n_documents, n_words)
        Documents.
    dictionary : Tensor of shape (n_words, n_codes)
        W.
    prediction : Tensor of shape (n_documents, n_codes)
        f(x); of no account where gamma is 0.
    config : DecompositionConfig
        Weights, number of steps and tolerance.
    start : Tensor of shape (n_documents, n_codes) or None
        Where to begin; None begins at the prediction, as the paper does.

    Returns
    -------
    Tensor of shape (n_documents, n_codes)
        Never worse than the start, for any document.
    """
    gamma = config.prediction
    gram, target = dictionary.T @ dictionary, x @ dictionary + gamma * prediction
    lipschitz = 2 * (torch.linalg.eigvalsh(gram)[-1] + gamma).clamp_min(1e-12)
    start = prediction if start is None else start
    codes = ahead = start
    pace = torch.ones_like(x[:, :1])
    for _ in range(config.inference_steps):
        slope = 2 * (ahead @ gram + gamma * ahead - target)
        stepped = soft_threshold(ahead - slope / lipschitz, config.sparsity / lipschitz)
        residual, move = ahead - stepped, stepped - codes
        uphill = (residual * move).sum(dim=1, keepdim=True) > 0
        pace = torch.where(uphill, 1.0, pace)
        faster = (1 + (1 + 4 * pace.square()).sqrt()) / 2
        codes, ahead, pace = stepped, stepped + (pace - 1) / faster * move, faster
        # A step by r leaves the subgradient (L - H) r, H the smooth part's Hessian: at most L |r| long.
        if (lipschitz * residual.norm(dim=1) <= config.tolerance).all():
            break
    worse = objective(x, dictionary, codes, prediction, config) > objective(
        x, dictionary, start, prediction, config
    )
    return torch.where(worse[:, None], start, codes)
