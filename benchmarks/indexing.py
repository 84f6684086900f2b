"""Measure the making of an index, training left out, beside bm25s, SQLite FTS5 and scikit-learn on the same texts.

::

    python benchmarks/indexing.py CORPUS.jsonl [--documents 100000] [--rounds 3] [--model INDEX]

A corpus is JSONL with id and text. semhash reads the file, counts, encodes with a model that is there, and writes a
whole index; the others find the texts in memory. In each round everybody works once, in turns; of times and of ratios
the median over rounds is kept. Without --model one is learned first, in one epoch, from the first 5,000 documents.
"""

import argparse
import gc
import hashlib
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import bm25s
import numpy as np
from _command import changed
from _environment import environment, today
from _indexing_page import OURS, indexing_tables
from _results import RESULTS, Results, Run, digest_of
from _start import start
from sklearn.feature_extraction.text import CountVectorizer

from semhash import IndexConfig, build_index, open_index
from semhash.corpus import Document, open_corpus
from semhash.errors import ConfigError
from semhash.inspection.inventory import sizes_by_part

_LEARNED_FROM = 5_000

Works = Mapping[str, Callable[[], object]]
Times = Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]


def main(argv: Sequence[str]) -> None:
    """Read the options, make what is needed, take times, and write and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl", help="id and text")
    parser.add_argument("--documents", type=int, default=100_000, metavar="N", help="the first N of them")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--model", type=Path, metavar="INDEX", help="the index whose model encodes")
    parser.add_argument("--out", type=Path, default=RESULTS / "indexing.json", metavar="FILE.json")
    parser.add_argument("--quiet", action="store_true", help="no talk on standard error")
    arguments = parser.parse_args(argv)
    if arguments.documents < 1 or arguments.rounds < 1:
        raise ConfigError("--documents, --rounds: expected 1 or more")
    with tempfile.TemporaryDirectory(prefix="semhash-indexing-") as work:
        run = _run(arguments, Path(work))
    Results(arguments.out).add(run)
    print("\n".join(indexing_tables([run])))


def _run(arguments: argparse.Namespace, work: Path) -> Run:
    file = work / "documents.jsonl"
    _write(arguments.corpus, file, arguments.documents)
    texts = [item.text for item in open_corpus(file) if isinstance(item, Document)]
    model = arguments.model or _learned(file, work, arguments.quiet)
    run: Run = {"experiment": "indexing", "name": f"{len(texts):,} documents", "set": arguments.corpus.stem}
    run |= {"corpus": hashlib.sha256(file.read_bytes()).hexdigest(), "part": "all"}
    run["config"] = {"documents": len(texts), "rounds": arguments.rounds}
    times = _times(_works(file, texts, model, work), arguments.rounds, arguments.quiet)
    with open_index(work / "index") as index:
        sizes = {name: record.bytes for name, record in index.manifest.files.items()}
        documents = len(index)
    figures = {
        "contenders": {name: _cell(taken, times[OURS], len(texts)) for name, taken in times.items()},
        "documents": documents,
        "bytes_a_document": {part: round(n / documents, 1) for part, n in sizes_by_part(sizes).items()},
    }
    return {
        "digest": digest_of(run),
        **run,
        "figures": figures,
        "environment": environment() | {name: version(name) for name in ("bm25s", "scikit-learn")},
        "date": today(),
    }


def _learned(file: Path, work: Path, quiet: bool) -> Path:
    """Learn a model in no time: its quality is not what is measured."""
    _say("learning a model", quiet)
    some = work / "some.jsonl"
    _write(file, some, _LEARNED_FROM)
    short = {"epochs": 1, "min_updates": 0}
    return build_index(some, work / "model", changed(IndexConfig(), training=short)).out


def _works(file: Path, texts: Sequence[str], model: Path, work: Path) -> Works:
    return {
        OURS: partial(_semhash, file, model, work / "index"),
        "bm25s": partial(_bm25s, texts),
        "SQLite FTS5": partial(_fts5, texts, work / "fts5.sqlite"),
        "scikit-learn CountVectorizer": lambda: CountVectorizer().fit_transform(texts),
    }


def _semhash(file: Path, model: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    build_index(file, out, model=model)


def _bm25s(texts: Sequence[str]) -> None:
    tokens = bm25s.tokenize(list(texts), stopwords="en", show_progress=False)
    bm25s.BM25().index(tokens, show_progress=False)


def _fts5(texts: Sequence[str], file: Path) -> None:
    file.unlink(missing_ok=True)
    made = sqlite3.connect(file)
    with made:
        made.execute("CREATE VIRTUAL TABLE documents USING fts5(text)")
        made.executemany("INSERT INTO documents VALUES (?)", ((text,) for text in texts))
    made.close()


def _times(works: Works, rounds: int, quiet: bool) -> Times:
    """Give the seconds that passed and those that the processor worked, each of shape (rounds, 2)."""
    names, taken = list(works), {name: np.zeros((rounds, 2)) for name in works}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            _say(f"round {number + 1} of {rounds}: {name}", quiet)
            gc.collect()
            began = time.perf_counter(), _worked()
            works[name]()
            taken[name][number] = time.perf_counter() - began[0], _worked() - began[1]
    return taken


def _worked() -> float:
    """Give the seconds that the processor has worked for this process, and for those that it started."""
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + started.ru_utime + started.ru_stime


def _cell(taken: Any, ours: Any, n: int) -> dict[str, int | float]:
    passed, worked = (n / np.median(taken, axis=0)).tolist()
    times, processor = (float(f"{median(column):.3g}") for column in (taken / ours).T.tolist())
    return {
        "documents_a_second": round(passed),
        "processor_documents_a_second": round(worked),
        "times_ours": times,
        "processor_times_ours": processor,
    }


def _write(source: Path, file: Path, n: int) -> None:
    """Copy the first lines of a file."""
    with source.open("rb") as lines, file.open("wb") as copy:
        copy.writelines(islice(lines, n))


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    start(main)
