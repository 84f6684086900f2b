"""What a corpus reaches through symbolic links: the places that are watched beside its own folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["MOST", "linked"]

MOST = 64
"""Places at most: the system gives a user 128 such watches, unless it is told otherwise."""


def linked(roots: Sequence[Path]) -> list[Path]:
    """Find the folders and files that lie outside of some roots, but are reached from them.

    Parameters
    ----------
    roots : sequence of Path
        Folders and files.

    Returns
    -------
    list of Path
        At most `MOST`, without links in them: folders first, and none that lies in another. What begins with a dot is
        not followed, since it is not read.
    """
    inside = [Path(os.path.realpath(root)) for root in roots]
    found: list[Path] = []
    waiting = list(inside)
    while waiting:
        for place in _links(waiting.pop()):
            if not _is_below(place, [*inside, *found]):
                found.append(place)
                waiting.append(place)
    folders = [place for place in found if place.is_dir()]
    outermost = [place for place in folders if not _is_below(place.parent, folders)]
    files = [place for place in found if not _is_below(place, folders)]
    return [*sorted(outermost), *sorted(files)][:MOST]


def _links(folder: Path) -> Iterator[Path]:
    """Give what there is where the links in a folder and below it lead to; nothing for a file."""
    waiting = [str(folder)]
    while waiting:
        with (
            suppress(OSError),
            os.scandir(waiting.pop()) as entries,
        ):  # what cannot be listed is not read either
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    with suppress(OSError, RuntimeError):  # it leads nowhere, or to itself
                        yield Path(entry.path).resolve(strict=True)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _is_below(place: Path, folders: Sequence[Path]) -> bool:
    return any(place.is_relative_to(folder) for folder in folders)
