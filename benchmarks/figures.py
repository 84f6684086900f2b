"""Quality of codes by their width, over seeds: trained on the training half, asked with the test half.

::

    python benchmarks/figures.py CORPUS.jsonl ... [--bits 8,16,20,32,64,128] [--seeds 0,1,2]
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from _command import Job, add_recipe_options, add_set_options, carry_out, changed, integers, recipe
from _labelled import LabelledSet, Split
from _measuring import settings, trained_figures
from _start import start

from semhash.config import IndexConfig
from semhash.progress import Progress

WIDTHS = [8, 16, 20, 32, 64, 128]


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for every width and seed."""
    name, config = recipe(arguments)
    split = labelled.test(arguments.queries) if arguments.part == "test" else labelled.validation()
    for bits in arguments.bits:
        for seed in arguments.seeds:
            yield job(name, split, changed(config, model={"bits": bits}, training={"seed": seed}))


def job(name: str, split: Split, config: IndexConfig) -> Job:
    """Give the job of training and measuring one configuration."""

    def work(progress: Progress) -> dict[str, Any]:
        return trained_figures(split, config, progress)

    return Job("figures", name, split, settings(config), work, {})


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "figures.json")
    add_recipe_options(parser)
    parser.add_argument("--bits", type=integers, default=WIDTHS, metavar="8,16,20")
    parser.add_argument("--part", choices=("test", "validation"), default="test", help="what is measured on")
    parser.add_argument("--queries", type=int, metavar="N", help="a sample of N of the test half's documents")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
