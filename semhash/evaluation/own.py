"""semhash's own retrievers: codes by Hamming distance, and the ball around a query ranked again by TF-IDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.asking.questions import coded_counts
from semhash.autoencoder.encoder import Encoder
from semhash.baselines.retriever import CodeRanking, Documents, ScoreRanking
from semhash.codes import Packed
from semhash.config import IndexConfig
from semhash.evaluation.lookup import lookup_of
from semhash.index import SHORTLIST, Index
from semhash.lookup.neighbours import AddressLookup, Neighbours
from semhash.progress import Progress, silent
from semhash.ranking import TermIndex, rank
from semhash.vocabulary import Counts

__all__ = ["ByCodes", "ByShortlist", "Learned", "Margins", "learn", "taken_from"]

_TEXTS = 1024
_CELLS = 2**23  # of scores at once, 4 bytes each


@dataclass(frozen=True, eq=False)
class Margins:
    """What an encoder says of documents, before it is rounded to codes.

    Attributes
    ----------
    values : ndarray of shape (n_documents, bits), float32
        Inputs of the code units less their thresholds: a bit is 1 where its margin is above 0.
    known_words : ndarray of shape (n_documents,), int64
        How many words of each document are in the vocabulary, repeats and all.
    """

    values: NDArray[np.float32]
    known_words: NDArray[np.int64]

    @classmethod
    def of(cls, encoder: Encoder, counts: Counts) -> Self:
        """Encode counts over the vocabulary."""
        known = np.bincount(counts.owners(), weights=counts.data, minlength=len(counts))
        return cls(encoder.margins(counts), known.astype(np.int64))

    @property
    def codes(self) -> Packed:
        """The codes, packed as in `semhash.codes`."""
        return codes.pack(self.values > 0)

    @property
    def addressed(self) -> NDArray[np.int64]:
        """Rows of the documents with a known word."""
        return np.flatnonzero(self.known_words)


@dataclass(frozen=True, eq=False)
class Learned:
    """Codes of a database, and what gives queries theirs.

    Attributes
    ----------
    bits : int
    database : ndarray of shape (n_documents, ceil(bits / 8)), uint8
        Packed as in `semhash.codes`.
    addressed : ndarray of shape (n,), int64
        Rows of the documents with a word of the vocabulary: those that an index finds by their codes.
    margins : callable
        Gives the `Margins` of documents.
    probabilities : callable or None
        Gives documents' probabilities at the code layer, shape (n_documents, bits); None where they cannot be had.
    config : mapping
        How it was learned.
    """

    bits: int
    database: Packed
    addressed: NDArray[np.int64]
    margins: Callable[[Documents], Margins]
    probabilities: Callable[[Documents], NDArray[np.float32]] | None
    config: Mapping[str, object] = field(default_factory=dict)

    def encode(self, documents: Documents) -> Packed:
        """Give the codes of documents, packed."""
        return self.margins(documents).codes

    @cached_property
    def lookup(self) -> AddressLookup:
        """What finds the documents near a code."""
        return lookup_of(self.database, self.bits)


def learn(database: Documents, config: IndexConfig, progress: Progress = silent) -> Learned:
    """Train on a database as ``semhash index`` would, and encode it.

    Raises
    ------
    ConfigError, TrainingError
        It cannot be trained so, or what was learned is no good.
    KeyboardInterrupt
        Also where training would make do with what it has: a training cut short is no figure.
    """
    from semhash.autoencoder.training import learn as learn_codes

    supervised = config.model.supervision.loss != "none"
    labels = list(database.labels) if supervised else None
    trained = learn_codes(database.counts, config, progress, labels=labels)
    if trained.stopped == "interrupted":
        raise KeyboardInterrupt
    encoder, terms = Encoder.from_tensors(trained.tensors, config.model), trained.terms
    made_with = config.to_json()
    encoded = Margins.of(encoder, database.counts.columns(terms))
    return Learned(
        config.model.bits,
        encoded.codes,
        encoded.addressed,
        lambda documents: Margins.of(encoder, documents.counts.columns(terms)),
        lambda documents: encoder.probabilities(documents.counts.columns(terms)),
        {name: made_with[name] for name in ("text", "model", "training")}
        | {"epochs": len(trained.losses), "train_documents": trained.n_documents},
    )


def taken_from(index: Index, database: Documents) -> Learned:
    """Encode a database by an index's encoder and vocabulary, whatever that index holds."""

    def margins(documents: Documents) -> Margins:
        found = [Margins(np.zeros((0, index.bits), dtype=np.float32), np.zeros(0, dtype=np.int64))]
        for start in range(0, len(documents), _TEXTS):
            texts = [documents.texts[i] for i in range(start, min(start + _TEXTS, len(documents)))]
            found.append(Margins.of(index.encoder, coded_counts(index, texts)))
        values, known_words = (np.concatenate(parts) for parts in zip(*map(_pair, found), strict=True))
        return Margins(values, known_words)

    encoded = margins(database)
    return Learned(index.bits, encoded.codes, encoded.addressed, margins, None)


def _pair(margins: Margins) -> tuple[NDArray[Any], NDArray[Any]]:
    return margins.values, margins.known_words


@dataclass(frozen=True, eq=False)
class ByCodes:
    """Ranks by Hamming distance.

    Attributes
    ----------
    learned : Learned
    """

    learned: Learned

    @property
    def bytes_per_document(self) -> float:
        """The code's."""
        return self.learned.bits / 8

    @property
    def config(self) -> Mapping[str, object]:
        """How the codes were learned."""
        return self.learned.config

    def rank(self, queries: Documents) -> CodeRanking:
        """Rank by the distance of codes."""
        learned = self.learned
        return CodeRanking(learned.encode(queries), learned.database, learned.bits)

    def first(self, query: Documents, k: int) -> NDArray[np.int64]:
        """Give the first k documents of one query, as they are looked up."""
        code = codes.to_int(self.learned.encode(query)[0])
        return self.learned.lookup.nearest(code, k).rows


@dataclass(frozen=True, eq=False)
class ByShortlist:
    """Ranks the ball around a query by TF-IDF, as ``semhash query`` does, and all else after it by distance.

    Attributes
    ----------
    learned : Learned
    terms : TermIndex
        The database's counts.
    shortlist : int
        How many documents the ball holds, at least.
    """

    learned: Learned
    terms: TermIndex
    shortlist: int = SHORTLIST

    @property
    def bytes_per_document(self) -> float:
        """The code's, and those of the words that it is ranked again by; a mean."""
        counts = self.terms.counts
        arrays: tuple[NDArray[Any], ...] = (counts.indptr, counts.indices, counts.data, self.terms.norms)
        return self.learned.bits / 8 + sum(array.nbytes for array in arrays) / max(1, len(counts))

    @property
    def config(self) -> Mapping[str, object]:
        """How the codes were learned, and how many documents are ranked again."""
        return {**self.learned.config, "shortlist": self.shortlist}

    def rank(self, queries: Documents) -> ScoreRanking:
        """Give scores that are places: what is in the ball above all else, its best the highest."""
        packed = self.learned.encode(queries)

        def scores(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            found = np.empty((len(rows), len(self.learned.database)), dtype=np.float32)
            for place, row in enumerate(rows.tolist()):
                distances = codes.hamming_distances(packed[row], self.learned.database)
                found[place] = self._scores(queries, row, distances)
            return found

        return ScoreRanking(scores)

    def _scores(self, queries: Documents, row: int, distances: NDArray[np.uint8]) -> NDArray[np.float32]:
        bits = self.learned.bits
        up_to = np.cumsum(np.bincount(distances, minlength=bits + 1))
        radius = int(np.searchsorted(up_to, min(self.shortlist, len(distances))))
        inside = np.flatnonzero(distances <= radius)
        ordered = self._again(queries, row, Neighbours(inside, distances[inside].astype(np.int64)))
        scores = (bits - distances.astype(np.int16)).astype(np.float32)
        scores[ordered] = bits + np.arange(len(ordered), 0, -1)
        return scores

    def _again(self, queries: Documents, row: int, ball: Neighbours) -> NDArray[np.int64]:
        """Rank a ball by TF-IDF."""
        cosines = self.terms.cosine(queries.asked_by.take(np.array([row])), ball.rows)
        return rank(ball.rows, ball.distances, cosines, len(ball)).rows

    def first(self, query: Documents, k: int) -> NDArray[np.int64]:
        """Give the first k documents of one query, as they are looked up."""
        code = codes.to_int(self.learned.encode(query)[0])
        ball = self.learned.lookup.grow(code, max(self.shortlist, k))
        return self._again(query, 0, ball)[:k]
