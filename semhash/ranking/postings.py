"""BM25 over every document that holds a word of a query: the best of them, exactly, and the scores of some."""

from collections.abc import Iterable, Iterator, Sequence
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

__all__ = ["K1", "B", "Groups", "Postings", "Spelled", "lucene_idf"]

Groups = NDArray[np.integer[Any]]
"""Of each term of a query, the number of the word that it says."""

K1 = 2.0
"""How soon more of a word adds no more.

On fifteen collections in nine languages 2 and 0.8 gave 1.009 times the nDCG@10 of the usual 1.5 and 0.75, and .996
times on the worst; more of both gave more on most and up to 2 % less on others.
"""

B = 0.8
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
        Where its documents start among all; below 0 for terms that were put together.
    rows : ndarray of shape (n,), uint32
        The documents that hold it, ascending.
    counts : ndarray of shape (n,), unsigned or float64
        How often each of them does.
    """

    weight: float
    start: int
    rows: NDArray[np.uint32]
    counts: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Spelled:
    """A word of a query as it is written.

    Attributes
    ----------
    terms : tuple of int
        What documents hold it as, in one language or another.
    bits : int
        Those of its spellings: see `semhash.analysis.analyzer.spelling_bit`.
    weight : float
        How much it weighs in the query.
    """

    terms: tuple[int, ...]
    bits: int
    weight: float


class Postings(InvertedIndex):
    """For each word of the lexicon, the documents that hold it, to be asked; made as an `InvertedIndex` is.

    Sums are array operations until it pays to compile them, or as `compiled` tells; they are the same to the last bit:
    see `semhash.kernels`.

    Parameters
    ----------
    offsets, rows, counts, lengths, n_occurrences, spellings
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
        spellings: NDArray[np.uint8] | None = None,
        compiled: bool | None = None,
    ) -> None:
        super().__init__(offsets, rows, counts, lengths, n_occurrences, spellings=spellings)
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
            found.offsets,
            found.rows,
            found.counts,
            found.lengths,
            found.n_occurrences,
            spellings=found.spellings,
            compiled=compiled,
        )

    def scores(
        self, query: Counts, groups: Groups | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give every document that shares a word with a query, and its BM25 score.

        ``sum_t q_t idf_t f_td / (f_td + k1 (1 - b + b |d| / mean |d|))``: Robertson and Zaragoza, *The
        Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.4, without the factor ``k1 + 1``,
        which all documents share, as in Lucene 8. A word that the query holds twice counts twice.

        Terms of one group are one word said in several ways: a document has it as often as it has all of them, each
        times its weight over the largest in the group, and it is as rare as those of the largest are together. Pirkola,
        *The effects of query structure and dictionary setups in dictionary-based cross-language information retrieval*
        (SIGIR 1998). One by one, rare ways to say a word would weigh more than the word, and many more still.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
            The query's counts over the lexicon, or weights.
        groups : ndarray of shape (n_terms,), int, or None
            The group of each term that the query has; None where each is a word by itself.

        Returns
        -------
        rows : ndarray of shape (n_found,), int64
            Ascending.
        scores : ndarray of shape (n_found,), float64
            Above 0.
        """
        totals, found, _ = self._add_up(self._asked(query, groups), None)
        rows = np.sort(found)
        return rows.astype(np.int64), totals[rows]

    def best(
        self, query: Counts, k: int, groups: Groups | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
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
        groups : ndarray of shape (n_terms,), int, or None
            See `scores`.

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
        asked = self._asked(query, groups)
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

    def scores_of(
        self, query: Counts, rows: NDArray[np.integer[Any]], groups: Groups | None = None
    ) -> NDArray[np.float64]:
        """Give the BM25 scores of some documents, as `scores` gives them; 0 where no word is shared.

        Parameters
        ----------
        query : Counts of shape (1, n_words)
        rows : ndarray of shape (n,), int
        groups : ndarray of shape (n_terms,), int, or None
            See `scores`.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        wanted = np.ascontiguousarray(rows, dtype=np.uint32)
        asked = self._asked(query, groups)
        totals, kernel = np.zeros(len(wanted)), self._compiled(asked, now=False)
        if kernel is not None:
            kernel.look_up(*self._given(asked), wanted, totals)
            return totals
        # To add up for all documents is quicker than to look up for very many.
        if sum(len(word.rows) for word in asked) + self.n_documents // 8 < 2 * len(wanted) * len(asked):
            everyone, _, _ = self._add_up(asked, None)
            return everyone.take(wanted)
        for word in asked:
            self._look_up(word, wanted, totals)
        return totals

    def spelled(self, asked: Sequence[Spelled], rows: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Give what some documents gain by holding words in the very spelling of a query.

        ``sum_t q_t idf_t / (1 + k1 (1 - b + b |d| / mean |d|))`` over the words that a document holds so: what one
        occurrence adds by `scores`, with the idf of the spelling. That a spelling is there says more than how often.

        Parameters
        ----------
        asked : sequence of Spelled
        rows : ndarray of shape (n,), int

        Returns
        -------
        ndarray of shape (n,), float64
            All 0 where spellings are not known.
        """
        gains = np.zeros(len(rows))
        if self.spellings is None or not len(rows):
            return gains
        slope, floor = self._norm()
        wanted = np.ascontiguousarray(rows, dtype=np.uint32)
        once = 1 / (1 + floor + slope * self.lengths.take(wanted))
        for word in asked:
            frequency, held = 0, np.zeros(len(rows), dtype=bool)
            for term in word.terms:
                start = int(self.offsets[term])
                held_by, _ = self._entries(term)
                if not len(held_by):
                    continue
                bits = self.spellings[start : start + len(held_by)] & word.bits
                frequency += int(np.count_nonzero(bits))
                place = np.searchsorted(held_by, wanted)
                held |= (held_by.take(place, mode="clip") == wanted) & (bits.take(place, mode="clip") != 0)
            [idf] = lucene_idf(np.array([min(frequency, self.n_documents)]), self.n_documents).tolist()
            gains[held] += word.weight * idf * once[held]
        return gains

    def rows_of(self, terms: Iterable[int], bits: int | None = None) -> NDArray[np.int64]:
        """Return the documents that hold any of some terms, ascending.

        Parameters
        ----------
        terms : iterable of int
        bits : int or None
            Leave out documents that hold a term in none of the spellings of these bits, where spellings are known: see
            `semhash.analysis.analyzer.spelling_bit`.
        """
        held = np.zeros(self.n_documents, dtype=bool)
        for term in terms:
            rows, _ = self._entries(term)
            if bits is not None and self.spellings is not None:
                start = int(self.offsets[term])
                rows = rows[(self.spellings[start : start + len(rows)] & bits) != 0]
            held[rows] = True
        return np.flatnonzero(held)

    def counted(self, term: int) -> Iterator[tuple[int, int]]:
        """Return each document that holds a term, by its row, and how often it does."""
        rows, counts = self._entries(term)
        return zip(rows.tolist(), counts.tolist(), strict=True)

    # -- compiled -----------------------------------------------------------------------------------------

    def _compiled(self, asked: list[_Word], *, now: bool = True) -> "ModuleType | None":
        """Return what is compiled, where what was added up, and now these words, make it pay.

        Terms that were put together are added up by array operations: what is compiled reads the postings themselves.
        """
        if any(word.start < 0 for word in asked):
            return None
        kernel = self._kernel(sum(len(word.rows) for word in asked) * _SPARED_A_DOCUMENT if now else 0.0)
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

    def _asked(self, query: Counts, groups: Groups | None = None) -> list[_Word]:
        """Give the words of a query, heaviest first, ties in alphabetical order."""
        frequency = self.document_frequency(query.indices)
        if frequency.min(initial=0) < 0:
            raise self._damaged("its words in order", "one that ends before it starts")
        if frequency.max(initial=0) > self.n_documents:
            raise self._damaged(f"a word in at most {self.n_documents} documents", str(frequency.max()))
        if groups is not None:
            return self._grouped(query, groups, frequency)
        weights = np.asarray(query.data * lucene_idf(frequency, self.n_documents), dtype=np.float64)
        order = np.argsort(-weights, kind="stable")
        return [
            _Word(weight, int(self.offsets[term]), *self._entries(term))
            for term, weight in zip(query.indices[order].tolist(), weights[order].tolist(), strict=True)
        ]

    def _grouped(self, query: Counts, groups: Groups, frequency: NDArray[np.int64]) -> list[_Word]:
        """Put the terms of each group together."""
        words = []
        for places in np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1]):
            if not len(places):
                continue
            shares = query.data[places] / query.data[places].max()
            together = min(int(frequency[places[shares == 1]].sum()), self.n_documents)
            [idf] = lucene_idf(np.array([together]), self.n_documents).tolist()
            weight = float(query.data[places].max()) * idf
            terms = query.indices[places].tolist()
            if len(terms) == 1:
                words.append(_Word(weight, int(self.offsets[terms[0]]), *self._entries(terms[0])))
            else:
                words.append(_Word(weight, -1, *self._together(terms, shares.tolist())))
        return sorted(words, key=lambda word: -word.weight)

    def _together(
        self, terms: list[int], shares: list[float]
    ) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """Give the documents that hold one of some terms, and how often, each term times its share."""
        entries = [self._entries(term) for term in terms]
        rows = np.concatenate([rows for rows, _ in entries])
        counts = np.concatenate([held * share for (_, held), share in zip(entries, shares, strict=True)])
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        firsts = np.flatnonzero(np.diff(rows, prepend=rows[:1] + 1)) if len(rows) else np.zeros(0, np.int64)
        return rows[firsts], np.add.reduceat(counts[order], firsts) if len(rows) else counts

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

    def _added(self, word: _Word, counts: NDArray[Any], rows: NDArray[np.uint32]) -> NDArray[np.float64]:
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
