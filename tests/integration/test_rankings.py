"""Every way to rank, through the library, against ranking the whole corpus by brute force."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from semhash import Index, build_index, open_index
from semhash.asking.questions import by_text
from semhash.asking.results import Hit
from semhash.lookup.probing import UNIT
from semhash.ranking.rankers import RANKERS

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

QUERIES = ["rocket to the moon", "butter", "violin referee compass people"]


@pytest.fixture(scope="module")
def wide_folder(
    corpus_file: Path, tmp_path_factory: pytest.TempPathFactory, quick_config: "QuickConfig"
) -> Path:
    """An index whose codes are too wide for a table, some of its documents without a code."""
    out = tmp_path_factory.mktemp("wide") / "notes"
    lines = corpus_file.read_text().splitlines()
    rows = [lines[0], '{"id": "wordless", "text": "zyzzyva"}', *lines[1:100]]
    file = out.parent / "wide.jsonl"
    file.write_text("\n".join(rows))
    build_index(file, out, quick_config(bits=33, epochs=15, vocabulary_size=60))
    return out


@pytest.fixture(params=["table", "scan"])
def either(request: pytest.FixtureRequest, index_folder: Path, wide_folder: Path) -> Iterator[Index]:
    with open_index(index_folder if request.param == "table" else wide_folder) as opened:
        yield opened


def margins_of(index: Index, text: str) -> np.ndarray:
    return by_text(index, text).reading.margins().astype(np.float64)


def expected(index: Index, margins: np.ndarray, rank: str) -> list[tuple[float, str, int]]:
    """Every document that has a code as (what it is ranked by, id, distance), best first."""
    bits = margins > 0
    found = []
    for entry in index.catalogue.documents():
        if not entry.known_words:
            continue
        document = np.array([entry.code >> bit & 1 for bit in range(index.bits)], dtype=bool)
        distance = int((bits != document).sum())
        probabilities = np.clip(1 / (1 + np.exp(-margins)), 1e-6, 1 - 1e-6)
        likelihood = float(np.log(np.where(document, probabilities, 1 - probabilities)).sum())
        score = 1 - distance / index.bits if rank == "hamming" else likelihood
        found.append((score, entry.row, entry.id, distance))
    found.sort(key=lambda each: (-round(each[0], 9), each[1]))
    return [(score, name, distance) for score, _, name, distance in found]


def scores(hits: list[Hit]) -> list[float]:
    return [hit.score for hit in hits]


@pytest.mark.parametrize("k", [1, 7, 1000])
@pytest.mark.parametrize("rank", ["hamming", "asymmetric"])
@pytest.mark.parametrize("query", QUERIES)
def test_ranking_by_codes_is_that_of_brute_force(either: Index, query: str, rank: str, k: int) -> None:
    everything = expected(either, margins_of(either, query), rank)
    result = either.query(query, k=k, rank=rank)
    assert result.ranking == rank
    tolerance = either.bits * UNIT + 1e-5
    assert scores(result.hits) == pytest.approx([score for score, _, _ in everything[:k]], abs=tolerance)
    distances = {name: distance for _, name, distance in everything}
    assert {hit.id: hit.distance for hit in result.hits}.items() <= distances.items()
    assert len(result.hits) == min(k, len(everything)) <= result.shortlist
    if rank == "hamming":
        assert [hit.id for hit in result.hits] == [name for _, name, _ in everything[:k]]


@pytest.mark.parametrize("rank", RANKERS)
def test_fewer_hits_are_the_first_of_more(either: Index, rank: str) -> None:
    many = either.query(QUERIES[2], k=40, rank=rank).hits
    for k in (1, 3, 12):
        few = either.query(QUERIES[2], k=k, rank=rank).hits
        assert [(hit.id, hit.score) for hit in few] == [(hit.id, hit.score) for hit in many[:k]]


@pytest.mark.parametrize("query", QUERIES)
def test_what_cannot_be_among_the_wanted_is_counted_all_the_same(either: Index, query: str) -> None:
    """Hybrid leaves documents out of the order that words could not bring among the first k."""
    everything = either.query(query, k=1000)
    assert len(everything.hits) == everything.shortlist
    for k in (1, 2, 5, 30):
        some = either.query(query, k=k)
        assert [(hit.id, hit.score) for hit in some.hits] == [
            (hit.id, hit.score) for hit in everything.hits[:k]
        ]
        assert (some.shortlist, some.radius) == (everything.shortlist, everything.radius)


@pytest.mark.parametrize("rank", RANKERS)
def test_a_radius_bounds_every_ranking_alike(either: Index, rank: str) -> None:
    inside = {hit.id for hit in either.query("butter", k=1000, radius=6, rank="hamming").hits}
    result = either.query("butter", k=1000, radius=6, rank=rank)
    found = {hit.id for hit in result.hits}
    # By words alone, only what shares one is found at all.
    assert found <= inside if rank == "bm25" else found == inside
    assert scores(result.hits) == sorted(scores(result.hits), reverse=True)
    assert result.radius <= 6


@pytest.mark.parametrize(
    "rank", [rank for rank in RANKERS if rank != "hybrid"]
)  # codes of documents weigh more
def test_similar_ranks_as_a_query_by_the_same_words_does(either: Index, rank: str) -> None:
    entry = next(entry for entry in either.catalogue.documents() if entry.known_words)
    assert entry.text is not None
    found = either.similar(entry.id, k=9, rank=rank).hits
    asked = [hit for hit in either.query(entry.text, k=10, rank=rank).hits if hit.id != entry.id]
    assert len(found) == 9
    assert [(hit.id, hit.distance) for hit in found] == [(hit.id, hit.distance) for hit in asked[:9]]
    assert scores(found) == pytest.approx(scores(asked[:9]), abs=1e-3)


@pytest.mark.parametrize("rank", RANKERS)
def test_many_queries_are_ranked_as_one_by_one(index: Index, rank: str) -> None:
    many = list(index.rank_many([*QUERIES, "qqq"], k=5, rank=rank))
    for text, ranked in zip([*QUERIES, "qqq"], many, strict=True):
        alone = index.query(text, k=5, rank=rank).hits
        assert [name for name, _ in ranked] == [hit.id for hit in alone]
        assert [score for _, score in ranked] == pytest.approx(scores(alone), abs=1e-3)


@pytest.mark.parametrize("rank", ["hamming", "asymmetric", "tfidf"])
def test_codes_that_say_nothing_rank_nothing(wide_folder: Path, rank: str) -> None:
    with open_index(wide_folder) as index:
        assert index.query("zyzzyva", rank=rank).hits == []
        assert index.similar("wordless", rank=rank).hits == []
        assert "wordless" not in {hit.id for hit in index.query("butter", k=1000, rank=rank).hits}
