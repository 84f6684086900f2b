"""Draw docs/results.md, docs/speed.md and the table in README.md from the runs in benchmarks/results/.

::

    python benchmarks/render.py [--out FILE] [--speed FILE] [--readme FILE]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _page import page
from _readme import with_table
from _results import RESULTS, read_runs
from _speed_page import EXPERIMENTS, speed_page
from _start import start

from semhash.evaluation import Results

ROOT = RESULTS.parents[1]


def main(argv: Sequence[str]) -> None:
    """Read the options, the runs, and write the pages and the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where the runs are")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results.md", metavar="FILE.md")
    parser.add_argument("--speed", type=Path, metavar="FILE.md", help="default: speed.md beside --out")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", metavar="FILE.md")
    arguments = parser.parse_args(argv)
    runs = [run for file in sorted(arguments.results.glob("*.json")) for run in read_runs(file)]
    of_quality = [run for run in runs if run["experiment"] not in EXPERIMENTS]
    arguments.out.write_text(page(of_quality), encoding="utf-8")
    speed = arguments.speed or arguments.out.with_name("speed.md")
    speed.write_text(speed_page(runs), encoding="utf-8")
    evaluations = [Results.read(file) for file in sorted((arguments.results / "quality").glob("*.json"))]
    readme = with_table(arguments.readme.read_text(encoding="utf-8"), evaluations)
    arguments.readme.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    start(main)
