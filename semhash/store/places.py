"""Where indexes are when nobody says: one folder of them, each under its corpus's name."""

import os
from pathlib import Path

from semhash.errors import IndexNotFoundError
from semhash.store.manifest import MANIFEST

__all__ = ["ENVIRONMENT_VARIABLE", "default_index", "find_indexes", "indexes_folder", "resolve_index"]

ENVIRONMENT_VARIABLE = "SEMHASH_INDEXES"


def indexes_folder() -> Path:
    """Give the folder of indexes: ``$SEMHASH_INDEXES``, or ``indexes`` in the working directory."""
    return Path(os.environ.get(ENVIRONMENT_VARIABLE) or "indexes")


def default_index(name: str) -> Path:
    """Give the place of the index of a corpus of that name."""
    return indexes_folder() / name


def find_indexes() -> list[Path]:
    """Give the indexes in the folder of indexes, by name; what is hidden is a draft."""
    found = indexes_folder().glob(f"*/{MANIFEST}")
    return sorted(file.parent for file in found if not file.parent.name.startswith("."))


def resolve_index(given: str | Path | None = None) -> Path:
    """Give the index that is meant: the one given by path or by name, or the only one there is.

    Raises
    ------
    IndexNotFoundError
        None is given, and there are none or several.
    """
    if given is not None:
        path = Path(given)
        named = default_index(str(given))
        # A corpus often lies beside the folder of indexes, under the name that its index has in there.
        return named if _is_index(named) and not _is_index(path) else path
    found = find_indexes()
    if len(found) == 1:
        return found[0]
    folder = indexes_folder()
    if not found:
        raise IndexNotFoundError(
            f"{folder}: expected an index, found none; make one with: semhash index CORPUS, "
            f"or name one with --index DIR (or set {ENVIRONMENT_VARIABLE})"
        )
    names = ", ".join(path.name for path in found)
    raise IndexNotFoundError(
        f"{folder}: expected one index, found {len(found)}: {names}; "
        f"choose one, such as --index {found[0].name}"
    )


def _is_index(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()
