from typing import Any

import numpy as np
import pytest

from semhash.baselines.hashing.lsh import RandomHyperplanes, random_hyperplanes
from semhash.codes import hamming_matrix, unpack

BITS = 128


def test_documents_agree_in_a_bit_as_often_as_charikar_says(documents_of: Any) -> None:
    """1 - angle / pi of the time, for angles from 0 to 90 degrees: within five standard deviations."""
    dense = np.zeros((30, 41), dtype=np.int64)
    for first, row in enumerate(dense):
        row[first : first + 12] = np.random.default_rng(first).integers(1, 6, 12)
    database = documents_of(dense)
    tables = [RandomHyperplanes(BITS, seed).fit(database) for seed in range(60)]
    points = tables[0].weighting.weigh(database.coded).toarray().astype(np.float64)
    angles = np.arccos(np.clip(points @ points.T, -1, 1))
    assert angles.max() == pytest.approx(np.pi / 2)
    assert (angles[~np.eye(30, dtype=bool)] < 0.2 * np.pi).sum() > 20

    hamming = sum(hamming_matrix(table.documents, table.documents).astype(int) for table in tables)
    n = BITS * len(tables)
    expected = angles / np.pi
    bound = 5 * np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(hamming / n - expected) <= bound + 1e-9).all()


def test_documents_have_either_bit_equally_often(documents_of: Any) -> None:
    """The hyperplanes go through the origin: within five standard deviations of a half."""
    database = documents_of(np.random.default_rng(0).poisson(0.5, (20, 40)))
    tables = [RandomHyperplanes(BITS, seed).fit(database) for seed in range(60)]
    shares = np.mean([unpack(table.documents, BITS).mean(axis=1) for table in tables], axis=0)
    np.testing.assert_allclose(shares, 0.5, atol=5 * 0.5 / np.sqrt(BITS * len(tables)))


@pytest.mark.parametrize("degrees", [30, 90, 150])
def test_hyperplanes_part_two_vectors_in_proportion_to_their_angle(degrees: int) -> None:
    """Whatever plane the two lie in: the normals favour no direction."""
    random = np.random.default_rng(0)
    normals = random_hyperplanes(10, 20_000, seed=1)
    share = degrees / 180
    for _ in range(10):
        plane = np.linalg.qr(random.standard_normal((10, 2)))[0]
        pair = plane @ np.array([[1, np.cos(np.pi * share)], [0, np.sin(np.pi * share)]])
        parted = np.mean((pair[:, 0] @ normals > 0) != (pair[:, 1] @ normals > 0))
        assert parted == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / 20_000))
