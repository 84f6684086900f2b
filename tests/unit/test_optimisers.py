import math
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from torch import Tensor, nn

from semhash.autoencoder.optimisers import Adam, Exact, falling, minimise, one_cycle
from semhash.errors import TrainingError

METHODS: tuple[Exact, ...] = ("lbfgs", "cg")
BOTH = pytest.mark.parametrize("method", METHODS)
SEEDS = pytest.mark.parametrize("seed", range(3))


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def quadratic(seed: int) -> tuple[Callable[[], Tensor], list[nn.Parameter], Tensor, float]:
    """1/2 x'Ax - b'x over two parameters of different shapes; A has a condition number of about 100."""
    root = drawn(seed, 7, 7)
    a, b = root @ root.T + torch.eye(7).double() / 2, drawn(seed + 50, 7)
    first, second = nn.Parameter(torch.zeros(2, 2).double()), nn.Parameter(torch.zeros(3).double())

    def loss() -> Tensor:
        x = torch.cat([first.reshape(-1), second])
        return x @ a @ x / 2 - b @ x

    least = torch.linalg.solve(a, b)
    return loss, [first, second], least, float(-b @ least / 2)


class LinearAutoencoder(nn.Module):
    def __init__(self, n_words: int, n_code: int, seed: int) -> None:
        super().__init__()
        self.encoder = nn.Parameter(drawn(seed, n_code, n_words) / 10)
        self.decoder = nn.Parameter(drawn(seed + 50, n_words, n_code) / 10)

    def loss(self, x: Tensor) -> Tensor:
        return (x - x @ self.encoder.T @ self.decoder.T).square().sum()


@SEEDS
@BOTH
def test_the_minimum_of_a_quadratic_is_found(method: Exact, seed: int) -> None:
    loss, parameters, least, lowest = quadratic(seed)
    losses = minimise(loss, parameters, method, 100)
    found = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    torch.testing.assert_close(found, least, rtol=1e-5, atol=1e-5)
    assert losses[0] == 0.0
    assert losses[-1] == pytest.approx(lowest, rel=1e-9)
    assert len(losses) < 100  # stopped where there was nothing more to win


@SEEDS
@BOTH
def test_a_linear_autoencoder_reaches_the_optimum_of_the_svd_theorem(method: Exact, seed: int) -> None:
    """The best rank-k approximation (Eckart and Young): PCA's subspace, the left-out singular values' squares."""
    n_code = 3
    x = drawn(seed + 100, 40, 10) * torch.linspace(3, 0.3, 10).double()
    x = x - x.mean(dim=0)
    autoencoder = LinearAutoencoder(10, n_code, seed)
    losses = minimise(lambda: autoencoder.loss(x), autoencoder.parameters(), method, 1000)
    _, singular, components = torch.linalg.svd(x, full_matrices=False)
    assert losses[-1] == pytest.approx(float(singular[n_code:].square().sum()), rel=1e-6)
    for learned in (autoencoder.decoder.detach(), autoencoder.encoder.detach().T):
        assert subspace_angles(learned.numpy(), components[:n_code].T.numpy()).max() < 0.01


@BOTH
def test_losses_fall_at_every_iteration_and_are_those_of_the_parameters(method: Exact) -> None:
    x = drawn(1, 30, 8)
    autoencoder = LinearAutoencoder(8, 2, 0)
    start = autoencoder.loss(x).item()
    losses = minimise(lambda: autoencoder.loss(x), autoencoder.parameters(), method, 6)
    assert len(losses) == 7
    assert losses[0] == start
    assert losses[-1] == autoencoder.loss(x).item()
    assert all(after < before for before, after in pairwise(losses))


@BOTH
def test_no_iterations_change_nothing(method: Exact) -> None:
    loss, parameters, _, _ = quadratic(0)
    assert minimise(loss, parameters, method, 0) == [0.0]
    assert all(torch.equal(parameter, torch.zeros_like(parameter)) for parameter in parameters)


@BOTH
def test_few_iterations_on_each_of_many_batches_fine_tune_as_in_the_paper(method: Exact) -> None:
    x = drawn(2, 60, 8) * torch.linspace(3, 0.3, 8).double()
    autoencoder = LinearAutoencoder(8, 2, 0)
    before = autoencoder.loss(x).item()
    for _ in range(3):
        for start in range(0, 60, 20):
            loss = partial(autoencoder.loss, x[start : start + 20])
            minimise(loss, autoencoder.parameters(), method, 3)
    left_out = float(torch.linalg.svdvals(x)[2:].square().sum())
    assert autoencoder.loss(x).item() < left_out + (before - left_out) / 4


@BOTH
def test_parameters_of_32_bits_are_trained_in_place_and_share_no_memory(method: Exact) -> None:
    layer = nn.Linear(4, 3)
    wanted = drawn(3, 20, 3).float()
    inputs = drawn(4, 20, 4).float()
    with_ones = torch.cat([inputs, torch.ones(20, 1)], dim=1)
    least = (wanted - with_ones @ torch.linalg.lstsq(with_ones, wanted).solution).square().sum().item()
    losses = minimise(lambda: (layer(inputs) - wanted).square().sum(), layer.parameters(), method, 100)
    assert layer.weight.dtype == torch.float32
    assert losses[-1] == pytest.approx(least, rel=1e-4)
    assert layer.weight.untyped_storage().data_ptr() != layer.bias.untyped_storage().data_ptr()
    assert layer.weight.untyped_storage().nbytes() == 4 * 12
    assert layer.weight.grad is None


@BOTH
def test_an_interrupt_leaves_the_last_finished_iteration(method: Exact) -> None:
    loss, parameters, _, _ = quadratic(0)
    uninterrupted = minimise(loss, parameters, method, 3)
    for parameter in parameters:
        nn.init.zeros_(parameter)
    calls = 0

    def interrupted() -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt
        return loss()

    with pytest.raises(KeyboardInterrupt):
        minimise(interrupted, parameters, method, 100)
    assert loss().item() in [pytest.approx(value, abs=1e-12) for value in uninterrupted[1:]]


@BOTH
def test_a_parameter_that_the_loss_does_not_use_stays_as_it_is(method: Exact) -> None:
    loss, parameters, _, lowest = quadratic(0)
    idle = nn.Parameter(torch.ones(2).double())
    assert minimise(loss, [idle, *parameters], method, 100)[-1] == pytest.approx(lowest)
    assert torch.equal(idle, torch.ones(2).double())


@BOTH
def test_a_loss_that_is_no_number_at_the_start_is_an_error_in_words(method: Exact) -> None:
    parameter = nn.Parameter(torch.zeros(1))
    with pytest.raises(TrainingError, match="expected a finite loss at the start, found nan"):
        minimise(lambda: torch.log(parameter - 1).sum(), [parameter], method, 3)


@BOTH
def test_a_loss_that_is_no_number_further_on_is_not_gone_to(method: Exact) -> None:
    """ln x + 1/x has its minimum at 1 and is no number below 0, where the first long step may land."""
    parameter = nn.Parameter(torch.tensor([0.05]).double())

    def loss() -> Tensor:
        return (parameter.log() + 1 / parameter).sum()

    losses = minimise(loss, [parameter], method, 50)
    assert all(map(math.isfinite, losses))
    assert parameter.item() > 0
    assert losses == sorted(losses, reverse=True)


def test_adams_rate_climbs_to_its_peak_and_falls_to_almost_nothing() -> None:
    schedule = one_cycle(0.01, 100)
    rates = [schedule(update) for update in range(100)]
    assert rates[0] == pytest.approx(0.01 / 25)
    assert int(np.argmax(rates)) == 29  # 30 percent of the updates
    assert max(rates) == pytest.approx(0.01)
    assert rates[:30] == sorted(rates[:30])
    assert rates[29:] == sorted(rates[29:], reverse=True)
    assert rates[-1] < 0.01 / 1e5


def test_the_cycle_is_torchs() -> None:
    reference = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(reference, 0.01, total_steps=40)
    for update in range(40):
        assert one_cycle(0.01, 40)(update) == pytest.approx(reference.param_groups[0]["lr"], rel=1e-6)
        reference.step()
        schedule.step()


def test_a_falling_rate_falls_evenly_and_never_below_nothing() -> None:
    rates = [falling(0.1, 4)(update) for update in range(4)]
    assert rates == pytest.approx([0.1, 0.075, 0.05, 0.025])


@pytest.mark.parametrize("updates", [1, 2, 10])
def test_adam_takes_as_many_updates_as_it_was_told(updates: int) -> None:
    parameter = nn.Parameter(torch.zeros(1))
    optimiser = Adam([parameter], one_cycle(0.01, updates))
    for _ in range(updates):
        optimiser.descend(parameter.sum())
    assert math.isfinite(parameter.item())
    assert parameter.item() < 0


def test_adams_steps_are_torchs_and_what_the_loss_does_not_hang_on_stays() -> None:
    mine, theirs, idle = (nn.Parameter(drawn(0, 5)) for _ in range(3))
    before = idle.detach().clone()
    optimiser = Adam([mine, idle], falling(0.1, 50))
    reference = torch.optim.Adam([theirs], lr=0.1)
    for update in range(50):
        optimiser.descend(mine.pow(4).sum() + mine.sum())
        reference.param_groups[0]["lr"] = falling(0.1, 50)(update)
        reference.zero_grad()
        (theirs.pow(4).sum() + theirs.sum()).backward()  # type: ignore[no-untyped-call]
        reference.step()
    torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-9)
    assert torch.equal(idle, before)


def test_a_step_of_training_does_without_torchs_compiler_which_takes_a_second_to_load() -> None:
    code = (
        "import sys, torch; from semhash.autoencoder.optimisers import Adam, falling\n"
        "from semhash.autoencoder.network import Autoencoder; from semhash.config import ModelConfig\n"
        "network = Autoencoder(40, ModelConfig(), torch.Generator())\n"
        "x = torch.ones(3, 40); Adam(network.parameters(), falling(0.1, 1)).descend(network(x).sum())\n"
        "sys.exit(bool({'torch._dynamo', 'sympy', 'sklearn'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@SEEDS
def test_adam_finds_the_minimum_of_a_quadratic(seed: int) -> None:
    loss, parameters, _, lowest = quadratic(seed)
    optimiser = Adam(parameters, one_cycle(0.1, 800))
    for _ in range(800):
        optimiser.descend(loss())
    assert loss().item() == pytest.approx(lowest, rel=0.01)
