"""An index of a corpus whose codes were made elsewhere.

It has everything that an index has but a model: documents are read and counted as for any other, and stand at the
addresses that their codes are. Nothing encodes a text, so texts are answered by their words alone; documents are
asked by as ever.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semhash import codes
from semhash.analysis.analyzer import Analyzer
from semhash.building.collecting import collect
from semhash.building.collection import Collection
from semhash.building.generation import Coded, now, publish, write_documents
from semhash.building.reading_plan import plan
from semhash.catalogue import Catalogue
from semhash.config import IndexConfig
from semhash.corpus import open_corpus
from semhash.corpus.document import ReadAs
from semhash.errors import ConfigError
from semhash.exchange.given_codes import GivenCodes
from semhash.progress import Progress, silent
from semhash.store.draft import Draft, draft_index
from semhash.store.manifest import ModelRecord, Source
from semhash.store.places import default_index
from semhash.words.merging import Counted

__all__ = ["ImportReport", "import_codes"]

_NAMED = 3


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import.

    Attributes
    ----------
    n_documents : int
        Documents in the index.
    n_unaddressed : int
        Those of them that no code was given for: in the catalogue, but at no address.
    n_strangers : int
        Codes of documents that the corpus does not hold; they are left out.
    n_skipped : int
        Files and rows that did not become a document.
    skipped : dict of str to int
        How many of them for which reason.
    guessed : list of ReadAs
        How files were made text whose encoding was guessed, or which could not be read in full, the least sure first.
    bits : int
        Width of the codes.
    addresses_in_use : int
        Different codes.
    out : Path
        The index folder.
    """

    n_documents: int
    n_unaddressed: int
    n_strangers: int
    n_skipped: int
    skipped: dict[str, int]
    guessed: list[ReadAs]
    bits: int
    addresses_in_use: int
    out: Path


@dataclass(frozen=True)
class _Source:
    """What stands where the model of another index would."""

    record: ModelRecord
    digest: str
    stop_words: list[str]

    def write(self, draft: Draft) -> None:
        """Write down that no word is encoded, and which are not counted."""
        draft.save_json("vocabulary.json", {"words": [], "stop_words": self.stop_words})


def import_codes(
    corpus: str | Path,
    given: GivenCodes,
    out: str | Path | None = None,
    config: IndexConfig | None = None,
    *,
    force: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Read a corpus, and write an index of it whose addresses are codes made elsewhere.

    Parameters
    ----------
    corpus : str or Path
        A folder of documents, or one file.
    given : GivenCodes
        Codes by the ids that documents have in the corpus; see `semhash.exchange.given_codes.read_codes`.
    out : str or Path or None
        The index folder to write; None for the corpus's name in the folder of indexes.
    config : IndexConfig or None
        How the corpus is read and counted, and whether texts are stored; nothing else of it is asked for.
    force : bool
        Replace an index that stands at `out`.
    progress : Progress
        Hears how far each stage is.

    Returns
    -------
    ImportReport

    Raises
    ------
    CorpusError
        There is no such corpus.
    ConfigError
        None of the codes is of a document of the corpus.
    IndexExistsError, IndexBusyError
        The place of the index is not free.
    """
    config = _of_width(config or IndexConfig(), given.bits)
    opened = open_corpus(corpus, config.corpus)
    target = Path(out) if out is not None else default_index(opened.name)
    analyzer = Analyzer(config.text.language, config.text.stop_words)
    with draft_index(target.absolute(), force=force) as draft:
        with Catalogue.create(draft.folder / "catalogue.sqlite") as catalogue:
            collection = collect(
                plan([opened], [opened.root]), catalogue, config, analyzer, progress=progress
            )
            counted = collection.counted()
            with Catalogue.open(catalogue.file) as written:
                ids = [head.id for head in written.heads()]
            coded, n_strangers = _coded(given, ids, counted, str(opened.root))
            write_documents(catalogue, draft, collection, coded, config.training.seed)
        source = _source(coded, collection, counted.stop_words(), given.source)
        manifest = publish(draft, collection, counted, coded, source, config, progress)
    return ImportReport(
        n_documents=manifest.n_documents,
        n_unaddressed=manifest.n_unaddressed,
        n_strangers=n_strangers,
        n_skipped=manifest.n_skipped,
        skipped=collection.skipped_by_reason(),
        guessed=collection.read_as(),
        bits=manifest.bits,
        addresses_in_use=manifest.addresses_in_use,
        out=target,
    )


def _of_width(config: IndexConfig, bits: int) -> IndexConfig:
    made_with = config.to_json()
    return IndexConfig.from_json(made_with | {"model": made_with["model"] | {"bits": bits}})


def _coded(given: GivenCodes, ids: list[str], counted: Counted, corpus: str) -> tuple[Coded, int]:
    """Give the code of every document that has one; count the codes of others.

    A document with a code counts as one whose words are known, all of them: it has an address.
    """
    row_of = {name: row for row, name in enumerate(ids)}
    found = [(row_of[name], place) for place, name in enumerate(given.ids) if name in row_of]
    if not found:
        raise ConfigError(
            f"{corpus}: expected documents that codes are given for, found none of {len(given.ids):,} ids, such as "
            f"{_some(given.ids)}, among its {len(ids):,}, such as {_some(ids)}; give codes by the ids that "
            "documents have in the corpus"
        )
    rows, places = np.array(found, dtype=np.int64).T
    packed = np.zeros((len(ids), codes.n_bytes(given.bits)), dtype=np.uint8)
    packed[rows] = given.packed[places]
    counts = counted.counts
    n_words = np.bincount(counts.owners(), weights=counts.data, minlength=len(counts)).astype(np.int64)
    known = np.zeros(len(ids), dtype=np.int64)
    known[rows] = np.maximum(1, n_words[rows])
    return Coded(packed, known), len(given.ids) - len(found)


def _some(ids: Sequence[str]) -> str:
    return ", ".join(map(repr, list(ids)[:_NAMED])) or "none"


def _source(coded: Coded, collection: Collection, without: list[str], source: Source | None) -> _Source:
    """Say where the codes come from, for the manifest."""
    digest = hashlib.sha256(np.ascontiguousarray(coded.packed).data).hexdigest()
    record = ModelRecord(
        digest=digest, created=now(), n_documents=collection.n_documents, kind="imported", source=source
    )
    return _Source(record, digest, without)
