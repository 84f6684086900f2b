from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from semhash.autoencoder.batches import Batches, clean_targets
from semhash.autoencoder.encoder import encoder_inputs
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.sparse_inputs import dense
from semhash.autoencoder.validation import Best, choose_held_out, held_out_loss
from semhash.config import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig

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
    batches = Batches(
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
    batches = Batches(
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
    batches = Batches(
        counts, IDF, config, size=3, generator=made.generator, neighbourhood=hood, held_out=held_out
    )
    targets = clean_targets(counts, IDF, config)
    if hood is not None:
        targets = hood.diffuse(targets, config.neighbours.diffusion_steps)
    inputs = torch.from_numpy(encoder_inputs(counts, IDF, config)[held_out])
    with torch.no_grad():
        outputs = made.decode(torch.sigmoid(made.encode(inputs)))
    expected = -(torch.from_numpy(targets[held_out]) * outputs.log_softmax(dim=1)).sum(dim=1).mean()
    assert held_out_loss(made, batches) == pytest.approx(expected.item(), rel=1e-5)
    assert made.training


def test_without_documents_held_out_there_is_no_loss(two_subjects: "TwoSubjects") -> None:
    config = ModelConfig(bits=8, hidden=(16,), code=CodeConfig(kind="deterministic"))
    made = network(config)
    batches = Batches(two_subjects(50), IDF, config, size=16, generator=made.generator)
    assert held_out_loss(made, batches) is None


def weight(made: Autoencoder) -> torch.Tensor:
    return made.encoder[0].get_parameter("weight")


def after(losses: list[float | None], patience: int = 0) -> tuple[float, Best]:
    """What is kept when the weights of epoch n are all n."""
    made = network(ModelConfig(bits=8, hidden=(16,)))
    best = Best(made, patience)
    for epoch, loss in enumerate(losses, start=1):
        torch.nn.init.constant_(weight(made), epoch)
        best.hear(epoch, loss)
    best.restore()
    (kept,) = set(weight(made).flatten().tolist())
    return kept, best


def test_the_weights_of_the_lowest_loss_are_kept() -> None:
    kept, best = after([5.0, 3.0, 4.0, 3.0, 6.0])
    assert (kept, best.epoch) == (2.0, 2)


def test_without_losses_the_last_weights_are_kept() -> None:
    kept, best = after([None, None, None])
    assert (kept, best.epoch) == (3.0, 3)


def test_patience_ends_after_so_many_epochs_without_a_lower_loss() -> None:
    _, best = after([5.0, 4.0], patience=3)
    assert [best.out_of_patience(epoch) for epoch in (2, 3, 4, 5, 6)] == [False, False, False, True, True]
    _, endless = after([5.0, 4.0], patience=0)
    assert not endless.out_of_patience(1000)
