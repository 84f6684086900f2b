"""Quality by training time: trained from the start for ever more epochs, as the schedule is laid over all of them.

Measured on a fifth of the training half; the test half is never looked at.

::

    python benchmarks/curve.py CORPUS.jsonl ... [--at 1,2,4,8,16,30]
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


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for every number of epochs and seed."""
    name, config = recipe(arguments)
    split = labelled.validation(arguments.split_seed)
    for epochs in arguments.at:
        for seed in arguments.seeds:
            training = {"epochs": epochs, "min_updates": 0, "seed": seed}
            yield job(name, split, changed(config, training=training))


def job(name: str, split: Split, config: IndexConfig) -> Job:
    """Give the job of training and measuring one configuration."""

    def work(progress: Progress) -> dict[str, Any]:
        return trained_figures(split, config, progress)

    return Job("curve", name, split, settings(config), work, {"epochs": config.training.epochs})


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "curve.json")
    add_recipe_options(parser, epochs=False)
    parser.add_argument("--at", type=integers, default=[1, 2, 4, 8, 16, 30], metavar="1,2,4", help="epochs")
    parser.add_argument("--split-seed", type=int, default=0, metavar="N", help="another fifth for validation")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
