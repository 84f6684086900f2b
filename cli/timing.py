"""How the commands that write an index spend their time: what is said of it, and how threads wait."""

import os
from collections.abc import Mapping

__all__ = ["seconds_as_json", "seconds_told", "wait_asleep"]


def wait_asleep() -> None:
    """Have torch's threads wait by sleeping: they share busy cores, where spinning ones stall one another.

    To be called before torch loads, which reads it then.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def seconds_told(seconds: Mapping[str, float]) -> str:
    """Give the time in total, and that of each stage, such as ``1.5 s (read 1.0, write 0.5)``."""
    parts = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    return f"{seconds['total']:.1f} s ({parts})"


def seconds_as_json(seconds: Mapping[str, float]) -> dict[str, float]:
    """Give the same in full, to the millisecond."""
    return {name: round(value, 3) for name, value in seconds.items()}
