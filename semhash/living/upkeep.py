"""What keeps an index current: an update from its corpus, documents added to it, documents taken out."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

from semhash.asking.close_ids import did_you_mean
from semhash.building.collection import Collection
from semhash.building.reading_plan import Doubt, Plan, Step, as_it_stands, plan
from semhash.building.removal import removed_from
from semhash.building.standing import Standing
from semhash.catalogue.ledger import CORPUS
from semhash.config import CorpusConfig
from semhash.corpus import Corpus, Skipped, SkipReason, open_corpus
from semhash.corpus.source import Found
from semhash.corpus.walk import shown
from semhash.errors import ConfigError, CorpusError, DocumentNotFoundError
from semhash.living.report import UpdateReport
from semhash.living.update import Wanted, brought_up_to_date
from semhash.progress import Progress, silent

__all__ = ["add_documents", "remove_documents", "update_index"]

_NAMED = 5


def update_index(
    index: str | Path | None = None,
    corpus: str | Path | None = None,
    *,
    dry_run: bool = False,
    retrain: bool = False,
    force: bool = False,
    check: bool | Doubt = False,
    progress: Progress = silent,
) -> UpdateReport:
    """Bring an index up to date with its corpus, and with what was added to it.

    Files whose size and time are the same are not read, unless `check` asks for it. Of the others, only texts that are
    new are encoded, by the model that the index has. The answers are those of an index made at once of all documents
    with that model.

    Parameters
    ----------
    index : str or Path or None
        The index, as in `semhash.open_index`.
    corpus : str or Path or None
        Where the corpus is now; None for where it was.
    dry_run : bool
        Find out what would be done, and change nothing.
    retrain : bool
        Read everything, and learn a new model with the configuration that the index was made with.
    force : bool
        Go on though the corpus is gone, or nothing that the index has of it is found again.
    check : bool or callable
        Compare the bytes of every file with those that were read, by their sha256: a copy or a restored file may
        have the size and the time of the one that it replaced. Or of those files of which this says True.
    progress : Progress
        Hears how far each stage is.

    Returns
    -------
    UpdateReport

    Raises
    ------
    CorpusError
        The corpus is gone, or nothing that the index has of it is found again; or, to retrain, it is too small.
    IndexNotFoundError, IndexFormatError, IndexDamagedError, IndexBusyError
        There is no index, or none that can be read in full, or another process is writing it.
    """
    doubt = check if callable(check) else (lambda _: check)

    def wanted(standing: Standing) -> Wanted:
        ledger = standing.ledger
        roots = [ledger.roots[CORPUS] if corpus is None else _resolved(corpus), *ledger.roots[1:]]
        corpora = _corpora(roots, standing, gone=force)
        made = plan(corpora, roots, None if retrain else ledger, trusted=standing.trusted, doubt=doubt)
        return Wanted(made, ledger.removed, retrain=retrain, emptied=force)

    return brought_up_to_date(index, wanted, progress, dry_run=dry_run, older=retrain)


def add_documents(
    paths: Sequence[str | Path], index: str | Path | None = None, *, progress: Progress = silent
) -> UpdateReport:
    """Add documents from files or folders outside the corpus; later updates follow them there.

    They are called by their whole paths. Of several, those that no document comes of are told in the report as skipped,
    and the others are added. What lies in the corpus is brought in by an update of all of it; documents
    that had been taken out come back.

    Parameters
    ----------
    paths : sequence of str or Path
        Files and folders.
    index : str or Path or None
        The index, as in `semhash.open_index`.
    progress : Progress
        Hears how far each stage is.

    Returns
    -------
    UpdateReport

    Raises
    ------
    ConfigError
        No path is given.
    CorpusError
        There is nothing at a path, or nothing at any of them that can be made a document of.
    IndexNotFoundError, IndexFormatError, IndexDamagedError, IndexBusyError
        There is no index, or none that can be read in full, or another process is writing it.
    """
    if not paths:
        raise ConfigError("paths: expected files or folders to add, found none")
    given = [_resolved(path) for path in paths]

    def wanted(standing: Standing) -> Wanted:
        return _Adding(standing, given).wanted()

    return brought_up_to_date(index, wanted, progress)


class _Adding:
    """How some paths are added to what stands."""

    def __init__(self, standing: Standing, given: Sequence[Path]) -> None:
        self._standing = standing
        self._ledger = standing.ledger
        self._config = standing.manifest.config.corpus
        self._given = given
        self._roots = list(standing.ledger.roots)
        self._anything_known = False

    def wanted(self) -> Wanted:
        known = [path for path in self._given if self._is_known(path)]
        self._roots += [path for path in dict.fromkeys(self._given) if path not in known]
        names = {self._name(path) for path in known} | {shown(str(path)) for path in self._given}
        removed = [record for record in self._ledger.removed if not _is_below(record.path, names)]
        back = {record.path for record in self._ledger.removed if _is_below(record.path, names)}
        self._anything_known = bool(known)
        made = self._plan(self._anything_known)
        for step in made.steps:
            if isinstance(step, Step) and step.found.name in back:
                step.action = "read"
        return Wanted(made, removed, emptied=True, check=self._check)

    def _plan(self, anything_known: bool) -> Plan:
        if anything_known or not self._ledger.files:
            corpora = _corpora(self._roots, self._standing)
            return plan(corpora, self._roots, self._ledger, trusted=self._standing.trusted)
        made = as_it_stands(self._ledger, [_nothing(root, self._config) for root in self._ledger.roots])
        for number in range(len(self._ledger.roots), len(self._roots)):
            made.roots.append(self._roots[number])
            made.add(number, open_corpus(self._roots[number], self._config, absolute=True), self._ledger)
        return made

    def _is_known(self, path: Path) -> bool:
        """Say whether a path is read anyway: it was added before, or the corpus lists it."""
        if any(path == root or root in path.parents for root in self._ledger.roots[1:]):
            return True
        root = self._ledger.roots[CORPUS]
        if path == root:
            return True
        if root not in path.parents:
            return False
        listed = open_corpus(root, self._config).entries
        return any(
            isinstance(e, Found) and (path == Path(e.path) or path in Path(e.path).parents) for e in listed
        )

    def _name(self, path: Path) -> str:
        """Give what a path is called by in the corpus."""
        root = self._ledger.roots[CORPUS]
        if path == root:
            return shown(path.name) if path.is_file() else ""
        return shown(str(path.relative_to(root))) if root in path.parents else shown(str(path))

    def _check(self, collection: Collection) -> None:
        """Refuse paths that no document came of; where one came of others, tell of them as of what was skipped."""
        ledger = collection.ledger
        fruitless: list[tuple[Path, list[Skipped]]] = []
        added = range(len(self._ledger.roots), len(self._roots))
        for number in added:
            files = [at for at, file in enumerate(ledger.files) if file.root == number]
            if not any(ledger.files[at].n_documents for at in files):
                told = [skipped for skipped, at in ledger.skipped if at in files]
                fruitless.append((self._roots[number], told))
        if fruitless and len(fruitless) == len(added) and not self._anything_known:
            root, told = fruitless[0]
            why = "; ".join(f"{s.path}: {s.reason}: {s.detail}" for s in told[:_NAMED]) or "no file to read"
            raise CorpusError(
                f"{shown(str(root))}: expected something to make a document of, found none ({why}); "
                "nothing was changed"
            )
        for root, told in fruitless:
            if not told:
                detail = "expected something to make a document of, found no file to read"
                ledger.skipped.append((Skipped(shown(str(root)), SkipReason.EMPTY, detail), None))


def remove_documents(
    ids: Sequence[str], index: str | Path | None = None, *, progress: Progress = silent
) -> UpdateReport:
    """Take documents out of an index, for good: no update brings them back, whatever becomes of their text.

    What brings them back is `add_documents` with their file.

    Parameters
    ----------
    ids : sequence of str
        Their ids.
    index : str or Path or None
        The index, as in `semhash.open_index`.
    progress : Progress
        Hears how far each stage is.

    Returns
    -------
    UpdateReport

    Raises
    ------
    ConfigError
        No id is given.
    DocumentNotFoundError
        The index holds no document of an id; nothing was changed.
    IndexNotFoundError, IndexFormatError, IndexDamagedError, IndexBusyError
        There is no index, or none that can be read in full, or another process is writing it.
    """
    if not ids:
        raise ConfigError("ids: expected documents to take out, found none")

    def wanted(standing: Standing) -> Wanted:
        ledger = standing.ledger
        rows: dict[int, str] = {}
        for document_id in ids:
            known = standing.find(document_id)
            if known is None:
                raise DocumentNotFoundError(_unknown(standing, document_id))
            rows[known.row] = document_id
        removed = [*ledger.removed, *removed_from(standing, rows)]
        standing.removing = frozenset(rows)
        if ledger.files:
            made = as_it_stands(ledger, [_nothing(r, standing.manifest.config.corpus) for r in ledger.roots])
        else:
            made = plan(_corpora(ledger.roots, standing), ledger.roots, ledger)
        return Wanted(made, removed, emptied=True)

    return brought_up_to_date(index, wanted, progress)


def _unknown(standing: Standing, document_id: str) -> str:
    removed = standing.ledger.removed_by_id.get(document_id)
    if removed is None:
        before, closest = "", did_you_mean(standing.catalogue.driver, document_id)
    else:
        root = standing.ledger.roots[CORPUS]
        file = shown(str(root if root.is_file() else root / removed.path))
        before, closest = f", which was taken out before; it comes back with: semhash add {quote(file)}", ""
    return (
        f"{standing.index.path}: expected the id of one of its {len(standing):,} documents, found {document_id!r}"
        f"{before}{closest}; nothing was changed; see the ids with: semhash list"
    )


def _is_below(path: str, names: Iterable[str]) -> bool:
    return any(not name or path == name or path.startswith(f"{name}/") for name in names)


def _resolved(path: str | Path) -> Path:
    """Give the whole path of something that is there."""
    try:
        return _open_root(path)
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise CorpusError(
            f"{shown(str(path))}: expected a folder or a file, found: {found}; check the path"
        ) from error


def _open_root(path: str | Path) -> Path:
    """Resolve a path; a NUL in it and a link that leads to itself are errors as of a path that is not there."""
    try:
        return Path(path).resolve(strict=True)
    except (RuntimeError, ValueError) as error:
        raise OSError(str(error)) from error


def _corpora(roots: Sequence[Path], standing: Standing, *, gone: bool = False) -> list[Corpus]:
    """List what is below each root; something added that is gone is empty, and so is a corpus that may be."""
    config = standing.manifest.config.corpus
    corpora = []
    for number, root in enumerate(roots):
        if root.exists():
            corpora.append(open_corpus(root, config, absolute=number != CORPUS))
        elif number != CORPUS or gone:
            corpora.append(_nothing(root, config))
        else:
            raise CorpusError(
                f"{shown(str(root))}: expected the corpus that {standing.index.path} was made from, found nothing "
                "there; nothing was changed; if a disk is not mounted, mount it; if the corpus is elsewhere, say "
                "where: semhash update CORPUS; if it is gone for good: semhash update --force"
            )
    return corpora


def _nothing(root: Path, config: CorpusConfig) -> Corpus:
    """Give a corpus in which nothing was listed, that reads what it is told to."""
    return Corpus(root, "", config, [])
