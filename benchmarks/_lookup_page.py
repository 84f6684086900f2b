"""The tables of lookup times, for the page and for the terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

from _results import Run
from _tables import grouped, table

__all__ = ["OURS", "PLAIN", "lookup_tables"]

OURS, PLAIN = "semhash", "semhash without numba"
_MIXTURE = "mixture"
HEAD = """\
Codes in a table of addresses beside FAISS's binary indexes and a scan in numpy: the same codes, the same questions,
answers found to be the same before anything was timed, in one process, in turns. A cell has microseconds for one
question and, in brackets, how many times as long that is as what semhash takes for the same questions; both are medians
over rounds, and what else the machine did falls on all alike. A hash index is told how many bits to flip for its
answers to be right and no more, which it could not know by itself. semhash's lookups are compiled by numba (`pip
install 'semhash-index[fast]'`), as those of an index opened with `compiled=True` are.
"""


def lookup_tables(runs: Sequence[Run]) -> Iterator[str]:
    """Draw what `lookup.py` found; nothing where there are no runs."""
    for of_codes in grouped(runs, lambda run: (run["corpus"], run["config"]["bits"])):
        yield f"### Codes of {of_codes[0]['config']['bits']} bits: {_source(of_codes[0])}\n"
        sized = [run for run in of_codes if "cells" in run["figures"]]
        yield from _summary(sized)
        for run in sorted(sized, key=lambda run: run["config"]["sizes"][0]):
            yield from _of_size(run)
        for run in of_codes:
            if "tasks" in run["figures"]:
                yield from _growth(run)


def _source(run: Run) -> str:
    return "a seeded mixture, not real ones" if run["set"] == _MIXTURE else f"those of {run['set']}"


def _summary(runs: Sequence[Run]) -> Iterator[str]:
    """Say who came nearest, and how far the scan of FAISS is behind."""
    near = [
        (times, name, run, cell)
        for run in runs
        for cell in run["figures"]["cells"]
        for name, times in cell["times_ours"].items()
        if name != PLAIN
    ]
    if not near:
        return
    slower = [times for times, *_ in near if times < 1]
    times, name, run, cell = min(near, key=lambda one: one[0])
    yield (
        f"In {len(near) - len(slower)} of {len(near)} comparisons semhash is the faster. Nearest comes {name}: "
        f"{times:g} times as long for {cell['task']}, {cell['way']}, in {run['name']}.\n"
    )


def _of_size(run: Run) -> Iterator[str]:
    cells = run["figures"]["cells"]
    yield f"#### {run['name']}\n"
    yield f"Codes: {run['figures']['documents']}.\n"
    for of_way in grouped(cells, lambda cell: cell["way"]):
        head = [
            f"{of_way[0]['way']}",
            *(f"{cell['task']} ({cell['documents']:,.0f} found)" for cell in of_way),
        ]
        names = list(of_way[0]["microseconds"])
        yield from table(head, [(name, *(_cell(cell, name) for cell in of_way)) for name in names])
        yield ""


def _cell(cell: dict[str, Any], name: str) -> str:
    taken = f"{cell['microseconds'][name]:,g}"
    return f"**{taken}**" if name == OURS else f"{taken} ({cell['times_ours'][name]:,g})"


def _growth(run: Run) -> Iterator[str]:
    sizes = sorted(run["config"]["sizes"])
    yield "#### Growth\n"
    yield (
        f"How many times as long a lookup takes as among {sizes[0]:,} documents, where as many documents are "
        "returned, in one thread. A ball is asked for around codes that find equally many in both tables: in the "
        "larger one these lie at more addresses. Asked many at once, a small table stays in the "
        "processor's caches, which a large one cannot.\n"
    )
    tasks = run["figures"]["tasks"]
    rows = [
        (f"{task['task']}, {task['way']}", f"{task['documents']:,.0f}", *(_times(task, n) for n in sizes[1:]))
        for task in tasks
    ]
    yield from table(("", "documents returned", *(f"{n:,} documents" for n in sizes[1:])), rows)
    yield ""


def _times(task: dict[str, Any], n: int) -> str:
    times = task["times_smallest"].get(str(n))
    return "" if times is None else f"{times:.2f}"
