from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from semhash.autoencoder.batches import Batch, Batches
from semhash.autoencoder.encoder import encoder_inputs
from semhash.autoencoder.network import Autoencoder, Transposed
from semhash.autoencoder.objective import objective
from semhash.autoencoder.optimisers import Adam, falling, one_cycle
from semhash.autoencoder.sparse_inputs import SparseInputs, dense, first_layer
from semhash.autoencoder.trainer import EarlyStopping, History
from semhash.config import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig, PenaltyConfig

if TYPE_CHECKING:
    from semhash.vocabulary import Counts
    from tests.unit.conftest import TwoSubjects

N_WORDS = 40
IDF = np.linspace(1, 2, N_WORDS, dtype=np.float32)
ALONE = NeighbourConfig(neighbours=0)
EMPTY = pytest.mark.parametrize("empty", [(), (0,), (4,), (0, 1, 3, 5, 6), range(7)], ids=str)
LAID = pytest.mark.parametrize("laid", [False, True], ids=["as usual", "by words"])


def documents(empty: tuple[int, ...], seed: int = 0) -> tuple[SparseInputs, Tensor]:
    """Seven documents of some words each, those named without any, as their words and as a matrix."""
    random = np.random.default_rng(seed)
    rows = [
        np.zeros(0, int) if n in empty else np.sort(random.permutation(N_WORDS)[: 1 + n]) for n in range(7)
    ]
    weights = random.uniform(-2, 5, sum(map(len, rows)))
    matrix = np.zeros((7, N_WORDS))
    matrix[np.repeat(np.arange(7), [len(row) for row in rows]), np.concatenate(rows)] = weights
    starts = np.cumsum([0, *map(len, rows[:-1])])
    words, at = torch.from_numpy(np.concatenate(rows).astype(np.int64)), torch.from_numpy(starts)
    return SparseInputs(words, at, torch.from_numpy(weights), N_WORDS), torch.from_numpy(matrix)


def network(config: ModelConfig, *, laid: bool = False, seed: int = 0) -> Autoencoder:
    made = Autoencoder(N_WORDS, config, torch.Generator().manual_seed(seed), 50).double()
    for layer in made.encoder:
        nn.init.normal_(layer.get_parameter("bias"), generator=torch.Generator().manual_seed(1))
    if laid:
        made.lay_by_words()
    return made


def gradients(made: Autoencoder, loss: Tensor) -> dict[str, Tensor]:
    made.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    found = {name: parameter.grad for name, parameter in made.named_parameters()}
    return {name: gradient.clone() for name, gradient in found.items() if gradient is not None}


def masked(counts: "Counts", config: ModelConfig) -> Batch:
    """One batch of fifty documents with some of their words, in double precision."""
    batches = Batches.prepare(
        counts,
        IDF,
        config,
        size=50,
        generator=torch.Generator().manual_seed(0),
        dtype=torch.float64,
    )
    (batch,) = batches
    return batch


@EMPTY
def test_the_matrix_has_every_weight_in_its_place_and_nothing_else(empty: tuple[int, ...]) -> None:
    words, matrix = documents(empty)
    assert torch.equal(dense(words), matrix)
    assert dense(matrix) is matrix


@EMPTY
@LAID
def test_adding_up_words_is_multiplying_by_a_matrix_in_value_and_in_gradient(
    empty: tuple[int, ...], laid: bool
) -> None:
    made = network(ModelConfig(bits=8, hidden=(16,)), laid=laid)
    words, matrix = documents(empty)
    weigh = torch.rand(7, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)

    torch.testing.assert_close(made.encode(words), made.encode(matrix), rtol=1e-12, atol=1e-12)
    found, expected = (gradients(made, (weigh * made.encode(x)).sum()) for x in (words, matrix))
    assert (
        set(found) == set(expected) == {f"encoder.{n}.{part}" for n in (0, 1) for part in ("weight", "bias")}
    )
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-12, atol=1e-12)
    unseen = (matrix == 0).all(dim=0)
    assert torch.equal(found["encoder.0.weight"][:, unseen], torch.zeros(16, int(unseen.sum())).double())


@LAID
def test_the_gradient_passes_torchs_own_check(laid: bool) -> None:
    made = network(ModelConfig(bits=8, hidden=(5,), activation="tanh"), laid=laid)
    words, _ = documents((0, 3))
    layer = made.encoder[0]

    def sent(weight: Tensor, bias: Tensor) -> Tensor:
        twin = nn.Linear(N_WORDS, 5, dtype=torch.float64)
        del twin.weight, twin.bias
        twin.weight, twin.bias = weight, bias  # type: ignore[assignment]  # leaves of the check, not parameters
        return first_layer(twin, words)

    torch.autograd.gradcheck(sent, (layer.get_parameter("weight"), layer.get_parameter("bias")))


def test_a_layer_with_anothers_weights_takes_words_too() -> None:
    words, matrix = documents((1,))
    mirror = Transposed(nn.Linear(16, N_WORDS, dtype=torch.float64))
    torch.testing.assert_close(first_layer(mirror.double(), words), mirror(matrix))


@pytest.mark.parametrize("inputs", ["tfidf", "shares", "binary"])
@pytest.mark.parametrize("amount", [0.0, 0.5, 0.95])
def test_what_is_masked_is_what_the_encoder_would_see_of_the_words_that_are_left(
    two_subjects: "TwoSubjects", inputs: str, amount: float
) -> None:
    corruption = {"kind": "masking", "amount": amount}
    config = ModelConfig.from_json(
        {"inputs": inputs, "corruption": corruption, "neighbours": {"neighbours": 0}}
    )
    batch = masked(two_subjects(50), config)
    counts = two_subjects(50).take(batch.documents.numpy())
    seen = dense(batch.inputs).numpy()
    left = counts.entries(seen[counts.owners(), counts.indices] > 0)
    np.testing.assert_allclose(seen, encoder_inputs(left, IDF, config), rtol=1e-6)
    assert (len(left.data) == len(counts.data)) == (amount == 0)
    assert (np.diff(left.indptr) == 0).any() == (amount > 0)  # documents of which nothing is left


@LAID
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("amount", [0.5, 0.95])
def test_the_objective_is_the_same_by_words_and_by_matrix_in_value_and_in_gradient(
    two_subjects: "TwoSubjects", amount: float, tied: bool, laid: bool
) -> None:
    """With weights tied, the decoder's part of the gradient is added to the encoder's."""
    config = ModelConfig(
        bits=8,
        hidden=(16,),
        tied=tied,
        code=CodeConfig(kind="deterministic"),
        corruption=CorruptionConfig(amount=amount),
        neighbours=ALONE,
        penalties=PenaltyConfig(contractive=0.1, balance=0.1),
    )
    made = network(config, laid=laid)
    by_words = masked(two_subjects(50), config)
    by_matrix = Batch(by_words.documents, dense(by_words.inputs), by_words.targets, None)
    assert isinstance(by_words.inputs, SparseInputs)
    losses = [objective(made, batch).loss for batch in (by_words, by_matrix)]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-12, atol=1e-12)
    found, expected = (gradients(made, loss) for loss in losses)
    assert set(found) == set(expected) == {name for name, _ in made.named_parameters()}
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_laying_by_words_moves_numbers_in_memory_and_changes_none(tied: bool) -> None:
    config = ModelConfig(bits=8, hidden=(16,), tied=tied)
    usual, laid = network(config), network(config)
    laid.lay_by_words()
    for name, value in usual.state_dict().items():
        assert torch.equal(value, laid.state_dict()[name])
    weight = laid.encoder[0].get_parameter("weight")
    assert (weight.stride(), usual.encoder[0].get_parameter("weight").stride()) == ((1, 16), (N_WORDS, 1))
    words, matrix = documents(())
    for inputs in (words, matrix):
        torch.testing.assert_close(laid.encode(inputs), usual.encode(inputs), rtol=1e-12, atol=1e-12)
    code = torch.rand(7, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    torch.testing.assert_close(laid.decode(code), usual.decode(code), rtol=1e-12, atol=1e-12)
    for name, value in usual.tensors().items():
        assert torch.equal(laid.tensors()[name], value)
        assert laid.tensors()[name].is_contiguous()  # as files are written


@pytest.mark.parametrize("tied", [False, True])
def test_a_training_comes_to_the_same_weights_however_they_lie(
    two_subjects: "TwoSubjects", tied: bool
) -> None:
    """Adam's fused step walks through weights, gradients and moments as they lie in memory, side by side."""
    code = CodeConfig(kind="deterministic")
    config = ModelConfig(bits=8, hidden=(16,), tied=tied, code=code, neighbours=ALONE)
    batch = masked(two_subjects(50), config)
    as_matrix = Batch(batch.documents, dense(batch.inputs), batch.targets, None)
    trained = []
    for laid, given in ((False, as_matrix), (True, batch)):
        made = network(config, laid=laid)
        before = made.encoder[0].get_parameter("weight").detach().clone()
        adam = Adam(made.parameters(), one_cycle(0.01, 20))
        for _ in range(20):
            adam.descend(objective(made, given).loss)
        assert (made.encoder[0].get_parameter("weight") - before).abs().max() > 0.01
        trained.append(made.tensors())
    for name, tensor in trained[0].items():
        torch.testing.assert_close(trained[1][name], tensor, rtol=1e-8, atol=1e-8)


def test_weights_laid_by_words_are_trained_kept_and_put_back_where_they_lie() -> None:
    made = network(ModelConfig(bits=8, hidden=(16,)), laid=True)
    losses, history = iter([1.0, 2.0]), History(2, 1)
    best, optimiser = EarlyStopping(made, lambda: next(losses)), Adam(made.parameters(), falling(0.1, 10))
    before = made.encoder[0].get_parameter("weight").detach().clone()
    best.after_epoch(history)
    words, _ = documents(())
    optimiser.descend(made.encode(words).square().sum())
    best.after_epoch(history)
    weight = made.encoder[0].get_parameter("weight")
    assert not torch.equal(weight, before)
    best.after_training(history)
    assert torch.equal(weight, before)
    assert made.encoder[0].get_parameter("weight").stride() == (1, 16)
