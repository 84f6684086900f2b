"""Sentence embeddings of a model trained elsewhere, given by its folder; nothing is fetched."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents, ScoreRanking
from semhash.errors import EvaluationError

__all__ = ["FittedSentenceVectors", "SentenceVectors"]

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
_BYTES_PER_NUMBER = 4
_BATCH = 32


@dataclass(frozen=True)
class SentenceVectors:
    """Ranks by the cosine of sentence embeddings.

    Reimers and Gurevych, *Sentence-BERT*, EMNLP 2019. Texts go in as they are, cut off where the model cuts them.
    Needs the library ``sentence-transformers``, which semhash does not install.

    Attributes
    ----------
    folder : Path
        Of a model in that library's form, its weights as safetensors: others would have to be unpickled.
    """

    folder: Path

    def fit(self, database: Documents) -> "FittedSentenceVectors":
        """Embed the whole database; nothing is learned.

        Raises
        ------
        EvaluationError
            There is no such folder or library, or no model in the folder.
        """
        model = _loaded(self.folder)
        return FittedSentenceVectors(model, self.folder.resolve().name, _embedded(model, database.texts))


@dataclass(frozen=True, eq=False)
class FittedSentenceVectors:
    """A database as embeddings.

    Attributes
    ----------
    model : SentenceTransformer
    name : str
        The folder's.
    documents : ndarray of shape (n_documents, n_dimensions), float32
        Of length 1 each.
    """

    model: Any
    name: str
    documents: NDArray[np.float32]

    @property
    def size(self) -> int:
        """How many dimensions the model gives."""
        return int(self.documents.shape[1])

    @property
    def bytes_per_document(self) -> float:
        """Single precision."""
        return float(_BYTES_PER_NUMBER * self.size)

    @property
    def config(self) -> dict[str, object]:
        """Which model it is, and how much of a text it reads."""
        return {"model": self.name, "dimensions": self.size, "max_tokens": self.model.max_seq_length}

    def rank(self, queries: Documents) -> ScoreRanking:
        """Rank by the cosine."""
        asked = _embedded(self.model, queries.texts)
        return ScoreRanking(lambda rows: asked[rows] @ self.documents.T)


def _loaded(folder: Path) -> Any:
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise EvaluationError(
            f"{folder}: expected the folder of a sentence-transformers model, found {found} there; "
            "give the folder that such a model was saved to"
        )
    with _offline():
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EvaluationError(
                f"{folder}: expected the library sentence-transformers, found: {error}; "
                "install it with: pip install sentence-transformers"
            ) from error
        try:
            return SentenceTransformer(
                str(folder), local_files_only=True, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
            raise EvaluationError(
                f"{folder}: expected a sentence-transformers model with safetensors weights, found: {error}; "
                "give the folder that such a model was saved to"
            ) from error


def _embedded(model: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    vectors = model.encode(
        list(texts),
        batch_size=_BATCH,
        show_progress_bar=False,
        convert_to_numpy=True,
        normalize_embeddings=True,
    )
    return np.asarray(vectors, dtype=np.float32)


@contextmanager
def _offline() -> Iterator[None]:
    """Forbid fetching; the library reads the environment when it is imported."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(_OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
