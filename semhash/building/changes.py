"""What an update finds to be different: documents that are new, changed, moved, gone or taken out."""

from dataclasses import dataclass, field

import numpy as np

from semhash.building.standing import Standing, told_of
from semhash.corpus.document import Document

__all__ = ["Changes", "Comparison"]


@dataclass
class Changes:
    """Documents by their ids, in reading order.

    Attributes
    ----------
    new : list of str
        Were not there before.
    changed : list of str
        Have another text, or title, labels, split or metadata.
    moved : list of (str, str)
        Have the same text at another path, theirs being gone: the id that they had, and the one that they have.
    vanished : list of str
        Are gone.
    removed : list of str
        Were taken out by hand, by this update.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.new, self.changed, self.moved, self.vanished, self.removed))


class Comparison:
    """Holds what is read against what stands.

    Parameters
    ----------
    standing : Standing
        What stands.
    vanished : list of int
        The numbers of the files that are gone.
    """

    def __init__(self, standing: Standing, vanished: list[int]) -> None:
        self.found = Changes()
        self._standing = standing
        self._vanished = vanished
        self._met = np.zeros(len(standing), dtype=bool)
        self._gone: dict[bytes, list[tuple[int, str]]] | None = None

    def keep(self, first: int, stop: int) -> None:
        """Hear that documents are kept."""
        self._met[first:stop] = True

    def read(self, document: Document, digest: bytes) -> int:
        """Hear of a document that was read; give the row of one whose text is the same, or -1."""
        known = self._standing.find(document.id)
        if known is None:
            return self._unknown(document.id, digest)
        self._met[known.row] = True
        same = known.digest == digest
        if same and known.path != document.path:
            self.found.moved.append((document.id, document.id))
        elif not same or known.told != told_of(document):
            self.found.changed.append(document.id)
        return known.row if same else -1

    def _unknown(self, document_id: str, digest: bytes) -> int:
        """Look for a document of this text among those whose files are gone."""
        if self._gone is None:
            self._gone = self._listed()
        left = self._gone.get(digest)
        while left:
            row, was = left.pop(0)
            if not self._met[row]:
                self._met[row] = True
                self.found.moved.append((was, document_id))
                return row
        self.found.new.append(document_id)
        return -1

    def _listed(self) -> dict[bytes, list[tuple[int, str]]]:
        listed: dict[bytes, list[tuple[int, str]]] = {}
        for number in self._vanished:
            rows = self._standing.ledger.files[number].rows
            heads = self._standing.heads(rows.start, rows.stop)
            for row, (document_id, digest) in zip(rows, heads, strict=True):
                listed.setdefault(digest, []).append((row, document_id))
        return listed

    def finish(self) -> Changes:
        """Give all that is different, once everything was heard of."""
        taken = np.array(sorted(self._standing.removing), dtype=np.int64)
        self.found.removed = self._standing.ids(taken)
        gone = ~self._met
        gone[taken] = False
        self.found.vanished = self._standing.ids(np.flatnonzero(gone))
        return self.found
