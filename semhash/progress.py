"""How the library tells a caller how far it is. The library never draws; ``cli/`` does."""

from collections.abc import Callable
from typing import Literal, Protocol

__all__ = ["Progress", "Report", "Stage", "silent", "unheard"]

Stage = Literal[
    "read",
    "relate",
    "mix",
    "guide",
    "pretrain",
    "train",
    "decode",
    "fine-tune",
    "encode",
    "write",
    "evaluate",
    "measure",
    "compare",
    "verify",
    "check",
    "sort",
    "group",
    "describe",
    "draw",
]


class Progress(Protocol):
    """A callback that hears how far a stage is."""

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        """Hear that ``done`` of ``total`` units of ``stage`` are finished.

        Units are bytes for ``read``, documents whose neighbours are found for ``relate``, words that neighbours
        share for ``mix``, rounds in which bits are moved for ``guide``, epochs of all layers for ``pretrain``,
        mini-batches for ``train``, ``decode`` and ``fine-tune``, documents for ``encode`` and files for ``write``.
        ``done == total`` ends the stage; ``detail`` is a short remark such as the loss. ``pretrain`` and
        ``fine-tune`` are heard of only where they are asked for, ``decode`` where the decoder is fitted by itself, and
        ``relate``, ``mix`` and ``guide`` where neighbours play a part.

        An evaluation tells of the methods it is through with as ``evaluate``, each counting by how long it takes,
        of the queries put to the one at work as ``measure``, and of pairs of methods as ``compare``. Stages inside
        it come again for each method.

        Of an index that stands: to verify it tells of bytes as ``verify``, then of the parts that are held against
        each other as ``check``. Duplicates are found by documents whose words are put in order, ``sort``, and then
        pairs of documents, ``compare``. A map tells of the starts that regions are looked for from as ``group``, and
        of documents as ``describe`` and ``draw``.
        """


def silent(stage: Stage, done: float, total: float, detail: str = "") -> None:
    """Hear everything and say nothing."""


Report = Callable[[float, float, str], None]
"""Hears of one stage alone: how many units are done, of how many, and a short remark."""


def unheard(done: float, total: float, detail: str) -> None:
    """Hear everything of one stage and say nothing."""
