"""The generation that stands, as an update sees it: what may be kept of it, found without reading it whole."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from semhash._version import __version__
from semhash.catalogue import SCHEMA_VERSION, Catalogue
from semhash.catalogue.file import reading
from semhash.catalogue.guard import text_from
from semhash.catalogue.ledger import CORPUS, Ledger, SourceFile, read_ledger
from semhash.corpus.document import Document
from semhash.errors import IndexDamagedError
from semhash.opened_index import OpenedIndex
from semhash.ranking.inverted import InvertedIndex
from semhash.store import IndexFolder
from semhash.store.damage import damage_told
from semhash.store.manifest import FORMAT_VERSION
from semhash.words.merging import Counted

__all__ = ["Known", "Standing", "told_of"]

_LEDGER_SINCE, _NAMES_SINCE = 2, 3  # versions of the catalogue's schema
_COPIED = (
    "catalogue.sqlite",
    "codes.npy",
    "forms-letters.npy",
    "forms-offsets.npy",
    "languages.npy",
    "counts-data.npy",
    "counts-indices.npy",
    "counts-indptr.npy",
    "lexicon-letters.npy",
    "lexicon-offsets.npy",
    "model.safetensors",
    "vocabulary.json",
    "novelty.npy",
    "later.npy",
    "postings-offsets.npy",
    "postings-rows.npy",
    "postings-spellings.npy",
)


@dataclass(frozen=True, slots=True)
class Known:
    """A document of the generation that stands.

    Attributes
    ----------
    row : int
        Its row there.
    digest : bytes
        sha256 of its text.
    path : str
        The file it is of.
    told : tuple
        Title, split, metadata as JSON, and labels: what may change while the text stays.
    name_words : str
        The words of its file's name that were counted with it.
    """

    row: int
    digest: bytes
    path: str
    told: tuple[str, str | None, str, tuple[str, ...]]
    name_words: str


def told_of(document: Document) -> tuple[str, str | None, str, tuple[str, ...]]:
    """Give what `Known.told` would be of a document that was read."""
    labels = tuple(sorted(set(document.labels)))
    return document.title, document.split, json.dumps(document.metadata), labels


def _is_text(given: str) -> bool:
    """Say whether SQLite takes it: a command line may hold bytes that are no text."""
    return not any("\ud800" <= character <= "\udfff" for character in given)


class Standing:
    """One generation of an index, opened to be copied from; close it, or use it in ``with``.

    Parameters
    ----------
    folder : IndexFolder
        The opened folder.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self.index = OpenedIndex(folder)
        self.manifest = folder.manifest
        self.removing: frozenset[int] = frozenset()

    @property
    def trusted(self) -> bool:
        """Whether sizes and times tell anything: another version may read the same bytes in another way."""
        return self.is_current and self.manifest.semhash_version == __version__

    @property
    def is_current(self) -> bool:
        """Whether its catalogue holds all that one of this version would."""
        return self.catalogue.version == SCHEMA_VERSION

    @classmethod
    def open(cls, path: Path, *, older: bool = False) -> Self:
        """Open an index of which parts are to be copied, and check those parts in full.

        Parameters
        ----------
        path : Path
            The index folder.
        older : bool
            Take the formats before this one, too, of which no counts can be kept.

        Raises
        ------
        IndexNotFoundError, IndexFormatError
            There is no index at `path`, or none that this version reads.
        IndexDamagedError
            A part is not what was written: copied, it could not be told any more.
        """
        folder = IndexFolder.open(path, older=older)
        for name in _COPIED:
            problem = folder.check(name) if name in folder.manifest.files else None
            if problem is not None:
                folder.close()
                raise IndexDamagedError(
                    f"{folder.file(name)}: {problem}; nothing was changed; restore it from a copy, or build the "
                    "index again with: semhash index CORPUS --force"
                )
        standing = cls(folder)
        try:
            with damage_told(path):
                standing.check()
        except BaseException:
            standing.close()
            raise
        return standing

    def check(self) -> None:
        """Look whether all that is to be copied fits together, before memory is taken for what it says.

        Raises
        ------
        ValueError
            It does not.
        IndexDamagedError
            A file is not what it should be.
        """
        with reading(self.catalogue.file):
            query = "SELECT count(*), coalesce(min(row), 0), coalesce(max(row), -1) FROM documents"
            [(n_documents, first, last)] = self._sql.execute(query)
        if (n_documents, first, last) != (len(self), 0, len(self) - 1):
            raise ValueError(
                f"{n_documents} documents from row {first} to {last}, where there are {len(self)}"
            )
        if self.catalogue.version >= _LEDGER_SINCE:
            self.ledger.check(n_documents)
        if self.manifest.format_version != FORMAT_VERSION:
            return
        index = self.index
        index.lexicon.check()
        index.forms.check()
        index.term_index.counts.check()
        n_entries = len(index.term_index.counts.indices)
        if InvertedIndex.are_in(index.folder) and len(index.postings.rows) != n_entries:
            raise ValueError(
                f"words in {len(index.postings.rows)} places of documents, where there are {n_entries}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; arrays that were mapped can still be read."""
        self.index.close()

    def __len__(self) -> int:
        return len(self.index)

    @property
    def catalogue(self) -> Catalogue:
        """The documents."""
        return self.index.catalogue

    @property
    def _sql(self) -> sqlite3.Connection:
        return self.catalogue.driver

    @property
    def counted(self) -> Counted:
        """The documents' counts."""
        index = self.index
        counts = index.term_index.counts
        if InvertedIndex.are_in(index.folder):
            spellings = index.postings.spellings_of_counts()
        else:
            spellings = np.zeros(len(counts.indices), dtype=np.uint8)
        return Counted(index.lexicon, counts, spellings, index.forms, index.language_numbers)

    @property
    def marks(self) -> NDArray[np.uint8]:
        """Which documents came later than the model, of shape (n_documents,).

        As of `semhash.learned.drift_measure.marks_of`.
        """
        if "later.npy" not in self.manifest.files:
            return np.zeros(len(self), dtype=np.uint8)
        return self.index.folder.array("later.npy", np.uint8, (len(self),))

    @cached_property
    def ledger(self) -> Ledger:
        """Where the documents came from; with no file in it if that was not written down yet."""
        if self.catalogue.version >= _LEDGER_SINCE:
            return read_ledger(self._sql)
        return Ledger([Path(self.manifest.corpus)], [])

    def find(self, document_id: str) -> Known | None:
        """Give the document of an id, None when there is none."""
        query = "SELECT row, digest, path, title, split, metadata FROM documents WHERE id = ?"
        if not _is_text(document_id):
            return None
        with reading(self.catalogue.file):
            for row, digest, path, title, split, metadata in self._sql.execute(query, (document_id,)):
                labels = self._sql.execute("SELECT label FROM labels WHERE row = ? ORDER BY label", (row,))
                told = (title, split, metadata, tuple(label for (label,) in labels))
                return Known(row, digest, text_from(path), told, self.name_words(row))
        return None

    def name_words(self, row: int) -> str:
        """Give the words of its file's name that were counted with a document."""
        if self.catalogue.version < _NAMES_SINCE:
            return ""
        with reading(self.catalogue.file):
            for (words,) in self._sql.execute("SELECT words FROM names WHERE row = ?", (row,)):
                return text_from(words)
        return ""

    def holder(self, document_id: str) -> int | None:
        """Give the number of the file that has a document of that id, taken out or not."""
        with reading(self.catalogue.file):
            for (row,) in self._sql.execute("SELECT row FROM documents WHERE id = ?", (document_id,)):
                return self.ledger.number_of(row)
        removed = self.ledger.removed_by_id.get(document_id)
        return None if removed is None else self.ledger.number_by_path.get(removed.path)

    def of_same_text(self, row: int) -> tuple[str, list[tuple[int, bytes, str | None]]]:
        """Give the path of a document's file, and those in it that have its text: row, digest and Message-ID."""
        if not self.ledger.files:  # it is not known which documents are of its file
            [(path,)] = self._sql.execute("SELECT path FROM documents WHERE row = ?", (row,))
            where, of = "path = ?", [path]
        else:
            file = self.ledger.files[self.ledger.number_of(row)]
            path, where, of = file.path, "row >= ? AND row < ?", [file.rows.start, file.rows.stop]
        query = (
            "SELECT row, digest, json_extract(metadata, '$.message_id') FROM documents "
            f"WHERE {where} AND digest = (SELECT digest FROM documents WHERE row = ?)"
        )
        with reading(self.catalogue.file):
            return text_from(path), self._sql.execute(query, (*of, row)).fetchall()

    def heads(self, first: int, stop: int) -> Iterator[tuple[str, bytes]]:
        """Give id and digest of the documents from one row to before another."""
        query = "SELECT id, digest FROM documents WHERE row >= ? AND row < ? ORDER BY row"
        with reading(self.catalogue.file):
            for document_id, digest in self._sql.execute(query, (first, stop)):
                yield text_from(document_id), bytes(digest)

    def known_by(self, rows: range) -> list[tuple[bytes, str | None]]:
        """Return digest and Message-ID of some documents that lie together."""
        query = (
            "SELECT digest, json_extract(metadata, '$.message_id') FROM documents "
            "WHERE row >= ? AND row < ? ORDER BY row"
        )
        with reading(self.catalogue.file):
            return self._sql.execute(query, (rows.start, rows.stop)).fetchall()

    def ids(self, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[str]:
        """Give the ids of some documents."""
        found = self.catalogue.ids(rows.tolist())
        missing = [row for row in rows.tolist() if row not in found]
        if missing:
            raise IndexDamagedError(
                f"{self.catalogue.file}: expected a document at row {missing[0]}, found none; nothing was changed; "
                "look closer with: semhash verify"
            )
        return [found[row] for row in rows.tolist()]

    def kept_rows(self, file: SourceFile) -> Iterator[tuple[int, int]]:
        """Give the runs of a file's rows, first and last + 1, that are not to be taken out."""
        first = file.first_row
        for row in sorted(self.removing.intersection(file.rows)) if self.removing else ():
            if row > first:
                yield first, row
            first = row + 1
        if first < file.rows.stop:
            yield first, file.rows.stop

    @property
    def n_of_corpus(self) -> int:
        """How many documents came from the corpus, not counting what was added."""
        return sum(file.n_documents for file in self.ledger.files if file.root == CORPUS)
