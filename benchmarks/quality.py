"""How good semhash and every baseline are, on several corpora: the figures of docs/quality.

::

    python benchmarks/quality.py CORPUS.jsonl ... [--judged FOLDER/NAME ...] [--limit-queries N]

A corpus is labelled JSONL, as for ``semhash evaluate``. A judged collection is named by what its files begin with:
NAME.docs.jsonl, NAME.queries.jsonl and NAME.qrels.tsv, the first two with .gz or without; where there is a
NAME.query-splits.tsv too, its queries of split ``test`` are asked.

Each corpus is one evaluation, kept in ``results/quality`` without its queries' own values; one that is there is
not made again, unless ``--again`` is given. A file of other settings is another evaluation: move it away first.
With ``--add``, some methods are measured alone, and put into the evaluations that are there in the place of those
of their names: for one whose code was changed, or that is new. Their differences from those that stay are then
untested. What semhash answers by default, and what it must be held against, is recorded by::

    python benchmarks/quality.py CORPUS.jsonl --judged FOLDER/NAME ... \\
        --add --preset default --against tfidf-all,bm25

The figures of what was measured are printed, as a table for each corpus.
"""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from _command import integers
from _results import RESULTS
from _start import start
from _tables import table

from semhash.errors import CorpusError, EvaluationError
from semhash.evaluation import Results, Settings, evaluate
from semhash.progress import Progress

QUALITY = RESULTS / "quality"
_DIGITS = 6
_BY_LABELS = ("P@10", "P@100", "MAP")


@dataclass(frozen=True)
class Collection:
    """What is evaluated: a corpus, and where they are apart its queries and judgements."""

    name: str
    corpus: Path
    queries: Path | None = None
    qrels: Path | None = None


def labelled(file: Path) -> Collection:
    """Give a labelled corpus."""
    return Collection(file.name.removesuffix(".gz").removesuffix(".jsonl"), file)


@contextmanager
def judged(prefix: Path) -> Iterator[Collection]:
    """Give a judged collection, its queries cut down to the test split where there are splits.

    Raises
    ------
    CorpusError
        One of its files is missing.
    """
    corpus, queries = (_either(prefix, f"{part}.jsonl") for part in ("docs", "queries"))
    qrels, splits = (_beside(prefix, name) for name in ("qrels.tsv", "query-splits.tsv"))
    with tempfile.TemporaryDirectory() as folder:
        if splits.exists():
            kept = Path(folder, "queries.jsonl")
            kept.write_bytes(b"".join(_of_split(queries, splits, "test")))
            queries = kept
        yield Collection(prefix.name, corpus, queries, qrels)


def _beside(prefix: Path, name: str) -> Path:
    return prefix.with_name(f"{prefix.name}.{name}")


def _either(prefix: Path, name: str) -> Path:
    plain, packed = _beside(prefix, name), _beside(prefix, f"{name}.gz")
    found = next((file for file in (plain, packed) if file.exists()), None)
    if found is None:
        raise CorpusError(f"{plain}: expected a judged collection's file, found none, and no .gz either")
    return found


def _of_split(queries: Path, splits: Path, split: str) -> Iterator[bytes]:
    wanted = {
        name
        for name, of in (line.split("\t") for line in splits.read_text(encoding="utf-8").splitlines())
        if of == split
    }
    opened = gzip.open if queries.suffix == ".gz" else open
    with opened(queries, "rb") as lines:
        for line in lines:
            if str(msgspec.json.decode(line)["id"]) in wanted:
                yield line


def measure(collection: Collection, settings: Settings, limit_queries: int | None) -> Results:
    """Evaluate a collection; its folder is let go."""
    with tempfile.TemporaryDirectory() as folder:
        found = evaluate(
            collection.corpus,
            settings=settings,
            queries=collection.queries,
            qrels=collection.qrels,
            limit_queries=limit_queries,
            out=Path(folder, collection.name),
            progress=_told(),
        )
    return lean(found.results, collection.name)


def lean(results: Results, name: str) -> Results:
    """Leave out what is of single queries and documents: a committed file holds figures, and no text of a corpus."""
    return msgspec.structs.replace(
        results,
        corpus=msgspec.structs.replace(results.corpus, name=name, across=[]),
        queries=[],
        map=None,
        retrievers=[
            msgspec.convert(
                _rounded(msgspec.to_builtins(msgspec.structs.replace(r, values={}))), type=type(r)
            )
            for r in results.retrievers
        ],
    )


def added(there: Results, found: Results) -> Results:
    """Put methods into an evaluation of the same documents and queries, in the place of those of their names.

    Raises
    ------
    EvaluationError
        The two are of other documents or queries.
    """
    if (there.corpus.digest, there.corpus.n_queries) != (found.corpus.digest, found.corpus.n_queries):
        raise EvaluationError(
            f"{there.corpus.name}: expected the documents and queries that were evaluated before, found others; "
            "evaluate it again with --again"
        )
    names = {r.name for r in found.retrievers}
    titles = {r.title for r in there.retrievers if r.name in names}
    kept = [r for r in there.retrievers if r.name not in names]
    untouched = [c for c in there.comparisons if not titles & {c.title, c.against}]
    return msgspec.structs.replace(
        there,
        retrievers=sorted([*kept, *found.retrievers], key=lambda r: not r.own),
        comparisons=[*untouched, *found.comparisons],
    )


def figures(results: Results) -> list[str]:
    """Draw what was measured: documents as queries by the labels that they share, questions by judgements."""
    measures = ("nDCG@10", "R@100", "MAP") if results.corpus.relevance == "judgements" else _BY_LABELS
    rows = [(r.title, *(f"{r.figures[name]:.3f}" for name in measures)) for r in results.measured]
    return table((results.corpus.name, *measures), rows)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _told() -> Progress:
    """Say which method is at work, when another begins."""
    last = ""

    def told(stage: str, done: float, total: float, detail: str = "") -> None:
        nonlocal last
        if stage == "evaluate" and detail != last:
            last = detail
            print(f"  {detail}", file=sys.stderr, flush=True)

    return told


def keep(results: Results, file: Path) -> None:
    """Write results, beside first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    beside.write_bytes(results.to_json())
    beside.replace(file)


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="*", type=Path, metavar="CORPUS.jsonl", help="labelled corpora")
    parser.add_argument("--judged", nargs="*", type=Path, default=[], metavar="FOLDER/NAME")
    parser.add_argument("--against", default="all", metavar="NAMES", help="as of semhash evaluate")
    parser.add_argument("--preset", action="append", metavar="NAME", help="of semhash; default: default")
    parser.add_argument("--bits", type=integers, default=[20], metavar="20,64")
    parser.add_argument("--dimensions", type=integers, default=[20, 128], metavar="20,128")
    parser.add_argument("--seeds", type=integers, default=[0], metavar="0,1,2")
    parser.add_argument("--limit-queries", type=int, metavar="N", help="a seeded sample of so many queries")
    parser.add_argument("--out", type=Path, default=QUALITY, metavar="FOLDER", help="where results are kept")
    parser.add_argument("--add", action="store_true", help="put what is measured into the evaluations there")
    parser.add_argument("--again", action="store_true", help="make what is there again")
    arguments = parser.parse_args(argv)
    settings = Settings(
        presets=arguments.preset or (["none"] if arguments.add else None),
        against=arguments.against.split(","),
        bits=arguments.bits,
        dimensions=arguments.dimensions,
        seeds=arguments.seeds,
    )
    for given in [*arguments.corpora, *arguments.judged]:
        is_judged = given in arguments.judged
        name = given.name if is_judged else labelled(given).name
        file = arguments.out / f"{name}.json"
        if file.exists() and not (arguments.again or arguments.add):
            print(f"{name}: is there", file=sys.stderr)
            continue
        print(f"{name}: {file}", file=sys.stderr, flush=True)
        with judged(given) if is_judged else nullcontext(labelled(given)) as collection:
            found = measure(collection, settings, arguments.limit_queries)
        keep(added(Results.read(file), found) if arguments.add and file.exists() else found, file)
        print(*figures(found), "", sep="\n", flush=True)


if __name__ == "__main__":
    start(main)
