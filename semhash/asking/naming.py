"""Documents without the words of their files' names: a copy under another name is a copy."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.languages import language_numbered
from semhash.opened_index import OpenedIndex
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts

__all__ = ["bare_cosine", "bare_terms"]


def bare_terms(index: OpenedIndex) -> TermIndex:
    """Return the counts of all documents without the words of their names: those of the index, where none are.

    Words keep their frequencies; one that stands in a name alone is there 0 times, and weighs nothing.
    """
    terms = index.term_index
    names = index.catalogue.names()
    if not names:
        return terms
    bare = TermIndex.build(_less(index, terms.counts, names, index.language_numbers))
    return TermIndex(bare.counts, terms.document_frequency, bare.norms)


def bare_cosine(index: OpenedIndex, row: int, others: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the TF-IDF cosine of a document with others, the words of their names aside.

    Parameters
    ----------
    index : OpenedIndex
    row : int
    others : ndarray of shape (n,), int64
        Rows.
    """
    terms, rows = index.term_index, np.concatenate(([row], others))
    names = index.catalogue.names(rows.tolist()) if len(others) else {}
    if not names:
        return terms.cosine(terms.counts.take(rows[:1]), others)
    named = {place: names[row] for place, row in enumerate(rows.tolist()) if row in names}
    counts = _less(index, terms.counts.take(rows), named, index.language_numbers[rows])
    weights, owners = terms.weights(counts).astype(np.float64), counts.owners()
    end = counts.indptr[1]
    place = np.minimum(np.searchsorted(counts.indices[:end], counts.indices), max(end - 1, 0))
    shared = counts.indices[place] == counts.indices
    sums = np.bincount(owners, weights=weights * weights[place] * shared, minlength=len(rows))
    norms = np.sqrt(np.bincount(owners, weights=weights**2, minlength=len(rows)))
    lengths = norms * norms[0]
    found = np.divide(sums, lengths, out=np.zeros(len(rows)), where=lengths > 0)[1:]
    return np.asarray(found, dtype=np.float32)


def _less(
    index: OpenedIndex, counts: Counts, names: Mapping[int, str], languages: NDArray[np.uint8]
) -> Counts:
    """Take the words of names, by row of the counts, out of them; each is there still, 0 times if need be."""
    lexicon, data, terms_of = index.lexicon, np.array(counts.data), index.analyzer.analyzer.terms
    for row, name in names.items():
        start, end = int(counts.indptr[row]), int(counts.indptr[row + 1])
        held = counts.indices[start:end]
        named = lexicon.counted(Counter(terms_of(name, language_numbered(int(languages[row])))))
        places = np.searchsorted(held, named.indices)
        there = places < len(held)
        there[there] = held[places[there]] == named.indices[there]
        at = start + places[there]
        data[at] -= np.minimum(data[at], named.data[there].astype(data.dtype))
    return Counts(counts.indptr, counts.indices, data, counts.n_columns)
