"""What an index is made with: records of all options, named recipes of them, and files that hold them.

::

    record -> training -> model -> index -> presets, overlay -> files
"""

from semhash.config.index import MIN_PASSAGE, CorpusConfig, IndexConfig, TextConfig, check_together
from semhash.config.model import (
    MAX_BITS,
    MIN_BITS,
    CodeConfig,
    CorruptionConfig,
    ModelConfig,
    NeighbourConfig,
    PenaltyConfig,
)
from semhash.config.training import PretrainingConfig, SupervisionConfig, TrainingConfig

__all__ = [
    "MAX_BITS",
    "MIN_BITS",
    "MIN_PASSAGE",
    "CodeConfig",
    "CorpusConfig",
    "CorruptionConfig",
    "IndexConfig",
    "ModelConfig",
    "NeighbourConfig",
    "PenaltyConfig",
    "PretrainingConfig",
    "SupervisionConfig",
    "TextConfig",
    "TrainingConfig",
    "check_together",
]
