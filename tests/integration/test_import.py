"""An index of codes made elsewhere: documents are found by those codes, texts by their words."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from semhash import Index, open_index
from semhash.config import IndexConfig
from semhash.duplicates import find_duplicates
from semhash.errors import ConfigError, IndexFolderError
from semhash.exchange.given_codes import GivenCodes
from semhash.exchange.imported import ImportReport, import_codes
from semhash.inspection.verification import verify_index
from semhash.reasons.explainer import Explainer
from semhash.store.manifest import read_manifest
from semhash.subjects import find_subjects

if TYPE_CHECKING:
    from tests.conftest import Semhash


@pytest.fixture(scope="module")
def made(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, dict[str, int]]:
    """Random codes of 16 bits for all documents but three, and for one that is not there."""
    ids = [json.loads(line)["id"] for line in corpus_file.read_text().splitlines()][3:]
    packed = np.random.default_rng(0).integers(0, 256, (len(ids) + 1, 2), dtype=np.uint8)
    given = GivenCodes([*ids, "a stranger"], packed, 16)
    out = tmp_path_factory.mktemp("imported") / "notes"
    report = import_codes(corpus_file, given, out)
    as_ints = packed.view("<u2")[:, 0].tolist()
    return report, dict(zip(ids, as_ints[:-1], strict=True))


@pytest.fixture
def imported(made: tuple[ImportReport, dict[str, int]]) -> Iterator[Index]:
    with open_index(made[0].out) as index:
        yield index


def test_every_document_stands_at_its_code(
    imported: Index, made: tuple[ImportReport, dict[str, int]]
) -> None:
    report, given = made
    assert (report.n_documents, report.n_unaddressed, report.n_strangers) == (len(given) + 3, 3, 1)
    assert (imported.bits, len(imported)) == (16, report.n_documents)
    found = {entry.id: entry for entry in imported.catalogue.documents()}
    assert {name: entry.code for name, entry in found.items() if entry.known_words} == given
    for name, code in list(given.items())[:20]:
        assert found[name].row in imported.lookup.ball(code, 0).rows
    model = read_manifest(report.out).model
    assert model is not None
    assert (model.kind, model.n_documents) == ("imported", report.n_documents)


def test_it_is_whole(made: tuple[ImportReport, dict[str, int]]) -> None:
    findings = list(verify_index(made[0].out))
    assert [finding for finding in findings if finding.problem is not None] == []
    assert "addresses are the codes" in {finding.name for finding in findings}


@pytest.mark.parametrize("rank", ["hamming", "asymmetric"])
def test_documents_find_others_by_their_codes(
    imported: Index, made: tuple[ImportReport, dict[str, int]], rank: str
) -> None:
    """All bits are equally sure, so that both are the order of distance."""
    given = made[1]
    rows = {entry.id: entry.row for entry in imported.catalogue.documents()}
    asked = next(iter(given))
    hits = imported.similar(asked, k=30, rank=rank).hits
    expected = sorted(
        (name for name in given if name != asked),
        key=lambda name: ((given[name] ^ given[asked]).bit_count(), rows[name]),
    )
    assert [hit.id for hit in hits] == expected[:30]


def test_documents_find_others_by_both(imported: Index, made: tuple[ImportReport, dict[str, int]]) -> None:
    asked = list(made[1])[5]
    by_words, by_codes, by_both = (
        [hit.id for hit in imported.similar(asked, k=240, rank=rank).hits]
        for rank in ("bm25", "hamming", "hybrid")
    )
    assert set(by_both) == {*by_words, *by_codes}
    assert by_both not in (by_words, by_codes)


@pytest.mark.parametrize("rank", ["hybrid", "bm25"])
def test_texts_are_answered_by_their_words(imported: Index, rank: str) -> None:
    text = "sail the boat into the harbour"
    by_words = imported.query(text, k=1000, rank="bm25").hits
    assert {hit.id for hit in imported.query(text, k=1000, rank=rank).hits} == {hit.id for hit in by_words}
    hits = imported.query(text, k=12, rank=rank).hits
    assert len(hits) == 12 < len(by_words)
    [many] = list(imported.rank_many([text], k=12, rank=rank))
    assert [name for name, _ in many] == [hit.id for hit in hits]


@pytest.mark.parametrize("rank", ["hamming", "asymmetric", "tfidf"])
def test_texts_have_no_code(imported: Index, rank: str) -> None:
    told = "rank: expected one of bm25, hybrid for a text, since the codes of .* were imported .*semhash similar ID"
    with pytest.raises(ConfigError, match=told):
        imported.query("sail the boat", rank=rank)
    with pytest.raises(ConfigError, match=told):
        list(imported.rank_many(["sail the boat"], rank=rank))


def test_what_needs_a_model_is_refused(imported: Index) -> None:
    told = "expected a model, found codes that were imported: nothing here encodes a text"
    document = next(imported.catalogue.documents()).id
    with pytest.raises(IndexFolderError, match=told):
        imported.encode(["a text"])
    with pytest.raises(IndexFolderError, match=told):
        Explainer(imported).explain("a text")
    with pytest.raises(IndexFolderError, match=told):
        Explainer(imported).explain_document(document)


def test_what_needs_none_goes_on(imported: Index) -> None:
    found = find_subjects(imported, None, 0)
    assert sum(region.n_documents for region in found.regions) == len(imported) - 3
    assert all(region.expected == () and region.words for region in found.regions)
    assert find_duplicates(imported, 0.999, 0) is not None


def test_ids_that_no_document_has_are_told(corpus_file: Path, tmp_path: Path) -> None:
    given = GivenCodes(["x", "y"], np.zeros((2, 2), dtype=np.uint8), 16)
    told = (
        r"expected documents that codes are given for, found none of 2 ids, such as 'x', 'y', among its 240"
    )
    with pytest.raises(ConfigError, match=told):
        import_codes(corpus_file, given, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_what_was_exported_comes_back_as_it_was(
    semhash: "Semhash", corpus_file: Path, index_folder: Path, tmp_path: Path
) -> None:
    """By the commands: an index's codes as JSON lines, in another index of the same documents."""
    semhash("export", "codes.jsonl", "--index", str(index_folder), "--without-text", cwd=tmp_path)
    options = ("--codes", "codes.jsonl", "--out", "back", "--json")
    said = semhash("import", str(corpus_file), *options, cwd=tmp_path, fresh=True).json()
    with open_index(index_folder) as index, open_index(tmp_path / "back") as back:
        assert said["addresses_in_use"] == index.manifest.addresses_in_use
        np.testing.assert_array_equal(back.codes, index.codes)
        document = next(index.catalogue.documents()).id
        by_code = [hit.id for hit in index.similar(document, k=50, rank="hamming").hits]
        assert [hit.id for hit in back.similar(document, k=50, rank="hamming").hits] == by_code
    done = semhash("query", "sail the boat", "--index", "back", "--rank", "hamming", cwd=tmp_path, status=2)
    assert "were imported" in done.stderr
    done = semhash("update", "--index", "back", cwd=tmp_path, status=1)
    assert (
        "import codes for all documents again with: semhash import CORPUS --codes FILE --force" in done.stderr
    )
    facts = semhash("info", "--index", "back", "--json", cwd=tmp_path).json()
    assert (facts["model"]["kind"], facts["model"]["source"]) == ("imported", "jsonl")
    assert (facts["config"]["model"], facts["config"]["training"]) == (None, None)
    assert facts["config"]["text"] == {
        "language": "auto",
        "stop_words": "auto",
        "vocabulary": None,
        "vocabulary_size": None,
    }
    told = semhash("info", "--index", "back", cwd=tmp_path).stdout
    assert "codes: made elsewhere, and read from JSON lines" in told
    assert re.search(
        r"^config  .*(\n  .*)*\n +text: language auto, stop_words auto\n +store_text: yes\n",
        told,
        re.MULTILINE,
    )
    assert "training" not in told
    refused = semhash("import", str(corpus_file), *options, cwd=tmp_path, status=1)
    assert "replace it with --force" in refused.stderr


def test_how_the_corpus_is_read_can_be_said(tmp_path: Path) -> None:
    """Few documents will do: nothing is learned from them."""
    rows = [{"id": name, "text": f"the {name} boat"} for name in ("red", "blue")]
    (tmp_path / "boats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = IndexConfig.from_json({"store_text": False, "text": {"stop_words": "none"}})
    given = GivenCodes(["red", "blue"], np.zeros((2, 5), dtype=np.uint8), 40)
    report = import_codes(tmp_path / "boats.jsonl", given, tmp_path / "out", config)
    with open_index(report.out) as index:
        assert (index.bits, report.addresses_in_use) == (40, 1)
        assert next(index.catalogue.documents()).text is None
        assert index.lexicon.term("the") is not None
        assert [hit.id for hit in index.similar("red", rank="hamming").hits] == ["blue"]
