import math

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.corruption import CORRUPTIONS, clean, gaussian, mask, salt_and_pepper
from semhash.errors import ConfigError

SHAPE = (200, 250)
N = SHAPE[0] * SHAPE[1]
SHARES = [0.1, 0.3, 0.5, 0.9]
hits = pytest.mark.parametrize("name", ["masking", "salt-and-pepper"])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def inputs(seed: int = 100) -> Tensor:
    """Between 2 and 3, so that no clean entry looks like a corrupted one."""
    return 2 + torch.rand(SHAPE, generator=generator(seed))


def six_deviations(share: float, n: int) -> float:
    """A binomial count strays farther from its mean once in 500 million draws."""
    return 6 * math.sqrt(n * share * (1 - share))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", range(3))
@hits
def test_as_many_entries_are_hit_as_asked_and_the_others_keep_their_very_bits(
    name: str, seed: int, share: float
) -> None:
    x = inputs()
    found = CORRUPTIONS[name](x, share, generator(seed))
    hit = found < 2
    assert torch.equal(found[~hit], x[~hit])
    assert abs(int(hit.sum()) - N * share) < six_deviations(share, N)


@hits
def test_entries_are_hit_on_their_own_whatever_their_row_and_column(name: str) -> None:
    hit = CORRUPTIONS[name](inputs(), 0.3, generator()) < 2
    for dim in (0, 1):
        counts = hit.sum(dim=dim).double()
        n = SHAPE[dim]
        assert (counts - 0.3 * n).abs().max() < six_deviations(0.3, n)
        # Binomial counts spread as n p q; were whole rows or columns hit together, they would spread n times more.
        assert counts.var().item() == pytest.approx(n * 0.3 * 0.7, rel=0.6)


def test_masked_entries_are_zero_even_where_the_input_is_no_number() -> None:
    x = torch.full(SHAPE, math.nan)
    found = mask(x, 0.5, generator())
    assert torch.equal(found[~found.isnan()], torch.zeros(int((~found.isnan()).sum())))
    assert abs(int(found.isnan().sum()) - N / 2) < six_deviations(0.5, N)


@pytest.mark.parametrize("seed", range(3))
def test_salt_and_pepper_are_equally_many_and_of_the_values_asked(seed: int) -> None:
    x = inputs()
    found = salt_and_pepper(x, 0.4, generator(seed), low=-1.0, high=7.0)
    hit = found != x
    assert set(found[hit].tolist()) == {-1.0, 7.0}
    n = int(hit.sum())
    assert abs(int((found == 7).sum()) - n / 2) < six_deviations(0.5, n)


def test_salt_and_pepper_are_one_and_zero_unless_told_otherwise() -> None:
    found = salt_and_pepper(inputs(), 1.0, generator())
    assert set(found.flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("deviation", [0.2, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_gaussian_noise_has_mean_zero_the_deviation_asked_and_the_tails_of_a_gaussian(
    seed: int, deviation: float
) -> None:
    x = inputs().double()
    noise = (gaussian(x, deviation, generator(seed)) - x) / deviation
    assert abs(noise.mean().item()) < 6 / math.sqrt(N)
    assert noise.std().item() == pytest.approx(1, abs=6 / math.sqrt(2 * N))
    outside = math.erfc(2 / math.sqrt(2))  # of two deviations
    assert abs(int((noise.abs() > 2).sum()) - N * outside) < six_deviations(outside, N)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_an_amount_of_zero_changes_no_bit(name: str) -> None:
    assert torch.equal(CORRUPTIONS[name](inputs(), 0.0, generator()), inputs())


@hits
def test_a_share_of_one_leaves_nothing(name: str) -> None:
    assert CORRUPTIONS[name](inputs(), 1.0, generator()).max() <= 1


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_clean_input_stays_clean(name: str) -> None:
    x = inputs()
    CORRUPTIONS[name](x, 0.5, generator())
    assert torch.equal(x, inputs())


@pytest.mark.parametrize("name", ["masking", "salt-and-pepper", "gaussian"])
def test_one_seed_gives_one_corruption_the_next_draw_another_and_the_global_stream_is_left_alone(
    name: str,
) -> None:
    state = torch.get_rng_state()
    source = generator(7)
    first = CORRUPTIONS[name](inputs(), 0.5, source)
    assert torch.equal(CORRUPTIONS[name](inputs(), 0.5, generator(7)), first)
    assert not torch.equal(CORRUPTIONS[name](inputs(), 0.5, source), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_no_corruption_gives_the_input_itself_and_draws_nothing() -> None:
    x, source = inputs(), generator()
    assert clean(x, 0.5, source) is x
    assert torch.equal(source.get_state(), generator().get_state())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_type_stays_and_so_does_the_device_whatever_the_generators(name: str) -> None:
    x = inputs().double().to("meta")  # a device without values, found on every machine
    found = CORRUPTIONS[name](x, 0.5, generator())
    assert (found.device.type, found.shape, found.dtype) == ("meta", x.shape, torch.float64)


@hits
@pytest.mark.parametrize("share", [-0.1, 1.1, 30.0, math.nan])
def test_a_share_out_of_range_is_an_error_in_words(name: str, share: float) -> None:
    with pytest.raises(ConfigError, match=rf"expected a share of the entries, 0 to 1, found {share}"):
        CORRUPTIONS[name](inputs(), share, generator())


@pytest.mark.parametrize("deviation", [-0.1, math.nan])
def test_a_negative_deviation_is_an_error_in_words(deviation: float) -> None:
    with pytest.raises(ConfigError, match=rf"expected a standard deviation of 0 or above, found {deviation}"):
        gaussian(inputs(), deviation, generator())
