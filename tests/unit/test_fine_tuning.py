from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import pytest
import torch

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.encoder import Encoder, encoder_inputs
from semhash.autoencoder.fine_tuning import with_labels
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.autoencoder.sparse_inputs import dense
from semhash.autoencoder.supervised import contrastive_loss, nca_loss, share_a_label
from semhash.autoencoder.training import TrainedModel, train
from semhash.config import CorruptionConfig, ModelConfig, NeighbourConfig, SupervisionConfig, TrainingConfig
from semhash.errors import ConfigError

if TYPE_CHECKING:
    from semhash.progress import Stage
    from semhash.vocabulary import Counts
    from tests.unit.conftest import TwoSubjects

TERMS = np.arange(40)
TRAINING = TrainingConfig(epochs=10, min_updates=0, batch_size=40, learning_rate=3e-3, validation_share=0.0)
Loss = Literal["nca", "contrastive"]
EACH = pytest.mark.parametrize("loss", ["nca", "contrastive"])


def model(
    loss: Literal["none", "nca", "contrastive"] = "none", epochs: int = 20, **fields: Any
) -> ModelConfig:
    supervision = SupervisionConfig(loss=loss, weight=20.0, margin=4.0, epochs=epochs, learning_rate=3e-3)
    alone = NeighbourConfig(neighbours=0)
    return ModelConfig(bits=8, hidden=(32,), **{"neighbours": alone, "supervision": supervision, **fields})


def in_pairs(n: int = 80) -> list[list[str]]:
    """A label for every second pair of documents: nothing that the words say."""
    return [["first" if row % 4 < 2 else "second"] for row in range(n)]


def distances(found: TrainedModel, counts: "Counts", labels: list[list[str]]) -> tuple[float, float]:
    """Mean Hamming distances between documents of one label, and between documents of two."""
    encoder = Encoder.from_tensors(found.tensors, model())
    bits = np.unpackbits(encoder.codes(counts), axis=1, bitorder="little").astype(int)
    apart = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    names = np.array([names[0] for names in labels])
    same = names[:, None] == names[None]
    return float(apart[same & ~np.eye(len(same), dtype=bool)].mean()), float(apart[~same].mean())


@EACH
@pytest.mark.parametrize("seed", range(2))
def test_fine_tuning_draws_documents_of_one_label_together(
    two_subjects: "TwoSubjects", loss: Loss, seed: int
) -> None:
    counts, labels = two_subjects(seed=seed), in_pairs()
    training = msgspec.structs.replace(TRAINING, seed=seed, batch_size=20)
    clean = CorruptionConfig(kind="none")
    without = train(counts, TERMS, model(corruption=clean), training)
    tuned = train(counts, TERMS, model(loss, epochs=60, corruption=clean), training, labels=labels)
    alike, unlike = distances(without, counts, labels)
    assert alike == pytest.approx(unlike, abs=0.2)  # the words do not tell
    alike, unlike = distances(tuned, counts, labels)
    assert alike < unlike - 1
    assert (len(without.fine_tuning_losses), len(tuned.fine_tuning_losses)) == (0, 60)
    assert tuned.losses == without.losses


def test_labels_change_nothing_where_no_supervision_is_asked_for(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects()
    without = train(counts, TERMS, model(), TRAINING).tensors
    with_them = train(counts, TERMS, model(), TRAINING, labels=in_pairs()).tensors
    wrong = train(counts, TERMS, model(), TRAINING, labels=["no list", "of labels"]).tensors
    for name, tensor in without.items():
        np.testing.assert_array_equal(tensor, with_them[name])
        np.testing.assert_array_equal(tensor, wrong[name])


@EACH
def test_the_loss_is_the_objective_plus_the_weighed_loss_on_labels(
    two_subjects: "TwoSubjects", loss: Loss
) -> None:
    config = model(loss, corruption=CorruptionConfig(kind="none"))
    network = Autoencoder(40, config, torch.Generator().manual_seed(0), 50).eval()
    idf, labels = np.ones(40, dtype=np.float32), in_pairs(50)
    batches = Batches.prepare(
        two_subjects(50), idf, config, size=20, generator=torch.Generator().manual_seed(0)
    )
    measure = with_labels(labels, config.supervision)
    for batch in batches:
        plain, found = objective(network, batch), measure(network, batch)
        code = torch.sigmoid(network.encode(batch.inputs))
        same = share_a_label([labels[row] for row in batch.documents])
        added = nca_loss(code, same) if loss == "nca" else contrastive_loss(code, same, 4.0)
        torch.testing.assert_close(found.loss, plain.loss + 20 * added)
        assert added > 0


def test_labels_go_with_the_documents_of_the_sample(two_subjects: "TwoSubjects") -> None:
    """Documents without a word are left out, and their labels with them."""
    counts = two_subjects()
    whole = train(counts, TERMS, model("nca"), TRAINING, labels=in_pairs())
    keep = np.ones(len(counts.data), dtype=bool)
    keep[counts.owners() < 3] = False
    holes = counts.entries(keep)
    with_holes = train(holes, TERMS, model("nca"), TRAINING, labels=[["x"]] * 3 + in_pairs()[3:])
    cut = train(counts.take(np.arange(3, 80)), TERMS, model("nca"), TRAINING, labels=in_pairs()[3:])
    np.testing.assert_array_equal(with_holes.tensors["encoder.0.weight"], cut.tensors["encoder.0.weight"])
    assert not np.array_equal(whole.tensors["encoder.0.weight"], cut.tensors["encoder.0.weight"])


def test_in_fine_tuning_no_neighbour_stands_in_for_a_document_and_nothing_guides_it(
    two_subjects: "TwoSubjects",
) -> None:
    company = NeighbourConfig(neighbours=5, input_share=1.0, guide=0.1, contrast=0.1)
    config = model(neighbours=company, corruption=CorruptionConfig(kind="none"))
    counts, idf = two_subjects(50), np.ones(40, dtype=np.float32)
    hood = Neighbourhood.find(counts, company, seed=0)
    batches = Batches.prepare(
        counts, idf, config, size=50, generator=torch.Generator().manual_seed(0), neighbourhood=hood
    )
    own = encoder_inputs(counts, idf, config)
    (stood_in,), (themselves,) = batches, batches.as_themselves()
    assert not (dense(stood_in.inputs).numpy() == own[stood_in.documents]).all(axis=1).any()
    np.testing.assert_array_equal(dense(themselves.inputs).numpy(), own[themselves.documents])
    assert themselves.neighbours is not None
    assert (stood_in.bits is None, themselves.bits is None) == (False, True)


def test_progress_tells_of_fine_tuning_and_an_interrupt_there_keeps_what_is_learned(
    two_subjects: "TwoSubjects",
) -> None:
    heard: list[tuple[str, float, float]] = []
    remarks: list[str] = []

    def hear(stage: "Stage", done: float, total: float, detail: str = "") -> None:
        heard.append((stage, done, total))
        remarks.append(detail)
        if stage == "fine-tune" and done in (1, 2):
            raise KeyboardInterrupt

    counts = two_subjects()
    found = train(counts, TERMS, model("nca"), TRAINING, hear, labels=in_pairs())
    assert found.stopped == "interrupted"
    assert found.fine_tuning_losses == []
    assert heard[:20] == [("train", n, 20) for n in range(1, 21)]
    assert heard[20:] == [("fine-tune", 1, 40), ("fine-tune", 40, 40)]
    assert remarks[-1] == "interrupted, keeping what was learned before"
    np.testing.assert_array_equal(
        found.tensors["encoder.0.weight"], train(counts, TERMS, model(), TRAINING).tensors["encoder.0.weight"]
    )


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, "labels: expected the labels of 80 documents, for supervision by nca, found none; give a list"),
        ([["a"]] * 79, "expected the labels of 80 documents, for supervision by nca, found 79;"),
        (["a"] * 80, "labels: expected a list of labels for each document, found 'a'"),
        ([[]] * 80, "expected documents that share a label, .* found 0 labels on 0 of 80 training documents"),
        ([[str(n)] for n in range(80)], "share a label, .* found 80 labels on 80 of 80 training documents; label"),
    ],
)  # fmt: skip
def test_labels_that_will_not_do_are_told_before_training(
    two_subjects: "TwoSubjects", labels: Any, told: str
) -> None:
    def hear(stage: "Stage", done: float, total: float, detail: str = "") -> None:
        raise AssertionError("training has begun")

    with pytest.raises(ConfigError, match=told):
        train(two_subjects(), TERMS, model("nca"), TRAINING, hear, labels=labels)
