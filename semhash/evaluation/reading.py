"""From a corpus, labelled or judged or neither, to a task that methods can be measured on."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semhash.building.collection import MIN_DOCUMENTS
from semhash.config import CorpusConfig, TextConfig
from semhash.corpus import Corpus, open_corpus
from semhash.corpus.walk import shown
from semhash.errors import EvaluationError
from semhash.evaluation.cutting import CUT_SEED, Cut, cut
from semhash.evaluation.gathering import Gathered, gather
from semhash.evaluation.judgements import read_qrels, read_queries
from semhash.evaluation.results import CorpusFacts, LabelCount
from semhash.evaluation.task import Side, Task
from semhash.evaluation.texts import TextFile
from semhash.evaluation.wanted import Wanted, by_judgements, by_labels, by_neighbours
from semhash.progress import Progress, silent
from semhash.vocabulary import Lexicon

__all__ = ["Source", "read_task"]

_NAMED = 10

_Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a task is read from.

    Attributes
    ----------
    corpus : str or Path
        A folder or a file, read as `semhash.build_index` does; documents without text are taken too.
    config : CorpusConfig
        How it is read; its ``split`` is not looked at, as all splits are wanted.
    text : TextConfig
        How words are counted.
    queries, qrels : Path or None
        Questions and their judgements, both or neither; all of the corpus is then the database.
    limit_queries : int or None
        Measure a seeded sample of so many queries.
    """

    corpus: str | Path
    config: CorpusConfig = field(default_factory=CorpusConfig)
    text: TextConfig = field(default_factory=TextConfig)
    queries: Path | None = None
    qrels: Path | None = None
    limit_queries: int | None = None


@dataclass(frozen=True, eq=False)
class _Read:
    """All that was read, before the queries with nothing to find are left out."""

    corpus: Corpus
    gathered: Gathered
    halves: Cut
    lexicon: Lexicon
    database: Side
    asked: Side
    wanted: Wanted


def read_task(source: Source, progress: Progress = silent) -> Task:
    """Read what is to be evaluated.

    A document is relevant when it shares a label with the query, or when somebody judged it so. Where there are
    neither labels nor judgements, a query's nearest documents under TF-IDF stand in.

    Parameters
    ----------
    source : Source
    progress : Progress
        Hears the bytes of stage ``read``.

    Returns
    -------
    Task
        To be closed.

    Raises
    ------
    CorpusError
        There is no such corpus.
    EvaluationError
        Queries or judgements cannot be read or do not fit the corpus; the database or the queries are empty or
        too few; all documents have the same label; or no query has anything to find.
    """
    _check_options(source)
    queries = [] if source.queries is None else read_queries(source.queries, source.config.fields)
    qrels = [] if source.qrels is None else read_qrels(source.qrels)
    corpus = open_corpus(source.corpus, CorpusConfig.from_json({**source.config.to_json(), "split": None}))
    corpus.keep_empty = True
    texts = TextFile()
    try:
        gathered = gather(corpus, queries, texts, source.text, progress)
        halves = cut(gathered, shown(str(source.corpus)), len(queries))
        lexicon, database, asked = gathered.sides(
            halves.database, halves.queries, source.text.vocabulary_size
        )
        _check_words(database, source)
        if source.qrels is not None:
            wanted = by_judgements(database, asked, qrels, source.qrels)
        elif any(database.documents.labels):
            wanted = by_labels(database, asked, shown(str(source.corpus)))
        else:
            wanted = by_neighbours(database, asked)
        return _task(_Read(corpus, gathered, halves, lexicon, database, asked, wanted), source)
    except BaseException:
        texts.close()
        raise


def _check_options(source: Source) -> None:
    if (source.queries is None) != (source.qrels is None):
        given, missing = ("--queries", "--qrels") if source.qrels is None else ("--qrels", "--queries")
        raise EvaluationError(
            f"{given}: expected {missing} with it, found none: questions are measured by what was judged to "
            f"answer them; add {missing} FILE"
        )
    if source.limit_queries is not None and source.limit_queries < 1:
        raise EvaluationError(f"--limit-queries: expected 1 query or more, found {source.limit_queries}")


def _check_words(database: Side, source: Source) -> None:
    usable = int(np.count_nonzero(np.diff(database.documents.counts.indptr)))
    if usable < MIN_DOCUMENTS:
        raise EvaluationError(
            f"{shown(str(source.corpus))}: expected at least {MIN_DOCUMENTS} documents to search that have words "
            f"other than stop words, found {usable} of {len(database)}; add documents"
        )


def _task(read: _Read, source: Source) -> Task:
    """Keep the queries that have something to find, and tell what there is."""
    database, asked, wanted = read.database, read.asked, read.wanted
    answerable = np.flatnonzero(wanted.relevance(np.arange(len(asked))).totals())
    if not len(answerable):
        raise EvaluationError(
            f"{shown(str(source.corpus))}: expected a query with something to find, found none among "
            f"{len(asked):,} queries and {len(database):,} documents: {wanted.nothing}"
        )
    remarks = [*_of_reading(read.gathered), *wanted.remarks]
    rows, sampled = _limited(answerable, source.limit_queries)
    queries = asked.take(rows)
    across = _across(read.gathered, read.halves)
    facts = CorpusFacts(
        name=read.corpus.name,
        digest=read.gathered.digest(read.halves.database, read.halves.queries[rows]),
        relevance=wanted.kind,
        split=read.halves.how,
        n_database=len(database),
        n_queries=len(queries),
        n_unanswerable=len(asked) - len(answerable),
        n_across=len(across),
        across=across[:_NAMED],
        labels=_labels(database, queries) if wanted.kind == "labels" else [],
        several_labels=_several(database, queries),
        remarks=remarks + sampled,
    )
    return Task(
        name=read.corpus.name,
        text=source.text,
        lexicon=read.lexicon,
        database=database,
        queries=queries,
        relevance=wanted.relevance(rows),
        facts=facts,
        texts=read.gathered.texts,
    )


def _limited(rows: _Rows, limit: int | None) -> tuple[_Rows, list[str]]:
    """Take a sample where it is asked for, and say so."""
    if limit is None or limit >= len(rows):
        return rows, []
    sample = np.sort(np.random.default_rng(CUT_SEED).choice(rows, limit, replace=False))
    return sample, [f"A seeded sample of {limit:,} of {len(rows):,} queries is measured."]


def _of_reading(gathered: Gathered) -> list[str]:
    """Say what did not become a document, and what became one without text."""
    remarks = []
    twice = [skipped for skipped in gathered.skipped if skipped.reason == "duplicate id"]
    if twice:
        named = "; ".join(f"{skipped.path}: {skipped.detail}" for skipped in twice[:_NAMED])
        more = f"; and {len(twice) - _NAMED:,} more" if len(twice) > _NAMED else ""
        remarks.append(f"Left out since their ids had been met before: {len(twice):,} ({named}{more}).")
    remarks += [
        f"{skipped.path}: {skipped.detail}." for skipped in gathered.skipped if skipped.reason.is_remark
    ][:_NAMED]
    rest = (s.reason for s in gathered.skipped if s.reason != "duplicate id" and not s.reason.is_remark)
    others = Counter(map(str, rest))
    if others:
        why = ", ".join(f"{n:,} {reason}" for reason, n in others.most_common())
        remarks.append(f"Not read: {why}.")
    empty = sum(gathered.empty)
    if empty:
        remarks.append(
            f"{empty:,} {'document has' if empty == 1 else 'documents have'} no text; they are ranked and asked "
            "for like all others, by every method."
        )
    return remarks


def _across(gathered: Gathered, halves: Cut) -> list[str]:
    """Give the ids of the queries whose very text stands in the database too."""
    known = {gathered.digests[row] for row in halves.database.tolist() if not gathered.empty[row]}
    return [gathered.ids[row] for row in halves.queries.tolist() if gathered.digests[row] in known]


def _labels(database: Side, queries: Side) -> list[LabelCount]:
    there, asked = (
        Counter(label for labels in side.documents.labels for label in labels) for side in (database, queries)
    )
    return [
        LabelCount(label=label, n_database=there[label], n_queries=asked[label])
        for label in sorted({*there, *asked}, key=lambda label: (-there[label], label))
    ]


def _several(*sides: Side) -> bool:
    return any(len(labels) > 1 for side in sides for labels in side.documents.labels)
