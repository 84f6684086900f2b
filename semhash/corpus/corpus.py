"""A folder or a file as a stream of documents; what could not be read is reported, never fatal."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from semhash.config import CorpusConfig
from semhash.corpus.blobs import without_blobs
from semhash.corpus.deciding import decided
from semhash.corpus.document import Document, ReadAs, Skipped, SkipReason
from semhash.corpus.identity import Identities, once_more
from semhash.corpus.passages import passages
from semhash.corpus.registry import reader_for
from semhash.corpus.source import Found, Skip, Source, kind_of, open_regular
from semhash.corpus.stamp import Stamp
from semhash.corpus.terminal import as_shown
from semhash.corpus.walk import holds_index, shown, walk
from semhash.errors import ConfigError, CorpusError

__all__ = ["Corpus", "open_corpus"]

_ROW_SUFFIX = re.compile(r"\.(jsonl|ndjson|csv|tsv)(\.(gz|bz2|xz))?$", re.IGNORECASE)
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
    entries : list of Found or Skipped
        What was listed, in reading order.
    stamp : Stamp or None
        The state of the file read last; None when it could not be opened.
    read_as : ReadAs or None
        How that was made text, where that is to be told.
    """

    def __init__(self, root: Path, name: str, config: CorpusConfig, entries: list[Found | Skipped]) -> None:
        self.root = root
        self.name = name
        self.config = config
        self.total_bytes = sum(entry.size for entry in entries if isinstance(entry, Found))
        self.keep_empty = False
        self.entries = entries
        self.stamp: Stamp | None = None
        self.read_as: ReadAs | None = None
        self._decided = False
        self._finished = 0
        self._current: tuple[Found, Source] | None = None

    def __repr__(self) -> str:
        return f"Corpus({str(self.root)!r}, {len(self.entries)} entries, {self.total_bytes:,} bytes)"

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
            `keep_empty`), and an id that no earlier one has: see `semhash.corpus.identity`.
        """
        self._finished = 0
        self.decide()
        identities = Identities()
        for place, entry in enumerate(self.entries):
            if isinstance(entry, Skipped):
                yield entry
                continue
            for item in self.read(entry):
                if isinstance(item, Skipped):
                    yield item
                else:
                    yield identities.named(item, place) or once_more(item.id, self.where(item))
            remark = identities.remark(entry.name)
            if remark is not None:
                yield remark

    def decide(self) -> None:
        """Decide once how each file is encoded, before the first is read."""
        if not self._decided:
            self._decided = True
            files = iter(decided([e for e in self.entries if isinstance(e, Found)], self.config))
            self.entries = [next(files) if isinstance(e, Found) else e for e in self.entries]

    def read(self, found: Found) -> Iterator[Document | Skipped]:
        """Read one file of `entries`; its `stamp` is taken on the way.

        Yields
        ------
        Document or Skipped
            In the order of the file. Every document has text (unless `keep_empty`); its id may have been met before.
        """
        self.stamp = self.read_as = None
        for item in self._in_passages(found):
            blank = isinstance(item, Document) and (not item.text or item.text.isspace())
            if blank and not self.keep_empty:
                yield Skipped(self.where(item), SkipReason.EMPTY, "expected text, found none")
            else:
                yield item
        self._finished += found.size

    def _in_passages(self, found: Found) -> Iterator[Document | Skipped]:
        for item in self._read(found):
            if isinstance(item, Skipped):
                yield item
            elif self.config.passages:
                yield from passages(_readable(item), self.config.passages)
            else:
                yield _readable(item)

    def where(self, item: Document | Skipped) -> str:
        """Give the place to name in a report of what was read last: its file, or ``file:row``."""
        return self._current[1].where if self._current else item.path

    def _read(self, found: Found) -> Iterator[Document | Skipped]:
        reader = None
        try:
            with Source(found, self.config) as source:
                self._current = (found, source)
                try:
                    reader = reader_for(source.bare_name, source.head)
                    yield from reader.read(source)
                finally:
                    self._current = None
                    self.stamp = source.stamp()
                    self.read_as = source.read_as()
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


def _readable(document: Document) -> Document:
    """Leave out of a document's text what no person reads: escapes for a terminal, base64 and the like."""
    text = without_blobs(as_shown(document.text))
    return document if text == document.text else replace(document, text=text)


def open_corpus(
    path: str | Path,
    config: CorpusConfig = CorpusConfig(),  # noqa: B008, it is frozen
    *,
    absolute: bool = False,
) -> Corpus:
    """List the files of a corpus; nothing of them is read yet.

    Parameters
    ----------
    path : str or Path
        A folder, read with all folders below it, or a single file.
    config : CorpusConfig
        How it is to be read.
    absolute : bool
        Name every file by its whole path, not by the one relative to the root.

    Returns
    -------
    Corpus
        To be iterated over.

    Raises
    ------
    ConfigError
        What it is to include or exclude is no glob.
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
            return Corpus(
                root, name, config, _folder(root, config, f"{shown(str(root))}/" if absolute else "")
            )
        if not root.is_file():
            raise _unusable(path, kind_of(status.st_mode))
        open_regular(str(root)).close()
        called = shown(str(root) if absolute else root.name)
        found = Found(str(root), called, status.st_size, status.st_mtime_ns)
        return Corpus(root, name, config, [found])
    except ConfigError:
        raise
    except FileNotFoundError as error:
        raise _unusable(path, "nothing there") from error
    except OSError as error:
        raise _unusable(path, (error.strerror or str(error)).lower()) from error
    except (RuntimeError, ValueError) as error:  # a link that leads to itself; a NUL in the path
        raise _unusable(path, str(error)) from error


def _folder(root: Path, config: CorpusConfig, prefix: str) -> list[Found | Skipped]:
    if holds_index(str(root)):
        raise CorpusError(
            f"corpus {shown(str(root))}: expected documents, found an index made by semhash; "
            "give the folder or file that holds the documents themselves"
        )
    if not prefix:
        return list(walk(str(root), config))
    named: list[Found | Skipped] = []
    for entry in walk(str(root), config):
        if isinstance(entry, Found):
            named.append(replace(entry, name=prefix + entry.name))
        else:
            named.append(replace(entry, path=prefix + entry.path))
    return named


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
