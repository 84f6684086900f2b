from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from semhash.autoencoder.batches import Batches, clean_targets
from semhash.autoencoder.encoder import encoder_inputs
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import Objective, held_out_loss
from semhash.autoencoder.sparse_inputs import dense
from semhash.autoencoder.trainer import Callback, EarlyStopping, History, Trainer
from semhash.autoencoder.training import choose_held_out
from semhash.config import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig, TrainingConfig

if TYPE_CHECKING:
    from tests.unit.conftest import TwoSubjects

IDF = np.linspace(1, 2, 40, dtype=np.float32)
COMPANY = NeighbourConfig(neighbours=5, input_share=1.0, contrast=0.1)


def network(config: ModelConfig, seed: int = 0) -> Autoencoder:
    return Autoencoder(40, config, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("n_documents", "share", "expected"),
    [(39, 0.5, 0), (40, 0.05, 2), (41, 0.001, 1), (1000, 0.05, 50), (100_000, 0.05, 1000), (1000, 0.0, 0)],
)
def test_a_share_is_held_out_within_limits(n_documents: int, share: float, expected: int) -> None:
    rows = choose_held_out(n_documents, share, seed=0)
    assert len(set(rows.tolist())) == expected
    assert all(0 <= row < n_documents for row in rows)


def test_the_seed_alone_says_who_is_held_out() -> None:
    first, again, other = (choose_held_out(500, 0.1, seed) for seed in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_no_document_held_out_is_ever_seen(two_subjects: "TwoSubjects", seed: int) -> None:
    """Each document is told by its inputs: neither its own nor a stand-in's nor a contrast's are its own."""
    counts = two_subjects(60)
    hood = Neighbourhood.find(counts, COMPANY, seed=0)
    held_out = choose_held_out(60, 0.3, seed)
    config = ModelConfig(corruption=CorruptionConfig(kind="none"), neighbours=COMPANY)
    generator = torch.Generator().manual_seed(seed)
    batches = Batches.prepare(
        counts, IDF, config, size=16, generator=generator, neighbourhood=hood, held_out=held_out
    )
    whose = {row.tobytes(): number for number, row in enumerate(encoder_inputs(counts, IDF, config))}
    assert len(whose) == 60
    seen, documents = set(), []
    for _ in range(20):
        for batch in batches:
            documents += batch.documents.tolist()
            assert batch.neighbours is not None
            seen |= {whose[row.numpy().tobytes()] for row in (*dense(batch.inputs), *dense(batch.neighbours))}
    kept = set(range(60)) - set(held_out.tolist())
    assert sorted(documents) == sorted([*kept] * 20)
    assert seen <= kept
    assert len(seen) > 30


def test_neighbours_are_drawn_evenly_from_those_that_are_not_held_out(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects(60)
    hood = Neighbourhood.find(counts, COMPANY, seed=0)
    held_out = np.array([row for row in hood.rows[0] if row != 0][:2])
    config = ModelConfig(corruption=CorruptionConfig(kind="none"), neighbours=COMPANY)
    batches = Batches.prepare(
        counts,
        IDF,
        config,
        size=60,
        generator=torch.Generator().manual_seed(0),
        neighbourhood=hood,
        held_out=held_out,
    )
    whose = {row.tobytes(): number for number, row in enumerate(encoder_inputs(counts, IDF, config))}
    drawn = []
    for _ in range(300):
        (batch,) = batches
        (place,) = torch.nonzero(batch.documents == 0)
        drawn.append(whose[dense(batch.inputs)[place[0]].numpy().tobytes()])
    found, times = np.unique(drawn, return_counts=True)
    assert found.tolist() == sorted(set(hood.rows[0].tolist()) - set(held_out.tolist()))
    assert times.min() > 70


@pytest.mark.parametrize("company", [False, True])
def test_the_loss_is_that_of_clean_documents_without_noise(
    two_subjects: "TwoSubjects", company: bool
) -> None:
    counts = two_subjects(50)
    hood = Neighbourhood.find(counts, COMPANY, seed=0) if company else None
    config = ModelConfig(bits=8, hidden=(16,), neighbours=COMPANY)  # masked, stochastic, stood in for
    made, held_out = network(config).train(), np.array([3, 8, 20, 41])
    batches = Batches.prepare(
        counts, IDF, config, size=3, generator=made.generator, neighbourhood=hood, held_out=held_out
    )
    targets = clean_targets(counts, IDF, config)
    if hood is not None:
        targets = hood.diffuse(targets, config.neighbours.diffusion_steps)
    inputs = torch.from_numpy(encoder_inputs(counts, IDF, config)[held_out])
    with torch.no_grad():
        outputs = made.decode(torch.sigmoid(made.encode(inputs)))
    expected = -(torch.from_numpy(targets[held_out]) * outputs.log_softmax(dim=1)).sum(dim=1).mean()
    assert held_out_loss(made, batches.held_out()) == pytest.approx(expected.item(), rel=1e-5)
    assert made.training


def test_without_documents_held_out_there_is_no_loss(two_subjects: "TwoSubjects") -> None:
    config = ModelConfig(bits=8, hidden=(16,), code=CodeConfig(kind="deterministic"))
    made = network(config)
    batches = Batches.prepare(two_subjects(50), IDF, config, size=16, generator=made.generator)
    assert held_out_loss(made, batches.held_out()) is None


def weight(made: Autoencoder) -> torch.Tensor:
    return made.encoder[0].get_parameter("weight")


def after(losses: list[float | None], patience: int = 0, epochs: int = 100) -> tuple[float, History]:
    """What is kept when the weights of epoch n are all n."""
    made = network(ModelConfig(bits=8, hidden=(16,)))
    history, given = History(epochs, 1), iter(losses)
    stopping = EarlyStopping(made, lambda: next(given), patience)
    for epoch in range(1, len(losses) + 1):
        torch.nn.init.constant_(weight(made), epoch)
        history.losses.append(0.0)
        stopping.after_epoch(history)
        if history.stopped != "finished":
            break
    stopping.after_training(history)
    (kept,) = set(weight(made).flatten().tolist())
    return kept, history


def test_the_weights_of_the_lowest_loss_are_kept() -> None:
    kept, history = after([5.0, 3.0, 4.0, 3.0, 6.0])
    assert (kept, history.best_epoch, history.stopped) == (2.0, 2, "finished")
    assert history.held_out_losses == [5.0, 3.0, 4.0, 3.0, 6.0]


def test_without_losses_the_last_weights_are_kept() -> None:
    kept, history = after([None, None, None])
    assert (kept, history.best_epoch, history.held_out_losses) == (3.0, 3, [])


def test_patience_ends_after_so_many_epochs_without_a_lower_loss() -> None:
    kept, history = after([5.0, 4.0, 6.0, 6.0, 6.0, 1.0], patience=3)
    assert (kept, len(history.losses), history.stopped) == (2.0, 5, "early")
    assert after([5.0, 4.0, *[6.0] * 50], patience=0)[1].stopped == "finished"
    assert after([5.0, 4.0, 6.0, 6.0, 6.0], patience=3, epochs=5)[1].stopped == "finished"


class Counting(Callback):
    """Counts what it hears of."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def after_update(self, history: History, found: Objective) -> None:
        self.heard.append(f"update {history.updates}")

    def after_epoch(self, history: History) -> None:
        self.heard.append(f"epoch {len(history.losses)}")
        if len(history.losses) == 2:
            history.stopped = "early"

    def after_training(self, history: History) -> None:
        self.heard.append(history.stopped)


def test_callbacks_hear_of_updates_and_epochs_and_can_end_the_training() -> None:
    made, counting = network(ModelConfig(bits=8, hidden=(16,))), Counting()
    shares: list[float] = []

    def measure(given: Autoencoder, batch: float) -> Objective:
        shares.append(given.share)
        loss = batch * given.encode(torch.ones(3, 40)).square().mean()
        return Objective(loss, loss.detach(), torch.zeros(3, 8))

    trainer = Trainer(made, measure, TrainingConfig(), [counting])
    history = trainer.fit([1.0, 2.0], epochs=4)
    assert counting.heard == [
        "update 1", "update 2", "epoch 1", "update 3", "update 4", "epoch 2", "early",
    ]  # fmt: skip
    assert shares == [0, 1 / 8, 2 / 8, 3 / 8]  # the noise grows over all that is planned
    assert (history.planned, history.updates, len(history.losses)) == (8, 4, 2)
    assert not made.training


def test_only_the_parameters_that_were_given_are_trained() -> None:
    made = network(ModelConfig(bits=8, hidden=(16,)))
    before = {name: value.clone() for name, value in made.state_dict().items()}

    def measure(given: Autoencoder, batch: Tensor) -> Objective:
        loss = given(batch).square().mean()
        return Objective(loss, loss.detach(), torch.zeros(3, 8))

    Trainer(made, measure, TrainingConfig(), parameters=made.decoder.parameters()).fit([torch.ones(3, 40)], 5)
    changed = {name for name, value in made.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name in before if name.startswith("decoder")}
