"""Codes to look up: those of an index, of a file, or of a seeded mixture; and as many as are asked for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semhash import codes, open_index
from semhash.errors import CodeError, ConfigError

__all__ = ["MIXTURE", "ManyCodes", "as_packed", "mixed_codes", "read_codes"]

MIXTURE = "mixture"
_FLIPPED = 0.05
_DOCUMENTS, _CENTRES, _SPREAD = 200_000, 5_000, 0.12


@dataclass(frozen=True, eq=False)
class ManyCodes:
    """Codes of documents, and where they are from.

    Attributes
    ----------
    name, digest : str
        What they are called; the sha256 of their bytes.
    bits : int
    addresses : ndarray of shape (n,), int64
    """

    name: str
    digest: str
    bits: int
    addresses: NDArray[np.int64]

    def sized(self, n: int, seed: int) -> NDArray[np.int64]:
        """Give `n` of them, drawn without order; where there are fewer, copies with bits flipped at random too."""
        rng = np.random.default_rng(seed)
        if n <= len(self.addresses):
            return np.asarray(rng.choice(self.addresses, n, replace=False))
        copies = np.tile(self.addresses, -(-n // len(self.addresses)))[:n]
        copied = copies[len(self.addresses) :]
        for bit in range(self.bits):
            copied ^= (rng.random(len(copied), dtype=np.float32) < _FLIPPED).astype(np.int64) << bit
        return copies

    def said(self, n: int) -> str:
        """Say what `n` of them are."""
        if n <= len(self.addresses):
            return f"{n:,} of {len(self.addresses):,}"
        return (
            f"{len(self.addresses):,} and copies of them with each bit flipped by a chance of {_FLIPPED:.0%}"
        )


def read_codes(source: Path | None, bits: int, seed: int) -> ManyCodes:
    """Read the codes of an index folder or of a ``.npy`` file; without either, draw a mixture.

    Parameters
    ----------
    source : Path or None
    bits : int
        Width of the codes in a file or mixture, 8 to 24.
    seed : int
        Of the mixture.

    Raises
    ------
    ConfigError
        There are none, or they are too wide for a table.
    """
    if source is None:
        drawn = mixed_codes(_DOCUMENTS, bits, seed)
        return ManyCodes(MIXTURE, _digest(as_packed(drawn, bits)), bits, drawn)
    if source.is_dir():
        with open_index(source) as index:
            packed, bits = np.array(index.codes), index.bits
    else:
        packed = _read_file(source)
    try:
        return ManyCodes(source.stem, _digest(packed), bits, codes.addresses(packed, bits))
    except CodeError as error:
        raise ConfigError(f"{source}: expected codes of 8 to 24 bits; {error}; try --bits") from error


def mixed_codes(n: int, bits: int, seed: int) -> NDArray[np.int64]:
    """Draw codes around centres of unequal weight, as subjects are: addresses of shape (n,)."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, _CENTRES + 1)
    drawn = rng.integers(0, 1 << bits, _CENTRES)[rng.choice(_CENTRES, n, p=weights / weights.sum())]
    flips = rng.random((bits, n)) < _SPREAD
    return np.asarray(drawn ^ (flips.astype(np.int64) << np.arange(bits)[:, np.newaxis]).sum(axis=0))


def as_packed(addresses: NDArray[np.int64], bits: int) -> codes.Packed:
    """Pack addresses of shape (n,) into bytes of shape (n, ceil(bits / 8))."""
    octets = addresses.astype("<u4").view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(octets[:, : codes.n_bytes(bits)])


def _read_file(file: Path) -> codes.Packed:
    try:
        packed: codes.Packed = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file}: expected an index folder or a .npy file of packed codes: {error}"
        ) from error
    return packed


def _digest(packed: codes.Packed) -> str:
    return hashlib.sha256(np.ascontiguousarray(packed).tobytes()).hexdigest()
