"""The tables of query times, for the page and for the terminal."""

from collections.abc import Iterator, Sequence

from _results import Run
from _tables import grouped, table

__all__ = ["COLD", "HEAD", "OURS", "PLAIN", "cold_tables", "query_tables"]

OURS, PLAIN = "semhash", "semhash without numba"

HEAD = """\
A few words in, ten titles out, in a process that has answered before: `Index.query` with the default ranking, beside
BM25 by `bm25s` and by SQLite's FTS5 over the same texts and the same words, which do less: they know nothing of codes.
Queries are titles of documents that are not in the index, and pieces of two to four words of such titles. Everybody
answers every query once a round, twenty in a row, in turns; of each query the median over rounds is kept.
Milliseconds are those that passed; in brackets, those that the processor worked, which say more where other programs
ran beside.
"""
COLD = """\
The command, process start included, as a multiple of what `python -c "import numpy, sqlalchemy"` takes; in turns,
medians.
"""


def query_tables(runs: Sequence[Run]) -> Iterator[str]:
    """Draw what `query.py` found; nothing where there are no runs."""
    for of_corpus in grouped(runs, lambda run: run["corpus"]):
        yield f"### {of_corpus[0]['set']}\n"
        ordered = sorted(of_corpus, key=lambda run: int(run["config"]["documents"]))
        yield f"{ordered[-1]['figures']['documents']}; {ordered[-1]['config']['queries']} queries.\n"
        for run in ordered:
            figures = run["figures"]
            yield (
                f"**{run['name']}**, at {figures['addresses']:,} addresses of {figures['bits']} bits; "
                f"half of the queries rank {figures['shortlist']:,} documents or more. "
                f"Load average {figures['load']}, niceness {figures['nice']}.\n"
            )
            rows = [_row(name, cell) for name, cell in figures["searchers"].items()]
            yield from table(("", "median, ms", "95 of 100 within, ms", f"times {OURS}"), rows)
            yield ""


def _row(name: str, cell: dict[str, float]) -> tuple[str, ...]:
    passed = [f"{cell[key]:.2f} ({cell[f'processor_{key}']:.2f})" for key in ("median", "most")]
    return name, *passed, "" if name == OURS else f"{cell['times_ours']:.1f}"


def cold_tables(runs: Sequence[Run]) -> Iterator[str]:
    """Draw what `cold.py` found; nothing where there are no runs."""
    rows = [
        (
            f"{run['set']}, {run['figures']['documents']:,} documents: `{name}`",
            f"{cell['seconds']:.3f}",
            f"{cell['times']:.2f}",
        )
        for run in runs
        for name, cell in run["figures"]["commands"].items()
    ]
    if rows:
        yield from table(("", "seconds", "times the imports"), rows)
        yield ""
