from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from semhash.autoencoder.encoder import Encoder, encoder_inputs, weigh
from semhash.autoencoder.network import Autoencoder
from semhash.config import ModelConfig
from semhash.errors import IndexDamagedError
from semhash.vocabulary import Counts

N_WORDS = 60
CONFIG = ModelConfig(bits=20, hidden=(30, 25))


def random_counts(n: int, seed: int = 0) -> Counts:
    """Counts of n documents; the last one is empty."""
    random = np.random.default_rng(seed)
    dense = random.poisson(0.4, (n, N_WORDS))
    dense[-1] = 0
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    assert len(rows) == indptr[-1]
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.uint8), N_WORDS)


def network(seed: int = 0, config: ModelConfig = CONFIG) -> tuple[Autoencoder, np.ndarray]:
    """A network with random weights and biases, and inverse document frequencies."""
    generator = torch.Generator().manual_seed(seed)
    made = Autoencoder(N_WORDS, config, generator).eval()
    for name, parameter in made.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    return made, np.random.default_rng(seed).uniform(1, 5, N_WORDS).astype(np.float32)


def tensors(made: Autoencoder, idf: np.ndarray) -> dict[str, np.ndarray]:
    threshold = np.zeros(CONFIG.bits, dtype=np.float32)
    return {"idf": idf, "threshold": threshold, **{n: value.numpy() for n, value in made.tensors().items()}}


def test_the_numpy_forward_pass_equals_the_one_in_torch() -> None:
    made, idf = network()
    counts = random_counts(700)
    with torch.no_grad():
        activations = made.encode(torch.from_numpy(encoder_inputs(counts, idf, CONFIG)))
    encoder = Encoder.from_tensors(tensors(made, idf), CONFIG)
    np.testing.assert_allclose(encoder.activations(counts), activations, atol=1e-4)
    np.testing.assert_allclose(encoder.probabilities(counts), torch.sigmoid(activations), atol=1e-5)


@pytest.mark.parametrize("probability", [0.5, 0.1])
def test_a_bit_is_one_where_its_probability_is_above_the_threshold(probability: float) -> None:
    made, idf = network()
    counts = random_counts(50)
    threshold = np.full(CONFIG.bits, np.log(probability / (1 - probability)), dtype=np.float32)
    encoder = Encoder.from_tensors({**tensors(made, idf), "threshold": threshold}, CONFIG)
    bits = np.unpackbits(encoder.codes(counts), axis=1, bitorder="little")
    np.testing.assert_array_equal(bits[:, :20], encoder.probabilities(counts) > probability)
    assert not bits[:, 20:].any()


@pytest.mark.parametrize("inputs", ["tfidf", "shares", "binary"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "linear"])
def test_the_forward_passes_agree_whatever_the_units_and_the_inputs(inputs: str, activation: str) -> None:
    config = ModelConfig.from_json({"bits": 9, "hidden": [30], "inputs": inputs, "activation": activation})
    made, idf = network(config=config)
    counts = random_counts(40)
    with torch.no_grad():
        activations = made.encode(torch.from_numpy(encoder_inputs(counts, idf, config)))
    threshold = {"threshold": np.zeros(9, dtype=np.float32)}
    encoder = Encoder.from_tensors({**tensors(made, idf), **threshold}, config)
    np.testing.assert_allclose(encoder.activations(counts), activations, atol=1e-4)


def test_inputs_by_hand() -> None:
    counts = Counts(np.array([0, 2, 2]), np.array([0, 2], dtype=np.int32), np.array([1, 3]), 3)
    idf = np.ones(3, dtype=np.float32)
    shares = encoder_inputs(counts, idf, ModelConfig(inputs="shares"))
    np.testing.assert_allclose(shares, np.array([[0.25, 0.0, 0.75], [0.0, 0.0, 0.0]]))
    binary = encoder_inputs(counts, idf, ModelConfig(inputs="binary"))
    np.testing.assert_allclose(binary, [[1, 0, 1], [0, 0, 0]])


def test_a_document_gets_the_same_code_alone_and_in_company() -> None:
    made, idf = network()
    counts = random_counts(600)
    encoder = Encoder.from_tensors(tensors(made, idf), CONFIG)
    together = encoder.codes(counts)
    for row in (0, 1, 511, 512, 599):
        np.testing.assert_array_equal(encoder.codes(counts.take(np.array([row])))[0], together[row])


def test_weights_by_hand() -> None:
    counts = Counts(np.array([0, 2, 2]), np.array([0, 2], dtype=np.int32), np.array([1, 3]), 3)
    idf = np.array([2.0, 9.0, 1.0], dtype=np.float32)
    first, second = 2.0, 1 + np.log(3.0)
    length = np.hypot(first, second)
    np.testing.assert_allclose(weigh(counts, idf, 5.0), [5 * first / length, 5 * second / length], rtol=1e-6)
    expected = np.array([[10 * first / length, 0.0, 10 * second / length], [0.0, 0.0, 0.0]])
    found = encoder_inputs(counts, idf, ModelConfig(inputs="tfidf", input_scale=10.0))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_fractional_counts_weigh_too_and_hardly_any_count_is_no_division_by_zero() -> None:
    data = np.array([0.5, 0.25, 1e-30], dtype=np.float32)
    counts = Counts(np.array([0, 2, 3]), np.array([0, 2, 1], dtype=np.int32), data, 3)
    idf = np.array([2.0, 1.0, 4.0], dtype=np.float32)
    length = np.hypot(0.5 * 2.0, 0.25 * 4.0)
    np.testing.assert_allclose(weigh(counts, idf, 10.0), [10 / length, 10 / length, 0.0], rtol=1e-6)
    expected = np.array([[10 / length, 0.0, 10 / length], [0.0, 0.0, 0.0]])
    found = encoder_inputs(counts, idf, ModelConfig(inputs="tfidf", input_scale=10.0))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    shares = encoder_inputs(counts, idf, ModelConfig(inputs="shares"))
    np.testing.assert_allclose(shares[0], [2 / 3, 0, 1 / 3], rtol=1e-6)


@pytest.mark.parametrize("hidden", [(), (25,), (25, 12)])
def test_a_document_of_few_words_is_encoded_by_their_weights_alone_and_alike(hidden: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    widths = (N_WORDS, *hidden, 20)
    made = {"idf": random.random(N_WORDS, dtype=np.float32) + 1, "threshold": np.zeros(20, dtype=np.float32)}
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        made[f"encoder.{i}.weight"] = random.normal(size=(n_out, n_in)).astype(np.float32)
        made[f"encoder.{i}.bias"] = random.normal(size=n_out).astype(np.float32)
    encoder = Encoder.from_tensors(made, ModelConfig(hidden=hidden))
    few = Counts(np.array([0, 3, 3]), np.array([2, 30, 59], dtype=np.int32), np.array([1, 4, 2]), N_WORDS)
    together = encoder.activations(few)
    for row in (0, 1):
        np.testing.assert_allclose(
            encoder.activations(few.take(np.array([row])))[0], together[row], rtol=2e-5
        )


def test_a_saved_model_is_read_back(tmp_path: Path) -> None:
    made, idf = network()
    save_file(tensors(made, idf), tmp_path / "model.safetensors")
    loaded = Encoder.load(tmp_path / "model.safetensors", N_WORDS, CONFIG)
    counts = random_counts(20)
    expected = Encoder.from_tensors(tensors(made, idf), CONFIG).activations(counts)
    np.testing.assert_array_equal(loaded.activations(counts), expected)


def test_a_tensor_of_another_shape_type_or_name_is_refused_by_name(tmp_path: Path) -> None:
    made, idf = network()
    file = tmp_path / "model.safetensors"
    save_file(tensors(made, idf), file)
    good = load_file(file)
    with pytest.raises(
        IndexDamagedError, match=r"idf float32 of shape \(61,\), found float32 of shape \(60,\)"
    ):
        Encoder.load(file, N_WORDS + 1, CONFIG)
    save_file({**good, "encoder.1.bias": good["encoder.1.bias"].astype(np.float64)}, file)
    with pytest.raises(IndexDamagedError, match=r"encoder\.1\.bias float32 of shape \(25,\), found float64"):
        Encoder.load(file, N_WORDS, CONFIG)
    del good["encoder.2.weight"]
    save_file(good, file)
    with pytest.raises(IndexDamagedError, match=r"encoder\.2\.weight"):
        Encoder.load(file, N_WORDS, CONFIG)
    file.write_bytes(b"no tensors")
    with pytest.raises(IndexDamagedError, match="expected a trained model"):
        Encoder.load(file, N_WORDS, CONFIG)
