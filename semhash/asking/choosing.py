"""From rankings to k hits: what a question does not let be found, and what is said already, makes room for the next."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.asking.hits import Found
from semhash.asking.naming import bare_cosine
from semhash.asking.understood import Understood
from semhash.opened_index import OpenedIndex
from semhash.ranking import Ranking
from semhash.ranking.grouping import grouped
from semhash.ranking.request import Ranker, Wanted

__all__ = ["chosen"]

_AT_ONCE = 32  # documents that are looked at together


def chosen(
    index: OpenedIndex,
    understood: Understood,
    by: Ranker,
    wanted: Wanted,
    *,
    group: bool,
    per_document: bool,
) -> Found:
    """Go down a ranking to the first k documents that are hits, and rank more where that is not enough.

    Parameters
    ----------
    index : OpenedIndex
    understood : Understood
        What is asked.
    by : Ranker
    wanted : Wanted
        `Wanted.at_least` hits are chosen, where there are so many.
    group : bool
        Put documents at one address whose words are nearly the same under the best of them: see
        `semhash.ranking.grouping`.
    per_document : bool
        Choose the best passage alone of each document that was split.
    """
    question, parts, k = understood.asked.question, understood.parts, wanted.at_least
    per_document = per_document and index.manifest.config.corpus.passages > 0
    if not group and not per_document and understood.keeps is None:
        ranking = by(parts, question, wanted)
        return Found(ranking, ranking.first(k), None)
    wanted = replace(wanted, whole=True)
    choice = _Choice(index, understood, wanted, k, group=group, per_document=per_document)
    ranking = by(parts, question, wanted)
    while True:
        found = choice.of(ranking)
        if len(found.best.rows) >= k:
            return found
        more = by(parts, question, replace(wanted, at_least=2 * len(ranking.rows) + 1))
        if len(more.rows) == len(ranking.rows):
            return found
        ranking = more


class _Choice:
    """Says which documents of a ranking are hits; what it finds of a document it keeps."""

    def __init__(
        self,
        index: OpenedIndex,
        understood: Understood,
        wanted: Wanted,
        k: int,
        *,
        group: bool,
        per_document: bool,
    ) -> None:
        self._index, self._understood, self._wanted, self._k = index, understood, wanted, k
        self._group, self._per_document = group, per_document
        self._wholes: dict[int, str] = {}

    def of(self, ranking: Ranking) -> Found:
        """Choose from a ranking."""
        places = self._places(ranking.rows)
        if not self._group:
            return Found(ranking, ranking.at(list(islice(places, self._k))), None)
        groups = grouped(ranking.rows, self._k, partial(bare_cosine, self._index), self._beside, places)
        return Found(ranking, ranking.at([group.place for group in groups]), groups)

    def _places(self, rows: NDArray[np.int64]) -> Iterator[int]:
        """Return the places of the documents that may be hits, best first, looked at no farther than asked."""
        seen: set[str] = set()
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE].tolist()
            kept = self._kept(some)
            wholes = self._whole(some) if self._per_document else {}
            for place, (row, keeps) in enumerate(zip(some, kept, strict=True), start):
                if keeps and wholes.get(row, "") not in seen:
                    yield place
                    if row in wholes:
                        seen.add(wholes[row])

    def _kept(self, rows: list[int]) -> list[bool]:
        keeps = self._understood.keeps
        return [True] * len(rows) if keeps is None else keeps.keeps(rows)

    def _whole(self, rows: list[int]) -> dict[int, str]:
        """Return the id of the document that each passage is of."""
        for shown in self._index.catalogue.shown([row for row in rows if row not in self._wholes]):
            self._wholes[shown.row] = shown.whole
        return {row: self._wholes[row] for row in rows if row in self._wholes}

    def _beside(self, row: int) -> NDArray[np.int64]:
        """Return the documents at a document's address that may be found, those without its phrases aside."""
        rows = self._wanted.lookup.ball(codes.to_int(self._index.codes[row]), 0).rows
        without = self._understood.asked.question.without
        rows = rows if without is None else rows[rows != without]
        return rows[np.array(self._kept(rows.tolist()), dtype=bool)] if self._understood.keeps else rows
