"""A report in its folder: it is written beside, and then its files take the places of the old ones."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from semhash.errors import EvaluationError
from semhash.evaluation.report.report import MARKDOWN, PAGE, PICTURES, write_report
from semhash.evaluation.results import Results

__all__ = ["replace_report"]

_DRAWN = {".svg", ".png"}


def replace_report(results: Sequence[Results], folder: Path, *, force: bool = True) -> None:
    """Write a report into a folder, which is made where it is missing; other files in it stay as they are.

    Each file is exchanged in one rename, when all of them are written: an error on the way changes nothing.

    Parameters
    ----------
    results : sequence of Results
    folder : Path
    force : bool
        Whether a report that stands there is replaced.

    Raises
    ------
    EvaluationError
        A report stands there and is not to be replaced; something else stands in its places; it cannot be written;
        or as `write_report`.
    """
    _check_place(folder, force)
    was_there = folder.exists()
    staging = folder / f".report.partial-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging.mkdir()
        write_report(results, staging)
        _exchange(staging, folder)
    except OSError as error:
        raise EvaluationError(
            f"{folder}: expected to write a report there, found: {error.strerror or error}; look for room on the disk "
            "and for the right to write, or choose another place with --out DIR"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not was_there:
            with suppress(OSError):  # what is not empty is left alone
                folder.rmdir()


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
    """Put the new files in their places: pictures first, since the others show them."""
    pictures = folder / PICTURES
    if pictures.exists():
        pictures.rename(staging / f"old-{PICTURES}")
    (staging / PICTURES).rename(pictures)
    for name in (MARKDOWN, PAGE):
        (staging / name).replace(folder / name)
