"""What each query should find: by labels, by judgements, or for want of both by TF-IDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from semhash.errors import EvaluationError
from semhash.evaluation.judgements import Judgement
from semhash.evaluation.nearest import nearest_by_tfidf, neighbours_of
from semhash.evaluation.relevance import Relevance
from semhash.evaluation.task import Side

__all__ = ["Wanted", "by_judgements", "by_labels", "by_neighbours"]

_NAMED = 10


@dataclass(frozen=True, eq=False)
class Wanted:
    """What makes a document relevant.

    Attributes
    ----------
    kind : {"labels", "judgements", "tfidf-neighbours"}
    relevance : callable
        Gives the relevance of the database to some queries, by their rows.
    nothing : str
        What it means, and what to do, when no query has anything to find.
    remarks : list of str
        What the reader of a figure should know, in whole sentences.
    """

    kind: Literal["labels", "judgements", "tfidf-neighbours"]
    relevance: Callable[[NDArray[np.int64]], Relevance]
    nothing: str
    remarks: list[str] = field(default_factory=list)


def by_labels(database: Side, queries: Side, corpus: str) -> Wanted:
    """Take a document for relevant when it shares a label with the query.

    Raises
    ------
    EvaluationError
        All labels of the database are the same; the message calls the corpus `corpus`.
    """
    there, asked = database.documents.labels, queries.documents.labels
    names = {label for labels in there for label in labels}
    if len(names) == 1:
        raise EvaluationError(
            f"{corpus}: expected labels of at least two kinds, found only {next(iter(names))!r} in the documents "
            "to search: whatever is found would be right; label by more than one subject"
        )
    unlabelled = sum(not labels for labels in there)
    remarks = (
        [f"{unlabelled:,} of the documents searched have no label, and are relevant to no query."]
        if unlabelled
        else []
    )
    return Wanted(
        "labels",
        lambda rows: Relevance.from_labels([asked[row] for row in rows.tolist()], there),
        "no label of theirs is a label of a document; check labels and splits",
        remarks,
    )


def by_judgements(database: Side, queries: Side, qrels: Sequence[Judgement], file: Path) -> Wanted:
    """Take documents for relevant to a query as they were judged, from grade 1 on.

    Judgements of unknown queries or documents are counted and named.
    """
    row_of = {name: row for row, name in enumerate(database.ids)}
    query_of = {name: row for row, name in enumerate(queries.ids)}
    grades: list[dict[int, int]] = [{} for _ in queries.ids]
    strangers: dict[str, dict[str, None]] = {"queries": {}, "documents": {}}
    for judgement in qrels:
        query, row = query_of.get(judgement.query), row_of.get(judgement.document)
        if query is None:
            strangers["queries"][judgement.query] = None
        elif row is None:
            strangers["documents"][judgement.document] = None
        elif judgement.grade > 0:
            grades[query][row] = judgement.grade
    remarks = [_unknown(what, list(names), file) for what, names in strangers.items() if names]
    return Wanted(
        "judgements",
        lambda rows: Relevance.from_judgements([grades[row] for row in rows.tolist()], len(database)),
        f"check that {file} calls queries and documents by their ids; {' '.join(remarks)}".rstrip("; "),
        remarks,
    )


def _unknown(what: str, names: list[str], file: Path) -> str:
    shown = ", ".join(map(repr, names[:_NAMED]))
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{file.name} judges {len(names):,} {what} that are not there: {shown}{more}; these judgements are left out."


def by_neighbours(database: Side, queries: Side) -> Wanted:
    """Take for wanted what is nearest under TF-IDF: nobody said what is relevant."""
    n = neighbours_of(len(database))
    listed = nearest_by_tfidf(database.documents.counts, queries.documents.counts, n)
    return Wanted(
        "tfidf-neighbours",
        lambda rows: Relevance.from_documents([listed[row] for row in rows.tolist()], len(database)),
        "none shares a word with a document",
        [
            f"The corpus has no labels and no judgements. Measured is how well each query's {n} nearest documents "
            "by TF-IDF over all words are kept, which says nothing of relevance: TF-IDF over all words keeps them "
            "all, by definition."
        ],
    )
