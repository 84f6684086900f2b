"""What each part of the recipe is worth: one change at a time, measured on a fifth of the training half.

The test half is never looked at, so that what is learned here may be used to choose a recipe.

::

    python benchmarks/ablation.py CORPUS.jsonl ... [--seeds 0,1,2] [--only code,corruption] [--epochs N]
"""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from _command import Job, add_recipe_options, add_set_options, carry_out, changed, recipe
from _labelled import LabelledSet, Split
from _measuring import settings, trained_figures
from _start import start
from _variants import GROUPS, VARIANTS

from semhash.config import IndexConfig
from semhash.progress import Progress

AS_IT_IS = "the recipe as it is"


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for the recipe and for every variant that differs from it."""
    called, config = recipe(arguments)
    split = labelled.validation(arguments.split_seed)
    for seed in arguments.seeds:
        seeded = changed(config, training={"seed": seed})
        note = {"recipe": called, "recipe_digest": _digest(changed(config, training={"seed": 0}))}
        yield job(AS_IT_IS, split, seeded, note)
        for variant in VARIANTS:
            one = changed(seeded, **variant.changes)
            if variant.group in arguments.only and one != seeded:
                yield job(variant.name, split, one, {**note, "group": variant.group})


def job(name: str, split: Split, config: IndexConfig, note: dict[str, str]) -> Job:
    """Give the job of training and measuring one configuration."""

    def work(progress: Progress) -> dict[str, Any]:
        return trained_figures(split, config, progress)

    return Job("ablation", name, split, settings(config), work, note)


def _digest(config: IndexConfig) -> str:
    return hashlib.sha256(msgspec.json.encode(settings(config), order="sorted")).hexdigest()[:12]


def groups(text: str) -> list[str]:
    """Read ``code,width``; for argparse."""
    chosen = text.split(",")
    for name in chosen:
        if name not in GROUPS:
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(GROUPS)}, found {name!r}")
    return chosen


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "ablation.json")
    add_recipe_options(parser)
    parser.add_argument(
        "--only", type=groups, default=list(GROUPS), metavar="GROUP,...", help=", ".join(GROUPS)
    )
    parser.add_argument("--split-seed", type=int, default=0, metavar="N", help="another fifth for validation")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
