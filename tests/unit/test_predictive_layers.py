from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.pretraining.predictive_layers import as_layer, decompose
from semhash.autoencoder.pretraining.sparse_coding import DecompositionConfig
from semhash.autoencoder.pretraining.sparse_decomposition import Decomposition, Predictor, fit

QUICK = DecompositionConfig(sparsity=0.1, alternations=3, inference_steps=50)


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=source(seed), dtype=torch.float64)


def any_decomposition() -> Decomposition:
    predictor = Predictor(normal(4, seed=1), normal(4, 9, seed=2), normal(4, seed=3))
    return Decomposition(normal(9, 4, seed=4), predictor, [], [])


@pytest.mark.parametrize("units", ["tanh", "sigmoid"])
def test_a_layer_and_its_mirror_give_back_what_the_predicted_codes_stand_for(units: str) -> None:
    found, x = any_decomposition(), normal(20, 9)
    layer = as_layer(found, "tanh" if units == "tanh" else "sigmoid")
    assert layer.decoder_weight is not None
    activities = layer.activities(x)
    given_back = activities @ layer.decoder_weight.T + layer.visible_bias
    torch.testing.assert_close(given_back, found.decode(found.predict(x)))
    assert (activities.min() < 0) == (units == "tanh")
    assert activities.abs().max() <= 1


def test_each_layer_decomposes_what_the_one_below_gives() -> None:
    x, generator = normal(30, 9), source(5)
    layers = decompose(torch.split(x, 10), (6, 3), QUICK, generator=source(5))
    first = as_layer(fit(torch.split(x, 10), 6, QUICK, generator), "tanh")
    second = as_layer(fit(torch.split(first.activities(x), 10), 3, QUICK, generator), "sigmoid")
    for found, expected in zip(layers, (first, second), strict=True):
        torch.testing.assert_close(found.weight, expected.weight)
        torch.testing.assert_close(found.decoder_weight, expected.decoder_weight)
        torch.testing.assert_close(found.visible_bias, expected.visible_bias)
    assert [layer.activation for layer in layers] == ["tanh", "sigmoid"]


class Counted(Sequence[Tensor]):
    """Mini-batches that are made when they are asked for."""

    def __init__(self, x: Tensor) -> None:
        self.x = x
        self.asked = 0

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]
        if index >= 3:
            raise IndexError
        self.asked += 1
        return self.x[10 * index : 10 * index + 10]


def test_documents_can_be_made_as_they_are_asked_for() -> None:
    x = normal(30, 9)
    lazy = Counted(x)
    found = decompose(lazy, (6, 3), QUICK, generator=source(5))
    kept = decompose(torch.split(x, 10), (6, 3), QUICK, generator=source(5))
    assert all(torch.equal(a.weight, b.weight) for a, b in zip(found, kept, strict=True))
    assert lazy.asked > 3


def test_the_report_counts_the_mini_batches_of_all_layers() -> None:
    heard: list[tuple[float, float, str]] = []
    decompose(
        torch.split(normal(30, 9), 10),
        (6, 3),
        QUICK,
        generator=source(),
        report=lambda done, total, detail: heard.append((done, total, detail)),
    )
    assert [(done, total) for done, total, _ in heard] == [(n, 18) for n in range(1, 19)]
    assert heard[9][2] == "layer 2 of 2, alternation 1 of 3"
