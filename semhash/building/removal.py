"""What was taken out of an index, known again when its file is read, wherever in it that stands by then."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple, Self

from semhash.building.reading_plan import Step
from semhash.building.standing import Standing
from semhash.catalogue.ledger import Removed, SourceFile
from semhash.corpus import Corpus, Document
from semhash.corpus.looking import look_at
from semhash.corpus.source import Found, Skip

__all__ = ["Removal", "removed_from"]


def removed_from(standing: Standing, ids_by_row: dict[int, str]) -> list[Removed]:
    """Return what is to be written down of documents that are to be taken out.

    Parameters
    ----------
    standing : Standing
        What they are taken out of.
    ids_by_row : dict of int to str
        Their rows and ids.
    """
    found = []
    for row, document_id in ids_by_row.items():
        path, same = standing.of_same_text(row)
        keys = {place: _key(digest, message) for place, digest, message in same}
        before = sum(key == keys[row] and place < row for place, key in keys.items())
        taken = {r.nth for r in standing.ledger.removed if r.path == path and r.key == keys[row]}
        nth = 1
        while before or nth in taken:  # those that were taken out before were counted, too
            before -= nth not in taken
            nth += 1
        found.append(Removed(document_id, path, keys[row], nth))
    return found


class Removal:
    """Sorts out what was taken out.

    A document that has an id of its own (a file, a row with an id) is known by it in its file, whatever becomes of its
    text. One whose id is its place in its file is known by its text, and where it has one by its Message-ID; of
    several that are the same, the first, second, ... in the file is meant. What was taken out and is no longer where it
    was is known by its text in any file that did not have it before, and by its own id too if it has one.

    Parameters
    ----------
    removed : iterable of Removed
        What was taken out so far.
    standing : Standing or None
        The generation that stands.
    step_of : callable
        Returns what is to be done with the file of a path; None where there is none.

    Attributes
    ----------
    records : list of Removed
        The same, each as it is called where it was met last.
    """

    def __init__(
        self,
        removed: Iterable[Removed],
        standing: Standing | None,
        step_of: Callable[[str], Step | None],
    ) -> None:
        self.records = list(removed)
        self._standing = standing
        self._step_of = step_of
        self._read: dict[str, list[_Met]] = {}
        self._by_path: dict[str, list[int]] = {}
        self._by_key: dict[bytes | None, list[int]] = {}
        for at, record in enumerate(self.records):
            self._by_path.setdefault(record.path, []).append(at)
            self._by_key.setdefault(record.key, []).append(at)

    def begin(self, found: Found) -> None:
        """Hear which file is read next."""
        self._path = found.name
        self._times: Counter[bytes] = Counter()
        here = self._by_path.get(found.name, [])
        self._by_own = {_own(self.records[at].id, found.name): at for at in here}
        keyed = ((self.records[at].key, self.records[at].nth, at) for at in here)
        self._here = {(key, nth): at for key, nth, at in keyed if key is not None}
        self._by_place: dict[str, int] = {}
        self._there: set[bytes] | None = None
        number = None if self._standing is None else self._standing.ledger.number_by_path.get(found.name)
        self._old = None if self._standing is None or number is None else self._standing.ledger.files[number]
        if here and self._standing is not None and self._old is not None:
            self._recall(self._standing, self._old, found)
            self._tell_apart(self._standing.known_by(self._old.rows))

    def _recall(self, standing: Standing, old: SourceFile, found: Found) -> None:
        """Find out which records are to be known by their places.

        Those of an early index, which kept no more; and where another version of this package read the same bytes,
        those whose texts it read otherwise. No document that stands is meant by them.
        """
        asked = [at for at in self._by_path[found.name] if self.records[at].key is None]
        if not standing.trusted and old.digest is not None and _digest(found) == old.digest:
            marks = _marks(self._ahead(found.name) or [])
            asked += [at for mark, at in self._here.items() if mark not in marks]
        self._by_place = {self.records[at].id: at for at in asked}

    def _tell_apart(self, stood: Iterable[tuple[bytes, str | None]]) -> None:
        """Find out which of some documents that are the same are meant where the file has fewer of them by now.

        While it has as many documents in all, they are where they were. Otherwise those went that were taken out: what
        was not taken out never goes.
        """
        taken: dict[bytes, list[int]] = {}
        for (key, _), at in sorted(self._here.items(), key=lambda known: known[0][1]):
            taken.setdefault(key, []).append(at)
        keys = [_key(digest, message) for digest, message in stood] if taken else []
        twins = Counter(key for key in keys if key in taken)
        now = self._ahead(self._path) if twins else None
        if now is None:
            return
        as_many = len(now) == len(keys) + len(self._by_path[self._path])
        for key, n_standing in twins.items():
            ids = [met.id for met in now if met.key == key]
            n_gone = n_standing + len(taken[key]) - len(ids)
            if n_gone > 0:
                self._meant(key, taken[key], ids, n_gone, as_many)

    def _meant(self, key: bytes, taken: list[int], ids: list[str], n_gone: int, as_many: bool) -> None:
        """Say anew which of some documents that are the same and have some ids are meant by some records."""
        for at in taken:
            del self._here[key, self.records[at].nth]
        if as_many:
            by_id = {self.records[at].id: at for at in taken}
            meant = [(nth, by_id[name]) for nth, name in enumerate(ids, 1) if name in by_id]
        else:
            meant = list(enumerate(taken[n_gone:], 1))
        self._here |= {(key, nth): at for nth, at in meant}

    def takes_out(self, document: Document, digest: bytes) -> bool:
        """Say whether a document of the file that is read was taken out."""
        if not self.records:
            return False
        key = _key(digest, document.metadata.get("message_id"))
        self._times[key] += 1
        nth = self._times[key]
        at = self._place(document, digest, key, nth)
        if at is None:
            return bool(document.whole) and _own(document.whole, self._path) in self._by_own
        record = self.records[at] = Removed(document.id, self._path, key, nth)
        self._by_path.setdefault(record.path, []).append(at)
        return True

    def _place(self, document: Document, digest: bytes, key: bytes, nth: int) -> int | None:
        """Return the place of the record that a document is meant by."""
        if document.placed:
            at = self._here.get((key, nth))
            if at is None and self._by_place and digest not in self._stood():
                at = self._by_place.pop(document.id, None)
        else:
            at = self._by_own.get(_own(document.id, self._path))
        return self._moved(document, digest, key, nth) if at is None else at

    def _moved(self, document: Document, digest: bytes, key: bytes, nth: int) -> int | None:
        """Return the place of the record of another file that is meant by a document that is new in this one."""
        others = [at for at in self._by_key.get(key, ()) if self.records[at].path != self._path]
        if not others or digest in self._stood():
            return None
        for at in others:
            if self._is_meant(self.records[at], document, nth) and self._is_gone(self.records[at]):
                return at
        return None

    @staticmethod
    def _is_meant(record: Removed, document: Document, nth: int) -> bool:
        """Say whether a record of another file means a document of the same text."""
        if document.placed:
            return record.nth == nth
        if _is_file(document.id, document.path):
            return _is_file(record.id, record.path)
        return _own(document.id, document.path) in _ends(record.id)

    def _is_gone(self, record: Removed) -> bool:
        """Say whether what was taken out is no longer in its file."""
        now = self._ahead(record.path)
        marks = set() if now is None else _marks(now)
        return now is not None and marks.isdisjoint([(record.key, record.nth), *_ends(record.id)])

    def _ahead(self, path: str) -> "list[_Met] | None":
        """Read what is in a file now: nothing if there is none; None for one that is kept as it was."""
        step = self._step_of(path)
        if step is None:
            return []
        if step.action == "keep":
            return None
        if path not in self._read:
            items = Corpus(step.corpus.root, "", step.corpus.config, []).read(step.found)
            self._read[path] = [_Met.of(item) for item in items if isinstance(item, Document)]
        return self._read[path]

    def _stood(self) -> set[bytes]:
        """Return the digests of the documents that stand of the file that is read."""
        if self._there is None:
            rows = range(0) if self._old is None else self._old.rows
            known = () if self._standing is None else self._standing.heads(rows.start, rows.stop)
            self._there = {digest for _, digest in known}
        return self._there


class _Met(NamedTuple):
    """A document that is in a file: what it is known by, its id, and whether that is its place."""

    key: bytes
    id: str
    placed: bool

    @classmethod
    def of(cls, document: Document) -> Self:
        digest = sha256(document.text.encode()).digest()
        key = _key(digest, document.metadata.get("message_id"))
        return cls(key, document.id, document.placed)


def _marks(met: list[_Met]) -> set[object]:
    """Return what the documents of a file are known by there: an id of their own, or which they are of the same."""
    times: Counter[bytes] = Counter()
    marks: set[object] = set()
    for key, document_id, placed in met:
        times[key] += 1
        marks.add((key, times[key]) if placed else document_id)
    return marks


def _own(document_id: str, path: str) -> str:
    """Return the id that a document was given in its file."""
    return document_id.removeprefix(f"{path}#")


def _ends(document_id: str) -> list[str]:
    """Return what may be the id that a document was given in its file, be that in an archive."""
    parts = document_id.split("#")
    return ["#".join(parts[at:]) for at in range(len(parts))]


def _is_file(document_id: str, path: str) -> bool:
    """Say whether a document is a file, or one in an archive."""
    return document_id == path or document_id.startswith(f"{path}/")


def _key(digest: bytes, message_id: Any) -> bytes:
    """Return what a document is known by: the digest of its text, with its Message-ID if it has one."""
    if not isinstance(message_id, str):
        return digest
    return sha256(digest + message_id.encode("utf-8", "surrogatepass")).digest()


def _digest(found: Found) -> bytes | None:
    """Return the digest of a file as it is now, None where it cannot be had."""
    with suppress(OSError, Skip):
        return look_at(found).digest
    return None
