import math
import os

import joblib
import numpy as np
import pytest
import torch

from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.training import free_cores, reconstruction_loss, train
from semhash.config import ModelConfig, TrainingConfig
from semhash.errors import TrainingError
from semhash.vocabulary import Counts

MODEL = ModelConfig(bits=8, hidden=(32,))
TRAINING = TrainingConfig(epochs=60, min_updates=0, batch_size=16, learning_rate=3e-3)


def two_subjects(n: int = 80, n_words: int = 40, seed: int = 0) -> Counts:
    """Even documents use the first half of the words, odd ones the second."""
    random = np.random.default_rng(seed)
    half = n_words // 2
    dense = np.zeros((n, n_words), dtype=np.uint8)
    for row in range(n):
        dense[row, random.integers(0, half, 10) + half * (row % 2)] = random.integers(1, 4, 10)
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns], n_words)


def test_the_loss_falls_below_that_of_knowing_only_the_words_frequencies() -> None:
    counts = two_subjects()
    losses = train(counts, MODEL, TRAINING).losses
    assert losses[-1] < losses[0]
    # Two subjects of 20 words each: knowing the subject brings log(40) down to log(20).
    assert losses[-1] < (math.log(40) + math.log(20)) / 2


def test_documents_of_one_subject_get_nearer_codes_than_those_of_two() -> None:
    counts = two_subjects()
    encoder = Encoder.from_tensors(train(counts, MODEL, TRAINING).tensors, MODEL)
    bits = np.unpackbits(encoder.codes(two_subjects(seed=1)), axis=1, bitorder="little").astype(int)
    distances = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    same = np.add.outer(np.arange(80), np.arange(80)) % 2 == 0
    assert distances[same].mean() < distances[~same].mean() / 2


def test_noise_drives_the_code_units_to_zero_and_one() -> None:
    """Salakhutdinov and Hinton (2009), figure 4: with noise the activations become bimodal."""
    counts = two_subjects(200)

    def undecided(noise: float) -> float:
        model = ModelConfig(bits=8, hidden=(32,), code_noise=noise, masking=0.0)
        probabilities = Encoder.from_tensors(train(counts, model, TRAINING).tensors, model).probabilities(
            counts
        )
        return float(((probabilities > 0.1) & (probabilities < 0.9)).mean())

    assert undecided(4.0) < undecided(0.0) / 2


def test_one_seed_gives_one_model_and_another_seed_another() -> None:
    counts = two_subjects()
    quick = TrainingConfig(seed=5, epochs=2, min_updates=0, batch_size=16)
    first, again = train(counts, MODEL, quick).tensors, train(counts, MODEL, quick).tensors
    for name, tensor in first.items():
        np.testing.assert_array_equal(tensor, again[name])
    other = train(counts, MODEL, TrainingConfig(seed=6, epochs=2, min_updates=0, batch_size=16)).tensors
    assert not np.array_equal(first["encoder.0.weight"], other["encoder.0.weight"])


def test_training_draws_from_no_global_stream() -> None:
    counts, quick = two_subjects(), TrainingConfig(epochs=1, min_updates=0)
    torch.manual_seed(0)
    first = train(counts, MODEL, quick).tensors["encoder.0.weight"]
    torch.manual_seed(1)
    state = torch.get_rng_state()
    np.testing.assert_array_equal(train(counts, MODEL, quick).tensors["encoder.0.weight"], first)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_large_corpus_trains_on_a_sample_and_empty_documents_are_left_out() -> None:
    counts = two_subjects(60)
    empty = Counts(np.append(counts.indptr, [counts.indptr[-1]] * 3), counts.indices, counts.data, 40)
    quick = {"epochs": 1, "min_updates": 0}
    assert train(empty, MODEL, TrainingConfig(**quick)).n_documents == 60
    assert train(empty, MODEL, TrainingConfig(train_documents=25, **quick)).n_documents == 25


def test_progress_counts_updates_and_few_documents_train_for_more_epochs() -> None:
    heard: list[tuple[float, float]] = []

    def hear(stage: str, done: float, total: float, detail: str = "") -> None:
        assert stage == "train"
        assert "loss" in detail
        heard.append((done, total))

    config = TrainingConfig(epochs=2, min_updates=13, batch_size=16)
    losses = train(two_subjects(48), MODEL, config, hear).losses
    assert len(losses) == 5  # three updates an epoch, 13 updates at least
    assert heard == [(n, 15) for n in range(1, 16)]


def test_a_loss_that_is_no_number_is_an_error_in_words() -> None:
    wild = TrainingConfig(epochs=3, min_updates=0, learning_rate=1e30)
    with pytest.raises(TrainingError, match=r"expected a finite loss, found (nan|inf) in epoch"):
        train(two_subjects(), MODEL, wild)


def test_the_loss_by_hand_and_its_gradient_is_prediction_minus_target() -> None:
    logits = torch.tensor([[0.0, 1.0, -1.0], [2.0, 0.0, 0.0]], requires_grad=True)
    targets = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]])
    log_probabilities = torch.log_softmax(logits, dim=1)
    loss = reconstruction_loss(log_probabilities, targets)
    by_hand = -sum(
        float(t) * math.log(math.exp(z) / sum(map(math.exp, row_z)))
        for row_z, row_t in zip(logits.tolist(), targets.tolist(), strict=True)
        for z, t in zip(row_z, row_t, strict=True)
    )
    assert loss.item() == pytest.approx(by_hand / 2, rel=1e-6)
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, (torch.softmax(logits.detach(), dim=1) - targets) / 2)


def test_the_decoder_mirrors_the_encoder_and_gives_probabilities() -> None:
    network = Autoencoder(40, ModelConfig(bits=8, hidden=(32, 16)), torch.Generator().manual_seed(0))
    shapes = [tuple(parameter.shape) for name, parameter in network.named_parameters() if "weight" in name]
    assert shapes == [(32, 40), (16, 32), (8, 16), (16, 8), (32, 16), (40, 32)]
    sums = network(torch.rand(5, 40)).exp().sum(dim=1)
    torch.testing.assert_close(sums, torch.ones(5))


def test_noise_is_drawn_in_training_alone_and_has_the_standard_deviation_it_should() -> None:
    network = Autoencoder(40, ModelConfig(bits=8, code_noise=4.0), torch.Generator().manual_seed(0))
    activations = torch.zeros(5000, 8)
    network.noise_share = 0.5
    deviation = torch.logit(network.train().code(activations).double()).std()
    assert deviation.item() == pytest.approx(2.0, rel=0.05)
    assert torch.equal(network.eval().code(activations), torch.full((5000, 8), 0.5))


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="this system does not tell its load")
def test_free_cores_are_those_that_nobody_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 4)
    for load, expected in ((0.0, 4), (1.2, 3), (3.9, 1), (50.0, 1)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert free_cores() == expected


def test_torchs_thread_count_is_as_it_was() -> None:
    before = torch.get_num_threads()
    train(two_subjects(), MODEL, TrainingConfig(epochs=1, min_updates=0))
    assert torch.get_num_threads() == before
