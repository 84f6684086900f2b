from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from semhash import codes
from semhash.autoencoder import layers
from semhash.autoencoder.decoder import MEANS, Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.likelihoods import LIKELIHOODS
from semhash.autoencoder.network import ACTIVATIONS, Autoencoder
from semhash.config import ModelConfig
from semhash.errors import CodeError, IndexDamagedError
from semhash.vocabulary import Counts

N_WORDS = 40
CONFIG = ModelConfig(bits=9, hidden=(17, 13))


def network(config: ModelConfig = CONFIG, seed: int = 0) -> Autoencoder:
    """A network with random weights and biases."""
    generator = torch.Generator().manual_seed(seed)
    made = Autoencoder(N_WORDS, config, generator).eval()
    for name, parameter in made.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    return made


def tensors(made: Autoencoder) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in made.tensors().items()}


def some_codes(n: int = 6, bits: int = 9) -> np.ndarray:
    return np.random.default_rng(1).random((n, bits), dtype=np.float32)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_the_pass_in_numpy_equals_the_one_in_torch(activation: str, tied: bool) -> None:
    config = ModelConfig.from_json({"bits": 9, "hidden": [17, 13], "activation": activation, "tied": tied})
    made, code = network(config), some_codes()
    with torch.no_grad():
        expected = made.decode(torch.from_numpy(code)).numpy()
    found = Decoder.from_tensors(tensors(made), config).pre_activations(code)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert expected.std() > 0.1


@pytest.mark.parametrize("likelihood", sorted(LIKELIHOODS))
def test_the_means_equal_those_of_the_likelihoods(likelihood: str) -> None:
    config = ModelConfig.from_json({"bits": 9, "hidden": [17, 13], "likelihood": likelihood})
    made, code = network(config), some_codes()
    totals = torch.arange(6.0)
    with torch.no_grad():
        pre_activations = made.decode(torch.from_numpy(code))
        expected = LIKELIHOODS[likelihood].mean(pre_activations, totals)
        shares = LIKELIHOODS[likelihood].mean(pre_activations, torch.ones(6))
    decoder = Decoder.from_tensors(tensors(made), config)
    np.testing.assert_allclose(decoder.mean(code, totals.numpy()), expected, atol=1e-5)
    np.testing.assert_allclose(decoder.mean(code), shares, atol=1e-6)


def test_every_likelihood_has_its_mean_and_every_unit_its_function() -> None:
    assert set(MEANS) == set(LIKELIHOODS)
    assert set(layers.ACTIVATIONS) == set(ACTIVATIONS)


@pytest.mark.parametrize("likelihood", sorted(LIKELIHOODS))
def test_shares_sum_to_one_and_follow_the_means_whatever_the_likelihood(likelihood: str) -> None:
    config = ModelConfig.from_json({"bits": 9, "hidden": [17, 13], "likelihood": likelihood})
    decoder = Decoder.from_tensors(tensors(network(config)), config)
    means, found = decoder.mean(some_codes()), decoder.log_shares(some_codes())
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, rtol=1e-5)
    if likelihood in {"multinomial", "poisson"}:
        np.testing.assert_allclose(np.exp(found), means, rtol=1e-4)
    positive = np.maximum(means, 0)
    order = np.argsort(positive, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(found, order, axis=1)) >= -1e-6).all()
    assert np.isfinite(found).all()


def test_of_nothing_expected_every_word_has_the_same_share() -> None:
    config = ModelConfig.from_json({"bits": 9, "hidden": [17, 13], "likelihood": "gaussian"})
    learned = tensors(network(config))
    learned["decoder.2.weight"][:] = 0
    learned["decoder.2.bias"][:] = -1
    found = Decoder.from_tensors(learned, config).log_shares(some_codes())
    np.testing.assert_allclose(found, -np.log(N_WORDS), rtol=1e-5)


def test_what_is_far_from_zero_overflows_nowhere() -> None:
    far = np.array([[-2000.0, 0.0, 2000.0]], dtype=np.float32)
    one = np.ones(1, dtype=np.float32)
    np.testing.assert_array_equal(MEANS["multinomial"](far, one), [[0, 0, 1]])
    np.testing.assert_array_equal(MEANS["bernoulli"](far, one), [[0, 0.5, 1]])


@pytest.mark.parametrize("kind", ["bernoulli", "linear"])
def test_encoder_and_decoder_together_are_the_network_without_noise(kind: str) -> None:
    config = ModelConfig.from_json({**CONFIG.to_json(), "inputs": "binary", "code": {"kind": kind}})
    made = network(config)
    dense = np.random.default_rng(0).integers(0, 2, (5, N_WORDS))
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum(dense.sum(axis=1))))
    counts = Counts(indptr, columns.astype(np.int32), np.ones(len(rows), dtype=np.uint8), N_WORDS)
    learned = tensors(made) | {"idf": np.ones(N_WORDS, np.float32), "threshold": np.zeros(9, np.float32)}
    values = Encoder.from_tensors(learned, config).values(counts)
    with torch.no_grad():
        expected = made(torch.from_numpy(dense.astype(np.float32)))
    np.testing.assert_allclose(
        Decoder.from_tensors(learned, config).pre_activations(values), expected, atol=1e-5
    )


def test_bits_are_decoded_as_zeros_and_ones() -> None:
    decoder = Decoder.from_tensors(tensors(network()), CONFIG)
    bits = some_codes() > 0.5
    unpacked = codes.unpack(codes.pack(bits), 9)
    np.testing.assert_array_equal(decoder.mean(unpacked), decoder.mean(bits.astype(float)))
    assert decoder.mean(unpacked).dtype == np.float32


def test_packed_codes_and_codes_of_another_width_are_refused_in_words() -> None:
    decoder = Decoder.from_tensors(tensors(network()), CONFIG)
    with pytest.raises(
        CodeError, match=r"expected values of shape \(n, 9\), found shape \(6, 2\); .* unpack"
    ):
        decoder.mean(codes.pack(some_codes() > 0.5))
    with pytest.raises(CodeError, match=r"found shape \(9,\)"):
        decoder.pre_activations(np.zeros(9))


def test_a_saved_decoder_is_read_back_and_a_wrong_shape_is_named(tmp_path: Path) -> None:
    made, file = network(), tmp_path / "model.safetensors"
    save_file(tensors(made), file)
    loaded = Decoder.load(file, N_WORDS, CONFIG)
    assert (loaded.bits, loaded.n_words) == (9, N_WORDS)
    expected = Decoder.from_tensors(tensors(made), CONFIG).mean(some_codes())
    np.testing.assert_array_equal(loaded.mean(some_codes()), expected)
    with pytest.raises(
        IndexDamagedError, match=r"decoder\.2\.weight float32 of shape \(41, 17\), found .*\(40, 17\)"
    ):
        Decoder.load(file, N_WORDS + 1, CONFIG)
    left = load_file(file)
    del left["decoder.1.bias"]
    save_file(left, file)
    with pytest.raises(IndexDamagedError, match=r"decoder\.1\.bias"):
        Decoder.load(file, N_WORDS, CONFIG)
