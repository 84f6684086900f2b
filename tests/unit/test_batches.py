"""What is hidden of a document: its own share of words, or the same of every one."""

from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.sparse_inputs import dense
from semhash.config import CorruptionConfig, ModelConfig, NeighbourConfig
from semhash.vocabulary import Counts

N, N_WORDS = 500, 1000
SEEDS = pytest.mark.parametrize("seed", range(3))


def long_documents() -> Counts:
    """Documents that hold every word, so that the share hidden of each is seen to a few hundredths."""
    columns = np.tile(np.arange(N_WORDS, dtype=np.int32), N)
    return Counts(np.arange(N + 1) * N_WORDS, columns, np.ones(N * N_WORDS, dtype=np.uint8), N_WORDS)


def inputs(corruption: CorruptionConfig, seed: int) -> torch.Tensor:
    config = ModelConfig(inputs="binary", corruption=corruption, neighbours=NeighbourConfig(neighbours=0))
    idf = np.ones(N_WORDS, dtype=np.float32)
    batches = Batches.prepare(
        long_documents(), idf, config, size=N, generator=torch.Generator().manual_seed(seed)
    )
    (batch,) = batches
    return dense(batch.inputs)


def hidden(amount: float, varied: bool, seed: int) -> NDArray[np.float64]:
    """Share of the words hidden of each document, in ascending order."""
    seen = inputs(CorruptionConfig(amount=amount, varied=varied), seed).double()
    return np.sort(1 - seen.mean(dim=1).numpy())


def six_coins(share: float) -> float:
    """How far a document strays from its share, as its words are hidden one by one: farther once in 500 million."""
    return float(6 * np.sqrt(share * (1 - share) / N_WORDS))


@SEEDS
@pytest.mark.parametrize(
    ("amount", "lowest", "highest"), [(0.3, 0.0, 0.6), (0.5, 0.0, 1.0), (0.8, 0.6, 1.0), (0.0, 0.0, 0.0)]
)
def test_varied_shares_are_spread_evenly_as_far_below_the_amount_as_above_it(
    seed: int, amount: float, lowest: float, highest: float
) -> None:
    """The shares hidden are a uniform sample's, but for the coins of each word."""
    found, width = hidden(amount, True, seed), highest - lowest
    assert found.mean() == pytest.approx(amount, abs=6 * np.sqrt(width**2 / 12 / N + 0.25 / N / N_WORDS))
    assert lowest - six_coins(lowest) <= found[0] <= lowest + 0.04 * width + six_coins(lowest)
    assert highest - 0.04 * width - six_coins(highest) <= found[-1] <= highest + six_coins(highest)
    # Kolmogorov and Smirnov: an even spread strays by this once in three million.
    assert np.abs(found - np.linspace(lowest, highest, N)).max() <= 2.8 / np.sqrt(N) * width + six_coins(
        lowest
    )


@SEEDS
@pytest.mark.parametrize("amount", [0.3, 0.5, 0.8])
def test_shares_that_are_not_varied_stray_no_farther_than_coins_do(seed: int, amount: float) -> None:
    found = hidden(amount, False, seed)
    assert np.abs(found - amount).max() < six_coins(amount)
    assert found.std() == pytest.approx(six_coins(amount) / 6, rel=0.25)


@pytest.mark.parametrize(("kind", "amount"), [("salt-and-pepper", 0.3), ("gaussian", 0.2), ("none", 0.5)])
def test_no_other_corruption_is_varied(
    kind: Literal["salt-and-pepper", "gaussian", "none"], amount: float
) -> None:
    varied, constant = (
        inputs(CorruptionConfig(kind=kind, amount=amount, varied=flag), seed=0) for flag in (True, False)
    )
    assert torch.equal(varied, constant)


def test_a_document_has_another_share_each_time() -> None:
    config = ModelConfig(inputs="binary", neighbours=NeighbourConfig(neighbours=0))
    idf = np.ones(N_WORDS, dtype=np.float32)
    batches = Batches.prepare(
        long_documents(), idf, config, size=N, generator=torch.Generator().manual_seed(0)
    )
    first, second = (
        dense(batch.inputs).mean(dim=1)[batch.documents.argsort()] for epoch in range(2) for batch in batches
    )
    assert abs(float(torch.corrcoef(torch.stack([first, second]))[0, 1])) < 6 / np.sqrt(N)
