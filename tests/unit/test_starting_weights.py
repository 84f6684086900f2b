from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.autoencoder.pretraining.contrastive_divergence import ContrastiveDivergence
from semhash.autoencoder.pretraining.stack import in_batches, pretrain
from semhash.autoencoder.pretraining.starting_weights import pretrain_network
from semhash.autoencoder.training import train
from semhash.config import ModelConfig, TrainingConfig
from semhash.errors import ConfigError

if TYPE_CHECKING:
    from semhash.progress import Stage
    from semhash.vocabulary import Counts
    from tests.unit.conftest import TwoSubjects

IDF = np.linspace(1, 2, 40, dtype=np.float32)
NOBODY = np.zeros(0, dtype=np.int64)


def config(method: str = "rbm", **fields: Any) -> ModelConfig:
    """A small network of the kind that the method pretrains, its code without noise."""
    plain = {
        "bits": 8,
        "hidden": [12],
        "activation": "tanh" if method == "sparse-decomposition" else "sigmoid",
        "code": {"kind": "deterministic", "threshold": "median"},
        "corruption": {"kind": "none"},
        "neighbours": {"neighbours": 0},
        "pretraining": {"method": method, "epochs": 20},
    }
    return ModelConfig.from_json({**plain, **fields})


def shares(likelihood: str = "multinomial", **fields: Any) -> ModelConfig:
    return config(inputs="shares", targets="shares", likelihood=likelihood, **fields)


def prepared(
    counts: "Counts", model: ModelConfig, seed: int = 0, held_out: np.ndarray = NOBODY
) -> tuple[Autoencoder, Batches]:
    stream = torch.Generator().manual_seed(seed)
    network = Autoencoder(40, model, stream, len(counts))
    return network, Batches.prepare(counts, IDF, model, size=len(counts), generator=stream, held_out=held_out)


def encoder_weights(network: Autoencoder) -> list[Tensor]:
    return [value for name, value in network.tensors().items() if name.startswith("encoder")]


@torch.no_grad()
def loss(network: Autoencoder, batches: Batches) -> float:
    (batch,) = batches
    return objective(network.eval(), batch).reconstruction.item()


@pytest.mark.parametrize("likelihood", ["multinomial", "poisson"])
def test_the_network_sees_shares_as_its_machine_saw_counts(
    two_subjects: "TwoSubjects", likelihood: str
) -> None:
    counts = two_subjects()
    model = shares(likelihood)
    network, batches = prepared(counts, model)
    dense = torch.from_numpy(counts.to_dense())
    scaled = dense / dense.sum(dim=1, keepdim=True) * batches.mean_length
    assert batches.mean_length == pytest.approx(float(dense.sum()) / 80)
    assert batches.mean_length > 10
    network.generator = torch.Generator().manual_seed(7)
    pretrain_network(network, batches)
    generator = torch.Generator().manual_seed(7)
    layers = pretrain(
        ContrastiveDivergence(),
        in_batches(80, lambda rows: scaled[torch.from_numpy(rows)], 100, generator),
        (12, 8),
        visible=model.visible,
        epochs=20,
        generator=generator,
    )
    top = layers[1].activities(layers[0].activities(scaled))
    with torch.no_grad():
        found = torch.sigmoid(network.encode(batches.clean(np.arange(80))))
    torch.testing.assert_close(found, top, rtol=1e-4, atol=1e-5)
    assert top.std(dim=0).mean() > 0.01
    tensors = network.tensors()
    torch.testing.assert_close(tensors["decoder.1.weight"], layers[0].weight.T)
    torch.testing.assert_close(tensors["decoder.1.bias"], layers[0].visible_bias)


def test_of_documents_of_one_length_a_replicated_softmax_and_poisson_units_learn_the_same(
    two_subjects: "TwoSubjects",
) -> None:
    found = []
    for likelihood in ("multinomial", "poisson"):
        network, batches = prepared(two_subjects(), shares(likelihood))
        assert network.config.visible == likelihood
        pretrain_network(network, batches)
        found.append(encoder_weights(network))
    for first, second in zip(*found, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("method", "inputs", "likelihood", "targets"),
    [
        ("rbm", "shares", "multinomial", "shares"),
        ("rbm", "tfidf", "poisson", "tfidf"),
        ("rbm", "tfidf", "gaussian", "inputs"),
        ("rbm", "binary", "bernoulli", "binary"),
        ("rbm", "binary", "multinomial", "counts"),
        ("autoencoder", "shares", "multinomial", "shares"),
        ("autoencoder", "tfidf", "gaussian", "inputs"),
        ("autoencoder", "binary", "bernoulli", "inputs"),
        ("recirculation", "tfidf", "multinomial", "tfidf"),
        ("recirculation", "binary", "bernoulli", "binary"),
        ("sparse-decomposition", "tfidf", "gaussian", "inputs"),
    ],
)
def test_a_pretrained_network_starts_lower_than_a_random_one(
    two_subjects: "TwoSubjects", method: str, inputs: str, likelihood: str, targets: str, seed: int
) -> None:
    """And lower than one that knows how frequent each word is, which the last biases alone could tell."""
    pretraining = {
        "method": method,
        "epochs": 20 if method == "sparse-decomposition" else 150,
        "learning_rate": 0.01 if method == "autoencoder" else None,
    }
    model = config(
        method, inputs=inputs, likelihood=likelihood, targets=targets, pretraining=pretraining, input_scale=4
    )
    network, batches = prepared(two_subjects(), model, seed)
    random = loss(network, batches)
    pretrain_network(network, batches)
    found = loss(network, batches)
    assert found < random
    for layer in network.decoder:
        torch.nn.init.zeros_(layer.get_parameter("weight"))
    assert found < loss(network, batches)


@pytest.mark.parametrize("method", ["rbm", "autoencoder", "sparse-decomposition"])
def test_documents_held_out_are_not_pretrained_on(two_subjects: "TwoSubjects", method: str) -> None:
    """Two corpora that differ in the documents held out alone give the same layers."""
    fields = {"inputs": "tfidf", "likelihood": "gaussian", "targets": "inputs"}
    pretraining = {"method": method, "epochs": 3}
    held_out = np.array([4, 5, 40])
    found = []
    for seed in (0, 1):
        counts = two_subjects(60, seed=0)
        counts.data[np.isin(counts.owners(), held_out)] += seed
        network, batches = prepared(
            counts, config(method, **fields, pretraining=pretraining), held_out=held_out
        )
        pretrain_network(network, batches)
        found.append(encoder_weights(network))
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_a_tied_network_takes_the_layers_and_their_mirrors_biases(two_subjects: "TwoSubjects") -> None:
    fields = {"inputs": "binary", "likelihood": "bernoulli", "targets": "binary"}
    weights = []
    for tied in (False, True):
        network, batches = prepared(two_subjects(), config(tied=tied, **fields))
        network.generator = torch.Generator().manual_seed(3)
        pretrain_network(network, batches)
        weights.append(network.tensors())
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_training_pretrains_first_and_tells_of_it(two_subjects: "TwoSubjects") -> None:
    heard: list[tuple[str, float, float, str]] = []

    def hear(stage: "Stage", done: float, total: float, detail: str = "") -> None:
        heard.append((stage, done, total, detail))

    training = TrainingConfig(epochs=2, min_updates=0, batch_size=40)
    model = shares(pretraining={"method": "rbm", "epochs": 3})
    train(two_subjects(), np.arange(40), model, training, hear)
    pretraining = [(done, total) for stage, done, total, _ in heard if stage == "pretrain"]
    assert pretraining == [(n, 6) for n in range(1, 7)]
    assert heard[0][3].startswith("layer 1 of 2, epoch 1 of 3, error ")
    assert [stage for stage, *_ in heard] == ["pretrain"] * 6 + ["train"] * 4


@pytest.mark.parametrize("method", ["rbm", "sparse-decomposition"])
def test_one_seed_gives_one_pretrained_model(two_subjects: "TwoSubjects", method: str) -> None:
    model = config(
        method, likelihood="gaussian", targets="inputs", pretraining={"method": method, "epochs": 2}
    )

    def weights(seed: int) -> np.ndarray:
        training = TrainingConfig(seed=seed, epochs=1, min_updates=0)
        return train(two_subjects(), np.arange(40), model, training).tensors["encoder.0.weight"]

    np.testing.assert_array_equal(weights(0), weights(0))
    assert not np.array_equal(weights(0), weights(1))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"activation": "relu"}, "activation: expected sigmoid, for pretraining by rbm, found 'relu'"),
        ({"code": {"kind": "linear"}}, "code.kind: expected logistic units, to pretrain them, .*, found 'linear'"),
        ({"inputs": "shares", "likelihood": "bernoulli"}, "likelihood: expected one of multinomial, poisson, to"),
        ({"inputs": "binary", "likelihood": "gaussian"}, "likelihood: expected one of multinomial, poisson, bern"),
        ({"likelihood": "gaussian"}, "targets: expected inputs, which is what .* tfidf gives back, found 'tfidf'"),
        (
            {"inputs": "binary", "likelihood": "bernoulli", "targets": "shares"},
            "targets: expected inputs or binary, which is what",
        ),
        ({"inputs": "shares", "tied": True}, "tied: expected false, to pretrain on shares"),
    ],
)  # fmt: skip
def test_layers_that_a_network_could_not_take_over_are_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        config(**fields)
    assert config(**fields, pretraining={}).pretraining.method == "none"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"activation": "sigmoid"}, "activation: expected tanh, for pretraining by sparse-decomposition"),
        ({"likelihood": "multinomial"}, "likelihood: expected gaussian, for pretraining by sparse-decomposition"),
        ({"targets": "tfidf"}, "targets: expected inputs, for pretraining by sparse-decomposition, whose decoder"),
        ({"tied": True}, "tied: expected false, for pretraining by sparse-decomposition"),
    ],
)  # fmt: skip
def test_a_decomposition_needs_a_decoder_that_gives_back_the_inputs(
    fields: dict[str, Any], told: str
) -> None:
    sound = {"likelihood": "gaussian", "targets": "inputs"}
    assert config("sparse-decomposition", **sound).hidden == (12,)
    assert config("sparse-decomposition", **{**sound, "activation": "relu", "hidden": []}).hidden == ()
    with pytest.raises(ConfigError, match=told):
        config("sparse-decomposition", **{**sound, **fields})
