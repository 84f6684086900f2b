"""The pointers that git-lfs leaves in place of files that were not fetched."""

from pathlib import Path

__all__ = ["MAX_POINTER", "PULL", "pointer_in"]

MAX_POINTER = 1024
"""A pointer is shorter than this: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md."""

PULL = "git lfs pull"
"""What fetches the files."""

_START = b"version https://git-lfs.github.com/spec/"


def pointer_in(file: Path) -> str | None:
    """Say what is in a file's place when it is a pointer, None when it is none or cannot be read."""
    try:
        with file.open("rb") as stream:
            start = stream.read(len(_START))
    except OSError:
        return None
    return f"a git-lfs pointer: run {PULL}" if start == _START else None
