"""BM25 over every document that holds a word of a query: the best of them, exactly, and the scores of some."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.errors import ConfigError, IndexDamagedError
from semhash.kernels import Kernel
from semhash.ranking.inverted import InvertedIndex
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from types import ModuleType

    from semhash.store import IndexFolder

__all__ = ["K1", "B", "Postings", "lucene_idf"]

K1 = 1.5
"""How soon more of a word adds no more."""

B = 0.75
"""How much of a document's length is taken off its words, 0 to 1."""

# What is left is added up in another order than scores are: a bound must not be short by a rounding.
_ROUNDING = 1 + 1e-9

_COMPILED_COUNTS = (np.dtype("u1"), np.dtype("<u2"))
# What compiling spares for a document that a word is added to, in seconds: benchmarks/query.py.
_SPARED_A_DOCUMENT = 1e-8


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a query.

    Attributes
    ----------
    weight : float
        How much it weighs in the query; what it adds to a document is always less.
    start : int
        Where its documents start among all.
    rows : ndarray of shape (n,), uint32
        The documents that hold it, ascending.
    counts : ndarray of shape (n,), unsigned
        How often each of them does.
    """

    weight: float
    start: int
    rows: NDArray[np.uint32]
    counts: NDArray[np.unsignedinteger[Any]]


class Postings(InvertedIndex):
    """For each word of the lexicon, the documents that hold it, to be asked; made as an `InvertedIndex` is.

    Sums are array operations until it pays to compile them, or as `compiled` tells; they are the same to the last bit:
    see `semhash.kernels`.

    Parameters
    ----------
    offsets, rows, counts, lengths, n_occurrences
        As of an `InvertedIndex`.
    compiled : bool or None
        Whether sums are compiled: at once, never, or, with None, once there were so many that it has paid.
    """

    def __init__(
        self,
        offsets: NDArray[np.int64],
        rows: NDArray[np.uint32],
        counts: NDArray[np.unsignedinteger[Any]],
        lengths: NDArray[np.uint32],
        n_occurrences: int,
        *,
        compiled: bool | None = None,
    ) -> None:
        super().__init__(offsets, rows, counts, lengths, n_occurrences)
        self._kernel = Kernel("words", compiled)
        octets = np.ascontiguousarray(self.counts).view(np.uint8)
        self._for_kernel = _sealed(self.rows), _sealed(octets), self.counts.itemsize, _sealed(self.lengths)

    @classmethod
    def open(cls, folder: "IndexFolder", compiled: bool | None = None) -> Self:
        """Map the postings of an index into memory: see `InvertedIndex.open`.

        Raises
        ------
        IndexFormatError, IndexDamagedError
            As there.
        ConfigError
            `compiled` is True, and numba is not installed.
        """
        found = super().open(folder)
        return cls(
            found.offsets, found.rows, found.counts, found.lengths, found.n_occurrences, compiled=compiled
        )

    def scores(self, query: Counts) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give every document that shares a word with a query, and its BM25 score.

        ``sum_t q_t idf_t f_td / (f_td + k1 (1 - b + b |d| / mean |d|))``: Robertson and Zaragoza, *The
        Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.4, without the factor ``k1 + 1``,
        which all documents share, as in Lucene 8. A word that the query holds twice counts twice.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
            The query's counts over the lexicon.

        Returns
        -------
        rows : ndarray of shape (n_found,), int64
            Ascending.
        scores : ndarray of shape (n_found,), float64
            Above 0.
        """
        totals, found, _ = self._add_up(self._asked(query), None)
        rows = np.sort(found)
        return rows.astype(np.int64), totals[rows]

    def best(self, query: Counts, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the first `k` documents by (BM25 score descending, row).

        Words are taken heaviest first. Once the k-th best document is ahead of all that the words left could give,
        no new document can come in, and those words are only looked up for the documents that are in: Turtle and
        Flood, *Query evaluation: strategies and optimizations* (1995), "max score". The result is exact.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
            The query's counts over the lexicon.
        k : int
            How many; all that share a word with the query when those are fewer.

        Returns
        -------
        rows : ndarray of shape (n_found,), int64
        scores : ndarray of shape (n_found,), float64
            As `scores` gives them, to the last bit.

        Raises
        ------
        ConfigError
            `k` is below 1.
        """
        if k < 1:
            raise ConfigError(f"k: expected 1 document or more, found {k}")
        asked = self._asked(query)
        kernel = self._compiled(asked)
        if kernel is not None:
            return self._best_compiled(kernel, asked, k)
        totals, found, taken = self._add_up(asked, k)
        scores = totals[found]
        if taken < len(asked):
            left = sum(word.weight for word in asked[taken:])
            found = np.sort(found[scores + left * _ROUNDING >= _kth(scores, k)])
            scores = totals[found]
        for word in asked[taken:]:
            self._look_up(word, found, scores)
        if len(found) > k:
            kept = scores >= _kth(scores, k)
            found, scores = found[kept], scores[kept]
        order = np.lexsort((found, -scores))[:k]
        return found[order].astype(np.int64), scores[order]

    def scores_of(self, query: Counts, rows: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Give the BM25 scores of some documents, as `scores` gives them; 0 where no word is shared.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
        rows : ndarray of shape (n,), int

        Returns
        -------
        ndarray of shape (n,), float64
        """
        wanted = np.ascontiguousarray(rows, dtype=np.uint32)
        asked = self._asked(query)
        totals, kernel = np.zeros(len(wanted)), self._compiled([])
        if kernel is not None:
            kernel.look_up(*self._given(asked), wanted, totals)
            return totals
        for word in asked:
            self._look_up(word, wanted, totals)
        return totals

    # -- compiled -----------------------------------------------------------------------------------------

    def _compiled(self, asked: list[_Word]) -> "ModuleType | None":
        """Return what is compiled, where what was added up, and these words, make it pay."""
        kernel = self._kernel(sum(len(word.rows) for word in asked) * _SPARED_A_DOCUMENT)
        return kernel if self.counts.dtype in _COMPILED_COUNTS else None

    def _given(self, asked: list[_Word]) -> tuple[Any, ...]:
        """Return the postings and some words as the compiled forms take them, of one type whatever was opened."""
        starts = np.array([word.start for word in asked], dtype=np.int64)
        stops = starts + np.array([len(word.rows) for word in asked], dtype=np.int64)
        weights = np.array([word.weight for word in asked], dtype=np.float64)
        return *self._for_kernel, starts, stops, weights, *self._norm()

    def _best_compiled(
        self, kernel: "ModuleType", asked: list[_Word], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        k, size = min(k, self.n_documents), min(kernel.BLOCK, self.n_documents)
        left = np.zeros(len(asked) + 1)
        left[:-1] = np.cumsum([word.weight for word in asked[::-1]])[::-1]
        sums, met = np.zeros(size), np.empty(size, dtype=np.uint32)
        found, scores = np.empty(2 * k + size, dtype=np.uint32), np.empty(2 * k + size)
        given = self._given(asked)
        at = given[4].copy()
        n = kernel.best(*given, k, at, left, sums, met, found, scores)
        if n == kernel.DAMAGED:
            raise self._damaged("rows that ascend inside each word", "others")
        order = np.lexsort((found[:n], -scores[:n]))
        return found[order].astype(np.int64), scores[order]

    # -- how it is worked out -----------------------------------------------------------------------------

    def _asked(self, query: Counts) -> list[_Word]:
        """Give the words of a query, heaviest first, ties in alphabetical order."""
        frequency = self.document_frequency(query.indices)
        if frequency.min(initial=0) < 0:
            raise self._damaged("its words in order", "one that ends before it starts")
        if frequency.max(initial=0) > self.n_documents:
            raise self._damaged(f"a word in at most {self.n_documents} documents", str(frequency.max()))
        weights = np.asarray(query.data * lucene_idf(frequency, self.n_documents), dtype=np.float64)
        order = np.argsort(-weights, kind="stable")
        return [
            _Word(weight, int(self.offsets[term]), *self._entries(term))
            for term, weight in zip(query.indices[order].tolist(), weights[order].tolist(), strict=True)
        ]

    def _entries(self, term: int) -> tuple[NDArray[np.uint32], NDArray[np.unsignedinteger[Any]]]:
        """Give the documents that hold a word, and how often each does."""
        start, stop = int(self.offsets[term]), int(self.offsets[term + 1])
        rows = self.rows[start:stop]
        if not 0 <= start <= stop <= len(self.rows):
            raise self._damaged(f"places from 0 to {len(self.rows)}", f"{start} to {stop}")
        if len(rows) and rows[-1] >= self.n_documents:
            raise self._damaged(f"rows below {self.n_documents}", str(rows[-1]))
        return rows, self.counts[start:stop]

    @staticmethod
    def _damaged(expected: str, found: str) -> IndexDamagedError:
        return IndexDamagedError(
            f"postings: expected {expected}, found {found}; find the file that was altered with: semhash verify"
        )

    def _added(
        self, word: _Word, counts: NDArray[np.unsignedinteger[Any]], rows: NDArray[np.uint32]
    ) -> NDArray[np.float64]:
        """Give what a word adds to documents that hold it so often: the summand of `scores`."""
        slope, floor = self._norm()
        frequency = counts.astype(np.float64)
        norms = self.lengths.take(rows) * slope
        norms += floor
        norms += frequency
        frequency *= word.weight
        return np.divide(frequency, norms, out=frequency)

    def _norm(self) -> tuple[float, float]:
        """Give what is added to a count below the line: for each word of the document, and to all alike."""
        mean = max(self.n_occurrences, 1) / max(self.n_documents, 1)
        return K1 * B / mean, K1 * (1 - B)

    def _add_up(
        self, asked: list[_Word], k: int | None
    ) -> tuple[NDArray[np.float64], NDArray[np.uint32], int]:
        """Add up what words add, all of them or until no new document can be among the best k.

        Returns
        -------
        totals : ndarray of shape (n_documents,), float64
        found : ndarray of shape (n_found,), uint32
            The documents met, each once.
        taken : int
            How many words were added up.
        """
        totals = np.zeros(self.n_documents)
        found = np.zeros(0, dtype=np.uint32)
        left, added = sum(word.weight for word in asked), 0
        for taken, word in enumerate(asked):
            # Looked for when as much was added as there is to look through, so that it is never most of the work.
            if k is not None and max(k, len(found)) <= added:
                if len(found) >= k and _kth(totals[found], k) > left * _ROUNDING:
                    return totals, found, taken
                added = 0
            before = totals.take(word.rows)
            totals[word.rows] = before + self._added(word, word.counts, word.rows)
            found = np.concatenate([found, word.rows[before == 0]])
            left -= word.weight
            added += len(word.rows)
        return totals, found, len(asked)

    def _look_up(self, word: _Word, wanted: NDArray[np.uint32], totals: NDArray[np.float64]) -> None:
        """Add to the totals of some documents what a word adds to them."""
        if len(word.rows):
            place = np.searchsorted(word.rows, wanted)
            held = np.flatnonzero(word.rows.take(place, mode="clip") == wanted)
            totals[held] += self._added(word, word.counts[place[held]], wanted[held])


def lucene_idf(document_frequency: NDArray[np.integer[Any]], n_documents: int) -> NDArray[np.float64]:
    """Give ``ln(1 + (n - df + 0.5) / (df + 0.5))``, above 0 for every word.

    Kamphuis, de Vries, Boytsov and Lin, *Which BM25 Do You Mean?* (ECIR 2020), "Lucene (accurate)".

    Parameters
    ----------
    document_frequency : ndarray of shape (n_words,), int
        In how many documents each word occurs.
    n_documents : int
        How many documents there are.

    Returns
    -------
    ndarray of shape (n_words,), float64
    """
    frequency = np.asarray(document_frequency, dtype=np.float64)
    return np.asarray(np.log1p((n_documents - frequency + 0.5) / (frequency + 0.5)))


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that is not written to, contiguous: the compiled forms take no other."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _kth(scores: NDArray[np.float64], k: int) -> float:
    """Give the k-th highest."""
    return float(np.partition(scores, -k)[-k])
