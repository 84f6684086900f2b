"""What a figure was measured with: versions, machine, date."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import torch

from semhash import __version__

__all__ = ["environment", "today"]


def environment() -> dict[str, Any]:
    """Give the versions of all that computes, and the machine without its name."""
    libraries = {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}
    return {
        "semhash": __version__,
        "torch": str(torch.__version__),
        **libraries,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": int(joblib.cpu_count()),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def today() -> str:
    """Give the date in UTC, such as 2026-01-31."""
    return datetime.now(UTC).date().isoformat()
