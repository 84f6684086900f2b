"""From rows to hits: the documents named, their passages cut out, those that are nearly the same put under them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from semhash.asking.results import Duplicate, Hit
from semhash.asking.snippet import LOOKED_AT, Snippet, Snippets
from semhash.catalogue import ShownDocument
from semhash.errors import IndexDamagedError
from semhash.opened_index import OpenedIndex
from semhash.ranking import Ranking
from semhash.ranking.grouping import Group

__all__ = ["Found", "make_hits"]

_NO_SNIPPET = Snippet("")
_READ = LOOKED_AT + 1  # characters of a text: one more tells that there is more


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


def make_hits(index: OpenedIndex, found: Found, marked: Sequence[str] | None) -> list[Hit]:
    """Make hits of what was found.

    Parameters
    ----------
    index : OpenedIndex
    found : Found
    marked : sequence of str, or None
        The terms that snippets show, the weightiest first; None for no snippets, and no text is read.

    Raises
    ------
    IndexDamagedError
        The catalogue lacks a document.
    """
    best = found.best
    rows = best.rows.tolist()
    shown = _shown(index, rows, characters=0 if marked is None else _READ)
    ordered = zip(shown, best.distances.tolist(), best.scores.tolist(), strict=True)
    cut = partial(_snippet, snippets=None if marked is None else Snippets(marked, index.analyzer))
    hits = [_hit(place, *each, cut) for place, each in enumerate(ordered, 1)]
    if found.groups is None:
        return hits
    under = [_duplicates(index, group) for group in found.groups]
    return [replace(hit, duplicates=same) for hit, same in zip(hits, under, strict=True)]


def _shown(index: OpenedIndex, rows: Sequence[int], characters: int = 0) -> list[ShownDocument]:
    found = index.catalogue.shown(rows, characters=characters)
    if len(found) != len(rows):
        raise IndexDamagedError(
            f"{index.path}: expected every hit in the catalogue, found {len(found)} of {len(rows)}; "
            "look closer with: semhash verify"
        )
    return found


def _hit(
    place: int,
    document: ShownDocument,
    distance: int,
    score: float,
    snippet: Callable[[ShownDocument], Snippet],
) -> Hit:
    return Hit(
        rank=place,
        id=document.id,
        title=document.title,
        path=document.path,
        labels=document.labels,
        distance=distance,
        score=score,
        snippet=snippet(document),
        passage=document.passage,
    )


def _snippet(document: ShownDocument, snippets: Snippets | None) -> Snippet:
    if snippets is None:
        return _NO_SNIPPET
    return snippets.of("" if document.text is None else document.text.removeprefix(document.title))


def _duplicates(index: OpenedIndex, group: Group) -> tuple[Duplicate, ...]:
    documents = _shown(index, group.rows.tolist())
    return tuple(
        Duplicate(document.id, document.title, document.path, similarity)
        for document, similarity in zip(documents, group.similarities.tolist(), strict=True)
    )
