import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.rbm import (
    Rbm,
    Visible,
    finite,
    initial_rbm,
    initial_visible_bias,
    words_a_document,
)
from semhash.errors import TrainingError

KINDS: tuple[Visible, ...] = ("bernoulli", "gaussian", "multinomial", "poisson")
HIDDEN = torch.tensor(list(itertools.product((0.0, 1.0), repeat=3)), dtype=torch.float64)
SEEDS = pytest.mark.parametrize("seed", range(3))


def random_rbm(visible: Visible, seed: int = 0, n_visible: int = 4) -> Rbm:
    source = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    return Rbm(draw(3, n_visible), draw(3), draw(n_visible), visible)


def documents(visible: Visible) -> Tensor:
    if visible == "gaussian":
        return torch.tensor([[0.3, -1.2, 2.0, 0.0], [1.0, 1.0, -0.5, 0.25]], dtype=torch.float64)
    if visible == "bernoulli":
        return torch.tensor([[1, 0, 1, 1], [0, 0, 1, 0]], dtype=torch.float64)
    return torch.tensor([[2, 0, 1, 0], [0, 3, 1, 1]], dtype=torch.float64)


def energy_by_hand(rbm: Rbm, v: Tensor, h: Tensor) -> float:
    """The papers' sums, term by term, for one v and one h."""
    length = float(v.sum()) if rbm.visible == "multinomial" else 1.0
    total = 0.0
    for i in range(len(v)):
        if rbm.visible == "gaussian":
            total += float(v[i] - rbm.visible_bias[i]) ** 2 / 2
        else:
            total -= float(rbm.visible_bias[i] * v[i])
        if rbm.visible == "poisson":
            total += math.log(math.factorial(int(v[i])))
        total -= sum(float(h[j] * rbm.weight[j, i] * v[i]) for j in range(len(h)))
    return total - length * sum(float(rbm.hidden_bias[j] * h[j]) for j in range(len(h)))


def count_vectors(length: int, n_words: int) -> Tensor:
    every = [v for v in itertools.product(range(length + 1), repeat=n_words) if sum(v) == length]
    return torch.tensor(every, dtype=torch.float64)


def same_h(h: Tensor, v: Tensor) -> Tensor:
    return h.expand(len(v), -1)


@pytest.mark.parametrize("visible", KINDS)
def test_the_energy_is_that_of_the_papers(visible: Visible) -> None:
    rbm, data = random_rbm(visible), documents(visible)
    for v in data:
        found = rbm.energy(v.expand(len(HIDDEN), -1), HIDDEN)
        assert found.tolist() == pytest.approx([energy_by_hand(rbm, v, h) for h in HIDDEN])


@pytest.mark.parametrize("visible", KINDS)
def test_the_free_energy_sums_over_all_hidden_states(visible: Visible) -> None:
    rbm, data = random_rbm(visible), documents(visible)
    summed = [-math.log(sum(math.exp(-energy_by_hand(rbm, v, h)) for h in HIDDEN)) for v in data]
    assert rbm.free_energy(data).tolist() == pytest.approx(summed)


@pytest.mark.parametrize("visible", KINDS)
def test_hidden_probabilities_are_those_of_the_energy(visible: Visible) -> None:
    rbm, data = random_rbm(visible), documents(visible)
    for v, found in zip(data, rbm.hidden_probabilities(data), strict=True):
        weights = torch.tensor([math.exp(-energy_by_hand(rbm, v, h)) for h in HIDDEN], dtype=torch.float64)
        torch.testing.assert_close(found, weights @ HIDDEN / weights.sum())


def test_bits_given_the_hidden_units_are_those_of_the_energy() -> None:
    rbm = random_rbm("bernoulli")
    every = torch.tensor(list(itertools.product((0.0, 1.0), repeat=4)), dtype=torch.float64)
    for h in HIDDEN:
        weights = torch.tensor([math.exp(-energy_by_hand(rbm, v, h)) for v in every], dtype=torch.float64)
        inputs = rbm.visible_inputs(h[None])
        found = LIKELIHOODS["bernoulli"].mean(inputs, torch.zeros(1))[0]
        torch.testing.assert_close(found, weights @ every / weights.sum())
        # Not the means alone: the bits are independent, so the whole distribution is the product.
        product = (found * every + (1 - found) * (1 - every)).prod(dim=1)
        torch.testing.assert_close(product, weights / weights.sum())


def test_words_given_the_hidden_units_are_those_of_the_energy_of_word_sequences() -> None:
    rbm, length = random_rbm("multinomial"), 3
    sequences = list(itertools.product(range(4), repeat=length))
    counts = torch.nn.functional.one_hot(torch.tensor(sequences), 4).sum(dim=1).double()
    for h in HIDDEN:
        weights = torch.tensor([math.exp(-energy_by_hand(rbm, v, h)) for v in counts], dtype=torch.float64)
        inputs = rbm.visible_inputs(h[None])
        found = LIKELIHOODS["multinomial"].mean(inputs, torch.tensor([float(length)]))[0]
        torch.testing.assert_close(found, weights @ counts / weights.sum())
        shares = found / length
        products = torch.stack([shares[list(sequence)].prod() for sequence in sequences])
        torch.testing.assert_close(products, weights / weights.sum())


def test_constrained_poisson_rates_are_the_mean_counts_of_documents_of_that_length() -> None:
    """The constraint in closed form: the energy's counts, given what they add up to."""
    rbm, length = random_rbm("poisson"), 4
    every = count_vectors(length, 4)
    for h in HIDDEN:
        weights = torch.tensor([math.exp(-energy_by_hand(rbm, v, h)) for v in every], dtype=torch.float64)
        inputs = rbm.visible_inputs(h[None])
        found = LIKELIHOODS["poisson"].mean(inputs, torch.tensor([float(length)]))[0]
        torch.testing.assert_close(found, weights @ every / weights.sum())


def test_real_numbers_given_the_hidden_units_have_unit_variance_around_their_inputs() -> None:
    rbm, data = random_rbm("gaussian"), documents("gaussian")
    for h in HIDDEN:
        means = rbm.visible_inputs(same_h(h, data))
        gap = rbm.energy(data, same_h(h, data)) - rbm.energy(means, same_h(h, data))
        torch.testing.assert_close(gap, (data - means).square().sum(dim=1) / 2)


@SEEDS
@pytest.mark.parametrize("visible", KINDS)
def test_draws_have_the_mean_and_the_variance_of_their_distribution(visible: Visible, seed: int) -> None:
    n, length = 20_000, 5.0
    rbm = random_rbm(visible, seed)
    h = HIDDEN[5].expand(n, -1)
    lengths = torch.full((n,), length, dtype=torch.float64)
    drawn = rbm.sample_visible(h, lengths, torch.Generator().manual_seed(seed))
    means = LIKELIHOODS[visible].mean(rbm.visible_inputs(h[:1]), lengths[:1])[0]
    variances = {
        "bernoulli": means * (1 - means),
        "gaussian": torch.ones(4, dtype=torch.float64),
        "multinomial": means * (1 - means / length),
        "poisson": means,
    }[visible]
    # Five standard errors, of a mean and (no wider for these distributions) of a variance.
    assert ((drawn.mean(dim=0) - means).abs() < 5 * (variances / n).sqrt() + 1e-3).all()
    fourth = (drawn - means).pow(4).mean(dim=0)
    assert ((drawn - means).square().mean(dim=0) - variances).abs().lt(5 * (fourth / n).sqrt() + 1e-3).all()


def test_poisson_draws_follow_the_poisson_distribution() -> None:
    n, length = 20_000, 6.0
    rbm = replace(
        random_rbm("poisson"), weight=torch.zeros(3, 4).double(), visible_bias=torch.zeros(4).double()
    )
    drawn = rbm.sample_visible(
        torch.zeros(n, 3).double(), torch.full((n,), length).double(), torch.Generator().manual_seed(1)
    )
    rate = length / 4
    for count in range(5):
        expected = math.exp(-rate) * rate**count / math.factorial(count)  # Ps(n, rate), equation 1
        error = math.sqrt(expected * (1 - expected) / (4 * n))
        assert (drawn == count).double().mean().item() == pytest.approx(expected, abs=5 * error)


def test_a_replicated_softmax_draws_whole_documents_of_the_length_it_is_given() -> None:
    rbm = random_rbm("multinomial")
    lengths = torch.tensor([0.0, 0.4, 1.0, 7.0, 2.5, 1000.0], dtype=torch.float64)
    drawn = rbm.sample_visible(HIDDEN[:6], lengths, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.sum(dim=1), lengths)
    whole = drawn[[0, 2, 3, 5]]
    torch.testing.assert_close(whole, whole.round())
    assert (drawn >= 0).all()
    assert drawn[2].max() == 1  # one word, not a spread of them


@pytest.mark.parametrize("visible", KINDS)
def test_an_untrained_machine_expects_each_unit_as_often_as_it_is(visible: Visible) -> None:
    mean = torch.tensor([0.5, 0.25, 0.9, 0.01], dtype=torch.float64)
    rbm = initial_rbm(mean, 3, visible, torch.Generator().manual_seed(0))
    inputs = rbm.visible_inputs(torch.zeros(1, 3).double())
    torch.testing.assert_close(LIKELIHOODS[visible].mean(inputs, mean.sum()[None])[0], mean)


def test_units_that_are_never_or_always_on_get_finite_biases() -> None:
    mean = torch.tensor([0.0, 1.0])
    for visible in KINDS:
        assert initial_visible_bias(visible, mean).isfinite().all()
    assert initial_visible_bias("multinomial", torch.zeros(2)).isfinite().all()


def test_initial_weights_come_from_the_generator_alone() -> None:
    mean, state = torch.rand(2000, generator=torch.Generator().manual_seed(0)), torch.get_rng_state()
    first, again, other = (
        initial_rbm(mean, 50, "bernoulli", torch.Generator().manual_seed(seed)).weight for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert first.std().item() == pytest.approx(0.01, rel=0.02)


def test_words_are_counted_where_units_count_words() -> None:
    data = torch.tensor([[2.0, 1.0], [5.0, 0.0]])
    found = [words_a_document(visible, data) for visible in KINDS]
    assert found == [1.0, 1.0, 4.0, 4.0]
    assert words_a_document("poisson", torch.zeros(2, 2)) == 1.0


def test_an_error_that_is_no_number_is_told_in_words() -> None:
    assert finite(torch.tensor(1.5)) == 1.5
    for bad in (math.nan, math.inf):
        with pytest.raises(TrainingError, match=rf"expected a finite reconstruction error, found {bad}"):
            finite(torch.tensor(bad))
