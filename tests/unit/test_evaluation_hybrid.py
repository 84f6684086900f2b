"""The default ranking, measured: the order of ``semhash query``, and behind it everything else by the same scores."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import Index, codes
from semhash.baselines.retriever import Documents
from semhash.evaluation.hybrid import ByHybrid
from semhash.evaluation.metrics.order import descending
from semhash.evaluation.own import Learned, Margins, taken_from
from semhash.evaluation.reading import Source, read_task
from semhash.evaluation.task import some
from semhash.lookup.probing import UNIT, code_costs, flip_costs
from semhash.ranking import TermIndex
from semhash.ranking.fusion import WITNESSES, Evidence, corrected, fuse
from semhash.ranking.rankers import SHORTLIST
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from tests.unit.conftest import TwoSubjects

TEXTS = ["sail the boat into the harbour", "a recipe with garlic and onion", "zyzzyva", "goal of the striker"]


def of(counts: Counts) -> Documents:
    return Documents(counts, np.arange(counts.n_columns), [()] * len(counts), [""] * len(counts))


def random_codes(counts: Counts, bits: int = 12) -> Learned:
    """Codes that hang on the documents' first words alone: some documents know none of them."""
    planes = np.random.default_rng(3).normal(size=(5, bits))

    def margins(documents: Documents) -> Margins:
        dense = documents.counts.to_dense()[:, :5]
        return Margins((dense @ planes).astype(np.float32), dense.sum(axis=1).astype(np.int64))

    database = margins(of(counts))
    return Learned(bits, database.codes, database.addressed, margins, None)


def fitted_to(counts: Counts) -> ByHybrid:
    return ByHybrid.fit(random_codes(counts), TermIndex.build(counts))


def test_an_index_is_ranked_as_its_query_ranks_by_default(
    index: Index, corpus_file: Path, tmp_path: Path
) -> None:
    """Over a database that is the index's very corpus, asked with short texts and with whole documents."""
    asked = [*TEXTS, *(entry.text or "" for entry in index.catalogue.documents(limit=5))]
    (tmp_path / "asked.tsv").write_text(
        "".join(f"q{i}\t{' '.join(text.split())}\n" for i, text in enumerate(asked))
    )
    (tmp_path / "judged.tsv").write_text("".join(f"q{i}\tmusic-1\t1\n" for i in range(len(asked))))
    source = Source(corpus=corpus_file, queries=tmp_path / "asked.tsv", qrels=tmp_path / "judged.tsv")
    with read_task(source) as task:
        database = task.database.documents
        assert database.spellings is not None
        learned, terms = taken_from(index, database), TermIndex.build(database.ranked_by)
        fitted = ByHybrid.fit(learned, terms, database.spellings.data)
        scores = fitted.rank(task.queries.documents).scores(np.arange(len(asked)))
        for query, text in enumerate(asked):
            found = np.flatnonzero(scores[query] > -np.inf)
            ordered = found[np.argsort(-scores[query, found], kind="stable")][:100]
            expected = [hit.id for hit in index.query(" ".join(text.split()), k=100).hits]
            assert [task.database.ids[row] for row in ordered] == expected
            one = some(task.queries.documents, np.array([query]))
            assert [task.database.ids[row] for row in fitted.first(one, 100)] == expected


def costs_of(margins: NDArray[np.float32], packed: codes.Packed) -> NDArray[np.floating[Any]]:
    code = codes.to_int(codes.pack(margins[None] > 0)[0])
    return code_costs(code, flip_costs(margins), packed) * UNIT


def test_what_is_not_among_the_candidates_follows_by_the_same_scores(two_subjects: "TwoSubjects") -> None:
    counts, asked = two_subjects(n=1500), of(two_subjects(n=6, seed=1))
    fitted = fitted_to(counts)
    scores = fitted.rank(asked).scores(np.arange(6))
    order = descending(scores)
    margins = fitted.learned.margins(asked)
    for query in range(6):
        one = asked.counts.take(np.array([query]))
        bm25 = fitted.postings.scores_of(one, np.arange(1500))
        known = int(margins.known_words[query])
        first, their_bm25 = fitted.postings.best(one, SHORTLIST)
        evidence = Evidence(known, 1500)
        costs = costs_of(margins.values[query], fitted.codes[first])
        before = fuse(their_bm25, costs, margins.values[query], evidence)
        best = first[np.argsort(-before, kind="stable")[:WITNESSES]]
        own = corrected(margins.values[query], codes.unpack(fitted.codes[best], 12))
        fused = fuse(bm25, costs_of(own, fitted.codes), own, evidence).astype(np.float32)
        assert (np.diff(fused[order[query, :SHORTLIST]]) <= 0).all()
        behind = order[query, SHORTLIST : np.count_nonzero(scores[query] > -np.inf)]
        assert len(behind) > 100
        assert (np.diff(fused[behind]) <= 0).all()
        np.testing.assert_array_equal(fitted.first(some(asked, np.array([query])), 20), order[query, :20])


def test_what_no_query_finds_is_not_returned() -> None:
    """Document 0 has no word at all, document 1 none of the vocabulary: it is found by its words alone."""
    dense = np.zeros((8, 7), dtype=np.uint8)
    dense[2:, :5] = np.random.default_rng(0).integers(1, 5, (6, 5))
    dense[1, 5] = 2
    counts = counts_of(dense)
    asked = of(counts_of(np.array([[3, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 1]])))
    scores = fitted_to(counts).rank(asked).scores(np.arange(3))
    assert [set(np.flatnonzero(row > -np.inf).tolist()) for row in scores] == [set(range(2, 8)), {1}, set()]


def counts_of(dense: "np.ndarray[tuple[int, int], np.dtype[np.integer]]") -> Counts:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.uint8), dense.shape[1])


def test_scores_are_given_for_any_block_of_queries(two_subjects: "TwoSubjects") -> None:
    fitted = fitted_to(two_subjects())
    scores = fitted.rank(of(two_subjects(n=15, seed=1))).scores
    np.testing.assert_array_equal(scores(np.array([9, 2])), scores(np.arange(15))[[9, 2]])


@pytest.mark.parametrize("n", [40, 80])
def test_bytes_are_those_of_the_code_and_the_postings(two_subjects: "TwoSubjects", n: int) -> None:
    counts = two_subjects(n=n)
    fitted = fitted_to(counts)
    entries = len(counts.data) * (4 + counts.data.itemsize)
    assert fitted.bytes_per_document == pytest.approx(12 / 8 + (entries + 4 * n) / n)
