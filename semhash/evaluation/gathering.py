"""One pass over what is evaluated: words into counts, texts into a file, and all else into lists."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import Analyzer
from semhash.asking.questions import lighter_stop_words
from semhash.baselines.retriever import Documents
from semhash.config import TextConfig
from semhash.corpus import Corpus, Skipped
from semhash.evaluation.judgements import Query
from semhash.evaluation.task import Side
from semhash.evaluation.texts import TextFile, TextsOf
from semhash.progress import Progress, silent
from semhash.vocabulary import Counts, Lexicon, most_frequent
from semhash.words.counting import CountsBuilder

__all__ = ["Gathered", "gather"]

_HEARD_EVERY = 1000


@dataclass(eq=False)
class Gathered:
    """Documents in the order in which they were read, and queries after them where those are apart.

    Attributes
    ----------
    texts : TextFile
    ids, titles : list of str
    labels : list of tuple of str
    splits : list of str or None
    digests : list of bytes
        sha256 of each text.
    empty : list of bool
        Whether a text is nothing but white space.
    skipped : list of Skipped
        What did not become a document.
    """

    texts: TextFile
    ids: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    labels: list[tuple[str, ...]] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    empty: list[bool] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    lexicon: Lexicon = field(init=False)
    counts: Counts = field(init=False)
    spellings: NDArray[np.uint8] = field(init=False)
    content: NDArray[np.int64] = field(init=False)

    def __len__(self) -> int:
        return len(self.ids)

    def add(
        self,
        name: str,
        text: str,
        title: str,
        labels: tuple[str, ...] = (),
        split: str | None = None,
        *,
        counted: str | None = None,
    ) -> None:
        """Take one more document; its words, those of `counted` where it is given, are counted elsewhere."""
        self.ids.append(name)
        self.titles.append(title)
        self.labels.append(labels)
        self.splits.append(split)
        self.digests.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        self.empty.append(not text or text.isspace())
        self.texts.add(text if counted is None else counted)

    def digest(self, *sides: NDArray[np.int64]) -> str:
        """Give the sha256 over ids, texts and labels of some rows, side by side, in hexadecimal."""
        whole = hashlib.sha256()
        for rows in sides:
            for row in rows.tolist():
                named = "\n".join((self.ids[row], *sorted(self.labels[row]))).encode("utf-8", "surrogatepass")
                whole.update(hashlib.sha256(named).digest() + self.digests[row])
            whole.update(b"|")
        return whole.hexdigest()

    def sides(
        self, database: NDArray[np.int64], queries: NDArray[np.int64], vocabulary_size: int
    ) -> tuple[Lexicon, Side, Side]:
        """Cut all of it into a database and queries, both counted over the words of the database alone."""
        everything = np.flatnonzero(self.counts.take(database).document_frequency())
        terms = np.intersect1d(everything, self.content)
        lexicon = Lexicon.from_words([self.lexicon.word(term) for term in terms.tolist()])
        vocabulary = most_frequent(self.counts.take(database).columns(terms), vocabulary_size)
        sides = [self._side(rows, terms, everything, vocabulary) for rows in (database, queries)]
        return lexicon, sides[0], sides[1]

    def _side(
        self,
        rows: NDArray[np.int64],
        terms: NDArray[np.int64],
        every: NDArray[np.int64],
        words: NDArray[np.int64],
    ) -> Side:
        numbers = rows.tolist()
        labels: Sequence[tuple[str, ...]] = [self.labels[row] for row in numbers]
        counts = self.counts.take(rows)
        every_word = counts.columns(every)
        spelled = replace(self.counts, data=self.spellings).take(rows).columns(every)
        is_content = np.isin(every, terms)[every_word.indices]
        documents = Documents(
            counts.columns(terms),
            words,
            labels,
            TextsOf(self.texts, rows),
            every_word,
            lighter_stop_words(every_word, ~is_content),
            replace(spelled, data=spelled.data * is_content),
        )
        ids, titles, digests = (
            [listed[row] for row in numbers] for listed in (self.ids, self.titles, self.digests)
        )
        return Side(ids, titles, digests, documents)


def gather(
    corpus: Corpus,
    queries: Sequence[Query],
    texts: TextFile,
    config: TextConfig,
    progress: Progress = silent,
) -> Gathered:
    """Read a corpus, and then the queries that come from elsewhere.

    Parameters
    ----------
    corpus : Corpus
        Documents without text are taken too, if it gives them.
    queries : sequence of Query
        None where some of the documents are the queries.
    texts : TextFile
        Empty; open for as long as the texts are wanted.
    config : TextConfig
        Language and stop words.
    progress : Progress
        Hears the bytes of stage ``read``.

    Raises
    ------
    ConfigError
        There is no such language.
    """
    found = Gathered(texts)
    builder = CountsBuilder(Analyzer(config.language, config.stop_words))
    for item in corpus:
        if isinstance(item, Skipped):
            found.skipped.append(item)
            continue
        found.add(item.id, item.text, item.title, item.labels, item.split, counted=item.counted)
        builder.add(item.counted)
        if len(found) % _HEARD_EVERY == 0:
            progress("read", corpus.read_bytes, corpus.total_bytes, f"{len(found)} documents")
    progress("read", corpus.total_bytes, corpus.total_bytes, f"{len(found)} documents")
    for query in queries:
        found.add(query.id, query.text, " ".join(query.text.split())[:300])
        builder.add(query.text)
    counted = builder.finish()
    found.lexicon, found.counts, found.content = counted.lexicon, counted.counts, counted.content()
    found.spellings = counted.spellings
    return found
