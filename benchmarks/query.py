"""Measure whole queries in a warm process, beside bm25s and SQLite FTS5 over the same texts.

::

    python benchmarks/query.py CORPUS.jsonl [--sizes 10000,100000,1000000] [--work FOLDER] [--rounds 5]

A corpus is JSONL with id, text and perhaps title and split: documents of split ``train`` are indexed, the titles of
all others are asked; without splits, those of every twentieth, which is then left out. Where more documents are
wanted than there are, they are tiled, with words left out and exchanged at random in every copy. A model is learned
from the fewest documents, and the index is then added to: speed is measured here, not quality. What is made is kept
in the work folder, gigabytes for a million documents, and used again.
"""

import argparse
import gc
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
from _command import changed, integers
from _environment import environment, today
from _query_page import OURS, query_tables
from _results import RESULTS, Results, Run, digest_of
from _searchers import Search, searchers
from _start import start
from _tiled import CHANGED, Tiles, read_tiles

from semhash import IndexConfig, add_documents, build_index, open_index
from semhash.errors import IndexNotFoundError
from semhash.index import Index

_WARM = 20  # queries that are asked before any is timed
_IN_A_ROW = 20  # queries before it is the next one's turn


def main(argv: Sequence[str]) -> None:
    """Read the options, make what is to be asked, measure every size, and write and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl", help="id, text, split")
    parser.add_argument("--sizes", type=integers, default=[10_000, 100_000, 1_000_000], metavar="N,N,N")
    parser.add_argument("--work", type=Path, default=Path(".cache/query"), metavar="FOLDER")
    parser.add_argument("--queries", type=int, default=200, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--epochs", type=int, metavar="N", help="so many epochs of training, whatever pays")
    parser.add_argument("--out", type=Path, default=RESULTS / "query.json", metavar="FILE.json")
    parser.add_argument("--quiet", action="store_true", help="no talk on standard error")
    arguments = parser.parse_args(argv)
    tiles, results, runs = read_tiles(arguments.corpus), Results(arguments.out), []
    digest = hashlib.sha256(arguments.corpus.read_bytes()).hexdigest()
    before: Path | None = None
    for n in sorted(arguments.sizes):
        config = {"documents": n, "queries": arguments.queries, "rounds": arguments.rounds, "k": 10}
        run: Run = {"experiment": "query", "name": f"{n:,} documents", "set": arguments.corpus.stem}
        run |= {"corpus": digest, "part": "all", "config": config}
        folder = arguments.work / f"{n}"
        _make(tiles, n, folder, before, arguments)
        before = folder
        with open_index(folder / "index", compiled=True) as index:
            figures = _figures(index, folder, tiles, arguments)
        run = {"digest": digest_of(run), **run, "figures": {"documents": _said(tiles, n), **figures}}
        runs.append(run | {"environment": _environment(), "date": today()})
        results.add(runs[-1])
    print("\n".join(query_tables(runs)))


def _environment() -> dict[str, Any]:
    return environment() | {"numba": version("numba")}


def _said(tiles: Tiles, n: int) -> str:
    if n <= len(tiles.rows):
        return f"{n:,} of {len(tiles.rows):,} documents"
    return (
        f"{len(tiles.rows):,} documents and copies of them, in each of which {CHANGED:.0%} of the words are left out "
        f"and {CHANGED:.0%} exchanged, at random"
    )


def _make(tiles: Tiles, n: int, folder: Path, before: Path | None, arguments: argparse.Namespace) -> None:
    """Make an index of so many documents, out of a smaller one where there is one."""
    try:
        with open_index(folder / "index") as made:
            if len(made) == n:
                return
    except IndexNotFoundError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _say(f"{n:,} documents: making the index", arguments.quiet)
    held = 0
    if before is not None:
        shutil.copytree(before / "index", folder / "index")
        with open_index(folder / "index") as smaller:
            held = len(smaller)
    file = folder / f"from-{held}.jsonl"
    with file.open("wb") as stream:
        for place, (name, text) in enumerate(tiles.documents(n)):
            if place >= held:
                stream.write(msgspec.json.encode({"id": name, "text": text}) + b"\n")
    if before is None:
        short = {} if arguments.epochs is None else {"epochs": arguments.epochs, "min_updates": 0}
        build_index(file, folder / "index", changed(IndexConfig(), training=short))
    else:
        add_documents([file], folder / "index")


def _figures(index: Index, folder: Path, tiles: Tiles, arguments: argparse.Namespace) -> dict[str, Any]:
    queries = tiles.queries(arguments.queries)
    who = searchers(index, folder)
    _say(f"{len(index):,} documents: asking", arguments.quiet)
    times = _times(who, queries, arguments.rounds)
    ours = times[OURS][0]
    cells = {
        name: {
            **_summary(passed, ""),
            **_summary(worked, "processor_"),
            "times_ours": round(median((passed / ours).tolist()), 2),
        }
        for name, (passed, worked) in times.items()
    }
    shortlist = median(index.query(query, snippets=False).shortlist for query in queries)
    return {
        "searchers": cells,
        "shortlist": int(shortlist),
        "addresses": index.manifest.addresses_in_use,
        "bits": index.bits,
        "load": round(os.getloadavg()[0], 1),
        "nice": os.nice(0),
        "train_documents": index.manifest.config.training.train_documents,
        "most_at_one_address": index.lookup.max_load if hasattr(index.lookup, "max_load") else None,
    }


Passed = np.ndarray[Any, np.dtype[np.float64]]


def _times(who: dict[str, Search], queries: Sequence[str], rounds: int) -> dict[str, tuple[Passed, Passed]]:
    """Give the milliseconds of each query, those that passed and those worked: medians over rounds."""
    names = list(who)
    taken = {name: np.zeros((rounds, len(queries), 2)) for name in names}
    for name in names:
        for query in queries[:_WARM]:
            who[name](query)
    gc.collect()
    gc.disable()
    try:
        for number, start in product(range(rounds), range(0, len(queries), _IN_A_ROW)):
            first = (number + start // _IN_A_ROW) % len(names)
            for name in names[first:] + names[:first]:
                search = who[name]
                for place, query in enumerate(queries[start : start + _IN_A_ROW], start):
                    passed, worked = time.perf_counter(), time.process_time()
                    search(query)
                    taken[name][number, place] = time.perf_counter() - passed, time.process_time() - worked
    finally:
        gc.enable()
    return {
        name: (np.median(each[..., 0], axis=0) * 1e3, np.median(each[..., 1], axis=0) * 1e3)
        for name, each in taken.items()
    }


def _summary(milliseconds: Passed, prefix: str) -> dict[str, float]:
    return {
        f"{prefix}median": round(float(np.median(milliseconds)), 3),
        f"{prefix}most": round(float(np.quantile(milliseconds, 0.95)), 3),
    }


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    start(main)
