"""Whether an index is whole: every file read, every digest compared, and the parts held against each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from semhash import codes
from semhash.analysis.settling import languages_of
from semhash.errors import IndexDamagedError, SemhashError
from semhash.hamming_table import HammingTable
from semhash.index import Index
from semhash.progress import Progress, silent
from semhash.ranking.postings import Postings
from semhash.store import IndexFolder
from semhash.store.manifest import MANIFEST
from semhash.store.places import resolve_index

__all__ = ["Finding", "verify_index"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes
    ----------
    name : str
        The file, or the relation, that was checked.
    problem : str or None
        What was expected and what was found; None when all is well.
    """

    name: str
    problem: str | None


def verify_index(path: str | Path | None = None, *, progress: Progress = silent) -> Iterator[Finding]:
    """Check an index in full: each file's size and digest, and if those are right, that the parts agree.

    Parameters
    ----------
    path : str or Path or None
        The index, as in `semhash.open_index`.
    progress : Progress
        Hears the bytes of stage ``verify``, then of the relations as ``check``.

    Yields
    ------
    Finding
        One for each file, then one for each relation between them.

    Raises
    ------
    IndexNotFoundError, IndexFormatError
        There is no index, or none that this version reads.
    """
    try:
        folder = IndexFolder.open(resolve_index(path), check_files=False)
    except IndexDamagedError as error:
        yield Finding(MANIFEST, str(error))
        return
    yield Finding(MANIFEST, None)
    whole = True
    for name, problem in folder.verify(progress):
        whole = whole and problem is None
        yield Finding(name, problem)
    if whole:
        with Index(folder) as index:
            yield from _relations(index, progress)


def _relations(index: Index, progress: Progress) -> Iterator[Finding]:
    checks: dict[str, Callable[[], str | None]] = {
        "catalogue is sound": partial(_catalogue, index),
        "catalogue holds every document": partial(_count, index),
        **({"model fits the vocabulary": partial(_model, index)} if index.has_model else {}),
        "addresses are the codes": partial(_addresses, index),
    }
    if Postings.are_in(index.folder):
        checks["postings are the counts"] = partial(_postings, index)
    checks["terms have forms, documents languages"] = partial(_words, index)
    for done, (name, check) in enumerate(checks.items()):
        progress("check", done, len(checks), name)
        try:
            with index.asking():
                found = check()
        except SemhashError as error:
            found = str(error)
        yield Finding(name, found)
    progress("check", len(checks), len(checks))


def _catalogue(index: Index) -> str | None:
    return index.catalogue.check()


def _count(index: Index) -> str | None:
    found = index.catalogue.count()
    return None if found == len(index) else f"expected {len(index)} documents, found {found}"


def _model(index: Index) -> str | None:
    found = index.encoder.bits
    return None if found == index.bits else f"expected a model of {index.bits} bits, found {found}"


def _addresses(index: Index) -> str | None:
    """Check the table in full, and that each document in it stands at the address that is its code."""
    table = index.lookup
    if not isinstance(table, HammingTable):
        expected = len(index) - index.manifest.n_unaddressed
        found = table.n_documents
        return None if found == expected else f"expected {expected} documents in faiss.index, found {found}"
    table.check()
    lengths = np.asarray(np.diff(table.offsets.astype(np.int64)), dtype=np.int64)
    addresses = np.repeat(np.arange(2**index.bits), lengths)
    wrong = np.flatnonzero(codes.addresses(index.codes, index.bits)[table.rows] != addresses)
    if not len(wrong):
        return None
    return f"expected every document at the address of its code, found {len(wrong)} elsewhere"


def _words(index: Index) -> str | None:
    """Read every term and what is shown of it, and count the documents of each language."""
    index.lexicon.check()
    index.forms.check()
    index.shown(range(len(index.lexicon)))
    found, expected = languages_of(index.language_numbers), index.manifest.languages
    return None if found == expected else f"expected documents in languages {expected}, found {found}"


def _postings(index: Index) -> None:
    """Hold the words' documents against the documents' words."""
    counts = index.term_index.counts
    counts.check()
    Postings.open(index.folder).check(counts)
