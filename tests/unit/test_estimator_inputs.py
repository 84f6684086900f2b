from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from semhash import ModelConfig
from semhash.errors import ConfigError
from semhash.estimator.inputs import as_counts, as_labels, as_seed, overlaid

DENSE = np.array([[0, 2, 1], [0, 0, 0], [3, 0, 0.5]], dtype=np.float32)


def untidy() -> Any:
    """`DENSE` with a zero that is stored, columns out of order, and an entry in two parts."""
    data = np.array([1, 2, 0, 1, 0.5, 2], dtype=np.float32)
    return sp.csr_array((data, np.array([2, 1, 0, 0, 2, 0]), np.array([0, 3, 3, 6])), shape=(3, 3))


@pytest.mark.parametrize("matrix", [DENSE, sp.csr_array(DENSE), sp.csr_matrix(DENSE), untidy()])
def test_counts_hold_what_the_matrix_holds_in_order_and_without_zeros(matrix: Any) -> None:
    found = as_counts(matrix)
    np.testing.assert_array_equal(found.to_dense(), DENSE)
    np.testing.assert_array_equal(found.indptr, [0, 2, 2, 4])
    np.testing.assert_array_equal(found.indices, [1, 2, 0, 2])
    assert found.indptr.dtype == np.int64
    assert found.indices.dtype == np.int32


def test_the_matrix_is_left_as_it_was() -> None:
    matrix = untidy()
    as_counts(matrix)
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(matrix, name), getattr(untidy(), name))


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([0, 1, 0], [("0",), ("1",), ("0",)]),
        (["moon", "bread", "moon"], [("moon",), ("bread",), ("moon",)]),
        (np.array(["moon", "bread", "moon"], dtype=object), [("moon",), ("bread",), ("moon",)]),
        (np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]]), [("0", "2"), (), ("1",)]),
        (sp.csr_array([[1, 0, 1], [0, 0, 0], [0, 1, 0]]), [("0", "2"), (), ("1",)]),
    ],
)
def test_labels_are_one_a_document_or_those_that_are_set(y: Any, expected: list[tuple[str, ...]]) -> None:
    assert as_labels(y, 3) == expected


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "expected labels, since supervision asks for them, found none"),
        ([0, 1], "inconsistent numbers of samples"),
        ([0.5, 1.5, 2.25], "Unknown label type"),
        ([0, 1, np.nan], "NaN"),
    ],
)
def test_what_are_no_labels_is_a_value_error(y: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        as_labels(y, 3)


def test_an_int_is_the_seed_and_others_draw_one() -> None:
    assert as_seed(7) == as_seed(np.int32(7)) == 7
    state = np.random.RandomState(0)
    first, second = as_seed(state), as_seed(state)
    assert first != second
    assert as_seed(np.random.RandomState(0)) == first
    with pytest.raises(ValueError, match="cannot be used to seed"):
        as_seed("seven")
    with pytest.raises(ValueError, match="Seed must be between 0 and"):
        as_seed(-1)


def test_options_are_set_unless_they_are_none_and_are_checked() -> None:
    record = ModelConfig(bits=24)
    assert overlaid(record, bits=None, hidden=None) == record
    assert overlaid(record, bits=np.int64(32), hidden=[np.int32(8), 9]) == ModelConfig(bits=32, hidden=(8, 9))
    assert record.bits == 24
    with pytest.raises(ConfigError, match="bits: expected 8 to 128, found 4"):
        overlaid(record, bits=4)
