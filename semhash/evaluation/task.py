"""What is evaluated: a database, the queries that are put to it, and what each of them should find."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents
from semhash.config import TextConfig
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.results import CorpusFacts
from semhash.evaluation.texts import TextFile, TextsOf
from semhash.vocabulary import Lexicon

__all__ = ["Side", "Task", "some"]


@dataclass(frozen=True, eq=False)
class Side:
    """The database, or the queries.

    Attributes
    ----------
    ids, titles : sequence of n_documents str
    digests : sequence of n_documents bytes
        sha256 of each text.
    documents : Documents
        As methods see them.
    """

    ids: Sequence[str]
    titles: Sequence[str]
    digests: Sequence[bytes]
    documents: Documents

    def __len__(self) -> int:
        return len(self.documents)

    def take(self, rows: NDArray[np.int64]) -> "Side":
        """Give some of the documents, in the order asked."""
        ids, titles, digests = (
            [listed[row] for row in rows.tolist()] for listed in (self.ids, self.titles, self.digests)
        )
        return Side(ids, titles, digests, some(self.documents, rows))


@dataclass(frozen=True, eq=False)
class Task:
    """All that methods are measured on. Close it, or use it in ``with``: texts are kept in a file.

    Attributes
    ----------
    name : str
        The corpus's name, fit for a folder.
    text : TextConfig
        How words were made terms of.
    lexicon : Lexicon
        The words that `Documents.counts` are over: those of the database, as terms, stop words left out.
    database, queries : Side
        Queries are those that have something to find.
    relevance : Relevance
        Of the database's documents to the queries.
    facts : CorpusFacts
        What of this is told in the results.
    """

    name: str
    text: TextConfig
    lexicon: Lexicon
    database: Side
    queries: Side
    relevance: Relevance
    facts: CorpusFacts
    texts: TextFile

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.texts.close()


def some(documents: Documents, rows: NDArray[np.int64]) -> Documents:
    """Give some documents, in the order asked."""
    texts, labels = documents.texts, documents.labels
    taken = texts.take(rows) if isinstance(texts, TextsOf) else [texts[row] for row in rows.tolist()]
    return replace(
        documents,
        counts=documents.counts.take(rows),
        every_word=None if documents.every_word is None else documents.every_word.take(rows),
        asked=None if documents.asked is None else documents.asked.take(rows),
        spellings=None if documents.spellings is None else documents.spellings.take(rows),
        labels=[labels[row] for row in rows.tolist()],
        texts=taken,
    )
