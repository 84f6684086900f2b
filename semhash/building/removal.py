"""What was taken out of an index, known again when its file is read, wherever in it that stands by then."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any

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

    A document that has an id of its own (a file, a row with an id) is known by it, whatever becomes of its text. One
    whose id is its place in its file is known by its text, and where it has one by its Message-ID; of several that
    are the same, the first, second, ... in the file is meant. A file that was taken out and then moved is
    known at its new place by its text.

    Parameters
    ----------
    removed : iterable of Removed
        What was taken out so far.
    standing : Standing or None
        The generation that stands.
    paths : collection of str
        The files that are there now.

    Attributes
    ----------
    records : list of Removed
        The same, each as it is called where it was met last.
    """

    def __init__(self, removed: Iterable[Removed], standing: Standing | None, paths: Collection[str]) -> None:
        self.records = list(removed)
        self._standing = standing
        self._by_id = {record.id: at for at, record in enumerate(self.records)}
        self._by_path: dict[str, list[int]] = {}
        self._gone: dict[tuple[bool, bytes | None, int], list[int]] = {}
        for at, record in enumerate(self.records):
            self._by_path.setdefault(record.path, []).append(at)
            if record.path not in paths and standing is not None:
                whole = record.id == record.path or record.id.startswith(f"{record.path}/")  # in an archive
                kind = whole, record.key, record.nth
                self._gone.setdefault(kind, []).append(at)

    def begin(self, corpus: Corpus, found: Found) -> None:
        """Hear which file is read next, and by what."""
        self._path = found.name
        self._times: Counter[bytes] = Counter()
        here = self._by_path.get(found.name, [])
        keyed = ((self.records[at].key, self.records[at].nth, at) for at in here)
        self._here = {(key, nth): at for key, nth, at in keyed if key is not None}
        number = None if self._standing is None else self._standing.ledger.number_by_path.get(found.name)
        self._is_new = number is None
        self._by_place: dict[str, int] = {}
        self._there: set[bytes] = set()
        if here and self._standing is not None and number is not None:
            self._recall(self._standing, self._standing.ledger.files[number], corpus, found)

    def _recall(self, standing: Standing, old: SourceFile, corpus: Corpus, found: Found) -> None:
        """Find out which records are to be known by their places.

        Those of an early index, which kept no more; and where another version of this package read the same bytes,
        those whose texts it read otherwise. No document that stands is meant by them.
        """
        asked = [at for at in self._by_path[found.name] if self.records[at].key is None]
        if not standing.trusted and old.digest is not None and _digest(found) == old.digest:
            known = set(_known_by(corpus, found)) if self._here else set()
            asked += [at for key, at in self._here.items() if key not in known]
        self._by_place = {self.records[at].id: at for at in asked}
        if self._by_place:
            self._there = {digest for _, digest in standing.heads(old.rows.start, old.rows.stop)}

    def takes_out(self, document: Document, digest: bytes) -> bool:
        """Say whether a document of the file that is read was taken out."""
        if not self.records:
            return False
        key = _key(digest, document.metadata.get("message_id"))
        self._times[key] += 1
        nth = self._times[key]
        at = self._place(document, digest, key, nth)
        if at is None:
            return document.whole in self._by_id
        self.records[at] = Removed(document.id, self._path, key, nth)
        return True

    def _place(self, document: Document, digest: bytes, key: bytes, nth: int) -> int | None:
        """Give the place of the record that a document is meant by."""
        at = self._here.get((key, nth)) if document.placed else self._by_id.get(document.id)
        if at is None and document.placed and digest not in self._there:
            at = self._by_place.pop(document.id, None)
        is_file = document.id == document.path
        if at is None and self._is_new and (document.placed or is_file):
            moved = self._gone.get((is_file, key, nth))
            at = moved.pop(0) if moved else None
        return at


def _key(digest: bytes, message_id: Any) -> bytes:
    """Return what a document is known by: the digest of its text, with its Message-ID if it has one."""
    if not isinstance(message_id, str):
        return digest
    return sha256(digest + message_id.encode("utf-8", "surrogatepass")).digest()


def _known_by(corpus: Corpus, found: Found) -> Iterator[tuple[bytes, int]]:
    """Read a file for what its documents are known by."""
    times: Counter[bytes] = Counter()
    for item in Corpus(corpus.root, "", corpus.config, []).read(found):
        if isinstance(item, Document):
            key = _key(sha256(item.text.encode()).digest(), item.metadata.get("message_id"))
            times[key] += 1
            yield key, times[key]


def _digest(found: Found) -> bytes | None:
    """Return the digest of a file as it is now, None where it cannot be had."""
    with suppress(OSError, Skip):
        return look_at(found).digest
    return None
