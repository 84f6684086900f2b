import numpy as np
import pytest

from semhash.autoencoder.health import check_health, dead_bits
from semhash.errors import TrainingError

SOUND = {"encoder.0.weight": np.ones((8, 3), dtype=np.float32)}


def random_bits(n_documents: int, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n_documents, width)) < 0.5


def test_a_bit_is_dead_that_nearly_all_documents_share() -> None:
    bits = random_bits(2000)
    assert dead_bits(bits) == 0
    bits[:, 1], bits[:, 4] = True, False
    assert dead_bits(bits) == 2
    bits[:2, 1] = False  # 0.1 percent differ
    assert dead_bits(bits) == 2
    bits[:3, 1] = False
    assert dead_bits(bits) == 1


def test_in_a_small_corpus_a_bit_is_dead_when_all_documents_share_it() -> None:
    bits = np.eye(8, dtype=bool)
    assert dead_bits(bits) == 0
    assert dead_bits(bits[:5]) == 3


def test_up_to_half_of_the_bits_may_be_dead_and_are_counted() -> None:
    bits = random_bits(500)
    for n in range(5):
        bits[:, :n] = True
        assert check_health(SOUND, bits) == n
    bits[:, :5] = True
    with pytest.raises(TrainingError, match=r"found 5 of 8 the same in nearly all; nothing was written; try"):
        check_health(SOUND, bits)
    assert check_health(SOUND, bits[:39]) == 5  # a few documents need a few bits


def test_all_documents_at_one_address_are_an_error() -> None:
    with pytest.raises(TrainingError, match="documents at many addresses, found all 7 at one; nothing was"):
        check_health(SOUND, np.ones((7, 8), dtype=bool))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_an_error_that_names_them(value: float) -> None:
    broken = SOUND["encoder.0.weight"].copy()
    broken[3, 1] = value
    with pytest.raises(TrainingError, match=r"expected finite weights, found decoder\.1\.weight with others"):
        check_health({**SOUND, "decoder.1.weight": broken}, random_bits(50))
