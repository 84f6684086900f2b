"""A report in its folder: it is written beside, and then its files take the places of the old ones."""

import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from semhash.errors import EvaluationError
from semhash.evaluation.report.report import MARKDOWN, PAGE, PICTURES, write_report
from semhash.evaluation.results import Results
from semhash.store.disk import flush, folder_for
from semhash.store.writer_lock import lock_file

__all__ = ["replace_report"]

_DRAWN = {".svg", ".png"}
_STAGING, _LOCK = ".report.partial", ".report.lock"


def replace_report(results: Sequence[Results], folder: Path, *, force: bool = True) -> None:
    """Write a report into a folder, which is made where it is missing; other files in it stay as they are.

    Files are exchanged when all of them are written: an error on the way changes nothing.

    Parameters
    ----------
    results : sequence of Results
    folder : Path
    force : bool
        Whether a report that stands there is replaced.

    Raises
    ------
    EvaluationError
        A report stands there and is not to be replaced; something else stands in its places; another process is
        writing it; it cannot be written; or as `write_report`.
    """
    try:
        _check_place(folder, force)
        with folder_for(folder), lock_file(folder / _LOCK, partial(_busy, folder)):
            _check_place(folder, force)
            staging = folder / _STAGING
            shutil.rmtree(staging, ignore_errors=True)  # left behind by a killed writer: the lock is ours
            try:
                staging.mkdir()
                write_report(results, staging)
                _exchange(staging, folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise EvaluationError(
            f"{folder}: expected to write a report there, found: {error.strerror or error}; look for room on the disk "
            "and for the right to write, or choose another place with --out DIR"
        ) from error


def _busy(folder: Path, holder: str) -> EvaluationError:
    return EvaluationError(
        f"{folder}: expected to be its only writer, found another semhash process that draws a report there{holder}; "
        "wait for it to end, or choose another place with --out DIR"
    )


def _check_place(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise EvaluationError(
            f"{folder}: expected a folder, found a file; choose another place with --out DIR"
        )
    there = [name for name in (PAGE, MARKDOWN, PICTURES) if os.path.lexists(folder / name)]
    if there and not force:
        raise EvaluationError(
            f"{folder}: expected no report there, found {', '.join(there)}; replace it with --force, or choose another "
            "place with --out DIR"
        )
    for name in there:
        if not _is_ours(folder / name):
            raise EvaluationError(
                f"{folder / name}: expected a report's, found something else, which is never overwritten; choose "
                "another place with --out DIR"
            )


def _is_ours(path: Path) -> bool:
    """Say whether something at a report's place could be a report's: a file, or a folder of pictures alone."""
    if path.name != PICTURES:
        return path.is_file() and not path.is_symlink()
    return path.is_dir() and not path.is_symlink() and all(file.suffix in _DRAWN for file in path.iterdir())


def _exchange(staging: Path, folder: Path) -> None:
    """Put the new files in their places, flushed to disk; what stood there comes back if that fails."""
    for file in staging.rglob("*"):
        flush(file)
    old = staging / "old"
    old.mkdir()
    names = (PICTURES, MARKDOWN, PAGE)
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).rename(old / name)
            (staging / name).rename(folder / name)
    except BaseException:
        for name in names:
            if (old / name).exists():
                _remove(folder / name)
                (old / name).rename(folder / name)
        raise
    flush(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
