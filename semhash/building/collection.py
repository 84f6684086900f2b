"""What one pass over a corpus leaves in memory, and whether it is enough to learn from."""

from collections import Counter
from collections.abc import Collection as Some
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from semhash.building.changes import Changes
from semhash.building.standing import Standing
from semhash.catalogue.copying import Run
from semhash.catalogue.ledger import CORPUS, Ledger
from semhash.config import IndexConfig
from semhash.corpus import Skipped, SkipReason
from semhash.corpus.document import ReadAs
from semhash.errors import CorpusError
from semhash.words.counting import CountsBuilder
from semhash.words.merging import Counted, merge, narrowed

__all__ = ["MIN_DOCUMENTS", "Collection", "check_enough", "check_nothing_failed"]

MIN_DOCUMENTS = 5
"""Fewer documents with words than this are no corpus to learn from."""

_SHOWN = 10
_LEFT_OUT_BY_DESIGN = (SkipReason.HIDDEN, SkipReason.AN_INDEX)


@dataclass(frozen=True, eq=False)
class Collection:
    """What one pass over a corpus leaves in memory.

    Attributes
    ----------
    ledger : Ledger
        Where every document came from, and what did not become one.
    digest : str
        sha256 over the ids and texts of all documents, in hexadecimal.
    origins : ndarray of shape (n_documents,), int64
        The row, in the generation that stands, of the document with the same text; -1 where there is none.
    copied : list of Run
        Documents whose files were not read: they are yet to be copied into the catalogue.
    new : Counted
        The documents without such a row, in order.
    standing : Standing or None
        The generation that stands, if something was kept of it.
    changes : Changes
        What is different from it.
    """

    ledger: Ledger
    digest: str
    origins: NDArray[np.int64]
    copied: list[Run]
    new: Counted
    standing: Standing | None
    changes: Changes

    @property
    def n_documents(self) -> int:
        """Documents in the catalogue."""
        return len(self.origins)

    @property
    def skipped(self) -> list[Skipped]:
        """What did not become a document."""
        return [skipped for skipped, _ in self.ledger.skipped if not skipped.reason.is_remark]

    @property
    def read_rows(self) -> list[int]:
        """Rows of the documents that were read, and are in the catalogue without a code yet."""
        read = np.ones(self.n_documents, dtype=bool)
        for first, stop, new in self.copied:
            read[new : new + stop - first] = False
        rows: list[int] = np.flatnonzero(read).tolist()
        return rows

    def skipped_by_reason(self) -> dict[str, int]:
        """How much was skipped for which reason, the most frequent first."""
        return dict(Counter(str(s.reason) for s in self.skipped).most_common())

    def read_as(self) -> list[ReadAs]:
        """Return how files were made text that were guessed or could not be read in full, the least sure first."""
        told = [file.read_as for file in self.ledger.files if file.read_as is not None]
        return sorted(told, key=lambda read_as: 1.0 if read_as.confidence is None else read_as.confidence)

    def remarks(self) -> dict[str, int]:
        """How many files something is to be said of, though nothing of them was left out, by what it is."""
        found = (skipped.reason for skipped, _ in self.ledger.skipped)
        return dict(Counter(str(reason) for reason in found if reason.is_remark).most_common())

    def counted(self, words: Some[str] = ()) -> Counted:
        """Give all documents' counts, over every word that a document holds and some that are to be there anyway."""
        if self.standing is not None:
            return merge(self.standing.counted, self.new, self.origins, list(words))
        if all(self.new.lexicon.term(word) is not None for word in words):
            return replace(self.new, counts=narrowed(self.new.counts))
        return merge(self.new, CountsBuilder().finish(), np.arange(self.n_documents), list(words))


def check_nothing_failed(collection: Collection) -> None:
    """Take anything that could not be read for an error.

    Raises
    ------
    CorpusError
        There is something.
    """
    failed = [s for s in collection.skipped if s.reason not in _LEFT_OUT_BY_DESIGN]
    if not failed:
        return
    listed = "\n".join(f"  {s.path}: {s.reason}: {s.detail}" for s in failed[:_SHOWN])
    more = f"\n  and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    raise CorpusError(
        f"{collection.ledger.roots[CORPUS]}: expected every file and row to be readable (strict), found {len(failed)} "
        f"that cannot be used; mend them, or leave strict out to skip them:\n{listed}{more}"
    )


def check_enough(collection: Collection, config: IndexConfig) -> None:
    """Refuse a corpus that is too small to learn from.

    Raises
    ------
    CorpusError
        There are too few documents with words in them.
    """
    root, found = collection.ledger.roots[CORPUS], collection.n_documents
    if found < MIN_DOCUMENTS:
        split = config.corpus.split
        of_split = "" if split is None else f" of split {split!r}"
        why = ", ".join(f"{n} {reason}" for reason, n in collection.skipped_by_reason().items()) or "nothing"
        raise CorpusError(
            f"{root}: expected at least {MIN_DOCUMENTS} documents{of_split}, found {found} (skipped: {why}); "
            "give a folder of texts, or a JSONL file with id and text on each line"
        )
    content = collection.new.counts.columns(collection.new.content())
    usable = int(np.count_nonzero(np.diff(content.indptr)))
    if usable < MIN_DOCUMENTS:
        raise CorpusError(
            f"{root}: expected at least {MIN_DOCUMENTS} documents with words other than stop words, found "
            f"{usable} of {found}; add documents, or make codes of stop words too with --stop-words none"
        )
