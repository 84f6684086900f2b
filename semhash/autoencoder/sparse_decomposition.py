"""Predictive sparse decomposition: a dictionary, sparse codes in it, and a predictor that guesses the codes.

After Kavukcuoglu, Ranzato and LeCun, *Fast Inference in Sparse Coding Algorithms with Applications to Object
Recognition* (2008); Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 14.8, equation 14.19::

    ||x - W h||^2 + lambda |h|_1 + gamma ||h - f(x)||^2        f(x) = g * tanh(K x + b)

The codes h of a document are what minimises it, the dictionary W has columns of length 1, and f is the
paper's predictor: codes have either sign, hence tanh (``g tanh(z) = 2 g sigmoid(2 z) - g`` makes it a logistic
layer). `fit` alternates: infer the codes, then make the dictionary and the predictor fit them. Each of the
three steps lowers the objective or leaves it, so the whole falls until it stands still.

Shapes: x (n_documents, n_words), dictionary (n_words, n_codes), codes (n_documents, n_codes).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import normalize

from semhash.errors import ConfigError, TrainingError
from semhash.progress import Progress, silent

__all__ = [
    "Decomposition",
    "DecompositionConfig",
    "Predictor",
    "fit",
    "fit_predictor",
    "infer",
    "objective",
    "soft_threshold",
    "update_dictionary",
]

_FIRST_NOISE = 0.1


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
            _require(0 <= value < math.inf, name, "a number of 0 or above", value)
        for name in ("alternations", "inference_steps", "predictor_steps"):
            _require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))


@dataclass(frozen=True)
class Predictor:
    """The encoder, ``f(x) = g * tanh(K x + b)``: the codes at the price of one matrix product.

    Attributes
    ----------
    gain : Tensor of shape (n_codes,)
        g, the largest value that each code's prediction can take.
    weight : Tensor of shape (n_codes, n_words)
        K.
    bias : Tensor of shape (n_codes,)
        b.
    """

    gain: Tensor
    weight: Tensor
    bias: Tensor

    @classmethod
    def zero(cls, dictionary: Tensor) -> "Predictor":
        """Start from the predictor that predicts 0: no weights, gains of 1; the codes to fit set it going."""
        n_words, n_codes = dictionary.shape
        return cls(
            dictionary.new_ones(n_codes),
            dictionary.new_zeros(n_codes, n_words),
            dictionary.new_zeros(n_codes),
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Predict codes, shape (n_documents, n_codes)."""
        return self.gain * torch.tanh(x @ self.weight.T + self.bias)


@dataclass(frozen=True)
class Decomposition:
    """What fitting leaves.

    Attributes
    ----------
    dictionary : Tensor of shape (n_words, n_codes)
        W, its columns of length 1.
    predictor : Predictor
        f.
    objectives : list of float
        The objective, a mean over the documents, after each alternation.
    distances : list of float
        Mean squared distance between predicted and inferred codes after each alternation, as a share of the
        inferred codes' mean squared length (0 where all codes are 0).
    """

    dictionary: Tensor
    predictor: Predictor
    objectives: list[float]
    distances: list[float]

    def predict(self, x: Tensor) -> Tensor:
        """Predict the codes of documents, shape (n_documents, n_codes), without inference."""
        return self.predictor(x)

    def decode(self, codes: Tensor) -> Tensor:
        """Give the documents that codes stand for, ``W h``, shape (n_documents, n_words)."""
        return codes @ self.dictionary.T


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


def update_dictionary(dictionary: Tensor, gram: Tensor, cross: Tensor) -> Tensor:
    """Fit the dictionary to the codes: each column in turn takes its best value of length 1.

    Block coordinate descent, Mairal, Bach, Ponce and Sapiro, *Online Learning for Matrix Factorization and
    Sparse Coding* (2010), algorithm 2: for column j, ``u = B_j - sum_{i != j} A_ij w_i`` and ``w_j = u / |u|``.
    Of all columns of length 1 it is the one of least squared error; a column that no document uses stays.

    Parameters
    ----------
    dictionary : Tensor of shape (n_words, n_codes)
        W, columns of length 1.
    gram : Tensor of shape (n_codes, n_codes)
        ``A = sum h h^T`` over the documents.
    cross : Tensor of shape (n_words, n_codes)
        ``B = sum x h^T`` over the documents.

    Returns
    -------
    Tensor of shape (n_words, n_codes)
    """
    columns = dictionary.clone()
    for j in range(columns.shape[1]):
        best = cross[:, j] - columns @ gram[:, j] + columns[:, j] * gram[j, j]
        length = best.norm()
        if length > 0:
            columns[:, j] = best / length
    return columns


def fit_predictor(
    predictor: Predictor, x_batches: Sequence[Tensor], codes: Sequence[Tensor], steps: int
) -> Predictor:
    """Fit the predictor to the codes: L-BFGS steps on the mean of ``||h - f(x)||^2``.

    Parameters
    ----------
    predictor : Predictor
        Where to begin.
    x_batches : sequence of Tensor of shape (n_documents, n_words)
        Documents.
    codes : sequence of Tensor of shape (n_documents, n_codes)
        The codes that they should get.
    steps : int
        L-BFGS steps at most.

    Returns
    -------
    Predictor
        Never a worse one.
    """
    parameters = [
        tensor.detach().clone().requires_grad_()
        for tensor in (predictor.gain, predictor.weight, predictor.bias)
    ]
    optimiser = torch.optim.LBFGS(parameters, max_iter=steps, line_search_fn="strong_wolfe")
    n_documents = sum(len(h) for h in codes)

    def closure() -> float:
        optimiser.zero_grad()
        total = 0.0
        for x, h in zip(x_batches, codes, strict=True):
            loss = (h - Predictor(*parameters)(x)).square().sum() / n_documents
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total

    with torch.enable_grad():
        before = optimiser.step(closure)  # type: ignore[no-untyped-call]
        after = closure()
    return Predictor(*(tensor.detach() for tensor in parameters)) if after < before else predictor


def fit(
    x_batches: Sequence[Tensor],
    n_codes: int,
    config: DecompositionConfig,
    generator: torch.Generator,
    progress: Progress = silent,
) -> Decomposition:
    """Fit dictionary and predictor to documents, alternating with the inference of their codes.

    Parameters
    ----------
    x_batches : sequence of Tensor of shape (n_documents, n_words)
        Documents in mini-batches of any sizes, of one dtype; read several times an alternation. The codes of
        all are kept in memory, so that each inference goes on from the one before.
    n_codes : int
        Columns of the dictionary; more than there are words makes it overcomplete.
    config : DecompositionConfig
        The objective's weights and how long to work at it.
    generator : torch.Generator
        Picks the documents that the first dictionary's columns are, and the little noise on them.
    progress : Progress
        Hears the mini-batches of stage ``train``, with the last objective.

    Returns
    -------
    Decomposition

    Raises
    ------
    ConfigError
        There is no document, or not one code.
    TrainingError
        The documents hold nan, infinity or numbers too large to square.
    """
    _require(n_codes >= 1, "n_codes", "1 or above", n_codes)
    _require(any(len(x) for x in x_batches), "x_batches", "one document at least", "none")
    with torch.no_grad():
        fitting = _Fitting(x_batches, config, _first_dictionary(x_batches, n_codes, generator))
        _check(fitting.objective())
        for _ in range(config.alternations):
            fitting.alternate(progress)
    return Decomposition(fitting.dictionary, fitting.predictor, fitting.objectives, fitting.distances)


class _Fitting:
    """The three unknowns on their way: codes, dictionary, predictor."""

    def __init__(self, x_batches: Sequence[Tensor], config: DecompositionConfig, dictionary: Tensor) -> None:
        self.x_batches = x_batches
        self.config = config
        self.dictionary = dictionary
        self.predictor = Predictor.zero(dictionary)
        self.codes = [self.predictor(x) for x in x_batches]
        self.objectives: list[float] = []
        self.distances: list[float] = []

    def alternate(self, progress: Progress) -> None:
        gram, cross = self._infer(progress)
        self.dictionary = update_dictionary(self.dictionary, gram, cross)
        steps = self.config.predictor_steps
        self.predictor = fit_predictor(self.predictor, self.x_batches, self.codes, steps)
        self.objectives.append(self.objective())
        self.distances.append(self.distance())

    def _infer(self, progress: Progress) -> tuple[Tensor, Tensor]:
        """Bring all codes up to date; give ``sum h h^T`` and ``sum x h^T``."""
        n_words, n_codes = self.dictionary.shape
        gram, cross = (self.dictionary.new_zeros(n, n_codes) for n in (n_codes, n_words))
        before, alternations = len(self.objectives) * len(self.codes), self.config.alternations
        detail = f"alternation {len(self.objectives) + 1} of {alternations}"
        detail += f", objective {self.objectives[-1]:.3f}" if self.objectives else ""
        for i, x in enumerate(self.x_batches):
            h = infer(x, self.dictionary, self.predictor(x), self.config, start=self.codes[i])
            self.codes[i] = h
            gram += h.T @ h
            cross += x.T @ h
            progress("train", before + i + 1, alternations * len(self.codes), detail)
        return gram, cross

    def objective(self) -> float:
        each = [
            objective(x, self.dictionary, h, self.predictor(x), self.config)
            for x, h in zip(self.x_batches, self.codes, strict=True)
        ]
        return torch.cat(each).mean().item()

    def distance(self) -> float:
        pairs = list(zip(self.x_batches, self.codes, strict=True))
        missed = sum((h - self.predictor(x)).square().sum().item() for x, h in pairs)
        length = sum(h.square().sum().item() for _, h in pairs)
        return missed / length if length else 0.0


def _first_dictionary(x_batches: Sequence[Tensor], n_codes: int, generator: torch.Generator) -> Tensor:
    """Take documents for columns, each once before any comes twice, with noise to tell them apart."""
    starts = [0, *accumulate(len(x) for x in x_batches)]
    chosen = torch.randperm(starts[-1], generator=generator)[torch.arange(n_codes) % starts[-1]].sort().values
    picked = [
        x[(chosen[(chosen >= start) & (chosen < start + len(x))] - start).to(x.device)]
        for start, x in zip(starts, x_batches, strict=False)
    ]
    columns = normalize(torch.cat(picked).T, dim=0)  # (n_words, n_codes); documents of zeros stay zeros
    noise = torch.randn(columns.shape, dtype=columns.dtype, generator=generator).to(columns.device)
    return normalize(columns + _FIRST_NOISE * normalize(noise, dim=0), dim=0)


def _check(first_objective: float) -> None:
    """Refuse documents that no sum of squares can be made of; from a finite objective all steps lead down."""
    if not math.isfinite(first_objective):
        raise TrainingError(
            f"sparse decomposition: expected documents of finite squared length, found {first_objective}; "
            "nothing was fitted; check them for nan, infinity and huge numbers"
        )


def _require(condition: bool, name: str, expected: str, found: object) -> None:
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, found {found!r}")
