"""What codes are compared with: TF-IDF vectors, and latent semantic analysis of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from _labelled import Split
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD

from semhash.baselines.retriever import ScoreRanking, Scores
from semhash.vocabulary import Counts, inverse_document_frequency, most_frequent

__all__ = ["Vectors", "latent", "tfidf"]


@dataclass(frozen=True, eq=False)
class Vectors:
    """Both halves of a split as vectors of length 1, compared by their cosine.

    Attributes
    ----------
    database, queries : sparse matrix or ndarray of shape (n, n_dimensions), float32
        A document without words is all zeros.
    """

    database: Any
    queries: Any

    def ranking(self) -> ScoreRanking:
        """Give the ranking of the database by cosine."""
        return ScoreRanking(self.scores())

    def scores(self) -> Scores:
        """Give what ranks the database for some queries: rows of queries in, cosines out."""
        sparse = not isinstance(self.database, np.ndarray)
        transposed = self.database.T.tocsr() if sparse else self.database.T

        def cosines(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            found = self.queries[rows] @ transposed
            return np.asarray(found.toarray() if sparse else found, dtype=np.float32)

        return cosines


def tfidf(split: Split, words: int | None = 2000, language: str = "english") -> Vectors:
    """Weigh words ``(1 + ln tf) * idf``; the frequencies are the database's alone.

    Parameters
    ----------
    split : Split
    words : int or None
        So many of the database's most frequent words; None for all.
    language : str
        Whose stop words are left out.
    """
    counted = split.counted(language)
    terms = most_frequent(counted.database, counted.database.n_columns if words is None else words)
    database, queries = counted.database.columns(terms), counted.queries.columns(terms)
    idf = inverse_document_frequency(database.document_frequency(), len(database))
    return Vectors(_weighed(database, idf), _weighed(queries, idf))


def _weighed(counts: Counts, idf: NDArray[np.float32]) -> Any:
    data = (1 + np.log(counts.data, dtype=np.float32)) * idf[counts.indices]
    owners = counts.owners()
    lengths = np.sqrt(np.bincount(owners, weights=data**2, minlength=len(counts)))
    data = (data / lengths[owners]).astype(np.float32)
    return sp.csr_matrix((data, counts.indices, counts.indptr), shape=(len(counts), counts.n_columns))


def latent(vectors: Vectors, dimensions: int, seed: int) -> Vectors:
    """Take the vectors into the space of the database's leading singular vectors, and scale them to length 1.

    Deerwester, Dumais, Furnas, Landauer and Harshman, *Indexing by Latent Semantic Analysis*, JASIS 41 (1990).
    """
    dimensions = min(dimensions, min(vectors.database.shape) - 1)
    space = TruncatedSVD(dimensions, random_state=seed)
    database = space.fit_transform(vectors.database)
    return Vectors(_scaled(database), _scaled(space.transform(vectors.queries)))


def _scaled(places: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / np.maximum(lengths, 1e-9), dtype=np.float32)
