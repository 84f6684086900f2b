"""How the library tells a caller how far it is. The library never draws; ``cli/`` does."""

from typing import Literal, Protocol

__all__ = ["Progress", "Stage", "silent"]

Stage = Literal["read", "train", "encode", "write"]


class Progress(Protocol):
    """A callback that hears how far a stage is."""

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        """Hear that ``done`` of ``total`` units of ``stage`` are finished.

        Units are bytes for ``read``, mini-batches for ``train``, documents for ``encode`` and files for
        ``write``. ``done == total`` ends the stage; ``detail`` is a short remark such as the loss.
        """


def silent(stage: Stage, done: float, total: float, detail: str = "") -> None:
    """Hear everything and say nothing."""
