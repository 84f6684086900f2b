"""Codes from elsewhere: every form of a file gives the same codes, and what is wrong with one is told."""

import json
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest

from semhash import codes
from semhash.errors import ConfigError
from semhash.exchange.given_codes import read_codes

IDS = [f"document {i}" for i in range(30)]
CODES = np.random.default_rng(0).integers(0, 2**20, 30)
PACKED = codes.from_ints(CODES.tolist(), 20)


def jsonl(folder: Path) -> Path:
    lines = (json.dumps({"id": name, "code": int(code)}) for name, code in zip(IDS, CODES, strict=True))
    (folder / "codes.jsonl").write_text("".join(line + "\n" for line in lines))
    return folder / "codes.jsonl"


def saved(name: str, array: np.ndarray) -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        np.save(folder / name, array)
        return folder / name

    return save


def npz(folder: Path) -> Path:
    np.savez(folder / "codes.npz", codes=PACKED, ids=np.array(IDS))
    return folder / "codes.npz"


def flat(folder: Path) -> Path:
    index = faiss.IndexBinaryFlat(24)
    index.add(PACKED)
    faiss.write_index_binary(index, str(folder / "codes.faiss"))
    return folder / "codes.faiss"


def mapped(folder: Path) -> Path:
    """Under ids of its own, which are places in the file of ids."""
    order = np.random.default_rng(1).permutation(30)
    index = faiss.IndexBinaryIDMap(faiss.IndexBinaryFlat(24))
    index.add_with_ids(PACKED[order], order)
    faiss.write_index_binary(index, str(folder / "codes.index"))
    return folder / "codes.index"


@pytest.mark.parametrize(
    "make",
    [
        jsonl,
        npz,
        flat,
        mapped,
        saved("packed.npy", PACKED),
        saved("bits.npy", codes.unpack(PACKED, 20)),
        saved("integers.npy", CODES),
        saved("few.npy", CODES.astype(np.uint32)),
    ],
)
def test_every_form_gives_the_same_codes(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    (tmp_path / "ids.txt").write_text("\n".join(IDS) + "\n")
    file = make(tmp_path)
    found = read_codes(file, tmp_path / "ids.txt", 20)
    assert (found.bits, found.source) == (20, "faiss" if file.suffix == ".index" else file.suffix[1:])
    by_id = dict(zip(found.ids, codes.to_ints(found.packed), strict=True))
    assert by_id == dict(zip(IDS, CODES.tolist(), strict=True))


def test_what_the_file_says_of_its_width_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ids.jsonl").write_text("".join(json.dumps({"id": name}) + "\n" for name in IDS))
    bits = saved("bits.npy", codes.unpack(PACKED, 20))(tmp_path)
    assert read_codes(bits, tmp_path / "ids.jsonl").bits == 20
    assert read_codes(saved("packed.npy", PACKED)(tmp_path), tmp_path / "ids.jsonl").bits == 24
    (tmp_path / "said.jsonl").write_text('{"id": 7, "code": 5, "bits": 12, "title": "and more"}\n')
    found = read_codes(tmp_path / "said.jsonl")
    assert (found.ids, found.bits) == (["7"], 12)


def test_wide_integers_of_64_bits_are_whole(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("a\nb\n")
    wide = np.array([2**63 + 5, 1], dtype=np.uint64)
    found = read_codes(saved("wide.npy", wide)(tmp_path), tmp_path / "ids.txt", 100)
    assert codes.to_ints(found.packed) == [2**63 + 5, 1]


def test_lines_that_say_that_nothing_is_known_have_no_code(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a", "code": 5, "known_words": 0}\n{"id": "b", "code": 6}\n')
    assert read_codes(tmp_path / "c.jsonl", bits=8).ids == ["b"]


@pytest.mark.parametrize(
    ("name", "content", "bits", "told"),
    [
        ("c.csv", b"", None, r"expected codes in a file that ends in \.jsonl.*found \.csv"),
        ("c.jsonl", b'{"id": "a", "code": 5}\n', None, "nothing that says; say --bits N"),
        ("c.jsonl", b'{"id": "a", "code": 256}\n', 8, "expected codes of 8 bits, found 256 of 'a'"),
        ("c.jsonl", b'{"id": "a", "code": -1}\n', 8, "found -1 of 'a'"),
        ("c.jsonl", b'{"id": "a", "code": 1}\n{"id": "a", "code": 2}\n', 8, "found 'a' twice"),
        ("c.jsonl", b'{"id": "a"}\n', 8, "expected codes, found: .*code"),
        ("c.jsonl", b"\xff\xfe", 8, "expected codes, found"),
        ("c.jsonl", b'{"id": "a", "code": 5}\n', 7, "bits: expected 8 to 128, found 7"),
        ("c.npy", b"no array", 8, "expected codes, found"),
        ("c.npz", b"no archive", 8, "expected codes, found"),
        ("c.faiss", b"no index", 8, "expected a FAISS binary index, found"),
        ("gone.jsonl", None, 8, "expected codes, found: .*No such file"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, name: str, content: bytes | None, bits: int | None, told: str
) -> None:
    (tmp_path / "ids.txt").write_text("a\n")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_codes(tmp_path / name, tmp_path / "ids.txt", bits)


def test_what_does_not_fit_together_is_told(tmp_path: Path) -> None:
    file = saved("packed.npy", PACKED)(tmp_path)
    with pytest.raises(ConfigError, match="found no ids in it; name a file with an id a line by --ids"):
        read_codes(file)
    (tmp_path / "ids.txt").write_text("a\nb\n")
    with pytest.raises(ConfigError, match="expected an id for each of 30 codes, found 2"):
        read_codes(file, tmp_path / "ids.txt")
    with pytest.raises(
        ConfigError, match="expected ids that are places from 0 to 1 in the file of ids, found 0 to 29"
    ):
        read_codes(mapped(tmp_path), tmp_path / "ids.txt", 20)
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    with pytest.raises(ConfigError, match=r"expected zeros above bit 15|expected uint8 of shape"):
        read_codes(file, tmp_path / "ids.txt", 16)
    with pytest.raises(ConfigError, match=r"expected codes as uint8 .* found float64"):
        read_codes(saved("floats.npy", CODES / 2)(tmp_path), tmp_path / "ids.txt", 20)
    hashed = faiss.IndexBinaryHash(24, 8)
    hashed.add(PACKED)
    faiss.write_index_binary(hashed, str(tmp_path / "hash.faiss"))
    with pytest.raises(ConfigError, match="found IndexBinaryHash, which keeps no whole codes"):
        read_codes(tmp_path / "hash.faiss", tmp_path / "ids.txt", 20)


def test_no_pickle_is_ever_read(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("a\n")
    np.save(tmp_path / "objects.npy", np.array([{"evil": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", codes=np.array([{"evil": 1}], dtype=object), ids=np.array(["a"]))
    for name in ("objects.npy", "objects.npz"):
        with pytest.raises(ConfigError, match="expected codes, found"):
            read_codes(tmp_path / name, tmp_path / "ids.txt", 8)
