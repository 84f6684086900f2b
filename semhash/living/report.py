"""What came of an update."""

from dataclasses import dataclass, field
from pathlib import Path

from semhash.corpus.document import ReadAs
from semhash.store.drift import Drift

__all__ = ["UpdateReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What an update found, and what it did about it.

    Attributes
    ----------
    new, changed, vanished, removed : list of str
        Ids of documents that were not there before, that have another text (or title, labels, split or metadata),
        that are gone, and that this call took out.
    moved : list of (str, str)
        The id that a document had, and the one it has: its text is found at another path, and no more at the old.
    n_documents : int
        Documents in the index afterwards.
    n_encoded : int
        Those of them that were encoded; all others have the codes that they had.
    n_unaddressed : int
        Documents without a word of the vocabulary.
    n_skipped : int
        Files and rows that did not become a document.
    skipped : dict of str to int
        How many of them for which reason.
    remarks : dict of str to int
        How many files something is to be said of though nothing was left out, by what it is.
    guessed : list of ReadAs
        How files were made text whose encoding was guessed, or which could not be read in full, the least sure first.
    generation : int
        The number of the generation that stands afterwards.
    written : bool
        Whether that is a new one; False where there was nothing to do, or it was only to be told.
    retrained : bool
        Whether the model is a new one.
    seconds : dict of str to float
        Time spent to ``read``, ``train``, ``encode``, ``write``, as far as was done, and in ``total``.
    out : Path
        The index folder.
    drift : Drift or None
        How documents that came later stand to those that the model was learned from; None where none came.
    """

    new: list[str]
    changed: list[str]
    moved: list[tuple[str, str]]
    vanished: list[str]
    removed: list[str]
    n_documents: int
    n_encoded: int
    n_unaddressed: int
    n_skipped: int
    skipped: dict[str, int]
    guessed: list[ReadAs]
    generation: int
    written: bool
    retrained: bool
    seconds: dict[str, float]
    out: Path
    drift: Drift | None = None
    remarks: dict[str, int] = field(default_factory=dict)

    @property
    def n_changes(self) -> int:
        """Documents that are not as they were."""
        ids = (self.new, self.changed, self.vanished, self.removed)
        return sum(len(listed) for listed in ids) + len(self.moved)
