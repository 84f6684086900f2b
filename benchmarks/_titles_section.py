"""The section of the page of results on titles as queries."""

from collections.abc import Iterator, Sequence

from _results import Run
from _sections import NOTHING, by_set, earlier_recipe, of_experiment, set_title
from _tables import figure, grouped, table

__all__ = ["titles"]

_METHODS = {
    "hamming": "codes, by Hamming distance",
    "asymmetric": "codes, by likelihood",
    "bm25": "BM25",
    "hybrid": "hybrid, the default",
}


def titles(runs: Sequence[Run]) -> Iterator[str]:
    """Draw what titles find, for each way to train."""
    yield "## A few words as a query\n"
    yield (
        "People ask with a few words, not with a document. The encoder is trained on documents of which every share "
        "of the words is hidden, from none to all, so it has seen what a query is like; beside it stands the same "
        "recipe with half of the words hidden in each. Titles of documents outside the database (subject lines, "
        "or first lines) ask for documents of their label; titles of documents in it ask for the very document "
        "they were taken from, whose first line they are, so that a search by words has the better of it there. "
        "Measured on a fifth of the training half.\n"
    )
    found = of_experiment(runs, "titles")
    if not found:
        yield NOTHING.format(script="titles.py") + "\n"
    for of_set in by_set(found):
        yield set_title(of_set[0])
        yield from earlier_recipe(
            of_set[0], "default", ["model.corruption.amount", "model.corruption.varied"]
        )
        yield from table(_HEAD, _rows(of_set))
        yield ""


_HEAD = (
    "words hidden in training, ranked by",
    "whole documents: P@100",
    "titles: P@10",
    "titles: P@100",
    "own document in the first 10",
    "in the first 100",
    "in the first 500",
)
_PATHS = (
    ("documents", "precision/100"),
    ("label", "precision/10"),
    ("label", "precision/100"),
    ("own", "recall/10"),
    ("own", "recall/100"),
    ("own", "recall/500"),
)


def _rows(runs: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    for group in grouped(runs, lambda run: run["name"]):
        for method, called in _METHODS.items():
            figures = (figure(group, f"figures/{task}/{method}/{path}") for task, path in _PATHS)
            yield (
                f"{group[0]['name'].removesuffix(' of the words hidden').removesuffix(' of words hidden')}: {called}",
                *figures,
            )
