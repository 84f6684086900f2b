"""What a writer asks of the disk beside files: that they are there to stay, and that no folder stays for nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["flush", "folder_for"]


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk.

    Raises
    ------
    OSError
        It cannot be.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def folder_for(place: Path) -> Iterator[None]:
    """Make a folder with those above it, as far as they are missing; those still empty when the block ends go again.

    Raises
    ------
    OSError
        It cannot be made.
    """
    missing: list[Path] = []
    try:
        missing += [folder for folder in (place, *place.parents) if not folder.exists()]
        place.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for folder in missing:  # deepest first; rmdir leaves alone what is not empty
            with suppress(OSError):
                folder.rmdir()
