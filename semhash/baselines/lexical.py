"""Retrieval by words: the cosine of TF-IDF vectors, and BM25."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents, ScoreRanking
from semhash.vocabulary import Counts, most_frequent
from semhash.words.weighting import Weighting

__all__ = ["Bm25", "FittedBm25", "FittedTfIdf", "TfIdf", "counted_tokens"]

_BYTES_PER_ENTRY = 8  # a weight, and the number of its word or document, in four bytes each


@dataclass(frozen=True)
class TfIdf:
    """Ranks by the cosine of ``(1 + ln tf) * idf`` vectors; see `semhash.words.weighting.Weighting`.

    Attributes
    ----------
    words : int or None
        So many of the database's most frequent words; None for all of them.
    """

    words: int | None

    def fit(self, database: Documents) -> "FittedTfIdf":
        """Weigh the database by what it says of its own words."""
        counts = database.counts
        columns = most_frequent(counts, counts.n_columns if self.words is None else self.words)
        kept = counts.columns(columns)
        weighting = Weighting.learn(kept)
        return FittedTfIdf(columns, weighting, weighting.weigh(kept).T.tocsr())


@dataclass(frozen=True, eq=False)
class FittedTfIdf:
    """TF-IDF vectors of a database, word by word.

    Attributes
    ----------
    columns : ndarray of shape (n_words,), int64
        Columns of the counts that are looked at.
    weighting : Weighting
        Of those words.
    by_word : sparse matrix of shape (n_words, n_documents), float32
        Each document of length 1.
    """

    columns: NDArray[np.int64]
    weighting: Weighting
    by_word: Any

    @property
    def bytes_per_document(self) -> float:
        """Of the entries that are not zero; a mean."""
        return _bytes_per_document(self.by_word)

    @property
    def config(self) -> dict[str, object]:
        """How many words there are."""
        return {"words": len(self.columns)}

    def rank(self, queries: Documents) -> ScoreRanking:
        """Rank by the cosine, that of a document or query without words being 0."""
        return _products(self.weighting.weigh(queries.counts.columns(self.columns)), self.by_word)


@dataclass(frozen=True)
class Bm25:
    """Ranks by BM25 over all words, in the form of Lucene; ``bm25s`` (Lù, arXiv 2407.03618) makes the scores.

    Robertson, Walker, Jones, Hancock-Beaulieu and Gatford, *Okapi at TREC-3* (1994), with the inverse document
    frequency ``ln(1 + (n - df + 0.5) / (df + 0.5))`` (Kamphuis, de Vries, Boytsov and Lin, *Which BM25 Do You
    Mean?*, ECIR 2020, "Lucene (accurate)"). A word that a query holds twice counts twice.

    Attributes
    ----------
    k1 : float
        How soon more of a word adds no more.
    b : float
        How much of a document's length is taken off its words, 0 to 1.
    """

    k1: float = 1.5
    b: float = 0.75

    def fit(self, database: Documents) -> "FittedBm25":
        """Score each word in each document."""
        import bm25s
        from bm25s.tokenization import Tokenized

        counts = database.ranked_by
        model = bm25s.BM25(k1=self.k1, b=self.b, method="lucene", csc_backend="scipy")
        tokens = Tokenized(_Tokens(counts), {word: word for word in range(counts.n_columns)})
        model.index(tokens, create_empty_token=False, show_progress=False)
        scores = model.scores
        shape = (counts.n_columns, len(counts))
        # Words by documents: the library lays out documents by words, column after column.
        by_word = sp.csr_matrix((scores["data"], scores["indices"], scores["indptr"]), shape=shape)
        return FittedBm25(by_word, {"method": model.method, "k1": self.k1, "b": self.b})


@dataclass(frozen=True, eq=False)
class FittedBm25:
    """BM25's score of each word in each document.

    Scores of documents are sums of those; a sparse product adds them for many queries at once, which equals
    what the library adds query by query.

    Attributes
    ----------
    by_word : sparse matrix of shape (n_words, n_documents), float32
    config : dict
        The form of the formula and its constants.
    """

    by_word: Any
    config: dict[str, object] = field(default_factory=dict)

    @property
    def bytes_per_document(self) -> float:
        """Of the entries that are not zero; a mean."""
        return _bytes_per_document(self.by_word)

    def rank(self, queries: Documents) -> ScoreRanking:
        """Rank by the sum of the scores of the query's words."""
        counts = queries.ranked_by
        entries = (counts.data.astype(np.float32), counts.indices, counts.indptr)
        return _products(sp.csr_matrix(entries, shape=(len(counts), counts.n_columns)), self.by_word)


class _Tokens:
    """Each document as a list of its words' columns, made when it is read: all at once would fill gigabytes."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def __len__(self) -> int:
        return len(self._counts)

    def __iter__(self) -> Iterator[list[int]]:
        counts = self._counts
        for start, stop in zip(counts.indptr[:-1], counts.indptr[1:], strict=True):
            yield np.repeat(counts.indices[start:stop], counts.data[start:stop]).tolist()


def counted_tokens(counts: Counts) -> _Tokens:
    """Give documents as bm25s takes them: each as a list of its words' columns, made when it is read."""
    return _Tokens(counts)


def _products(queries: Any, by_word: Any) -> ScoreRanking:
    def scores(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray((queries[rows] @ by_word).toarray(), dtype=np.float32)

    return ScoreRanking(scores)


def _bytes_per_document(by_word: Any) -> float:
    return float(_BYTES_PER_ENTRY * by_word.nnz / by_word.shape[1])
