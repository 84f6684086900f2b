"""The benchmark of making an index, on few documents: who works, what is kept, what is drawn."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semhash.errors import ConfigError

Part = Callable[[str], ModuleType]


@pytest.mark.slow
def test_everybody_makes_an_index_of_the_same_texts(
    benchmark: Part, corpus_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "indexing.json"
    benchmark("indexing").main([str(corpus_file), "--documents", "60", "--rounds", "2", "--out", str(out)])
    captured = capsys.readouterr()
    [run] = json.loads(out.read_text())
    assert run["name"] == "60 documents"
    assert {"bm25s", "scikit-learn", "processor"} <= set(run["environment"])
    figures: dict[str, Any] = run["figures"]
    assert figures["documents"] == 60
    assert [*figures["contenders"]] == ["semhash", "bm25s", "SQLite FTS5", "scikit-learn CountVectorizer"]
    assert figures["contenders"]["semhash"]["times_ours"] == 1
    assert all(cell["documents_a_second"] > 0 for cell in figures["contenders"].values())
    assert {"model", "codes", "counts", "postings", "catalogue"} <= set(figures["bytes_a_document"])
    assert captured.err.count("round 2 of 2: ") == 4
    assert "| SQLite FTS5 |" in captured.out
    assert "bytes a document: model " in captured.out


def test_no_documents_and_no_rounds_are_refused(benchmark: Part, tmp_path: Path) -> None:
    for option in ("--documents", "--rounds"):
        with pytest.raises(ConfigError, match="expected 1 or more"):
            benchmark("indexing").main([str(tmp_path / "none.jsonl"), option, "0"])
