"""The benchmark of lookups, on few codes and for no time at all: who is asked what, and what is kept of it."""

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from semhash import codes
from semhash.errors import ConfigError

pytestmark = pytest.mark.slow

Part = Callable[[str], ModuleType]


@pytest.fixture
def lookup(benchmark: Part, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script, with hardly any time for each contender and fewer questions."""
    script = benchmark("lookup")
    monkeypatch.setattr(script, "_BUDGET", 0.0)
    monkeypatch.setattr(benchmark("_growth"), "_POOL", 400)
    gc.freeze()  # garbage is looked for before each is timed, among all that the tests have loaded
    yield script
    gc.unfreeze()


def test_every_cell_compares_everybody_and_the_tables_show_it(
    lookup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = np.random.default_rng(0).integers(0, 1 << 10, 900)
    file, out = tmp_path / "some.npy", tmp_path / "lookup.json"
    np.save(file, codes.from_ints(addresses.tolist(), 10))
    lookup.main([str(file), "--bits", "10", "--sizes", "300,2000", "--rounds", "2", "--out", str(out)])
    captured = capsys.readouterr()
    found: list[dict[str, Any]] = json.loads(out.read_text())
    assert [run["name"] for run in found] == ["300 documents", "2,000 documents", "growth"]
    assert captured.err.count("300 documents, ") == 15
    for run in found[:2]:
        assert len(run["figures"]["cells"]) == 15
        assert {"numba", "faiss-cpu", "processor"} <= set(run["environment"])
        for cell in run["figures"]["cells"]:
            assert len(cell["microseconds"]) == 7
            assert set(cell["times_ours"]) == set(cell["microseconds"]) - {"semhash"}
            assert min(cell["microseconds"].values()) > 0
    assert (
        found[1]["figures"]["documents"] == "900 and copies of them with each bit flipped by a chance of 5%"
    )
    assert [task["documents"] for task in found[2]["figures"]["tasks"]][:4] == [10, 10, 100, 100]
    assert captured.out.count("| IndexBinaryFlat |") == 6
    assert "### Codes of 10 bits: those of some" in captured.out
    assert "| 10 nearest, many at once | 10 |" in captured.out


def test_a_mixture_is_called_one(
    lookup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "lookup.json"
    lookup.main(["--sizes", "500", "--threads", "1", "--rounds", "1", "--out", str(out), "--quiet"])
    captured = capsys.readouterr()
    assert "a seeded mixture, not real ones" in captured.out
    assert captured.err == ""


def test_wrong_answers_are_no_figures(
    lookup: ModuleType, benchmark: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash index that flips too few bits misses documents: it is found out before anything is timed."""
    contenders = benchmark("_contenders")
    monkeypatch.setattr(
        contenders.Faiss, "one", lambda self, task: self.many(contenders.Task("ball", 0, 0), 1)
    )
    with pytest.raises(
        ConfigError, match=r"ball, radius .: expected the same answers of all, found others of Index"
    ):
        lookup.main(["--sizes", "500", "--threads", "1", "--rounds", "1", "--quiet"])


def test_codes_that_cannot_be_looked_up_are_told_in_words(lookup: ModuleType, tmp_path: Path) -> None:
    np.save(tmp_path / "wide.npy", np.zeros((5, 4), dtype=np.uint8))
    for name, message in (
        ("missing.npy", "expected an index folder or a .npy file of packed codes"),
        ("wide.npy", "expected codes of 8 to 24 bits; packed codes: expected uint8 of shape"),
    ):
        with pytest.raises(ConfigError, match=message):
            lookup.main([str(tmp_path / name), "--quiet"])


def test_copies_are_near_what_they_were_copied_from(benchmark: Part) -> None:
    many = benchmark("_many_codes").ManyCodes(
        "some", "", 20, np.random.default_rng(1).integers(0, 1 << 20, 1000)
    )
    sized = many.sized(5000, seed=3)
    flips = np.bitwise_count(sized ^ np.tile(many.addresses, 5))
    assert not flips[:1000].any()
    assert flips[1000:].mean() == pytest.approx(20 * 0.05, rel=0.1)
    assert sorted(many.sized(1000, seed=3)) == sorted(many.addresses)


def test_things_are_timed_in_turns(benchmark: Part) -> None:
    done: list[str] = []
    works = {name: (lambda name=name: done.append(name)) for name in "abc"}
    times = benchmark("_rounds").in_turns(works, 4)
    assert "".join(done) == "abcbcacababc"
    assert {name: len(taken) for name, taken in times.items()} == {"a": 4, "b": 4, "c": 4}
    assert benchmark("_rounds").ratio([4.0, 6.0, 100.0], [2.0, 2.0, 2.0]) == 3.0
