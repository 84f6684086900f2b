import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from semhash.autoencoder.likelihoods import LIKELIHOODS, Likelihood

COUNTS = torch.tensor([[3.0, 0.0, 1.0, 0.0], [0.0, 0.0, 7.0, 2.0], [1.0, 1.0, 1.0, 1.0]], dtype=torch.float64)
PRESENT = (COUNTS > 0).double()
REAL = torch.tensor([[0.5, -1.0, 2.0, 0.0], [3.0, 0.1, -0.2, 1.0], [0.0, 0.0, 0.0, 9.0]], dtype=torch.float64)
TARGETS = {"multinomial": COUNTS, "poisson": COUNTS, "bernoulli": PRESENT, "gaussian": REAL}

each = pytest.mark.parametrize("likelihood", LIKELIHOODS.values(), ids=LIKELIHOODS)
over_words = pytest.mark.parametrize("likelihood", [LIKELIHOODS["multinomial"], LIKELIHOODS["poisson"]])


def pre_activations(seed: int = 0, scale: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(3, 4, generator=generator, dtype=torch.float64)


def gradient(loss: Callable[[Tensor, Tensor], Tensor], a: Tensor, target: Tensor) -> Tensor:
    a = a.clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(a, target).sum(), a)
    return found


def log_density(distribution: torch.distributions.Distribution, x: Tensor) -> Tensor:
    return distribution.log_prob(x)


@each
def test_the_gradient_is_prediction_minus_target_and_that_of_finite_differences(
    likelihood: Likelihood,
) -> None:
    a, target = pre_activations(), TARGETS[likelihood.name]
    predicted = likelihood.mean(a, target.sum(dim=1))
    torch.testing.assert_close(gradient(likelihood.loss, a, target), predicted - target)
    step = 1e-6
    for row, column in itertools.product(range(3), range(4)):
        moved = torch.zeros_like(a)
        moved[row, column] = step
        slopes = (likelihood.loss(a + moved, target) - likelihood.loss(a - moved, target)) / (2 * step)
        expected = torch.zeros(3, dtype=torch.float64)
        expected[row] = (predicted - target)[row, column]  # and no other document's loss moves
        torch.testing.assert_close(slopes, expected, atol=1e-7, rtol=1e-6)


@each
def test_first_and_second_derivatives_pass_torchs_own_check(likelihood: Likelihood) -> None:
    target = TARGETS[likelihood.name]
    a = pre_activations(1).requires_grad_()
    assert gradcheck(lambda a: likelihood.loss(a, target), (a,))
    assert torch.autograd.gradgradcheck(lambda a: likelihood.loss(a, target), (a,))


def test_bernoulli_probabilities_of_all_targets_sum_to_one_and_average_to_the_mean() -> None:
    likelihood = LIKELIHOODS["bernoulli"]
    a = pre_activations()[:1]
    every = torch.tensor(list(itertools.product((0.0, 1.0), repeat=4)), dtype=torch.float64)
    p = torch.exp(-likelihood.loss(a.expand(16, 4), every))
    assert p.sum().item() == pytest.approx(1, rel=1e-12)
    torch.testing.assert_close(p @ every, likelihood.mean(a, every[:1].sum(dim=1))[0])


def test_multinomial_probabilities_of_all_counts_sum_to_one_with_the_coefficient_that_is_left_out() -> None:
    likelihood = LIKELIHOODS["multinomial"]
    a, length = pre_activations()[:1], 5
    counts = [c for c in itertools.product(range(length + 1), repeat=4) if sum(c) == length]
    coefficients = [math.factorial(length) / math.prod(map(math.factorial, c)) for c in counts]
    every = torch.tensor(counts, dtype=torch.float64)
    p = torch.tensor(coefficients, dtype=torch.float64) * torch.exp(
        -likelihood.loss(a.expand(len(every), 4), every)
    )
    assert p.sum().item() == pytest.approx(1, rel=1e-12)
    torch.testing.assert_close(p @ every, likelihood.mean(a, every[:1].sum(dim=1))[0])


def test_the_gaussian_is_the_density_of_variance_one_but_for_its_constant() -> None:
    a = pre_activations()
    density = log_density(torch.distributions.Normal(a, torch.ones_like(a)), REAL).sum(dim=1)
    constant = 4 / 2 * math.log(2 * math.pi)
    torch.testing.assert_close(LIKELIHOODS["gaussian"].loss(a, REAL), -density - constant)


def test_the_constrained_poisson_is_the_whole_probability_of_the_counts_at_rates_that_sum_to_the_length() -> (
    None
):
    likelihood = LIKELIHOODS["poisson"]
    a = pre_activations()
    rates = likelihood.mean(a, COUNTS.sum(dim=1))
    torch.testing.assert_close(rates.sum(dim=1), COUNTS.sum(dim=1))
    density = log_density(torch.distributions.Poisson(rates), COUNTS).sum(dim=1)
    torch.testing.assert_close(likelihood.loss(a, COUNTS), -density)


def test_the_constrained_poisson_is_a_poisson_length_times_a_multinomial() -> None:
    """p(x) = Poisson(N; N) Multinomial(x; N, softmax): the two losses differ by what no parameter moves."""
    lengths = COUNTS.sum(dim=1)
    of_length = log_density(torch.distributions.Poisson(lengths), lengths)
    coefficient = torch.lgamma(lengths + 1) - torch.lgamma(COUNTS + 1).sum(dim=1)
    for seed in range(3):
        a = pre_activations(seed)
        difference = LIKELIHOODS["poisson"].loss(a, COUNTS) - LIKELIHOODS["multinomial"].loss(a, COUNTS)
        torch.testing.assert_close(difference, -of_length - coefficient)


@over_words
def test_a_constant_added_to_a_documents_pre_activations_changes_nothing(likelihood: Likelihood) -> None:
    a = pre_activations()
    shift = torch.tensor([[5.0], [-3.0], [100.0]], dtype=torch.float64)
    torch.testing.assert_close(likelihood.loss(a + shift, COUNTS), likelihood.loss(a, COUNTS))


def test_shares_give_the_counts_multinomial_loss_divided_by_the_length() -> None:
    loss, a, lengths = LIKELIHOODS["multinomial"].loss, pre_activations(), COUNTS.sum(dim=1)
    torch.testing.assert_close(loss(a, COUNTS / lengths.unsqueeze(1)), loss(a, COUNTS) / lengths)


@over_words
def test_a_document_without_a_word_costs_nothing_and_pulls_nowhere(likelihood: Likelihood) -> None:
    a, empty = pre_activations(), torch.zeros(3, 4, dtype=torch.float64)
    assert torch.equal(likelihood.loss(a, empty), torch.zeros(3, dtype=torch.float64))
    assert torch.equal(gradient(likelihood.loss, a, empty), torch.zeros_like(a))


@each
def test_no_prediction_beats_the_one_whose_mean_is_the_target(likelihood: Likelihood) -> None:
    target = TARGETS[likelihood.name]
    if likelihood.name == "gaussian":
        best = target.clone()
    else:
        target = (target + 0.5) / (target + 0.5).sum(dim=1, keepdim=True)
        best = torch.logit(target) if likelihood.name == "bernoulli" else torch.log(target)
    least = likelihood.loss(best, target)
    torch.testing.assert_close(likelihood.mean(best, target.sum(dim=1)), target)
    for seed in range(20):
        assert (likelihood.loss(best + pre_activations(seed, 0.1), target) > least).all()


@each
@pytest.mark.parametrize("size", [1e2, 1e4, 1e15])
def test_extreme_pre_activations_overflow_neither_loss_nor_gradient(
    likelihood: Likelihood, size: float
) -> None:
    a = torch.tensor([[size, -size, 0, size], [-size] * 4, [size] * 4], dtype=torch.float32)
    target = TARGETS[likelihood.name].float()
    assert torch.isfinite(likelihood.loss(a, target)).all()
    torch.testing.assert_close(
        gradient(likelihood.loss, a, target), likelihood.mean(a, target.sum(dim=1)) - target
    )


def test_losses_at_the_extremes_by_hand() -> None:
    a = torch.tensor([[1e4, -1e4]])
    absent = torch.tensor([[0.0, 1.0]])
    assert LIKELIHOODS["bernoulli"].loss(a, absent).item() == 2e4  # each costs |a|
    assert LIKELIHOODS["bernoulli"].loss(-a, absent).item() == 0
    assert LIKELIHOODS["multinomial"].loss(a, absent).item() == 2e4  # the odds against it
    assert LIKELIHOODS["multinomial"].loss(-a, absent).item() == 0
    assert LIKELIHOODS["poisson"].loss(-a, absent).item() == 1  # rates 0 and 1: -ln(1 e^-1 / 1!) = 1
    assert LIKELIHOODS["gaussian"].loss(a, torch.zeros(1, 2)).item() == 1e8


def test_the_registry_knows_each_likelihood_by_its_own_name() -> None:
    assert set(LIKELIHOODS) == {"multinomial", "poisson", "bernoulli", "gaussian"}
    assert all(name == likelihood.name for name, likelihood in LIKELIHOODS.items())
