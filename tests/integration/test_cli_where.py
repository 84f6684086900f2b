"""Rankings, filters and groups as the command has them."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash import open_index

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

pytestmark = pytest.mark.usefixtures("notes")
ASKED = "rocket to the moon"


@pytest.mark.parametrize("rank", ["hamming", "asymmetric", "tfidf"])
def test_the_command_and_the_library_rank_alike(home: "Home", semhash: "Semhash", rank: str) -> None:
    done = semhash("query", ASKED, "--rank", rank, "--json", cwd=home.path).json()
    with open_index(home.path / "indexes" / "notes") as index:
        hits = index.query(ASKED, rank=rank).hits
    assert done["ranking"] == rank
    assert [(hit["id"], hit["score"]) for hit in done["hits"]] == [(h.id, round(h.score, 6)) for h in hits]


def test_an_unknown_ranking_is_wrong_usage_and_the_known_are_named(home: "Home", semhash: "Semhash") -> None:
    done = semhash("query", ASKED, "--rank", "best", cwd=home.path, status=2)
    assert "asymmetric" in done.stderr
    assert "'best'" in done.stderr


def test_a_filter_holds_for_query_similar_and_many(home: "Home", semhash: "Semhash") -> None:
    where = ("--where", "label=music", "--where", "label=sailing", "--where", "path=*/*[13579].txt")
    queries = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate([ASKED, "sail"]))
    found = [
        semhash("query", ASKED, *where, "-k", "15", "--json", cwd=home.path).json(),
        semhash("similar", "music/music-3.txt", *where, "-k", "15", "--json", cwd=home.path).json(),
        *semhash(
            "query", "--from", "-", "--format", "jsonl", *where, "-k", "15", cwd=home.path, stdin=queries
        ).rows(),
    ]
    for answer in found:
        paths = [hit["path"] for hit in answer["hits"]]
        assert len(paths) == 15
        assert all(re.fullmatch(r"(music|sailing)/\w+-\d*[13579]\.txt", path) for path in paths)
        assert answer["passing"] == 20
    assert found[2]["hits"] == found[0]["hits"]
    run = semhash(
        "query", "--from", "-", *where, "-k", "15", cwd=home.path, stdin=queries
    ).stdout.splitlines()
    assert [line.split()[2] for line in run[:15]] == [hit["id"] for hit in found[0]["hits"]]


def test_what_a_filter_leaves_is_said(home: "Home", semhash: "Semhash") -> None:
    told = semhash("query", ASKED, "--where", "label=music", cwd=home.path).stderr
    assert ", out of 20 that pass --where, in " in told
    none = ("query", ASKED, "--where", "label=music", "--where", "path=sailing/*")
    done = semhash(*none, cwd=home.path)
    assert (done.stdout, done.stderr) == (
        "",
        "no document passes every --where, though each value is met by some\n",
    )
    assert semhash(*none, "--json", "--quiet", cwd=home.path).json()["passing"] == 0


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("music", "--where: expected KEY=VALUE, such as label=sci.space, found 'music'"),
        ("=music", "--where: expected KEY=VALUE"),
        ("label=misuc", "found label='misuc'; near it: music"),
        (b"label=\xff\n", "where: expected a label of this index"),
        ("Label=music", "where: expected one of the keys label, path, split, found 'Label'; near it: label"),
        ("path=[", "where: expected a path that is matched by it, found path='['; paths are such as astronomy/"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_met_is_wrong_usage(
    home: "Home", semhash: "Semhash", where: str | bytes, told: str
) -> None:
    done = semhash("query", ASKED, "--where", where, cwd=home.path, status=2)
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory, semhash: "Semhash") -> Path:
    """A corpus in which one text stands eight times."""
    place = tmp_path_factory.mktemp("repeated")
    texts = ["moon rocket orbit launch"] * 8 + ["moon crater", "rocket engine fuel", "oven butter flour"] * 4
    rows = [{"id": f"d{n}", "title": "Title", "text": text} for n, text in enumerate(texts)]
    (place / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    semhash("index", "texts.jsonl", "--epochs", "5", "--quiet", cwd=place)
    return place


def test_near_identical_hits_are_shown_under_one(repeated: Path, semhash: "Semhash") -> None:
    ask = ("query", "moon rocket orbit launch", "-k", "2", "--group")
    hits: list[dict[str, Any]] = semhash(*ask, "--json", cwd=repeated).json()["hits"]
    assert hits[0]["id"] == "d0"
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert [same["id"] for same in hits[0]["duplicates"]] == [f"d{n}" for n in range(1, 8)]
    assert list(hits[0]["duplicates"][0]) == ["id", "title", "path", "similarity"]
    assert hits[0]["duplicates"][0]["similarity"] == pytest.approx(1, abs=1e-5)
    shown = semhash(*ask, cwd=repeated).stdout
    assert "and 7 like it: d1, d2, d3, d4, d5, …" in shown
    assert all("duplicates" not in hit for hit in semhash(*ask[:-1], "--json", cwd=repeated).json()["hits"])
