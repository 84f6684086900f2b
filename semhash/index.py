"""An index opened for asking: text or a document in, hits out. Loads neither torch nor scikit-learn."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.asking.filters import Filters, Passing
from semhash.asking.hits import Found, make_hits
from semhash.asking.naming import bare_cosine
from semhash.asking.questions import Asked, by_document, by_text, check_answerable, encode_text, novelty_of
from semhash.asking.results import QueryResult
from semhash.asking.uncoded import why_uncoded
from semhash.asking.where import Where
from semhash.catalogue import CatalogueEntry
from semhash.errors import ConfigError, DocumentNotFoundError
from semhash.kernels import compile_all
from semhash.opened_index import OpenedIndex
from semhash.ranking import Ranking
from semhash.ranking.grouping import Group, grouped
from semhash.ranking.rankers import DEFAULT_RANK, SHORTLIST, ranker
from semhash.ranking.request import Encoded, Question, Wanted
from semhash.store import IndexFolder
from semhash.store.places import resolve_index
from semhash.vocabulary import Counts

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
    snippets: bool
    novelty: bool


class Index(OpenedIndex):
    """An index opened for reading. Made by `open_index`; close it, or use it in ``with``.

    Many threads may ask one at once, and each gets the answer that it gets alone; so does a process that was forked
    from one that has it open. What is asked after `close` is refused with `IndexClosedError`, and so may be what other
    threads ask meanwhile.

    Parameters
    ----------
    folder : IndexFolder
        The opened folder.
    compiled : bool or None
        As in `open_index`.
    """

    def __init__(self, folder: IndexFolder, compiled: bool | None = None) -> None:
        super().__init__(folder, compiled)
        self._filters = Filters()

    def query(
        self,
        text: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
        snippets: bool = True,
        novelty: bool = False,
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
            What the hits are ranked by: a name of `semhash.ranking.rankers.RANKERS`. ``hamming`` is the distance of
            the codes, ``asymmetric`` the documents' codes' log-probability under the query, ``tfidf`` the cosine
            of the words inside a ball, ``bm25`` the words alone, ``hybrid`` words and codes together.
        where : mapping of str to str or iterable of str, or None
            Only documents that pass this filter may be found: see `semhash.asking.where.select`. There are `k` hits
            when so many pass: the ball grows until it holds enough of them.
        group : bool
            Put documents at one address whose words are nearly the same under the best of them, and count them
            as one hit; see `semhash.ranking.grouping`.
        snippets : bool
            Cut a passage out of the text of every hit. Without, no text is read.
        novelty : bool
            Say how unlike the documents that were learned from the text is.

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
        with self.asking():
            watch = _Stopwatch()
            check_answerable(self, rank)
            asked = by_text(self, text)
            watch.lap("encode")
            how = _How(k, radius, rank, where, group, snippets, novelty)
            return self._answer(asked, how, watch)

    def similar(
        self,
        document_id: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
        snippets: bool = True,
        novelty: bool = False,
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
        with self.asking():
            watch = _Stopwatch()
            asked = by_document(self, self.document(document_id))
            watch.lap("fetch")
            how = _How(k, radius, rank, where, group, snippets, novelty)
            return self._answer(asked, how, watch)

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
        how = _How(k, radius, rank, where, group, snippets=False, novelty=False)
        with self.asking():
            check_answerable(self, rank)
            passing = self._passing(how)
        for text in texts:
            with self.asking():
                ranking = self._find(by_text(self, text).question, how, passing, _Stopwatch()).best
                rows = ranking.rows.tolist()
                ids = self.catalogue.ids(rows)
            yield [(ids[row], score) for row, score in zip(rows, ranking.scores.tolist(), strict=True)]

    def encode(self, texts: Iterable[str]) -> list[Encoded]:
        """Give the codes of some texts, in order; one without a known word gets a code all the same."""
        self.check_model()
        with self.asking():
            return [encode_text(self, text) for text in texts]

    def document(self, document_id: str) -> CatalogueEntry:
        """Give the document of an id.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of that id.
        """
        entry = self.catalogue.by_id(document_id)
        if entry is None:
            from semhash.asking.close_ids import did_you_mean  # loads difflib

            with self.catalogue.lent() as connected:
                closest = did_you_mean(connected.driver, document_id)
            raise DocumentNotFoundError(
                f"{self.path}: expected the id of one of its {len(self)} documents, found {document_id!r}{closest}; "
                "see the ids with: semhash list"
            )
        return entry

    def _find(self, question: Question, how: _How, passing: Passing | None, watch: _Stopwatch) -> Found:
        """Rank documents until there are k to give, or as many as there are."""
        _check(how.k, how.radius, self.bits)
        by = ranker(how.rank)
        wanted = self._wanted(how, passing, watch)
        ranking = by(self, question, wanted)
        if not how.group:
            return Found(ranking, ranking.first(how.k), None)
        groups = self._groups(question, how, wanted, ranking)
        while len(groups) < how.k:
            more = by(self, question, replace(wanted, at_least=2 * len(ranking.rows) + 1))
            if len(more.rows) == len(ranking.rows):
                break
            ranking = more
            groups = self._groups(question, how, wanted, ranking)
        return Found(ranking, ranking.at([group.place for group in groups]), groups)

    def _passing(self, how: _How) -> Passing | None:
        """Give what passes the filter; None where there is no filter."""
        return self._filters.passing(self, how.where) if how.where else None

    def _wanted(self, how: _How, passing: Passing | None, watch: _Stopwatch) -> Wanted:
        if passing is None:
            return Wanted(how.k, how.radius, self.lookup, self.prober, None, watch.lap, how.group)
        scan = passing.scan
        return Wanted(how.k, how.radius, scan, scan, passing.rows, watch.lap, how.group)

    def _groups(self, question: Question, how: _How, wanted: Wanted, ranking: Ranking) -> list[Group]:
        def beside(row: int) -> NDArray[np.int64]:
            rows = wanted.lookup.ball(codes.to_int(self.codes[row]), 0).rows
            return rows if question.without is None else rows[rows != question.without]

        return grouped(ranking.rows, how.k, partial(bare_cosine, self), beside)

    def _answer(self, asked: Asked, how: _How, watch: _Stopwatch) -> QueryResult:
        question = asked.question
        passing = self._passing(how)
        found = self._find(question, how, passing, watch)
        ranking = found.ranking
        hits = make_hits(self, found, self._heaviest_words(question.terms) if how.snippets else None)
        watch.lap("fetch")
        encoded = question.encoded
        return QueryResult(
            query=question.name,
            code=encoded.code,
            bits=encoded.bits,
            known_words=encoded.known_words,
            ranking=how.rank,
            shortlist=len(ranking.rows) + ranking.behind,
            radius=int(ranking.distances.max(initial=ranking.reach)),
            hits=hits,
            seconds=watch.total(),
            passing=None if passing is None else len(passing.rows),
            novelty=novelty_of(self, asked) if how.novelty else None,
            uncoded=why_uncoded(self, asked),
        )

    def _heaviest_words(self, terms: Counts) -> list[str]:
        """Give the terms that weigh most in the ranking, heaviest first; snippets show those."""
        heaviest = np.argsort(-self.term_index.weights(terms), kind="stable")
        words = [self.lexicon.word(term) for term in terms.indices[heaviest].tolist()]
        content = [word for word in words if word not in self.stop_words]
        return (content or words)[:_SNIPPET_WORDS]


def open_index(path: str | Path | None = None, *, compiled: bool | None = None) -> Index:
    """Open an index for asking; close it, or use it in ``with``.

    Parameters
    ----------
    path : str or Path or None
        The index folder, or its name in the folder of indexes; None when there is only one.
    compiled : bool or None
        Whether what is done most often is compiled by numba (``pip install 'semhash-index[fast]'``): the answers are
        the same, and sooner where documents are many. True compiles now, for a process that runs for long: some seconds
        the first time on a machine, a second after that, and some 150 MB of memory. False never does. None counts what
        this index is asked, and compiles, for as long, once that would have paid; without numba, it never does.

    Raises
    ------
    IndexNotFoundError
        There is none, or None was given and there are several.
    IndexFormatError, IndexDamagedError
        It was written by a version that this one does not read, or a file of it is missing or altered.
    ConfigError
        `compiled` is True, and numba is not installed.
    """
    if compiled:
        compile_all()
    return Index(IndexFolder.open(resolve_index(path)), compiled)


def _check(k: int, radius: int | None, bits: int) -> None:
    if k < 1:
        raise ConfigError(f"k: expected 1 hit or more, found {k}")
    if radius is not None and not 0 <= radius <= bits:
        raise ConfigError(f"radius: expected 0 to {bits} bits, found {radius}")
