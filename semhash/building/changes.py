"""What an update finds to be different: documents that are new, changed, moved, gone or taken out."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from semhash.building.standing import Known, Standing, told_of
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
        Have the same text at another path, theirs being gone, or at another place of their file: the id that they
        had, and the one that they have.
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

    A document whose id is only its place in its file, such as a message of a mailbox, is known again by its text: one
    that is deleted before it moves it, and is no change.

    Parameters
    ----------
    standing : Standing
        What stands.
    vanished : list of int
        The numbers of the files that are gone.
    """

    def __init__(self, standing: Standing, vanished: list[int]) -> None:
        self._standing = standing
        self._vanished = vanished
        self._met = np.zeros(len(standing), dtype=bool)
        self._changes = Changes()
        self._not_known: list[
            tuple[str, int]
        ] = []  # ids, and the rows of those with another text that had them
        self._moves: list[tuple[int, str]] = []  # from which row, and what it is called now
        self._gone: dict[bytes, list[int]] | None = None
        self._file: tuple[int | None, _Texts] | None = None

    def keep(self, first: int, stop: int) -> None:
        """Hear that documents are kept."""
        self._met[first:stop] = True

    def read(self, document: Document, digest: bytes, file: str) -> int:
        """Hear of a document that was read of a file; give the row with the same words counted, or -1."""
        known = self._standing.find(document.id)
        if known is not None and document.placed and self._met[known.row]:  # it is at another place by now
            known = None
        if known is None or (document.placed and known.digest != digest):
            row = self._moved(document, digest, file)
            if row < 0:
                self._not_known.append((document.id, -1 if known is None else known.row))
                return -1
            same_words = self._standing.name_words(row) == document.name_words
            return row if same_words else -1
        return self._known(document, digest, known)

    def _known(self, document: Document, digest: bytes, known: Known) -> int:
        self._met[known.row] = True
        same = known.digest == digest
        if same and known.path != document.path:
            self._moves.append((known.row, document.id))
        elif not same or known.told != told_of(document):
            self._changes.changed.append(document.id)
        return known.row if same and known.name_words == document.name_words else -1

    def _moved(self, document: Document, digest: bytes, file: str) -> int:
        """Give the row that a document of this text had elsewhere in its file, or in one that is gone; or -1."""
        row = self._of_file(file).take(digest, self._met) if document.placed else -1
        if row < 0:
            row = self._of_gone(digest)
        if row >= 0:
            self._met[row] = True
            self._moves.append((row, document.id))
        return row

    def _of_file(self, path: str) -> "_Texts":
        number = self._standing.ledger.number_by_path.get(path)
        if self._file is None or self._file[0] != number:
            rows = range(0) if number is None else self._standing.ledger.files[number].rows
            self._file = number, _Texts(self._standing, rows)
        return self._file[1]

    def _of_gone(self, digest: bytes) -> int:
        """Look for a document of this text among those whose files are gone."""
        if self._gone is None:
            self._gone = self._listed()
        left = self._gone.get(digest)
        while left:
            row = left.pop(0)
            if not self._met[row]:
                return row
        return -1

    def _listed(self) -> dict[bytes, list[int]]:
        listed: dict[bytes, list[int]] = {}
        for number in self._vanished:
            rows = self._standing.ledger.files[number].rows
            heads = self._standing.heads(rows.start, rows.stop)
            for row, (_, digest) in zip(rows, heads, strict=True):
                listed.setdefault(digest, []).append(row)
        return listed

    def finish(self) -> Changes:
        """Give all that is different, once everything was heard of."""
        found = self._changes
        for document_id, row in self._not_known:
            if row < 0 or self._met[row]:
                found.new.append(document_id)
            else:  # what had its id is nowhere else
                self._met[row] = True
                found.changed.append(document_id)
        was = self._standing.ids(np.array([row for row, _ in self._moves], dtype=np.int64))
        found.moved = [(old, new) for old, (_, new) in zip(was, self._moves, strict=True)]
        taken = np.array(sorted(self._standing.removing), dtype=np.int64)
        found.removed = self._standing.ids(taken)
        gone = ~self._met
        gone[taken] = False
        found.vanished = self._standing.ids(np.flatnonzero(gone))
        return found


class _Texts:
    """The documents of one file of the generation that stands, by their texts: 16 bytes a document."""

    def __init__(self, standing: Standing, rows: range) -> None:
        heads = standing.heads(rows.start, rows.stop)
        keys = np.fromiter((_key(digest) for _, digest in heads), dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        self._keys: NDArray[np.uint64] = keys[order]
        self._rows = rows.start + order
        self._next: dict[int, int] = {}

    def take(self, digest: bytes, met: NDArray[np.bool_]) -> int:
        """Give the first row with a text that was not met yet, or -1."""
        key = _key(digest)
        at = self._next.get(key)
        if at is None:
            at = int(np.searchsorted(self._keys, np.uint64(key)))
        while at < len(self._keys) and int(self._keys[at]) == key and met[self._rows[at]]:
            at += 1
        self._next[key] = at
        return int(self._rows[at]) if at < len(self._keys) and int(self._keys[at]) == key else -1


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "little")
