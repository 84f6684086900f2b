"""From rows to hits: the documents named, their passages cut out, those that are nearly the same put under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from semhash.asking.results import Duplicate, Hit
from semhash.asking.snippet import Snippet, Snippets
from semhash.catalogue import ShownDocument
from semhash.errors import IndexDamagedError
from semhash.opened_index import OpenedIndex
from semhash.ranking import Ranking
from semhash.ranking.grouping import Group

__all__ = ["Found", "make_hits"]

_NO_SNIPPET = Snippet("")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was ranked, and what of it is to be shown.

    Attributes
    ----------
    ranking : Ranking
        All documents that were looked at.
    best : Ranking
        Those that are hits.
    groups : list of Group, or None
        What is put under each of them; None when nothing is to be.
    """

    ranking: Ranking
    best: Ranking
    groups: list[Group] | None


def make_hits(index: OpenedIndex, found: Found, marked: Mapping[str, int] | None) -> list[Hit]:
    """Make hits of what was found.

    Parameters
    ----------
    index : OpenedIndex
    found : Found
    marked : mapping of str to int, or None
        What snippets show, the weightiest first, by its term; None for no snippets, and no text is read.

    Raises
    ------
    IndexDamagedError
        The catalogue lacks a document.
    """
    best = found.best
    rows = best.rows.tolist()
    shown = _shown(index, rows, texts=marked is not None)
    snippets = [_NO_SNIPPET] * len(rows) if marked is None else _snippets(index, shown, marked)
    ordered = zip(shown, best.distances.tolist(), best.scores.tolist(), snippets, strict=True)
    hits = [_hit(place, *each) for place, each in enumerate(ordered, 1)]
    if found.groups is None:
        return hits
    under = [_duplicates(index, group) for group in found.groups]
    return [replace(hit, duplicates=same) for hit, same in zip(hits, under, strict=True)]


def _shown(index: OpenedIndex, rows: Sequence[int], *, texts: bool) -> list[ShownDocument]:
    found = index.catalogue.shown(rows, texts=texts)
    if len(found) != len(rows):
        raise IndexDamagedError(
            f"{index.path}: expected every hit in the catalogue, found {len(found)} of {len(rows)}; "
            "look closer with: semhash verify"
        )
    return found


def _hit(place: int, document: ShownDocument, distance: int, score: float, snippet: Snippet) -> Hit:
    return Hit(
        rank=place,
        id=document.id,
        title=document.title,
        path=document.path,
        labels=document.labels,
        distance=distance,
        score=score,
        snippet=snippet,
        passage=document.passage,
    )


def _snippets(
    index: OpenedIndex, documents: Sequence[ShownDocument], marked: Mapping[str, int]
) -> Iterator[Snippet]:
    """Yield a snippet of each document, without its title."""
    snippets = Snippets([*marked], index.analyzer)
    ordered = sorted((term, name) for name, term in marked.items())
    terms = np.array([term for term, _ in ordered], dtype=np.int64)
    counts = index.term_index.counts
    for document in documents:
        if document.text is None:
            yield _NO_SNIPPET
            continue
        document.text.skip(document.title)
        terms_of_document = counts.indices[counts.indptr[document.row] : counts.indptr[document.row + 1]]
        places = np.searchsorted(terms_of_document, terms)
        places[places == len(terms_of_document)] = 0
        held = np.flatnonzero(terms_of_document[places] == terms) if len(terms_of_document) else ()
        yield snippets.of(document.text, [ordered[place][1] for place in held])


def _duplicates(index: OpenedIndex, group: Group) -> tuple[Duplicate, ...]:
    documents = _shown(index, group.rows.tolist(), texts=False)
    return tuple(
        Duplicate(document.id, document.title, document.path, similarity)
        for document, similarity in zip(documents, group.similarities.tolist(), strict=True)
    )
