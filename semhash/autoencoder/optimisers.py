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
from scipy import optimize
from scipy.optimize import OptimizeResult
from torch import Tensor

from semhash.errors import TrainingError

__all__ = ["Exact", "make_adam", "minimise"]

Exact = Literal["lbfgs", "cg"]


def make_adam(
    parameters: Iterable[Tensor], rate: float, updates: int
) -> tuple[torch.optim.Adam, torch.optim.lr_scheduler.OneCycleLR]:
    """Make Adam and its one-cycle schedule.

    Kingma and Ba, *Adam* (2015); Smith and Topin, *Super-convergence* (2019): the rate climbs from ``rate / 25``
    to ``rate`` over the first 30 percent of the updates, then falls to almost nothing, both along a cosine.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train.
    rate : float
        Peak learning rate.
    updates : int
        Mini-batches to come; step the schedule after each.
    """
    optimiser = torch.optim.Adam(parameters, lr=rate, fused=True)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=updates)


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
    def finished(intermediate_result: OptimizeResult) -> None:
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
