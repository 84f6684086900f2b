"""The picture's plane: discs as large as their regions that do not overlap, and documents inside them."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.subjects.layout import disc_radii, lay_out, push_apart


def made(seed: int, n: int = 400, n_regions: int = 6) -> tuple[NDArray[Any], NDArray[np.int64]]:
    source = np.random.default_rng(seed)
    centres = source.integers(0, 2, size=(n_regions, 20))
    members = source.integers(0, n_regions, size=n)
    return centres[members] ^ (source.random((n, 20)) < 0.08), members


def between(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(places[:, None] - places, axis=2))


@pytest.mark.parametrize("seed", range(3))
def test_regions_do_not_overlap_and_hold_their_documents(seed: int) -> None:
    values, members = made(seed)
    radii = disc_radii(np.bincount(members))
    assert (np.pi * radii**2).sum() == pytest.approx(np.pi)
    places, centres = lay_out(values, members, radii)
    apart = between(centres) - radii[:, None] - radii
    assert apart[~np.eye(6, dtype=bool)].min() > 0
    assert (np.linalg.norm(places - centres[members], axis=1) <= radii[members] + 1e-9).all()


def test_documents_of_one_address_stand_together_and_none_on_another() -> None:
    values, members = made(3, n=300, n_regions=1)
    places, _ = lay_out(values, members, np.ones(1))
    same = (values[:, None] == values).all(axis=2)
    distances = between(places)
    assert distances[same & ~np.eye(300, dtype=bool)].mean() < distances[~same].mean() / 4
    assert distances[~np.eye(300, dtype=bool)].min() > 1e-4


def test_the_same_documents_make_the_same_picture() -> None:
    values, members = made(4)
    first, second = (lay_out(values, members, disc_radii(np.bincount(members)))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_like_regions_are_nearer_than_unlike_ones() -> None:
    values = np.zeros((90, 20), dtype=np.int64)
    values[30:60, :3] = 1
    values[60:, 3:] = 1
    _, centres = lay_out(values, np.repeat([0, 1, 2], 30), disc_radii(np.array([30, 30, 30])))
    distances = between(centres)
    assert distances[0, 1] < min(distances[0, 2], distances[1, 2])


@pytest.mark.parametrize("n", [1, 2, 7])
def test_discs_at_one_place_are_parted(n: int) -> None:
    radii = np.linspace(0.5, 1, n)
    places = push_apart(np.zeros((n, 2)), radii)
    apart = between(places) - radii[:, None] - radii
    assert (apart[~np.eye(n, dtype=bool)] > 0).all()


def test_a_region_of_one_address_is_a_disc_and_one_without_a_drawn_document_does_no_harm() -> None:
    places, centres = lay_out(np.ones((50, 20)), np.zeros(50, dtype=np.int64), disc_radii(np.array([50, 1])))
    assert np.isfinite(places).all()
    assert np.isfinite(centres).all()
    assert len(np.unique(places.round(6), axis=0)) == 50
