"""From a corpus to an index: the only place where all the parts meet."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash._version import __version__
from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.binary_index import BinaryIndex, default_kind
from semhash.catalogue import Catalogue, DocumentCode
from semhash.collection import Collection, collect
from semhash.config import IndexConfig
from semhash.corpus import open_corpus
from semhash.corpus.walk import shown
from semhash.draft import Draft, draft_index
from semhash.errors import CorpusError, TrainingError
from semhash.hamming_table import MAX_TABLE_BITS, HammingTable
from semhash.manifest import Manifest
from semhash.novelty import FILE as NOVELTY
from semhash.novelty import NoveltyScale
from semhash.places import default_index
from semhash.postings import Postings
from semhash.progress import Progress, silent
from semhash.ranking import TermIndex
from semhash.stopwords import stop_words
from semhash.vocabulary import Counts, most_frequent

if TYPE_CHECKING:
    from semhash.autoencoder.training import TrainedModel

__all__ = ["BuildReport", "build_index"]

_ENCODE_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What came of building an index.

    Attributes
    ----------
    n_documents : int
        Documents in the index.
    n_unaddressed : int
        Those of them without a word of the vocabulary: in the catalogue, but at no address.
    n_skipped : int
        Files and rows that did not become a document.
    skipped : dict of str to int
        How many of them for which reason.
    bits : int
        Width of the codes.
    addresses_in_use : int
        Different codes among the addressed documents.
    epochs : int
        Passes over the training documents, whose best weights were kept.
    stopped : {"finished", "early", "interrupted"}
        Why training ended: all epochs were done; the loss on the documents held out fell no more; or Ctrl-C.
    dead_bits : int
        Bits that are the same in nearly all training documents: they tell next to nothing.
    seconds : dict of str to float
        Time spent to ``read``, ``train``, ``encode``, ``write`` and in ``total``.
    out : Path
        The index folder.
    """

    n_documents: int
    n_unaddressed: int
    n_skipped: int
    skipped: dict[str, int]
    bits: int
    addresses_in_use: int
    epochs: int
    stopped: Literal["finished", "early", "interrupted"]
    dead_bits: int
    seconds: dict[str, float]
    out: Path


@dataclass(frozen=True, slots=True)
class _Coded:
    """The learned part of an index.

    Attributes
    ----------
    terms : ndarray of shape (n_coded_words,), int64
        The vocabulary, as terms of the lexicon.
    tensors : dict of str to ndarray
        The trained model.
    packed : ndarray of shape (n_documents, n_bytes), uint8
        The documents' codes.
    known_words : ndarray of shape (n_documents,), int64
        How many words of each document are in the vocabulary.
    """

    terms: NDArray[np.int64]
    tensors: dict[str, NDArray[np.float32]]
    packed: NDArray[np.uint8]
    known_words: NDArray[np.int64]

    @property
    def addressed(self) -> NDArray[np.int64]:
        """Rows of the documents that have an address."""
        return np.flatnonzero(self.known_words)


def build_index(
    corpus: str | Path,
    out: str | Path | None = None,
    config: IndexConfig | None = None,
    *,
    force: bool = False,
    strict: bool = False,
    progress: Progress = silent,
) -> BuildReport:
    """Read a corpus, learn its codes, and write an index of it.

    Ctrl-C (a KeyboardInterrupt) in training, once an epoch is finished, ends the training and no more: the index
    is written with the best weights so far. At any other time it is passed on, and nothing is written.

    Parameters
    ----------
    corpus : str or Path
        A folder of documents, or one file.
    out : str or Path or None
        The index folder to write; None for the corpus's name in the folder of indexes.
    config : IndexConfig or None
        How; None for the defaults. ``config.training.seed`` starts every random stream.
    force : bool
        Replace an index that stands at `out`.
    strict : bool
        Take anything in the corpus that cannot be read for an error.
    progress : Progress
        Hears how far each stage is.

    Returns
    -------
    BuildReport

    Raises
    ------
    CorpusError
        The corpus is missing, has too few documents with words in them, has no labels where supervision asks
        for them, or (when strict) is not readable in full.
    ConfigError
        There is no such device, or no two documents share a label where supervision asks for labels.
    TrainingError
        The codes learned would be no good.
    IndexExistsError, IndexBusyError
        The place of the index is not free.
    """
    config = config or IndexConfig()
    _check_device(config)
    opened = open_corpus(corpus, config.corpus)
    target = Path(out) if out is not None else default_index(opened.name)
    seconds: dict[str, float] = {}
    with draft_index(target.absolute(), force=force) as draft:
        with Catalogue.create(draft.folder / "catalogue.sqlite") as catalogue:
            with _timed(seconds, "read"):
                collection = collect(opened, catalogue, config, strict=strict, progress=progress)
            with _timed(seconds, "train"):
                terms = most_frequent(collection.counts, config.text.vocabulary_size)
                labels = _labels(draft.folder / "catalogue.sqlite", config)
                trained = _learn(collection.counts, terms, config, progress, labels)
            with _timed(seconds, "encode"):
                coded = _encode(collection.counts.columns(terms), terms, trained.tensors, config, progress)
                novelty = _novelty(collection.counts, coded, config)
            with _timed(seconds, "write"):
                _write_catalogue(catalogue, draft, collection, coded, config)
        with _timed(seconds, "write"):
            _write_arrays(draft, collection, coded, config)
            if novelty is not None:
                draft.save_array(NOVELTY, novelty.quantiles)
            progress("write", 1, 2)
            manifest = _manifest(draft, collection, coded, config)
            draft.publish(manifest)
            progress("write", 2, 2)
    return BuildReport(
        n_documents=manifest.n_documents,
        n_unaddressed=manifest.n_unaddressed,
        n_skipped=manifest.n_skipped,
        skipped=collection.skipped_by_reason(),
        bits=manifest.bits,
        addresses_in_use=manifest.addresses_in_use,
        epochs=len(trained.losses),
        stopped=trained.stopped,
        dead_bits=trained.dead_bits,
        seconds={**seconds, "total": sum(seconds.values())},
        out=target,
    )


def _check_device(config: IndexConfig) -> None:
    """Look for a device that is asked for by name before the corpus is read."""
    if config.training.device == "cuda":
        from semhash.autoencoder.machine import choose_device

        choose_device(config.training.device)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start


def _labels(written: Path, config: IndexConfig) -> list[tuple[str, ...]] | None:
    """Give the labels of all documents where they are asked for, and else do not look at them."""
    loss = config.model.supervision.loss
    if loss == "none":
        return None
    with Catalogue.open(written) as catalogue:
        labels = [entry.labels for entry in catalogue.documents()]
    if not any(labels):
        raise CorpusError(
            f"supervision: expected documents with labels, for {loss}, found {len(labels)} without; give rows of "
            "JSONL with labels, take folders for labels with --labels folder, or leave supervision out"
        )
    return labels


def _learn(
    counts: Counts,
    terms: NDArray[np.int64],
    config: IndexConfig,
    progress: Progress,
    labels: list[tuple[str, ...]] | None,
) -> "TrainedModel":
    # Loaded here, so that a missing corpus is told of before torch has taken its second to load.
    from semhash.autoencoder.training import train

    return train(counts, terms, config.model, config.training, progress, labels=labels)


def _encode(
    counts: Counts,
    terms: NDArray[np.int64],
    tensors: dict[str, NDArray[np.float32]],
    config: IndexConfig,
    progress: Progress,
) -> _Coded:
    encoder = Encoder.from_tensors(tensors, config.model)
    packed = np.zeros((len(counts), codes.n_bytes(config.model.bits)), dtype=np.uint8)
    for start in range(0, len(counts), _ENCODE_BLOCK):
        rows = np.arange(start, min(start + _ENCODE_BLOCK, len(counts)))
        packed[rows] = encoder.codes(counts.take(rows))
        progress("encode", int(rows[-1]) + 1, len(counts))
    known_words = np.bincount(counts.owners(), weights=counts.data, minlength=len(counts))
    coded = _Coded(terms, tensors, packed, known_words.astype(np.int64))
    _check_codes(coded)
    return coded


def _check_codes(coded: _Coded) -> None:
    """Refuse codes that tell no document from another."""
    addressed = coded.packed[coded.addressed]
    if (addressed == addressed[0]).all():
        raise TrainingError(
            f"training: expected documents at many addresses, found all {len(addressed)} at one; nothing was "
            "written; try another --seed, or more documents"
        )


def _write_catalogue(
    catalogue: Catalogue, draft: Draft, collection: Collection, coded: _Coded, config: IndexConfig
) -> None:
    known = coded.known_words.tolist()
    pairs = zip(coded.packed, known, strict=True)
    catalogue.set_codes(DocumentCode(row, code.tobytes(), n) for row, (code, n) in enumerate(pairs))
    catalogue.add_build(
        generation=draft.generation,
        created=_now(),
        semhash_version=__version__,
        seed=config.training.seed,
        corpus=shown(str(collection.corpus.root)),
        n_documents=collection.n_documents,
        n_skipped=len(collection.skipped),
    )


def _novelty(counts: Counts, coded: _Coded, config: IndexConfig) -> NoveltyScale | None:
    encoder = Encoder.from_tensors(coded.tensors, config.model)
    decoder = Decoder.from_tensors(coded.tensors, config.model)
    return NoveltyScale.learn(encoder, decoder, counts, coded.terms, config.training.seed)


def _write_arrays(draft: Draft, collection: Collection, coded: _Coded, config: IndexConfig) -> None:
    from safetensors.numpy import save_file

    lexicon, counts, bits = collection.lexicon, collection.counts, config.model.bits
    listed = [lexicon.word(term) for term in coded.terms.tolist()]
    without = sorted(stop_words(config.text.stop_words))
    draft.save_json("vocabulary.json", {"words": listed, "stop_words": without})
    save_file(coded.tensors, draft.folder / "model.safetensors")
    terms = TermIndex.build(counts)
    arrays: dict[str, NDArray[Any]] = {
        "codes": coded.packed,
        "lexicon-letters": lexicon.letters,
        "lexicon-offsets": lexicon.offsets,
        "counts-indptr": counts.indptr,
        "counts-indices": counts.indices,
        "counts-data": counts.data,
        "document-frequency": terms.document_frequency,
        "norms": terms.norms,
    }
    packed = coded.packed[coded.addressed]
    if bits <= MAX_TABLE_BITS:
        table = HammingTable.build(packed, bits, coded.addressed)
        arrays |= {"table-offsets": table.offsets, "table-rows": table.rows}
    for name, array in arrays.items():
        draft.save_array(f"{name}.npy", array)
    Postings.build(counts).write(draft)
    binary_index = BinaryIndex.build(packed, bits, coded.addressed, default_kind(bits))
    binary_index.write(draft.folder / "faiss.index")


def _manifest(draft: Draft, collection: Collection, coded: _Coded, config: IndexConfig) -> Manifest:
    return Manifest(
        semhash_version=__version__,
        created=_now(),
        generation=draft.generation,
        corpus=shown(str(collection.corpus.root)),
        corpus_digest=collection.digest,
        config=config,
        bits=config.model.bits,
        n_documents=collection.n_documents,
        n_unaddressed=collection.n_documents - len(coded.addressed),
        n_skipped=len(collection.skipped),
        n_words=len(collection.lexicon),
        addresses_in_use=len(np.unique(coded.packed[coded.addressed], axis=0)),
        files=draft.records(),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
