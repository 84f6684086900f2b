"""Whether an index has seen what it is asked: it may hold the very queries."""

from semhash.evaluation.task import Task
from semhash.index import Index

__all__ = ["queries_seen"]


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
