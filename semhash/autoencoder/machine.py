"""What training may use of this machine: its cores, and a graphics processor where there is one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import joblib
import torch

from semhash.errors import ConfigError

__all__ = ["choose_device", "free_cores", "random_stream", "threads"]


def choose_device(name: str) -> torch.device:
    """Give the device of a name of `TrainingConfig.device`.

    Raises
    ------
    ConfigError
        ``cuda`` is asked for, and there is none that torch can use.
    """
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise ConfigError(
            "device: expected a CUDA device that torch can use, found none; choose auto or cpu, or install a "
            "build of torch for CUDA"
        )
    return torch.device("cuda" if there and name != "cpu" else "cpu")


def random_stream(device: torch.device, seed: int) -> torch.Generator:
    """Start a random stream that draws on a device."""
    return torch.Generator(device).manual_seed(seed)


def free_cores() -> int:
    """Give the number of cores that this process may use and nobody else is using, at least 1.

    Affinity masks and the quotas of containers count, and so does the load of the last minute.
    """
    usable = int(joblib.cpu_count())
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, min(usable, round(usable - busy)))


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Pin torch to n threads: one more than there are free cores slows it down tenfold."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
