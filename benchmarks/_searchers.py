"""Who searches the same texts: semhash, compiled and not, bm25s, and SQLite's own full-text index."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import bm25s
import numpy as np
from _query_page import OURS, PLAIN
from bm25s.tokenization import Tokenized

from semhash.asking.questions import by_text
from semhash.baselines.lexical import counted_tokens
from semhash.index import Index
from semhash.ranking.postings import K1, B

__all__ = ["Search", "searchers"]

Search = Callable[[str], list[str]]
"""Gives the titles of the best ten documents for a query."""

_K = 10


def searchers(index: Index, folder: Path) -> dict[str, Search]:
    """Give everybody by name, semhash first; what they need is made in a folder where it is not there yet.

    Parameters
    ----------
    index : Index
        The documents, with their texts; opened as semhash is to be measured.
    folder : Path
        Where the others keep what they make of them.
    """
    return {
        OURS: lambda query: [hit.title for hit in index.query(query, k=_K, snippets=False).hits],
        f"{OURS}, with passages": lambda query: [hit.title for hit in index.query(query, k=_K).hits],
        f"{OURS} --rank bm25": lambda query: [
            hit.title for hit in index.query(query, k=_K, rank="bm25", snippets=False).hits
        ],
        PLAIN: _without_numba(index),
        "bm25s, numba": _bm25s(index, folder / "bm25s", "numba"),
        "bm25s, numpy": _bm25s(index, folder / "bm25s", "numpy"),
        "SQLite FTS5": _fts5(index, folder / "fts5.sqlite"),
    }


def _without_numba(index: Index) -> Search:
    plain = Index(index.folder, compiled=False)
    return lambda query: [hit.title for hit in plain.query(query, k=_K, snippets=False).hits]


def _bm25s(index: Index, folder: Path, backend: str) -> Search:
    """Score the same words by the same formula; titles stand in a list."""
    titles = _titles(index)
    if not folder.exists():
        counts = index.term_index.counts
        tokens = Tokenized(counted_tokens(counts), {str(term): term for term in range(counts.n_columns)})
        made = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="scipy")
        made.index(tokens, create_empty_token=False, show_progress=False)
        made.save(folder, show_progress=False)
    model = bm25s.BM25.load(folder, show_progress=False)
    if backend == "numba":
        model.backend = backend
        model.activate_numba_scorer()

    def search(query: str) -> list[str]:
        terms = by_text(index, query).question.terms.indices.tolist()
        if not terms:
            return []
        if backend == "numba":
            rows, _ = model.retrieve([[str(term) for term in terms]], k=_K, show_progress=False)
            return [titles[row] for row in rows[0].tolist()]
        scores = model.get_scores_from_ids(terms)
        best = np.argpartition(scores, -_K)[-_K:]
        return [titles[row] for row in best[np.argsort(-scores[best])].tolist()]

    return search


def _titles(index: Index) -> list[str]:
    return [head.title for head in index.catalogue.heads()]


def _fts5(index: Index, file: Path) -> Search:
    """Ask for any of the words that semhash looks up, best first by FTS5's own BM25."""
    if not file.exists():
        beside = file.with_suffix(".partial")
        beside.unlink(missing_ok=True)
        with sqlite3.connect(beside) as made:
            made.execute("CREATE VIRTUAL TABLE documents USING fts5(title UNINDEXED, text)")
            rows = ((entry.title, entry.text) for entry in index.catalogue.documents())
            made.executemany("INSERT INTO documents VALUES (?, ?)", rows)
            made.execute("INSERT INTO documents (documents) VALUES ('optimize')")
        made.close()
        beside.rename(file)
    connection = sqlite3.connect(file)
    asking = f"SELECT title FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT {_K}"

    def search(query: str) -> list[str]:
        asked = [word for word in index.analyzer.words(query) if index.lexicon.term(word.main) is not None]
        known = " OR ".join(f'"{word.readings[0].form}"' for word in asked)
        return [title for (title,) in connection.execute(asking, (known,))] if known else []

    return search
