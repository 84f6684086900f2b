"""How good codes and rankings are, measured against what people said belongs together.

>>> from semhash.evaluation import Settings, evaluate
>>> evaluation = evaluate("corpus.jsonl", settings=Settings(against=["bm25"]))  # doctest: +SKIP
>>> evaluation.results.measured[0].figures["P@10"]  # doctest: +SKIP

From the bottom: `relevance` says which documents a query should find, and `metrics` measures any ranking by it;
`statistics` says how far a figure can be trusted. `reading` makes a `task` of a corpus; `jobs` says which methods
are fitted to it, `own` are semhash's; `measuring` fits, ranks and times one of them. `evaluator` puts all of it
together and writes the folder; `report` draws what is in there, from `results` alone.

Each name is imported when it is first used, so that no part loads what only another needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semhash.evaluation.evaluator import Evaluation, evaluate
    from semhash.evaluation.results import Results
    from semhash.evaluation.settings import Settings

__all__ = ["Evaluation", "Results", "Settings", "evaluate"]

_HOME = {"Evaluation": "evaluator", "Results": "results", "Settings": "settings", "evaluate": "evaluator"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'semhash.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"semhash.evaluation.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
