"""Ranking by words, and by words and codes, over a real index."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from semhash import codes, open_index, update_index
from semhash.asking.questions import by_text
from semhash.errors import IndexFormatError
from semhash.index import Index
from semhash.inspection.verification import verify_index
from semhash.lookup.probing import UNIT, code_costs, flip_costs
from semhash.ranking.fusion import WITNESSES, Evidence, corrected, fuse, scale_of
from semhash.ranking.postings import Postings
from semhash.ranking.rankers import SHORTLIST
from semhash.store.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

QUERY = "a rocket to the moon"


def ids(index: Index, rows: list[int]) -> list[str]:
    return [index.catalogue.ids(rows)[row] for row in rows]


def test_bm25_gives_every_document_that_shares_a_word_in_order(index: Index) -> None:
    counts = by_text(index, QUERY).question.terms
    rows, scores = Postings.build(index.term_index.counts).scores(counts)
    order = np.lexsort((rows, -scores))
    assert 10 < len(rows) < len(index)
    result = index.query(QUERY, k=len(index), rank="bm25")
    assert [hit.id for hit in result.hits] == ids(index, rows[order].tolist())
    np.testing.assert_allclose([hit.score for hit in result.hits], scores[order], rtol=1e-6)
    assert [hit.distance for hit in result.hits] == [
        (result.code ^ index.document(hit.id).code).bit_count() for hit in result.hits
    ]
    few = index.query(QUERY, k=7, rank="bm25").hits
    assert [hit.id for hit in few] == [hit.id for hit in result.hits[:7]]


def test_hybrid_scores_every_candidate_by_both(index: Index) -> None:
    """The index is smaller than the shortlists, so that all that has an address or a shared word is one."""
    assert len(index) < SHORTLIST
    asked = by_text(index, QUERY)
    encoded, margins = asked.question.encoded, asked.reading.margins()
    counts = by_text(index, QUERY).question.terms
    bm25 = index.postings.scores_of(counts, np.arange(len(index)))
    costs = code_costs(encoded.code, flip_costs(margins), np.asarray(index.codes)) * UNIT
    evidence = Evidence(encoded.known_words, len(index))
    before = fuse(bm25, costs, margins, evidence)
    by_words = np.flatnonzero(bm25)
    best = by_words[np.lexsort((by_words, -bm25[by_words], -before[by_words]))][:WITNESSES]
    margins = corrected(margins, codes.unpack(np.asarray(index.codes[best]), index.bits))
    code = codes.to_int(codes.pack(margins[None] > 0)[0])
    costs = code_costs(code, flip_costs(margins), np.asarray(index.codes)) * UNIT
    spelled = index.postings.spelled(by_text(index, QUERY).question.spelled, np.arange(len(index)))
    assert spelled.any()
    expected = fuse(bm25 + spelled, costs, margins, evidence, scale_of(bm25))
    assert not np.allclose(expected, before)
    result = index.query(QUERY, k=len(index), rank="hybrid")
    rows = [index.document(hit.id).row for hit in result.hits]
    assert set(rows) == {*np.flatnonzero(bm25).tolist(), *index.lookup.grow(0, len(index)).rows.tolist()}
    np.testing.assert_allclose([hit.score for hit in result.hits], expected[rows], rtol=1e-5, atol=1e-6)
    assert (np.diff([hit.score for hit in result.hits]) <= 0).all()


def test_hybrid_finds_documents_that_share_no_word_and_documents_that_the_ball_loses(index: Index) -> None:
    asked = f"{QUERY} with garlic"  # of two subjects: those of one lie far from its code
    result = index.query(asked, k=len(index), rank="hybrid")
    by_words = {hit.id for hit in index.query(asked, k=len(index), rank="bm25").hits}
    found = {hit.id for hit in result.hits}
    assert by_words < found
    assert max(hit.distance for hit in result.hits if hit.id in by_words) > 0


@pytest.mark.parametrize("rank", ["bm25", "hybrid"])
def test_the_document_asked_by_is_not_among_its_hits(index: Index, rank: str) -> None:
    document = index.query(QUERY, k=1).hits[0].id
    everything = index.similar(document, k=len(index), rank=rank)
    assert document not in {hit.id for hit in everything.hits}
    assert len(index.similar(document, k=5, rank=rank).hits) == 5


@pytest.mark.parametrize("rank", ["bm25", "hybrid"])
def test_a_radius_bounds_what_is_found(index: Index, rank: str) -> None:
    hits = index.query(QUERY, k=len(index), radius=2, rank=rank).hits
    assert hits
    assert max(hit.distance for hit in hits) <= 2


@pytest.mark.parametrize("rank", ["bm25", "hybrid"])
@pytest.mark.parametrize("text", ["", "qwxz unheardof"])
def test_nothing_known_finds_nothing(index: Index, rank: str, text: str) -> None:
    assert index.query(text, rank=rank).hits == []


@pytest.mark.usefixtures("notes")
def test_a_word_that_the_codes_do_not_know_is_found_by_words_alone(home: "Home") -> None:
    """It has 75 words of the vocabulary, and one document without any of them."""
    with open_index(home.path / "indexes" / "notes") as index:
        assert index.query("zyzzyva", rank="tfidf").hits == []
        hybrid, bm25 = (index.query("zyzzyva", rank=rank) for rank in ("hybrid", "bm25"))
        assert hybrid.known_words == 0
        assert [hit.id for hit in hybrid.hits] == [hit.id for hit in bm25.hits] == ["odd/wordless.txt"]


@pytest.mark.parametrize("rank", ["bm25", "hybrid"])
def test_a_filter_comes_before_the_cut(index: Index, rank: str) -> None:
    text = f"{QUERY} or sail the boat"
    everything = index.query(text, k=len(index), rank="bm25").hits
    labels = {name for hit in everything for name in hit.labels}
    assert len(labels) > 1
    for label in sorted(labels):
        sharing = [hit.id for hit in everything if label in hit.labels]
        found = index.query(text, k=len(index), rank=rank, where={"label": label}).hits
        assert {name for hit in found for name in hit.labels} == {label}
        assert set(sharing) <= {hit.id for hit in found}
        if rank == "bm25":
            assert [hit.id for hit in found] == sharing


def test_many_queries_are_answered_as_one_is(index: Index) -> None:
    for rank in ("bm25", "hybrid"):
        [many] = index.rank_many([QUERY], 5, None, rank)
        one = index.query(QUERY, 5, None, rank)
        assert many == [(hit.id, hit.score) for hit in one.hits]


def test_an_index_of_before_opens_says_what_it_lacks_and_an_update_makes_it(
    index_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "notes")
    manifest = read_manifest(folder)
    files = {name: record for name, record in manifest.files.items() if "postings" not in name}
    (folder / MANIFEST).write_bytes(msgspec.structs.replace(manifest, files=files).encode())
    assert all(finding.problem is None for finding in verify_index(folder))
    told = rf"expected postings .*semhash update --index {folder}, or .* --rank tfidf$"
    with open_index(folder) as index:
        assert index.query(QUERY, rank="tfidf").hits
        for rank in ("bm25", "hybrid"):
            with pytest.raises(IndexFormatError, match=told):
                index.query(QUERY, rank=rank)
    assert update_index(folder).written
    with open_index(folder) as index, open_index(index_folder) as new:
        assert index.query(QUERY, rank="bm25").hits == new.query(QUERY, rank="bm25").hits
    assert not update_index(folder).written


@pytest.mark.usefixtures("notes")
def test_that_a_text_has_no_code_but_is_found_by_its_words_is_said(home: "Home", semhash: "Semhash") -> None:
    done = semhash("query", "zyzzyva", cwd=home.path)
    assert "odd/wordless.txt" in done.stdout
    assert "it has no code, and is looked up by its words\n" in done.stderr
    for rank, by in [("bm25", "words"), ("hybrid", "words or codes")]:
        told = semhash("query", "sail the boat", "--rank", rank, "-k", "3", cwd=home.path).stderr
        assert re.search(rf"the best 3 of \d+ documents found by {by}, up to \d+ bits from address", told)
