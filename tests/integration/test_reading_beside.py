"""Files read by processes beside this one: with the same outcome to the bit, whatever becomes of those processes."""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash import build_index, update_index
from semhash.analysis.analyzer import Analyzer
from semhash.building.collecting import collect
from semhash.building.collection import Collection
from semhash.building.reading_plan import plan
from semhash.catalogue import Catalogue
from semhash.config import CorpusConfig, IndexConfig
from semhash.corpus import open_corpus
from semhash.corpus.document import SkipReason
from semhash.corpus.source import Found
from semhash.errors import ConfigError
from semhash.progress import Progress, silent
from semhash.reading.beside import Beside
from semhash.reading.here import Here
from semhash.reading.readers import Readers, how_many
from semhash.words.numbers import WordNumbers

if TYPE_CHECKING:
    from tests.conftest import Semhash

LONG_AGO = 1_600_000_000_000_000_000
PATIENCE = 30
Read = Callable[..., tuple[Collection, dict[str, Any]]]


def texts(n: int, start: int = 0) -> list[str]:
    subjects = ("boat sail mast keel", "moon orbit comet star", "bread oven flour yeast")
    return [
        f"{subjects[i % 3]} number{i} word{i * i % 97} naïve café {'中文信息' * (i % 2)}"
        for i in range(start, start + n)
    ]


def settle(folder: Path) -> None:
    """Have files be old, so that when they are read says nothing of them."""
    for file in folder.rglob("*"):
        os.utime(file, ns=(LONG_AGO, LONG_AGO), follow_symlinks=False)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder of many formats, with ids that are there twice, empty files, and files that nothing can read."""
    folder = tmp_path / "mixed"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, text in enumerate(texts(40)):
        (folder / "deep" / f"{number}.txt").write_text(text, encoding="utf-8")
        (folder / "deep" / "er" / f"{number}.html").write_text(f"<h1>Page {number}</h1><p>{text}", "utf-8")
    rows: list[Any] = [{"id": str(i % 30), "text": text, "year": i} for i, text in enumerate(texts(60, 100))]
    lines = [json.dumps(row) for row in [*rows, {"id": "3", "text": "onlyhere"}, {"text": {}}, [], {}]]
    (folder / "rows.jsonl").write_text("\n".join([*lines, "{", ""]), encoding="utf-8")
    (folder / "early.jsonl").write_text('{"id": "rows.jsonl:61", "text": "thrice"}\n' * 3, encoding="utf-8")
    (folder / "table.csv").write_text("title,text\n" + "".join(f"t{t},{t}\n" for t in texts(9)), "utf-8")
    (folder / "packed.txt.gz").write_bytes(gzip.compress(texts(1)[0].encode()))
    (folder / "mail.mbox").write_text("From a@b Mon Apr  5 10:00:00 1993\nSubject: S\n\nsail\n\n" * 5)
    (folder / "page.md").write_text(
        "---\ntitle: T\ntags: [a, b]\ndate: 2020-01-01\n---\n# H\n\nsail the boat"
    )
    (folder / "old.txt").write_bytes("Les élèves ont été très étonnés".encode("latin-1"))
    for number in range(4):  # enough to tell, and to tip the balance for what is not
        text = f"Kuća {number} je mala, ali vrt je velik i pun cvijeća. Šuma počinje iza ograde.\n"
        (folder / "deep" / f"hr{number}.txt").write_bytes((text * 3).encode("cp1250"))
        (folder / "deep" / "er" / f"menu{number}.txt").write_bytes("Ćevapi, sarma, grah".encode("cp1250"))
    (folder / "long.txt").write_text("\n\n".join(texts(50)), encoding="utf-8")
    (folder / "empty.txt").touch()
    (folder / "blank.md").write_text(" \n ")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\n")
    (folder / "photo.bin").write_bytes(bytes(range(256)) * 10)
    Path(os.fsdecode(os.fsencode(folder) + b"/no\xff.txt")).write_text("no name in any encoding")
    (folder / "loop").symlink_to(folder)
    (folder / ".hidden").write_text("hidden")
    settle(folder)
    return folder


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read a corpus with so many processes; give what was collected, and all of it in values that compare."""

    def read(
        corpus: Path, readers: int, config: CorpusConfig | None = None, progress: Progress = silent
    ) -> tuple[Collection, dict[str, Any]]:
        monkeypatch.setenv("SEMHASH_READERS", str(readers))
        opened = open_corpus(corpus, config or CorpusConfig())
        file = tmp_path / f"{readers}.sqlite"
        file.unlink(missing_ok=True)
        with Catalogue.create(file) as catalogue:
            collection = collect(
                plan([opened], [opened.root]), catalogue, IndexConfig(), Analyzer(), progress=progress
            )
            rows = list(catalogue.driver.iterdump())
        return collection, {**whole(collection), "rows": rows}

    return read


def whole(collection: Collection) -> dict[str, Any]:
    lexicon, counts = collection.counted().lexicon, collection.counted().counts
    languages = collection.counted().languages
    arrays = (languages, lexicon.letters, lexicon.offsets, counts.indptr, counts.indices, counts.data)
    return {
        "digest": collection.digest,
        "ledger": (collection.ledger.files, collection.ledger.skipped, collection.ledger.removed),
        "counted": [(array.dtype.str, array.tobytes()) for array in arrays],
        "origins": collection.origins.tolist(),
    }


@contextmanager
def site(monkeypatch: pytest.MonkeyPatch, folder: Path, **modules: str) -> Iterator[None]:
    """Have modules stand before those that are installed, here and in the processes that read."""
    folder.mkdir()
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    with monkeypatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


# -- the same outcome -------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [CorpusConfig(), CorpusConfig(passages=10, labels="folder")], ids=str)
def test_what_is_read_beside_is_what_is_read_here(mixed: Path, read: Read, config: CorpusConfig) -> None:
    _, expected = read(mixed, 0, config)
    for readers in (1, 3):
        collection, found = read(mixed, readers, config)
        assert found == expected
    assert {told.encoding for told in collection.read_as()} == {"cp1250", "cp1252"}
    reasons = {skipped.reason for skipped in collection.skipped}
    assert reasons >= {
        SkipReason.DUPLICATE_ID,
        SkipReason.EMPTY,
        SkipReason.BROKEN_ROW,
        SkipReason.UNREADABLE,
        SkipReason.BINARY,
        SkipReason.HIDDEN,
        SkipReason.LINK_LOOP,
    }
    lexicon = collection.counted().lexicon
    assert lexicon.term("onlyhere") is None  # in a document that was left out, its id being there twice
    assert lexicon.term("sail") is not None


def test_an_update_that_reads_beside_leaves_what_one_that_reads_here_does(
    mixed: Path, tmp_path: Path, index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    build_index(mixed, index, model=index_folder)
    for number in range(0, 40, 3):
        (mixed / "deep" / f"{number}.txt").write_text(f"changed moon {number}")
    (mixed / "deep" / "1.txt").rename(mixed / "deep" / "moved.txt")
    (mixed / "rows.jsonl").write_text(
        (mixed / "rows.jsonl").read_text("utf-8") + '{"id": "new", "text": "newly come"}', "utf-8"
    )
    (mixed / "early.jsonl").unlink()
    settle(mixed)
    os.utime(
        mixed / "long.txt", ns=(1_600_000_000_000_000_000,) * 2
    )  # long ago: a time of now is not trusted
    left = []
    for readers in (0, 2):
        target = tmp_path / f"updated-{readers}"
        shutil.copytree(index, target)
        monkeypatch.setenv("SEMHASH_READERS", str(readers))
        report = update_index(target)
        assert report.new == ["new"]
        assert report.moved == [("deep/1.txt", "deep/moved.txt")]
        left.append((report.changed, report.vanished, contents(target / "generation-2")))
    differing = [name for name in left[0][2] if left[0][2][name] != left[1][2].get(name)]
    assert not differing
    assert left[0] == left[1]


def contents(generation: Path) -> dict[str, Any]:
    found: dict[str, Any] = {f.name: f.read_bytes() for f in generation.iterdir() if f.suffix != ".sqlite"}
    database = sqlite3.connect(generation / "catalogue.sqlite")
    with database:
        found["rows"] = [row for row in database.iterdump() if 'INTO "builds"' not in row]
    database.close()
    return found


# -- who reads --------------------------------------------------------------------------------------------


def test_little_is_read_here_and_much_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEMHASH_READERS", raising=False)
    assert how_many([]) == how_many([1000]) == 0
    cores = os.sched_getaffinity(0)
    assert how_many([10**9]) == min(1, len(cores) - 1)
    assert how_many([4000] * 10**5) == (min(8, len(cores)) if len(cores) > 1 else 0)
    os.sched_setaffinity(0, [min(cores)])
    try:
        assert how_many([10**9]) == 0
    finally:
        os.sched_setaffinity(0, cores)
    monkeypatch.setenv("SEMHASH_READERS", "4")
    assert [how_many([1] * n) for n in (0, 3, 9)] == [0, 3, 4]


@pytest.mark.parametrize("named", ["two", "-1", "9", "1.5", "٣"])
def test_a_number_of_processes_that_is_none_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMHASH_READERS", named)
    with pytest.raises(
        ConfigError, match="SEMHASH_READERS: expected a number of processes from 0 to 8, found"
    ):
        how_many([1])


def test_each_file_is_dealt_to_the_process_that_has_least_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMHASH_READERS", "2")
    for name, size in zip("abcd", (100_000, 10_000, 20_000, 10_000), strict=True):
        (tmp_path / name).write_text("x" * size)
    corpus = open_corpus(tmp_path)
    listed = [entry for entry in corpus.entries if isinstance(entry, Found)]
    files = {2 * place: (corpus, found) for place, found in enumerate(listed)}
    with Readers(files, WordNumbers()) as readers:
        reading = [readers.of(place, corpus) for place in (0, 2, 4, 6)]
        assert all(isinstance(reader, Beside) for reader in reading)
        assert [reader is reading[0] for reader in reading] == [True, False, False, False]
        assert len({id(reader) for reader in reading}) == 2
        assert isinstance(readers.of(1, corpus), Here)


# -- what becomes of the processes ------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of more rows than are on their way at once."""
    file = tmp_path / "large.jsonl"
    filling = "".join(f" filling{n}" for n in range(90))
    rows = [{"id": str(n), "text": f"number{n}{filling}"} for n in range(6000)]
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"id": "3", "text": "again"}]))
    settle(tmp_path)
    return file


def children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_when_the_process_is_killed_nothing_is_lost_and_nothing_is_twice(
    large: Path, read: Read, number: signal.Signals
) -> None:
    """A crash that does not come again is no fault of the file's: another process reads it."""
    killed: list[int] = []

    def kill(stage: str, done: float, total: float, detail: str = "") -> None:
        if not killed:
            killed.extend(children(os.getpid()))
            for child in killed:
                os.kill(child, number)

    found = read(large, 1, None, kill)
    assert len(killed) == 1
    assert found[1] == read(large, 0)[1]
    assert len(found[0].origins) == 6000


def test_progress_is_told_of_a_file_that_is_read_beside(large: Path, read: Read) -> None:
    told: list[float] = []
    read(large, 1, None, lambda stage, done, total, detail="": told.append(done))
    assert told == sorted(told)
    assert told[-1] == large.stat().st_size
    assert len(set(told)) > 4


def test_a_process_that_nobody_listens_to_waits(large: Path) -> None:
    """The queue is a pipe: what it does not hold is not read yet, so that memory stays flat."""
    corpus = open_corpus(large)
    reader = Beside(
        corpus, [found for found in corpus.entries if isinstance(found, Found)], WordNumbers(), True
    )
    reader.begin()
    try:
        [process] = children(os.getpid())
        deadline, places = time.monotonic() + PATIENCE, [0]
        while not places[-1] or places[-1] != places[-20:][0]:
            assert time.monotonic() < deadline
            places.append(place_in(process, large))
            time.sleep(0.02)
    finally:
        reader.end()
    assert 0 < places[-1] < large.stat().st_size / 1.5


def place_in(process: int, file: Path) -> int:
    """Give how far a process has read in a file."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed by now
            if descriptor.resolve() == file.resolve():
                info = Path(f"/proc/{process}/fdinfo/{descriptor.name}").read_text()
                return int(info.split()[1])
    return 0


@pytest.mark.parametrize("executable", ["/nowhere/python", "/bin/true", "/bin/cat"])
def test_where_no_process_can_be_started_all_is_read_here(
    mixed: Path, read: Read, executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, expected = read(mixed, 0)
    monkeypatch.setattr(sys, "executable", executable)
    assert read(mixed, 2)[1] == expected


CRASHING = """
import ctypes
class PdfiumError(Exception): pass
class PdfDocument:
    def __init__(self, data):
        print("to be heard by nobody")
        if b"crash" in data:
            ctypes.string_at(0)
        raise PdfiumError
"""


@pytest.mark.parametrize("readers", [1, 2])
def test_a_file_that_crashes_what_reads_it_is_skipped_and_stays_so(
    mixed: Path, read: Read, readers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    _, without = read(mixed, 0)
    for name in ("deep/20.pdf", "deep/21.pdf", "zz.pdf"):
        (mixed / name).write_bytes(b"%PDF-1.4\ncrash")
    settle(mixed)
    with site(monkeypatch, tmp_path / "site", pypdfium2=CRASHING):
        collection, found = read(mixed, readers)
    assert found["rows"] == without["rows"]
    assert found["counted"] == without["counted"]
    crashed = [(s, file) for s, file in collection.ledger.skipped if "crashes" in s.detail]
    assert [s.path for s, _ in crashed] == ["deep/20.pdf", "deep/21.pdf", "zz.pdf"]
    told = "expected to read it, found that whatever reads it crashes (SIGSEGV)"
    assert {(s.reason, s.detail) for s, _ in crashed} == {(SkipReason.UNREADABLE, told)}
    for skipped, number in crashed:
        assert number is not None
        file = collection.ledger.files[number]
        assert (file.path, file.mtime_ns, file.n_documents) == (skipped.path, LONG_AGO, 0)
        assert file.digest is not None
    assert capfd.readouterr() == ("", "")


def gone(process: int) -> bool:
    """Say whether a process is gone, or waits for nothing but that its end be noticed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not gone(process):
        assert time.monotonic() < deadline
        time.sleep(0.02)


WAITING = """
import os, sys, time
from pathlib import Path
from semhash import build_index
def told(stage, done, total, detail=""):
    child = [t.read_text() for t in Path("/proc/self/task").glob("*/children")]
    print(*"".join(child).split(), flush=True)
    time.sleep(60)
build_index(sys.argv[1], sys.argv[2], progress=told)
"""


def test_a_process_that_reads_goes_with_the_one_that_started_it(large: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, large, tmp_path / "out"],
        env={**os.environ, "SEMHASH_READERS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        reader = int(process.stdout.readline())
        assert not gone(reader)
        process.kill()
    wait_until_gone(reader)


def test_ctrl_c_while_others_read_ends_in_130_and_leaves_nothing(
    large: Path, semhash: "Semhash", tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [semhash.command, "index", large, "--json"],
        cwd=work,
        env={**semhash.environment, "SEMHASH_READERS": "1"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    with process:
        deadline = time.monotonic() + PATIENCE
        while not (reader := children(process.pid)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them hear it
        out, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, "")
    assert told.endswith("semhash: stopped\n")
    assert "Traceback" not in told
    wait_until_gone(reader[0])
    assert list(work.iterdir()) == []
