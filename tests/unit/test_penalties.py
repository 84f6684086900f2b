import itertools
import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from semhash.autoencoder.penalties import (
    bit_balance,
    contractive,
    contractive_layer,
    decorrelation,
    info_nce,
    kl_sparsity,
    l1,
)
from semhash.errors import ConfigError


def normal(*shape: int, seed: int = 0) -> Tensor:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=source, dtype=torch.float64)


def codes(n: int = 6, bits: int = 4, seed: int = 0) -> Tensor:
    return torch.sigmoid(normal(n, bits, seed=seed))


def every_code(bits: int) -> Tensor:
    """All binary codes once each: balanced bits, no two of which go together."""
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=bits)), dtype=torch.float64)


def gradient(penalty: Callable[[Tensor], Tensor], h: Tensor) -> Tensor:
    h = h.clone().requires_grad_()
    (found,) = torch.autograd.grad(penalty(h), h)
    return found


def descend(penalty: Callable[[Tensor], Tensor], z: Tensor, steps: int = 400) -> Tensor:
    """Give the codes that gradient descent on the penalty alone arrives at."""
    z = z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.05)
    for _ in range(steps):
        optimiser.zero_grad()
        penalty(torch.sigmoid(z)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return torch.sigmoid(z).detach()


OF_CODES = {
    "l1": l1,
    "kl_sparsity": partial(kl_sparsity, rho=0.2),
    "bit_balance": bit_balance,
    "decorrelation": decorrelation,
}
of_codes = pytest.mark.parametrize("penalty", OF_CODES.values(), ids=OF_CODES)


@of_codes
def test_gradients_pass_torchs_own_check(penalty: Callable[[Tensor], Tensor]) -> None:
    assert gradcheck(penalty, (codes().requires_grad_(),))


@of_codes
def test_a_batch_said_twice_costs_the_same_and_the_order_of_documents_and_units_does_not_matter(
    penalty: Callable[[Tensor], Tensor],
) -> None:
    h = codes()
    for same in (torch.cat([h, h]), h.flip(0), h.flip(1)):
        torch.testing.assert_close(penalty(same), penalty(h))


def test_l1_by_hand_is_zero_at_zero_alone_and_pulls_every_activation_towards_it() -> None:
    h = torch.tensor([[0.5, -2.0], [1.0, 0.0]], dtype=torch.float64)
    assert l1(h).item() == (2.5 + 1) / 2
    assert l1(torch.zeros(3, 2)).item() == 0
    assert gradient(l1, h).tolist() == [[0.5, -0.5], [0.5, 0.0]]


def test_kl_sparsity_by_hand_sums_over_units_and_looks_at_their_means_alone() -> None:
    h = torch.tensor([[0.1, 0.9], [0.3, 0.1]], dtype=torch.float64)  # means 0.2 and 0.5
    by_hand = 0.2 * math.log(0.2 / 0.5) + 0.8 * math.log(0.8 / 0.5)
    assert kl_sparsity(h, 0.2).item() == pytest.approx(by_hand, rel=1e-12)
    half = 0.5 * math.log(0.5 / 0.2) + 0.5 * math.log(0.5 / 0.8)
    assert kl_sparsity(h, 0.5).item() == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize("rho", [0.01, 0.2, 0.5, 0.9])
def test_kl_sparsity_is_zero_and_level_at_the_target_and_above_zero_elsewhere(rho: float) -> None:
    target = torch.full((5, 3), rho, dtype=torch.float64)
    assert kl_sparsity(target, rho).item() == pytest.approx(0, abs=1e-14)
    assert gradient(partial(kl_sparsity, rho=rho), target).abs().max() < 1e-12
    costs = [
        kl_sparsity(torch.full((5, 3), r, dtype=torch.float64), rho).item() for r in torch.linspace(0, 1, 41)
    ]
    assert all(
        cost > 0 for cost, r in zip(costs, torch.linspace(0, 1, 41), strict=True) if abs(r - rho) > 1e-3
    )


def test_descent_on_kl_sparsity_brings_every_unit_to_the_target_activation() -> None:
    h = descend(partial(kl_sparsity, rho=0.1), normal(8, 3))
    torch.testing.assert_close(h.mean(dim=0), torch.full((3,), 0.1, dtype=torch.float64), atol=1e-3, rtol=0)


def test_dead_and_stuck_units_cost_kl_sparsity_much_but_never_infinity() -> None:
    for dtype, stuck in itertools.product((torch.float32, torch.float64), (0.0, 1.0)):
        h = torch.full((4, 2), stuck, dtype=dtype)
        cost = kl_sparsity(h, 0.3)
        assert math.isfinite(cost.item())
        assert cost > kl_sparsity((h + 0.01) / 1.02, 0.3)
        assert torch.isfinite(gradient(partial(kl_sparsity, rho=0.3), h)).all()


@pytest.mark.parametrize("rho", [0.0, 1.0, -0.1, math.nan])
def test_a_target_activation_out_of_range_is_an_error_in_words(rho: float) -> None:
    with pytest.raises(
        ConfigError, match=rf"rho: expected a mean activation above 0 and below 1, found {rho}"
    ):
        kl_sparsity(codes(), rho)


def finite_difference_norm(encode: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-5) -> float:
    total = 0.0
    for column in range(x.shape[1]):
        moved = torch.zeros_like(x)
        moved[:, column] = step
        total += float(((encode(x + moved) - encode(x - moved)) / (2 * step)).square().sum())
    return total / len(x)


def layer(weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    return torch.sigmoid(x @ weight.T + bias)


def deep(weights: list[Tensor], x: Tensor) -> Tensor:
    *hidden, last = weights
    for weight in hidden:
        x = torch.relu(x @ weight.T + 0.1)
    return torch.sigmoid(x @ last.T)


@pytest.mark.parametrize("seed", range(3))
def test_the_contractive_penalty_of_one_layer_in_closed_form_by_autograd_and_by_finite_differences(
    seed: int,
) -> None:
    weight, bias, x = normal(3, 5, seed=seed), normal(3, seed=seed + 10), normal(7, 5, seed=seed + 20)
    closed = contractive_layer(layer(weight, bias, x), weight)
    exact = contractive(partial(layer, weight, bias), x)
    torch.testing.assert_close(closed, exact)
    assert exact.item() == pytest.approx(finite_difference_norm(partial(layer, weight, bias), x), rel=1e-8)


def test_the_contractive_penalty_of_one_layer_by_hand() -> None:
    weight = torch.tensor([[2.0, 0.0], [1.0, -1.0]], dtype=torch.float64)
    x = torch.tensor([[0.0, 5.0], [math.log(3), math.log(3)]], dtype=torch.float64)
    h = torch.sigmoid(x @ weight.T)  # 1/2, 1/149.4..; 9/10, 1/2
    slope = math.exp(-5) / (1 + math.exp(-5)) ** 2
    by_hand = ((1 / 4) ** 2 * 4 + slope**2 * 2 + (9 / 100) ** 2 * 4 + (1 / 4) ** 2 * 2) / 2
    assert contractive_layer(h, weight).item() == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_contractive_penalty_of_a_deep_encoder_is_that_of_finite_differences(seed: int) -> None:
    encode = partial(
        deep, [normal(6, 5, seed=seed), normal(4, 6, seed=seed + 10), normal(3, 4, seed=seed + 20)]
    )
    x = normal(7, 5, seed=seed + 30)
    found = contractive(encode, x).item()
    assert found > 0
    assert found == pytest.approx(finite_difference_norm(encode, x), rel=1e-6)


def test_the_contractive_penalty_of_a_linear_encoder_is_the_norm_of_its_weights_and_a_constants_is_zero() -> (
    None
):
    weight, x = normal(3, 5), normal(7, 5, seed=1)
    torch.testing.assert_close(contractive(lambda x: x @ weight.T, x), weight.square().sum())
    assert contractive(lambda x: 0 * x[:, :2] + 1, x).item() == 0


def test_contractive_penalties_can_be_trained_on() -> None:
    weights = [normal(4, 3), normal(2, 4, seed=1)]
    x = normal(3, 3, seed=2)
    parameters = tuple(weight.requires_grad_() for weight in weights)
    assert gradcheck(lambda *moved: contractive(partial(deep, list(moved)), x), parameters)
    assert gradcheck(contractive_layer, (codes(3, 2).requires_grad_(), parameters[1]))
    of_inputs = x.clone().requires_grad_()
    assert gradcheck(
        lambda x: contractive(lambda x: torch.sigmoid(x @ weights[0].detach().T), x), (of_inputs,)
    )


def test_the_contractive_penalty_without_a_graph_is_the_same_number_and_asks_nothing_of_the_inputs() -> None:
    weight, x = normal(3, 5).requires_grad_(), normal(7, 5, seed=1)
    encode = partial(layer, weight, torch.zeros(3, dtype=torch.float64))
    trained = contractive(encode, x)
    with torch.no_grad():
        found = contractive(encode, x)
    assert torch.equal(found, trained)
    assert trained.requires_grad
    assert not found.requires_grad
    assert not x.requires_grad


def test_bit_balance_by_hand_and_at_its_ends() -> None:
    h = torch.tensor([[1.0, 0.0, 0.2], [0.5, 0.0, 0.8]], dtype=torch.float64)  # means 3/4, 0, 1/2
    assert bit_balance(h).item() == pytest.approx(1 / 16 + 1 / 4, rel=1e-12)
    assert bit_balance(every_code(3)).item() == 0
    assert bit_balance(torch.ones(4, 8)).item() == 8 / 4


def test_descent_on_bit_balance_brings_every_units_mean_to_a_half() -> None:
    h = descend(bit_balance, normal(8, 3) + 2)
    torch.testing.assert_close(h.mean(dim=0), torch.full((3,), 0.5, dtype=torch.float64), atol=1e-3, rtol=0)


def test_decorrelation_is_zero_for_all_codes_once_and_counts_every_pair_twice() -> None:
    free = every_code(3)
    assert decorrelation(free).item() == 0
    same = torch.cat([free, free[:, :1]], dim=1)  # bit 3 repeats bit 0
    opposite = torch.cat([free, 1 - free[:, :1]], dim=1)
    assert decorrelation(same).item() == 2
    assert decorrelation(opposite).item() == 2
    assert decorrelation(torch.zeros(5, 4)).item() == 4 * 3


def test_decorrelation_by_hand() -> None:
    h = torch.tensor([[1.0, 0.75], [0.0, 0.75]], dtype=torch.float64)  # s: (1, 1/2), (-1, 1/2)
    assert decorrelation(h).item() == 0
    h = torch.tensor([[1.0, 0.75], [0.0, 0.5]], dtype=torch.float64)  # s: (1, 1/2), (-1, 0): moment 1/4
    assert decorrelation(h).item() == pytest.approx(2 / 16, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_descent_on_decorrelation_parts_bits_that_went_together_though_none_may_shrink(seed: int) -> None:
    z = normal(16, 1, seed=seed) + 0.1 * normal(16, 3, seed=seed + 10)
    z.requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.05)
    costs = []
    for _ in range(300):
        s = z / z.square().mean(dim=0).sqrt()  # second moments of 1: shrinking to h = 1/2 is no way out
        cost = decorrelation((1 + s) / 2)
        optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        costs.append(cost.item())
    assert costs[0] > 5  # three pairs, twice, all but one
    assert costs[-1] < 1e-3


def far(signs: list[list[float]]) -> Tensor:
    """Inputs at which the units are all but at -1 and 1."""
    return 60 * torch.tensor(signs, dtype=torch.float64)


ORTHOGONAL = [[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0]]


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_info_nce_by_hand_for_orthogonal_equal_and_swapped_codes(temperature: float) -> None:
    z = far(ORTHOGONAL)
    right = math.log(
        1 + 3 * math.exp(-1 / temperature)
    )  # cosine 1 with its own neighbour, 0 with the others'
    assert info_nce(z, z, temperature).item() == pytest.approx(right, rel=1e-9)
    alike = torch.ones(4, 4, dtype=torch.float64)
    assert info_nce(alike, alike, temperature).item() == pytest.approx(math.log(4), rel=1e-12)
    wrong = right + 1 / temperature  # each document's neighbour lies where another's should
    assert info_nce(z, z.roll(1, dims=0), temperature).item() == pytest.approx(wrong, rel=1e-9)


def test_info_nce_is_the_mean_of_both_directions_of_choice_computed_one_by_one() -> None:
    z, neighbours, t = normal(5, 3), normal(5, 3, seed=1), 0.3
    a, b = torch.tanh(z / 2).tolist(), torch.tanh(neighbours / 2).tolist()

    def cosine(u: list[float], v: list[float]) -> float:
        return sum(x * y for x, y in zip(u, v, strict=True)) / (math.hypot(*u) * math.hypot(*v))

    s = [[cosine(u, v) / t for v in b] for u in a]
    forth = [math.log(sum(math.exp(s[k][m]) for m in range(5))) - s[k][k] for k in range(5)]
    back = [math.log(sum(math.exp(s[m][k]) for m in range(5))) - s[k][k] for k in range(5)]
    assert info_nce(z, neighbours, t).item() == pytest.approx(sum(forth + back) / 10, rel=1e-12)


def test_info_nce_does_not_mind_who_is_whose_neighbour_the_order_or_what_a_bit_calls_one() -> None:
    z, neighbours = normal(6, 4), normal(6, 4, seed=1)
    found = info_nce(z, neighbours, 0.2)
    flipped = torch.tensor([1.0, -1, -1, 1], dtype=torch.float64)
    for a, b in ((neighbours, z), (z.flip(0), neighbours.flip(0)), (z * flipped, neighbours * flipped)):
        torch.testing.assert_close(info_nce(a, b, 0.2), found)
    assert not torch.isclose(info_nce(z, neighbours.roll(1, dims=0), 0.2), found)


def test_info_nce_gradients_pass_torchs_own_check() -> None:
    inputs = (normal(4, 3).requires_grad_(), normal(4, 3, seed=1).requires_grad_())
    assert gradcheck(lambda z, neighbours: info_nce(z, neighbours, 0.5), inputs)


@pytest.mark.parametrize("seed", range(3))
def test_descent_on_info_nce_brings_neighbours_together_and_strangers_apart(seed: int) -> None:
    z = (0.1 * normal(8, 4, seed=seed)).requires_grad_()
    neighbours = (0.1 * normal(8, 4, seed=seed + 10)).requires_grad_()
    optimiser = torch.optim.Adam([z, neighbours], lr=0.05)
    for _ in range(200):
        optimiser.zero_grad()
        info_nce(z, neighbours, 0.2).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    cosines = torch.nn.functional.normalize(torch.tanh(z / 2), dim=1).detach()
    cosines = cosines @ torch.nn.functional.normalize(torch.tanh(neighbours / 2), dim=1).detach().T
    assert cosines.diagonal().min() > 0.9
    assert (cosines - torch.eye(8)).mean() < 0.1
