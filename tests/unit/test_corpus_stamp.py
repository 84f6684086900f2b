import gzip
import hashlib
import os
from pathlib import Path

import pytest

from semhash.corpus import Skipped, open_corpus
from semhash.corpus.stamp import settled_time

LONG_AGO = 1_600_000_000_123_456_789


def write(file: Path, data: bytes, mtime_ns: int = LONG_AGO) -> Path:
    file.write_bytes(data)
    os.utime(file, ns=(mtime_ns, mtime_ns))
    return file


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl", "a.jsonl.gz", "a.eml", "photo.bin"])
def test_a_files_stamp_is_the_digest_of_all_its_bytes(tmp_path: Path, name: str) -> None:
    data = b'{"id": "1", "text": "words of a row"}\n' * 30_000
    data = gzip.compress(data) if name.endswith(".gz") else bytes(range(256)) if "bin" in name else data
    file = write(tmp_path / name, data)
    corpus = open_corpus(file)
    list(corpus)
    assert corpus.stamp is not None
    assert corpus.stamp.digest == hashlib.sha256(data).digest()
    assert (corpus.stamp.size, corpus.stamp.mtime_ns) == (len(data), LONG_AGO)


def test_what_is_too_large_is_not_read_for_its_digest(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"x" * 40_000_000)
    corpus = open_corpus(file)
    [skipped] = corpus
    assert isinstance(skipped, Skipped)
    assert corpus.stamp is not None
    assert corpus.stamp.digest is None
    assert corpus.stamp.mtime_ns == LONG_AGO


def test_a_file_that_cannot_be_opened_has_no_stamp(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"words")
    corpus = open_corpus(tmp_path)
    file.unlink()
    [skipped] = corpus
    assert isinstance(skipped, Skipped)
    assert corpus.stamp is None


def test_a_file_that_grows_while_it_is_read_is_not_settled(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", b'{"id": "1", "text": "words"}\n{"id": "2", "text": "words"}\n')
    corpus = open_corpus(file)
    for number, _ in enumerate(corpus):
        if not number:
            with file.open("ab") as opened:
                opened.write(b'{"id": "3", "text": "more"}\n')
    assert corpus.stamp is not None
    assert corpus.stamp.mtime_ns is None
    assert corpus.stamp.digest is None


@pytest.mark.parametrize(
    ("mtime_ns", "age_ns", "settled"),
    [
        (LONG_AGO, 30_000_000, True),
        (LONG_AGO, 10_000_000, False),
        (LONG_AGO // 10**9 * 10**9, 30_000_000, False),  # whole seconds: told in steps of up to two
        (LONG_AGO // 10**9 * 10**9, 2_100_000_000, True),
        (LONG_AGO, -5_000_000_000, False),  # in the future
    ],
)
def test_a_time_is_trusted_when_a_later_write_must_bear_another(
    tmp_path: Path, mtime_ns: int, age_ns: int, settled: bool
) -> None:
    status = write(tmp_path / "a.txt", b"words", mtime_ns).stat()
    assert settled_time(status, mtime_ns + age_ns) == (mtime_ns if settled else None)


def test_files_outside_the_corpus_are_called_by_their_whole_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    write(tmp_path / "b" / "x.txt", b"words")
    write(tmp_path / "a.txt", b"words")
    folder, file = open_corpus(tmp_path, absolute=True), open_corpus(tmp_path / "a.txt", absolute=True)
    root = tmp_path.resolve().as_posix()
    assert [item.path for item in folder] == [f"{root}/a.txt", f"{root}/b/x.txt"]
    assert [item.path for item in file] == [f"{root}/a.txt"]
