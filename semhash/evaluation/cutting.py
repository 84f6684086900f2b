"""How a corpus is cut into what is searched and what is asked."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.building.collection import MIN_DOCUMENTS
from semhash.errors import EvaluationError
from semhash.evaluation.gathering import Gathered

__all__ = ["CUT_SEED", "Cut", "cut"]

CUT_SEED = 0
"""Of the cut into database and queries where a corpus brings none, and of the sample of queries."""

_QUERY_SHARE = 0.2
_TRAIN = "train"


@dataclass(frozen=True, eq=False)
class Cut:
    """What is searched and what is asked.

    Attributes
    ----------
    database, queries : ndarray of shape (n,), int64
        Rows of what was gathered, ascending.
    how : str
        How they were told apart, in words.
    """

    database: NDArray[np.int64]
    queries: NDArray[np.int64]
    how: str


def cut(gathered: Gathered, corpus: str, n_apart: int = 0) -> Cut:
    """Tell database and queries apart.

    The last `n_apart` rows are the queries, where there are such. Otherwise rows of split ``train`` are the
    database and all others the queries; without any split, a seeded fifth becomes the queries.

    Parameters
    ----------
    gathered : Gathered
    corpus : str
        What messages call it.
    n_apart : int
        How many queries came from elsewhere.

    Raises
    ------
    EvaluationError
        There are too few documents to search, or no queries.
    """
    found = _told_apart(gathered, n_apart)
    if len(found.database) >= MIN_DOCUMENTS and len(found.queries):
        return found
    splits = Counter(repr(split) for split in gathered.splits if split is not None)
    listed = ", ".join(f"{split}: {n:,}" for split, n in splits.most_common())
    advice = (
        "name the documents to search 'train' and the others anything else, or leave the splits out for a cut "
        "into four fifths and one"
        if splits
        else "give more documents"
    )
    raise EvaluationError(
        f"{corpus}: expected at least {MIN_DOCUMENTS} documents to search and 1 query, found "
        f"{len(found.database):,} and {len(found.queries):,}{f' (splits {listed})' if splits else ''}; {advice}"
    )


def _told_apart(gathered: Gathered, n_apart: int) -> Cut:
    rows = np.arange(len(gathered))
    if n_apart:
        n = len(rows) - n_apart
        return Cut(rows[:n], rows[n:], "queries and judgements of their own; the whole corpus is searched")
    if all(split is None for split in gathered.splits):
        order = np.random.default_rng(CUT_SEED).permutation(rows)
        n = round(len(rows) * _QUERY_SHARE)
        how = f"cut at random, seed {CUT_SEED}: four fifths are searched, one fifth asks"
        return Cut(np.sort(order[n:]), np.sort(order[:n]), how)
    searched = np.array([split == _TRAIN for split in gathered.splits], dtype=np.bool_)
    others = Counter("none" if split is None else split for split in gathered.splits if split != _TRAIN)
    named = ", ".join(f"{split} ({n:,})" for split, n in others.most_common())
    return Cut(rows[searched], rows[~searched], f"the corpus's own: {_TRAIN} is searched, {named} asks")
