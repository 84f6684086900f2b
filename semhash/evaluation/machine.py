"""What figures were made with: versions, and the machine without its name."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import joblib

from semhash._version import __version__

__all__ = ["machine", "versions"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "faiss-cpu", "bm25s", "sentence-transformers")


def versions() -> dict[str, str]:
    """Give the versions of semhash, of Python and of the libraries that figures hang on, where installed."""
    found = {"semhash": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str | int]:
    """Give processor, cores that may be used, memory, and system."""
    return {
        "processor": _processor(),
        "cores": int(joblib.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory() -> str:
    try:
        n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):  # a system that does not tell
        return "unknown"
    return f"{n_bytes / 2**30:.1f} GiB"
