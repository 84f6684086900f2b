"""What a figure was measured with: versions, machine, date."""

from datetime import UTC, datetime
from typing import Any

import torch

from semhash.evaluation.machine import machine, versions

__all__ = ["environment", "today"]


def environment() -> dict[str, Any]:
    """Give the versions of all that computes, and the machine without its name."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {**versions(), **machine(), "gpu": gpu}


def today() -> str:
    """Give the date in UTC, such as 2026-01-31."""
    return datetime.now(UTC).date().isoformat()
