import math

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.rbm import Visible, initial_visible_bias
from semhash.autoencoder.pretraining.recirculation import (
    Loop,
    Recirculation,
    RecirculationTrainer,
    deltas,
    initial_loop,
    passes,
)
from semhash.errors import ConfigError, TrainingError

KINDS: tuple[Visible, ...] = ("bernoulli", "gaussian", "multinomial", "poisson")
SEEDS = pytest.mark.parametrize("seed", range(3))


def drawn(source: torch.Generator, *shape: int, deviation: float = 0.5) -> Tensor:
    return torch.randn(*shape, generator=source, dtype=torch.float64) * deviation


def random_loop(visible: Visible, seed: int = 0, *, symmetric: bool = False) -> Loop:
    source = torch.Generator().manual_seed(seed)
    weight, bias, visible_bias = drawn(source, 3, 5), drawn(source, 3), drawn(source, 5)
    decoder_weight = weight.T.clone() if symmetric else drawn(source, 5, 3)
    return Loop(weight, bias, decoder_weight, visible_bias, visible)


def documents(visible: Visible, seed: int = 0) -> Tensor:
    source = torch.Generator().manual_seed(100 + seed)
    if visible == "gaussian":
        return drawn(source, 8, 5, deviation=1.0)
    top = 1 if visible == "bernoulli" else 3
    return torch.randint(0, top + 1, (8, 5), generator=source).double()


def downhill(loop: Loop, data: Tensor) -> list[Tensor]:
    """Minus the gradient of the mean reconstruction error, by automatic differentiation, in a loop's order."""
    values = (loop.weight, loop.bias, loop.decoder_weight, loop.visible_bias)
    leaves = [value.clone().requires_grad_() for value in values]
    weight, bias, decoder_weight, visible_bias = leaves
    inputs = torch.sigmoid(data @ weight.T + bias) @ decoder_weight.T + visible_bias
    error = LIKELIHOODS[loop.visible].loss(inputs, data).mean()
    return [-slope for slope in torch.autograd.grad(error, leaves)]


def cosine(a: Tensor, b: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(a.reshape(-1), b.reshape(-1), dim=0))


def test_activity_goes_round_the_loop_twice() -> None:
    loop, data, part = random_loop("bernoulli"), documents("bernoulli"), 0.75
    found = passes(loop, data, part)

    def unit(weights: list[float], bias: float, below: list[float]) -> float:
        return 1 / (1 + math.exp(-bias - sum(w * x for w, x in zip(weights, below, strict=True))))

    for row, x0 in enumerate(data.tolist()):
        h1 = [unit(loop.weight[j].tolist(), float(loop.bias[j]), x0) for j in range(3)]
        back = [unit(loop.decoder_weight[i].tolist(), float(loop.visible_bias[i]), h1) for i in range(5)]
        x2 = [part * x + (1 - part) * r for x, r in zip(x0, back, strict=True)]
        h3 = [unit(loop.weight[j].tolist(), float(loop.bias[j]), x2) for j in range(3)]
        assert found.hidden_1[row].tolist() == pytest.approx(h1)
        assert found.visible_2[row].tolist() == pytest.approx(x2)
        assert found.hidden_3[row].tolist() == pytest.approx(h3)


def test_a_weight_learns_the_activity_before_it_times_the_change_behind_it() -> None:
    loop, data = random_loop("bernoulli"), documents("bernoulli")
    h1, x2, h3 = passes(loop, data, 0.5)
    found = deltas(loop, data, 0.5)
    for j in range(3):
        for i in range(5):
            encoder = sum(float(x2[n, i] * (h1[n, j] - h3[n, j])) for n in range(8)) / 8
            decoder = sum(float(h1[n, j] * (data[n, i] - x2[n, i])) for n in range(8)) / 8
            assert float(found.weight[j, i]) == pytest.approx(encoder)
            assert float(found.decoder_weight[i, j]) == pytest.approx(decoder)
    torch.testing.assert_close(found.bias, (h1 - h3).mean(dim=0))
    torch.testing.assert_close(found.visible_bias, (data - x2).mean(dim=0))


@pytest.mark.parametrize("visible", KINDS)
def test_the_decoder_goes_down_the_exact_gradient(visible: Visible) -> None:
    """For every kind of visible unit, whatever the weights: each likelihood's gradient is means less data."""
    loop, data, part = random_loop(visible), documents(visible), 0.6
    found, slopes = deltas(loop, data, part), downhill(loop, data)
    torch.testing.assert_close(found.decoder_weight / (1 - part), slopes[2])
    torch.testing.assert_close(found.visible_bias / (1 - part), slopes[3])


@pytest.mark.parametrize("visible", KINDS)
def test_with_symmetric_weights_the_encoder_goes_down_the_gradient_as_lambda_nears_one(
    visible: Visible,
) -> None:
    loop, data = random_loop(visible, symmetric=True), documents(visible)
    slopes = downhill(loop, data)

    def gap(part: float) -> float:
        found = deltas(loop, data, part)
        pairs = ((found.weight, slopes[0]), (found.bias, slopes[1]))
        return max(float((delta / (1 - part) - slope).abs().max()) for delta, slope in pairs)

    # The gap is of the order of 1 - lambda: a tenth of one is a tenth of the other.
    assert gap(0.9999) == pytest.approx(gap(0.999) / 10, rel=0.05)
    assert gap(0.999) < 0.01 * float(slopes[0].abs().max())


@SEEDS
@pytest.mark.parametrize("visible", KINDS)
def test_at_the_papers_lambda_it_goes_downhill(visible: Visible, seed: int) -> None:
    loop, data = random_loop(visible, seed, symmetric=True), documents(visible, seed)
    found, slopes = deltas(loop, data, 0.75), downhill(loop, data)
    for delta, slope in zip(found, slopes, strict=True):
        assert cosine(delta, slope) > 0.75


def test_what_comes_back_unchanged_teaches_nothing() -> None:
    """A fixed point: the visible biases make the reconstruction of one document exact."""
    loop, data = random_loop("gaussian"), documents("gaussian")[:1]
    exact = Loop(
        loop.weight,
        loop.bias,
        loop.decoder_weight,
        (data - loop.hidden(data) @ loop.decoder_weight.T)[0],
        "gaussian",
    )
    for delta in deltas(exact, data, 0.75):
        torch.testing.assert_close(delta, torch.zeros_like(delta))
    assert all(delta.abs().max() > 0.01 for delta in deltas(loop, data, 0.75))


@SEEDS
def test_training_makes_both_ways_the_same_weights(seed: int) -> None:
    data = documents("bernoulli")
    start = initial_loop(data.mean(dim=0), 3, "bernoulli", torch.Generator().manual_seed(seed))
    trainer = RecirculationTrainer(start, Recirculation(rate=0.5, weight_cost=0.01))
    for epoch in range(500):
        trainer.update(data, epoch)
    trained = trainer.loop
    assert cosine(trained.weight, trained.decoder_weight.T) > max(
        0.9, cosine(start.weight, start.decoder_weight.T)
    )


@SEEDS
@pytest.mark.parametrize("visible", KINDS)
def test_the_reconstruction_error_falls(visible: Visible, seed: int) -> None:
    """Two kinds of documents in noise: one hidden unit or two say which, and that explains the most."""
    source = torch.Generator().manual_seed(seed)
    which = torch.arange(40) % 2 == 0
    subject = torch.where(
        which[:, None], torch.tensor([1.0, 1, 1, 0, 0, 0]), torch.tensor([0.0, 0, 0, 1, 1, 1])
    )
    noise = torch.rand(40, 6, generator=source) < 0.1
    data = torch.where(noise, 1 - subject, subject).double()
    data = data * 3 if visible in ("multinomial", "poisson") else data
    data[:, 0] += visible != "bernoulli"  # no document without a word
    start = initial_loop(data.mean(dim=0), 2, visible, source)
    trainer = RecirculationTrainer(start, Recirculation(rate=0.5, real_rate=0.1, count_rate=0.5))
    errors = [trainer.update(data, epoch) for epoch in range(400)]

    def knowing(groups: list[Tensor]) -> float:
        """The error of one mean for each group: its own likelihood's best constant."""
        total = 0.0
        for group in groups:
            inputs = initial_visible_bias(visible, group.mean(dim=0)).expand_as(group)
            total += float(LIKELIHOODS[visible].loss(inputs, group).sum())
        return total / len(data)

    alone, both = knowing([data]), knowing([data[which], data[~which]])
    assert errors[0] > alone - 0.5
    assert errors[-1] < (alone + 2 * both) / 3


def test_training_leaves_its_start_and_the_global_stream_alone() -> None:
    data, state = documents("poisson"), torch.get_rng_state()
    start = initial_loop(data.mean(dim=0), 3, "poisson", torch.Generator().manual_seed(0))
    values = (start.weight, start.bias, start.decoder_weight, start.visible_bias)
    copies = [value.clone() for value in values]
    trainer = RecirculationTrainer(start, Recirculation())
    trainer.update(data, 0)
    assert all(torch.equal(a, b) for a, b in zip(values, copies, strict=True))
    assert not torch.equal(trainer.loop.weight, start.weight)
    assert torch.equal(torch.get_rng_state(), state)


def test_training_that_runs_away_is_an_error_in_words() -> None:
    data = documents("gaussian")
    start = initial_loop(data.mean(dim=0), 3, "gaussian", torch.Generator().manual_seed(0))
    trainer = RecirculationTrainer(start, Recirculation(real_rate=1e200))

    def run() -> None:
        for epoch in range(20):
            trainer.update(data, epoch)

    with pytest.raises(TrainingError, match="expected a finite reconstruction error, found"):
        run()


@pytest.mark.parametrize("regression", [-0.1, 1.0])
def test_a_lambda_that_teaches_nothing_or_too_much_is_refused(regression: float) -> None:
    with pytest.raises(ConfigError, match=rf"expected 0 to below 1, found {regression}"):
        Recirculation(regression=regression)
