"""What several unit tests share: a folder laid out like an index, and counts of documents on two subjects."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.retriever import Documents
from semhash.config import IndexConfig
from semhash.store.draft import draft_index
from semhash.store.manifest import FileRecord, Manifest
from semhash.vocabulary import Counts


class WriteFolder(Protocol):
    """Writes an index folder whose one word and ten numbers tell it from others."""

    def __call__(self, target: Path, word: str = "first", *, force: bool = False) -> Manifest: ...


def manifest_of(files: dict[str, FileRecord], generation: int = 1) -> Manifest:
    return Manifest(
        semhash_version="0.1.0",
        created="2026-01-01T00:00:00+00:00",
        generation=generation,
        corpus="/corpora/notes",
        corpus_digest="0" * 64,
        config=IndexConfig(),
        bits=20,
        n_documents=10,
        n_unaddressed=1,
        n_skipped=2,
        n_words=300,
        addresses_in_use=7,
        files=files,
    )


def _write_folder(target: Path, word: str = "first", *, force: bool = False) -> Manifest:
    with draft_index(target, force=force) as draft:
        draft.save_json("words.json", [word])
        draft.save_array("numbers.npy", np.arange(10, dtype=np.uint32))
        manifest = manifest_of(draft.records(), draft.generation)
        draft.publish(manifest)
    return manifest


@pytest.fixture(scope="session")
def write_folder() -> WriteFolder:
    return _write_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write_folder(tmp_path / "notes")
    return tmp_path / "notes"


class TwoSubjects(Protocol):
    """Makes counts: even documents use the first half of the words, odd ones the second."""

    def __call__(self, n: int = 80, n_words: int = 40, seed: int = 0) -> Counts: ...


def _two_subjects(n: int = 80, n_words: int = 40, seed: int = 0) -> Counts:
    random = np.random.default_rng(seed)
    half = n_words // 2
    dense = np.zeros((n, n_words), dtype=np.uint8)
    for row in range(n):
        dense[row, random.integers(0, half, 10) + half * (row % 2)] = random.integers(1, 4, 10)
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns], n_words)


@pytest.fixture(scope="session")
def two_subjects() -> TwoSubjects:
    return _two_subjects


class DocumentsOf(Protocol):
    """Makes documents of dense counts, for baselines; all words are the vocabulary."""

    def __call__(
        self, dense: NDArray[np.integer[Any]], labels: Sequence[tuple[str, ...]] = ()
    ) -> Documents: ...


def _documents_of(dense: NDArray[np.integer[Any]], labels: Sequence[tuple[str, ...]] = ()) -> Documents:
    n, n_words = dense.shape
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    counts = Counts(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.uint8), n_words)
    return Documents(counts, np.arange(n_words), labels or [()] * n, [""] * n)


@pytest.fixture(scope="session")
def documents_of() -> DocumentsOf:
    return _documents_of


class PlantedTopics(Protocol):
    """Makes documents of topics, n of each in turn, and says whose topic is whose."""

    def __call__(
        self, n_topics: int = 4, n: int = 40, seed: int = 0
    ) -> tuple[Documents, NDArray[np.int64]]: ...


def _planted_topics(n_topics: int = 4, n: int = 40, seed: int = 0) -> tuple[Documents, NDArray[np.int64]]:
    """Each document draws twenty words from its topic's thirty, and ten from thirty that all share."""
    random = np.random.default_rng(seed)
    topics = np.tile(np.arange(n_topics), n)
    dense = np.zeros((len(topics), 30 * (n_topics + 1)), dtype=np.int64)
    for row, topic in zip(dense, topics, strict=True):
        np.add.at(row, 30 * topic + random.integers(0, 30, 20), 1)
        np.add.at(row, 30 * n_topics + random.integers(0, 30, 10), 1)
    return _documents_of(dense, [(f"topic {topic}",) for topic in topics]), topics


@pytest.fixture(scope="session")
def planted_topics() -> PlantedTopics:
    return _planted_topics
