import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from semhash.autoencoder.training import TrainedModel, train
from semhash.config import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig, TrainingConfig
from semhash.progress import silent
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from semhash.progress import Stage
    from tests.unit.conftest import TwoSubjects

PLAIN = ModelConfig(
    bits=8,
    hidden=(32,),
    code=CodeConfig(kind="deterministic"),
    corruption=CorruptionConfig(kind="none"),
    neighbours=NeighbourConfig(neighbours=0),
)
TERMS = np.arange(40)
TRAINING = TrainingConfig(epochs=6, min_updates=0, batch_size=16, validation_share=0.0)


class Interrupts:
    """Progress that is interrupted at one update, or at all that it hears of from then on."""

    def __init__(self, update: int, *, again: bool = False) -> None:
        self.update = update
        self.again = again
        self.heard: list[tuple[float, float, str]] = []

    def __call__(self, stage: "Stage", done: float, total: float, detail: str = "") -> None:
        self.heard.append((done, total, detail))
        if done == self.update or (self.again and done > self.update):
            raise KeyboardInterrupt


def noise(n: int = 60, seed: int = 0) -> Counts:
    """Documents of random words: there is nothing to learn but them."""
    dense = np.random.default_rng(seed).poisson(0.4, (n, 40)).astype(np.uint8)
    dense[:, 0] += 1
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns], 40)


def assert_same(first: TrainedModel, second: TrainedModel) -> None:
    assert first.tensors.keys() == second.tensors.keys()
    for name, tensor in first.tensors.items():
        np.testing.assert_array_equal(tensor, second.tensors[name])


def test_an_interrupt_ends_the_training_with_the_weights_of_the_last_finished_epoch(
    two_subjects: "TwoSubjects",
) -> None:
    """Epochs have five updates: it makes no difference where in the third epoch it comes."""
    counts = two_subjects()
    at_once, later = Interrupts(11), Interrupts(14)
    first, second = (train(counts, TERMS, PLAIN, TRAINING, hear) for hear in (at_once, later))
    assert first.stopped == second.stopped == "interrupted"
    assert len(first.losses) == first.best_epoch == 2
    assert_same(first, second)
    whole = train(counts, TERMS, PLAIN, TRAINING)
    assert (whole.stopped, whole.losses[:2]) == ("finished", first.losses)
    assert not np.array_equal(whole.tensors["encoder.0.weight"], first.tensors["encoder.0.weight"])


def test_an_interrupt_is_told_of_at_once(two_subjects: "TwoSubjects") -> None:
    hear = Interrupts(14)
    train(two_subjects(), TERMS, PLAIN, TRAINING, hear)
    done, total, detail = hear.heard[-1]
    assert done == total == 30
    assert detail == "interrupted, keeping epoch 2"


def test_before_there_is_a_finished_epoch_an_interrupt_is_passed_on(two_subjects: "TwoSubjects") -> None:
    with pytest.raises(KeyboardInterrupt):
        train(two_subjects(), TERMS, PLAIN, TRAINING, Interrupts(4))


def test_a_second_interrupt_is_passed_on(two_subjects: "TwoSubjects") -> None:
    with pytest.raises(KeyboardInterrupt):
        train(two_subjects(), TERMS, PLAIN, TRAINING, Interrupts(14, again=True))


@pytest.mark.parametrize("seed", range(3))
def test_training_stops_when_documents_held_out_are_told_worse_and_worse(seed: int) -> None:
    counts = noise(seed=seed)
    long = TrainingConfig(
        epochs=200,
        min_updates=0,
        batch_size=16,
        learning_rate=1e-2,
        validation_share=0.2,
        patience=4,
        seed=seed,
    )
    hear = Interrupts(-1)
    found = train(counts, TERMS, PLAIN, long, hear)
    assert (found.stopped, found.n_documents, found.n_held_out) == ("early", 60, 12)
    assert found.best_epoch == int(np.argmin(found.held_out_losses)) + 1
    assert len(found.losses) == len(found.held_out_losses) == found.best_epoch + 4 < 200
    done, total, detail = hear.heard[-1]
    assert done == total
    assert detail == f"stopped early after epoch {len(found.losses)}, keeping epoch {found.best_epoch}"
    # The weights are those of the best epoch: it is where training stands when it is interrupted right after.
    endless = msgspec.structs.replace(long, patience=0)
    again = train(counts, TERMS, PLAIN, endless, Interrupts(3 * found.best_epoch + 1))
    assert again.best_epoch == found.best_epoch
    assert_same(found, again)


def test_patience_grows_with_the_epochs_that_a_small_corpus_is_given() -> None:
    """Four updates an epoch, ten times the epochs asked for: ten times the patience."""
    training = TrainingConfig(
        epochs=6, min_updates=240, batch_size=15, learning_rate=1e-2, validation_share=0.02, patience=2
    )
    found = train(noise(), TERMS, PLAIN, training)
    assert found.stopped == "early"
    assert len(found.losses) == found.best_epoch + 20


def test_progress_tells_of_the_held_out_loss_and_the_balance_of_bits(two_subjects: "TwoSubjects") -> None:
    hear = Interrupts(-1)
    training = msgspec.structs.replace(TRAINING, validation_share=0.2, epochs=3)
    found = train(two_subjects(), TERMS, PLAIN, training, hear)
    assert [(done, total) for done, total, _ in hear.heard] == [(n, 12) for n in range(1, 13)]
    assert hear.heard[0][2].startswith("epoch 1/3, loss ")
    assert "held out" not in hear.heard[3][2]
    for update, epoch in ((4, 0), (8, 1)):
        detail = hear.heard[update][2]
        assert f"held out {found.held_out_losses[epoch]:.3f}, ones " in detail
        least, most = map(int, detail.rpartition("ones ")[2].rstrip("%").split("-"))
        assert 0 <= least <= most <= 100


@pytest.mark.parametrize("optimiser", ["lbfgs", "cg"])
def test_line_searches_go_down_on_every_mini_batch(optimiser: str, two_subjects: "TwoSubjects") -> None:
    fixed = msgspec.structs.replace(PLAIN, activation="tanh", code=CodeConfig(kind="fixed-gaussian", noise=2))
    training = TrainingConfig.from_json(
        {
            "epochs": 8,
            "min_updates": 0,
            "batch_size": 40,
            "iterations": 5,
            "optimiser": optimiser,
            "validation_share": 0,
        }
    )
    found = train(two_subjects(), TERMS, fixed, training, silent)
    assert len(found.losses) == 8
    assert found.losses[-1] < (math.log(40) + math.log(20)) / 2
    assert all(tensor.dtype == np.float32 for tensor in found.tensors.values())


def test_line_searches_count_towards_the_updates_of_a_small_corpus(two_subjects: "TwoSubjects") -> None:
    training = TrainingConfig(optimiser="cg", epochs=2, min_updates=20, batch_size=100, iterations=4)
    assert len(train(two_subjects(50), TERMS, PLAIN, training).losses) == 5
