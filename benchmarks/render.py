"""Draw docs/results.md from the runs in benchmarks/results/.

::

    python benchmarks/render.py [--out FILE]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _page import page
from _results import RESULTS, read_runs
from _start import start

PAGE = RESULTS.parents[1] / "docs" / "results.md"


def main(argv: Sequence[str]) -> None:
    """Read the options, the runs, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where the runs are")
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE.md", help="the page to write")
    arguments = parser.parse_args(argv)
    runs = [run for file in sorted(arguments.results.glob("*.json")) for run in read_runs(file)]
    arguments.out.write_text(page(runs), encoding="utf-8")


if __name__ == "__main__":
    start(main)
