"""The benchmarks of whole queries and of cold starts, on few documents: what is asked, who answers, what is kept."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semhash import open_index
from semhash.errors import CorpusError

Part = Callable[[str], ModuleType]


def test_tiles_are_the_documents_and_altered_copies_of_them(benchmark: Part, corpus_file: Path) -> None:
    tiles = benchmark("_tiled").read_tiles(corpus_file)
    documents = dict(tiles.documents(3 * len(tiles.rows) - 5))
    assert len(documents) == 3 * len(tiles.rows) - 5
    for name, text in tiles.rows[:40]:
        assert documents[name] == text
        copy, words = documents[f"{name}~1"], text.split()
        assert copy != text
        assert copy != documents[f"{name}~2"]
        assert 0.6 * len(words) < len(copy.split()) <= len(words)
        assert sum(word in text for word in copy.split()) > 0.6 * len(words)
    assert dict(tiles.documents(50)) == dict([*documents.items()][:50])


def test_queries_are_titles_and_pieces_of_titles_of_documents_that_are_not_indexed(
    benchmark: Part, tmp_path: Path
) -> None:
    rows = [
        {
            "id": n,
            "text": f"alpha {n} beta {n} gamma {n}\nbody {n}",
            "split": "test" if n % 4 == 0 else "train",
        }
        for n in range(80)
    ]
    file = tmp_path / "some.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tiles = benchmark("_tiled").read_tiles(file)
    titles = {f"alpha {n} beta {n} gamma {n}" for n in range(0, 80, 4)}
    assert len(tiles.rows) == 60
    queries = tiles.queries(10)
    assert set(queries[1::2]) <= titles
    for piece in queries[::2]:
        assert piece not in titles
        assert 2 <= len(piece.split()) <= 4
        assert any(piece in title for title in titles)
    assert tiles.queries(10) == queries
    file.write_text("".join(json.dumps({"id": n, "text": f"words {n}"}) + "\n" for n in range(40)))
    assert len(benchmark("_tiled").read_tiles(file).rows) == 38
    file.write_text('{"id": 1}\n')
    with pytest.raises(CorpusError, match="expected rows with id and text, found: "):
        benchmark("_tiled").read_tiles(file)


@pytest.mark.slow
def test_everybody_is_asked_and_the_tables_show_it(
    benchmark: Part, corpus_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, work = tmp_path / "query.json", tmp_path / "work"
    sizes = ["--sizes", "120,700", "--rounds", "2", "--queries", "6", "--epochs", "2"]
    benchmark("query").main([str(corpus_file), *sizes, "--work", str(work), "--out", str(out)])
    found: list[dict[str, Any]] = json.loads(out.read_text())
    assert [run["name"] for run in found] == ["120 documents", "700 documents"]
    for run in found:
        cells = run["figures"]["searchers"]
        assert len(cells) == 7
        assert cells["semhash"]["times_ours"] == 1
        assert all(0 < cell["median"] <= cell["most"] for cell in cells.values())
        with open_index(work / str(run["config"]["documents"]) / "index") as index:
            assert len(index) == run["config"]["documents"]
    assert "copies of them" in found[1]["figures"]["documents"]
    shown = capsys.readouterr()
    assert shown.out.count("| SQLite FTS5 |") == 2
    assert shown.err.count("making the index") == 2
    benchmark("query").main([str(corpus_file), *sizes, "--work", str(work), "--out", str(out), "--quiet"])
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_a_cold_start_is_held_against_the_imports(
    benchmark: Part, index_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cold.json"
    benchmark("cold").main([str(index_folder), "--rounds", "1", "--out", str(out)])
    [run] = json.loads(out.read_text())
    commands = run["figures"]["commands"]
    assert commands['python -c "import numpy, sqlalchemy"']["times"] == 1
    assert commands["semhash query"]["seconds"] > 0
    assert "`semhash query --json`" in capsys.readouterr().out


@pytest.mark.slow
def test_everybody_finds_what_says_the_words(benchmark: Part, index_folder: Path, tmp_path: Path) -> None:
    searchers = benchmark("_searchers").searchers
    with open_index(index_folder, compiled=True) as index:
        who = searchers(index, tmp_path)
        ours = set(who["semhash --rank bm25"]("rocket orbit moon"))
        for name in ("bm25s, numba", "bm25s, numpy"):  # which leave it open who comes first of those that tie
            assert len(ours & set(who[name]("rocket orbit moon"))) >= 9
        assert who["semhash"]("rocket orbit moon") == who["semhash without numba"]("rocket orbit moon")
        assert len(who["SQLite FTS5"]("rocket orbit moon")) == 10
        assert all(search("zyzzyva") == [] for name, search in who.items() if name.startswith("bm25s"))
