"""What an opened index keeps in memory: pages of its arrays that a query touched, and no array whole."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.store.manifest import MANIFEST, read_manifest

SMAPS = Path("/proc/self/smaps")
pytestmark = pytest.mark.skipif(
    not SMAPS.exists(), reason="this system does not tell which pages of a file are in memory"
)
MORE_DOCUMENTS, MORE_ENTRIES = 2_000_000, 12_000_000
READER = """
import json, re, sys
from pathlib import Path
from semhash import open_index

def resident():
    found, name = {}, None
    for line in open("/proc/self/smaps"):
        if mapped := re.match(r"[0-9a-f]+-[0-9a-f]+ .*?(/.*\\.npy)$", line.strip()):
            name = mapped[1]
        elif re.match(r"[0-9a-f]+-", line):
            name = None
        elif name and (number := re.match(r"(Size|Rss): +(\\d+) kB", line)):
            of_file = found.setdefault(Path(name).name, {"Size": 0, "Rss": 0})
            of_file[number[1]] += 1024 * int(number[2])
    return found

with open_index(sys.argv[1]) as index:
    parts = index.codes, index.lookup, index.lexicon, index.term_index, index.postings
    opened = resident()
    hits = index.query("a rocket in orbit around the moon").hits
    index.similar(hits[0].id)
    print(json.dumps({"opened": opened, "asked": resident(), "hits": len(hits)}))
"""


def lengthened(file: Path, more: int) -> None:
    """Write an array of more rows, the new ones all zeros, as a file with a hole where they are."""
    array = np.load(file)
    longer = np.lib.format.open_memmap(
        file.with_suffix(".new"), "w+", array.dtype, (len(array) + more, *array.shape[1:])
    )
    longer[: len(array)] = array
    longer.flush()
    file.with_suffix(".new").replace(file)


def followed_by(file: Path, values: NDArray[Any]) -> None:
    np.save(file, np.concatenate([np.load(file), values]).astype(np.load(file).dtype))


@pytest.fixture
def large(index_folder: Path, tmp_path: Path, reseal: Callable[[Path], None]) -> Path:
    """An index with two million more documents, all of them empty, and one more word, which has many entries."""
    place = tmp_path / "large"
    shutil.copytree(index_folder, place)
    manifest = read_manifest(place)
    at = place / f"generation-{manifest.generation}"
    for name in ("codes", "norms", "postings-lengths"):
        lengthened(at / f"{name}.npy", MORE_DOCUMENTS)
    for name in ("postings-rows", "postings-counts", "postings-spellings"):
        lengthened(at / f"{name}.npy", MORE_ENTRIES)
    indptr = np.load(at / "counts-indptr.npy")
    followed_by(at / "counts-indptr.npy", np.full(MORE_DOCUMENTS, indptr[-1]))
    followed_by(at / "postings-offsets.npy", np.load(at / "postings-offsets.npy")[-1:] + MORE_ENTRIES)
    followed_by(at / "document-frequency.npy", np.array([MORE_DOCUMENTS]))
    followed_by(at / "forms-letters.npy", np.frombuffer(b"zzzzzz", dtype=np.uint8))
    followed_by(at / "forms-offsets.npy", np.load(at / "forms-offsets.npy")[-1:] + 6)
    followed_by(at / "languages.npy", np.full(MORE_DOCUMENTS, 11, dtype=np.uint8))
    followed_by(at / "lexicon-letters.npy", np.frombuffer(b"zzzzzz", dtype=np.uint8))
    followed_by(at / "lexicon-offsets.npy", np.load(at / "lexicon-offsets.npy")[-1:] + 6)
    more = {
        "n_documents": manifest.n_documents + MORE_DOCUMENTS,
        "n_unaddressed": manifest.n_unaddressed + MORE_DOCUMENTS,
        "n_words": manifest.n_words + 1,
    }
    (place / MANIFEST).write_bytes(msgspec.structs.replace(manifest, **more).encode())
    reseal(place)
    return place


def test_no_array_is_read_whole_to_open_an_index_or_to_ask_it(large: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READER, str(large)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["hits"] == 10
    large_ones = {name for name, of_file in found["asked"].items() if of_file["Size"] > 5_000_000}
    assert {"codes.npy", "counts-indptr.npy", "postings-rows.npy", "postings-lengths.npy"} <= large_ones
    for when in ("opened", "asked"):
        mapped = sum(found[when][name]["Size"] for name in large_ones)
        resident = sum(found[when][name]["Rss"] for name in large_ones)
        assert mapped > 90_000_000
        assert resident < mapped / 20
        assert all(found[when][name]["Rss"] < found[when][name]["Size"] / 5 for name in large_ones)
