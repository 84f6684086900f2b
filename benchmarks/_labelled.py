"""Labelled sets: read once, counted once, and cut into a database and queries."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents
from semhash.config import TextConfig
from semhash.corpus.titles import one_line, with_title
from semhash.errors import CorpusError
from semhash.evaluation.relevance import Relevance
from semhash.vocabulary import Counts, Lexicon, most_frequent
from semhash.words.counting import CountsBuilder

__all__ = ["Counted", "LabelledSet", "Split", "read_set"]

VALIDATION_SHARE = 0.2


class _Row(msgspec.Struct):
    id: str | int
    text: str
    split: str
    labels: list[str] | str
    title: str | None = None

    @property
    def counted(self) -> str:
        """What an index of this row would count."""
        return with_title(one_line(self.title or ""), self.text)

    @property
    def called(self) -> str:
        """The title, or else the first line."""
        return one_line(self.title or self.text.strip().partition("\n")[0])


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Documents with labels and splits, and their counts; rows stand in the order of the file.

    Documents without text are in it, as they are among those that the reference scorer ranks.

    Attributes
    ----------
    name : str
        The file's name without its suffix.
    digest : str
        sha256 over ids, texts, labels and splits of all documents, in hexadecimal.
    lexicon : Lexicon
        Every term, those of stop words too.
    counts : Counts of shape (n_documents, n_words)
        Counts over the lexicon.
    content : ndarray of shape (n_content_words,), int64
        The terms that codes are learned from, as columns.
    labels : list of tuple of str
        Of each document.
    titles : list of str
        Of each document; its first line where it has none.
    in_training : ndarray of shape (n_documents,), bool
        Which documents are of split ``train``; all others are of the test half.
    """

    name: str
    digest: str
    lexicon: Lexicon
    counts: Counts
    content: NDArray[np.int64]
    labels: list[tuple[str, ...]]
    titles: list[str]
    in_training: NDArray[np.bool_]

    def test(self, queries: int | None = None) -> "Split":
        """Search the training half for what is like the documents of the test half.

        Parameters
        ----------
        queries : int or None
            Take a seeded sample of this many of them; None for all.
        """
        asked = np.flatnonzero(~self.in_training)
        if queries is not None and queries < len(asked):
            asked = np.sort(np.random.default_rng(0).choice(asked, queries, replace=False))
        sampled = "" if len(asked) == (~self.in_training).sum() else f", {len(asked)} of them"
        return Split(self, f"test{sampled}", np.flatnonzero(self.in_training), asked)

    def validation(self, seed: int = 0) -> "Split":
        """Cut a fifth off the training half, at random, for queries; nothing of the test half is looked at."""
        order = np.random.default_rng(seed).permutation(np.flatnonzero(self.in_training))
        n_queries = round(len(order) * VALIDATION_SHARE)
        queries, database = np.sort(order[:n_queries]), np.sort(order[n_queries:])
        return Split(self, f"validation, split {seed}", database, queries)


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of a split over the words of its database.

    Attributes
    ----------
    database : Counts of shape (n_database, n_words)
    queries : Counts of shape (n_queries, n_words)
        Words that the database lacks are dropped.
    """

    database: Counts
    queries: Counts


@dataclass(frozen=True, eq=False)
class Split:
    """A database to learn from and to search, and queries to ask it.

    Attributes
    ----------
    of : LabelledSet
        The set that was cut.
    part : str
        What it was cut for: ``test``, or ``validation`` and the cut's seed.
    database, queries : ndarray of shape (n,), int64
        Rows of the set.
    """

    of: LabelledSet
    part: str
    database: NDArray[np.int64]
    queries: NDArray[np.int64]

    @lru_cache(maxsize=2)  # noqa: B019, a split lives as long as its benchmark
    def counted(self, language: str) -> Counted:
        """Give the counts that an index of the database would be made from, and the queries' over the same words.

        Parameters
        ----------
        language : str
            ``"none"`` to count stop words, too; with anything else they are left out.
        """
        terms = self.terms(language)
        database, queries = (self.of.counts.take(rows) for rows in (self.database, self.queries))
        return Counted(database.columns(terms), queries.columns(terms))

    def terms(self, language: str) -> NDArray[np.int64]:
        """Give the words of the database that are counted, as columns of the set's counts; but for stop words."""
        kept = self.of.counts.take(self.database).document_frequency() > 0
        terms = np.flatnonzero(kept)
        return terms if language == "none" else np.intersect1d(terms, self.of.content)

    def documents(self, text: TextConfig) -> tuple[Documents, Documents]:
        """Give the database and the queries as baselines take them, without their texts and labels.

        Parameters
        ----------
        text : TextConfig
            Whose stop words are left out, and how many words are coded.
        """
        counted = self.counted(text.stop_words)
        vocabulary = most_frequent(counted.database, text.vocabulary_size)
        database, queries = (
            Documents(counts=half, vocabulary=vocabulary, labels=[()] * len(half), texts=[""] * len(half))
            for half in (counted.database, counted.queries)
        )
        return database, queries

    @property
    def relevance(self) -> Relevance:
        """Which of the database's documents share a label with which query."""
        labels = self.of.labels
        return Relevance.from_labels(
            [labels[row] for row in self.queries], [labels[row] for row in self.database]
        )


def read_set(file: Path, limit: int | None = None) -> LabelledSet:
    """Read a labelled set and count its words.

    Parameters
    ----------
    file : Path
        JSONL: ``id``, ``text``, ``labels`` (a list, or one string) and ``split`` on each line. Split ``train``
        is the database; all others are queries, as for the reference scorer.
    limit : int or None
        Read the first so many documents of either half alone.

    Raises
    ------
    CorpusError
        The file cannot be read, a row is none of these, or a half has no documents.
    """
    builder = CountsBuilder()
    digest = hashlib.sha256()
    labels: list[tuple[str, ...]] = []
    titles: list[str] = []
    halves: list[bool] = []
    read = {True: 0, False: 0}
    for row in _rows(file):
        half = row.split == "train"
        if limit is not None and read[half] >= limit:
            continue
        read[half] += 1
        own = (row.labels,) if isinstance(row.labels, str) else tuple(row.labels)
        digest.update(msgspec.json.encode([str(row.id), row.counted, sorted(own), row.split]))
        builder.add(row.counted)
        labels.append(own)
        titles.append(row.called)
        halves.append(half)
    if len(set(halves)) != 2:
        found = f"{sum(halves)} of split train and {len(halves) - sum(halves)} of others"
        raise CorpusError(f"{file}: expected documents of split train and of another, found {found}")
    counted = builder.finish()
    name = file.name.removesuffix(".gz").removesuffix(".jsonl")
    return LabelledSet(
        name,
        digest.hexdigest(),
        counted.lexicon,
        counted.counts,
        counted.content(),
        labels,
        titles,
        np.array(halves),
    )


def _rows(file: Path) -> Iterator[_Row]:
    decoder = msgspec.json.Decoder(_Row)
    number = 0
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007, an error names it
                yield decoder.decode(line)
    except OSError as error:
        raise CorpusError(f"{file}: expected a labelled set, found: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{file}, line {number}: expected JSON with id, text, labels and split, found: {error}"
        ) from error
