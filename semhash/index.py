"""An index opened for asking: text or a document in, hits out. Loads neither torch nor scikit-learn."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.catalogue import CatalogueEntry
from semhash.code_scan import CodeScan
from semhash.damage import damage_told
from semhash.errors import ConfigError, DocumentNotFoundError, IndexDamagedError
from semhash.grouping import Group, grouped
from semhash.opened_index import OpenedIndex
from semhash.places import resolve_index
from semhash.rankers import DEFAULT_RANK, SHORTLIST, Question, Wanted, ranker
from semhash.ranking import Ranking
from semhash.results import Duplicate, Encoded, Hit, QueryResult
from semhash.snippet import make_snippet
from semhash.store import IndexFolder
from semhash.text import words
from semhash.vocabulary import Counts
from semhash.where import Settled, Where, select, settled

__all__ = ["SHORTLIST", "Index", "open_index"]

_SNIPPET_WORDS = 12
_STEPS = ("encode", "lookup", "rank", "fetch")


@dataclass(slots=True)
class _Stopwatch:
    """Adds up the time between laps by name."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_STEPS, 0.0))
    last: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] += now - self.last
        self.last = now

    def total(self) -> dict[str, float]:
        return {**self.seconds, "total": sum(self.seconds.values())}


@dataclass(frozen=True, slots=True)
class _How:
    """How hits are found and ranked: what `Index.query` takes beside the text."""

    k: int
    radius: int | None
    rank: str
    where: Where | None
    group: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What was ranked, and the groups of the best when there are to be groups."""

    ranking: Ranking
    best: Ranking
    groups: list[Group] | None


class Index(OpenedIndex):
    """An index opened for reading. Made by `open_index`; close it, or use it in ``with``.

    Parameters
    ----------
    folder : IndexFolder
        The opened folder.
    """

    def __init__(self, folder: IndexFolder) -> None:
        super().__init__(folder)
        self._filtered: dict[Settled, tuple[NDArray[np.int64], CodeScan]] = {}

    def query(
        self,
        text: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
    ) -> QueryResult:
        """Find the documents that are about what a text is about.

        Parameters
        ----------
        text : str
            A few words, or a whole document.
        k : int
            How many hits to give at most.
        radius : int or None
            Look in the ball of this many bits; None grows it until it holds enough documents.
        rank : str
            What the hits are ranked by: a name of `semhash.rankers.RANKERS`. ``hamming`` is the distance of
            the codes, ``asymmetric`` the documents' codes' log-probability under the query, ``tfidf`` the cosine
            of the words inside a ball, ``bm25`` the words alone, ``hybrid`` words and codes together.
        where : mapping of str to str or iterable of str, or None
            Only documents that pass this filter may be found: see `semhash.where.select`. There are `k` hits
            when so many pass: the ball grows until it holds enough of them.
        group : bool
            Put documents at one address whose words are nearly the same under the best of them, and count them
            as one hit; see `semhash.grouping`.

        Returns
        -------
        QueryResult
            No hits when no word of the text is known.

        Raises
        ------
        ConfigError
            `k` or `radius` is out of range, there is no such way to rank, or no document has a key or a value
            of `where`.
        """
        with damage_told(self.path):
            watch = _Stopwatch()
            text_words = words(text)
            [(encoded, margins)] = self._encode([text_words])
            question = Question(text, encoded, self.lexicon.count(text_words), lambda: margins)
            watch.lap("encode")
            return self._answer(question, _How(k, radius, rank, where, group), watch)

    def similar(
        self,
        document_id: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
    ) -> QueryResult:
        """Find the documents that are like one of the index, itself left out.

        All but the id is as in `query`.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of that id.
        ConfigError
            As in `query`.
        """
        with damage_told(self.path):
            watch = _Stopwatch()
            entry = self.document(document_id)
            encoded = Encoded(entry.code, self.bits, entry.known_words)
            terms = self.term_index.counts.take(np.array([entry.row]))
            margins = partial(self._margins_of, terms)
            watch.lap("fetch")
            question = Question(document_id, encoded, terms, margins, entry.row)
            return self._answer(question, _How(k, radius, rank, where, group), watch)

    def rank_many(
        self,
        texts: Sequence[str],
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
    ) -> Iterator[list[tuple[str, float]]]:
        """Answer many queries with ids and scores alone: one list for each text, best first.

        All but the texts is as in `query`; of a group, the best alone is given.
        """
        how = _How(k, radius, rank, where, group)
        split = [words(text) for text in texts]
        for text_words, (encoded, margins) in zip(split, self._encode(split), strict=True):
            with damage_told(self.path):
                given = partial(np.asarray, margins)
                question = Question("", encoded, self.lexicon.count(text_words), given)
                ranking = self._find(question, how, _Stopwatch()).best
                rows = ranking.rows.tolist()
                ids = self.catalogue.ids(rows)
            yield [(ids[row], score) for row, score in zip(rows, ranking.scores.tolist(), strict=True)]

    def encode(self, texts: Iterable[str]) -> list[Encoded]:
        """Give the codes of some texts, in order; one without a known word gets a code all the same."""
        return [encoded for encoded, _ in self._encode([words(text) for text in texts])]

    def document(self, document_id: str) -> CatalogueEntry:
        """Give the document of an id.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of that id.
        """
        entry = self.catalogue.by_id(document_id)
        if entry is None:
            raise DocumentNotFoundError(
                f"{self.path}: expected the id of one of its {len(self)} documents, found {document_id!r}; "
                "see the ids with: semhash list"
            )
        return entry

    def _encode(self, texts: Sequence[Sequence[str]]) -> list[tuple[Encoded, NDArray[np.float32]]]:
        """Give the code of each text, with the margins of its bits, of shape (bits,)."""
        columns = [[self.vocabulary[w] for w in text if w in self.vocabulary] for text in texts]
        margins = self.encoder.margins(_count_columns(columns, len(self.vocabulary)))
        found = codes.to_ints(codes.pack(margins > 0))
        return [
            (Encoded(code, self.bits, len(known)), sure)
            for code, known, sure in zip(found, columns, margins, strict=True)
        ]

    def _margins_of(self, terms: Counts) -> NDArray[np.float32]:
        """Encode one document's counts over the lexicon again, for what its code alone does not tell."""
        listed = zip(terms.indices.tolist(), terms.data.tolist(), strict=True)
        counted = ((self.lexicon.word(term), n) for term, n in listed)
        [(_, margins)] = self._encode([[word for word, n in counted for _ in range(n)]])
        return margins

    def _find(self, question: Question, how: _How, watch: _Stopwatch) -> _Found:
        """Rank documents until there are k to give, or as many as there are."""
        _check(how.k, how.radius, self.bits)
        by = ranker(how.rank)
        wanted = self._wanted(how, watch)
        ranking = by(self, question, wanted)
        if not how.group:
            return _Found(ranking, ranking.first(how.k), None)
        groups = self._groups(question, how, wanted, ranking)
        while len(groups) < how.k:
            more = by(self, question, replace(wanted, at_least=2 * len(ranking.rows) + 1))
            if len(more.rows) == len(ranking.rows):
                break
            ranking = more
            groups = self._groups(question, how, wanted, ranking)
        return _Found(ranking, ranking.at([group.place for group in groups]), groups)

    def _wanted(self, how: _How, watch: _Stopwatch) -> Wanted:
        if not how.where:
            return Wanted(how.k, how.radius, self.lookup, self.prober, None, watch.lap)
        rows, scan = self._passing(how.where)
        return Wanted(how.k, how.radius, scan, scan, rows, watch.lap)

    def _passing(self, where: Where) -> tuple[NDArray[np.int64], CodeScan]:
        """Give what passes a filter and a way to look it up; the last filter's are kept for the next query."""
        asked = settled(where)
        if asked not in self._filtered:
            rows = select(self.catalogue, where)
            coded = rows if self.manifest.n_unaddressed == 0 else np.intersect1d(rows, self.lookup.rows)
            self._filtered = {asked: (rows, CodeScan(self.codes, self.bits, coded))}
        return self._filtered[asked]

    def _groups(self, question: Question, how: _How, wanted: Wanted, ranking: Ranking) -> list[Group]:
        def beside(row: int) -> NDArray[np.int64]:
            rows = wanted.lookup.ball(codes.to_int(self.codes[row]), 0).rows
            return rows if question.without is None else rows[rows != question.without]

        return grouped(ranking.rows, how.k, self.term_index, beside)

    def _answer(self, question: Question, how: _How, watch: _Stopwatch) -> QueryResult:
        found = self._find(question, how, watch)
        ranking = found.ranking
        hits = self._hits(found, self._heaviest_words(question.terms))
        watch.lap("fetch")
        encoded = question.encoded
        return QueryResult(
            query=question.name,
            code=encoded.code,
            bits=encoded.bits,
            known_words=encoded.known_words,
            ranking=how.rank,
            shortlist=len(ranking.rows),
            radius=int(ranking.distances.max(initial=0)),
            hits=hits,
            seconds=watch.total(),
            passing=len(self._passing(how.where)[0]) if how.where else None,
        )

    def _hits(self, found: _Found, marked: Sequence[str]) -> list[Hit]:
        best = found.best
        rows = best.rows.tolist()
        entries = self._entries(rows)
        ordered = zip(rows, best.distances.tolist(), best.scores.tolist(), strict=True)
        hits = [
            _hit(place, entries[row], distance, score, marked)
            for place, (row, distance, score) in enumerate(ordered, 1)
        ]
        if found.groups is None:
            return hits
        under = self._duplicates(found.groups)
        return [replace(hit, duplicates=same) for hit, same in zip(hits, under, strict=True)]

    def _entries(self, rows: Sequence[int]) -> dict[int, CatalogueEntry]:
        entries = self.catalogue.by_rows(rows)
        if len(entries) != len(rows):
            raise IndexDamagedError(
                f"{self.path}: expected every hit in the catalogue, found {len(entries)} of {len(rows)}; "
                "look closer with: semhash verify"
            )
        return entries

    def _duplicates(self, groups: Sequence[Group]) -> list[tuple[Duplicate, ...]]:
        entries = self._entries([row for group in groups for row in group.rows.tolist()])
        return [
            tuple(
                Duplicate(entries[row].id, entries[row].title, entries[row].path, similarity)
                for row, similarity in zip(group.rows.tolist(), group.similarities.tolist(), strict=True)
            )
            for group in groups
        ]

    def _heaviest_words(self, terms: Counts) -> list[str]:
        """Give the words that weigh most in the ranking, heaviest first; snippets show those."""
        heaviest = np.argsort(-self.term_index.weights(terms), kind="stable")[:_SNIPPET_WORDS]
        return [self.lexicon.word(term) for term in terms.indices[heaviest].tolist()]


def open_index(path: str | Path | None = None) -> Index:
    """Open an index for asking; close it, or use it in ``with``.

    Parameters
    ----------
    path : str or Path or None
        The index folder, or its name in the folder of indexes; None when there is only one.

    Raises
    ------
    IndexNotFoundError
        There is none, or None was given and there are several.
    IndexFormatError, IndexDamagedError
        It was written by a version that this one does not read, or a file of it is missing or altered.
    """
    return Index(IndexFolder.open(resolve_index(path)))


def _hit(
    place: int,
    entry: CatalogueEntry,
    distance: int,
    score: float,
    marked: Sequence[str],
) -> Hit:
    text = "" if entry.text is None else entry.text.removeprefix(entry.title)
    return Hit(
        rank=place,
        id=entry.id,
        title=entry.title,
        path=entry.path,
        labels=entry.labels,
        distance=distance,
        score=score,
        snippet=make_snippet(text, marked),
    )


def _check(k: int, radius: int | None, bits: int) -> None:
    if k < 1:
        raise ConfigError(f"k: expected 1 hit or more, found {k}")
    if radius is not None and not 0 <= radius <= bits:
        raise ConfigError(f"radius: expected 0 to {bits} bits, found {radius}")


def _count_columns(columns: Sequence[Sequence[int]], n_columns: int) -> Counts:
    """Count lists of columns, repeats and all."""
    counted = [np.unique(np.array(c, dtype=np.int32), return_counts=True) for c in columns]
    indptr = np.cumsum([0, *(len(found) for found, _ in counted)], dtype=np.int64)
    empty: NDArray[Any] = np.zeros(0, dtype=np.int32)
    indices = np.concatenate([empty, *(found for found, _ in counted)]).astype(np.int32)
    data = np.concatenate([empty, *(n for _, n in counted)])
    return Counts(indptr, indices, data, n_columns)
