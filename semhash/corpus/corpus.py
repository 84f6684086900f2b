"""A folder or a file as a stream of documents; what could not be read is reported, never fatal."""

import os
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from semhash.config import CorpusConfig
from semhash.corpus.document import Document, Skipped, SkipReason
from semhash.corpus.registry import reader_for
from semhash.corpus.source import Found, Skip, Source, kind_of, open_regular
from semhash.corpus.walk import holds_index, shown, walk
from semhash.errors import CorpusError

__all__ = ["Corpus", "open_corpus"]

_ROW_SUFFIX = re.compile(r"\.(jsonl|ndjson)(\.gz)?$", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]+")
_MAX_NAME = 100  # bytes; leaves room for what is added to the names of folders


class Corpus:
    """A stream of documents that can be read again and again, by one reader at a time.

    Made by `open_corpus`.

    Attributes
    ----------
    root : Path
        The folder, or the single file, with links resolved.
    name : str
        What an index of this corpus is called unless the user says otherwise; safe as a folder's name.
    config : CorpusConfig
        How it is read.
    total_bytes : int
        Size of all files to read, as they were listed.
    keep_empty : bool
        Give documents without text too, rather than skip them; off unless it is set.
    """

    def __init__(self, root: Path, name: str, config: CorpusConfig, entries: list[Found | Skipped]) -> None:
        self.root = root
        self.name = name
        self.config = config
        self.total_bytes = sum(entry.size for entry in entries if isinstance(entry, Found))
        self.keep_empty = False
        self._entries = entries
        self._finished = 0
        self._current: tuple[Found, Source] | None = None

    def __repr__(self) -> str:
        return f"Corpus({str(self.root)!r}, {len(self._entries)} entries, {self.total_bytes:,} bytes)"

    @property
    def read_bytes(self) -> int:
        """How many of `total_bytes` are dealt with; it grows inside a large file, too."""
        if self._current is None:
            return self._finished
        found, source = self._current
        return self._finished + min(source.position, found.size)

    def __iter__(self) -> Iterator[Document | Skipped]:
        """Read everything from the beginning, one item in memory at a time.

        Yields
        ------
        Document or Skipped
            In the order of the files' paths; rows in the order of their file. Every document has text (unless
            `keep_empty`), and an id that no earlier one has.
        """
        self._finished = 0
        seen: set[bytes] = set()
        for entry in self._entries:
            if isinstance(entry, Skipped):
                yield entry
                continue
            for item in self._read(entry):
                yield self._vetted(item, seen) if isinstance(item, Document) else item
            self._finished += entry.size

    def _read(self, found: Found) -> Iterator[Document | Skipped]:
        reader = None
        try:
            with Source(found, self.config) as source:
                self._current = (found, source)
                try:
                    reader = reader_for(source.name, source.head)
                    yield from reader.read(source)
                finally:
                    self._current = None
        except Skip as skip:
            yield Skipped(found.name, skip.reason, skip.detail)
        except OSError as error:
            found_instead = error.strerror or str(error)
            yield Skipped(found.name, SkipReason.UNREADABLE, f"expected to read it, found: {found_instead}")
        except Exception as error:  # one odd file must not end hours of work, whatever a reader runs into
            what = (
                f"the {reader.name} reader failed: {type(error).__name__}: {error}" if reader else str(error)
            )
            yield Skipped(found.name, SkipReason.UNREADABLE, f"expected to read it, found: {what}")

    def _vetted(self, document: Document, seen: set[bytes]) -> Document | Skipped:
        """Let through what has text and a new id; 16 bytes an id are kept, so a million ids are no load."""
        where = self._current[1].where if self._current else document.path
        if not self.keep_empty and (not document.text or document.text.isspace()):
            return Skipped(where, SkipReason.EMPTY, "expected text, found none")
        digest = blake2b(document.id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in seen:
            detail = f"expected an id of its own, found {document.id!r} once more"
            return Skipped(where, SkipReason.DUPLICATE_ID, detail)
        seen.add(digest)
        return document


def open_corpus(path: str | Path, config: CorpusConfig = CorpusConfig()) -> Corpus:  # noqa: B008, it is frozen
    """List the files of a corpus; nothing of them is read yet.

    Parameters
    ----------
    path : str or Path
        A folder, read with all folders below it, or a single file.
    config : CorpusConfig
        How it is to be read.

    Returns
    -------
    Corpus
        To be iterated over.

    Raises
    ------
    CorpusError
        There is nothing at that path, or it cannot be read, or it is neither a folder nor a file, or it is an
        index.
    """
    try:
        if not os.fspath(path):
            raise CorpusError("corpus: expected the path of a folder or a file, found an empty one")
        root = Path(path).resolve(strict=True)
        status = root.stat()
        name = _name(Path(path), root)
        if root.is_dir():
            return Corpus(root, name, config, _folder(root))
        if not root.is_file():
            raise _unusable(path, kind_of(status.st_mode))
        open_regular(str(root)).close()
        return Corpus(root, name, config, [Found(str(root), shown(root.name), status.st_size)])
    except FileNotFoundError as error:
        raise _unusable(path, "nothing there") from error
    except OSError as error:
        raise _unusable(path, (error.strerror or str(error)).lower()) from error
    except (RuntimeError, ValueError) as error:  # a link that leads to itself; a NUL in the path
        raise _unusable(path, str(error)) from error


def _folder(root: Path) -> list[Found | Skipped]:
    if holds_index(str(root)):
        raise CorpusError(
            f"corpus {shown(str(root))}: expected documents, found an index made by semhash; "
            "give the folder or file that holds the documents themselves"
        )
    return list(walk(str(root)))


def _unusable(path: str | Path, found: str) -> CorpusError:
    advice = "check the path, and that you may read what is there"
    return CorpusError(f"corpus {shown(str(path))}: expected a folder or a file, found {found}; {advice}")


def _name(given: Path, root: Path) -> str:
    """Name a corpus as the user calls it: by the last part of the path, links unresolved."""
    name = shown(given.name if given.name not in ("", ".", "..") else root.name)
    if root.is_file():
        bare = _ROW_SUFFIX.sub("", name)
        name = bare if bare not in (name, "") else Path(name).stem
    safe = _UNSAFE.sub("-", name).lstrip(".- ").encode()[:_MAX_NAME].decode("utf-8", "ignore")
    return safe.rstrip(". ") or "corpus"
