"""Hits folded: near-identical documents under the best of them, and of passages of one document one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash import IndexConfig, build_index, open_index
from semhash.ranking.rankers import RANKERS

if TYPE_CHECKING:
    from tests.conftest import Semhash

QUICK = {
    "model": {"hidden": [16], "neighbours": {"neighbours": 0, "guide": 0.0, "contrast": 0.0}},
    "training": {"epochs": 1, "min_updates": 0, "validation_share": 0.0},
    "corpus": {"passages": 20},
}
TIDES = " ".join(f"Harbour tide number {n} rises over pier {n} and harbour wall {n}." for n in range(30))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("folding")
    rows: list[dict[str, Any]] = [
        {"id": "book", "title": "Tides", "text": TIDES},
        {"id": "copy", "title": "Tides", "text": TIDES},
        *({"id": f"n{n}", "title": f"Note {n}", "text": f"A note of harbour {n}."} for n in range(5)),
        *({"id": f"o{n}", "title": f"Other {n}", "text": f"Butter and flour number {n}."} for n in range(5)),
    ]
    (place / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    build_index(place / "rows.jsonl", place / "index", IndexConfig.from_json(QUICK))
    return place / "index"


@pytest.mark.parametrize("rank", sorted(RANKERS))
def test_of_passages_of_one_document_the_best_is_a_hit_and_hits_are_filled(made: Path, rank: str) -> None:
    with open_index(made) as index:
        every = [hit.id for hit in index.query("harbour tide", k=len(index), rank=rank).hits]
        best: dict[str, str] = {}
        for name in every:
            best.setdefault(name.partition("#")[0], name)
        assert len(best) < len(every)
        for k in (1, 2, 4, len(best)):
            hits = index.query("harbour tide", k=k, rank=rank, per_document=True).hits
            assert [hit.id for hit in hits] == [*best.values()][:k]
            [many] = index.rank_many(["harbour tide"], k=k, rank=rank, per_document=True)
            assert [name for name, _ in many] == [hit.id for hit in hits]


def test_copies_and_passages_fold_together(made: Path) -> None:
    with open_index(made) as index:
        hits = index.query("harbour tide wall", k=3, rank="bm25", group=True, per_document=True).hits
        wholes = [hit.id.partition("#")[0] for hit in hits]
        assert len(set(wholes)) == 3
        assert {"book", "copy"} - set(wholes)  # one of them stands under the other
        [under] = [same.id for same in hits[0].duplicates or ()]
        assert under.partition("#")[2] == hits[0].id.partition("#")[2]


def test_a_hit_shows_the_heading_of_its_passage(tmp_path: Path, semhash: "Semhash") -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(
        f"# Harbours\n\n{TIDES}\n\n## Fish\n\n{'Herring swims in schools. ' * 8}"
    )
    (tmp_path / "notes" / "b.txt").write_text("Another note of no herring.\n" * 10)
    config = IndexConfig.from_json({**QUICK, "corpus": {"passages": 40}})
    build_index(tmp_path / "notes", tmp_path / "index", config)
    ask = ("query", "herring swims", "--rank", "bm25", "-k", "1", "--index", str(tmp_path / "index"))
    assert ", in: Fish\n" in semhash(*ask, cwd=tmp_path).stdout
    [hit] = semhash(*ask, "--json", cwd=tmp_path).json()["hits"]
    assert hit["passage"]["heading"] == "Fish"


def test_the_table_folds_and_what_programs_read_does_when_asked(made: Path, semhash: "Semhash") -> None:
    ask = ("query", "harbour tide wall", "--rank", "bm25", "-k", "3", "--index", str(made))
    table = semhash(*ask, cwd=made.parent).stdout
    assert table.count("passage ") == 1
    assert "and 1 like it: " in table
    whole = semhash(*ask, "--no-group", "--no-per-document", cwd=made.parent).stdout
    assert whole.count("passage ") == 3
    ids = [hit["id"] for hit in semhash(*ask, "--json", cwd=made.parent).json()["hits"]]
    assert {name.partition("#")[0] for name in ids} == {"book", "copy"}
    folded = semhash(*ask, "--json", "--per-document", "--group", cwd=made.parent).json()["hits"]
    assert len({hit["id"].partition("#")[0] for hit in folded}) == 3
