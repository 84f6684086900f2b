"""Questions that people type, beside bm25s with and without a stemmer: nDCG@10, R@100 and MRR@10.

::

    python benchmarks/questions.py PREFIX[:LANGUAGE] ... [--seeds 0,1,2] [--ranks hybrid,bm25] [--epochs N]

A collection is named by what its files begin with, as for ``quality.py --judged``; ``known_items.py`` makes some.
LANGUAGE is the one that bm25s stems by, ``english`` unless it is said, ``none`` for one that PyStemmer does not
have; semhash is told nothing and finds out. Every method sees title and text. semhash is asked as the command is, by
its defaults, through an index on disk. Each line printed is one method on one collection; means over seeds. The last
columns are ratios to bm25s with the stemmer. ``--out`` keeps all of it as JSON.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import mean
from typing import Any

import bm25s
import ir_measures
from _command import changed, integers
from _environment import environment, today
from _start import start
from _tables import table
from ir_measures import RR, R, nDCG
from quality import Collection, judged

from semhash import IndexConfig, build_index, open_index
from semhash.corpus import Document, open_corpus
from semhash.evaluation.judgements import read_qrels

MEASURES = {"nDCG@10": nDCG @ 10, "R@100": R @ 100, "MRR@10": RR @ 10}
DEPTH = 100

Run = dict[str, dict[str, float]]


def texts_of(file: Path) -> dict[str, str]:
    """Return the texts of a file of JSON lines by id, titles first."""
    return {item.id: item.text for item in open_corpus(file) if isinstance(item, Document)}


def figures(qrels: Mapping[str, Mapping[str, int]], run: Run) -> dict[str, float]:
    """Return the mean of each measure over the judged queries."""
    found = ir_measures.calc_aggregate(MEASURES.values(), qrels, run)
    return {name: float(found[measure]) for name, measure in MEASURES.items()}


def by_bm25s(documents: Mapping[str, str], queries: Mapping[str, str], language: str | None) -> Run:
    """Ask bm25s, which stems by Snowball where a language is named, and leaves out English stop words as it does."""
    stemmer = None
    if language is not None:
        import Stemmer

        stemmer = Stemmer.Stemmer(language)
    stop_words = "en" if language in (None, "english") else None
    options: dict[str, Any] = {"stopwords": stop_words, "stemmer": stemmer, "show_progress": False}
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(list(documents.values()), **options), show_progress=False)
    ids = list(documents)
    asked = bm25s.tokenize(list(queries.values()), **options, return_ids=False)
    run: Run = {}
    for name, tokens in zip(queries, asked, strict=True):
        found, scores = retriever.retrieve(
            [tokens], corpus=ids, k=min(DEPTH, len(ids)), show_progress=False, n_threads=0
        )
        ranked = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        run[name] = {document: score for document, score in ranked if score > 0}
    return run


def by_semhash(index: Path, queries: Mapping[str, str], rank: str) -> Run:
    """Ask an index."""
    with open_index(index) as opened:
        answers = opened.rank_many(list(queries.values()), k=DEPTH, rank=rank, plain=True)
        # The order is what counts: equal scores would be put in another by whoever measures.
        return {
            name: {document: -float(place) for place, (document, _) in enumerate(found)}
            for name, found in zip(queries, answers, strict=True)
        }


def rows_of(
    collection: Collection, language: str, seeds: Sequence[int], ranks: Sequence[str], config: IndexConfig
) -> Iterator[dict[str, Any]]:
    """Measure every method on one collection."""
    assert collection.queries is not None
    assert collection.qrels is not None
    documents, queries = texts_of(collection.corpus), texts_of(collection.queries)
    qrels: dict[str, dict[str, int]] = {}
    for judgement in read_qrels(collection.qrels):
        if judgement.query in queries:
            qrels.setdefault(judgement.query, {})[judgement.document] = judgement.grade
    queries = {name: text for name, text in queries.items() if name in qrels}
    known = {"collection": collection.name, "documents": len(documents), "queries": len(queries)}
    stemmed = None if language == "none" else language
    for method, by in {"bm25s": None, "bm25s, stems": stemmed}.items():
        if method == "bm25s" or by is not None:
            yield {
                **known,
                "method": method,
                "seed": None,
                **figures(qrels, by_bm25s(documents, queries, by)),
            }
    for seed in seeds:
        of_seed = changed(config, training={"seed": seed})
        with tempfile.TemporaryDirectory() as folder:
            build_index(collection.corpus, Path(folder, "index"), of_seed)
            for rank in ranks:
                run = by_semhash(Path(folder, "index"), queries, rank)
                yield {**known, "method": f"semhash {rank}", "seed": seed, **figures(qrels, run)}


def shown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table: the mean over seeds of each method on each collection, and its ratio to stemmed BM25."""
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["collection"], row["method"]), []).append(row)
    means = {
        key: {name: mean(row[name] for row in some) for name in MEASURES} for key, some in grouped.items()
    }
    lines = []
    for (collection, method), values in means.items():
        bar = means.get((collection, "bm25s, stems"), means[collection, "bm25s"])
        ratios = [f"{values[name] / bar[name]:.3f}" if bar[name] else "" for name in MEASURES]
        lines.append([f"{collection}: {method}", *(f"{value:.3f}" for value in values.values()), *ratios])
    return table(["method", *MEASURES, *(f"{name}, ratio" for name in MEASURES)], lines)


def main(argv: Sequence[str]) -> None:
    """Read the options, measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collections", nargs="+", metavar="PREFIX[:LANGUAGE]")
    parser.add_argument("--seeds", type=integers, default=[0], metavar="0,1,2")
    parser.add_argument("--ranks", default="hybrid,bm25", help="ways to rank, with commas between")
    parser.add_argument("--epochs", type=int, metavar="N", help="train for fewer, to see that all works")
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    arguments = parser.parse_args(argv)
    config = IndexConfig()
    if arguments.epochs is not None:
        config = changed(config, training={"epochs": arguments.epochs})
    rows: list[dict[str, Any]] = []
    for named in arguments.collections:
        prefix, _, language = named.partition(":")
        opened: AbstractContextManager[Collection] = judged(Path(prefix))
        with opened as collection:
            for row in rows_of(
                collection, language or "english", arguments.seeds, arguments.ranks.split(","), config
            ):
                rows.append(row)
                print(
                    *(f"{value:.3f}" if isinstance(value, float) else value for value in row.values()),
                    flush=True,
                )
    print("\n".join(["", *shown(rows)]))
    if arguments.out is not None:
        kept = {"date": today(), "environment": environment(), "rows": rows}
        beside = arguments.out.with_suffix(".part")
        beside.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        beside.replace(arguments.out)


if __name__ == "__main__":
    start(main)
