"""What asking an index gives back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semhash.asking.grammar import NO_OPERATORS, Operators
from semhash.asking.snippet import Snippet
from semhash.asking.uncoded import Uncoded
from semhash.catalogue.passage import Passage
from semhash.learned.novelty import Novelty

if TYPE_CHECKING:
    from semhash.asking.suggestions import Suggestion

__all__ = ["Duplicate", "Hit", "QueryResult"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document that is nearly the same as a hit.

    Attributes
    ----------
    id, title, path : as in `semhash.corpus.Document`
        Which document it is.
    similarity : float
        TF-IDF cosine with the hit.
    """

    id: str
    title: str
    path: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found.

    Attributes
    ----------
    rank : int
        1 for the best.
    id, title, path, labels : as in `semhash.corpus.Document`
        Which document it is.
    distance : int
        Bits in which its code differs from the query's.
    score : float
        What it was ranked by, the higher the better; `QueryResult.ranking` says what that is.
    snippet : Snippet
        A passage with the query's words marked; empty when texts are not stored, or it was not asked for.
    duplicates : tuple of Duplicate, or None
        The documents that are nearly the same, most similar first; None when they were not to be put together.
    passage : Passage or None
        Where in a longer document it stands; None for a document that was not split.
    """

    rank: int
    id: str
    title: str
    path: str
    labels: tuple[str, ...]
    distance: int
    score: float
    snippet: Snippet
    duplicates: tuple[Duplicate, ...] | None = None
    passage: Passage | None = None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to one query.

    Attributes
    ----------
    query : str
        The text, or the id of the document, that was asked by.
    code, bits, known_words : int
        As in `semhash.Encoded`.
    ranking : str
        What the hits are ranked by, as `Index.query` names it: with ``tfidf`` a score is the TF-IDF cosine, 0
        to 1; with ``hamming`` the share of the bits that agree, 0 to 1; with ``asymmetric`` the log-probability
        of the document's code under the query, 0 at most; with ``bm25`` the BM25 score, above 0; with ``hybrid``
        that of `semhash.ranking.fusion`, about 1 for good documents.
    shortlist : int
        Documents that were ranked: those in the ball that was looked in.
    radius : int
        Distance in bits of the farthest of them.
    hits : list of Hit
        Best first.
    seconds : dict of str to float
        Time spent on ``encode``, ``lookup``, ``rank``, ``fetch`` and in ``total``.
    passing : int or None
        How many documents of the index pass the filter, and those in the text; None without one.
    novelty : Novelty or None
        How unlike the documents that were learned from the query is; None where it was not asked for, where no word
        of it is in the vocabulary, or where the index does not know.
    uncoded : Uncoded or None
        Why it has no code; None where it has one.
    wanted, unwanted : Operators
        What signs in the text asked for, and what they excluded: see `semhash.asking.grammar`.
    suggestions : tuple of Suggestion
        Words of the corpus for those of the text that no document has.
    remarks : tuple of str
        What is to be known of the answer besides, in sentences.
    """

    query: str
    code: int
    bits: int
    known_words: int
    ranking: str
    shortlist: int
    radius: int
    hits: list[Hit]
    seconds: dict[str, float]
    passing: int | None = None
    novelty: Novelty | None = None
    uncoded: Uncoded | None = None
    wanted: Operators = NO_OPERATORS
    unwanted: Operators = NO_OPERATORS
    suggestions: "tuple[Suggestion, ...]" = ()
    remarks: tuple[str, ...] = ()
