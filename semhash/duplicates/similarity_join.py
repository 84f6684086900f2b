"""All pairs of documents whose words agree, without comparing all pairs.

*Prefix filtering*: Chaudhuri, Ganti and Kaushik, *A primitive operator for similarity joins in data cleaning*
(ICDE 2006), and Bayardo, Ma and Srikant, *Scaling up all pairs similarity search* (WWW 2007). Put each
document's words in one order for all, the rarest first. The *prefix* of a document ends where what is left is too
short for a cosine of t. The first word that two documents share, in that order, is all that their cosine is
made of, and what comes after it: where the cosine reaches t, that word is in both prefixes. So only
documents that share a word of their prefixes need to be compared, and none is missed.

Where documents must agree in more than a word, such as in a part of their codes, only those are brought together
that do: long postings of common words fall apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.progress import Report, unheard
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts

__all__ = ["SLACK", "Pairs", "Postings", "cosines", "prefix_postings", "sharing_pairs"]

SLACK = 1e-6
"""What float32 may be wrong by: a cosine this little below the threshold reaches it."""

_ENTRIES = 1 << 21  # that are worked on at once: some 100 MB
_PAIRS = 1 << 21


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of documents, each pair once.

    Attributes
    ----------
    first, second : ndarray of shape (n_pairs,), int64
        Rows; the second is below the first. Ascending by first, then by second.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    def where(self, kept: NDArray[np.bool_]) -> "Pairs":
        """Keep some, by a mask of shape (n_pairs,)."""
        return Pairs(self.first[kept], self.second[kept])


@dataclass(frozen=True, slots=True)
class Postings:
    """Documents by the words of their prefixes, and by their keys; what only one document has is left out.

    Attributes
    ----------
    rows : ndarray of shape (n_postings,), int64
        Documents: those of one word and key stand together, ascending.
    starts : ndarray of shape (n_postings,), int64
        Where the documents of each posting's word and key begin.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]


def prefix_postings(
    terms: TermIndex,
    rows: NDArray[np.int64],
    threshold: float,
    keys: NDArray[np.int64] | None = None,
    report: Report = unheard,
) -> Postings:
    """Turn documents' prefixes into postings.

    Parameters
    ----------
    terms : TermIndex
    rows : ndarray of shape (n,), int64
        Documents, ascending.
    threshold : float
        The cosine t that pairs must reach, above 0 and at most 1.
    keys : ndarray of shape (n, n_keys), int64 from 0 on, or None
        Pairs must have a key in common, too, in the same column; None asks for nothing more.
    report : Report
        Hears how many documents are done.
    """
    keys = np.zeros((len(rows), 1), dtype=np.int64) if keys is None else keys
    # The rarest first, equal ones alphabetically: any order will do, this one has the shortest postings.
    ranks = np.empty(len(terms.document_frequency), dtype=np.int64)
    ranks[np.argsort(terms.document_frequency, kind="stable")] = np.arange(len(ranks))
    found, done = [], 0
    for block in _blocks(terms.counts, rows):
        found.append(_prefixes(terms, ranks, block, threshold))
        done += len(block)
        report(done, len(rows), "")
    owners = np.concatenate([np.zeros(0, dtype=np.int64), *(o for o, _ in found)])
    words = np.concatenate([np.zeros(0, dtype=np.int64), *(w for _, w in found)])
    alone = np.bincount(words, minlength=1)[words] == 1
    owners, words = owners[~alone], words[~alone]
    columns = keys[np.searchsorted(rows, owners)] + np.arange(keys.shape[1]) * (keys.max(initial=0) + 1)
    both = (words[:, None] * (columns.max(initial=0) + 1) + columns).ravel()
    return _grouped(both, np.repeat(owners, keys.shape[1]))


def _grouped(keys: NDArray[np.int64], rows: NDArray[np.int64]) -> Postings:
    """Put rows of one key together; given in ascending order, they stay so."""
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    same = keys[1:] == keys[:-1]
    shared = np.concatenate((same, [False])) | np.concatenate(([False], same))
    keys, rows = keys[shared[: len(keys)]], rows[shared[: len(keys)]]
    return Postings(rows, np.searchsorted(keys, keys))


def _blocks(counts: Counts, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Cut documents into runs that hold about so many entries as are worked on at once."""
    sizes = np.asarray(counts.indptr[rows + 1]) - np.asarray(counts.indptr[rows])
    ends = np.cumsum(sizes)
    cuts = np.flatnonzero(np.diff(ends // _ENTRIES)) + 1
    yield from np.split(rows, cuts)


def _prefixes(
    terms: TermIndex, ranks: NDArray[np.int64], rows: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give document and word's rank of each entry of the prefixes."""
    counts = terms.counts.take(rows)
    owners, words = counts.owners(), ranks[counts.indices]
    order = np.lexsort((words, owners))
    owners, words = owners[order], words[order]
    before = np.concatenate(([0.0], np.cumsum(terms.weights(counts)[order].astype(np.float64) ** 2)))
    ends = before[counts.indptr[1:]]
    left, whole = ends[owners] - before[:-1], (ends - before[counts.indptr[:-1]])[owners]
    kept = left >= whole * (threshold - SLACK) ** 2 - SLACK
    return rows[owners[kept]], words[kept]


def sharing_pairs(postings: Postings, report: Report = unheard) -> Iterator[Pairs]:
    """Give all pairs of documents that share a posting, some at a time; no pair comes twice.

    Parameters
    ----------
    postings : Postings
    report : Report
        Hears how many pairs were given and are done with, each as often as it shares a posting.
    """
    order = np.argsort(postings.rows, kind="stable")
    partners = order - postings.starts[order]  # those of lower rows, in the postings of the same word
    rows = postings.rows[order]
    ends = np.cumsum(partners)
    # A document's postings must not be parted: its pairs are told apart from each other.
    last = np.flatnonzero(np.diff(rows, append=-1))
    cuts = last[np.flatnonzero(np.diff(ends[last] // _PAIRS))] + 1
    done = 0
    for some, n in zip(np.split(order, cuts), np.split(partners, cuts), strict=True):
        begins = np.repeat(postings.starts[some] - np.cumsum(n) + n, n)
        second = postings.rows[begins + np.arange(len(begins))]
        keys = np.sort(np.repeat(postings.rows[some], n) << 32 | second)
        first, second = np.divmod(keys[np.diff(keys, prepend=-1) > 0], 1 << 32)
        yield Pairs(first, second)
        done += int(n.sum())
        report(done, int(partners.sum()), "")


def cosines(terms: TermIndex, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the TF-IDF cosine of each pair of documents: what `TermIndex.cosine` gives one by one.

    Parameters
    ----------
    terms : TermIndex
    first, second : ndarray of shape (n_pairs,), int64
        Rows.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        0 to 1.
    """
    sizes = np.asarray(terms.counts.indptr[first + 1]) - np.asarray(terms.counts.indptr[first])
    sizes = sizes + np.asarray(terms.counts.indptr[second + 1]) - np.asarray(terms.counts.indptr[second])
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // _ENTRIES)) + 1
    parts = zip(np.split(first, cuts), np.split(second, cuts), strict=True)
    return np.concatenate([_cosines(terms, a, b) for a, b in parts])


def _cosines(terms: TermIndex, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    ones, others = terms.counts.take(first), terms.counts.take(second)
    keys = ones.owners() * ones.n_columns + ones.indices
    wanted = others.owners() * ones.n_columns + others.indices
    places = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    shared = np.flatnonzero(keys[places] == wanted) if len(keys) else np.zeros(0, dtype=np.int64)
    weights = terms.weights(ones).astype(np.float64)[places[shared]]
    products = weights * terms.weights(others)[shared]
    sums = np.bincount(others.owners()[shared], weights=products, minlength=len(first))
    lengths = terms.norms[first].astype(np.float64) * terms.norms[second]
    found = np.divide(sums, lengths, out=np.zeros(len(first)), where=lengths > 0)
    return np.asarray(np.minimum(found, 1.0))
