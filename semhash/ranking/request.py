"""What a way to rank is given, and what it must give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semhash.codes import Packed
from semhash.lookup.neighbours import AddressLookup, Prober
from semhash.ranking.fusion import dampened, document_share
from semhash.ranking.postings import Groups, Postings, Spelled
from semhash.ranking.shortlist import Ranking, TermIndex
from semhash.vocabulary import Counts

__all__ = ["Encoded", "Parts", "Question", "Ranker", "Wanted"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text's code.

    Attributes
    ----------
    code : int
        Bit i is ``(code >> i) & 1``.
    bits : int
        Its width.
    known_words : int
        How many words of the text are in the vocabulary; with none, the code says nothing.
    """

    code: int
    bits: int
    known_words: int


class Parts(Protocol):
    """The parts of an index that are ranked with; `semhash.index.Index` has them, opened when first needed."""

    @property
    def codes(self) -> Packed:
        """Every document's code, of shape (n_documents, n_bytes), uint8."""

    @property
    def term_index(self) -> TermIndex:
        """Every document's counts over the lexicon."""

    @property
    def postings(self) -> Postings:
        """Every word's documents."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked by.

    Attributes
    ----------
    name : str
        The text, or the id of the document.
    encoded : Encoded
        Its code.
    terms : Counts of shape (1, n_words)
        Its counts over the lexicon.
    margins : callable
        Gives the inputs of the code units less their thresholds, of shape (bits,), float32. Those of a document
        of the index are not stored, so they are worked out when they are asked for.
    without : int or None
        The row of a document that is not to be found: the one that is asked by.
    groups : ndarray of shape (n_terms,), int, or None
        The word that each of its terms says: see `semhash.ranking.postings.Postings.scores`.
    spelled : sequence of Spelled
        Its words as they are written; none for a document of the index.
    """

    name: str
    encoded: Encoded
    terms: Counts
    margins: Callable[[], NDArray[np.float32]]
    without: int | None = None
    groups: Groups | None = None
    spelled: Sequence[Spelled] = ()

    @property
    def words(self) -> Counts:
        """What BM25 is asked by: its terms, repeats counted as in what kind of text they are."""
        share = document_share(self.encoded.known_words)
        return dampened(self.terms, share)

    @property
    def is_document(self) -> bool:
        """Whether a document of the index asks, and not what somebody typed."""
        return self.without is not None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a ranking.

    Attributes
    ----------
    at_least : int
        How many documents to give, when there are so many; more may be given.
    radius : int or None
        Give the documents of the ball of so many bits, and no others; None sets no such bound.
    lookup : AddressLookup
        Finds by its code every document that may be found and has one.
    prober : Prober
        Finds the same documents by what their codes cost.
    among : ndarray of shape (n,), int64, or None
        The rows that may be found, ascending, where not all may; documents without a code among them.
    lap : callable
        Told the name of each step that is done: ``lookup``, then ``rank``.
    whole : bool
        Put all that was looked at in order, not only what may be among the first `at_least`.
    """

    at_least: int
    radius: int | None
    lookup: AddressLookup
    prober: Prober
    among: NDArray[np.int64] | None
    lap: Callable[[str], None]
    whole: bool = False


Ranker = Callable[[Parts, Question, Wanted], Ranking]
"""Gives the documents that it looked at, best first: `Wanted.at_least` or more where so many may be found.

What cannot be among so many it may give as `Ranking.behind` alone, unless the whole is wanted. It leaves out
`Question.without` and all that is not in `Wanted.among`, and never cuts what it found: whoever asks does. Where
scores are equal its order is fixed, by distance and row, or by row alone.
"""
