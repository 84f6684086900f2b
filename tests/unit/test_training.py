import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
import torch

from semhash.autoencoder.batches import Batches, clean_targets
from semhash.autoencoder.encoder import Encoder, encoder_inputs
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import objective
from semhash.autoencoder.sparse_inputs import dense
from semhash.autoencoder.training import learn, train
from semhash.config import (
    CodeConfig,
    CorruptionConfig,
    IndexConfig,
    ModelConfig,
    NeighbourConfig,
    PenaltyConfig,
    TextConfig,
    TrainingConfig,
)
from semhash.errors import TrainingError
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from tests.unit.conftest import TwoSubjects

ALONE = NeighbourConfig(neighbours=0)
MODEL = ModelConfig(bits=8, hidden=(32,), neighbours=ALONE)
TERMS = np.arange(40)
TRAINING = TrainingConfig(epochs=60, min_updates=0, batch_size=16, learning_rate=3e-3)


def test_the_loss_falls_below_that_of_knowing_only_the_words_frequencies(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects()
    losses = train(counts, TERMS, MODEL, TRAINING).losses
    assert losses[-1] < losses[0]
    # Two subjects of 20 words each: knowing the subject brings log(40) down to log(20).
    assert losses[-1] < (math.log(40) + math.log(20)) / 2


def test_documents_of_one_subject_get_nearer_codes_than_those_of_two(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects()
    encoder = Encoder.from_tensors(train(counts, TERMS, MODEL, TRAINING).tensors, MODEL)
    bits = np.unpackbits(encoder.codes(two_subjects(seed=1)), axis=1, bitorder="little").astype(int)
    distances = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    same = np.add.outer(np.arange(80), np.arange(80)) % 2 == 0
    assert distances[same].mean() < distances[~same].mean() / 2


def test_noise_drives_the_code_units_to_zero_and_one(two_subjects: "TwoSubjects") -> None:
    """Salakhutdinov and Hinton (2009), figure 4: with noise the activations become bimodal."""
    counts = two_subjects(200)

    def undecided(noise: float) -> float:
        model = ModelConfig(
            bits=8,
            hidden=(32,),
            code=CodeConfig(kind="gaussian", noise=noise),
            corruption=CorruptionConfig(kind="none"),
            neighbours=ALONE,
        )
        probabilities = Encoder.from_tensors(
            train(counts, TERMS, model, TRAINING).tensors, model
        ).probabilities(counts)
        return float(((probabilities > 0.1) & (probabilities < 0.9)).mean())

    assert undecided(4.0) < undecided(0.0) / 2


def test_one_seed_gives_one_model_and_another_seed_another(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects()
    quick = TrainingConfig(seed=5, epochs=2, min_updates=0, batch_size=16)
    first, again = train(counts, TERMS, MODEL, quick).tensors, train(counts, TERMS, MODEL, quick).tensors
    for name, tensor in first.items():
        np.testing.assert_array_equal(tensor, again[name])
    other = train(
        counts, TERMS, MODEL, TrainingConfig(seed=6, epochs=2, min_updates=0, batch_size=16)
    ).tensors
    assert not np.array_equal(first["encoder.0.weight"], other["encoder.0.weight"])


def test_training_draws_from_no_global_stream(two_subjects: "TwoSubjects") -> None:
    counts, quick = two_subjects(), TrainingConfig(epochs=1, min_updates=0)
    torch.manual_seed(0)
    first = train(counts, TERMS, MODEL, quick).tensors["encoder.0.weight"]
    torch.manual_seed(1)
    state = torch.get_rng_state()
    np.testing.assert_array_equal(train(counts, TERMS, MODEL, quick).tensors["encoder.0.weight"], first)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_large_corpus_trains_on_a_sample_and_empty_documents_are_left_out(
    two_subjects: "TwoSubjects",
) -> None:
    counts = two_subjects(60)
    empty = Counts(np.append(counts.indptr, [counts.indptr[-1]] * 3), counts.indices, counts.data, 40)

    def trained_on(train_documents: int) -> int:
        quick = TrainingConfig(epochs=1, min_updates=0, train_documents=train_documents)
        return train(empty, TERMS, MODEL, quick).n_documents

    assert [trained_on(n) for n in (100, 25)] == [60, 25]


def test_progress_counts_updates_and_few_documents_train_for_more_epochs(two_subjects: "TwoSubjects") -> None:
    heard: list[tuple[float, float]] = []

    def hear(stage: str, done: float, total: float, detail: str = "") -> None:
        if stage in ("relate", "mix", "guide"):
            assert not heard  # all of them come before the first update
            return
        assert stage == "train"
        assert "loss" in detail
        heard.append((done, total))

    config = TrainingConfig(epochs=2, min_updates=13, batch_size=16)
    losses = train(two_subjects(48), TERMS, MODEL, config, hear).losses
    assert len(losses) == 5  # three updates an epoch, 13 updates at least
    assert heard == [(n, 15) for n in range(1, 16)]


def test_a_loss_that_is_no_number_is_an_error_in_words(two_subjects: "TwoSubjects") -> None:
    wild = TrainingConfig(epochs=3, min_updates=0, learning_rate=1e30)
    with pytest.raises(TrainingError, match=r"expected a finite loss, found (nan|inf) in epoch"):
        train(two_subjects(), TERMS, MODEL, wild)


def test_the_decoder_mirrors_the_encoder() -> None:
    network = Autoencoder(40, ModelConfig(bits=8, hidden=(32, 16)), torch.Generator().manual_seed(0))
    shapes = [tuple(parameter.shape) for name, parameter in network.named_parameters() if "weight" in name]
    assert shapes == [(32, 40), (16, 32), (8, 16), (16, 8), (32, 16), (40, 32)]
    assert network(torch.rand(5, 40)).shape == (5, 40)


def test_noise_is_drawn_in_training_alone_and_has_the_standard_deviation_it_should() -> None:
    config = ModelConfig(bits=8, code=CodeConfig(kind="gaussian", noise=4.0))
    network = Autoencoder(40, config, torch.Generator().manual_seed(0))
    activations = torch.zeros(5000, 8)
    network.share = 0.5
    deviation = torch.logit(network.train().code(activations).double()).std()
    assert deviation.item() == pytest.approx(2.0, rel=0.05)
    assert torch.equal(network.eval().code(activations), torch.full((5000, 8), 0.5))


def test_torchs_thread_count_is_as_it_was(two_subjects: "TwoSubjects") -> None:
    before = torch.get_num_threads()
    train(two_subjects(), TERMS, MODEL, TrainingConfig(epochs=1, min_updates=0))
    assert torch.get_num_threads() == before


def test_with_tied_weights_the_gradient_is_the_sum_of_the_encoders_and_the_decoders() -> None:
    def losses(tied: bool) -> Autoencoder:
        code = CodeConfig(kind="deterministic")
        config = ModelConfig(bits=8, hidden=(16,), activation="tanh", tied=tied, code=code)
        network = Autoencoder(40, config, torch.Generator().manual_seed(0))
        network.double()
        if not tied:
            for layer, mirror in zip(network.encoder, reversed(network.decoder), strict=True):
                mirror.weight = torch.nn.Parameter(layer.get_parameter("weight").detach().T.clone())
        x = torch.rand(7, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        network.forward(x).square().sum().backward()  # type: ignore[no-untyped-call]
        return network

    def gradient(layer: torch.nn.Module) -> torch.Tensor:
        found = layer.get_parameter("weight").grad
        assert found is not None
        return found

    tied, untied = losses(True), losses(False)
    for layer, own, mirror in zip(tied.encoder, untied.encoder, reversed(untied.decoder), strict=True):
        torch.testing.assert_close(gradient(layer), gradient(own) + gradient(mirror).T)
    assert len(list(tied.parameters())) == 2 + 2 + 2  # two layers, and the biases of their mirrors


def test_tied_weights_are_written_out_for_the_decoder() -> None:
    network = Autoencoder(40, ModelConfig(bits=8, hidden=(16,), tied=True), torch.Generator().manual_seed(0))
    tensors = network.tensors()
    assert torch.equal(tensors["decoder.1.weight"], tensors["encoder.0.weight"].T)
    assert torch.equal(tensors["decoder.0.weight"], tensors["encoder.1.weight"].T)


def test_noise_that_is_fixed_is_the_same_for_a_document_each_time() -> None:
    config = ModelConfig(bits=8, code=CodeConfig(kind="fixed-gaussian", schedule="constant"))
    network = Autoencoder(40, config, torch.Generator().manual_seed(0), n_documents=10).train()
    rows = torch.tensor([3, 7])
    first, again = (network.code(torch.zeros(2, 8), rows) for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(network.code(torch.zeros(1, 8), rows[1:]), first[1:])
    assert not torch.equal(first[0], first[1])


@pytest.mark.parametrize("targets", ["tfidf", "shares", "counts", "binary", "inputs"])
@pytest.mark.parametrize("kind", ["masking", "salt-and-pepper", "gaussian", "none"])
def test_every_document_comes_once_an_epoch_with_its_clean_target(
    targets: str, kind: str, two_subjects: "TwoSubjects"
) -> None:
    counts = two_subjects(50)
    config = ModelConfig.from_json(
        {"targets": targets, "corruption": {"kind": kind, "amount": 0.5}, "neighbours": {"neighbours": 0}}
    )
    idf = np.ones(40, dtype=np.float32)
    batches = Batches.prepare(counts, idf, config, size=16, generator=torch.Generator().manual_seed(0))
    found = list(batches)
    assert len(found) == len(batches) == 4
    documents = torch.cat([batch.documents for batch in found])
    assert sorted(documents.tolist()) == list(range(50))
    expected = clean_targets(counts, idf, config)
    np.testing.assert_array_equal(
        torch.cat([b.targets for b in found if b.targets is not None]).numpy(), expected[documents.numpy()]
    )
    clean = clean_targets(counts, idf, ModelConfig(targets="binary"))[documents.numpy()]
    inputs = torch.cat([dense(b.inputs) for b in found]).numpy()
    changed = ((inputs != 0) != (clean != 0)).mean()
    assert (changed > 0.01) == (kind != "none")
    if targets == "inputs":
        np.testing.assert_array_equal(expected, encoder_inputs(counts, idf, config))


def test_neighbours_stand_in_for_the_share_of_documents_that_was_asked_for(
    two_subjects: "TwoSubjects",
) -> None:
    counts = two_subjects(400)
    hood = Neighbourhood.find(counts, NeighbourConfig(neighbours=5), seed=0)
    clean = CorruptionConfig(kind="none")
    idf = np.ones(40, dtype=np.float32)

    def inputs(share: float) -> tuple[np.ndarray, np.ndarray]:
        company = NeighbourConfig(neighbours=5, input_share=share)
        config = ModelConfig(inputs="binary", corruption=clean, neighbours=company)
        generator = torch.Generator().manual_seed(0)
        (batch,) = Batches.prepare(counts, idf, config, size=400, generator=generator, neighbourhood=hood)
        return dense(batch.inputs).numpy(), clean_targets(counts, idf, ModelConfig(targets="binary"))[
            batch.documents
        ]

    for share in (0.0, 0.5, 1.0):
        given, own = inputs(share)
        assert (given != own).any(axis=1).mean() == pytest.approx(share, abs=0.1)


def test_every_penalty_weighs_in_and_zero_weights_do_not(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects(32)
    idf = np.ones(40, dtype=np.float32)
    names = ("l1", "kl", "contractive", "balance", "decorrelation")

    def loss(**weights: float) -> float:
        config = ModelConfig(bits=8, hidden=(16,), neighbours=ALONE, penalties=PenaltyConfig(**weights))
        generator = torch.Generator().manual_seed(0)
        network = Autoencoder(40, config, generator).eval()
        (batch,) = Batches.prepare(counts, idf, config, size=32, generator=generator)
        total, reconstruction, _ = objective(network, batch)
        assert (total.item() == reconstruction.item()) == (not weights)
        return total.item() - reconstruction.item()

    assert loss() == 0
    for name in names:
        assert loss(**{name: 2.0}) == pytest.approx(2 * loss(**{name: 1.0}), rel=1e-4)
        assert loss(**{name: 1.0}) > 0


def test_of_linear_units_the_values_are_penalised_and_of_their_logistic_function_the_balance(
    two_subjects: "TwoSubjects",
) -> None:
    counts, idf = two_subjects(32), np.ones(40, dtype=np.float32)

    def added(**weights: float) -> tuple[float, torch.Tensor]:
        config = ModelConfig(
            bits=8,
            hidden=(16,),
            neighbours=ALONE,
            code=CodeConfig(kind="linear"),
            penalties=PenaltyConfig(**weights),
        )
        generator = torch.Generator().manual_seed(0)
        network = Autoencoder(40, config, generator).train()
        (batch,) = Batches.prepare(counts, idf, config, size=32, generator=generator)
        total, reconstruction, z = objective(network, batch)
        assert torch.equal(network.code(z), z)
        return (total - reconstruction).item(), z.detach()

    found, z = added(l1=1.0)
    assert found == pytest.approx(z.abs().sum(dim=1).mean().item(), rel=1e-4)
    found, z = added(balance=1.0)
    assert found == pytest.approx((torch.sigmoid(z).mean(dim=0) - 0.5).square().sum().item(), rel=1e-3)


@pytest.mark.parametrize(
    ("targets", "likelihood"),
    [("counts", "multinomial"), ("counts", "poisson"), ("binary", "bernoulli"), ("tfidf", "gaussian")],
)
def test_every_likelihood_learns(targets: str, likelihood: str, two_subjects: "TwoSubjects") -> None:
    config = ModelConfig.from_json(
        {
            "bits": 8,
            "hidden": [32],
            "targets": targets,
            "likelihood": likelihood,
            "neighbours": {"neighbours": 0},
        }
    )
    losses = train(two_subjects(), TERMS, config, TRAINING).losses
    assert losses[-1] < losses[0]


def test_with_neighbours_too_codes_of_a_subject_are_near_each_other(two_subjects: "TwoSubjects") -> None:
    counts = two_subjects()
    model = ModelConfig(bits=8, hidden=(32,), neighbours=NeighbourConfig(neighbours=5))
    encoder = Encoder.from_tensors(train(counts, TERMS, model, TRAINING).tensors, model)
    bits = np.unpackbits(encoder.codes(two_subjects(seed=1)), axis=1, bitorder="little").astype(int)
    distances = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    same = np.add.outer(np.arange(80), np.arange(80)) % 2 == 0
    assert distances[same].mean() < distances[~same].mean() / 3


GUIDED = ModelConfig(bits=8, hidden=(32,), neighbours=NeighbourConfig(neighbours=5))


@pytest.mark.parametrize("seed", range(2))
def test_by_a_guide_the_encoder_learns_alone_and_the_decoder_is_fitted_to_what_it_gives(
    two_subjects: "TwoSubjects", seed: int
) -> None:
    counts = two_subjects(seed=seed)
    training = msgspec.structs.replace(TRAINING, seed=seed, epochs=20)
    found = train(counts, TERMS, GUIDED, training)
    assert found.losses[-1] < found.losses[0]
    assert found.losses[-1] < math.log(2)  # nats a bit
    assert found.decoder_losses[-1] < (math.log(40) + math.log(20)) / 2  # nats a word, as above
    more = train(counts, TERMS, GUIDED, msgspec.structs.replace(training, decoder_epochs=40))
    assert len(more.decoder_losses) > len(found.decoder_losses)
    np.testing.assert_array_equal(found.tensors["encoder.0.weight"], more.tensors["encoder.0.weight"])
    tied = train(counts, TERMS, msgspec.structs.replace(GUIDED, tied=True), training)
    together = train(counts, TERMS, GUIDED, msgspec.structs.replace(training, decoder_epochs=0))
    assert tied.decoder_losses == together.decoder_losses == []
    assert not np.array_equal(together.tensors["encoder.0.weight"], found.tensors["encoder.0.weight"])


def test_an_interrupt_of_the_encoder_leaves_a_decoder_that_is_fitted(two_subjects: "TwoSubjects") -> None:
    def hear(stage: str, done: float, total: float, detail: str = "") -> None:
        if (stage, done) == ("train", 12):  # in the third epoch of five updates
            raise KeyboardInterrupt

    found = train(two_subjects(), TERMS, GUIDED, TRAINING, hear)
    assert (found.stopped, len(found.losses)) == ("interrupted", 2)
    assert found.decoder_losses[-1] < math.log(40)


def test_documents_held_out_are_watched_by_the_guides_bits(two_subjects: "TwoSubjects") -> None:
    training = msgspec.structs.replace(TRAINING, validation_share=0.2, patience=0)
    found = train(two_subjects(), TERMS, GUIDED, training)
    assert len(found.held_out_losses) == 60
    assert min(found.held_out_losses) == found.held_out_losses[found.best_epoch - 1] < math.log(2)


def in_company(seed: int) -> Counts:
    """Documents on two subjects: words 0 to 19 stand anywhere and often, 20 to 39 and 40 to 59 go together."""
    random = np.random.default_rng(seed)
    dense = np.zeros((300, 60), dtype=np.int64)
    dense[:, :20] = random.poisson(1.0, (300, 20))
    for row in range(300):
        own = 20 + 20 * (row % 2)
        dense[row, own : own + 20] = random.random(20) < 0.4
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.uint16), 60)


@pytest.mark.parametrize("seed", range(2))
def test_the_words_that_are_coded_are_those_that_tell_of_neighbours_unless_the_most_frequent_are_asked_for(
    seed: int,
) -> None:
    counts = in_company(seed)

    def chosen(**changes: Any) -> set[int]:
        fields = {"vocabulary": "telling", "neighbours": 10, **changes}
        config = IndexConfig(
            text=TextConfig.from_json({"vocabulary": fields["vocabulary"], "vocabulary_size": 20}),
            model=ModelConfig(
                bits=8, hidden=(8,), neighbours=NeighbourConfig(neighbours=fields["neighbours"])
            ),
            training=TrainingConfig(seed=seed, epochs=1, min_updates=0),
        )
        return set(learn(counts, config).terms.tolist())

    often = set(np.argsort(-counts.total_frequency())[:20].tolist())
    assert chosen(vocabulary="frequent") == often
    assert chosen(neighbours=0) == often
    assert len(chosen() & set(range(20, 60))) > len(often & set(range(20, 60))) + 8
