"""From a corpus to an index: the only place where all the parts meet."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from semhash.analysis.analyzer import Analyzer
from semhash.analysis.settling import languages_of
from semhash.building.collecting import collect
from semhash.building.collection import Collection, check_enough, check_nothing_failed
from semhash.building.generation import Coded, encode, now, publish, write_documents
from semhash.building.reading_plan import plan
from semhash.catalogue import Catalogue
from semhash.config import IndexConfig
from semhash.corpus import open_corpus
from semhash.corpus.document import ReadAs
from semhash.errors import CorpusError, TrainingError
from semhash.learned.model import LearnedModel
from semhash.learned.novelty import NoveltyScale
from semhash.progress import Progress, silent
from semhash.store import IndexFolder
from semhash.store.draft import draft_index
from semhash.store.manifest import ModelRecord
from semhash.store.places import default_index, resolve_index
from semhash.vocabulary import Counts
from semhash.words.merging import Counted

if TYPE_CHECKING:
    from semhash.autoencoder.training import TrainedModel

__all__ = ["BuildReport", "build_index", "check_codes", "learn", "timed"]


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
    remarks : dict of str to int
        How many files something is to be said of though nothing was left out, by what it is: ``semhash list --skipped``
        has them too.
    guessed : list of ReadAs
        How files were made text whose encoding was guessed, or which could not be read in full, the least sure first.
    bits : int
        Width of the codes.
    addresses_in_use : int
        Different codes among the addressed documents.
    epochs : int
        Passes over the training documents, whose best weights were kept; 0 for a model of another index.
    stopped : {"finished", "early", "interrupted"}
        Why training ended: all epochs were done; the loss on the documents held out fell no more; or Ctrl-C.
    languages : dict of str to int
        How many documents are taken to be in which language, most first.
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
    remarks: dict[str, int]
    guessed: list[ReadAs]
    bits: int
    addresses_in_use: int
    epochs: int
    stopped: Literal["finished", "early", "interrupted"]
    languages: dict[str, int]
    dead_bits: int
    seconds: dict[str, float]
    out: Path


def build_index(
    corpus: str | Path,
    out: str | Path | None = None,
    config: IndexConfig | None = None,
    *,
    model: str | Path | None = None,
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
    model : str or Path or None
        Another index, whose model is taken instead of learning one. Of `config`, only how the corpus is read and
        whether texts are stored is then asked for; None for as there.
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
    given = None if model is None else _read_model(model)
    config = (config or IndexConfig()) if given is None else _with_model(given, config)
    _check_device(config)
    opened = open_corpus(corpus, config.corpus)
    target = Path(out) if out is not None else default_index(opened.name)
    seconds: dict[str, float] = {}
    with draft_index(target.absolute(), force=force) as draft:
        with Catalogue.create(draft.folder / "catalogue.sqlite") as catalogue:
            with timed(seconds, "read"):
                analyzer = Analyzer(config.text.language, config.text.stop_words)
                collection = collect(
                    plan([opened], [opened.root]),
                    catalogue,
                    config,
                    analyzer,
                    languages=None if given is None else given.languages,
                    progress=progress,
                )
                if strict:
                    check_nothing_failed(collection)
            with timed(seconds, "train"):
                if given is None:
                    trained, learned, counted = learn(collection, catalogue, config, progress)
                else:
                    trained, learned, counted = None, given, collection.counted(given.words)
            with timed(seconds, "encode"):
                coded = encode(collection, counted, learned, progress, learned_now=given is None)
                if given is None:
                    check_codes(coded)
            with timed(seconds, "write"):
                write_documents(catalogue, draft, collection, coded, config.training.seed)
        with timed(seconds, "write"):
            manifest = publish(draft, collection, counted, coded, learned, config, progress)
    return BuildReport(
        n_documents=manifest.n_documents,
        n_unaddressed=manifest.n_unaddressed,
        n_skipped=manifest.n_skipped,
        skipped=collection.skipped_by_reason(),
        remarks=collection.remarks(),
        guessed=collection.read_as(),
        bits=manifest.bits,
        addresses_in_use=manifest.addresses_in_use,
        epochs=0 if trained is None else len(trained.losses),
        stopped="finished" if trained is None else trained.stopped,
        languages=manifest.languages,
        dead_bits=0 if trained is None else trained.dead_bits,
        seconds={**seconds, "total": sum(seconds.values())},
        out=target,
    )


def _read_model(index: str | Path) -> LearnedModel:
    folder = IndexFolder.open(resolve_index(index))
    try:
        return LearnedModel.read(folder)
    finally:
        folder.close()


def _with_model(given: LearnedModel, config: IndexConfig | None) -> IndexConfig:
    """Give the configuration of an index that takes its model from another one."""
    if config is None:
        return given.config
    return msgspec.structs.replace(given.config, corpus=config.corpus, store_text=config.store_text)


def _check_device(config: IndexConfig) -> None:
    """Look for a device that is asked for by name before the corpus is read."""
    if config.training.device == "cuda":
        from semhash.autoencoder.machine import choose_device

        choose_device(config.training.device)


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add up the seconds that a stage takes."""
    start = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start


def learn(
    collection: Collection, catalogue: Catalogue, config: IndexConfig, progress: Progress
) -> "tuple[TrainedModel, LearnedModel, Counted]":
    """Learn a model from a collection, all of which was read.

    Raises
    ------
    CorpusError
        There are too few documents with words in them, or no labels where supervision asks for them.
    TrainingError
        Training came to nothing.
    """
    check_enough(collection, config)
    counted = collection.counted()
    lexicon, kept = counted.lexicon, counted.content()
    counts = counted.counts.columns(kept)
    trained = _learn(counts, config, progress, _labels(catalogue.file, config))
    terms = trained.terms
    model = LearnedModel(
        config=config,
        words=[lexicon.word(term) for term in kept[terms].tolist()],
        stop_words=counted.stop_words(),
        languages=languages_of(counted.languages),
        tensors=trained.tensors,
        novelty=None,
        record=ModelRecord(digest="", created=now(), n_documents=len(counts)),
    )
    scale = NoveltyScale.learn(model.encoder, model.decoder, counts, terms, config.training.seed)
    return trained, replace(model, novelty=scale), counted


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
    counts: Counts, config: IndexConfig, progress: Progress, labels: list[tuple[str, ...]] | None
) -> "TrainedModel":
    # Loaded here, so that a missing corpus is told of before torch has taken its second to load.
    from semhash.autoencoder.training import learn

    return learn(counts, config, progress, labels=labels)


def check_codes(coded: Coded) -> None:
    """Refuse codes that tell no document from another."""
    addressed = coded.packed[coded.addressed]
    if (addressed == addressed[0]).all():
        raise TrainingError(
            f"training: expected documents at many addresses, found all {len(addressed)} at one; nothing was "
            "written; try another --seed, or more documents"
        )
