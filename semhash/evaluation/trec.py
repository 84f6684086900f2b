"""Runs and judgements in the files that retrieval tools read: TREC's, gzipped.

A run has a line for each of a query's first hundred documents: ``query Q0 document rank score method``. Documents
of equal score stand in the order of the database. Tools that sort a run by score break ties by their own rule, so
for codes, which tie nearly everywhere, their figures differ from the expected values of ``results.json``.
"""

import gzip
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from semhash.evaluation.relevance import Relevance

__all__ = ["DEPTH", "file_name", "one_word", "text_gz", "write_qrels", "write_run"]

DEPTH = 100
"""How many documents of each query a run holds."""

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def one_word(name: str) -> str:
    """Percent-encode what would break a line of TREC apart: white space and control characters."""
    return _BREAKS.sub(lambda found: quote(found.group(), safe=""), name) or "%"


def file_name(*parts: object) -> str:
    """Join parts to a name that any file system takes."""
    return _UNSAFE.sub("-", "-".join(str(part) for part in parts)).strip("-.") or "run"


@contextmanager
def text_gz(file: Path) -> Iterator[TextIO]:
    """Open a gzipped text file for writing; the same text gives the same bytes."""
    with (
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors="backslashreplace", newline="\n") as text,
    ):
        yield text
        text.flush()
        packed.flush()
        os.fsync(raw.fileno())


def write_run(
    file: Path,
    ids: tuple[Sequence[str], Sequence[str]],
    rows: NDArray[np.int64],
    scores: NDArray[Any],
    tag: str,
) -> None:
    """Write what a method found.

    Parameters
    ----------
    file : Path
    ids : (sequence of str, sequence of str)
        Of the queries and of the documents.
    rows : ndarray of shape (n_queries, n_places), int64
        Documents of each query, best first.
    scores : ndarray of shape (n_queries, n_places)
        Falling along each row. What has minus infinity is not returned, and is left out.
    tag : str
        The method's name.
    """
    queries, documents = ids
    tag = one_word(tag)
    with text_gz(file) as lines:
        for query, found, scored in zip(queries, rows.tolist(), scores.tolist(), strict=True):
            name = one_word(query)
            lines.writelines(
                f"{name} Q0 {one_word(documents[row])} {rank} {score:.9g} {tag}\n"
                for rank, (row, score) in enumerate(zip(found, scored, strict=True), 1)
                if score > -inf
            )


def write_qrels(
    file: Path,
    queries: Sequence[str],
    documents: Sequence[str],
    relevance: Relevance,
    named: Sequence[NDArray[np.int64]] | None = None,
) -> None:
    """Write which documents are relevant to which query: ``query 0 document grade``.

    Grades are whole numbers, as tools want them: a judgement's own; 1 for a label shared.

    Parameters
    ----------
    file : Path
    queries, documents : sequence of str
        Ids.
    relevance : Relevance
    named : sequence of n_queries ndarrays of int64, or None
        Write those documents alone; None for all.
    """
    words = [one_word(document) for document in documents]
    with text_gz(file) as lines:
        for asked, found, grades in relevance.groups():
            whole = np.maximum(1, np.floor(grades)).astype(np.int64)
            pairs = list(zip(found.tolist(), whole.tolist(), strict=True))
            ends = [f" 0 {words[row]} {grade}\n" for row, grade in pairs]
            for query in asked.tolist():
                name = one_word(queries[query])
                kept = ends if named is None else [ends[at] for at in _places(found, named[query])]
                lines.writelines(name + end for end in kept)


def _places(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> list[int]:
    """Say where in an ascending list some of its items are; those that are not in it are left out."""
    return np.flatnonzero(np.isin(found, wanted)).tolist()
