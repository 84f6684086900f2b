"""Filters and groups, through the library, against going through all documents by hand."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash import Index, build_index, open_index
from semhash.asking.where import Where, select
from semhash.config import TextConfig
from semhash.errors import ConfigError
from semhash.ranking.rankers import RANKERS

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

YEARS: list[Any] = [1993, "1994", 1995.5, True, None, [1993, "spring"], {"1993": "no"}]
TWICE = "garlic onion sauce dough spice butter oven flour while people think about long days"


def rows(documents: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """What is written: fields of every type, and three documents that say one thing."""
    found = [
        {**row, "year": YEARS[number % len(YEARS)], "odd 'field\".": f"{name} {number % 3}"}
        for number, row in enumerate(documents)
    ]
    found[0].pop("year")
    found[1]["labels"] = ["astronomy", "a 'label'; --"]
    return found


@pytest.fixture(scope="module")
def folder(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory, quick_config: "QuickConfig") -> Path:
    place = tmp_path_factory.mktemp("where")
    documents = [json.loads(line) for line in corpus_file.read_text().splitlines()[:96]]
    same = [{**documents[0], "id": f"same {n}", "title": "", "text": TWICE, "labels": []} for n in range(3)]
    same[1]["text"] = " ".join(reversed(TWICE.split()))  # so their codes are equal, whatever was learned
    parts = {"corpus/a/one.jsonl": documents[:50], "corpus/b/two.jsonl": documents[50:] + same}
    for path, some in parts.items():
        (place / path).parent.mkdir(parents=True)
        lines = rows(some, path[7])
        if path.endswith("two.jsonl"):
            lines.append({"id": "wordless", "text": "zyzzyva", "labels": ["music"]})
        (place / path).write_text("".join(json.dumps(row) + "\n" for row in lines))
    text = TextConfig(vocabulary="frequent", vocabulary_size=60).to_json()  # of every subject some words
    build_index(place / "corpus", place / "index", quick_config(epochs=20, text=text))
    return place


@pytest.fixture
def filtered(folder: Path) -> Iterator[Index]:
    with open_index(folder / "index") as opened:
        yield opened


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Every document as it was written, by id, with its path."""
    files = sorted((folder / "corpus").rglob("*.jsonl"))
    return {
        row["id"]: {**row, "path": file.relative_to(folder / "corpus").as_posix()}
        for file in files
        for row in map(json.loads, file.read_text().splitlines())
    }


def written(value: Any) -> set[str]:
    """The values by which a field can be asked for."""
    if isinstance(value, dict):
        return set()
    if isinstance(value, list):
        return {text for item in value for text in written(item)}
    return {value if isinstance(value, str) else json.dumps(value)}


def passes(row: dict[str, Any], where: dict[str, list[str]]) -> bool:
    def meets(key: str, value: str) -> bool:
        if key == "label":
            return value in row.get("labels", [])
        if key == "path":
            return fnmatchcase(row["path"], value)
        return key in row and value in written(row[key])

    return all(any(meets(key, value) for value in values) for key, values in where.items())


FILTERS: list[dict[str, list[str]]] = [
    {"label": ["music"]},
    {"label": ["music", "sailing"]},
    {"label": ["a 'label'; --"]},
    {"split": ["test"]},
    {"path": ["a/*"]},
    {"path": ["[!a]*.jsonl"]},
    {"path": ["*one*", "*two*"]},
    {"year": ["1993"]},
    {"year": ["1994", "true", "null"]},
    {"year": ["spring"]},
    {"year": ["1995.5"], "label": ["cooking", "music"], "path": ["b/*"]},
    {"odd 'field\".": ["a 2"], "split": ["train"]},
]


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_what_passes_is_what_passes_by_hand(
    filtered: Index, folder: Path, where: dict[str, list[str]]
) -> None:
    expected = {name for name, row in read(folder).items() if passes(row, where)}
    rows = select(filtered.catalogue, where).tolist()
    entries = filtered.catalogue.by_rows(rows)
    assert {entry.id for entry in entries.values()} == expected
    assert rows == sorted(rows)
    assert 0 < len(expected) <= len(filtered)


@pytest.mark.parametrize("rank", RANKERS)
@pytest.mark.parametrize("where", [FILTERS[1], FILTERS[7], FILTERS[10]], ids=str)
def test_hits_are_those_of_everything_without_what_does_not_pass(
    filtered: Index, folder: Path, where: dict[str, list[str]], rank: str
) -> None:
    allowed = {name for name, row in read(folder).items() if passes(row, where)}
    text = "violin concert people"
    everything = [hit for hit in filtered.query(text, k=1000, rank=rank).hits if hit.id in allowed]
    assert len(everything) >= 2
    for k in (1, 3, 1000):
        result = filtered.query(text, k=k, rank=rank, where=where)
        assert result.passing == len(allowed)
        assert "wordless" not in {hit.id for hit in result.hits}
        assert len(result.hits) == min(k, len(everything))
        if rank != "hybrid":
            assert [(hit.id, hit.score) for hit in result.hits] == [
                (hit.id, hit.score) for hit in everything[:k]
            ]


@pytest.mark.parametrize("rank", ["hamming", "asymmetric", "tfidf"])
def test_there_are_k_hits_where_so_many_pass_however_far(filtered: Index, rank: str) -> None:
    where = {"label": "sailing"}
    hits = filtered.query("violin concert people", k=16, rank=rank, where=where).hits
    assert len(hits) == 16
    assert {hit.labels for hit in hits} == {("sailing",)}
    assert min(hit.distance for hit in hits) > 0


def test_similar_and_many_queries_are_filtered_alike(filtered: Index) -> None:
    where = {"label": ("music", "sailing")}
    hits = filtered.similar("music-1", k=20, where=where).hits
    assert len(hits) == 20
    assert "music-1" not in {hit.id for hit in hits}
    assert {label for hit in hits for label in hit.labels} <= {"music", "sailing"}
    text = "sail the boat"
    [ranked] = filtered.rank_many([text], k=5, where={"label": "music"})
    assert ranked == [(hit.id, hit.score) for hit in filtered.query(text, k=5, where={"label": "music"}).hits]
    inside = filtered.query(text, k=100, radius=4, rank="tfidf").hits
    both = filtered.query(text, k=100, radius=4, rank="tfidf", where={"split": "train"}).hits
    assert [hit.id for hit in both] == [
        hit.id for hit in inside if filtered.document(hit.id).split == "train"
    ]


def test_a_filter_that_nothing_passes_is_no_error_where_each_value_is_met(filtered: Index) -> None:
    result = filtered.query("violin", where={"label": "a 'label'; --", "year": "1993"})
    assert (result.hits, result.passing) == ([], 0)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (
            {"lable": "music"},
            "where: expected one of the keys label, path, split, odd .*, year, found 'lable'; near it: label",
        ),
        ({"label": "Musik"}, "such as a 'label'; --, astronomy, .*found label='Musik'; near it: music"),
        ({"label": ["music", "qqq"]}, "where: expected a label of this index.*found label='qqq'$"),
        (
            {"path": "c/*"},
            r"expected a path that is matched by it, found path='c/\*'; .*a/one.jsonl, b/two.jsonl",
        ),
        (
            {"year": "1992"},
            r"such as 1993, 1994, 1995.5, null, spring, true, found year='1992'; near it: 199",
        ),
        ({"split": "\udcff"}, "such as test, train, found split="),
        ({"label": []}, "where: expected a value for label, found none"),
    ],
)
def test_a_filter_that_cannot_be_met_is_told_with_what_could(
    filtered: Index, where: Where, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        filtered.query("violin", where=where)


def test_near_identical_documents_are_one_hit_and_k_counts_groups(filtered: Index) -> None:
    plain = filtered.query(TWICE, k=6).hits
    assert {hit.id for hit in plain[:3]} == {"same 0", "same 1", "same 2"}
    assert [hit.duplicates for hit in plain] == [None] * 6
    for rank in ("hamming", "asymmetric", "tfidf"):
        # By codes alone all that is on the subject is as near, and comes in the order of rows: these last.
        hits = filtered.query(TWICE, k=60, rank=rank, group=True).hits
        assert [hit.rank for hit in hits] == list(range(1, 61))
        [best] = [hit for hit in hits if hit.id.startswith("same")]
        assert best.duplicates is not None
        assert {best.id, *(same.id for same in best.duplicates)} == {"same 0", "same 1", "same 2"}
        assert all(same.similarity >= 0.9 for same in best.duplicates)
        assert all(hit.duplicates == () for hit in hits if hit is not best)


def test_grouping_leaves_the_order_of_the_others_and_goes_on_until_all_are_found(filtered: Index) -> None:
    plain = [hit.id for hit in filtered.query(TWICE, k=1000, rank="hamming").hits]
    grouped = filtered.query(TWICE, k=1000, rank="hamming", group=True).hits
    under = {same.id for hit in grouped for same in hit.duplicates or ()}
    assert [hit.id for hit in grouped] == [name for name in plain if name not in under]
    few = filtered.query(TWICE, k=5, rank="hamming", group=True).hits
    assert [hit.id for hit in few] == [hit.id for hit in grouped[:5]]
    [ids] = filtered.rank_many([TWICE], k=5, rank="hamming", group=True)
    assert [name for name, _ in ids] == [hit.id for hit in few]


def test_the_document_that_is_asked_by_is_in_no_group(filtered: Index) -> None:
    best = filtered.similar("same 1", k=3, group=True).hits[0]
    assert {best.id, *(same.id for same in best.duplicates or ())} == {"same 0", "same 2"}
    [only] = filtered.query(TWICE, where={"path": "b/*"}, radius=0, k=1, group=True).hits
    assert {only.id, *(same.id for same in only.duplicates or ())} == {"same 0", "same 1", "same 2"}


def test_a_field_called_as_a_key_is_found_by_its_whole_name(folder: Path, tmp_path: Path) -> None:
    names = ("pos", "neg", "pos")
    documents = [
        {
            "id": str(n),
            "text": f"{TWICE} {n}",
            "labels": ["food"],
            "label": name,
            "path": n,
            "metadata.x": name,
        }
        for n, name in enumerate(names * 2)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents))
    build_index(tmp_path / "a.jsonl", tmp_path / "index", model=folder / "index")
    with open_index(tmp_path / "index") as opened:

        def found(**where: str) -> list[int]:
            rows: list[int] = select(opened.catalogue, where).tolist()
            return rows

        assert found(label="food") == [*range(6)]
        for key in ("metadata.label", "metadata.x", "metadata.metadata.x"):
            assert found(**{key: "neg"}) == [1, 4]
        assert found(**{"metadata.path": "2"}) == [2]
        with pytest.raises(ConfigError, match=r"such as food, found label='neg'"):
            found(label="neg")
        with pytest.raises(ConfigError, match=r"such as neg, pos, found metadata.label='other'"):
            found(**{"metadata.label": "other"})
        with pytest.raises(
            ConfigError, match=r"label, path, split, metadata.label, metadata.x, metadata.path"
        ):
            found(nothing="x")
