"""When things are compiled, for whom, what happens where they cannot be, and what is kept of it on disk."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from semhash import Index, codes, kernels, open_index
from semhash.errors import CodeError, ConfigError
from semhash.hamming_table import HammingTable
from semhash.kernels import PAYS_AFTER, Kernel
from semhash.lookup.neighbours import Neighbours


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where numba is not installed, and nothing was compiled before."""
    for name in ("compiling", "lookups", "table", "words"):
        monkeypatch.delitem(sys.modules, f"semhash.kernels.{name}", raising=False)
        monkeypatch.delattr(kernels, name, raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)


def table_of(compiled: bool | None = None) -> HammingTable:
    return HammingTable.build(codes.from_ints([3, 3, 9, 200], 8), 8, np.arange(4), compiled)


def test_it_is_compiled_at_once_never_or_when_it_has_paid() -> None:
    at_once, never, by_itself = Kernel("table", True), Kernel("table", False), Kernel("table")
    assert by_itself(0.9 * PAYS_AFTER) is never(9 * PAYS_AFTER) is never() is None
    assert (
        by_itself(ahead=0.2 * PAYS_AFTER) is at_once() is by_itself() is sys.modules["semhash.kernels.table"]
    )


def test_what_is_ahead_is_counted_when_its_turn_comes() -> None:
    kernel = Kernel("table")
    assert [kernel(ahead=0.9 * PAYS_AFTER) for _ in range(3)] == [None] * 3
    assert kernel(0.9 * PAYS_AFTER) is None
    assert kernel(0.2 * PAYS_AFTER) is not None


def test_tables_of_one_process_differ_and_leave_each_other_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semhash.kernels.PAYS_AFTER", 1e-3)
    much, never = codes.from_ints([3] * 40, 8), table_of(False)
    asked, other, at_once = table_of(), table_of(), table_of(True)
    for table in (asked, never, at_once):
        assert [one.rows.tolist() for one in table.nearest_many(much, 2)] == [[0, 1]] * 40
        assert table.ball(3, 2).rows.tolist() == [0, 1, 2]
    assert [table._compiled() is not None for table in (asked, other, never, at_once)] == [
        True,
        False,
        False,
        True,
    ]


def test_lookups_one_by_one_pay_in_the_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semhash.kernels.PAYS_AFTER", 1e-3)
    ways: list[Callable[[HammingTable], Neighbours]] = [
        lambda table: table.ball(9, 1),
        lambda table: table.grow(9, 2),
        lambda table: table.nearest(9, 2),
    ]
    for ask in ways:
        table = table_of()
        first = ask(table)
        assert table._compiled() is None
        assert all((ask(table).rows == first.rows).all() for _ in range(99))
        assert table._compiled() is not None


def answers(index: Index) -> list[list[tuple[str, float]]]:
    ways: list[dict[str, object]] = [
        {},
        {"rank": "bm25"},
        {"rank": "tfidf"},
        {"radius": 2},
        {"where": {"split": "test"}},
    ]
    return [
        [(hit.id, hit.score) for hit in index.query("rocket to the moon in stormy tide", k=9, **how).hits]  # type: ignore[arg-type]
        for how in ways
    ]


def test_two_indexes_of_one_process_differ_and_answer_alike(
    index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        open_index(index_folder, compiled=True) as at_once,
        open_index(index_folder, compiled=False) as never,
        open_index(index_folder) as by_itself,
    ):
        expected = answers(never)
        assert answers(at_once) == answers(by_itself) == expected
        monkeypatch.setattr("semhash.kernels.PAYS_AFTER", 0)
        assert answers(by_itself) == expected
        for index, compiled in ((at_once, True), (never, False), (by_itself, True)):
            assert isinstance(index.lookup, HammingTable)
            assert (index.lookup._compiled() is not None) is compiled
            assert (index.postings._compiled([]) is not None) is compiled


def test_while_one_thread_compiles_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on, loads = threading.Event(), threading.Event(), []

    def slowly(form: str) -> ModuleType:
        loads.append(form)
        begun.set()
        assert goes_on.wait(60)
        return kernels

    monkeypatch.setattr(kernels, "_loaded", slowly)
    kernel = Kernel("words")
    thread = threading.Thread(target=kernel, args=(PAYS_AFTER,))
    thread.start()
    assert begun.wait(60)
    assert kernel(PAYS_AFTER) is None
    goes_on.set()
    thread.join()
    assert kernel() is kernels
    assert loads == ["words"]


@pytest.mark.usefixtures("without_numba")
def test_without_numba_everything_is_answered_all_the_same() -> None:
    assert Kernel("words")(PAYS_AFTER) is Kernel("table")(PAYS_AFTER) is None
    table = table_of()
    assert table._kernel(PAYS_AFTER) is None
    assert table.ball(3, 2).rows.tolist() == [0, 1, 2]


@pytest.mark.usefixtures("without_numba")
def test_what_is_to_be_compiled_and_cannot_be_names_the_command(index_folder: Path) -> None:
    for make in (
        lambda: open_index(index_folder, compiled=True),
        lambda: table_of(True),
        kernels.compile_all,
    ):
        with pytest.raises(
            ConfigError, match=r"compiled: expected numba, found none .*: pip install 'semhash-index\[fast\]'"
        ):
            make()


def test_a_compiler_that_fails_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(form: str) -> ModuleType:
        raise TypeError(f"no {form} today")

    monkeypatch.setattr(kernels, "_loaded", fails)
    table = table_of()
    assert table._kernel(PAYS_AFTER) is None
    assert table.nearest(200, 1).rows.tolist() == [3]
    assert "no table today" in caplog.text


@pytest.mark.parametrize(("quiet", "said"), [(False, 1), (True, 0)])
def test_a_command_that_begins_to_compile_says_so(
    quiet: bool, said: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "_loaded", lambda form: kernels)

    def command(*, quiet: bool) -> None:
        kernel = Kernel("words")
        kernel(PAYS_AFTER), kernel(PAYS_AFTER)

    import_module("semhash_cli.console").reports_errors(command)(quiet=quiet)
    captured = capsys.readouterr()
    assert captured.out == ""
    line = "semhash: compiling sums over words: some seconds the first time on a machine, one after that\n"
    assert captured.err == said * line


COMPILED = """
import sys, time
import numpy as np
from semhash.kernels import compile_all
from semhash.hamming_table import HammingTable
from semhash import codes
compile_all()
from semhash.kernels import lookups, words
print(*HammingTable.build(codes.from_ints([3, 3, 9, 200], 8), 8, np.arange(4), True).ball(3, 2).rows)
print(sum(sum(each.stats.cache_hits.values()) for each in (lookups.around, words.best, words.look_up)))
"""


@pytest.mark.slow
def test_many_processes_share_what_one_compiled(tmp_path: Path) -> None:
    """They begin at once, with nothing there; what comes after them compiles nothing, or anew where it is damaged."""

    def start() -> "subprocess.Popen[str]":
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        command = [sys.executable, "-W", "error", "-c", COMPILED]
        return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE)

    for started in [start(), start()]:
        assert started.communicate(timeout=300)[0].split()[:3] == ["0", "1", "2"]
    assert start().communicate(timeout=300)[0].split() == ["0", "1", "2", "3"]
    assert not [
        file for file in tmp_path.rglob("*") if file.is_file() and file.suffix not in {".nbi", ".nbc"}
    ]
    for file in tmp_path.rglob("*.nbi"):
        file.write_bytes(file.read_bytes()[:9])
    assert start().communicate(timeout=300)[0].split()[:3] == ["0", "1", "2"]


def test_what_is_out_of_range_is_named_in_batches_too() -> None:
    packed = codes.from_ints([3, 9], 8)
    table = HammingTable.build(packed, 8, np.arange(2))
    out_of_range: list[tuple[Callable[[], object], str]] = [
        (lambda: table.ball_many(packed, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: table.nearest_many(packed, 0), "k: expected 1 document or more, found 0"),
        (lambda: table.ball_many(packed, 1, threads=0), "threads: expected 1 thread or more, found 0"),
        (lambda: table.nearest_many(packed[:, :0], 1), "packed codes: expected uint8 of shape"),
    ]
    for call, message in out_of_range:
        with pytest.raises(CodeError, match=message):
            call()
