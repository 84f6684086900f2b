from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.hashing import minimal_loss
from semhash.baselines.hashing.label_pairs import LabelPairs, labelled
from semhash.baselines.hashing.minimal_loss import (
    HingeLoss,
    MinimalLossHashing,
    direction,
    learn,
    loss_adjusted,
)
from semhash.codes import hamming_matrix

Floats = NDArray[np.floating[Any]]
SEEDS = pytest.mark.parametrize("seed", range(3))


def classes(seed: int, n_classes: int = 5, n: int = 30) -> tuple[Floats, NDArray[np.int64]]:
    """Points of length 1 around the centres of some classes."""
    random = np.random.default_rng(seed)
    owners = np.tile(np.arange(n_classes), n)
    points = random.standard_normal((n_classes, 12))[owners] + 0.5 * random.standard_normal((len(owners), 12))
    return points / np.linalg.norm(points, axis=1, keepdims=True), owners


def empirical_loss(codes: NDArray[np.bool_], owners: NDArray[np.int64], loss: HingeLoss) -> float:
    distances = (codes[:, None] != codes).sum(axis=2)
    similar = owners[:, None] == owners
    losses, apart = loss(distances, similar), ~np.eye(len(codes), dtype=bool)
    return float(losses[similar & apart].mean() + losses[~similar].mean())


def test_the_loss_is_the_papers_hinge_on_either_side_of_rho() -> None:
    loss = HingeLoss(rho=3, weight=0.5)
    distances = np.arange(7)
    np.testing.assert_allclose(loss(distances, np.array(True)), [0, 0, 0, 1, 2, 3, 4])
    np.testing.assert_allclose(loss(distances, np.array(False)), [2, 1.5, 1, 0.5, 0, 0, 0])


@pytest.mark.parametrize("bits", [1, 2, 4, 5])
@pytest.mark.parametrize("scale", [0.1, 1.0, 4.0])
def test_inference_finds_the_best_of_all_pairs_of_codes(bits: int, scale: float) -> None:
    random = np.random.default_rng(bits)
    one, other = scale * random.standard_normal((2, 15, bits))
    similar = random.random(15) < 0.5
    loss = HingeLoss(rho=bits / 3, weight=0.8)
    g, h = loss_adjusted(one, other, similar, loss)
    for row in range(15):

        def value(a: Any, b: Any, row: int = row) -> float:
            a, b = np.array(a), np.array(b)
            return float(loss((a != b).sum(), similar[row]) + a @ one[row] + b @ other[row])

        every = [value(a, b) for a, b in product(product((0, 1), repeat=bits), repeat=2)]
        assert value(g[row].astype(int), h[row].astype(int)) == pytest.approx(max(every))


def bounds(one: Floats, other: Floats, similar: NDArray[np.bool_], loss: HingeLoss) -> Floats:
    """The adjusted maxima less the maxima themselves, which are at the codes that the documents have."""
    g, h = loss_adjusted(one, other, similar, loss)
    adjusted = loss((g != h).sum(axis=1), similar) + (g * one + h * other).sum(axis=1)
    return np.asarray(adjusted - np.maximum(one, 0).sum(axis=1) - np.maximum(other, 0).sum(axis=1))


@SEEDS
def test_the_bound_is_never_below_the_loss(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.standard_normal((2, 200, 16))
    similar = random.random(200) < 0.5
    loss = HingeLoss.for_bits(16)
    losses = loss(((one > 0) != (other > 0)).sum(axis=1), similar)
    assert (bounds(one, other, similar, loss) >= losses - 1e-9).all()


@SEEDS
def test_the_way_down_is_less_the_gradient_of_the_bound(seed: int) -> None:
    """By differences along random lines, so short that hardly any pair changes its codes."""
    random = np.random.default_rng(seed)
    first, second = random.standard_normal((2, 60, 7))
    similar, loss = random.random(60) < 0.5, HingeLoss.for_bits(9)
    weights = random.standard_normal((7, 9))
    way = direction(first, second, similar, weights, loss)
    for _ in range(10):
        line = 1e-6 * random.standard_normal(weights.shape)
        after, before = (
            bounds(first @ moved, second @ moved, similar, loss).mean()
            for moved in (weights + line, weights - line)
        )
        assert (after - before) / 2 == pytest.approx(-(way * line).sum(), rel=1e-4, abs=1e-10)


def pairs_of(owners: NDArray[np.int64]) -> LabelPairs:
    return LabelPairs.of([(str(owner),) for owner in owners])


@SEEDS
def test_the_loss_of_planted_classes_falls_and_that_of_unseen_points_too(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, owners = classes(seed)
    halves = slice(0, 100), slice(100, 150)
    losses = []
    for updates in (1, 20, 300):
        monkeypatch.setattr(minimal_loss, "_UPDATES", updates)
        weights = learn(points[halves[0]], pairs_of(owners[halves[0]]), 16, np.random.default_rng(seed))
        losses.append(
            [
                empirical_loss(points[half] @ weights > 0, owners[half], HingeLoss.for_bits(16))
                for half in halves
            ]
        )
    seen, unseen = np.transpose(losses)
    assert seen[0] > seen[1] > seen[2]
    assert seen[2] < 0.3 * seen[0]
    assert unseen[2] < 0.3 * unseen[0]


MANY = [("a",), ("a", "b"), ("b",), ("c", "b"), ("d",), (), ("a", "a"), ("c",)]


def sharing(i: int, j: int) -> bool:
    return bool(set(MANY[i]) & set(MANY[j]))


def test_similar_pairs_share_a_label_and_dissimilar_ones_none_and_all_such_pairs_come() -> None:
    pairs, random = LabelPairs.of(MANY), np.random.default_rng(0)
    n = range(len(MANY))
    similar = set(zip(*(side.tolist() for side in pairs.similar(5000, random)), strict=True))
    assert similar == {(i, j) for i in n for j in n if i != j and sharing(i, j)}
    dissimilar = set(zip(*(side.tolist() for side in pairs.dissimilar(5000, random)), strict=True))
    assert dissimilar == {(i, j) for i in n for j in n if not sharing(i, j)}


def test_every_document_with_labels_may_be_learned_from() -> None:
    np.testing.assert_array_equal(labelled(MANY, "a method"), [bool(labels) for labels in MANY])


def test_few_dissimilar_pairs_are_found_and_drawn_again() -> None:
    pairs = LabelPairs.of([("all",)] * 30 + [("other",)])
    first, second = pairs.dissimilar(500, np.random.default_rng(0))
    assert len(first) == 500
    assert ((first == 30) != (second == 30)).all()


def test_documents_without_labels_are_hashed_but_not_learned_from(
    planted_topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here every third; learned from as a class of its own, it would draw all together."""
    monkeypatch.setattr(minimal_loss, "_UPDATES", 200)
    database, topics = planted_topics(n_topics=8)
    labels = [() if row % 3 == 0 else own for row, own in enumerate(database.labels)]
    fitted = MinimalLossHashing(8, 0).fit(replace(database, labels=labels))
    distances = hamming_matrix(fitted.documents, fitted.documents)
    same = topics[:, None] == topics
    assert distances[same].mean() < distances[~same].mean() / 3
