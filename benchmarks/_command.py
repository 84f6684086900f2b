"""What the benchmarks' command lines have in common: options, and doing what is not done yet."""

import argparse
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _environment import environment, today
from _labelled import LabelledSet, Split, read_set
from _results import RESULTS, Results, Run, digest_of

from semhash.config import IndexConfig
from semhash.config.files import preset_config, read_config
from semhash.config.overlay import overlay
from semhash.errors import ConfigError, TrainingError
from semhash.progress import Progress, Stage, silent

__all__ = [
    "Job",
    "add_recipe_options",
    "add_set_options",
    "carry_out",
    "changed",
    "integers",
    "recipe",
]

_EVERY = 2.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Job:
    """One run to make, unless it is made already.

    Attributes
    ----------
    experiment, name : str
        What it is part of, and what it is called there.
    split : Split
        What it is measured on.
    config : dict
        All that bears on its figures, as JSON.
    work : callable
        Makes it, given who hears the progress; its answer, with ``figures`` in it, is kept.
    note : dict
        Anything else that tells it from others.
    """

    experiment: str
    name: str
    split: Split
    config: dict[str, Any]
    work: Callable[[Progress], dict[str, Any]]
    note: dict[str, Any]

    @property
    def title(self) -> str:
        """The name, and what configurations are mostly told apart by."""
        model, training = self.config.get("model", {}), self.config.get("training", {})
        bits = f", {model['bits']} bits" if "bits" in model else ""
        seed = training.get("seed", self.config.get("seed"))
        return f"{self.name}{bits}" + ("" if seed is None else f", seed {seed}")

    def described(self) -> Run:
        """Give the run without what comes of it."""
        whole: Run = {
            "experiment": self.experiment,
            "name": self.name,
            "set": self.split.of.name,
            "corpus": self.split.of.digest,
            "part": self.split.part,
            **self.note,
            "config": self.config,
        }
        return {"digest": digest_of(whole), **whole}


def integers(text: str) -> list[int]:
    """Read ``8,16,20``; for argparse."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers with commas between, found {text!r}"
        ) from None


def add_set_options(parser: argparse.ArgumentParser, out: str) -> None:
    """Add what to measure on, and where the results go."""
    parser.add_argument(
        "corpora", nargs="+", type=Path, metavar="CORPUS.jsonl", help="id, text, labels, split"
    )
    parser.add_argument("--out", type=Path, default=RESULTS / out, help="default: benchmarks/results/" + out)
    parser.add_argument("--limit", type=int, metavar="N", help="the first N documents of either half alone")
    parser.add_argument("--again", action="store_true", help="make runs again that the file holds already")
    parser.add_argument("--quiet", action="store_true", help="no talk on standard error")


def add_recipe_options(parser: argparse.ArgumentParser, epochs: bool = True) -> None:
    """Add how codes are learned; without an option for the epochs where those are what is varied."""
    parser.add_argument("--preset", help="the recipe to begin with: default, plain, paper")
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help="a configuration file")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="such as model.code.kind=gaussian"
    )
    parser.set_defaults(epochs=None)
    if epochs:
        parser.add_argument(
            "--epochs", type=int, metavar="N", help="so many epochs, however small the set is"
        )
    parser.add_argument("--seeds", type=integers, default=[0], metavar="0,1,2")


def recipe(arguments: argparse.Namespace, preset: str | None = None) -> tuple[str, IndexConfig]:
    """Give the recipe asked for, and what it is called: the preset, and what was changed in it.

    Raises
    ------
    ConfigError
        A key or a value cannot be used.
    """
    preset = preset or arguments.preset
    file = arguments.config
    config = preset_config(preset) if file is None else read_config(file, preset)
    changes = [*arguments.set, *([f"epochs {arguments.epochs}"] if arguments.epochs else [])]
    for change in arguments.set:
        config = overlay(config, _nested(change))
    if arguments.epochs:
        config = changed(config, training={"epochs": arguments.epochs, "min_updates": 0})
    begun = preset or ("default" if file is None else file.stem)
    return ", ".join([begun, *changes]), config


def changed(config: IndexConfig, **tables: dict[str, Any]) -> IndexConfig:
    """Give a configuration with some fields changed: ``changed(config, model={"bits": 32})``."""
    return overlay(config, tables)


def _nested(change: str) -> dict[str, Any]:
    key, equals, text = change.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set: expected KEY=VALUE, such as model.code.kind=gaussian, found {change!r}")
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    for name in reversed(key.split(".")):
        value = {name: value}
    return dict(value)


def carry_out(jobs: Callable[[LabelledSet], Iterable[Job]], arguments: argparse.Namespace) -> None:
    """Go through the sets; make every run that the file does not hold, and write the file after each.

    Parameters
    ----------
    jobs : callable
        Gives what there is to do on a set.
    arguments : Namespace
        With what `add_set_options` adds.
    """
    results = Results(arguments.out)
    for file in arguments.corpora:
        listed = list(jobs(read_set(file, arguments.limit)))
        for number, job in enumerate(listed, 1):
            run = job.described()
            title = f"{job.split.of.name} [{number} of {len(listed)}] {job.title}"
            if run["digest"] in results and not arguments.again:
                _say(f"{title}: done already", arguments.quiet)
                continue
            _say(title, arguments.quiet)
            begun = time.perf_counter()
            try:
                run |= job.work(_talk(arguments.quiet))
            except TrainingError as error:  # a finding like any other: this way of training leads nowhere
                run |= {"figures": {}, "failed": str(error)}
            results.add(run | {"environment": environment(), "date": today()})
            _say(f"  {_in_short(run['figures'])}, {time.perf_counter() - begun:.0f} s", arguments.quiet)


def _in_short(figures: dict[str, Any]) -> str:
    if not figures:
        return "failed"
    if "holds" in figures:
        return f"{'yes' if figures['holds'] else 'no'}, at {figures['above_at']} of {len(figures['levels'])} places"
    if "precision" not in figures:
        return f"{len(figures)} figures"
    last = list(figures["precision"])[-1]
    return f"P@{last} {figures['precision'][last]:.3f}, MAP {figures['mean_average_precision']:.3f}"


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def _talk(quiet: bool) -> Progress:
    """Say every few seconds how far training is, where somebody may be looking."""
    if quiet or not sys.stderr.isatty():
        return silent
    said = time.monotonic()

    def hear(stage: Stage, done: float, total: float, detail: str = "") -> None:
        nonlocal said
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            _say(f"  {stage} {done / max(total, 1):.0%} {detail}", quiet)

    return hear
