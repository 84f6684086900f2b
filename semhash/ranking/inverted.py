"""Which documents hold a word: an inverted index over every word of the corpus.

What is kept are counts and lengths, not weights: BM25 is worked out from them when it is asked for, at a third
of the cost of adding it up. So an entry takes five bytes instead of eight, and nothing that is kept hangs on
how many documents there are: documents can be added without touching those that are there.
"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.errors import IndexDamagedError, IndexFormatError
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from semhash.store import IndexFolder
    from semhash.store.draft import Draft

__all__ = ["InvertedIndex"]

_TOTALS = "postings.json"
_SPELLINGS = "postings-spellings.npy"


class InvertedIndex:
    """For each word of the lexicon, the documents that hold it.

    Parameters
    ----------
    offsets : ndarray of shape (n_words + 1,), int64
        Where the documents of each word start in `rows`.
    rows : ndarray of shape (n_entries,), uint32
        Documents, ascending inside each word.
    counts : ndarray of shape (n_entries,), unsigned
        How often each of them holds the word.
    lengths : ndarray of shape (n_documents,), uint32
        How many words each document has, repeats and all.
    n_occurrences : int
        Their sum.
    spellings : ndarray of shape (n_entries,), uint8, or None
        The bits of the spellings in which each of them holds the word: see
        `semhash.analysis.analyzer.spelling_bit`. None where that is not known.

    Raises
    ------
    IndexDamagedError
        The arrays do not fit together. Only their ends are looked at here; `check` reads them whole.
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
    ) -> None:
        # Plain views of what may be memory maps: numpy.memmap pays for its subclass at every read.
        self.offsets, self.rows, self.counts, self.lengths = map(np.asarray, (offsets, rows, counts, lengths))
        self.n_occurrences = n_occurrences
        self.spellings = None if spellings is None else np.asarray(spellings)
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        if not first == 0 <= last == len(self.rows) == len(self.counts):
            raise IndexDamagedError(
                f"postings: expected offsets from 0 to the number of entries, found {first} to {last} "
                f"for {len(self.rows)} rows and {len(self.counts)} counts"
            )

    @classmethod
    def build(cls, counts: Counts, spellings: NDArray[np.uint8] | None = None) -> Self:
        """Turn the counts of documents into those of words.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Whole counts over the lexicon.
        spellings : ndarray of shape (n_entries,), uint8, or None
            Those of each entry of the counts.
        """
        import scipy.sparse as sp  # here, since a query does without

        shape = (len(counts), counts.n_columns)
        by_document = sp.csr_matrix((counts.data, counts.indices, counts.indptr), shape=shape)
        if spellings is None:
            by_word = by_document.tocsc()  # documents of a word stay in order
            data = by_word.data
        else:  # both in one number, so that they are put in order once
            wider = np.dtype(f"u{2 * counts.data.itemsize}")
            both = counts.data.astype(wider) << 8 | spellings
            by_word = sp.csr_matrix((both, counts.indices, counts.indptr), shape=shape).tocsc()
            del both
            data = (by_word.data >> 8).astype(counts.data.dtype)
            spellings = by_word.data.astype(np.uint8)
        lengths = by_document @ np.ones(counts.n_columns, dtype=np.uint32)
        return cls(
            by_word.indptr.astype(np.int64),
            by_word.indices.view(np.uint32)
            if by_word.indices.itemsize == 4
            else by_word.indices.astype(np.uint32),
            data,
            lengths,
            int(lengths.sum(dtype=np.int64)),
            spellings=spellings,
        )

    def spellings_of_counts(self) -> NDArray[np.uint8]:
        """Give the spellings as `build` took them, by document; zeros, which are none, where they are not known."""
        import scipy.sparse as sp

        if self.spellings is None:
            return np.zeros(len(self.rows), dtype=np.uint8)
        shape = (self.n_documents, len(self.offsets) - 1)
        by_word = sp.csc_matrix((self.spellings, self.rows.astype(np.int32), self.offsets), shape=shape)
        return np.asarray(by_word.tocsr().data)

    def write(self, draft: "Draft") -> None:
        """Write the files that `open` reads."""
        draft.save_array("postings-offsets.npy", self.offsets)
        draft.save_array("postings-rows.npy", self.rows)
        draft.save_array("postings-counts.npy", self.counts)
        draft.save_array("postings-lengths.npy", self.lengths)
        if self.spellings is not None:
            draft.save_array(_SPELLINGS, self.spellings)
        draft.save_json(_TOTALS, {"occurrences": self.n_occurrences})

    @staticmethod
    def are_in(folder: "IndexFolder") -> bool:
        """Say whether an index has postings; those made by early versions have none."""
        return _TOTALS in folder.manifest.files

    @classmethod
    def open(cls, folder: "IndexFolder") -> Self:
        """Map the postings of an index into memory.

        Raises
        ------
        IndexFormatError
            The index was made by a version that wrote none.
        IndexDamagedError
            A file is not what it should be.
        """
        manifest = folder.manifest
        if not cls.are_in(folder):
            from shlex import quote

            raise IndexFormatError(
                f"{folder.path}: expected postings to rank by, found an index that semhash "
                f"{manifest.semhash_version} made without; have them made with: semhash update --index "
                f"{quote(str(folder.path))}, or rank by another measure, as with --rank tfidf"
            )
        offsets = folder.array("postings-offsets.npy", np.int64, (manifest.n_words + 1,))
        n_entries = int(offsets[-1])
        return cls(
            offsets,
            folder.array("postings-rows.npy", np.uint32, (n_entries,)),
            folder.array("postings-counts.npy", np.unsignedinteger, (n_entries,)),
            folder.array("postings-lengths.npy", np.uint32, (manifest.n_documents,)),
            _occurrences(folder),
            spellings=folder.array(_SPELLINGS, np.uint8, (n_entries,))
            if _SPELLINGS in manifest.files
            else None,
        )

    @property
    def n_documents(self) -> int:
        """How many documents there are, those without words too."""
        return len(self.lengths)

    def document_frequency(self, terms: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """In how many documents each of some words occurs, shape (n_terms,)."""
        return np.asarray(self.offsets[np.asarray(terms) + 1] - self.offsets[terms], dtype=np.int64)

    def check(self, counts: Counts) -> None:
        """Read it whole and hold it against the documents' own counts.

        Raises
        ------
        IndexDamagedError
            They differ.
        """
        fresh = type(self).build(counts)
        for name in ("offsets", "rows", "counts", "lengths"):
            if not np.array_equal(getattr(fresh, name), getattr(self, name)):
                raise IndexDamagedError(f"postings: expected the {name} that the counts give, found others")
        if fresh.n_occurrences != self.n_occurrences:
            raise IndexDamagedError(
                f"postings: expected {fresh.n_occurrences} words in all, found {self.n_occurrences}"
            )


def _occurrences(folder: "IndexFolder") -> int:
    """Read how many words all documents have together."""
    totals = folder.json(_TOTALS)
    match totals:
        case {"occurrences": int(found)} if found >= 0:
            return found
    raise IndexDamagedError(f"{folder.file(_TOTALS)}: expected a number of occurrences, found {totals!r}")
