"""The folder of an evaluation: it appears when it is complete, or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from semhash.errors import EvaluationError
from semhash.store.disk import flush, folder_for
from semhash.store.writer_lock import lock_file

__all__ = ["DEFAULT_FOLDER", "RESULTS", "evaluation_folder"]

RESULTS = "results.json"
DEFAULT_FOLDER = "evaluations"
"""Where evaluations go unless somebody says otherwise, each under its corpus's name."""


@contextmanager
def evaluation_folder(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a folder to write into, which becomes `target` if the block ends well and is gone if it does not.

    Parameters
    ----------
    target : Path
    force : bool
        Replace an evaluation that stands there.

    Raises
    ------
    EvaluationError
        An evaluation stands at `target` and `force` is not given; what stands there is no evaluation; another
        process is writing it; or it cannot be written.
    """
    target = target.absolute()
    lock = target.parent / f".{target.name}.lock"
    try:
        _check_free(target, force)
        with (
            folder_for(target.parent),
            lock_file(lock, partial(_busy, target)),
            _staging(target) as staging,
        ):
            yield staging
            _check_free(target, force)
            _publish(staging, target)
    except OSError as error:
        raise EvaluationError(
            f"{target}: expected to write an evaluation there, found: {error.strerror or error}; look for room on "
            "the disk and for the right to write, or choose another place with --out DIR"
        ) from error


def _busy(target: Path, holder: str) -> EvaluationError:
    return EvaluationError(
        f"{target}: expected to be its only writer, found another semhash process at work on it{holder}; wait for "
        "it to end, or choose another place with --out DIR"
    )


def _check_free(target: Path, force: bool) -> None:
    if not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir())):
        return
    if not (target / RESULTS).is_file():
        raise EvaluationError(
            f"{target}: expected a free place or an evaluation, found other files, which are never overwritten; "
            "choose another place with --out DIR"
        )
    if not force:
        raise EvaluationError(
            f"{target}: expected a free place, found an evaluation; replace it with --force, or choose another "
            "place with --out DIR"
        )


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    _sweep(target)
    staging = target.parent / f"{_prefix(target)}{os.getpid()}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.partial-"


def _sweep(target: Path) -> None:
    """Remove what a killed writer left behind; the lock says that no writer is alive."""
    left = re.compile(re.escape(_prefix(target)) + "[0-9]+(-old)?")
    for folder in target.parent.iterdir():
        if left.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _publish(staging: Path, target: Path) -> None:
    """Put the folder into its place; what stood there comes back if that fails."""
    for file in staging.rglob("*"):
        flush(file)
    flush(staging)
    old = target.parent / f"{staging.name}-old"
    replaced = target.exists()
    if replaced:
        target.rename(old)
    try:
        staging.rename(target)
    except BaseException:
        if replaced:
            old.rename(target)
        raise
    flush(target.parent)
    if replaced:
        shutil.rmtree(old, ignore_errors=True)
