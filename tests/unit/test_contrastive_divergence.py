"""Contrastive divergence against the exact likelihood, by enumeration of all that a small machine can be."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.pretraining.contrastive_divergence import (
    ContrastiveDivergence,
    Gradient,
    RbmTrainer,
    cd_gradient,
    gibbs,
    momentum_step,
)
from semhash.autoencoder.pretraining.rbm import Rbm, Visible, initial_rbm
from semhash.errors import ConfigError, TrainingError

SEEDS = pytest.mark.parametrize("seed", range(3))
EXACT: tuple[Visible, ...] = ("bernoulli", "multinomial")
# Two subjects: units 0 to 2 go together, and units 3 to 5.
DATA: dict[Visible, Tensor] = {
    "bernoulli": torch.tensor(
        [[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1]], dtype=torch.float64
    ),
    "multinomial": torch.tensor(
        [[2, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 2, 1], [0, 0, 0, 0, 1, 1]], dtype=torch.float64
    ),
}
DATA["poisson"] = DATA["multinomial"]


def every_state(visible: Visible, length: int, n: int = 6) -> tuple[Tensor, Tensor]:
    """All that can be seen, and the logarithm of how many word sequences each stands for."""
    if visible == "bernoulli":
        states = list(itertools.product((0, 1), repeat=n))
        return torch.tensor(states, dtype=torch.float64), torch.zeros(len(states), dtype=torch.float64)
    states = [s for s in itertools.product(range(length + 1), repeat=n) if sum(s) == length]
    counts = torch.tensor(states, dtype=torch.float64)
    orders = math.lgamma(length + 1) - torch.lgamma(counts + 1).sum(dim=1)
    # The energy of a Poisson layer has the factorials in it.
    return counts, orders if visible == "multinomial" else torch.zeros(len(states), dtype=torch.float64)


def log_unnormalised(values: list[Tensor], visible: Visible, v: Tensor) -> Tensor:
    """ln sum_h exp(-E(v, h)), from the energy, summed over every h."""
    weight, hidden_bias, visible_bias = values
    states = torch.tensor(list(itertools.product((0.0, 1.0), repeat=len(weight))), dtype=torch.float64)
    scale = v.sum(dim=1, keepdim=True) if visible == "multinomial" else torch.ones(len(v), 1).double()
    joint = (v @ weight.T + scale * hidden_bias) @ states.T  # (n_documents, n_states)
    factorials = torch.lgamma(v + 1).sum(dim=1) if visible == "poisson" else 0.0
    return torch.logsumexp(joint, dim=1) + v @ visible_bias - factorials


def log_likelihood(values: list[Tensor], visible: Visible, data: Tensor) -> Tensor:
    """Mean exact log-likelihood; of documents of words, given their lengths."""
    total = torch.zeros((), dtype=torch.float64)
    for v in data:
        states, orders = every_state(visible, int(v.sum()))
        z = torch.logsumexp(log_unnormalised(values, visible, states) + orders, dim=0)
        total = total + log_unnormalised(values, visible, v[None])[0] - z
    return total / len(data)


def values_of(rbm: Rbm) -> list[Tensor]:
    return [rbm.weight, rbm.hidden_bias, rbm.visible_bias]


def random_rbm(visible: Visible, seed: int, deviation: float) -> Rbm:
    source = torch.Generator().manual_seed(seed)
    shapes = ((3, 6), (3,), (6,))
    weight, b, a = (torch.randn(shape, generator=source, dtype=torch.float64) * deviation for shape in shapes)
    return Rbm(weight, b / 2, a / 2, visible)


def exact_gradient(rbm: Rbm, data: Tensor) -> Tensor:
    values = [value.clone().requires_grad_() for value in values_of(rbm)]
    return flat(torch.autograd.grad(log_likelihood(values, rbm.visible, data), values))


def flat(gradient: Gradient | tuple[Tensor, ...]) -> Tensor:
    return torch.cat([slope.reshape(-1) for slope in gradient])


def estimate(rbm: Rbm, data: Tensor, steps: int, seed: int) -> Tensor:
    many = data.repeat(3000, 1)
    return flat(cd_gradient(rbm, many, steps, torch.Generator().manual_seed(seed), sampled_visible=True))


def cosine(a: Tensor, b: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(a, b, dim=0))


@SEEDS
@pytest.mark.parametrize("visible", EXACT)
def test_the_estimate_becomes_the_exact_gradient_as_the_steps_grow(visible: Visible, seed: int) -> None:
    rbm, data = random_rbm(visible, seed, 1.0), DATA[visible]
    exact = exact_gradient(rbm, data)
    few, many = estimate(rbm, data, 1, seed), estimate(rbm, data, 40, seed)
    few_error, many_error = ((found - exact).norm() / exact.norm() for found in (few, many))
    assert cosine(few, exact) > 0.9  # one step is biased, but uphill
    assert many_error < 0.05  # what 12,000 draws leave
    assert many_error < few_error / 2
    assert cosine(many, exact) > 0.998


@SEEDS
@pytest.mark.parametrize("sampled", [True, False])
@pytest.mark.parametrize("visible", [*EXACT, "poisson"])
def test_training_raises_the_exact_likelihood(visible: Visible, sampled: bool, seed: int) -> None:
    data = DATA[visible]
    generator = torch.Generator().manual_seed(seed)
    start = initial_rbm(data.mean(dim=0), 3, visible, generator)
    trainer = RbmTrainer(start, ContrastiveDivergence(sampled_visible=sampled, count_rate=0.1), generator)
    for epoch in range(120):
        trainer.update(data.repeat(5, 1), epoch)
    before = float(log_likelihood(values_of(start), visible, data))
    after = float(log_likelihood(values_of(trainer.rbm), visible, data))
    assert after > before + 0.5
    assert after < known_by_heart(visible, data)


def known_by_heart(visible: Visible, data: Tensor) -> float:
    """What no model can surpass: the data themselves as the distribution, each order of words as likely."""
    if visible == "bernoulli":
        return -math.log(4)
    orders = torch.lgamma(data.sum(dim=1) + 1) - torch.lgamma(data + 1).sum(dim=1)
    return -math.log(2) - (float(orders.mean()) if visible == "multinomial" else 0.0)  # two of each length


def test_chains_start_at_their_own_documents() -> None:
    """Each hidden unit stands for one document and is on for it alone: it comes back from its own unit."""
    data = torch.eye(4)[[2, 0, 3, 1]]
    rbm = Rbm(180 * torch.eye(4), torch.full((4,), -90.0), torch.full((4,), -90.0))
    for sampled in (True, False):
        recon = gibbs(rbm, data, 2, torch.Generator().manual_seed(0), sampled_visible=sampled)
        torch.testing.assert_close(recon, data)


def test_chains_keep_to_their_documents_lengths() -> None:
    rbm, data = random_rbm("multinomial", 0, 1.0), DATA["multinomial"]
    for sampled in (True, False):
        recon = gibbs(rbm, data, 3, torch.Generator().manual_seed(0), sampled_visible=sampled)
        torch.testing.assert_close(recon.sum(dim=1), data.sum(dim=1))
        assert not torch.equal(recon, data)


def test_the_hidden_side_of_the_estimate_is_probabilities() -> None:
    """With no weights and biases that leave no doubt, every draw is known, and so is the estimate."""
    rbm = Rbm(torch.zeros(2, 3), torch.tensor([0.0, math.log(3)]), torch.tensor([90.0, -90.0, 90.0]))
    data = torch.tensor([[0.0, 1.0, 1.0]])
    found = cd_gradient(rbm, data, 1, torch.Generator().manual_seed(0), sampled_visible=True)
    change = torch.tensor([-1.0, 1.0, 0.0])
    torch.testing.assert_close(found.weight, torch.stack([0.5 * change, 0.75 * change]))
    torch.testing.assert_close(found.visible_bias, change)
    torch.testing.assert_close(found.hidden_bias, torch.zeros(2))


def test_the_hidden_bias_of_a_replicated_softmax_learns_at_the_scale_of_the_length() -> None:
    """Whatever the hidden unit is, four times word 0 come back as four times word 1."""
    bias = torch.tensor([0.0, 90.0, 0.0])
    rbm = Rbm(torch.tensor([[0.0, -1.0, 0.0]]), torch.zeros(1), bias, "multinomial")
    data = torch.tensor([[4.0, 0.0, 0.0]])
    found = cd_gradient(rbm, data, 1, torch.Generator().manual_seed(0), sampled_visible=True)
    torch.testing.assert_close(found.visible_bias, torch.tensor([4.0, -4.0, 0.0]))
    assert found.hidden_bias.item() == pytest.approx(4 * (0.5 - 1 / (1 + math.exp(4))))


def test_weight_cost_pulls_weights_towards_zero_and_leaves_biases() -> None:
    weight, bias = torch.full((2, 3), 4.0).double(), torch.full((2,), 4.0).double()
    still = [torch.zeros_like(weight), torch.zeros_like(bias)]
    velocities = [torch.zeros_like(weight), torch.zeros_like(bias)]
    for _ in range(10):
        momentum_step([weight, bias], velocities, still, rate=0.1, momentum=0.0, weight_cost=0.5)
    torch.testing.assert_close(weight, torch.full((2, 3), 4.0 * (1 - 0.1 * 0.5) ** 10).double())
    torch.testing.assert_close(bias, torch.full((2,), 4.0).double())


def test_weight_cost_keeps_trained_weights_smaller() -> None:
    data = DATA["bernoulli"]

    def norm(cost: float) -> float:
        generator = torch.Generator().manual_seed(0)
        trainer = RbmTrainer(
            initial_rbm(data.mean(dim=0), 3, "bernoulli", generator),
            ContrastiveDivergence(weight_cost=cost),
            generator,
        )
        for epoch in range(100):
            trainer.update(data, epoch)
        return float(trainer.rbm.weight.norm())

    assert norm(0.05) < 0.8 * norm(0.0)


def test_momentum_is_a_half_in_the_first_five_epochs_and_nine_tenths_after() -> None:
    """A machine whose reconstructions never change has a constant gradient of 1 at its visible bias."""
    options = ContrastiveDivergence(rate=0.01, weight_cost=0.0)
    rbm = Rbm(torch.zeros(2, 1).double(), torch.zeros(2).double(), torch.tensor([-90.0]).double())
    trainer = RbmTrainer(rbm, options, torch.Generator().manual_seed(0))
    data, velocity, expected = torch.ones(4, 1).double(), 0.0, -90.0
    for epoch in range(8):
        velocity = (0.5 if epoch < 5 else 0.9) * velocity + 0.01
        expected += velocity
        trainer.update(data, epoch)
        assert trainer.rbm.visible_bias.item() == pytest.approx(expected, abs=1e-12)
    assert [options.momentum(epoch) for epoch in (0, 4, 5, 40)] == [0.5, 0.5, 0.9, 0.9]


def test_both_counting_layers_learn_the_same_from_documents_of_one_length() -> None:
    """N b of a replicated softmax is the b of a constrained Poisson layer, but for what is drawn."""
    data = torch.tensor([[3, 1, 0, 0], [2, 2, 0, 0], [0, 0, 1, 3], [0, 1, 1, 2]], dtype=torch.float64)
    trained = []
    counting: tuple[Visible, ...] = ("multinomial", "poisson")
    for visible in counting:
        generator = torch.Generator().manual_seed(0)
        start = initial_rbm(data.mean(dim=0), 3, visible, generator)
        trainer = RbmTrainer(start, ContrastiveDivergence(sampled_visible=False), generator)
        for epoch in range(50):
            trainer.update(data, epoch)
        trained.append(trainer.rbm)
    softmax, poisson = trained
    torch.testing.assert_close(softmax.weight, poisson.weight)
    torch.testing.assert_close(4 * softmax.hidden_bias, poisson.hidden_bias)
    torch.testing.assert_close(softmax.visible_bias, poisson.visible_bias)
    assert softmax.weight.abs().max() > 0.1


def test_a_rate_does_for_documents_of_any_length() -> None:
    """Ten times the words move the weights as far: the rate is for nats a word."""
    data = DATA["poisson"]

    def step(scale: int) -> float:
        rbm = Rbm(torch.zeros(3, 6).double(), torch.zeros(3).double(), torch.zeros(6).double(), "poisson")
        options = ContrastiveDivergence(sampled_visible=False)
        trainer = RbmTrainer(rbm, options, torch.Generator().manual_seed(0))
        trainer.update(scale * data, 0)
        return float(trainer.rbm.visible_bias.norm())

    assert step(10) == pytest.approx(step(1))


def test_training_leaves_its_start_and_the_global_stream_alone_and_one_seed_gives_one_machine() -> None:
    data = DATA["multinomial"].float()
    start, state = initial_rbm(data.mean(dim=0), 3, "multinomial", torch.Generator()), torch.get_rng_state()
    copies = [value.clone() for value in values_of(start)]

    def trained(seed: int) -> Tensor:
        trainer = RbmTrainer(start, ContrastiveDivergence(), torch.Generator().manual_seed(seed))
        errors = [trainer.update(data, epoch) for epoch in range(20)]
        assert all(map(math.isfinite, errors))
        assert trainer.rbm.weight.dtype == torch.float32
        return trainer.rbm.weight

    assert torch.equal(trained(0), trained(0))
    assert not torch.equal(trained(0), trained(1))
    assert all(torch.equal(a, b) for a, b in zip(values_of(start), copies, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian", "multinomial", "poisson"])
def test_training_that_runs_away_is_an_error_in_words(visible: Visible) -> None:
    data, generator = 100 * DATA["poisson"].float(), torch.Generator().manual_seed(0)
    data = data.clamp(max=1) if visible == "bernoulli" else data
    start = initial_rbm(data.mean(dim=0), 3, visible, generator)
    wild = ContrastiveDivergence(rate=1e30, real_rate=1e30, count_rate=1e30)
    trainer = RbmTrainer(start, wild, generator)

    def run() -> None:
        for epoch in range(20):
            trainer.update(data, epoch)

    with pytest.raises(TrainingError, match="expected a finite reconstruction error, found"):
        run()


def test_no_steps_are_refused() -> None:
    with pytest.raises(ConfigError, match="expected 1 or above, found 0"):
        ContrastiveDivergence(steps=0)
