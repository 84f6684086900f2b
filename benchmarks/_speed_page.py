"""The page of times, drawn from the runs of the benchmarks that take times."""

from collections.abc import Iterator, Sequence

from _indexing_page import HEAD as INDEXING
from _indexing_page import indexing_tables
from _lookup_page import HEAD as LOOKUPS
from _lookup_page import lookup_tables
from _query_page import COLD, cold_tables, query_tables
from _query_page import HEAD as QUERIES
from _results import Run
from _tables import grouped

__all__ = ["EXPERIMENTS", "speed_page"]

EXPERIMENTS = {"lookup", "query", "cold", "indexing"}
"""The experiments whose runs are drawn here and not with the figures of quality."""

HEAD = """\
# Speed

Drawn by `python benchmarks/render.py` from the runs in `benchmarks/results/`, and not written by hand. `make bench`
measures the same on this machine.
"""
NOTHING = "Nothing is recorded yet; `python benchmarks/{script}` does it."
_LIBRARIES = ("numpy", "numba", "faiss-cpu", "bm25s", "scikit-learn")


def speed_page(runs: Sequence[Run]) -> str:
    """Draw the whole page.

    Parameters
    ----------
    runs : sequence of dict
        Of any experiments; those that take no times are left out.
    """
    timed = [run for run in runs if run["experiment"] in EXPERIMENTS]
    sections = [HEAD, *_lookups(timed), *_queries(timed), *_cold(timed), *_indexing(timed), *_machines(timed)]
    return "\n".join(sections).rstrip("\n") + "\n"


def _lookups(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Lookups\n"
    yield LOOKUPS
    found = [run for run in runs if run["experiment"] == "lookup"]
    yield from lookup_tables(found) if found else [NOTHING.format(script="lookup.py INDEX") + "\n"]


def _queries(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Whole queries\n"
    yield QUERIES
    found = [run for run in runs if run["experiment"] == "query"]
    yield from query_tables(found) if found else [NOTHING.format(script="query.py CORPUS.jsonl") + "\n"]


def _cold(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Cold starts\n"
    yield COLD
    found = [run for run in runs if run["experiment"] == "cold"]
    yield from cold_tables(found) if found else [NOTHING.format(script="cold.py INDEX") + "\n"]


def _indexing(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Making an index\n"
    yield INDEXING
    found = [run for run in runs if run["experiment"] == "indexing"]
    yield from indexing_tables(found) if found else [NOTHING.format(script="indexing.py CORPUS.jsonl") + "\n"]


def _machines(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Measured with\n"
    for group in grouped(runs, lambda run: (run["environment"], run["date"]).__repr__()):
        one = group[0]["environment"]
        libraries = ", ".join(f"{name} {one[name]}" for name in _LIBRARIES if name in one)
        yield (
            f"- {', '.join(sorted({run['experiment'] for run in group}))}, {group[0]['date']}: "
            f"semhash {one['semhash']}, {libraries}, Python {one['python']}, {one['system']}; "
            f"{one['processor']}, {one['cores']} cores"
        )
