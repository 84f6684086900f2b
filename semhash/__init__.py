"""Semantic hashing for documents: 20-bit addresses, learned from your own text.

>>> import semhash
>>> report = semhash.build_index("corpus/", out="indexes/corpus")  # doctest: +SKIP
>>> with semhash.open_index("indexes/corpus") as index:  # doctest: +SKIP
...     for hit in index.query("missions to the moon", k=5).hits:
...         print(hit.rank, hit.title, hit.distance, hit.score)

What is exported is public. Each name is imported when it is first used, so that ``import semhash`` costs
next to nothing and a query loads neither torch nor scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from semhash._version import __version__

if TYPE_CHECKING:
    from semhash.config import CorpusConfig, IndexConfig, TextConfig
    from semhash.config_file import read_config
    from semhash.errors import SemhashError
    from semhash.estimator import SemanticHasher
    from semhash.explainer import Explainer
    from semhash.explanation import Explanation
    from semhash.index import Index, open_index
    from semhash.living.report import UpdateReport
    from semhash.living.upkeep import add_documents, remove_documents, update_index
    from semhash.living.watch import watch_index
    from semhash.model_config import (
        CodeConfig,
        CorruptionConfig,
        ModelConfig,
        NeighbourConfig,
        PenaltyConfig,
    )
    from semhash.novelty import Novelty
    from semhash.passage import Passage
    from semhash.pipeline import BuildReport, build_index
    from semhash.results import Duplicate, Encoded, Hit, QueryResult
    from semhash.snippet import Snippet
    from semhash.training_config import PretrainingConfig, SupervisionConfig, TrainingConfig

__all__ = [
    "BuildReport",
    "CodeConfig",
    "CorpusConfig",
    "CorruptionConfig",
    "Duplicate",
    "Encoded",
    "Explainer",
    "Explanation",
    "Hit",
    "Index",
    "IndexConfig",
    "ModelConfig",
    "NeighbourConfig",
    "Novelty",
    "Passage",
    "PenaltyConfig",
    "PretrainingConfig",
    "QueryResult",
    "SemanticHasher",
    "SemhashError",
    "Snippet",
    "SupervisionConfig",
    "TextConfig",
    "TrainingConfig",
    "UpdateReport",
    "__version__",
    "add_documents",
    "build_index",
    "open_index",
    "read_config",
    "remove_documents",
    "update_index",
    "watch_index",
]

_HOME = {
    "BuildReport": "pipeline",
    "CodeConfig": "model_config",
    "CorpusConfig": "config",
    "CorruptionConfig": "model_config",
    "Duplicate": "results",
    "Encoded": "results",
    "Explainer": "explainer",
    "Explanation": "explanation",
    "Hit": "results",
    "Index": "index",
    "IndexConfig": "config",
    "ModelConfig": "model_config",
    "NeighbourConfig": "model_config",
    "Novelty": "novelty",
    "Passage": "passage",
    "PenaltyConfig": "model_config",
    "PretrainingConfig": "training_config",
    "QueryResult": "results",
    "SemanticHasher": "estimator",
    "SemhashError": "errors",
    "Snippet": "snippet",
    "SupervisionConfig": "training_config",
    "TextConfig": "config",
    "TrainingConfig": "training_config",
    "UpdateReport": "living.report",
    "add_documents": "living.upkeep",
    "build_index": "pipeline",
    "open_index": "index",
    "read_config": "config_file",
    "remove_documents": "living.upkeep",
    "update_index": "living.upkeep",
    "watch_index": "living.watch",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'semhash' has no attribute {name!r}")
    return getattr(import_module(f"semhash.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
