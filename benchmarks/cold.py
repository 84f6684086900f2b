"""Measure the command from a cold start, as a multiple of the imports that nothing could do without.

::

    python benchmarks/cold.py INDEX [--rounds 11] [--text "a few words"]
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from _environment import environment, today
from _query_page import cold_tables
from _results import RESULTS, Results, Run, digest_of
from _rounds import in_turns, ratio
from _start import start

from semhash import open_index

_IMPORTS = 'python -c "import numpy, sqlalchemy"'


def main(argv: Sequence[str]) -> None:
    """Read the options, start every command in turns, and write and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path, metavar="INDEX", help="an index folder")
    parser.add_argument("--text", default="a few words about the subject", help="what is asked")
    parser.add_argument("--rounds", type=int, default=11, metavar="N")
    parser.add_argument("--out", type=Path, default=RESULTS / "cold.json", metavar="FILE.json")
    arguments = parser.parse_args(argv)
    with open_index(arguments.index) as index:
        documents, corpus = len(index), index.manifest.corpus_digest
    run: Run = {"experiment": "cold", "name": "cold start", "set": arguments.index.name, "corpus": corpus}
    run |= {"part": "all", "config": {"rounds": arguments.rounds}}
    run = {"digest": digest_of(run), **run, "figures": {"documents": documents, **_figures(arguments)}}
    run |= {"environment": environment(), "date": today()}
    Results(arguments.out).add(run)
    print("\n".join(cold_tables([run])))


def _figures(arguments: argparse.Namespace) -> dict[str, Any]:
    query = [sys.executable, "-m", "semhash_cli", "query", arguments.text, "--index", str(arguments.index)]
    commands = {
        _IMPORTS: [sys.executable, "-c", "import numpy, sqlalchemy"],
        "semhash query": query,
        "semhash query --json": [*query, "--json"],
        "semhash --version": [sys.executable, "-m", "semhash_cli", "--version"],
    }
    done = partial(subprocess.run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    works = {name: partial(done, command) for name, command in commands.items()}
    for work in works.values():
        work()
    times = in_turns(works, arguments.rounds)
    return {
        "commands": {
            name: {"seconds": round(median(taken), 4), "times": round(ratio(taken, times[_IMPORTS]), 2)}
            for name, taken in times.items()
        }
    }


if __name__ == "__main__":
    start(main)
