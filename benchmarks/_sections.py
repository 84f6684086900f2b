"""What the sections of the page of results share: which runs they are drawn from, and how sets are called."""

from collections.abc import Sequence

from _results import Run
from _tables import grouped

__all__ = ["NOTHING", "by_set", "of_experiment", "set_title"]

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
