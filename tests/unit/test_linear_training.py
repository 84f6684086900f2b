"""A linear autoencoder with squared error learns what principal components analysis does.

Baldi and Hornik, *Neural Networks and Principal Component Analysis: Learning from Examples Without Local Minima*,
Neural Networks 2 (1989): at the minimum the decoder spans the leading principal directions.
"""

from typing import Literal

import numpy as np
import pytest
from scipy.linalg import subspace_angles

from semhash.autoencoder.encoder import Encoder, encoder_inputs
from semhash.autoencoder.training import train
from semhash.config import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig, TrainingConfig
from semhash.vocabulary import Counts

N_DOCUMENTS, N_WORDS, BITS = 60, 30, 8
LINEAR = ModelConfig(
    bits=BITS,
    hidden=(),
    activation="linear",
    targets="inputs",
    likelihood="gaussian",
    input_scale=1.0,
    code=CodeConfig(kind="linear"),
    corruption=CorruptionConfig(kind="none"),
    neighbours=NeighbourConfig(neighbours=0),
)


def nine_subjects(seed: int) -> Counts:
    """Random counts of words, of which each document's subject prefers some: eight dimensions, and noise."""
    random = np.random.default_rng(seed)
    subjects = random.dirichlet(np.full(N_WORDS, 0.1), 9)
    dense = random.poisson(subjects[np.arange(N_DOCUMENTS) % 9] * 50 + 0.2).astype(np.uint16)
    dense[:, 0] += 1
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns], N_WORDS)


def full_batch(seed: int, optimiser: Literal["lbfgs", "cg"], iterations: int) -> TrainingConfig:
    return TrainingConfig(
        seed=seed,
        epochs=1,
        min_updates=0,
        batch_size=N_DOCUMENTS,
        optimiser=optimiser,
        iterations=iterations,
        validation_share=0.0,
    )


@pytest.mark.parametrize("optimiser", ["lbfgs", "cg"])
@pytest.mark.parametrize("seed", range(3))
def test_a_linear_autoencoder_reaches_principal_components_analysis(
    seed: int, optimiser: Literal["lbfgs", "cg"]
) -> None:
    counts = nine_subjects(seed)
    found = train(counts, np.arange(N_WORDS), LINEAR, full_batch(seed, optimiser, 700))
    x = encoder_inputs(counts, found.tensors["idf"], LINEAR).astype(np.float64)
    _, values, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    angles = subspace_angles(directions[:BITS].T, found.tensors["decoder.0.weight"])
    assert angles.max() < 0.01
    left_out = (values[BITS:] ** 2).sum()
    assert 2 * N_DOCUMENTS * found.losses[-1] == pytest.approx(left_out, rel=1e-4)


@pytest.mark.parametrize("hidden", [(), (12,)])
def test_linear_layers_make_one_linear_map_that_numpy_encodes_with(hidden: tuple[int, ...]) -> None:
    counts = nine_subjects(0)
    model = ModelConfig.from_json({**LINEAR.to_json(), "hidden": hidden, "code": {"kind": "linear"}})
    found = train(counts, np.arange(N_WORDS), model, full_batch(0, "cg", 20))
    encoder = Encoder.from_tensors(found.tensors, model)
    weight, bias = np.eye(N_WORDS), np.zeros(N_WORDS)
    for layer_weight, layer_bias in encoder.layers:
        weight, bias = layer_weight @ weight, layer_weight @ bias + layer_bias
    x = encoder_inputs(counts, found.tensors["idf"], model)
    np.testing.assert_allclose(encoder.activations(counts), x @ weight.T + bias, rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(found.tensors["threshold"], np.zeros(BITS, dtype=np.float32))


def test_the_median_of_linear_units_halves_the_documents() -> None:
    counts = nine_subjects(1)
    model = ModelConfig.from_json(
        {**LINEAR.to_json(), "code": CodeConfig(kind="linear", threshold="median").to_json()}
    )
    found = train(counts, np.arange(N_WORDS), model, full_batch(1, "cg", 20))
    activations = Encoder.from_tensors(found.tensors, model).activations(counts)
    ones = (activations > found.tensors["threshold"]).sum(axis=0)
    assert abs(ones - N_DOCUMENTS // 2).max() <= 1  # the one in the middle may be rounded over its own value
