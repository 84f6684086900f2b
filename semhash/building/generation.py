"""One generation of an index, written from a collection of documents and a model.

All that is derived is worked out here, from the counts and the codes, and by nothing else: so an index that was
updated holds what one that was made at once holds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash._version import __version__
from semhash.analysis.settling import languages_of
from semhash.binary_index import BinaryIndex, default_kind
from semhash.building.collection import Collection
from semhash.catalogue import Catalogue, DocumentCode
from semhash.catalogue.copying import copy_builds, copy_documents
from semhash.catalogue.ledger import CORPUS, write_ledger
from semhash.config import IndexConfig
from semhash.corpus.walk import shown
from semhash.hamming_table import MAX_TABLE_BITS, HammingTable
from semhash.learned.drift_measure import LEARNED_FROM, drift_of, marks_of, usual_of
from semhash.learned.model import LearnedModel
from semhash.progress import Progress
from semhash.ranking import TermIndex
from semhash.ranking.postings import Postings
from semhash.store.draft import Draft
from semhash.store.drift import Drift, Usual
from semhash.store.manifest import Manifest, ModelRecord
from semhash.vocabulary import Counts
from semhash.words.merging import Counted

__all__ = ["CodeSource", "Coded", "encode", "now", "publish", "terms_of", "write_documents"]

_BLOCK = 8192


class CodeSource(Protocol):
    """What the codes of a generation come from: a model, or a file of codes made elsewhere."""

    @property
    def record(self) -> ModelRecord:
        """When they were made, and of how many documents."""

    @property
    def digest(self) -> str:
        """What they can be told from others by."""

    def write(self, draft: Draft) -> None:
        """Write what later texts are read with."""


@dataclass(frozen=True, eq=False)
class Coded:
    """What the model says of the documents.

    Attributes
    ----------
    packed : ndarray of shape (n_documents, n_bytes), uint8
        Their codes.
    known_words : ndarray of shape (n_documents,), int64
        How many words of each document are in the vocabulary.
    marks : ndarray of shape (n_documents,), uint8, or None
        Which of them came later than the model, as of `semhash.learned.drift_measure.marks_of`; None where
        there is no model.
    usual : Usual or None
        What those are like that it was learned from.
    drift : Drift or None
        How the later ones stand to them.
    """

    packed: NDArray[np.uint8]
    known_words: NDArray[np.int64]
    marks: NDArray[np.uint8] | None = None
    usual: Usual | None = None
    drift: Drift | None = None

    @property
    def addressed(self) -> NDArray[np.int64]:
        """Rows of the documents that have an address."""
        return np.flatnonzero(self.known_words)


def terms_of(model: LearnedModel, counted: Counted) -> NDArray[np.int64]:
    """Give the terms of the model's words, all of which are in the lexicon."""
    found = [counted.lexicon.term(word) for word in model.words]
    return np.array([term for term in found if term is not None], dtype=np.int64)


def encode(
    collection: Collection,
    counted: Counted,
    model: LearnedModel,
    progress: Progress,
    *,
    learned_now: bool = False,
) -> Coded:
    """Encode the documents that are new; those that are kept have the codes that they had.

    Parameters
    ----------
    collection : Collection
        The documents.
    counted : Counted
        Their counts.
    model : LearnedModel
        What encodes them.
    progress : Progress
        Hears the documents of stage ``encode``.
    learned_now : bool
        Say that the model was learned from these very documents.
    """
    terms = terms_of(model, counted)
    packed = np.zeros((len(counted.counts), codes.n_bytes(model.config.model.bits)), dtype=np.uint8)
    kept = collection.origins >= 0
    if collection.standing is not None:
        packed[kept] = collection.standing.index.codes[collection.origins[kept]]
    packed[~kept] = model.encode(counted.counts, terms, np.flatnonzero(~kept), progress)
    counts, known = counted.counts, _known_words(counted.counts, terms)
    marks = np.full(len(counts), LEARNED_FROM, dtype=np.uint8)
    stopped = np.zeros(counts.n_columns, dtype=bool)
    found = (counted.lexicon.term(word) for word in model.stop_words)
    stopped[[term for term in found if term is not None]] = True
    if learned_now:
        return Coded(packed, known, marks, usual_of(counts, terms, packed, model.config.model.bits, stopped))
    if collection.standing is not None:
        marks[kept] = collection.standing.marks[collection.origins[kept]]
    marks = marks_of(model, counts, terms, marks, np.flatnonzero(~kept))
    usual = model.record.usual
    return Coded(packed, known, marks, usual, drift_of(model, usual, counts, terms, packed, marks, stopped))


def _known_words(counts: Counts, terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count each document's words that are in the vocabulary, repeats and all."""
    coded = np.zeros(counts.n_columns, dtype=bool)
    coded[terms] = True
    found = np.zeros(len(counts), dtype=np.int64)
    for first in range(0, len(counts), _BLOCK):
        stop = min(first + _BLOCK, len(counts))
        start, end = int(counts.indptr[first]), int(counts.indptr[stop])
        owners = np.repeat(np.arange(stop - first), np.diff(counts.indptr[first : stop + 1]))
        weights = counts.data[start:end] * coded[counts.indices[start:end]]
        found[first:stop] = np.bincount(owners, weights=weights, minlength=stop - first)
    return found


def write_documents(  # noqa: PLR0917, each a part of what is written
    catalogue: Catalogue,
    draft: Draft,
    collection: Collection,
    coded: Coded,
    seed: int,
    history: Path | None = None,
) -> None:
    """Complete the catalogue: documents that are kept, codes, where all came from, and how it was made.

    Parameters
    ----------
    catalogue : Catalogue
        With the documents that were read.
    draft : Draft
        The generation that it is of.
    collection : Collection
        What was read, and what is kept.
    coded : Coded
        What the model says of all documents.
    seed : int
        What it was learned with.
    history : Path or None
        A catalogue of an earlier generation, whose builds are told as well.
    """
    if collection.standing is not None:
        copy_documents(catalogue, collection.standing.catalogue.file, collection.copied)
    if history is not None:
        copy_builds(catalogue, history)
    known = coded.known_words.tolist()
    read = collection.read_rows
    catalogue.set_codes(DocumentCode(row, coded.packed[row].tobytes(), known[row]) for row in read)
    catalogue.add_build(
        generation=draft.generation,
        created=now(),
        semhash_version=__version__,
        seed=seed,
        corpus=shown(str(collection.ledger.roots[CORPUS])),
        n_documents=collection.n_documents,
        n_skipped=len(collection.skipped),
    )
    write_ledger(catalogue.driver, collection.ledger)


def publish(  # noqa: PLR0917, each a part of what is written
    draft: Draft,
    collection: Collection,
    counted: Counted,
    coded: Coded,
    model: CodeSource,
    config: IndexConfig,
    progress: Progress,
) -> Manifest:
    """Write all that is derived from counts and codes, and make the draft the index."""
    model.write(draft)
    _write_arrays(draft, counted, coded, config.model.bits)
    progress("write", 1, 2)
    manifest = Manifest(
        semhash_version=__version__,
        created=now(),
        generation=draft.generation,
        corpus=shown(str(collection.ledger.roots[CORPUS])),
        corpus_digest=collection.digest,
        config=config,
        bits=config.model.bits,
        n_documents=collection.n_documents,
        n_unaddressed=collection.n_documents - len(coded.addressed),
        n_skipped=len(collection.skipped),
        n_words=len(counted.lexicon),
        languages=languages_of(counted.languages),
        addresses_in_use=_different(coded.packed[coded.addressed]),
        model=msgspec.structs.replace(model.record, digest=model.digest, usual=coded.usual),
        drift=coded.drift,
        n_removed=len(collection.ledger.removed),
        files=draft.records(),
    )
    draft.publish(manifest)
    progress("write", 2, 2)
    return manifest


def _different(packed: NDArray[np.uint8]) -> int:
    return len(np.unique(packed, axis=0)) if len(packed) else 0


def _write_arrays(draft: Draft, counted: Counted, coded: Coded, bits: int) -> None:
    lexicon, counts = counted.lexicon, counted.counts
    terms = TermIndex.build(counts)
    arrays: dict[str, NDArray[Any]] = {
        "codes": coded.packed,
        "lexicon-letters": lexicon.letters,
        "lexicon-offsets": lexicon.offsets,
        "forms-letters": counted.forms.letters,
        "forms-offsets": counted.forms.offsets,
        "languages": counted.languages,
        "counts-indptr": counts.indptr,
        "counts-indices": counts.indices,
        "counts-data": counts.data,
        "document-frequency": terms.document_frequency,
        "norms": terms.norms,
    }
    if coded.marks is not None and coded.marks.any():
        arrays["later"] = coded.marks
    packed = coded.packed[coded.addressed]
    if bits <= MAX_TABLE_BITS:
        table = HammingTable.build(packed, bits, coded.addressed)
        arrays |= {"table-offsets": table.offsets, "table-rows": table.rows}
    for name, array in arrays.items():
        draft.save_array(f"{name}.npy", array)
    Postings.build(counts, counted.spellings).write(draft)
    binary_index = BinaryIndex.build(packed, bits, coded.addressed, default_kind(bits))
    binary_index.write(draft.folder / "faiss.index")


def now() -> str:
    """Give the time as manifests have it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
