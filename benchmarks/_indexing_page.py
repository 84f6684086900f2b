"""The table of how long indexes take to make, for the page and for the terminal."""

from collections.abc import Iterator, Sequence

from _results import Run
from _tables import table

__all__ = ["HEAD", "OURS", "indexing_tables"]

OURS = "semhash"
HEAD = """\
From a file of JSON lines to a whole index on disk, training left out: semhash reads, counts, encodes with a model that
is there, and writes texts, counts, postings and addresses. The others find the texts in memory: bm25s cuts them into
words and scores them, FTS5 writes them and its index, CountVectorizer counts words. In turns, medians over rounds.
Documents a second are by the time that passed; in brackets, by the time that the processor worked, which says more
where other programs ran beside. Ratios are of times, round by round: above 1, semhash is the faster.
"""


def indexing_tables(runs: Sequence[Run]) -> Iterator[str]:
    """Draw what `indexing.py` found; nothing where there are no runs."""
    for run in runs:
        figures = run["figures"]
        yield f"### {run['set']}, {run['name']}\n"
        rows = [(name, *_cells(name, cell)) for name, cell in figures["contenders"].items()]
        yield from table(("", "documents a second", f"times {OURS}"), rows)
        parts = figures["bytes_a_document"]
        listed = ", ".join(f"{part} {n:,.1f}" for part, n in parts.items())
        yield f"\nOn disk, {sum(parts.values()):,.0f} bytes a document: {listed}.\n"


def _cells(name: str, cell: dict[str, float]) -> tuple[str, str]:
    speed = f"{cell['documents_a_second']:,} ({cell['processor_documents_a_second']:,})"
    return speed, "" if name == OURS else f"{cell['times_ours']:.2f} ({cell['processor_times_ours']:.2f})"
