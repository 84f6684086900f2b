"""Indexes that are measured as they are: whether they have seen what they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semhash.evaluation.task import Task
from semhash.index import Index

__all__ = ["GivenIndex", "names_of", "queries_seen"]


@dataclass(frozen=True, eq=False)
class GivenIndex:
    """An index to be measured.

    Attributes
    ----------
    name : str
        Its folder's.
    index : Index
        Opened.
    queries_seen : int
        How many of the queries it was built from.
    """

    name: str
    index: Index
    queries_seen: int


def names_of(indexes: Sequence[Path]) -> list[str]:
    """Name indexes by their folders; by their whole paths where two folders have one name."""
    bare = [index.resolve().name for index in indexes]
    return [name if bare.count(name) == 1 else str(index) for name, index in zip(bare, indexes, strict=True)]


def queries_seen(index: Index, task: Task) -> int:
    """Count the queries among the documents that an index was built from.

    By their texts; and by their ids too, where queries are documents of the corpus. Questions that come with
    judgements have ids of their own, which say nothing.

    Parameters
    ----------
    index : Index
    task : Task
    """
    known = index.catalogue.digests()
    texts = set(known.values())
    by_id = task.facts.relevance != "judgements"
    asked = zip(task.queries.ids, task.queries.digests, strict=True)
    return sum(digest in texts or (by_id and name in known) for name, digest in asked)
