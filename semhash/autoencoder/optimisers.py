"""Optimisers: Adam with a schedule for noisy objectives; L-BFGS and conjugate gradients for exact ones.

The last two follow the whole objective, with line searches: they are for objectives that give the same loss
for the same parameters, such as those without noise or with noise fixed for each case, over all documents or
large mini-batches.
"""

import math
from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam

from semhash.errors import TrainingError

__all__ = ["Adam", "Exact", "Schedule", "falling", "minimise", "one_cycle"]

Exact = Literal["lbfgs", "cg"]


Schedule = Callable[[int], float]
"""The learning rate of an update, the first of which is 0."""


def one_cycle(peak: float, updates: int) -> Schedule:
    """Return a rate that climbs from a 25th of its peak in the first 30 percent of the updates, then falls to nothing.

    Both along a cosine: Smith and Topin, *Super-convergence* (2019).

    Parameters
    ----------
    peak : float
        Highest rate.
    updates : int
        How many updates there will be.
    """
    top = max(0.0, 0.3 * updates - 1)
    first, last = peak / 25, peak / 250_000

    def rate(update: int) -> float:
        if update < top:
            return _along_cosine(first, peak, update / top)
        return _along_cosine(peak, last, (update - top) / max(1.0, updates - 1 - top))

    return rate


def falling(first: float, updates: int) -> Schedule:
    """Return a rate that falls in a straight line, to nothing after the last update."""
    return lambda update: first * (1 - update / updates)


def _along_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


class Adam:
    """Adam (Kingma and Ba, 2015) with a schedule.

    By torch's own function rather than its class: the class loads torch's compiler, which takes a second.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train: leaves that require a gradient.
    schedule : callable
        The learning rate of each update.
    """

    def __init__(self, parameters: Iterable[Tensor], schedule: Schedule) -> None:
        self.parameters = list(parameters)
        self.schedule = schedule
        self.updates = 0
        self._means, self._squares = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))
        self._steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @property
    def rate(self) -> float:
        """Learning rate of the next update."""
        return self.schedule(self.updates)

    def descend(self, loss: Tensor) -> None:
        """Take one step down the gradient of a loss."""
        gradients = torch.autograd.grad(loss, self.parameters, allow_unused=True)
        told = [i for i, gradient in enumerate(gradients) if gradient is not None]
        with torch.no_grad():
            adam(
                [self.parameters[i] for i in told],
                [gradients[i] for i in told],
                [self._means[i] for i in told],
                [self._squares[i] for i in told],
                [],
                [self._steps[i] for i in told],
                fused=True,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=self.rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
        self.updates += 1


def minimise(
    loss: Callable[[], Tensor], parameters: Iterable[Tensor], method: Exact, iterations: int
) -> list[float]:
    """Minimise a deterministic loss in place.

    ``lbfgs``: Liu and Nocedal (1989), limited memory of 10, line searches for the strong Wolfe conditions.
    ``cg``: Polak and Ribiere's nonlinear conjugate gradients, Nocedal and Wright, *Numerical Optimization*
    (2006), section 5.2, in 64-bit numbers. One iteration is one line search; Salakhutdinov and Hinton (2009)
    fine-tune with three on each mini-batch of 1000 documents, which is a call with ``iterations=3`` on each.

    Parameters
    ----------
    loss : callable
        Gives the loss, a tensor of shape (), at the parameters' present values.
    parameters : iterable of Tensor
        What to change; leaves that require a gradient, of one type and device. When anything is raised, an
        interrupt included, they are left at the last finished iteration.
    method : {"lbfgs", "cg"}
        Which optimiser.
    iterations : int
        How many at most; it stops early where the loss falls no further.

    Returns
    -------
    list of float
        The loss before the first iteration and after each.

    Raises
    ------
    TrainingError
        The loss is no finite number at the start.
    """
    followed = _Followed(loss, list(parameters))
    try:
        if method == "lbfgs":
            _lbfgs(followed, iterations)
        else:
            _conjugate_gradients(followed, iterations)
    finally:
        followed.restore()
    return followed.losses


class _Followed:
    """A loss as a function of one flat vector; remembers the last finished iteration."""

    def __init__(self, loss: Callable[[], Tensor], parameters: list[Tensor]) -> None:
        self.parameters = parameters
        self._loss = loss
        start = self.evaluate()
        if not math.isfinite(start):
            raise TrainingError(
                f"optimiser: expected a finite loss at the start, found {start}; "
                "start from other weights or use adam"
            )
        self.losses = [start]
        self._kept = [parameter.detach().clone() for parameter in parameters]

    def evaluate(self) -> float:
        """Compute the loss, and its gradient into the parameters' `grad`."""
        value = self._loss()
        gradients = torch.autograd.grad(value, self.parameters, allow_unused=True)
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = torch.zeros_like(parameter) if gradient is None else gradient
        return value.item()

    def finished(self, value: float) -> None:
        """Take note that an iteration ends at the parameters' present values."""
        self.losses.append(value)
        self._kept = [parameter.detach().clone() for parameter in self.parameters]

    @torch.no_grad()
    def restore(self) -> None:
        """Go back to the last finished iteration, and drop the gradients."""
        for parameter, kept in zip(self.parameters, self._kept, strict=True):
            parameter.copy_(kept)
            parameter.grad = None

    @torch.no_grad()
    def move(self, flat: NDArray[np.float64]) -> None:
        """Set the parameters from a vector of shape (n_values,)."""
        pieces = np.split(flat, np.cumsum([parameter.numel() for parameter in self.parameters])[:-1])
        for parameter, piece in zip(self.parameters, pieces, strict=True):
            parameter.copy_(torch.from_numpy(piece).view_as(parameter))

    def at(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Give the loss and its gradient, shape (n_values,), at a vector."""
        self.move(flat)
        value = self.evaluate()
        return value, _flat(parameter.grad for parameter in self.parameters)


def _flat(tensors: Iterable[Tensor | None]) -> NDArray[np.float64]:
    pieces = [tensor.detach().reshape(-1) for tensor in tensors if tensor is not None]
    return torch.cat(pieces).double().cpu().numpy()


def _lbfgs(followed: _Followed, iterations: int) -> None:
    optimiser = torch.optim.LBFGS(
        followed.parameters,
        max_iter=1,  # one a step, so that each can be followed; the memory lasts from step to step
        max_eval=26,  # of which a line search may have 25
        history_size=10,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )
    known: list[float] = [followed.losses[0]]  # the loss here, when its gradient is at hand already

    def closure() -> float:
        return known.pop() if known else followed.evaluate()

    for _ in range(iterations):
        optimiser.step(closure)  # type: ignore[no-untyped-call]
        value, before = followed.evaluate(), followed.losses[-1]
        if not value < before:
            break
        followed.finished(value)
        if before - value <= torch.finfo(followed.parameters[0].dtype).eps * abs(before):
            break
        known.append(value)


def _conjugate_gradients(followed: _Followed, iterations: int) -> None:
    from scipy import optimize  # loaded here, since few ask for it

    def finished(intermediate_result: optimize.OptimizeResult) -> None:
        followed.move(intermediate_result.x)
        followed.finished(float(intermediate_result.fun))

    optimize.minimize(
        followed.at,
        _flat(followed.parameters),
        method="CG",
        jac=True,
        callback=finished,
        options={"maxiter": iterations, "gtol": 0.0},
    )
