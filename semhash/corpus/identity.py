"""The ids of documents, unique in a corpus: the second file that has an id has it with its own name before it."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b

from semhash.corpus.document import Document, Skipped, SkipReason

__all__ = ["Identities", "key_of", "once_more", "whole_id"]


def key_of(document_id: str) -> bytes:
    """Return what an id is remembered by: 16 bytes, so that those of a million are no load."""
    return blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def once_more(document_id: str, where: str) -> Skipped:
    """Tell of a document whose id was met before in its file."""
    detail = f"expected an id of its own, found {document_id!r} once more"
    return Skipped(where, SkipReason.DUPLICATE_ID, detail)


def whole_id(document: Document) -> str:
    """Return the id that a document was given in its file; of a passage, that of the document it is of."""
    return document.whole or document.id


class Identities:
    """Names documents, file by file in reading order.

    An id belongs to the first file that has it. In every other file the document is called ``FILE#ID``.

    Parameters
    ----------
    reserved : callable
        Says of an id and a file's place whether another file has it that is not read; or was called ``FILE#ID`` before,
        and is to stay so.
    """

    def __init__(self, reserved: Callable[[str, str, int], bool] = lambda _id, _path, _place: False) -> None:
        self._reserved = reserved
        self._owners: dict[bytes, str] = {}
        self._met: set[bytes] = set()
        self._n_shared, self._example = 0, ""

    def named(self, document: Document, place: int) -> Document | None:
        """Return a document under the name that it has in the corpus; None if its file has that id twice.

        Parameters
        ----------
        document : Document
            As it was read.
        place : int
            The place of its file among all files.
        """
        own = whole_id(document)
        key = key_of(own)
        if not document.placed and own != document.path:
            owner = self._owners.get(key)
            if owner is None and not self._reserved(own, document.path, place):
                self._owners[key] = owner = document.path
            if owner != document.path:
                self._n_shared += 1
                self._example = self._example or own
                whole = f"{document.path}#{own}" if document.whole else ""
                document = replace(document, id=f"{document.path}#{document.id}", whole=whole)
        else:
            self._owners.setdefault(key, document.path)
        met = key if document.id == own else key_of(document.id)
        if met in self._met:
            return None
        self._met.add(met)
        return document

    def remark(self, path: str) -> Skipped | None:
        """Return what is to be said of the file that was read last: how many of its documents bear its name."""
        n, example = self._n_shared, self._example
        self._n_shared, self._example = 0, ""
        if not n:
            return None
        detail = (
            f"expected ids that no other file has, found {n:,} that one has, such as {example!r}: these documents are "
            f"called by the file and their ids, such as {f'{path}#{example}'!r}"
        )
        return Skipped(path, SkipReason.SHARED_ID, detail)
