"""One opened index asked by many threads, after a fork, from asyncio, and while it is closed."""

import asyncio
import faulthandler
import gc
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from semhash import Index, build_index, open_index
from semhash.asking import filters
from semhash.asking.results import QueryResult
from semhash.duplicates import find_duplicates
from semhash.errors import IndexClosedError, SemhashError
from semhash.ranking.rankers import RANKERS
from semhash.reasons.explainer import Explainer
from semhash.subjects import find_subjects

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

THREADS = 8
PATIENCE = 120.0  # seconds, for what takes a few
TEXT = "violin concert people in the harbour"

Ask = Callable[[Index], Any]


@pytest.fixture(scope="module", params=[20, 40], ids="{} bits".format)
def folder(
    request: pytest.FixtureRequest,
    corpus_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    quick_config: "QuickConfig",
) -> Path:
    place = tmp_path_factory.mktemp("threads")
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()[:120]]
    for number, row in enumerate(rows):
        file = place / "corpus" / row["labels"][0] / f"{number % 7}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as stream:
            stream.write(json.dumps({**row, "year": 1990 + number % 5, "tags": [f"t{number % 3}"]}) + "\n")
    (place / "corpus" / "wordless.jsonl").write_text('{"id": "wordless", "text": "zyzzyva", "labels": []}\n')
    config = quick_config(bits=request.param, epochs=10, vocabulary_size=60)
    build_index(place / "corpus", place / "index", config)
    return place / "index"


@pytest.fixture
def opened(folder: Path) -> Iterator[Index]:
    with open_index(folder) as index:
        yield index


FILTERS: list[Any] = [
    None,
    {"label": "music"},
    {"label": ["cooking", "sailing"], "split": "test"},
    {"path": "music/*"},
    {"path": ["*/[0-3].jsonl", "sail*"]},
    {"path": "[!m]*", "year": ["1991", "1993"]},
    {"tags": "t1", "path": "*o*"},
    {"path": "nowhere/*"},
    {"lable": "music"},
]


def many(index: Index, rank: str, where: Any) -> list[Any]:
    return list(index.rank_many([TEXT, "goal", "oven"], k=3, rank=rank, where=where))


def queries() -> Iterator[Ask]:
    for number, rank in enumerate(RANKERS):
        for where in FILTERS:
            yield partial(Index.query, text=TEXT, k=4, rank=rank, where=where)
        one, other = FILTERS[1 + number % 3], FILTERS[3 + number % 3]
        yield partial(Index.similar, document_id="music-3", k=3, rank=rank, where=one, novelty=True)
        yield partial(many, rank=rank, where=other)
        yield partial(Index.query, text="oven butter", k=3, rank=rank, group=True, snippets=False)


def asks() -> list[Ask]:
    return [
        *queries(),
        lambda i: i.document("music-3"),
        lambda i: i.document("musik-3"),
        lambda i: i.encode([TEXT, "goal keeper", ""]),
        lambda i: Explainer(i).explain(TEXT, hit="sailing-2"),
        lambda i: Explainer(i).explain_document("cooking-1"),
        lambda i: Explainer(i).novelty(TEXT),
        lambda i: [entry.id for entry in i.catalogue.documents("music")],
        lambda i: find_duplicates(i, 0.5),
        lambda i: find_subjects(i, 4),
    ]


def answer(index: Index, ask: Ask) -> Any:
    """What comes of it, but for the time it took; of an error, what it says."""
    try:
        found = ask(index)
    except SemhashError as error:
        return type(error), str(error)
    return replace(found, seconds={}) if isinstance(found, QueryResult) else found


def alone(folder: Path) -> list[Any]:
    """The answers that one thread gets."""
    with open_index(folder) as index:
        return [answer(index, ask) for ask in asks()]


def at_once(tasks: Iterable[Callable[[], None]]) -> None:
    """Run each in a thread of its own; fail where one fails, and where one does not end."""

    def run(task: Callable[[], None], future: "Future[None]") -> None:
        try:
            task()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(None)

    futures: list[Future[None]] = []
    for task in tasks:
        futures.append(Future())
        Thread(target=run, args=(task, futures[-1]), daemon=True).start()
    for future in futures:
        try:
            future.result(PATIENCE)
        except TimeoutError:
            faulthandler.dump_traceback()
            pytest.fail("threads wait for each other")


def in_any_order(index: Index, expected: list[Any], seed: int, start: Barrier) -> None:
    numbered = list(enumerate(asks()))
    random.Random(seed).shuffle(numbered)
    start.wait(PATIENCE)
    for number, ask in numbered:
        assert answer(index, ask) == expected[number], number


@pytest.mark.parametrize("kept", [2, 32])
def test_threads_get_the_answers_of_one(folder: Path, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    expected = alone(folder)
    monkeypatch.setattr(filters, "_KEPT", kept)
    for opening in range(3):  # every part is made anew while others ask for it
        start = Barrier(THREADS)
        with open_index(folder) as index:
            seeds = range(opening * THREADS, (opening + 1) * THREADS)
            at_once([partial(in_any_order, index, expected, seed, start) for seed in seeds])


def test_answers_are_many_and_of_every_kind(folder: Path) -> None:
    """What the others compare says something."""
    found = alone(folder)
    results = [each for each in found if isinstance(each, QueryResult)]
    errors = {each[0].__name__ for each in found if isinstance(each, tuple)}
    assert sum(bool(result.hits) for result in results) > 40
    assert errors == {"ConfigError", "DocumentNotFoundError"}
    assert {result.passing for result in results} >= {None, 20}


def test_asyncio_asks_in_its_threads(folder: Path, opened: Index) -> None:
    expected = alone(folder)

    async def ask_all() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(answer, opened, ask) for ask in asks()))

    found: list[Any] = []
    at_once([lambda: found.extend(asyncio.run(ask_all()))])
    assert found == expected


FORKS = """
import os, sys, warnings
from threading import Thread
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork among threads, from Python 3.12 on
import semhash

index, asked = semhash.open_index(sys.argv[1]), False
filters = [{"label": "music"}, {"path": "music/*"}, {"path": "*/[0-3].jsonl"}, {"year": "1991"}, None]

def answers(n):
    found = [index.query("violin concert", k=5, where=filters[(n + i) % 5]).hits for i in range(5)]
    return found[-n % 5:] + found[:-n % 5], index.document("music-3"), index.similar("music-3", k=3).hits

with semhash.open_index(sys.argv[1]) as other:
    first, index = index, other
    expected, index = answers(0), first  # opened before the fork, and not asked yet in the first child

def busy():
    n = 0
    while True:
        answers(n := n + 1)

failed = 0
for n in range(40):
    if n == 20:
        for _ in range(4):
            Thread(target=busy, daemon=True).start()
    child = os.fork()
    if not child:
        ok = False
        try:
            ok = answers(n) == expected and answers(n) == expected
        finally:
            os._exit(not ok)
    failed += answers(n) != expected
    failed += os.waitpid(child, 0)[1] != 0
os._exit(min(failed, 100))
"""


def test_a_forked_process_asks_beside_its_parent_even_when_threads_were_asking(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", FORKS, str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def until_closed(index: Index, expected: list[Any], seed: int, closing: int, start: Barrier) -> None:
    """Ask until the index says that it is closed, which it may do from so many answers on."""
    numbered = list(enumerate(asks())) * 3
    random.Random(seed).shuffle(numbered)
    for place, (number, ask) in enumerate(numbered):
        if place == closing:
            start.wait(PATIENCE)
        found = answer(index, ask)
        if isinstance(found, tuple) and found[0] is IndexClosedError:
            assert place >= closing
            return
        assert found == expected[number]


@pytest.mark.parametrize("closing", [0, 40])
def test_what_is_closed_while_others_ask_answers_or_says_so(folder: Path, closing: int) -> None:
    expected, start = alone(folder), Barrier(THREADS + 1)
    index = open_index(folder)

    def close() -> None:
        start.wait(PATIENCE)
        index.close()

    at_once(
        [close, *(partial(until_closed, index, expected, seed, closing, start) for seed in range(THREADS))]
    )


@pytest.mark.parametrize("asked_before", [False, True])
def test_what_was_closed_says_so_even_where_its_files_are_gone(
    folder: Path, tmp_path: Path, asked_before: bool
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    index = open_index(copy)
    if asked_before:
        assert [answer(index, ask) for ask in asks()]
    codes = index.codes
    before = codes.copy()
    index.close()
    shutil.rmtree(copy)
    for ask in asks():
        kind, told = answer(index, ask)
        assert kind is IndexClosedError
        assert told.endswith("found one that was closed; open it again with: semhash.open_index")
    assert (codes == before).all()  # what was mapped is there as long as anybody holds it
    index.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files where Linux lists them")
def test_threads_that_came_and_went_leave_few_files_open(opened: Index) -> None:
    catalogue = opened.folder.file("catalogue.sqlite").resolve()

    def files() -> int:
        gc.collect()  # what other tests let go of
        links = [file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
        return sum(link == catalogue for link in links)

    start = Barrier(40)

    def ask() -> None:
        start.wait(PATIENCE)
        opened.query(TEXT, where={"path": "*/[0-3].jsonl"})

    before = files()
    for _ in range(2):
        at_once([ask] * 40)
        start.reset()
    assert 0 < files() - before <= 8
    opened.close()
    assert files() == before
