"""Alter a file of an index at random, seal it again as whoever means harm would, and use it; many times.

    python fuzz_index.py INDEX WORK SEED N asked|kept

It is asked everything, or it is kept current: updated, added to, taken from. Memory is bounded, so that a number that
asks for too much is seen. What is printed is JSON: how often damage was told of, how often there was an answer, and
whatever else happened, which is too much.
"""

import json
import random
import resource
import shutil
import struct
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from semhash import add_documents, open_index, remove_documents, update_index
from semhash.duplicates import find_duplicates
from semhash.errors import SemhashError
from semhash.inspection.verification import verify_index
from semhash.reasons.explainer import Explainer
from semhash.store.manifest import MANIFEST, FileRecord, read_manifest, sha256_of

MEMORY = 3 << 30
EXTREME = [
    0,
    1,
    -1,
    2**7,
    2**15,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**33,
    2**40,
    2**60,
    2**63 - 1,
    -(2**31),
    -(2**63),
]
QUERY = "babo cabo dabo fago"


def overwritten(data: bytearray, source: random.Random) -> None:
    """Put an extreme number at some place, most often where one stands."""
    size = source.choice([1, 4, 8])
    place = source.randrange(max(len(data) - size, 1))
    place = place // size * size if source.random() < 0.8 else place
    number = source.choice(EXTREME) % (1 << 8 * size)
    data[place : place + size] = number.to_bytes(size, "little")


def not_a_number(data: bytearray, source: random.Random) -> None:
    place = source.randrange(max(len(data) // 4, 1)) * 4
    data[place : place + 4] = struct.pack("<f", source.choice([float("nan"), float("inf"), -1e38, 0.0]))


def flipped(data: bytearray, source: random.Random) -> None:
    for _ in range(source.choice([1, 1, 8])):
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def in_the_header(data: bytearray, source: random.Random) -> None:
    data[source.randrange(min(128, len(data)))] = source.choice(b"0123456789{}[]()<>'\": ,\x00\xff")


def resized(data: bytearray, source: random.Random) -> None:
    size = source.randrange(2 * len(data))
    data[size:] = bytes(max(size - len(data), 0))


def repeated(data: bytearray, source: random.Random) -> None:
    at, to = source.randrange(len(data)), source.randrange(len(data))
    part = data[at : at + source.randrange(1, 512)]
    data[to : to + len(part)] = part


def digits(data: bytearray, source: random.Random) -> None:
    """Write another number where the text of one stands."""
    places = [place for place, byte in enumerate(data[:20_000]) if byte in b"0123456789"]
    if places:
        place = source.choice(places)
        data[place : place + 1] = str(source.choice(EXTREME)).encode()


CHANGES: list[Callable[[bytearray, random.Random], None]] = [
    overwritten,
    overwritten,
    not_a_number,
    flipped,
    in_the_header,
    resized,
    repeated,
    digits,
]


def seal(folder: Path, source: random.Random) -> None:
    """Write a manifest that vouches for the files as they are; now and then with a number that is not so."""
    manifest = read_manifest(folder)
    files = {
        name: FileRecord(record.path, (folder / record.path).stat().st_size, sha256_of(folder / record.path))
        for name, record in manifest.files.items()
    }
    manifest = msgspec.structs.replace(manifest, files=files)
    if source.random() < 0.1:
        field = source.choice(["n_documents", "n_words", "n_unaddressed", "bits", "generation"])
        manifest = msgspec.structs.replace(manifest, **{field: source.choice(EXTREME[:12])})
    (folder / MANIFEST).write_bytes(manifest.encode())


def ask_everything(folder: Path) -> None:
    with open_index(folder) as index:
        for rank in ("hamming", "tfidf", "bm25", "hybrid", "asymmetric"):
            index.query(QUERY, 5, rank=rank, novelty=True, group=rank == "tfidf")
        index.query(QUERY, 5, where={"label": "babo"})
        index.similar("d7", 5)
        index.catalogue.skipped()
        list(index.catalogue.documents())
        Explainer(index).explain(QUERY, "d7")
        find_duplicates(index)


def keep_current(folder: Path, number: int) -> None:
    """Update it, add to it or take from it; where that is refused, nothing may be changed, and nothing left behind."""
    before, beside = (folder / MANIFEST).read_bytes(), sorted(folder.parent.iterdir())
    ways: list[Callable[[], object]] = [
        lambda: update_index(folder, folder.with_name("now.jsonl")),
        lambda: add_documents([folder.with_name("more.txt")], folder),
        lambda: remove_documents(["d7", "d300"], folder),
        lambda: update_index(folder, dry_run=True),
    ]
    try:
        ways[number % len(ways)]()
    except SemhashError:
        assert (folder / MANIFEST).read_bytes() == before, "refused, and changed"
        raise
    finally:
        left = sorted(folder.parent.iterdir())
        assert left == beside, f"something was left behind: {left}"


def write_corpus(index: Path, folder: Path) -> None:
    """Write what the index is to be brought up to: most documents as they are, some changed, some gone, one more."""
    with open_index(index) as opened:
        rows = [{"id": e.id, "title": e.title, "text": e.text} for e in opened.catalogue.documents()]
    for row in rows[::9]:
        row["text"] = f"{row['text']} zyzzyva"
    told = [json.dumps(row) for number, row in enumerate(rows) if number % 5]
    (folder / "now.jsonl").write_text("\n".join(told))
    (folder / "more.txt").write_text(QUERY)


def attempt(done: Counter[str], unexpected: list[str], name: str, do: Callable[[], object]) -> None:
    try:
        do()
        done["answered"] += 1
    except SemhashError:
        done["told"] += 1
    except Exception:
        unexpected.append(f"{name}: {traceback.format_exc()[-1500:]}")


def main(index: Path, work: Path, seed: int, n: int, how: str) -> None:
    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    done: Counter[str] = Counter()
    unexpected: list[str] = []
    names = sorted(read_manifest(index).files)
    work.parent.mkdir(exist_ok=True)
    write_corpus(index, work.parent)
    for number in range(n):
        source = random.Random(f"{seed} {number}")
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(index, work)
        name = names[number % len(names)]
        file = work / read_manifest(index).files[name].path
        data = bytearray(file.read_bytes())
        change = source.choice(CHANGES)
        change(data, source)
        file.write_bytes(data)
        seal(work, source)
        where = f"{seed} {number} {name} {change.__name__}"
        if how == "kept":
            way = number + number // len(names)  # each file in each way, after some rounds
            attempt(done, unexpected, where, lambda way=way: keep_current(work, way))  # type: ignore[misc]
            continue
        attempt(done, unexpected, where, lambda: ask_everything(work))
        attempt(done, unexpected, where, lambda: list(verify_index(work)))
    sys.stdout.write(json.dumps({**done, "unexpected": unexpected}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
