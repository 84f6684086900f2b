"""Near-identical documents of an index: those at neighbouring addresses whose words agree.

Documents of equal text are duplicates by their digests alone. Of the others, each pair is found whose
addresses differ in few enough bits and whose TF-IDF cosine, the words of files' names aside, reaches the
threshold: exactly, see `semhash.duplicates.similarity_join`, without comparing all documents at an address with each
other. Pairs that hang together already are not compared again, so a crowd of copies costs little more than one
comparison each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.asking.naming import bare_terms
from semhash.catalogue import DocumentHead
from semhash.duplicates.components import Components
from semhash.duplicates.similarity_join import SLACK, Pairs, cosines, prefix_postings, sharing_pairs
from semhash.errors import ConfigError
from semhash.index import Index
from semhash.progress import Progress, silent
from semhash.ranking import TermIndex

__all__ = ["MIN_SIMILARITY", "RADIUS", "Duplicate", "DuplicateGroup", "find_duplicates"]

MIN_SIMILARITY = 0.9
RADIUS = 2
MAX_RADIUS = 2  # of 11,314 newsgroup messages, none of the 163 groups at 0.9 needs more


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document of a group.

    Attributes
    ----------
    id, title, path : as in `semhash.corpus.Document`
        Which document it is.
    similarity : float
        TF-IDF cosine with the group's first, 0 to 1; 1 where the texts are equal.
    distance : int
        Bits in which its code differs from the first's.
    identical : bool
        Whether its text is the first's, to the letter; that of the first itself is.
    """

    id: str
    title: str
    path: str
    similarity: float
    distance: int
    identical: bool


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Documents that hang together by pairs that are near-identical.

    Attributes
    ----------
    documents : list of Duplicate
        In reading order: the first is the one that was read first. Two that hang together by a third may be
        less alike than the threshold.
    """

    documents: list[Duplicate]

    @property
    def similarity(self) -> float:
        """The lowest similarity of a document with the first."""
        return min(document.similarity for document in self.documents)


def find_duplicates(
    index: Index,
    min_similarity: float = MIN_SIMILARITY,
    radius: int = RADIUS,
    *,
    progress: Progress = silent,
) -> list[DuplicateGroup]:
    """Find groups of near-identical documents.

    Parameters
    ----------
    index : Index
    min_similarity : float
        The TF-IDF cosine that two documents must reach, above 0 and at most 1.
    radius : int
        Bits in which their addresses may differ, 0 to 2. Near copies often differ in a bit.
    progress : Progress
        Hears the documents of stage ``sort``, and the pairs of stage ``compare``.

    Returns
    -------
    list of DuplicateGroup
        The largest first, equally large ones in reading order; empty when no two documents are alike.

    Raises
    ------
    ConfigError
        An argument is out of range.
    IndexDamagedError
        A file of the index is missing or altered.
    """
    _check(min_similarity, radius)
    with index.asking():
        heads = index.catalogue.heads()
        components = Components(len(heads))
        first_of = _equal_texts(heads)
        components.join(np.arange(len(heads)), first_of)
        rows = np.array([h.row for h in heads if h.known_words and first_of[h.row] == h.row], dtype=np.int64)
        parts = _parts(np.asarray(index.codes)[rows], index.bits, radius + 1)
        terms = bare_terms(index)
        postings = prefix_postings(terms, rows, min_similarity, parts, partial(progress, "sort"))
        for pairs in sharing_pairs(postings, partial(progress, "compare")):
            near = pairs.where(_distances(index.codes, pairs.first, pairs.second) <= radius)
            _join_alike(components, terms, near, min_similarity)
        groups = [_group(index, terms, heads, rows, first_of) for rows in components.groups()]
    return sorted(groups, key=lambda group: -len(group.documents))


def _check(min_similarity: float, radius: int) -> None:
    if not 0 < min_similarity <= 1:
        raise ConfigError(f"min_similarity: expected above 0 and at most 1, found {min_similarity:g}")
    if not 0 <= radius <= MAX_RADIUS:
        raise ConfigError(f"radius: expected 0 to {MAX_RADIUS} bits, found {radius}")


def _equal_texts(heads: Sequence[DocumentHead]) -> NDArray[np.int64]:
    """Give the first row that has each document's text, shape (n_documents,)."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(head.digest, row) for row, head in enumerate(heads)], dtype=np.int64)


def _parts(packed: codes.Packed, bits: int, n_parts: int) -> NDArray[np.int64]:
    """Cut codes into parts, and number each part's values: shape (n_documents, n_parts).

    Codes that differ in fewer bits than there are parts agree in one of them: multi-index hashing, Norouzi, Punjani
    and Fleet, *Fast search in Hamming space with multi-index hashing* (CVPR 2012).
    """
    cuts = np.array_split(codes.unpack(packed, bits), n_parts, axis=1)
    numbered = [np.unique(np.packbits(part, axis=1), axis=0, return_inverse=True)[1] for part in cuts]
    return np.stack([numbers.ravel() for numbers in numbered], axis=1).astype(np.int64)


def _distances(
    packed: codes.Packed, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the Hamming distance of each pair, shape (n_pairs,)."""
    found = np.zeros(len(first), dtype=np.int64)
    for column in range(packed.shape[1]):
        found += np.bitwise_count(packed[first, column] ^ packed[second, column])
    return found


def _join_alike(components: Components, terms: TermIndex, pairs: Pairs, threshold: float) -> None:
    """Join the pairs that reach the threshold, and compare none that hang together by others.

    In rounds: one pair of each document, then two more, then four more, those now joined left out.
    """
    share = 1
    while len(pairs):
        names = components.names()
        pairs = pairs.where(names[pairs.first] != names[pairs.second])
        place = np.arange(len(pairs)) - np.searchsorted(pairs.first, pairs.first)
        tried = pairs.where(place < share)
        alike = tried.where(cosines(terms, tried.first, tried.second) >= threshold - SLACK)
        components.join(alike.first, alike.second)
        pairs = pairs.where(place >= share)
        share *= 2


def _group(
    index: Index,
    terms: TermIndex,
    heads: Sequence[DocumentHead],
    rows: NDArray[np.int64],
    first_of: NDArray[np.int64],
) -> DuplicateGroup:
    firsts = np.full(len(rows), rows[0])
    identical = first_of[rows] == rows[0]
    similarities = np.where(identical, 1.0, cosines(terms, rows, firsts)).tolist()
    distances = _distances(index.codes, rows, firsts).tolist()
    documents = [
        Duplicate(heads[row].id, heads[row].title, heads[row].path, similarity, distance, same)
        for row, similarity, distance, same in zip(
            rows.tolist(), similarities, distances, identical.tolist(), strict=True
        )
    ]
    return DuplicateGroup(documents)
