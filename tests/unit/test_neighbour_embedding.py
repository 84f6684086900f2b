"""Bits that keep who is near whom: the objective against its definition, and what following it does."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from semhash.autoencoder.neighbour_embedding import CONCENTRATION, embed_on_cube, neighbour_loss, rounds_for
from semhash.autoencoder.spectral_codes import spectral_bits

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
Floats = NDArray[np.float32]


def on_sphere(n: int, dimensions: int, seed: int) -> Floats:
    points = np.random.default_rng(seed).standard_normal((n, dimensions))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def corners(n: int, bits: int, seed: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).choice([-1.0, 1.0], (n, bits)))


@SEEDS
@pytest.mark.parametrize("picking", [1, 4, 6])
def test_the_loss_is_the_cross_entropy_of_the_two_ways_to_pick_a_neighbour(picking: int, seed: int) -> None:
    points = on_sphere(6, 3, seed).astype(np.float64)
    codes = np.random.default_rng(seed).uniform(-1, 1, (6, 5))
    total = 0.0
    for i in range(picking):
        others = [j for j in range(6) if j != i]
        p = np.exp([CONCENTRATION * points[i] @ points[j] for j in others])
        q = np.exp([CONCENTRATION * codes[i] @ codes[j] / 5 for j in others])
        total -= sum(p / p.sum() * np.log(q / q.sum()))
    found = neighbour_loss(torch.from_numpy(codes), torch.from_numpy(points[:picking] @ points.T))
    assert found.item() == pytest.approx(total / picking, rel=1e-9)


@SEEDS
def test_nothing_is_to_be_gained_where_codes_are_as_alike_as_the_points_are(seed: int) -> None:
    """Then q is p, and the loss is p's entropy: its gradient is 0, and that of other codes is not."""
    codes = corners(12, 16, seed).requires_grad_()
    alike = (codes @ codes.T / 16).detach()
    neighbour_loss(codes, alike).backward()  # type: ignore[no-untyped-call]
    assert codes.grad is not None
    assert codes.grad.abs().max().item() < 1e-12
    other = corners(12, 16, seed + 10).requires_grad_()
    neighbour_loss(other, alike).backward()  # type: ignore[no-untyped-call]
    assert other.grad is not None
    assert other.grad.abs().max().item() > 1e-3
    assert neighbour_loss(other, alike) > neighbour_loss(codes, alike)


def test_a_document_that_is_one_bit_nearer_is_picked_that_much_more_often() -> None:
    """One document picks among three at distances 0, 1 and 2 of 20 bits: e to the power 2 c / B each."""
    codes = torch.ones(4, 20, dtype=torch.float64)
    codes[2, :1] = codes[3, :2] = -1
    once = math.exp(-2 * CONCENTRATION / 20)
    shares = np.array([1, once, once**2]) / (1 + once + once**2)
    for j, share in enumerate(shares, 1):
        only = torch.full((1, 4), -1e3, dtype=torch.float64)
        only[0, j] = 0  # the points leave no choice
        assert neighbour_loss(codes, only).item() == pytest.approx(-math.log(share))


def agreement(points: Floats, places: Floats) -> float:
    """Say in which share of each document's ten nearest points its ten nearest codes agree, ties by order."""
    n = len(points)
    itself = np.eye(n, dtype=bool)
    angles = np.where(itself, -np.inf, points @ points.T)
    signs = np.where(places > 0, 1.0, -1.0)
    codes = np.where(itself, -np.inf, signs @ signs.T)
    nearest = [np.argsort(-likeness, axis=1, kind="stable")[:, :10] for likeness in (angles, codes)]
    return float(np.mean([len(np.intersect1d(*pair)) / 10 for pair in zip(*nearest, strict=True)]))


@SEEDS
@pytest.mark.parametrize("n", [300, 2500])
def test_who_is_near_a_point_comes_near_its_bits(n: int, seed: int) -> None:
    """From places that say little of the points, whether or not they all take part at once."""
    points = on_sphere(n, 3, seed)
    start = np.random.default_rng(seed).standard_normal((n, 16)) * 0.1 + points @ on_sphere(3, 16, seed)
    found = embed_on_cube(points, start, 60, seed)
    assert found.dtype == np.float32
    assert found.shape == (n, 16)
    assert agreement(points, found) > 1.3 * agreement(points, start.astype(np.float32))


def test_no_rounds_leave_everybody_where_they_were_and_the_start_is_never_changed() -> None:
    points, start = on_sphere(40, 5, 0), np.random.default_rng(1).standard_normal((40, 12))
    before = start.copy()
    np.testing.assert_array_equal(embed_on_cube(points, start, 0, 0), start.astype(np.float32))
    assert not np.array_equal(embed_on_cube(points, start, 1, 0), start.astype(np.float32))
    np.testing.assert_array_equal(start, before)


def test_a_seed_gives_one_answer() -> None:
    points, start = on_sphere(2100, 5, 0), np.random.default_rng(1).standard_normal((2100, 12))
    first, again, other = (embed_on_cube(points, start, 2, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_documents_and_those_like_no_other_have_places_too(n: int) -> None:
    points = np.zeros((n, 4), dtype=np.float32)
    points[0, 0] = 1
    found = embed_on_cube(points, np.random.default_rng(0).standard_normal((n, 8)), 5, 0)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("n", "asked", "made"), [(1, 5, 0), (40, 0, 0), (40, 5, 100), (5000, 20, 34), (90_000, 60, 60)]
)
def test_the_rounds_are_told_of_one_by_one_and_are_more_where_documents_are_few(
    n: int, asked: int, made: int
) -> None:
    assert rounds_for(n, asked) == made
    if n <= 40:
        heard: list[tuple[float, float]] = []
        embed_on_cube(
            on_sphere(n, 3, 0), np.ones((n, 8)), asked, 0, lambda done, of, _: heard.append((done, of))
        )
        assert heard == [(done, made) for done in range(1, made + 1)]


@pytest.mark.parametrize("rounds", [0, 2])
def test_a_guide_is_told_of_from_its_beginning_to_its_end(rounds: int) -> None:
    heard: list[tuple[float, float]] = []
    targets = np.random.default_rng(0).dirichlet(np.ones(30), 50)
    spectral_bits(targets, 8, 8, 0.25, 0, rounds=rounds, report=lambda done, of, _: heard.append((done, of)))
    assert heard[0][0] == 0
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    assert {of for _, of in heard} == {heard[-1][0]}


def test_a_guides_bits_keep_neighbours_better_than_rounding_does() -> None:
    """Distributions of words along a path, whose ends have nothing in common."""
    at = np.linspace(0, 1, 400)[:, None]
    words = np.linspace(0, 1, 60)[None]
    targets = np.exp(-((at - words) ** 2) / (2 * 0.15**2))
    targets /= targets.sum(axis=1, keepdims=True)
    roots = np.sqrt(targets) - np.sqrt(targets).mean(axis=0)
    points = (roots / np.linalg.norm(roots, axis=1, keepdims=True)).astype(np.float32)
    rounded, moved = (spectral_bits(targets, 20, 32, 0.25, 0, rounds=rounds) for rounds in (0, 60))
    assert agreement(points, moved - 0.5) > agreement(points, rounded - 0.5)
