"""Numbers that lead out of an array, taken for what they are: a file of the index was altered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from semhash.errors import IndexDamagedError, SemhashError

__all__ = ["damage_told"]


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Raise IndexDamagedError for what numpy raises where an index's numbers do not fit together.

    Parameters
    ----------
    path : Path
        The index folder.
    """
    try:
        # What comes of numbers that are none is looked at, so that nothing needs be said on the way.
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            yield
    except SemhashError:
        raise
    except (IndexError, ValueError, OverflowError, MemoryError) as error:
        raise IndexDamagedError(
            f"{path}: expected numbers that fit together, found: {error}; "
            "find the file that was altered with: semhash verify"
        ) from error
