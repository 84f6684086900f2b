from typing import Any

import numpy as np
import pytest
import scipy.linalg
from numpy.typing import NDArray

from semhash.baselines.hashing.components import principal_components
from semhash.baselines.hashing.points import Points
from semhash.baselines.hashing.spectral_hashing import Box, SpectralHashing
from semhash.codes import unpack

Floats = NDArray[np.float64]


def evenly(lengths: tuple[float, ...], n: int, seed: int = 0) -> Floats:
    """Points spread evenly in a box, its corners among them."""
    sides = np.array(lengths)
    inside = np.random.default_rng(seed).random((n, len(sides))) * sides
    return np.concatenate([inside, np.zeros((1, len(sides))), sides[None]])


def laplacian_eigenvectors(points: Floats, epsilon: float, n: int) -> tuple[Floats, Floats]:
    """Solve the paper's relaxed problem on the points themselves, with a Gaussian affinity."""
    squared = np.square(points[:, None] - points[None]).sum(axis=2)
    affinity = np.exp(-squared / (2 * epsilon**2))
    degrees = np.diag(affinity.sum(axis=1))
    values, vectors = scipy.linalg.eigh(degrees - affinity, degrees, subset_by_index=(1, n))
    return values, vectors


def test_the_functions_on_a_line_are_the_eigenvectors_of_the_graph_of_its_points() -> None:
    """What the closed form promises: their signs agree, up to which side is 1, in the order of eigenvalues."""
    points = np.linspace(2, 5, 400)[:, None]
    values = Box.around(points, 6).values(points)
    _, vectors = laplacian_eigenvectors(points, 0.05, 6)
    agree = ((values > 0) == (vectors > 0)).mean(axis=0)
    assert (np.maximum(agree, 1 - agree) > 0.97).all()


def test_eigenvalues_of_a_box_rise_in_the_order_of_its_functions() -> None:
    """Rayleigh quotients on a lattice of points, against the order that the closed form puts them in."""
    lattice = np.stack(np.meshgrid(np.linspace(0, 2.3, 40), np.linspace(0, 1, 18)), axis=-1).reshape(-1, 2)
    box = Box.around(lattice, 6)
    squared = np.square(lattice[:, None] - lattice[None]).sum(axis=2)
    affinity = np.exp(-squared / (2 * 0.1**2))
    degrees = affinity.sum(axis=1)
    functions = box.values(lattice)
    quotients = [(f @ (degrees * f) - f @ affinity @ f) / (f @ (degrees * f)) for f in functions.T]
    assert (np.diff(quotients) > 0).all()
    np.testing.assert_array_equal(box.sides, [0, 0, 1, 0, 0, 1])


def test_bits_are_the_sign_patterns_of_the_closed_form() -> None:
    """Worked by hand on a box of 5 by 2: waves along the long side at k = 1, 2, along the short at k = 1, ..."""
    points = evenly((5.0, 2.0), 500)
    box = Box.around(points + np.array([3.0, -7.0]), 7)
    long, short = points[:, 0] / 5, points[:, 1] / 2
    waves = [
        (long, 1),
        (long, 2),
        (short, 1),
        (long, 3),
        (long, 4),
        (short, 2),
        (long, 5),
    ]  # k / side: .2 .4 .5 ...
    expected = np.stack([np.cos(k * np.pi * side) for side, k in waves], axis=1)
    np.testing.assert_allclose(box.values(points + np.array([3.0, -7.0])), expected, atol=1e-9)
    np.testing.assert_array_equal(box.sides, [0, 0, 1, 0, 0, 1, 0])


@pytest.mark.parametrize("bits", [8, 20, 64])
def test_eigenvalues_never_fall_and_no_smaller_one_is_left_out(bits: int) -> None:
    lengths = (7.3, 3.1, 2.9, 0.8)
    box = Box.around(evenly(lengths, 50), bits)
    every = sorted(k * np.pi / length for length in lengths for k in range(1, 200))
    np.testing.assert_allclose(box.frequencies, every[:bits])


@pytest.mark.parametrize("bits", [8, 13])
def test_one_component_is_enough_for_any_number_of_bits(bits: int, documents_of: Any) -> None:
    """Two texts, at the ends of one side: there function k is 1 at the one, and (-1)^k at the other."""
    database = documents_of(np.array([[1, 2, 0], [0, 1, 3]])[[0, 0, 1, 0, 1]])
    found = unpack(SpectralHashing(bits, 0).fit(database).documents, bits)
    np.testing.assert_array_equal(found[[0, 0, 2, 0, 2]], found)
    low, high = sorted([found[0].tolist(), found[2].tolist()], reverse=True)
    assert low == [True] * bits
    assert high == [k % 2 == 0 for k in range(1, bits + 1)]


def test_codes_are_the_stripes_across_the_principal_components(planted_topics: Any) -> None:
    database, _ = planted_topics()
    points = Points.of(database)
    sample = points.at(np.arange(len(database)))
    components = principal_components(sample, 8, seed=0)
    places = components.project(sample)
    low, high = places.min(axis=0), places.max(axis=0)
    found = unpack(SpectralHashing(8, 0).fit(database).documents, 8)
    box = Box.around(places, 8)
    for bit in range(8):
        side = box.sides[bit]
        k = box.frequencies[bit] * (high - low)[side] / np.pi
        assert k == pytest.approx(round(k))
        np.testing.assert_array_equal(
            found[:, bit], np.cos(round(k) * np.pi * (places - low)[:, side] / (high - low)[side]) > 0
        )
