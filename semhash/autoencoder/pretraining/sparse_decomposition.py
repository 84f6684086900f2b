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

from semhash.autoencoder.pretraining.sparse_coding import DecompositionConfig, infer, objective
from semhash.config.record import require
from semhash.errors import TrainingError
from semhash.progress import Report, unheard

__all__ = [
    "Decomposition",
    "Predictor",
    "fit",
    "fit_predictor",
    "update_dictionary",
]

_FIRST_NOISE = 0.1


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
    report: Report = unheard,
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
    report : callable
        Hears the mini-batches of all alternations, with the last objective.

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
    require(n_codes >= 1, "n_codes", "1 or above", n_codes)
    require(any(len(x) for x in x_batches), "x_batches", "one document at least", "none")
    with torch.no_grad():
        fitting = _Fitting(x_batches, config, _first_dictionary(x_batches, n_codes, generator))
        _check(fitting.objective())
        for _ in range(config.alternations):
            fitting.alternate(report)
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

    def alternate(self, report: Report) -> None:
        gram, cross = self._infer(report)
        self.dictionary = update_dictionary(self.dictionary, gram, cross)
        steps = self.config.predictor_steps
        self.predictor = fit_predictor(self.predictor, self.x_batches, self.codes, steps)
        self.objectives.append(self.objective())
        self.distances.append(self.distance())

    def _infer(self, report: Report) -> tuple[Tensor, Tensor]:
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
            report(before + i + 1, alternations * len(self.codes), detail)
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
