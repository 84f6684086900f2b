"""TF-IDF against cosines by brute force, BM25 against its formula and its library."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.lexical import Bm25, FittedBm25, TfIdf
from semhash.baselines.retriever import Documents
from semhash.vocabulary import most_frequent

THREE = np.array([[2, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0]])


def all_scores(fitted: Any, queries: Documents) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = fitted.rank(queries).scores(np.arange(len(queries)))
    assert scores.dtype == np.float32
    return scores


def by_brute_force(database: Documents, queries: Documents, words: int | None) -> NDArray[np.float64]:
    columns = most_frequent(database.counts, words or database.counts.n_columns)
    dense, asked = (d.counts.to_dense()[:, columns].astype(np.float64) for d in (database, queries))
    idf = np.log((1 + len(dense)) / (1 + (dense > 0).sum(axis=0))) + 1
    vectors = [np.where(d > 0, 1 + np.log(np.maximum(d, 1)), 0) * idf for d in (asked, dense)]
    lengths = [np.linalg.norm(v, axis=1) for v in vectors]
    cosines = vectors[0] @ vectors[1].T / np.maximum(np.outer(*lengths), 1e-300)
    return np.asarray(cosines)


@pytest.mark.parametrize("words", [7, 60, 1000, None])
def test_tf_idf_ranks_by_the_cosine_under_the_databases_weights(
    words: int | None, planted_topics: Any
) -> None:
    database, _ = planted_topics(seed=0)
    queries, _ = planted_topics(n=5, seed=1)
    fitted = TfIdf(words).fit(database)
    np.testing.assert_allclose(
        all_scores(fitted, queries), by_brute_force(database, queries, words), atol=1e-6
    )
    assert fitted.config == {"words": min(words or 150, 150)}


def test_tf_idf_stores_eight_bytes_for_each_word_of_a_document(documents_of: Any) -> None:
    assert TfIdf(None).fit(documents_of(THREE)).bytes_per_document == 8 * 5 / 3
    assert TfIdf(1).fit(documents_of(THREE)).bytes_per_document == 8 * 2 / 3
    assert Bm25().fit(documents_of(THREE)).bytes_per_document == 8 * 5 / 3


@pytest.mark.parametrize("method", [TfIdf(2), TfIdf(None), Bm25()], ids=repr)
def test_documents_and_queries_without_words_score_nothing(method: Any, documents_of: Any) -> None:
    database = documents_of(np.array([[1, 2, 1], [0, 0, 0], [0, 1, 1]]))
    scores = all_scores(method.fit(database), database)
    assert (scores[1] == 0).all()
    assert (scores[:, 1] == 0).all()
    assert scores[0, 0] > scores[0, 2] > 0


def test_bm25_by_hand(documents_of: Any) -> None:
    """Lengths 3, 2 and 1, so 2 on average; the first word is in two documents, the third in one."""
    fitted = Bm25(k1=1.2, b=0.75).fit(documents_of(THREE))
    both, third = (documents_of(np.array([row])) for row in ([1, 1, 0, 0], [0, 0, 1, 0]))
    idf_two, idf_one = np.log(1 + 1.5 / 2.5), np.log(1 + 2.5 / 1.5)
    length = {n: 1.2 * (0.25 + 0.75 * n / 2) for n in (1, 2, 3)}
    expected = [
        idf_two * (2 / (2 + length[3]) + 1 / (1 + length[3])),
        idf_two * 1 / (1 + length[2]),
        idf_two * 1 / (1 + length[1]),
    ]
    np.testing.assert_allclose(all_scores(fitted, both)[0], expected, rtol=1e-6)
    np.testing.assert_allclose(all_scores(fitted, third)[0], [0, idf_one / 2.2, 0], rtol=1e-6)


def test_bm25_adds_a_word_as_often_as_the_query_holds_it(documents_of: Any) -> None:
    fitted = Bm25().fit(documents_of(THREE))
    one, two, three = (
        all_scores(fitted, documents_of(np.array([row])))[0]
        for row in ([1, 0, 0, 0], [0, 1, 0, 0], [3, 2, 0, 0])
    )
    np.testing.assert_allclose(three, 3 * one + 2 * two, rtol=1e-6)


def test_bm25_gives_the_scores_that_its_library_gives(planted_topics: Any) -> None:
    import bm25s

    database, _ = planted_topics(seed=0)
    queries, _ = planted_topics(n=5, seed=1)
    tokens, asked = (
        [np.repeat(np.arange(len(row)), row.astype(int)).tolist() for row in documents.counts.to_dense()]
        for documents in (database, queries)
    )
    model = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    model.index((tokens, {word: word for word in range(150)}), create_empty_token=False, show_progress=False)
    expected = [model.get_scores(query) for query in asked]
    np.testing.assert_allclose(all_scores(Bm25().fit(database), queries), expected, rtol=1e-5)


def test_bm25_says_nothing(capfd: pytest.CaptureFixture[str], planted_topics: Any) -> None:
    database, _ = planted_topics()
    fitted = Bm25().fit(database)
    assert isinstance(fitted, FittedBm25)
    all_scores(fitted, database)
    assert capfd.readouterr() == ("", "")
    assert fitted.config == {"method": "lucene", "k1": 1.5, "b": 0.75}


@pytest.mark.parametrize("method", [TfIdf(60), Bm25()], ids=repr)
def test_queries_may_be_asked_in_any_blocks(method: Any, planted_topics: Any) -> None:
    database, _ = planted_topics()
    fitted = method.fit(database)
    rows = np.array([9, 2, 77])
    some = replace(database, counts=database.counts.take(rows))
    np.testing.assert_array_equal(fitted.rank(database).scores(rows), all_scores(fitted, some))
