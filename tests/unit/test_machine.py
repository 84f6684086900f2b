import os

import joblib
import pytest
import torch

from semhash.autoencoder.machine import choose_device, free_cores, random_stream, threads
from semhash.errors import ConfigError

NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="this system does not tell its load")
def test_free_cores_are_those_that_nobody_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 4)
    for load, expected in ((0.0, 4), (1.2, 3), (3.9, 1), (50.0, 1)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert free_cores() == expected


def test_the_thread_count_is_put_back_also_after_an_error() -> None:
    before = torch.get_num_threads()
    inside = []

    def fail() -> None:
        with threads(before + 1):
            inside.append(torch.get_num_threads())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert inside == [before + 1]
    assert torch.get_num_threads() == before


@NO_GPU
def test_without_a_gpu_the_processor_is_taken_unless_a_gpu_is_asked_for() -> None:
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    with pytest.raises(
        ConfigError, match=r"device: expected a CUDA device .* found none; choose auto or cpu"
    ):
        choose_device("cuda")


@GPU
def test_with_a_gpu_it_is_taken_unless_the_processor_is_asked_for() -> None:
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda")
    assert choose_device("cpu") == torch.device("cpu")


def test_a_random_stream_depends_on_its_seed_alone() -> None:
    def drawn(seed: int) -> list[float]:
        return torch.rand(5, generator=random_stream(torch.device("cpu"), seed)).tolist()

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
