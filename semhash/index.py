"""An index opened for asking: text or a document in, hits out. Loads neither torch nor scikit-learn."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from semhash.asking.choosing import chosen
from semhash.asking.hits import Found, make_hits
from semhash.asking.questions import by_document, check_answerable, encode_text, novelty_of
from semhash.asking.reader import QuestionReader
from semhash.asking.results import QueryResult
from semhash.asking.uncoded import why_uncoded
from semhash.asking.understood import Understood
from semhash.asking.where import Where
from semhash.catalogue import CatalogueEntry
from semhash.errors import ConfigError, DocumentNotFoundError
from semhash.kernels import compile_all
from semhash.opened_index import OpenedIndex
from semhash.ranking.rankers import DEFAULT_RANK, SHORTLIST, ranker
from semhash.ranking.request import Encoded, Wanted
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
    group: bool
    per_document: bool
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
        self.questions = QuestionReader(self)

    def query(
        self,
        text: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
        per_document: bool = False,
        snippets: bool = True,
        novelty: bool = False,
        plain: bool = False,
        exact: bool = False,
    ) -> QueryResult:
        """Find the documents that are about what a text is about.

        Parameters
        ----------
        text : str
            A few words, with ``"exact phrases"``, ``-exclusions``, ``prefix*`` and ``field:value`` among them as
            `semhash.asking.grammar` has it, or a whole document.
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
        per_document : bool
            Of passages of one document, give the best alone.
        snippets : bool
            Cut a passage out of the text of every hit. Without, texts are read for phrases and `exact` alone.
        novelty : bool
            Say how unlike the documents that were learned from the text is.
        plain : bool
            Take all of the text for words, whatever signs are in it: for texts that nobody wrote as a question.
        exact : bool
            Find words only as they are written, but for their case: no stems, accents as they stand, and no other
            words for those that no document has.

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
            asked = self.questions.read(text, where, plain=plain, exact=exact)
            watch.lap("encode")
            return self._answer(asked, _How(k, radius, rank, group, per_document, snippets, novelty), watch)

    def similar(
        self,
        document_id: str,
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
        per_document: bool = False,
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
            asked = self.questions.of_document(by_document(self, self.document(document_id)), where)
            watch.lap("fetch")
            return self._answer(asked, _How(k, radius, rank, group, per_document, snippets, novelty), watch)

    def rank_many(
        self,
        texts: Sequence[str],
        k: int = 10,
        radius: int | None = None,
        rank: str = DEFAULT_RANK,
        *,
        where: Where | None = None,
        group: bool = False,
        per_document: bool = False,
        plain: bool = False,
        exact: bool = False,
    ) -> Iterator[list[tuple[str, float]]]:
        """Answer many queries with ids and scores alone: one list for each text, best first.

        All but the texts is as in `query`; of a group, the best alone is given.
        """
        how = _How(k, radius, rank, group, per_document, snippets=False, novelty=False)
        with self.asking():
            check_answerable(self, rank)
            self.questions.passing(where)  # so that what is wrong with it is told before the first answer
        for text in texts:
            with self.asking():
                asked = self.questions.read(text, where, plain=plain, exact=exact, suggests=False)
                ranking = self._find(asked, how, _Stopwatch()).best
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

    def _find(self, understood: Understood, how: _How, watch: _Stopwatch) -> Found:
        """Rank documents until there are k to give, or as many as there are."""
        _check(how.k, how.radius, self.bits)
        by, passing = ranker(how.rank), understood.passing
        lookup, prober = (self.lookup, self.prober) if passing is None else (passing.scan, passing.scan)
        among = None if passing is None else passing.rows
        wanted = Wanted(how.k, how.radius, lookup, prober, among, watch.lap)
        return chosen(self, understood, by, wanted, group=how.group, per_document=how.per_document)

    def _answer(self, understood: Understood, how: _How, watch: _Stopwatch) -> QueryResult:
        asked = understood.asked
        question = asked.question
        found = self._find(understood, how, watch)
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
            passing=understood.n_passing,
            # Words of one beginning are no text.
            novelty=novelty_of(self, asked)
            if how.novelty and not understood.parsed.wanted.prefixes
            else None,
            uncoded=why_uncoded(self, asked),
            wanted=understood.parsed.wanted,
            unwanted=understood.parsed.unwanted,
            suggestions=understood.suggestions,
            remarks=understood.told(),
        )

    def _heaviest_words(self, terms: Counts) -> dict[str, int]:
        """Return the words that weigh most in the ranking, heaviest first, with their terms; snippets show those."""
        heaviest = np.argsort(-self.term_index.weights(terms), kind="stable")
        words = {self.lexicon.word(term): term for term in terms.indices[heaviest].tolist()}
        content = {word: term for word, term in words.items() if word not in self.stop_words}
        return dict(islice((content or words).items(), _SNIPPET_WORDS))


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
