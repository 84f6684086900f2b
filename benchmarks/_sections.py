"""What the sections of the page of results share: which runs they are drawn from, and how sets are called."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from _results import Run
from _tables import grouped

from semhash.config import IndexConfig

__all__ = ["NOTHING", "by_set", "earlier_recipe", "of_experiment", "set_title"]

NOTHING = "Nothing is recorded yet; `python benchmarks/{script} CORPUS.jsonl` does it."
SETS = {
    "20newsgroups": "20 Newsgroups by date, letters only, as `data/20newsgroups/prepare.py` makes it",
    "20news-subject-body": "20 Newsgroups by date, subject and body",
    "20news-stripped": "20 Newsgroups by date, headers, quoted text and signatures stripped",
    "reuters-modapte": "Reuters-21578, ModApte split, documents with a topic",
    "arxiv-200k": "200,355 abstracts of arXiv with their categories, a twentieth of them queries",
}


def of_experiment(runs: Sequence[Run], experiment: str) -> list[Run]:
    return [run for run in runs if run["experiment"] == experiment]


def by_set(runs: Sequence[Run]) -> list[list[Run]]:
    """Put together what was measured on the same documents."""
    return grouped(runs, lambda run: (run["corpus"], run["part"]))


def set_title(run: Run) -> str:
    part = "" if run["part"] == "test" else f" ({run['part']})"
    return f"### {SETS.get(run['set'], run['set'])}{part}\n"


def earlier_recipe(run: Run, recipe: str, chosen: Sequence[str] = ()) -> Iterator[str]:
    """Say in what a run's recipe differs from today's default, where it was the default when it was made.

    How many documents are learned from is left out: it is said where it bears on a figure.

    Parameters
    ----------
    run : Run
        Where several were made alike, one of them.
    recipe : str
        What it was made with, as runs call it: ``default, model.bits=8, epochs 3``. Of other presets nothing is said.
    chosen : sequence of str
        Settings that the experiment itself gave, such as ``training.epochs``.
    """
    preset, *changes = recipe.split(", ")
    if preset != "default":
        return
    asked = [change.partition("=")[0] for change in changes]
    given = {"model.bits", "training.seed", "training.train_documents", *asked, *chosen}
    if any(change.startswith("epochs ") for change in changes):
        given |= {"training.epochs", "training.min_updates"}
    today, then = (dict(_settings(config)) for config in (_today(), run["config"]))
    changed = [
        f"`{name}` {then.get(name, 'was not there')}, now {value}"
        for name, value in today.items()
        if name.partition(".")[0] in run["config"] and name not in given and then.get(name) != value
    ]
    if changed:
        yield f"*Recorded with an earlier recipe: {'; '.join(changed)}.*\n"


def _today() -> dict[str, Any]:
    return dict(msgspec.json.decode(msgspec.json.encode(IndexConfig().to_json())))


def _settings(config: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
