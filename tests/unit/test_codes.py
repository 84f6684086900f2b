from collections.abc import Callable
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import codes
from semhash.errors import CodeError

WIDTHS = [8, 9, 16, 20, 24, 31, 33, 64, 65, 100, 128]


def random_bits(n: int, bits: int, seed: int = 0) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((n, bits)) < 0.5


@pytest.mark.parametrize("bits", WIDTHS)
def test_bit_i_of_the_int_is_column_i(bits: int) -> None:
    array = random_bits(30, bits)
    ints = codes.to_ints(codes.pack(array))
    for code, row in zip(ints, array, strict=True):
        assert code == sum(1 << i for i in range(bits) if row[i])


@pytest.mark.parametrize("bits", WIDTHS)
def test_bit_i_lies_in_byte_i_over_8_and_padding_is_zero(bits: int) -> None:
    array = random_bits(30, bits)
    packed = codes.pack(array)
    assert packed.dtype == np.uint8
    assert packed.shape == (30, codes.n_bytes(bits))
    assert packed.flags.c_contiguous
    for i in range(packed.shape[1] * 8):
        expected = array[:, i] if i < bits else np.zeros(30)
        np.testing.assert_array_equal(packed[:, i // 8] >> (i % 8) & 1, expected)


@pytest.mark.parametrize("bits", WIDTHS)
def test_unpack_undoes_pack(bits: int) -> None:
    array = random_bits(30, bits)
    unpacked = codes.unpack(codes.pack(array), bits)
    assert unpacked.dtype == np.bool_
    np.testing.assert_array_equal(unpacked, array)


@pytest.mark.parametrize("bits", WIDTHS)
def test_ints_and_rows_turn_into_each_other(bits: int) -> None:
    packed = codes.pack(random_bits(30, bits))
    ints = codes.to_ints(packed)
    np.testing.assert_array_equal(codes.from_ints(ints, bits), packed)
    assert [codes.to_int(row) for row in packed] == ints
    for code, row in zip(ints, packed, strict=True):
        np.testing.assert_array_equal(codes.from_int(code, bits), row)


def test_no_codes_at_all() -> None:
    empty = codes.from_ints([], 20)
    assert empty.shape == (0, 3)
    assert codes.to_ints(empty) == []
    assert codes.addresses(empty, 20).shape == (0,)
    assert codes.unpack(empty, 20).shape == (0, 20)
    assert codes.hamming_distances(codes.from_int(5, 20), empty).shape == (0,)


@pytest.mark.parametrize("bits", [8, 9, 16, 20, 24])
def test_an_address_is_the_code_as_int(bits: int) -> None:
    packed = codes.pack(random_bits(50, bits))
    assert codes.addresses(packed, bits).tolist() == codes.to_ints(packed)


@pytest.mark.parametrize("bits", range(8, 129))
def test_distances_are_those_of_the_ints(bits: int) -> None:
    packed = codes.pack(random_bits(21, bits, seed=bits))
    query, *others = codes.to_ints(packed)
    distances = codes.hamming_distances(packed[0], packed[1:])
    assert distances.tolist() == [(query ^ other).bit_count() for other in others]


@pytest.mark.parametrize("bits", [20, 64, 72])
def test_distances_of_opposites_and_of_strided_codes(bits: int) -> None:
    ones = codes.from_ints([2**bits - 1] * 6, bits)
    assert codes.hamming_distances(codes.from_int(0, bits), ones).tolist() == [bits] * 6
    packed = codes.pack(random_bits(40, bits))
    for strided in (packed[::3], np.asfortranarray(packed)):
        expected = codes.hamming_distances(packed[0], strided.copy(order="C"))
        np.testing.assert_array_equal(codes.hamming_distances(packed[0], strided), expected)


def test_the_matrix_holds_the_distances_of_each_query() -> None:
    packed = codes.pack(random_bits(30, 37))
    matrix = codes.hamming_matrix(packed[:4], packed)
    assert matrix.shape == (4, 30)
    ints = codes.to_ints(packed)
    assert matrix.tolist() == [[(a ^ b).bit_count() for b in ints] for a in ints[:4]]


def test_ball_sizes_at_20_bits() -> None:
    assert [codes.ball_size(20, radius) for radius in range(6)] == [1, 21, 211, 1351, 6196, 21700]
    assert codes.ball_size(20, 20) == codes.ball_size(20, 99) == 2**20
    assert codes.ball_size(128, 128) == 2**128


@pytest.mark.parametrize("bits", [8, 11, 20])
def test_a_shell_is_all_masks_of_its_weight(bits: int) -> None:
    weights = np.bitwise_count(np.arange(2**bits))
    for radius in range(bits + 3):
        np.testing.assert_array_equal(codes.shell_masks(bits, radius), np.flatnonzero(weights == radius))


def test_the_largest_shell_of_all_is_ascending_and_whole() -> None:
    masks = codes.shell_masks(24, 12)
    assert len(masks) == comb(24, 12)
    assert (np.diff(masks) > 0).all()
    assert (np.bitwise_count(masks) == 12).all()
    assert masks[-1] < 2**24


def test_a_shared_shell_cannot_be_written_to() -> None:
    masks = codes.shell_masks(20, 2)
    assert codes.shell_masks(20, 2) is masks
    with pytest.raises(ValueError, match="read-only"):
        masks[0] = 0


@pytest.mark.parametrize(("bits", "address"), [(8, 0), (8, 0b10110001), (12, 4095)])
def test_a_ball_is_the_nearest_addresses_by_distance_then_address(bits: int, address: int) -> None:
    ordered = sorted(range(2**bits), key=lambda other: ((other ^ address).bit_count(), other))
    for radius in range(bits + 2):
        found = codes.ball(address, bits, radius).tolist()
        assert found == ordered[: codes.ball_size(bits, radius)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: codes.n_bytes(7), "bits: expected 8 to 128, found 7"),
        (lambda: codes.n_bytes(129), "bits: expected 8 to 128, found 129"),
        (lambda: codes.pack(np.zeros((3, 7), bool)), "bits: expected 8 to 128, found 7"),
        (lambda: codes.pack(np.zeros(20, bool)), r"expected an array of shape \(n, bits\), found \(20,\)"),
        (lambda: codes.from_int(2**20, 20), "code: expected 0 to 1048575 at 20 bits, found 1048576"),
        (lambda: codes.from_int(-1, 20), "code: expected 0 to 1048575 at 20 bits, found -1"),
        (lambda: codes.from_ints([1, 256], 8), "code: expected 0 to 255 at 8 bits, found 256"),
        (lambda: codes.addresses(np.zeros((1, 4), np.uint8), 25), "bits: expected 8 to 24, found 25"),
        (lambda: codes.addresses(np.zeros((1, 4), np.uint8), 20), r"\(n, 3\) at 20 bits, .* \(1, 4\)"),
        (lambda: codes.unpack(np.zeros((1, 3), np.int64), 20), "expected uint8 .* found int64"),
        (lambda: codes.unpack(np.full((1, 3), 255, np.uint8), 20), "zeros above bit 19, found a padding"),
        (lambda: codes.shell_masks(25, 2), "bits: expected 8 to 24, found 25"),
        (lambda: codes.shell_masks(20, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: codes.ball_size(20, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: codes.ball_size(129, 1), "bits: expected 8 to 128, found 129"),
        (lambda: codes.ball(256, 8, 1), "code: expected 0 to 255 at 8 bits, found 256"),
        (lambda: codes.ball(0, 25, 1), "bits: expected 8 to 24, found 25"),
        (
            lambda: codes.hamming_distances(np.zeros(2, np.uint8), np.zeros((5, 3), np.uint8)),
            r"query: expected shape \(3,\) like the codes, found \(2,\)",
        ),
    ],
)
def test_what_is_out_of_range_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(CodeError, match=message):
        call()
