"""The ways to rank: each gives documents in order for a question, out of whichever parts of the index it needs.

A new way is one function in `RANKERS`, which says what it is given and what it must give.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.codes import Packed
from semhash.errors import ConfigError
from semhash.lookup.neighbours import Neighbours, Probed
from semhash.lookup.probing import UNIT, code_costs, flip_costs, log_probability
from semhash.ranking.fusion import WITNESSES, Evidence, corrected, fuse, scale_of
from semhash.ranking.request import Parts, Question, Ranker, Wanted
from semhash.ranking.shortlist import Ranking, descending, rank

__all__ = ["DEFAULT_RANK", "RANKERS", "SHORTLIST", "ranker"]

SHORTLIST = 500
"""How many documents the ball must hold, at least, before they are ranked again."""

DEFAULT_RANK = "hybrid"

_NO_ROWS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
_NOTHING = Ranking(_NO_ROWS, _NO_ROWS, np.zeros(0, dtype=np.float32))


def by_hamming(parts: Parts, question: Question, wanted: Wanted) -> Ranking:
    """Rank by distance alone, ties by row: Salakhutdinov and Hinton, *Semantic Hashing* (2009).

    The score is the share of the bits that agree.
    """
    ball = _ball(question, wanted, wanted.at_least)
    wanted.lap("lookup")
    scores = 1 - ball.distances / question.encoded.bits
    return Ranking(ball.rows, ball.distances, scores.astype(np.float32))


def by_likelihood(parts: Parts, question: Question, wanted: Wanted) -> Ranking:
    """Rank by the log-probability of the documents' codes under the query, ties by row: see `semhash.lookup.probing`.

    The score is that log-probability, in nats: 0 at most.
    """
    if question.encoded.known_words == 0:
        return _NOTHING
    flips = flip_costs(question.margins())
    found = _likeliest(parts, question, wanted, flips, wanted.at_least)
    wanted.lap("lookup")
    scores = log_probability(flips, found.costs)
    return Ranking(found.rows, found.distances, scores.astype(np.float32))


def by_tfidf(parts: Parts, question: Question, wanted: Wanted) -> Ranking:
    """Rank a ball of `SHORTLIST` documents or more by the TF-IDF cosine of their words, ties by distance."""
    ball = _ball(question, wanted, max(SHORTLIST, wanted.at_least))
    wanted.lap("lookup")
    cosines = parts.term_index.cosine(question.terms, ball.rows)
    ranking = rank(ball.rows, ball.distances, cosines, len(ball))
    wanted.lap("rank")
    return ranking


def by_bm25(parts: Parts, question: Question, wanted: Wanted) -> Ranking:
    """Rank every document that shares a word with the query by BM25, ties by row: see `semhash.ranking.postings`.

    Those that share none are never found, so there may be fewer than are wanted.
    """
    rows, scores = _by_words(parts, question, wanted, wanted.at_least)
    wanted.lap("lookup")
    return Ranking(rows, _distances(parts, question, rows), scores.astype(np.float32))


def by_both(parts: Parts, question: Question, wanted: Wanted) -> Ranking:
    """Rank the best `SHORTLIST` documents by words and as many by code by both: see `semhash.ranking.fusion`.

    The code is the query's own, corrected by the codes of the documents that are best by its words and by itself.
    A query without a word of the vocabulary is ranked by its other words alone. A document that is asked by is
    left out last of all, so that what is found is what its words would find.
    """
    encoded = question.encoded
    enough = max(SHORTLIST, wanted.at_least) + (question.without is not None)
    everyone = replace(question, without=None)
    rows, bm25 = _by_words(parts, everyone, wanted, enough)
    # For a document that is not among those, the words say no more than for the last of them.
    at_most = float(bm25[-1]) if len(rows) >= enough else 0.0
    packed = _codes(parts, rows)
    evidence = Evidence(encoded.known_words, len(parts.codes), question.is_document)
    margins = np.zeros(encoded.bits, dtype=np.float32)
    likely = _Likely(encoded.code, margins, np.zeros(encoded.bits, dtype=np.int64), None)
    if encoded.known_words:
        margins = _heard(question, packed, bm25, evidence)
        code, flips = _code(margins), flip_costs(margins)
        if wanted.radius is None:
            found = wanted.prober.probe(code, flips, enough)
        else:
            ball = wanted.lookup.ball(encoded.code, wanted.radius)
            found = Probed.ordered(
                ball.rows, code_costs(code, flips, _codes(parts, ball.rows)), ball.distances
            )
        likely = _Likely(code, margins, flips, found)
    wanted.lap("lookup")
    by_words = _ByWords(rows, packed, bm25, parts.postings.spelled(question.spelled, rows), at_most)
    ranking = _by_both(parts, question, wanted, likely, by_words, evidence)
    wanted.lap("rank")
    return ranking


@dataclass(frozen=True, slots=True, eq=False)
class _Likely:
    """What a question's code finds.

    Attributes
    ----------
    code : int
        The likeliest code.
    margins : ndarray of shape (bits,), float32
        The log-odds of its bits.
    flips : ndarray of shape (bits,), int64
        What flipping its bits costs.
    found : Probed or None
        The likeliest documents, or those of a ball; None where the code says nothing.
    """

    code: int
    margins: NDArray[np.float32]
    flips: NDArray[np.int64]
    found: Probed | None

    def costs(self, packed: Packed) -> NDArray[np.float64]:
        """Give what some codes cost, in nats."""
        return np.asarray(code_costs(self.code, self.flips, packed) * UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class _ByWords:
    """What a question's words find.

    Attributes
    ----------
    rows : ndarray of shape (n,), int64
        The best documents.
    packed : ndarray of shape (n, n_bytes), uint8
        Their codes.
    bm25, spelled : ndarray of shape (n,), float64
        Their scores, and what they gain by spellings.
    at_most : float
        The score of any other document is not above this.
    """

    rows: NDArray[np.int64]
    packed: Packed
    bm25: NDArray[np.float64]
    spelled: NDArray[np.float64]
    at_most: float


def _by_both(  # noqa: PLR0917, what was found, in parts
    parts: Parts,
    question: Question,
    wanted: Wanted,
    likely: _Likely,
    by_words: _ByWords,
    evidence: Evidence,
) -> Ranking:
    """Rank documents by words and codes; words are looked up where they could bring one among those wanted."""
    rows = by_words.rows
    fused = partial(fuse, margins=likely.margins, evidence=evidence, scale=scale_of(by_words.bm25))
    scores = fused(by_words.bm25 + by_words.spelled, likely.costs(by_words.packed)).astype(np.float32)
    behind = _NO_ROWS
    if likely.found is not None:
        least = _least(scores[_kept(question, rows)], wanted)
        bounds = fused(np.array([by_words.at_most]), likely.found.costs * UNIT).astype(np.float32)
        # The dearer its code, the less a document can reach, so it is the first ones that may reach enough.
        n_open = int(np.count_nonzero(bounds >= least))
        more = _others(likely.found.rows[:n_open], rows)
        behind = _others(likely.found.rows[n_open:], rows)
        if len(more):
            words_say = parts.postings.scores_of(question.words, more, question.groups)
            theirs = fused(words_say, likely.costs(_codes(parts, more))).astype(np.float32)
            scores, rows = np.concatenate([scores, theirs]), np.concatenate([rows, more])
    kept = _kept(question, rows)
    rows, scores = rows[kept], scores[kept]
    behind = behind[_kept(question, behind)]
    distances = _distances(parts, question, np.concatenate([rows, behind]))
    ranking = rank(rows, distances[: len(rows)], scores, len(rows))
    return replace(ranking, behind=len(behind), reach=int(distances[len(rows) :].max(initial=0)))


def _least(scores: NDArray[np.float32], wanted: Wanted) -> float:
    """Give what a document must reach to be among those wanted, beside documents of some scores."""
    n = wanted.at_least
    return -np.inf if wanted.whole or len(scores) < n else float(np.partition(scores, -n)[-n])


RANKERS: dict[str, Ranker] = {
    "hamming": by_hamming,
    "asymmetric": by_likelihood,
    "tfidf": by_tfidf,
    "bm25": by_bm25,
    "hybrid": by_both,
}
"""Every way to rank, by the name that ``--rank`` and `Index.query` know it by."""


def ranker(name: str) -> Ranker:
    """Give the ranker of a name.

    Raises
    ------
    ConfigError
        There is none.
    """
    if name not in RANKERS:
        raise ConfigError(f"rank: expected one of {', '.join(RANKERS)}, found {name!r}")
    return RANKERS[name]


def _ball(question: Question, wanted: Wanted, at_least: int) -> Neighbours:
    """Give the ball around the question's code; nothing where the code says nothing."""
    if question.encoded.known_words == 0:
        return Neighbours(_NOTHING.rows, _NOTHING.distances)
    code, lookup = question.encoded.code, wanted.lookup
    if wanted.radius is not None:
        ball = lookup.ball(code, wanted.radius)
    else:
        ball = lookup.grow(code, at_least + (question.without is not None))
    kept = _kept(question, ball.rows)
    return Neighbours(ball.rows[kept], ball.distances[kept])


def _likeliest(
    parts: Parts, question: Question, wanted: Wanted, flips: NDArray[np.int64], at_least: int
) -> Probed:
    """Give the documents whose codes are likeliest under the question, or all of its ball."""
    code = question.encoded.code
    if wanted.radius is None:
        found = wanted.prober.probe(code, flips, at_least + (question.without is not None))
    else:
        ball = wanted.lookup.ball(code, wanted.radius)
        costs = code_costs(code, flips, parts.codes[ball.rows])
        found = Probed.ordered(ball.rows, costs, ball.distances)
    kept = _kept(question, found.rows)
    return Probed(found.rows[kept], found.costs[kept], found.distances[kept])


def _by_words(
    parts: Parts, question: Question, wanted: Wanted, at_least: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the best documents by BM25 with their scores; in a ball or among some, all that share a word."""
    among = wanted.among if wanted.radius is None else np.sort(_ball(question, wanted, at_least).rows)
    if among is None:
        n = at_least + (question.without is not None)
        rows, scores = parts.postings.best(question.words, n, question.groups)
    else:
        rows, scores = _scored(parts, question, among)
        order = descending(scores)
        rows, scores = rows[order], scores[order]
    kept = _kept(question, rows)
    return rows[kept], scores[kept]


def _scored(
    parts: Parts, question: Question, among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give those of some documents that share a word with a question, and their scores, by whichever is less work."""
    words = question.words
    held = int(parts.postings.document_frequency(words.indices).sum())
    if held < len(among):
        rows, scores = parts.postings.scores(words, question.groups)
        place = np.searchsorted(among, rows)
        kept = among.take(place, mode="clip") == rows
    else:
        rows, scores = among, parts.postings.scores_of(words, among, question.groups)
        kept = scores > 0
    return rows[kept], scores[kept]


def _others(rows: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give those of some rows that are not among others, ascending; each is there once in either."""
    if not len(among) or not len(rows):
        return np.sort(rows)
    ordered = np.sort(rows)
    places = np.searchsorted(ordered, among)
    known = places[ordered.take(places, mode="clip") == among]
    return np.delete(ordered, known)


def _heard(
    question: Question, packed: Packed, bm25: NDArray[np.float64], evidence: Evidence
) -> NDArray[np.float32]:
    """Give the question's margins as corrected by the best of the documents that its words find.

    Parameters
    ----------
    packed, bm25 : ndarray of shape (n, n_bytes), ndarray of shape (n,)
        The codes of those documents, the best by words first, and their scores.
    """
    encoded, margins = question.encoded, question.margins()
    packed = packed[:SHORTLIST]  # so that witnesses are the same however many hits are wanted
    costs = code_costs(encoded.code, flip_costs(margins), packed) * UNIT
    scores = fuse(bm25[:SHORTLIST], costs, margins, evidence)
    best = np.argsort(-scores, kind="stable")[:WITNESSES]
    return corrected(margins, codes.unpack(packed[best], encoded.bits))


def _code(margins: NDArray[np.float32]) -> int:
    return codes.to_int(codes.pack(margins[np.newaxis] > 0)[0])


def _distances(parts: Parts, question: Question, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the distances of some documents' codes to the question's, in bits."""
    query = codes.from_int(question.encoded.code, question.encoded.bits)
    return codes.hamming_distances(query, _codes(parts, rows)).astype(np.int64)


def _codes(parts: Parts, rows: NDArray[np.int64]) -> Packed:
    """Give the codes of some documents, in a quarter of the time of an index by an array."""
    return parts.codes.take(rows, axis=0)


def _kept(question: Question, rows: NDArray[np.int64]) -> slice | NDArray[np.bool_]:
    """Say which rows are kept: all but the document that is asked by."""
    return slice(None) if question.without is None else rows != question.without
