"""What is said when a sentence-transformers model cannot be had; none is installed or fetched here."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semhash.baselines.registry import find
from semhash.baselines.sentences import SentenceVectors
from semhash.errors import EvaluationError

THERE = importlib.util.find_spec("sentence_transformers") is not None
DOCUMENTS = np.array([[1, 0], [0, 1]])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, documents_of: Any) -> None:
    database = documents_of(DOCUMENTS)
    with pytest.raises(
        EvaluationError,
        match="nowhere: expected the folder of a sentence-transformers model, found nothing there; give the folder",
    ):
        find(f"sentence:{tmp_path / 'nowhere'}").make(None, 0).fit(database)
    (tmp_path / "model.zip").touch()
    with pytest.raises(EvaluationError, match=r"model\.zip: expected .* found a file there"):
        SentenceVectors(tmp_path / "model.zip").fit(database)


@pytest.mark.skipif(THERE, reason="the library is installed")
def test_a_library_that_is_not_there_is_named_with_the_way_to_install_it(
    tmp_path: Path, documents_of: Any
) -> None:
    with pytest.raises(
        EvaluationError,
        match=r"expected the library sentence-transformers, found: .*pip install sentence-transformers$",
    ):
        SentenceVectors(tmp_path).fit(documents_of(DOCUMENTS))


@pytest.mark.skipif(not THERE, reason="needs sentence-transformers")
def test_a_folder_without_a_model_is_named(tmp_path: Path, documents_of: Any) -> None:
    with pytest.raises(
        EvaluationError, match="expected a sentence-transformers model with safetensors weights"
    ):
        SentenceVectors(tmp_path).fit(documents_of(DOCUMENTS))


def test_the_environment_is_left_as_it_was(
    tmp_path: Path, documents_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    before = dict(os.environ)
    with pytest.raises(EvaluationError):
        SentenceVectors(tmp_path).fit(documents_of(DOCUMENTS))
    assert dict(os.environ) == before
