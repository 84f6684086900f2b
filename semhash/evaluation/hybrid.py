"""The default ranking as a method to measure: words and codes together, as ``semhash query`` gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.baselines.retriever import Documents, ScoreRanking
from semhash.codes import Packed
from semhash.evaluation.lookup import lookup_of
from semhash.evaluation.own import Learned, Margins
from semhash.hamming_table import HammingTable
from semhash.lookup.code_scan import CodeScan
from semhash.lookup.neighbours import AddressLookup, Prober
from semhash.ranking import Ranking, TermIndex
from semhash.ranking.fusion import spelling_weight
from semhash.ranking.postings import Postings, Spelled
from semhash.ranking.rankers import SHORTLIST, ranker
from semhash.ranking.request import Encoded, Question, Wanted

__all__ = ["ByHybrid"]

_RANK = "hybrid"


@dataclass(frozen=True, eq=False)
class ByHybrid:
    """Ranks as ``--rank hybrid`` does: what it finds for a few hits first, and all else after that by its scores.

    The order is that of `semhash.ranking.rankers` itself, which is called for each query: first as for up to
    `SHORTLIST` hits, then as for all documents there are. So the first `SHORTLIST` places are the hits of a user,
    to the last tie, and what follows only tells how deep the rest lies.

    Attributes
    ----------
    learned : Learned
    term_index : TermIndex
        The database's counts.
    postings : Postings
        The same by word.
    """

    learned: Learned
    term_index: TermIndex
    postings: Postings

    @classmethod
    def fit(
        cls, learned: Learned, terms: TermIndex, spellings: NDArray[np.uint8] | None = None
    ) -> "ByHybrid":
        """Turn the counts of a database's documents, and their spellings, into those of its words."""
        return cls(learned, terms, Postings.build(terms.counts, spellings))

    @property
    def codes(self) -> Packed:
        """The database's codes."""
        return self.learned.database

    @property
    def bytes_per_document(self) -> float:
        """The code's, and those of the words that are looked up; a mean."""
        words = self.postings
        arrays = (words.rows, words.counts, words.lengths)
        return self.learned.bits / 8 + sum(array.nbytes for array in arrays) / max(1, words.n_documents)

    @property
    def config(self) -> Mapping[str, object]:
        """How the codes were learned, how it is ranked, and how many documents of either side are."""
        return {**self.learned.config, "rank": _RANK, "shortlist": SHORTLIST}

    def rank(self, queries: Documents) -> ScoreRanking:
        """Give scores that are places, the best the highest; minus infinity to what is never found.

        That is what shares no word with a query that has no word of the vocabulary.
        """
        margins = self.learned.margins(queries)
        n_documents = len(self.learned.database)

        def scores(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            found = np.full((len(rows), n_documents), -np.inf, dtype=np.float32)
            for place, row in enumerate(rows.tolist()):
                ordered = self._ordered(self._question(queries, margins, row))
                found[place, ordered] = np.arange(len(ordered), 0, -1)
            return found

        return ScoreRanking(scores)

    def first(self, query: Documents, k: int) -> NDArray[np.int64]:
        """Give the first k documents of one query, as they are looked up."""
        question = self._question(query, self.learned.margins(query), 0)
        prober = self._lookup if isinstance(self._lookup, HammingTable) else self._scan
        return self._ranked(question, k, prober).first(k).rows

    def _ordered(self, question: Question) -> NDArray[np.int64]:
        """Give all documents that can be found, the best first."""
        everything = len(self.learned.database)
        first = self._ranked(question, min(SHORTLIST, everything), self._scan).rows[:SHORTLIST]
        rest = self._ranked(question, everything, self._scan).rows
        return np.concatenate([first, rest[~np.isin(rest, first)]])

    def _ranked(self, question: Question, at_least: int, prober: Prober) -> Ranking:
        wanted = Wanted(at_least, None, self._lookup, prober, None, lambda step: None)
        return ranker(_RANK)(self, question, wanted)

    def _question(self, queries: Documents, margins: Margins, row: int) -> Question:
        own = margins.values[row]
        code = codes.to_int(codes.pack(own[None] > 0)[0])
        encoded = Encoded(code, self.learned.bits, int(margins.known_words[row]))
        asked = queries.asked_by.take(np.array([row]))
        return Question("", encoded, asked, lambda: own, spelled=_spelled(queries, row))

    @cached_property
    def _scan(self) -> CodeScan:
        """Codes one after the other: the way to look up where all are wanted in the end."""
        return CodeScan(self.learned.database, self.learned.bits, self.learned.addressed)

    @cached_property
    def _lookup(self) -> AddressLookup:
        """The way to look up of an index."""
        return lookup_of(self.learned.database, self.learned.bits, self.learned.addressed)


def _spelled(queries: Documents, row: int) -> list[Spelled]:
    """Give the words of a query as they are written."""
    if queries.spellings is None:
        return []
    spelled, counts = (part.take(np.array([row])) for part in (queries.spellings, queries.ranked_by))
    kept = np.flatnonzero(spelled.data)
    weight = spelling_weight(len(kept))
    held = zip(
        counts.indices[kept].tolist(), spelled.data[kept].tolist(), counts.data[kept].tolist(), strict=True
    )
    return [Spelled((term,), bits, n * weight) for term, bits, n in held]
