"""One pass over a corpus: its documents into the catalogue, its words into counts."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from semhash.catalogue import Catalogue
from semhash.config import IndexConfig
from semhash.corpus import Corpus, Document, Skipped, SkipReason
from semhash.errors import CorpusError
from semhash.progress import Progress, silent
from semhash.stopwords import stop_words
from semhash.vocabulary import Counts, CountsBuilder, Lexicon

__all__ = ["MIN_DOCUMENTS", "Collection", "collect"]

MIN_DOCUMENTS = 5
"""Fewer documents with words than this are no corpus to learn from."""

_BATCH = 1000
_SHOWN = 10
_LEFT_OUT_BY_DESIGN = (SkipReason.HIDDEN, SkipReason.AN_INDEX)


@dataclass(frozen=True, slots=True)
class Collection:
    """What one pass over a corpus leaves in memory.

    Attributes
    ----------
    corpus : Corpus
        Where it came from.
    skipped : list of Skipped
        What did not become a document.
    digest : str
        sha256 over the ids and texts of all documents, in hexadecimal.
    lexicon : Lexicon
        Every word, stop words left out.
    counts : Counts of shape (n_documents, n_words)
        Counts over the lexicon.
    """

    corpus: Corpus
    skipped: list[Skipped]
    digest: str
    lexicon: Lexicon
    counts: Counts

    @property
    def n_documents(self) -> int:
        """Documents in the catalogue."""
        return len(self.counts)

    def skipped_by_reason(self) -> dict[str, int]:
        """How much was skipped for which reason, the most frequent first."""
        return dict(Counter(str(s.reason) for s in self.skipped).most_common())


def collect(
    corpus: Corpus,
    catalogue: Catalogue,
    config: IndexConfig,
    *,
    strict: bool = False,
    progress: Progress = silent,
) -> Collection:
    """Stream a corpus into a catalogue, and count its words as they go by.

    Parameters
    ----------
    corpus : Corpus
        What to read.
    catalogue : Catalogue
        Empty, and open for writing.
    config : IndexConfig
        Stop words, and whether texts are stored.
    strict : bool
        Take anything that cannot be read for an error.
    progress : Progress
        Hears the bytes of stage ``read``.

    Raises
    ------
    CorpusError
        There are too few documents with words in them; or, when strict, something cannot be read.
    """
    builder = CountsBuilder(stop_words(config.text.stop_words))
    skipped: list[Skipped] = []
    digest = hashlib.sha256()
    batch: list[tuple[Document, bytes]] = []
    written = 0
    for item in corpus:
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        text_digest = hashlib.sha256(item.text.encode()).digest()
        digest.update(hashlib.sha256(item.id.encode()).digest() + text_digest)
        builder.add(item.text)
        batch.append((item, text_digest))
        if len(batch) == _BATCH:
            written = _write(catalogue, written, batch, config)
            progress("read", corpus.read_bytes, corpus.total_bytes, f"{written} documents")
    written = _write(catalogue, written, batch, config)
    catalogue.add_skipped(skipped)
    progress("read", corpus.total_bytes, corpus.total_bytes, f"{written} documents")
    collection = Collection(corpus, skipped, digest.hexdigest(), *builder.finish())
    if strict:
        _check_nothing_failed(collection)
    _check_enough(collection, config)
    return collection


def _write(catalogue: Catalogue, row: int, batch: list[tuple[Document, bytes]], config: IndexConfig) -> int:
    """Write a batch that begins at a row, empty it, and give the row after it."""
    catalogue.add_documents(row, batch, config.store_text)
    row += len(batch)
    batch.clear()
    return row


def _check_nothing_failed(collection: Collection) -> None:
    failed = [s for s in collection.skipped if s.reason not in _LEFT_OUT_BY_DESIGN]
    if not failed:
        return
    listed = "\n".join(f"  {s.path}: {s.reason}: {s.detail}" for s in failed[:_SHOWN])
    more = f"\n  and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    raise CorpusError(
        f"{collection.corpus.root}: expected every file and row to be readable (strict), found {len(failed)} "
        f"that cannot be used; mend them, or leave strict out to skip them:\n{listed}{more}"
    )


def _check_enough(collection: Collection, config: IndexConfig) -> None:
    root, found = collection.corpus.root, collection.n_documents
    if found < MIN_DOCUMENTS:
        split = config.corpus.split
        of_split = "" if split is None else f" of split {split!r}"
        why = ", ".join(f"{n} {reason}" for reason, n in collection.skipped_by_reason().items()) or "nothing"
        raise CorpusError(
            f"{root}: expected at least {MIN_DOCUMENTS} documents{of_split}, found {found} (skipped: {why}); "
            "give a folder of texts, or a JSONL file with id and text on each line"
        )
    usable = int(np.count_nonzero(np.diff(collection.counts.indptr)))
    if usable < MIN_DOCUMENTS:
        raise CorpusError(
            f"{root}: expected at least {MIN_DOCUMENTS} documents with words other than stop words, found "
            f"{usable} of {found}; add documents, or count stop words too with --stop-words none"
        )
