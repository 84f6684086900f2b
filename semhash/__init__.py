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
    from semhash.asking.results import Duplicate, Hit, QueryResult
    from semhash.asking.snippet import Snippet
    from semhash.catalogue.passage import Passage
    from semhash.config.files import read_config
    from semhash.config.index import CorpusConfig, IndexConfig, TextConfig
    from semhash.config.model import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig, PenaltyConfig
    from semhash.config.training import PretrainingConfig, SupervisionConfig, TrainingConfig
    from semhash.errors import SemhashError
    from semhash.estimator.hasher import SemanticHasher
    from semhash.index import Index, open_index
    from semhash.learned.novelty import Novelty
    from semhash.living.report import UpdateReport
    from semhash.living.upkeep import add_documents, remove_documents, update_index
    from semhash.living.watch import watch_index
    from semhash.pipeline import BuildReport, build_index
    from semhash.ranking.request import Encoded
    from semhash.reasons.explainer import Explainer
    from semhash.reasons.explanation import Explanation

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
    "CodeConfig": "config.model",
    "CorpusConfig": "config.index",
    "CorruptionConfig": "config.model",
    "Duplicate": "asking.results",
    "Encoded": "ranking.request",
    "Explainer": "reasons.explainer",
    "Explanation": "reasons.explanation",
    "Hit": "asking.results",
    "Index": "index",
    "IndexConfig": "config.index",
    "ModelConfig": "config.model",
    "NeighbourConfig": "config.model",
    "Novelty": "learned.novelty",
    "Passage": "catalogue.passage",
    "PenaltyConfig": "config.model",
    "PretrainingConfig": "config.training",
    "QueryResult": "asking.results",
    "SemanticHasher": "estimator.hasher",
    "SemhashError": "errors",
    "Snippet": "asking.snippet",
    "SupervisionConfig": "config.training",
    "TextConfig": "config.index",
    "TrainingConfig": "config.training",
    "UpdateReport": "living.report",
    "add_documents": "living.upkeep",
    "build_index": "pipeline",
    "open_index": "index",
    "read_config": "config.files",
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
