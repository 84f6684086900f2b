"""The terms that neighbours add to the objective: the guide's bits, and the contrast."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor

from semhash.autoencoder.batches import Batch, Batches
from semhash.autoencoder.fine_tuning import with_labels
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.autoencoder.penalties import info_nce
from semhash.config import ModelConfig, NeighbourConfig, SupervisionConfig

if TYPE_CHECKING:
    from tests.unit.conftest import TwoSubjects

IDF = np.ones(40, dtype=np.float32)
LABELS = [["even" if row % 2 else "odd"] for row in range(60)]
SEEDS = pytest.mark.parametrize("seed", range(3))


def made(
    two_subjects: "TwoSubjects", seed: int = 0, size: int = 60, **company: Any
) -> tuple[Autoencoder, Batches]:
    neighbours = NeighbourConfig(neighbours=4, **{"guide": 0.0, "contrast": 0.0, **company})
    supervision = SupervisionConfig(loss="nca", weight=2.0)
    config = ModelConfig(bits=8, hidden=(16,), neighbours=neighbours, supervision=supervision)
    counts = two_subjects(60, seed=seed)
    batches = Batches.prepare(
        counts,
        IDF,
        config,
        size=size,
        generator=torch.Generator().manual_seed(seed),
        neighbourhood=Neighbourhood.find(counts, neighbours, seed),
    )
    return Autoencoder(40, config, torch.Generator().manual_seed(seed)), batches


def added(network: Autoencoder, batch: Batch) -> tuple[float, Tensor]:
    """What there is in the loss beside the reconstruction; and the inputs of the code units."""
    found = objective(network.eval(), batch)
    return (found.loss - found.reconstruction).item(), found.activations.detach().double()


@SEEDS
def test_the_guides_term_is_the_mean_cross_entropy_of_units_and_bits_times_its_weight(
    two_subjects: "TwoSubjects", seed: int
) -> None:
    network, (batch,) = made(two_subjects, seed, guide=0.7)
    found, z = added(network, batch)
    assert batch.bits is not None
    assert batch.bits.shape == (60, 8)
    assert set(batch.bits.flatten().tolist()) == {0.0, 1.0}
    p = 1 / (1 + np.exp(-z.numpy()))
    bits = batch.bits.numpy()
    cross_entropy = -(bits * np.log(p) + (1 - bits) * np.log(1 - p)).sum() / (60 * 8)
    assert found == pytest.approx(0.7 * cross_entropy, rel=1e-4)


def test_a_guide_of_weight_0_is_left_out_and_so_it_is_without_neighbours(two_subjects: "TwoSubjects") -> None:
    network, (batch,) = made(two_subjects, guide=0.0)
    assert batch.bits is None
    assert added(network, batch)[0] == 0
    counts, config = two_subjects(60), ModelConfig(neighbours=NeighbourConfig(neighbours=0, guide=0.7))
    (alone,) = Batches.prepare(counts, IDF, config, size=60, generator=torch.Generator().manual_seed(0))
    assert alone.bits is None


def test_documents_held_out_are_never_guided(two_subjects: "TwoSubjects") -> None:
    counts, company = two_subjects(60), NeighbourConfig(neighbours=4, guide=0.7)
    batches = Batches.prepare(
        counts,
        IDF,
        ModelConfig(neighbours=company),
        size=60,
        generator=torch.Generator().manual_seed(0),
        neighbourhood=Neighbourhood.find(counts, company, 0),
        held_out=np.array([3, 40]),
    )
    assert [batch.bits for batch in batches.held_out()] == [None]
    assert [batch.bits is not None for batch in batches] == [True]


def test_every_document_has_its_own_bits_whatever_the_order(two_subjects: "TwoSubjects") -> None:
    _, batches = made(two_subjects, size=13, guide=0.7)
    epochs: list[dict[int, list[float]]] = [{}, {}]
    for given in epochs:
        for batch in batches:
            assert batch.bits is not None
            given |= dict(zip(batch.documents.tolist(), batch.bits.tolist(), strict=True))
    assert len(epochs[0]) == 60
    assert epochs[0] == epochs[1]
    assert list(epochs[0]) != list(epochs[1])


def test_fine_tuning_with_labels_has_no_guide(two_subjects: "TwoSubjects") -> None:
    network, batches = made(two_subjects, guide=0.7)
    measure = with_labels(LABELS, network.config.supervision)
    losses = {}
    for name, given in (("guided", batches), ("tuned", batches.as_themselves())):
        (batch,) = given
        plain = objective(network.eval(), batch)
        assert measure(network, batch).loss > plain.loss  # what the labels add
        losses[name] = (plain.loss - plain.reconstruction).item()
    assert losses["tuned"] == 0
    assert losses["guided"] > 0


@SEEDS
def test_the_contrasts_term_is_that_of_both_codes_times_its_weight(
    two_subjects: "TwoSubjects", seed: int
) -> None:
    network, (batch,) = made(two_subjects, seed, contrast=0.3, temperature=0.5)
    assert batch.neighbours is not None
    found, z = added(network, batch)
    others = network.encode(batch.neighbours).detach().double()
    assert found == pytest.approx(0.3 * info_nce(z, others, 0.5).item(), rel=1e-4)


@SEEDS
def test_codes_that_are_guided_come_nearer_to_the_guides_bits(two_subjects: "TwoSubjects", seed: int) -> None:
    def agreement(trained_by: float) -> float:
        """Of the codes and one guide's bits, after training by it or without it."""
        network, batches = made(two_subjects, seed, guide=1.0)
        optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
        for _ in range(30):
            for batch in batches:
                found = objective(network.train(), batch)
                assert batch.bits is not None
                guide = torch.nn.functional.binary_cross_entropy_with_logits(found.activations, batch.bits)
                optimiser.zero_grad()
                (found.loss + (trained_by - 1) * guide).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        (batch,) = batches
        assert batch.bits is not None
        units = network.encode(batches.clean(batch.documents.numpy()))
        return float(torch.eq(units > 0, batch.bits > 0).double().mean())

    assert agreement(1.0) > agreement(0.0) + 0.1
    assert agreement(1.0) > 0.8
