import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.code_layer import (
    SCHEDULES,
    FixedNoise,
    Threshold,
    activation_thresholds,
    bernoulli,
    noisy_logistic,
    thresholds,
)
from semhash.errors import ConfigError

CodeUnits = Callable[[Tensor], Tensor]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def share_undecided(units: CodeUnits, x: Tensor, seed: int) -> float:
    """Train W, V of x ~ V units(W x) by squared error; give the share of activations from 0.1 to 0.9."""
    source = generator(seed)
    encoder = (0.5 * torch.randn(4, 4, generator=source)).requires_grad_()
    decoder = (0.5 * torch.randn(4, 5, generator=source)).requires_grad_()
    optimiser = torch.optim.Adam([encoder, decoder], lr=0.05)
    for _ in range(200):
        h = units(x @ encoder)
        reconstruction = torch.cat([h, torch.ones(len(h), 1)], dim=1) @ decoder.T
        loss = (reconstruction - x).square().sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    h = torch.sigmoid(x @ encoder.detach())
    return float(((h > 0.1) & (h < 0.9)).double().mean())


@pytest.mark.parametrize("seed", range(3))
def test_noise_drives_activations_towards_zero_and_one_drawn_anew_or_fixed(seed: int) -> None:
    """Salakhutdinov and Hinton (2009): to be heard over noise of deviation 4, a unit must shout.

    The inputs are continuous, so that without noise a linear range of the units serves best.
    """
    source = generator(seed)
    x = 2 * torch.rand(128, 4, generator=source) - 1
    fixed, documents = FixedNoise.draw(128, 4, source), torch.arange(128)
    silent = share_undecided(torch.sigmoid, x, seed)
    anew = share_undecided(lambda z: noisy_logistic(z, 4.0, source), x, seed)
    kept = share_undecided(lambda z: fixed.logistic(z, documents, 4.0), x, seed)
    assert silent > 0.6
    assert anew < silent / 2
    assert kept < silent / 2


@pytest.mark.parametrize("deviation", [0.5, 4.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_noise_on_the_inputs_has_mean_zero_and_the_deviation_stated(seed: int, deviation: float) -> None:
    n, bits = 20_000, 3
    z = torch.tensor([-2.0, 0.0, 1.0], dtype=torch.float64).expand(n, bits)
    source = generator(seed)
    fixed = FixedNoise.draw(n, bits, source)
    for h in (noisy_logistic(z, deviation, source), fixed.logistic(z, torch.arange(n), deviation)):
        noise = (torch.logit(h) - z) / deviation
        assert noise.mean(dim=0).abs().max() < 6 / math.sqrt(n)
        assert (noise.std(dim=0) - 1).abs().max() < 6 / math.sqrt(2 * n)
        correlations = torch.corrcoef(noise.T) - torch.eye(bits)
        assert correlations.abs().max() < 6 / math.sqrt(n)


def test_without_deviation_the_units_are_deterministic_and_noise_does_not_bend_the_gradient() -> None:
    z = normal(6, 4).requires_grad_()
    fixed = FixedNoise.draw(6, 4, generator())
    assert torch.equal(noisy_logistic(z, 0.0, generator()), torch.sigmoid(z))
    assert torch.equal(fixed.logistic(z, torch.arange(6), 0.0), torch.sigmoid(z))
    assert torch.autograd.gradcheck(lambda z: noisy_logistic(z, 4.0, generator()), (z,))
    assert torch.autograd.gradcheck(lambda z: fixed.logistic(z, torch.arange(6), 4.0), (z,))


def test_new_noise_is_new_each_time_and_follows_from_the_generator_alone() -> None:
    z, source = normal(6, 4), generator(3)
    state = torch.get_rng_state()
    first, second = noisy_logistic(z, 1.0, source), noisy_logistic(z, 1.0, source)
    assert not torch.equal(first, second)
    assert torch.equal(noisy_logistic(z, 1.0, generator(3)), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_draws_follow_the_inputs_to_another_device_whatever_the_generators() -> None:
    z = normal(6, 4).to("meta")  # a device without values, found on every machine
    fixed = FixedNoise.draw(6, 4, generator())
    for h in (
        noisy_logistic(z, 1.0, generator()),
        fixed.logistic(z, torch.arange(6), 1.0),
        bernoulli(z, generator()),
    ):
        assert (h.device.type, h.shape, h.dtype) == ("meta", z.shape, torch.float64)


def test_fixed_noise_is_a_documents_own_in_every_epoch_and_every_mini_batch() -> None:
    fixed = FixedNoise.draw(50, 4, generator())
    z = normal(50, 4)
    whole = fixed.logistic(z, torch.arange(50), 4.0)
    for epoch in range(3):
        order = torch.randperm(50, generator=generator(epoch))
        for documents in torch.tensor_split(order, 4):
            torch.testing.assert_close(fixed.logistic(z[documents], documents, 4.0), whole[documents])
    again = FixedNoise.draw(50, 4, generator())
    assert torch.equal(again.logistic(z, torch.arange(50), 4.0), whole)


def test_fixed_noise_differs_between_documents_units_and_seeds() -> None:
    rows = FixedNoise.draw(50, 4, generator()).rows
    assert len(set(rows.flatten().tolist())) == 200
    assert not torch.isin(FixedNoise.draw(50, 4, generator(1)).rows, rows).any()


def test_the_schedules_by_hand() -> None:
    assert [SCHEDULES["constant"](share) for share in (0.0, 0.25, 1.0)] == [1, 1, 1]
    assert [SCHEDULES["linear"](share) for share in (0.0, 0.25, 1.0)] == [0, 0.25, 1]


@pytest.mark.parametrize("seed", range(3))
def test_bernoulli_units_are_zero_or_one_with_the_sigmoid_as_their_expectation(seed: int) -> None:
    n = 20_000
    z = torch.tensor([-50.0, -3.0, -0.5, 0.0, 2.0, 50.0], dtype=torch.float64)
    h = bernoulli(z.expand(n, 6), generator(seed))
    assert set(h.flatten().tolist()) == {0.0, 1.0}
    p = torch.sigmoid(z)
    deviation = (p * (1 - p) / n).sqrt()
    assert ((h.mean(dim=0) - p).abs() <= 6 * deviation + 1e-9).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bernoulli_units_are_exactly_zero_or_one_in_either_precision(dtype: torch.dtype) -> None:
    z = normal(5000, 4).to(dtype)
    h = bernoulli(z, generator())
    assert h.dtype == dtype
    assert set(h.flatten().tolist()) == {0.0, 1.0}
    assert torch.equal(bernoulli(z, generator()), h)


def test_the_straight_through_gradient_is_the_derivative_of_the_sigmoid_whatever_was_drawn() -> None:
    """Bengio, Léonard and Courville (2013): the gradient of the expectation stands in for that of the draw."""
    z = (3 * normal(40, 4)).requires_grad_()
    weight = normal(40, 4, seed=1)
    (expected,) = torch.autograd.grad((weight * torch.sigmoid(z)).sum(), z)
    step = 1e-6
    finite = weight * (torch.sigmoid(z + step) - torch.sigmoid(z - step)).detach() / (2 * step)
    torch.testing.assert_close(expected, finite, atol=1e-8, rtol=1e-6)
    for seed in range(3):
        (found,) = torch.autograd.grad((weight * bernoulli(z, generator(seed))).sum(), z)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("kind", [0.5, 0.1, "median"])
def test_thresholds_on_probabilities_and_on_activations_give_the_same_bits(kind: Threshold) -> None:
    for n in (101, 200):
        z = 2 * normal(n, 6, seed=n) + torch.linspace(-3, 3, 6)
        p = torch.sigmoid(z)
        in_probability, in_activation = thresholds(kind, p), activation_thresholds(kind, z)
        torch.testing.assert_close(torch.sigmoid(in_activation), in_probability)
        assert torch.equal(p > in_probability, z > in_activation)


def test_a_number_is_every_units_threshold_and_its_log_odds_that_of_the_activations() -> None:
    z = normal(7, 3)
    for number, log_odds in ((0.5, 0.0), (0.1, -math.log(9)), (0.75, math.log(3))):
        assert thresholds(number, torch.sigmoid(z)).tolist() == [number] * 3
        assert activation_thresholds(number, z).tolist() == pytest.approx([log_odds] * 3, abs=1e-15)


def test_the_median_sets_each_bit_in_half_of_the_documents() -> None:
    shift = torch.tensor([-10.0, 0.0, 3.0])
    for n, ones in ((200, 100), (201, 100)):
        z = normal(n, 3, seed=n) + shift
        assert (z > activation_thresholds("median", z)).sum(dim=0).tolist() == [ones] * 3


def test_the_median_of_activations_tells_documents_apart_that_float32_probabilities_cannot() -> None:
    z = torch.arange(40.0, 60.0).unsqueeze(1)
    assert int((z > activation_thresholds("median", z)).sum()) == 10
    assert int((torch.sigmoid(z) > thresholds("median", torch.sigmoid(z))).sum()) == 0


@pytest.mark.parametrize("kind", [0.0, 1.0, -0.5, 50.0, math.nan, "mean"])
@pytest.mark.parametrize("found_by", [thresholds, activation_thresholds])
def test_other_thresholds_are_an_error_in_words(
    found_by: Callable[[Threshold, Tensor], Tensor], kind: Threshold
) -> None:
    with pytest.raises(ConfigError, match=rf'above 0 and below 1 or "median", found {kind!r}'):
        found_by(kind, normal(4, 2))
