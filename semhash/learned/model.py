"""What was learned from a corpus and encodes every text since: words, weights, and what is usual."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.layers import read_all_tensors
from semhash.config import IndexConfig
from semhash.errors import IndexFolderError
from semhash.learned.novelty import FILE as NOVELTY
from semhash.learned.novelty import NoveltyScale
from semhash.progress import Progress
from semhash.store import IndexFolder
from semhash.store.draft import Draft
from semhash.store.manifest import ModelRecord
from semhash.vocabulary import Counts, WordLists

__all__ = ["LearnedModel"]

_WORDS, _WEIGHTS = "vocabulary.json", "model.safetensors"
_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class LearnedModel:
    """A trained model with the words that it knows.

    Attributes
    ----------
    config : IndexConfig
        What it was made with.
    words : list of str
        The coded words, most frequent first.
    stop_words : list of str
        The terms that it was not learned from, sorted.
    tensors : mapping of str to ndarray
        The weights of encoder and decoder.
    novelty : NoveltyScale or None
        How unusual texts are among those that it was learned from.
    record : ModelRecord
        When it was learned, and from how many documents.
    languages : dict of str to int
        How many of those documents are in which language.
    """

    config: IndexConfig
    words: list[str]
    stop_words: list[str]
    tensors: Mapping[str, NDArray[np.float32]]
    novelty: NoveltyScale | None
    record: ModelRecord
    languages: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: IndexFolder) -> Self:
        """Read the model of an index, whose files were checked.

        Raises
        ------
        IndexDamagedError
            A file is not what it should be.
        """
        manifest = folder.manifest
        if not manifest.has_model:
            raise IndexFolderError(
                f"{folder.path}: expected a model to encode documents with, found codes that were imported; import "
                "codes for all documents again with: semhash import CORPUS --codes FILE --force"
            )
        listed: WordLists = folder.json(_WORDS, WordLists)
        file = folder.file(_WEIGHTS)
        config = manifest.config
        Encoder.load(file, len(listed.words), config.model)  # whether all of it is there
        Decoder.load(file, len(listed.words), config.model)
        record = manifest.model or ModelRecord(
            digest="", created=manifest.created, n_documents=manifest.n_documents
        )
        return cls(
            config,
            listed.words,
            sorted(listed.stop_words or ()),
            read_all_tensors(file),
            NoveltyScale.read(folder),
            record,
            listed.languages,
        )

    @property
    def digest(self) -> str:
        """sha256 over words and weights, in hexadecimal: models that encode alike have the same."""
        whole = hashlib.sha256(json.dumps([self.words, self.stop_words, self.languages]).encode())
        for name, tensor in sorted(self.tensors.items()):
            whole.update(f"{name} {tensor.shape}\n".encode())
            whole.update(np.ascontiguousarray(tensor).data)
        return whole.hexdigest()

    def write(self, draft: Draft) -> None:
        """Write the files that `read` reads."""
        from safetensors.numpy import save_file

        listed = {"words": self.words, "stop_words": self.stop_words, "languages": self.languages}
        draft.save_json(_WORDS, listed)
        save_file(dict(self.tensors), draft.folder / _WEIGHTS)
        if self.novelty is not None:
            draft.save_array(NOVELTY, np.asarray(self.novelty.quantiles))

    @property
    def encoder(self) -> Encoder:
        """The trained encoder."""
        return Encoder.from_tensors(self.tensors, self.config.model)

    @property
    def decoder(self) -> Decoder:
        """The trained decoder."""
        return Decoder.from_tensors(self.tensors, self.config.model)

    def encode(
        self,
        counts: Counts,
        terms: NDArray[np.integer[Any]],
        rows: NDArray[np.int64],
        progress: Progress,
    ) -> NDArray[np.uint8]:
        """Give the codes of some documents; each is the same whatever else is encoded.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Over a lexicon.
        terms : ndarray of shape (n_coded_words,), int
            The coded words, as terms of the lexicon.
        rows : ndarray of shape (n,), int64
            The documents to encode.
        progress : Progress
            Hears the documents of stage ``encode``.

        Returns
        -------
        ndarray of shape (n, n_bytes), uint8
        """
        encoder = self.encoder
        packed = np.zeros((len(rows), codes.n_bytes(encoder.bits)), dtype=np.uint8)
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            packed[start : start + len(some)] = encoder.codes(counts.take(some).columns(terms))
            progress("encode", start + len(some), len(rows))
        return packed
