"""One pass over a corpus: its documents into the catalogue, its words into counts; what is known is not read again."""

import hashlib
from array import array
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np

from semhash.analysis.analyzer import Analyzer
from semhash.building.changes import Changes, Comparison
from semhash.building.collection import Collection
from semhash.building.reading_plan import Plan, Step
from semhash.building.removal import Removal
from semhash.building.standing import Standing
from semhash.catalogue import Catalogue
from semhash.catalogue.copying import Run
from semhash.catalogue.ledger import Ledger, Removed, SourceFile
from semhash.codes import n_bytes
from semhash.config import IndexConfig
from semhash.corpus import Document, Skipped, SkipReason
from semhash.corpus.corpus import Corpus
from semhash.corpus.deciding import decided
from semhash.corpus.identity import Identities, key_of, once_more, whole_id
from semhash.corpus.looking import look_at
from semhash.corpus.source import Skip
from semhash.corpus.stamp import Stamp
from semhash.progress import Progress, silent
from semhash.reading.here import FileReader, ReadDocument
from semhash.reading.readers import Readers
from semhash.words.counting import CountsBuilder

__all__ = ["collect"]

_BATCH = 1000
_PASSING = "missing extra"


def collect(
    plan: Plan,
    catalogue: Catalogue,
    config: IndexConfig,
    analyzer: Analyzer,
    *,
    standing: Standing | None = None,
    reuse: bool = True,
    removed: Iterable[Removed] = (),
    languages: Mapping[str, int] | None = None,
    progress: Progress = silent,
) -> Collection:
    """Stream what is to be read into a catalogue, and count its words as they go by.

    Parameters
    ----------
    plan : Plan
        What to read, and what to keep.
    catalogue : Catalogue
        Empty, and open for writing.
    config : IndexConfig
        Whether texts are stored.
    analyzer : Analyzer
        Makes terms of words.
    standing : Standing or None
        The generation that stands, to hold against, and to keep from.
    reuse : bool
        Keep counts and codes of texts that it has; False with a plan that keeps nothing.
    removed : iterable of Removed
        Documents to leave out.
    languages : mapping of str to int, or None
        Those that the model was learned from; None to find out which there are, where one is to be learned.
    progress : Progress
        Hears the bytes of stage ``read``.
    """
    collector = _Collector(plan, catalogue, config, analyzer, standing, reuse, removed, languages, progress)
    return collector.run()


class _Collector:
    """The pass itself."""

    def __init__(  # noqa: PLR0917, made in one place only
        self,
        plan: Plan,
        catalogue: Catalogue,
        config: IndexConfig,
        analyzer: Analyzer,
        standing: Standing | None,
        reuse: bool,
        removed: Iterable[Removed],
        languages: Mapping[str, int] | None,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._catalogue = catalogue
        self._config = config
        self._standing = standing
        self._comparison = None if standing is None else Comparison(standing, plan.vanished)
        self._reuse = reuse
        self._progress = progress
        self._builder = CountsBuilder(analyzer, languages)
        self._guess = analyzer.fixed is None
        self._code_bytes = n_bytes(config.model.bits)
        self._total = plan.bytes_to_read
        steps = enumerate(plan.steps)
        self._places = {step.found.name: place for place, step in steps if isinstance(step, Step)}
        self._identities = Identities(self._is_reserved)
        self._removal = Removal(removed, standing, self._step_of)
        self._ids_ahead: dict[int, set[bytes]] = {}
        self._digest = hashlib.sha256()
        self._origins = array("q")
        self._copied: list[Run] = []
        self._files: list[SourceFile] = []
        self._skipped: list[tuple[Skipped, int | None]] = []
        self._batch: list[tuple[Document, bytes]] = []
        self._read = 0

    def run(self) -> Collection:
        self._decide()
        with Readers(self._plan.files_to_read(), self._builder.numbers, self._guess) as readers:
            for place, step in enumerate(self._plan.steps):
                if isinstance(step, Skipped):
                    self._skipped.append((step, None))
                elif step.action == "keep":
                    self._keep(step)
                elif step.action == "look" and (stamp := self._same(step)) is not None:
                    step.action = "keep"
                    self._keep(step, stamp)
                    self._read += step.found.size
                else:
                    self._read_file(place, step, readers.of(place, step.corpus))
            self._write()
        self._progress("read", self._total, self._total, self._remark)
        return Collection(
            ledger=Ledger(self._plan.roots, self._files, self._removal.records, self._skipped),
            digest=self._digest.hexdigest(),
            origins=np.array(self._origins, dtype=np.int64),
            copied=self._copied,
            new=self._builder.finish(),
            standing=self._standing if self._reuse else None,
            changes=Changes() if self._comparison is None else self._comparison.finish(),
        )

    def _decide(self) -> None:
        """Decide how each file that may be read is encoded, with regard to those that are kept."""
        steps = [step for step in self._plan.steps if isinstance(step, Step)]
        kept = (self._old(step).read_as for step in steps if step.action == "keep")
        others = [
            (k.path, k.encoding, k.confidence) for k in kept if k is not None and k.confidence is not None
        ]
        reading = [step for step in steps if step.action != "keep"]
        for step, found in zip(
            reading, decided([s.found for s in reading], self._config.corpus, others), strict=True
        ):
            step.found = found

    @property
    def _remark(self) -> str:
        return f"{len(self._origins)} documents"

    def _told(self, done: int) -> None:
        self._progress("read", min(self._read + done, self._total), self._total, self._remark)

    # -- keeping ------------------------------------------------------------------------------------------

    def _same(self, step: Step) -> Stamp | None:
        """Look at a file whose time is another; give its state if its bytes are the same."""
        stamp = None
        with suppress(OSError, Skip):
            stamp = look_at(step.found)
        same = stamp is not None and stamp.digest is not None and stamp.digest == self._old(step).digest
        return stamp if same else None

    def _old(self, step: Step) -> SourceFile:
        assert self._standing is not None
        assert step.number is not None
        return self._standing.ledger.files[step.number]

    def _keep(self, step: Step, stamp: Stamp | None = None) -> None:
        standing, old = self._standing, self._old(step)
        assert standing is not None
        assert step.number is not None
        first_row = len(self._origins)
        for first, stop in standing.kept_rows(old):
            self._keep_rows(standing, first, stop)
        # What another version read is read again with the next update, though nothing was looked at now.
        mtime_ns = old.mtime_ns if stamp is None else stamp.mtime_ns
        self._files.append(
            replace(
                old,
                mtime_ns=mtime_ns if standing.trusted else None,
                digest=old.digest if standing.trusted else None,
                first_row=first_row,
                n_documents=len(self._origins) - first_row,
            )
        )
        number = len(self._files) - 1
        self._skipped += [(s, number) for s in standing.ledger.skipped_by_file.get(step.number, ())]

    def _keep_rows(self, standing: Standing, first: int, stop: int) -> None:
        self._write()
        new = len(self._origins)
        for document_id, digest in standing.heads(first, stop):
            self._digest.update(hashlib.sha256(document_id.encode()).digest() + digest)
        self._origins.extend(range(first, stop))
        if self._comparison is not None:
            self._comparison.keep(first, stop)
        if self._copied:
            before, end, began = self._copied[-1]
            if end == first and began + end - before == new:
                self._copied[-1] = (before, stop, began)
                return
        self._copied.append((first, stop, new))

    # -- reading ------------------------------------------------------------------------------------------

    def _read_file(self, place: int, step: Step, reader: FileReader) -> None:
        first_row, n_skipped, number = len(self._origins), len(self._skipped), len(self._files)
        step.action = "read"
        self._removal.begin(step.found)
        for item in reader.read(step.found):
            if isinstance(item, Skipped):
                self._skipped.append((item, number))
            else:
                self._take(item, place, step.found.name, number)
            if len(self._batch) == _BATCH:
                self._write()
                self._told(reader.position)
        remark = self._identities.remark(step.found.name)
        if remark is not None:
            self._skipped.append((remark, number))
        stamp = reader.stamp or Stamp(step.found.size, None, None)
        lasting = all(_lasts(s, stamp) for s, _ in self._skipped[n_skipped:])
        self._files.append(
            SourceFile(
                root=step.root,
                path=step.found.name,
                size=stamp.size,
                mtime_ns=stamp.mtime_ns if lasting else None,
                digest=stamp.digest if lasting else None,
                first_row=first_row,
                n_documents=len(self._origins) - first_row,
                read_as=reader.read_as,
            )
        )
        self._read += step.found.size

    def _take(self, read: ReadDocument, place: int, file: str, number: int) -> None:
        """Take one document that was read, unless its id was met before or it was taken out by hand."""
        document = self._identities.named(read.document, place)
        if document is None:
            self._skipped.append((once_more(read.document.id, read.where), number))
            return
        digest = hashlib.sha256(document.text.encode()).digest()
        if self._removal.takes_out(document, digest):
            return
        self._digest.update(hashlib.sha256(document.id.encode()).digest() + digest)
        origin = -1 if self._comparison is None else self._comparison.read(document, digest, file)
        if not self._reuse or origin < 0:
            origin = -1
            self._count(read)
        self._origins.append(origin)
        self._batch.append((document, digest))

    def _count(self, read: ReadDocument) -> None:
        if read.numbers is None:
            self._builder.add(read.document.counted)
        else:
            self._builder.add_numbered(read.numbers, read.guess, read.document.counted)

    def _step_of(self, path: str) -> Step | None:
        """Return what is to be done with the file of a path."""
        step = self._plan.steps[self._places[path]] if path in self._places else None
        return step if isinstance(step, Step) else None

    def _is_reserved(self, own: str, path: str, place: int) -> bool:
        """Say whether an id is another file's, or was when its own file was read last: names stay as they are.

        Asked only of ids that no file had that was read so far.
        """
        if self._standing is None or not self._standing.ledger.files:
            return False
        at = self._place_of(own)
        if at == place:
            return False
        if at is not None and self._still_has(at, own, place):
            return True
        return self._place_of(f"{path}#{own}") == place

    def _place_of(self, document_id: str) -> int | None:
        """Return the place of the file that has a document of an id, or passages of it, in what stands."""
        assert self._standing is not None
        holder = self._standing.holder(document_id)
        if holder is None and self._config.corpus.passages:
            holder = self._standing.holder(f"{document_id}#1")
        return None if holder is None else self._places.get(self._standing.ledger.files[holder].path)

    def _still_has(self, at: int, own: str, place: int) -> bool:
        """Say whether a file, kept or yet to be read, still has a document of an id."""
        step = self._plan.steps[at]
        assert isinstance(step, Step)
        if step.action == "keep":
            return True
        if at < place:  # it was read, and had it no more
            return False
        if at not in self._ids_ahead:
            corpus = Corpus(step.corpus.root, "", step.corpus.config, [])
            items = corpus.read(step.found)
            self._ids_ahead[at] = {key_of(whole_id(item)) for item in items if isinstance(item, Document)}
        return key_of(own) in self._ids_ahead[at]

    def _write(self) -> None:
        """Write what waits to be written."""
        if self._batch:
            first = len(self._origins) - len(self._batch)
            self._catalogue.add_documents(first, self._batch, self._config.store_text, self._code_bytes)
            self._batch.clear()


def _lasts(skipped: Skipped, stamp: Stamp) -> bool:
    """Say whether what stood in the way is in the file's bytes, and not in the right to read them or in what reads."""
    return skipped.reason != _PASSING and (
        stamp.digest is not None or skipped.reason != SkipReason.UNREADABLE
    )
