"""Regions of made addresses: planted ones are found, and every address is with its nearest mean."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.subjects.regions import Regions, enough_regions, find_regions

BITS = 24


def planted(
    n_regions: int = 5, per_region: int = 40, seed: int = 0
) -> tuple[Any, NDArray[np.int64], list[int]]:
    """Addresses within two bits of centres that are ten bits or more apart, with weights and their centre."""
    source = np.random.default_rng(seed)
    centres: list[NDArray[np.int64]] = []
    while len(centres) < n_regions:
        drawn = source.integers(0, 2, size=BITS)
        if all((drawn != other).sum() >= 10 for other in centres):
            centres.append(drawn)
    found: dict[tuple[int, ...], int] = {}
    for number, centre in enumerate(centres):
        for _ in range(per_region):
            address = centre.copy()
            address[source.choice(BITS, size=2)] ^= 1
            found[tuple(address.tolist())] = number
    weights = source.integers(1, 30, size=len(found))
    return np.array(list(found), dtype=bool), weights, list(found.values())


def mean_distance(found: Regions, weights: NDArray[np.int64]) -> float:
    return float(np.average(found.distances, weights=weights))


@pytest.mark.parametrize("seed", range(5))
def test_planted_regions_are_found_whole(seed: int) -> None:
    addresses, weights, truth = planted(seed=seed)
    found = find_regions(addresses, weights, 5, seed=seed)
    assert len(set(zip(found.members.tolist(), truth, strict=True))) == len(found) == 5


def test_the_largest_comes_first_and_means_are_the_documents() -> None:
    addresses, weights, _ = planted(seed=1)
    found = find_regions(addresses, weights, 4)
    sizes = np.bincount(found.members, weights=weights)
    assert sizes.sum() == weights.sum()
    assert (np.diff(sizes) <= 0).all()
    for number in range(len(found)):
        ours = found.members == number
        documents = np.repeat(addresses[ours], weights[ours], axis=0)
        np.testing.assert_allclose(found.means[number], documents.mean(axis=0))


@pytest.mark.parametrize("n_regions", [1, 3, 7, 20])
def test_every_address_is_with_its_nearest_mean(n_regions: int) -> None:
    addresses, weights, _ = planted(seed=2)
    found = find_regions(addresses, weights, n_regions)
    squared = ((addresses[:, None] - found.means) ** 2).sum(axis=2)
    np.testing.assert_allclose(found.distances, squared.min(axis=1), atol=1e-9)
    np.testing.assert_allclose(squared[np.arange(len(addresses)), found.members], squared.min(axis=1))


def test_more_regions_are_nearer_and_the_same_seed_makes_the_same() -> None:
    addresses, weights, _ = planted(seed=3)
    distances = [mean_distance(find_regions(addresses, weights, n), weights) for n in (1, 2, 5, 12, 30)]
    assert distances == sorted(distances, reverse=True)
    again = find_regions(addresses, weights, 7, seed=4)
    np.testing.assert_array_equal(find_regions(addresses, weights, 7, seed=4).members, again.members)


def test_weights_count_as_so_many_documents() -> None:
    """A weight draws the mean: three addresses in a row, in one region, with all the documents at one end."""
    addresses = np.array([[0] * BITS, [1] + [0] * (BITS - 1)], dtype=bool)
    found = find_regions(addresses, np.array([9, 1]), 1)
    assert found.means[0, 0] == pytest.approx(0.1)
    assert found.distances.tolist() == pytest.approx([0.01, 0.81])


def test_there_are_never_more_regions_than_addresses() -> None:
    addresses, weights, _ = planted(per_region=1)
    found = find_regions(addresses, weights, 40)
    assert len(found) == len(addresses)
    assert not found.distances.any()
    one = find_regions(addresses[:1], weights[:1], 3)
    assert (len(one), one.members.tolist()) == (1, [0])


def test_as_few_regions_are_made_as_will_do() -> None:
    addresses, weights, truth = planted(seed=5)
    found = enough_regions(addresses, weights, 2.0, at_most=24)
    assert len(set(zip(found.members.tolist(), truth, strict=True))) == len(found) == 5
    assert mean_distance(found, weights) <= 2.0 < mean_distance(find_regions(addresses, weights, 4), weights)
    assert len(enough_regions(addresses, weights, 0.0, at_most=3)) == 3
    assert len(enough_regions(addresses, weights, BITS, at_most=24)) == 1


def test_of_many_addresses_some_are_learned_from_and_all_are_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses, weights, truth = planted(seed=6)
    monkeypatch.setattr("semhash.subjects.regions._LEARNED", 60)
    monkeypatch.setattr("semhash.subjects.regions._BLOCK", 7)
    found = find_regions(addresses, weights, 5)
    assert len(set(zip(found.members.tolist(), truth, strict=True))) == len(found) == 5
