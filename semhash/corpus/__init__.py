"""Corpora: folders and files as streams of documents."""

from semhash.corpus.corpus import Corpus, open_corpus
from semhash.corpus.document import Document, Skipped, SkipReason

__all__ = ["Corpus", "Document", "SkipReason", "Skipped", "open_corpus"]
