"""Near-identical documents of an index: against brute force, and as the command tells of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import Index, build_index, open_index
from semhash.codes import hamming_matrix
from semhash.duplicates import find_duplicates
from semhash.duplicates.similarity_join import cosines
from semhash.errors import ConfigError
from tests.conftest import QuickConfig, documents, write_jsonl

if TYPE_CHECKING:
    from tests.conftest import Semhash

EVIL = "copy\x1b[31m"


def planted() -> list[dict[str, Any]]:
    """Notes on six subjects; one of them twice over and once with a word changed, another 40 times."""
    rows: list[dict[str, Any]] = documents(per_subject=20)
    third, crowd = str(rows[3]["text"]), str(rows[10]["text"])
    rows.append({"id": EVIL, "title": rows[3]["title"], "text": third})
    rows.append({"id": "nearly", "title": rows[3]["title"], "text": " ".join(third.split()[1:])})
    for number in range(40):
        rows.append(
            {"id": f"letter-{number}", "title": rows[10]["title"], "text": crowd + " people" * number}
        )
    rows += [{"id": f"wordless-{n}", "title": "none", "text": "zyzzyva"} for n in range(2)]
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, quick_config: QuickConfig) -> Path:
    place = tmp_path_factory.mktemp("planted")
    corpus = write_jsonl(place / "planted.jsonl", planted())
    build_index(corpus, place / "index", quick_config(epochs=20, vocabulary_size=75))
    return place / "index"


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder) as opened:
        yield opened


def brute_force(index: Index, min_similarity: float, radius: int) -> set[frozenset[str]]:
    """Groups by comparing all with all, merged until none touch."""
    heads = index.catalogue.heads()
    rows = np.arange(len(heads))
    first, second = (side.ravel() for side in np.meshgrid(rows, rows))
    alike = cosines(index.term_index, first, second).reshape(len(rows), -1) >= min_similarity - 1e-6
    packed = np.asarray(index.codes)
    known = np.array([head.known_words > 0 for head in heads])
    alike &= (hamming_matrix(packed, packed) <= radius) & known[:, None] & known
    alike |= np.array([[a.digest == b.digest for b in heads] for a in heads])
    reached = alike
    for _ in range(10):
        reached = reached @ reached
    return {frozenset(heads[row].id for row in np.flatnonzero(line)) for line in reached if line.sum() > 1}


@pytest.mark.parametrize("radius", [0, 1, 2])
@pytest.mark.parametrize("min_similarity", [0.3, 0.6, 0.9, 1.0])
def test_groups_are_those_of_comparing_all_with_all(index: Index, min_similarity: float, radius: int) -> None:
    found = find_duplicates(index, min_similarity, radius)
    expected = brute_force(index, min_similarity, radius)
    assert {frozenset(document.id for document in group.documents) for group in found} == expected
    assert len(found) == len(expected) >= 2


def test_planted_copies_are_found_and_nothing_else(index: Index) -> None:
    letters, notes, wordless = find_duplicates(index)
    assert [document.id for document in notes.documents] == [str(planted()[3]["id"]), EVIL, "nearly"]
    assert len(letters.documents) == 41
    assert {d.id for d in wordless.documents} == {"wordless-0", "wordless-1"}


def test_a_group_is_told_from_its_first(index: Index) -> None:
    heads = {head.id: head.row for head in index.catalogue.heads()}
    for group in find_duplicates(index, 0.6):
        first, *others = group.documents
        assert (first.similarity, first.distance, first.identical) == (1.0, 0, True)
        rows = [heads[document.id] for document in group.documents]
        assert rows == sorted(rows)
        for document, row in zip(others, rows[1:], strict=True):
            [direct] = cosines(index.term_index, np.array([rows[0]]), np.array([row])).tolist()
            assert document.similarity == (1.0 if document.identical else pytest.approx(direct))
        assert group.similarity == min(document.similarity for document in group.documents)
    by_id = {d.id: d for group in find_duplicates(index, 0.6) for d in group.documents}
    assert by_id[EVIL].identical
    assert not by_id["nearly"].identical


def test_a_crowd_of_copies_is_compared_once_each(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counting(*arguments: Any) -> Any:
        compared.append(len(arguments[1]))
        return cosines(*arguments)

    monkeypatch.setattr("semhash.duplicates.duplicates.cosines", counting)
    letters = find_duplicates(index)[0]
    assert len(letters.documents) == 41
    assert sum(compared) < 41 * 40 / 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 2), "min_similarity: expected above 0 and at most 1, found 0"),
        ((float("nan"), 2), "min_similarity: expected above 0 and at most 1, found nan"),
        ((0.9, 3), "radius: expected 0 to 2 bits, found 3"),
    ],
)
def test_what_cannot_be_asked_is_said(index: Index, arguments: tuple[float, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_duplicates(index, *arguments)


def test_the_command_prints_groups(folder: Path, semhash: "Semhash", tmp_path: Path) -> None:
    done = semhash("duplicates", "--index", folder, cwd=tmp_path)
    assert "same text" in done.stdout
    assert "\x1b" not in done.stdout
    assert "copy\\x1b[31m" in done.stdout
    assert "3 groups of 46 documents in all, among 164: 43 documents repeat another" in done.stderr
    found = semhash("duplicates", "--index", folder, "--json", cwd=tmp_path).json()
    with open_index(folder) as index:
        groups = find_duplicates(index)
    assert [[d["id"] for d in group["documents"]] for group in found["groups"]] == [
        [d.id for d in group.documents] for group in groups
    ]


def test_none_is_no_error(semhash: "Semhash", tmp_path: Path, index_folder: Path) -> None:
    done = semhash("duplicates", "--index", index_folder, cwd=tmp_path)
    assert done.stdout == ""
    assert done.stderr.startswith("no two of 240 documents are that alike")
    done = semhash("duplicates", "--index", index_folder, "--min-similarity", "2", cwd=tmp_path, status=2)
    assert "expected above 0 and at most 1, found 2" in done.stderr
