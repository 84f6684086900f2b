"""Corpora: folders and files as streams of documents.

Names are imported when they are first used: a query needs a reader's helpers at most, never the readers.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semhash.corpus.corpus import Corpus, open_corpus
    from semhash.corpus.document import Document, Skipped, SkipReason

__all__ = ["Corpus", "Document", "SkipReason", "Skipped", "open_corpus"]

_HOME = {
    "Corpus": "corpus",
    "Document": "document",
    "SkipReason": "document",
    "Skipped": "document",
    "open_corpus": "corpus",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'semhash.corpus' has no attribute {name!r}")
    return getattr(import_module(f"semhash.corpus.{_HOME[name]}"), name)
