import math
import weakref
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.pretraining.contrastive_divergence import ContrastiveDivergence, RbmTrainer
from semhash.autoencoder.pretraining.rbm import Visible, initial_rbm
from semhash.autoencoder.pretraining.recirculation import Recirculation
from semhash.autoencoder.pretraining.shallow_autoencoder import (
    Denoising,
    DenoisingTrainer,
    ShallowAutoencoder,
    initial_autoencoder,
)
from semhash.autoencoder.pretraining.stack import Batches, Method, Pretrained, in_batches, pretrain, unroll
from semhash.errors import ConfigError, TrainingError

METHODS: list[Method] = [
    ContrastiveDivergence(),
    Denoising(masking=0.0, rate=0.01),
    Denoising(masking=0.3, rate=0.01),
    Recirculation(),
]
EACH = pytest.mark.parametrize("method", METHODS, ids=["rbm", "autoencoder", "denoising", "recirculation"])
SEEDS = pytest.mark.parametrize("seed", range(3))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def four_subjects(seed: int = 0, n: int = 80, n_words: int = 24, length: int = 12) -> Tensor:
    """Documents of one length, each out of a quarter of the words but for one word in ten."""
    source = seeded(seed)
    quarter = n_words // 4
    subject = torch.arange(n)[:, None] % 4
    inside = subject * quarter + torch.randint(0, quarter, (n, length), generator=source)
    outside = torch.randint(0, n_words, (n, length), generator=source)
    drawn = torch.where(torch.rand(n, length, generator=source) < 0.1, outside, inside)
    return torch.nn.functional.one_hot(drawn, n_words).sum(dim=1).float()


def in_order(data: Tensor, size: int = 20) -> Batches:
    return lambda: (data[start : start + size] for start in range(0, len(data), size))


def network(widths: tuple[int, ...], seed: int) -> tuple[nn.ModuleList, nn.ModuleList]:
    """A logistic deep autoencoder as the library builds it: two lists of layers, small random weights."""
    source = seeded(seed)

    def layers(pairs: list[tuple[int, int]]) -> nn.ModuleList:
        made = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)
        for parameter in made.parameters():
            nn.init.normal_(parameter, std=0.1, generator=source)
        return made

    return layers(list(pairwise(widths))), layers(list(pairwise(widths[::-1])))


@torch.no_grad()
def up(layers: nn.ModuleList, x: Tensor) -> Tensor:
    for layer in layers:
        x = torch.sigmoid(layer(x))
    return x


@torch.no_grad()
def reconstruction_error(encoder: nn.ModuleList, decoder: nn.ModuleList, x: Tensor) -> float:
    *hidden, last = decoder
    inputs = last(up(nn.ModuleList(hidden), up(encoder, x)))
    return LIKELIHOODS["multinomial"].loss(inputs, x).mean().item()


@EACH
def test_an_unrolled_encoder_gives_the_stacks_top_probabilities_exactly(method: Method) -> None:
    data = four_subjects()
    layers = pretrain(method, in_order(data), (10, 6, 3), visible="poisson", epochs=3, generator=seeded(0))
    encoder, decoder = network((24, 10, 6, 3), 1)
    unroll(encoder, decoder, layers)
    top = data
    for layer in layers:
        top = layer.activities(top)
    assert torch.equal(up(encoder, data), top)
    assert [tuple(layer.weight.shape) for layer in layers] == [(10, 24), (6, 10), (3, 6)]
    below = top
    for layer in reversed(layers[1:]):
        turned = layer.weight.T if layer.decoder_weight is None else layer.decoder_weight
        below = torch.sigmoid(below @ turned.T + layer.visible_bias)
    torch.testing.assert_close(up(nn.ModuleList(list(decoder)[:-1]), top), below)
    torch.testing.assert_close(decoder[-1].bias, layers[0].visible_bias)
    assert (method == METHODS[3]) == (layers[0].decoder_weight is not None)


@pytest.mark.parametrize("visible", ["bernoulli", "multinomial", "poisson"])
def test_the_first_layer_gives_the_hidden_probabilities_of_its_machine(visible: Visible) -> None:
    """Of documents of one length also where the machine scales its biases by that length."""
    data = four_subjects().clamp(max=1) if visible == "bernoulli" else four_subjects()
    [layer] = pretrain(
        ContrastiveDivergence(), in_order(data), (8,), visible=visible, epochs=10, generator=seeded(5)
    )
    generator = seeded(5)
    trainer = RbmTrainer(
        initial_rbm(data.mean(dim=0), 8, visible, generator), ContrastiveDivergence(), generator
    )
    for epoch in range(10):
        for batch in in_order(data)():
            trainer.update(batch, epoch)
    expected = trainer.rbm.hidden_probabilities(data)
    torch.testing.assert_close(layer.activities(data), expected)
    assert expected.std(dim=0).mean() > 0.01


@EACH
def test_a_layer_is_trained_on_the_probabilities_of_the_one_below(method: Method) -> None:
    data, generator = four_subjects(), seeded(3)
    both = pretrain(method, in_order(data), (8, 4), visible="poisson", epochs=4, generator=seeded(3))
    [first] = pretrain(method, in_order(data), (8,), visible="poisson", epochs=4, generator=generator)
    mapped = first.activities(data)
    [second] = pretrain(method, in_order(mapped), (4,), visible="bernoulli", epochs=4, generator=generator)
    assert torch.equal(both[0].weight, first.weight)
    torch.testing.assert_close(both[1].weight, second.weight)
    torch.testing.assert_close(both[1].bias, second.bias)


@SEEDS
@EACH
def test_pretrained_weights_reconstruct_better_than_random_ones(method: Method, seed: int) -> None:
    """And better than knowing how frequent each word is, which the biases alone could tell."""
    data = four_subjects(seed)
    encoder, decoder = network((24, 12, 6), seed)
    random = reconstruction_error(encoder, decoder, data)
    generator = seeded(seed)
    batches = in_batches(len(data), lambda rows: data[torch.from_numpy(rows)], 20, generator)
    layers = pretrain(method, batches, (12, 6), visible="poisson", epochs=80, generator=generator)
    unroll(encoder, decoder, layers)
    frequencies = data.mean(dim=0).log().expand_as(data)
    frequent = LIKELIHOODS["multinomial"].loss(frequencies, data).mean().item()
    found = reconstruction_error(encoder, decoder, data)
    assert found < random - 8
    assert found < frequent - 8  # the subject of 12 words is worth 12 ln 4 nats, less what strays


@SEEDS
def test_denoising_fills_in_what_was_hidden(seed: int) -> None:
    """Units 0 and 1 are always alike, and so are 2 and 3: from clean targets it learns what each says of its twin."""
    bits = torch.randint(0, 2, (200, 2), generator=seeded(seed)).float()
    data = bits.repeat_interleave(2, dim=1)

    def twin(masking: float) -> float:
        generator = seeded(seed)
        trainer = DenoisingTrainer(
            initial_autoencoder(data.mean(dim=0), 8, "bernoulli", generator),
            Denoising(masking=masking, rate=0.02),
            generator,
        )
        for epoch in range(400):
            trainer.update(data, epoch)
        found = trainer.autoencoder
        hidden = torch.sigmoid(torch.tensor([[1.0, 0.0, 0.0, 0.0]]) @ found.weight.T + found.bias)
        return float(torch.sigmoid(hidden @ found.weight + found.visible_bias)[0, 1])

    assert twin(0.4) > 0.9


def test_the_denoising_loss_sees_the_corrupted_and_wants_the_clean() -> None:
    source = seeded(0)
    weight, bias, visible_bias = (torch.randn(s, generator=source).double() for s in ((2, 3), (2,), (3,)))
    autoencoder = ShallowAutoencoder(weight, bias, visible_bias)
    clean = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]).double()
    seen = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]).double()
    total = 0.0
    for x, target in zip(seen, clean, strict=True):
        h = [1 / (1 + math.exp(-float(bias[j] + weight[j] @ x))) for j in range(2)]
        for i in range(3):
            r = 1 / (
                1 + math.exp(-float(visible_bias[i]) - sum(h[j] * float(weight[j, i]) for j in range(2)))
            )
            total -= math.log(r) if target[i] else math.log(1 - r)
    assert autoencoder.loss(seen, clean).item() == pytest.approx(total / 2)


def test_tied_weights_get_the_sum_of_the_encoders_and_the_decoders_gradients() -> None:
    data, source = four_subjects(n=10).double(), seeded(0)
    start = initial_autoencoder(data.mean(dim=0), 5, "multinomial", source)
    tied = start.weight.clone().requires_grad_()
    ShallowAutoencoder(tied, start.bias, start.visible_bias, "multinomial").loss(data, data).backward()  # type: ignore[no-untyped-call]
    above, below = start.weight.clone().requires_grad_(), start.weight.clone().requires_grad_()
    inputs = torch.sigmoid(data @ above.T + start.bias) @ below + start.visible_bias
    LIKELIHOODS["multinomial"].loss(inputs, data).mean().backward()  # type: ignore[no-untyped-call]
    assert tied.grad is not None
    assert above.grad is not None
    assert below.grad is not None
    torch.testing.assert_close(tied.grad, above.grad + below.grad)
    assert above.grad.norm() > 0.01


def test_an_unmasked_trainer_takes_adams_step_down_the_loss() -> None:
    """Adam's first step is its rate in the direction of each slope's sign (Kingma and Ba 2015, section 2.1)."""
    data = four_subjects(n=10).double()
    start = initial_autoencoder(data.mean(dim=0), 5, "multinomial", seeded(0))
    leaf = start.weight.clone().requires_grad_()
    ShallowAutoencoder(leaf, start.bias, start.visible_bias, "multinomial").loss(data, data).backward()  # type: ignore[no-untyped-call]
    trainer = DenoisingTrainer(start, Denoising(masking=0.0, rate=0.01), seeded(0))
    error = trainer.update(data, 0)
    assert leaf.grad is not None
    moved = trainer.autoencoder.weight - start.weight
    torch.testing.assert_close(moved, -0.01 * leaf.grad.sign(), rtol=1e-3, atol=1e-5)
    assert error == pytest.approx(start.loss(data, data).item())


def test_never_more_than_a_few_batches_are_in_memory() -> None:
    living = most = 0

    def gone() -> None:
        nonlocal living
        living -= 1

    def batches() -> Iterator[Tensor]:
        nonlocal living, most
        for start in range(0, 200, 10):
            batch = data[start : start + 10].clone()
            weakref.finalize(batch, gone)
            living += 1
            most = max(most, living)
            yield batch
            del batch

    data = four_subjects(n=200)
    for method in (METHODS[0], METHODS[2], METHODS[3]):
        pretrain(method, batches, (6, 4), visible="poisson", epochs=2, generator=seeded(0))
    assert living == 0
    assert 1 <= most <= 3


def test_in_batches_gives_each_row_once_in_a_new_order_each_pass() -> None:
    asked: list[NDArray[np.int64]] = []

    def rows(numbers: NDArray[np.int64]) -> Tensor:
        asked.append(numbers)
        return torch.from_numpy(numbers).double()[:, None]

    batches = in_batches(25, rows, 10, seeded(0))
    first, second = (torch.cat(list(batches()))[:, 0].tolist() for _ in range(2))
    assert [len(numbers) for numbers in asked] == [10, 10, 5] * 2
    assert sorted(first) == sorted(second) == list(range(25))
    assert first != second
    assert first == torch.cat(list(in_batches(25, rows, 10, seeded(0))()))[:, 0].tolist()


def test_the_report_counts_the_epochs_of_all_layers() -> None:
    heard: list[tuple[float, float, str]] = []
    pretrain(
        Denoising(),
        in_order(four_subjects()),
        (8, 4),
        visible="multinomial",
        epochs=3,
        generator=seeded(0),
        report=lambda done, total, detail: heard.append((done, total, detail)),
    )
    assert [(done, total) for done, total, _ in heard] == [(n, 6) for n in range(1, 7)]
    assert heard[3][2].startswith("layer 2 of 2, epoch 1 of 3, error ")


@EACH
def test_one_seed_gives_one_stack_and_draws_from_no_global_stream(method: Method) -> None:
    state = torch.get_rng_state()

    def weights(seed: int) -> Tensor:
        batches = in_order(four_subjects())
        layers = pretrain(method, batches, (8, 4), visible="multinomial", epochs=2, generator=seeded(seed))
        return torch.cat([layer.weight.reshape(-1) for layer in layers])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))
    assert not weights(0).requires_grad
    assert torch.equal(torch.get_rng_state(), state)


def test_no_pretraining_leaves_the_network_as_it_is() -> None:
    batches = in_order(four_subjects())
    layers = pretrain(None, batches, (8, 4), visible="multinomial", epochs=2, generator=seeded(0))
    assert layers == []
    encoder, decoder = network((24, 8, 4), 0)
    before = [parameter.clone() for parameter in (*encoder.parameters(), *decoder.parameters())]
    unroll(encoder, decoder, layers)
    after = [*encoder.parameters(), *decoder.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


class Turned(nn.Module):
    """A decoder's layer that has no weights but the encoder's."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._layer = (layer,)
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    @property
    def weight(self) -> Tensor:
        return self._layer[0].weight.T


@EACH
def test_a_decoder_tied_to_the_encoder_gets_the_biases_alone(method: Method) -> None:
    data = four_subjects()
    layers = pretrain(method, in_order(data), (8, 4), visible="poisson", epochs=3, generator=seeded(0))
    encoder, _ = network((24, 8, 4), 0)
    tied = nn.ModuleList(Turned(layer) for layer in reversed(list(encoder)) if isinstance(layer, nn.Linear))
    unroll(encoder, tied, layers)
    assert torch.equal(up(encoder, data), layers[1].activities(layers[0].activities(data)))
    for layer, below in zip(reversed(list(tied)), layers, strict=True):
        assert torch.equal(layer.get_parameter("bias"), below.visible_bias)


def test_a_stack_that_does_not_fit_the_network_is_an_error_that_names_the_layer() -> None:
    layers = [Pretrained(torch.zeros(8, 24), torch.zeros(8), torch.zeros(24))]
    with pytest.raises(ConfigError, match=r"as many layers .* as pretrained \(1\), found 2 and 2"):
        unroll(*network((24, 8, 4), 0), layers)
    with pytest.raises(
        ConfigError, match=r"expected encoder\.0 of shape \(6, 24\), found .* of shape \(8, 24\)"
    ):
        unroll(*network((24, 6), 0), layers)


@EACH
def test_no_data_and_training_that_runs_away_are_errors_in_words(method: Method) -> None:
    with pytest.raises(TrainingError, match="expected documents, found none"):
        pretrain(method, lambda: iter(()), (4,), visible="poisson", epochs=1, generator=seeded(0))
    nothing = in_order(torch.full((20, 4), math.nan))
    with pytest.raises(TrainingError, match="expected a finite reconstruction error, found nan"):
        pretrain(method, nothing, (4,), visible="poisson", epochs=1, generator=seeded(0))


@pytest.mark.parametrize("masking", [-0.1, 1.0])
def test_a_masked_share_out_of_range_is_refused(masking: float) -> None:
    with pytest.raises(ConfigError, match=rf"expected 0 to below 1, found {masking}"):
        Denoising(masking=masking)
