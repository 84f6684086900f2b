"""Codes that were made elsewhere, read from a file: JSON lines, a numpy array, or a FAISS binary index.

A code belongs to the document of an id. JSON lines and ``.npz`` say it beside the code; for an array and for FAISS it
is in a file of its own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.codes import Packed
from semhash.errors import CodeError, ConfigError
from semhash.store.array_file import map_array
from semhash.store.manifest import Source

__all__ = ["GivenCodes", "read_codes"]

_JSONL = (".jsonl", ".ndjson")
_SOURCES: dict[str, Source] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npy": "npy",
    ".npz": "npz",
    ".faiss": "faiss",
    ".index": "faiss",
}


@dataclass(frozen=True, eq=False)
class GivenCodes:
    """Codes by the ids of documents.

    Attributes
    ----------
    ids : sequence of n str
        Each once.
    packed : ndarray of shape (n, ceil(bits / 8)), uint8
        As in `semhash.codes`.
    bits : int
    source : {"jsonl", "npy", "npz", "faiss"} or None
        What kind of file they came in.
    """

    ids: Sequence[str]
    packed: Packed
    bits: int
    source: Source | None = None


class _Row(msgspec.Struct):
    id: str | int
    code: int
    bits: int | None = None
    known_words: int = 1


def read_codes(file: Path, ids: Path | None = None, bits: int | None = None) -> GivenCodes:
    """Read codes and whose they are.

    Parameters
    ----------
    file : Path
        ``.jsonl``: a line ``{"id": ..., "code": ...}`` a document, as ``semhash export`` and ``semhash encode`` write;
        those of `known_words` 0 have no code. ``.npy``: an array of codes, either packed, of shape (n, ceil(bits /
        8)), uint8, bit i of a code being ``byte[i // 8] >> (i % 8) & 1``; or bits, of shape (n, bits), bool; or
        integers, of shape (n,). ``.npz``: such an array as ``codes``, and text as ``ids``. ``.faiss`` and ``.index``:
        a FAISS binary index that holds whole codes; where it knows ids, they are places in `ids`, from 0. FAISS
        reads its own files: give it none that you do not trust.
    ids : Path or None
        Whose the codes are, in their order: an id a line, or JSON lines with ``id``. For ``.npy`` and FAISS.
    bits : int or None
        Width of the codes; None for what the file says.

    Raises
    ------
    ConfigError
        A file cannot be read, or is not as it should be; codes and ids do not fit together; or nothing says how wide
        the codes are.
    """
    suffix = file.suffix.lower()
    source = _SOURCES.get(suffix)
    if source is None:
        raise ConfigError(
            f"{file}: expected codes in a file that ends in {', '.join(_SOURCES)}, found {suffix or 'no ending'}; "
            "write them as JSON lines with id and code, say"
        )
    try:
        if source == "jsonl":
            return _checked(file, source, *_of_lines(file, bits))
        if source == "npz":
            return _checked(file, source, *_of_npz(file, bits))
        if ids is None:
            raise ConfigError(
                f"{file}: expected to know whose codes these are, found no ids in it; name a file with an id a line "
                "by --ids FILE"
            )
        names = _names(ids)
        if source == "npy":
            return _checked(file, source, names, *_packed(file, map_array(file), bits))
        return _checked(file, source, *_of_faiss(file, names, bits))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        if isinstance(error, ConfigError | CodeError):
            raise
        raise ConfigError(f"{file}: expected codes, found: {error}; write them anew") from error


def _checked(file: Path, source: Source, ids: Sequence[str], packed: Packed, bits: int) -> GivenCodes:
    if len(ids) != len(packed):
        raise ConfigError(
            f"{file}: expected an id for each of {len(packed):,} codes, found {len(ids):,}; both must be of the same "
            "documents in the same order"
        )
    if len(set(ids)) != len(ids):
        twice, _ = Counter(ids).most_common(1)[0]
        raise ConfigError(
            f"{file}: expected each document once, found {twice!r} twice; leave one of them out"
        )
    try:
        return GivenCodes(ids, codes.check_packed(packed, bits), codes.check_bits(bits), source)
    except CodeError as error:
        raise ConfigError(f"{file}: {error}") from error


def _width(file: Path, found: int | None, wanted: int | None) -> int:
    """Give the width of the codes, as asked for or as found."""
    width = found if wanted is None else wanted
    if width is None:
        raise ConfigError(
            f"{file}: expected to know how wide the codes are, found nothing that says; say --bits N"
        )
    try:
        return codes.check_bits(width)
    except CodeError as error:
        raise ConfigError(f"{file}: {error}") from error


def _of_lines(file: Path, bits: int | None) -> tuple[list[str], Packed, int]:
    with file.open("rb") as stream:
        rows = [msgspec.json.decode(line, type=_Row) for line in stream if line.strip()]
    said = {row.bits for row in rows if row.bits is not None}
    width = _width(file, said.pop() if len(said) == 1 else None, bits)
    coded = [row for row in rows if row.known_words]
    wide = next((row for row in coded if not 0 <= row.code < 1 << width), None)
    if wide is not None:
        raise ConfigError(
            f"{file}: expected codes of {width} bits, found {wide.code} of {wide.id!r}; say --bits N as it is"
        )
    return [str(row.id) for row in coded], codes.from_ints([row.code for row in coded], width), width


def _of_npz(file: Path, bits: int | None) -> tuple[list[str], Packed, int]:
    with np.load(file, allow_pickle=False) as arrays:
        missing = {"codes", "ids"} - set(arrays.files)
        if missing:
            raise ConfigError(
                f"{file}: expected the arrays codes and ids, found no {' and no '.join(sorted(missing))}; save them "
                "as numpy.savez(file, codes=..., ids=...)"
            )
        return [str(name) for name in arrays["ids"].tolist()], *_packed(file, arrays["codes"], bits)


def _packed(file: Path, array: NDArray[Any], bits: int | None) -> tuple[Packed, int]:
    """Give codes packed, in whichever of the three ways they are."""
    if array.ndim == 2 and array.dtype == np.bool_:
        return codes.pack(np.asarray(array)), _width(file, array.shape[1], bits)
    if array.ndim == 2 and array.dtype == np.uint8:
        return np.asarray(array), _width(file, 8 * array.shape[1], bits)
    if array.ndim == 1 and np.issubdtype(array.dtype, np.integer):
        width = _width(file, None, bits)
        low, high = int(array.min(initial=0)), int(array.max(initial=0))
        if low < 0 or high >= 1 << width:
            raise ConfigError(f"{file}: expected codes of {width} bits, found {low if low < 0 else high}")
        octets = np.ascontiguousarray(array.astype("<u8")).view(np.uint8).reshape(len(array), 8)
        room = np.zeros((len(array), max(8, codes.n_bytes(width))), dtype=np.uint8)
        room[:, :8] = octets
        return np.ascontiguousarray(room[:, : codes.n_bytes(width)]), width
    raise ConfigError(
        f"{file}: expected codes as uint8 of shape (n, bytes), bool of shape (n, bits) or integers of shape (n,), "
        f"found {array.dtype} of shape {array.shape}"
    )


def _names(ids: Path) -> list[str]:
    """Read ids, one a line."""
    try:
        lines = ids.read_text(encoding="utf-8").splitlines()
        if ids.suffix.lower() in _JSONL:
            return [str(msgspec.json.decode(line)["id"]) for line in lines if line.strip()]
        return lines
    except (OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise ConfigError(f"{ids}: expected an id a line, found: {error}") from error


def _of_faiss(file: Path, names: list[str], bits: int | None) -> tuple[list[str], Packed, int]:
    import faiss

    try:
        index = faiss.read_index_binary(str(file))
    except RuntimeError as error:
        raise ConfigError(f"{file}: expected a FAISS binary index, found: {_last(error)}") from error
    inner: Any = index
    places = np.arange(index.ntotal)
    if isinstance(index, faiss.IndexBinaryIDMap):
        inner, places = faiss.downcast_IndexBinary(index.index), faiss.vector_to_array(index.id_map)
    kind = type(inner)
    if kind is faiss.IndexBinaryMultiHash:
        inner = inner.storage
    elif kind is not faiss.IndexBinaryFlat:
        raise ConfigError(
            f"{file}: expected an IndexBinaryFlat or IndexBinaryMultiHash, found {kind.__name__}, which keeps "
            "no whole codes; write one of those"
        )
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) < len(names):
        raise ConfigError(
            f"{file}: expected ids that are places from 0 to {len(names) - 1} in the file of ids, found "
            f"{int(places.min())} to {int(places.max())}"
        )
    packed = faiss.vector_to_array(inner.xb).reshape(inner.ntotal, inner.code_size)
    width = _width(file, inner.d, bits)
    return [names[place] for place in places.tolist()], packed, width


def _last(error: RuntimeError) -> str:
    return str(error).rpartition("failed: ")[2] or type(error).__name__
