"""An index brought up to date: a new generation of it, in which everything that can be kept is kept.

Only files that are new or another than they were are read, and of what is in them, only texts that are new are
encoded, by the model that the index has. All else is worked out as for a new index, so that one is as good as the
other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from semhash.analysis.analyzer import AUTO, Analyzer
from semhash.building.collecting import collect
from semhash.building.collection import Collection
from semhash.building.generation import encode, publish, write_documents
from semhash.building.reading_plan import Plan
from semhash.building.standing import Standing
from semhash.catalogue import Catalogue
from semhash.catalogue.ledger import CORPUS, Ledger, Removed
from semhash.config import IndexConfig
from semhash.errors import CorpusError
from semhash.learned.model import LearnedModel
from semhash.living.report import UpdateReport
from semhash.pipeline import check_codes, learn, timed
from semhash.progress import Progress
from semhash.ranking.postings import Postings
from semhash.store.damage import damage_told
from semhash.store.draft import Draft, draft_index
from semhash.store.manifest import FORMAT_VERSION, Manifest, read_manifest
from semhash.store.places import resolve_index
from semhash.words.merging import Counted

__all__ = ["Wanted", "brought_up_to_date"]


@dataclass(frozen=True)
class Wanted:
    """What an update is to do.

    Attributes
    ----------
    plan : Plan
        What to read, and what to keep.
    removed : list of Removed
        Documents to leave out.
    retrain : bool
        Learn a new model; the plan then keeps nothing.
    emptied : bool
        Go on though nothing of the corpus is left.
    check : callable
        Refuses what is no good, once all was read.
    """

    plan: Plan
    removed: list[Removed]
    retrain: bool = False
    emptied: bool = False
    check: Callable[[Collection], None] = lambda _: None


def brought_up_to_date(
    index: str | Path | None,
    wanted: Callable[[Standing], Wanted],
    progress: Progress,
    *,
    dry_run: bool = False,
    older: bool = False,
) -> UpdateReport:
    """Write a new generation of an index, unless it would be the same as the one that stands.

    Parameters
    ----------
    index : str or Path or None
        The index, as in `semhash.open_index`.
    wanted : callable
        Says what to do, of the generation that stands.
    progress : Progress
        Hears how far each stage is.
    dry_run : bool
        Find out what is to be done, and do nothing of it.
    older : bool
        Take an index of an earlier format, too, since all of it is made anew.

    Raises
    ------
    IndexNotFoundError, IndexFormatError, IndexDamagedError, IndexBusyError
        There is no index, or none that can be read in full, or another process is writing it.
    CorpusError
        Nothing of the corpus is left; or there is too little to learn from, where that was asked for.
    """
    target = resolve_index(index)
    read_manifest(target, older=older)
    if dry_run:
        with TemporaryDirectory(prefix="semhash-") as folder, Standing.open(target, older=older) as standing:
            update = _Update(target, standing, wanted(standing), progress)
            with Catalogue.create(Path(folder) / "catalogue.sqlite") as catalogue:
                return update.report(update.read(catalogue), None)
    with draft_index(target.absolute(), force=True) as draft, Standing.open(target, older=older) as standing:
        return _Update(target, standing, wanted(standing), progress).write(draft)


class _Update:
    """One update of one index."""

    def __init__(self, target: Path, standing: Standing, wanted: Wanted, progress: Progress) -> None:
        self._target = target
        self._standing = standing
        self._wanted = wanted
        self._progress = progress
        self._config = _config_of(standing.manifest)
        self._model = LearnedModel.read(standing.index.folder)
        self._seconds: dict[str, float] = {}

    def write(self, draft: Draft) -> UpdateReport:
        with Catalogue.create(draft.folder / "catalogue.sqlite") as catalogue:
            collection = self.read(catalogue)
            if not self._wanted.retrain and is_the_same(collection, self._standing):
                draft.tidy(self._standing.manifest.generation)
                return self.report(collection, None)
            with timed(self._seconds, "train"):
                if self._wanted.retrain:
                    _, model, counted = learn(collection, catalogue, self._config, self._progress)
                else:
                    model, counted = self._model, self._merged(collection)
            with damage_told(self._target), timed(self._seconds, "encode"):
                coded = encode(collection, counted, model, self._progress, learned_now=self._wanted.retrain)
                if self._wanted.retrain:
                    check_codes(coded)
            with timed(self._seconds, "write"):
                history = self._standing.catalogue.file
                write_documents(catalogue, draft, collection, coded, self._config.training.seed, history)
        self._standing.close()  # held no longer, so that it goes
        with timed(self._seconds, "write"):
            manifest = publish(draft, collection, counted, coded, model, self._config, self._progress)
        return self.report(collection, manifest)

    def _merged(self, collection: Collection) -> Counted:
        with damage_told(self._target):
            return collection.counted(self._model.words)

    def read(self, catalogue: Catalogue) -> Collection:
        """Read what is to be read, and refuse an update that would leave nothing."""
        with timed(self._seconds, "read"):
            collection = collect(
                self._wanted.plan,
                catalogue,
                self._config,
                Analyzer(self._config.text.language, self._config.text.stop_words),
                standing=self._standing,
                reuse=not self._wanted.retrain,
                removed=self._wanted.removed,
                languages=None if self._wanted.retrain else self._model.languages,
                progress=self._progress,
            )
        if not self._wanted.emptied:
            _check_something_is_left(collection, self._standing)
        self._wanted.check(collection)
        return collection

    def report(self, collection: Collection, manifest: Manifest | None) -> UpdateReport:
        """Say what was found, and whether a new generation stands."""
        changes, stands = collection.changes, manifest or self._standing.manifest
        to_encode = int((collection.origins < 0).sum())
        return UpdateReport(
            new=changes.new,
            changed=changes.changed,
            moved=changes.moved,
            vanished=changes.vanished,
            removed=changes.removed,
            n_documents=collection.n_documents,
            n_encoded=to_encode,
            n_unaddressed=stands.n_unaddressed,
            n_skipped=len(collection.skipped),
            skipped=collection.skipped_by_reason(),
            remarks=collection.remarks(),
            guessed=collection.read_as(),
            generation=stands.generation,
            written=manifest is not None,
            retrained=manifest is not None and self._wanted.retrain,
            seconds={**self._seconds, "total": sum(self._seconds.values())},
            out=self._target,
            drift=stands.drift,
        )


def _config_of(manifest: Manifest) -> IndexConfig:
    """Give the configuration of an index; that of an earlier format in the terms of this one.

    Stop words said then what language the documents are in; English ones were left out unless another was named.
    """
    config = manifest.config
    if manifest.format_version == FORMAT_VERSION or config.text.stop_words == "none":
        return config
    named = AUTO if config.text.stop_words == "english" else config.text.stop_words
    text = msgspec.structs.replace(config.text, language=named, stop_words=AUTO)
    return msgspec.structs.replace(config, text=text)


def is_the_same(collection: Collection, standing: Standing) -> bool:
    """Say whether a collection is what stands, all that is derived from it included; times of files aside."""
    return (
        not collection.changes
        and Postings.are_in(standing.index.folder)  # an early version made none
        and standing.trusted
        and _bare(collection.ledger) == _bare(standing.ledger)
    )


def _bare(ledger: Ledger) -> tuple[object, ...]:
    files = [(file.root, file.path, file.first_row, file.n_documents) for file in ledger.files]
    return ledger.roots, files, ledger.removed, ledger.skipped


def _check_something_is_left(collection: Collection, standing: Standing) -> None:
    """Refuse to take a corpus for empty that is more likely out of reach."""
    before = standing.n_of_corpus
    if not before:
        return
    changes = collection.changes
    of_corpus = sum(file.n_documents for file in collection.ledger.files if file.root == CORPUS)
    if of_corpus and len(changes.vanished) < len(standing):
        return
    root = collection.ledger.roots[CORPUS]
    raise CorpusError(
        f"{root}: expected documents of the {before:,} that the index has from there, found none of them; nothing "
        "was changed; if a disk is not mounted, mount it; if the corpus is elsewhere, say where: semhash update "
        "CORPUS; if they are gone for good: semhash update --force"
    )
