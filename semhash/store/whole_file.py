"""Files that appear whole or not at all, and that replace nothing unasked."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from semhash.errors import ConfigError

__all__ = ["check_free", "whole_file"]


def check_free(file: Path, *, force: bool = False) -> None:
    """Look whether a file can be written, before the work for it begins.

    Raises
    ------
    ConfigError
        A folder stands there; a file does and is not to be replaced; or there is no folder to write it to.
    """
    if file.is_dir() or (os.path.lexists(file) and not force):
        what = "a folder" if file.is_dir() else "one; replace it with --force, or choose another place"
        raise ConfigError(f"{file}: expected no file there, found {what}")
    if not file.parent.is_dir():
        raise ConfigError(
            f"{file}: expected a folder to write it to, found no {file.parent}; make it, or choose another place"
        )


@contextmanager
def whole_file(file: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Write a file beside its place, flush it to disk, and put it there in one step when the block ends.

    If the block fails, nothing is left. Without `force`, a file that came to stand there meanwhile is not replaced
    either.

    Raises
    ------
    ConfigError
        As `check_free`.
    OSError
        It cannot be written.
    """
    check_free(file, force=force)
    handle, staging = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    beside = Path(staging)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
        if not force:
            _claim(beside, file)
        beside.replace(file)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _claim(beside: Path, file: Path) -> None:
    """Give a file its name unless that is taken: a link never replaces, as a rename does."""
    try:
        os.link(beside, file)
    except FileExistsError:
        check_free(file)
        raise
    except OSError:  # a file system without links
        check_free(file)
