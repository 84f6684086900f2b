"""How an index appears all at once or not at all: a draft in a hidden folder, and one rename.

A new index is written beside its place and renamed in. To replace an index, a new generation is put beside
the old one and then the manifest is exchanged, in one rename. A crash at any moment leaves the old index, or
the new one; what else it leaves is hidden, and swept by the next writer.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from semhash.errors import IndexExistsError, IndexFolderError
from semhash.store.array_file import save_array
from semhash.store.disk import flush, folder_for
from semhash.store.manifest import (
    FORMAT,
    GENERATION,
    MANIFEST,
    FileRecord,
    Manifest,
    generation_name,
    sha256_of,
)
from semhash.store.writer_lock import writer_lock

__all__ = ["Draft", "draft_index", "unwritable"]

_MARK_WITHIN = 4096


class Draft:
    """A generation being written. Nothing of it can be seen until `publish`.

    Attributes
    ----------
    folder : Path
        Write the files here, with no sub-folders.
    generation : int
        The number that it will have.
    """

    def __init__(self, target: Path, staging: Path, generation: int) -> None:
        self._target = target
        self._staging = staging
        self.generation = generation
        self._subfolder = generation_name(generation)
        self.folder = staging / self._subfolder
        self.folder.mkdir(parents=True)

    def save_array(self, name: str, array: NDArray[Any]) -> None:
        """Write an array as .npy."""
        save_array(self.folder / name, array)

    def save_json(self, name: str, value: Any) -> None:
        """Write a JSON file."""
        (self.folder / name).write_bytes(msgspec.json.encode(value))

    def records(self) -> dict[str, FileRecord]:
        """Flush every file to disk, and give what the manifest says of each."""
        found = {}
        for file in sorted(self.folder.iterdir()):
            flush(file)
            path = f"{self._subfolder}/{file.name}"
            found[file.name] = FileRecord(path, file.stat().st_size, sha256_of(file))
        flush(self.folder)
        return found

    def tidy(self, generation: int) -> None:
        """Remove the generations that nobody has open any more, but for the one that stands."""
        _remove_generations(self._target, but=generation_name(generation))

    def publish(self, manifest: Manifest) -> None:
        """Make this generation the index, in one rename; what stood there before goes."""
        staged = self._staging / MANIFEST
        staged.write_bytes(manifest.encode())
        flush(staged)
        flush(self._staging)
        if self.generation == 1:
            self._staging.rename(self._target)
            with self._done():
                flush(self._target.parent)
            return
        final = self._target / self._subfolder
        try:
            self.folder.rename(final)
            flush(self._target)
            staged.replace(self._target / MANIFEST)
        except BaseException:
            if staged.exists():  # and so is not yet the manifest
                shutil.rmtree(final, ignore_errors=True)
            raise
        with self._done():
            flush(self._target)
            _remove_generations(self._target, but=self._subfolder)

    @contextmanager
    def _done(self) -> Iterator[None]:
        """Tell of what fails once the new index stands."""
        try:
            yield
        except OSError as error:
            raise IndexFolderError(
                f"{self._target}: expected the new index to be safe on the disk, found: {error.strerror or error}; "
                "it stands, but may not outlast a power cut; look after the disk, then index the corpus again with "
                "--force"
            ) from error


def _remove_generations(folder: Path, but: str) -> None:
    """Remove the generations that nobody has open; the others are left to the next writer."""
    for old in folder.glob(f"{GENERATION}*"):
        if old.name != but and not _is_held(old):
            shutil.rmtree(old, ignore_errors=True)


def _is_held(generation: Path) -> bool:
    """Say whether a reader holds a generation; one that comes later finds that the manifest has changed."""
    try:
        handle = os.open(generation, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # no folder of ours
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(handle)
    return False


@contextmanager
def draft_index(target: Path, *, force: bool = False) -> Iterator[Draft]:
    """Begin a new index, or with `force` a new generation of the one that stands there.

    The block writes into the draft and ends with `Draft.publish`. If it does not, or fails, all traces go.

    Raises
    ------
    IndexExistsError
        An index stands at `target` and `force` is not given, or what stands there is no index.
    IndexBusyError
        Another process is writing this index.
    IndexFolderError
        It cannot be written: no room, or no right to.
    """
    from safetensors import SafetensorError

    try:
        with folder_for(target.parent), writer_lock(target):
            _sweep(target)
            generation = _next_generation(target, force)
            staging = _staging_name(target)
            try:
                yield Draft(target, staging, generation)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        raise unwritable(target, error) from error


def unwritable(target: Path, error: Exception) -> IndexFolderError:
    """Say that an index could not be written, and why."""
    found = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return IndexFolderError(
        f"{target}: expected to write an index there, found: {found}; nothing was changed; look for room on the "
        "disk and for the right to write, and try again"
    )


def _next_generation(target: Path, force: bool) -> int:
    """Give the number of the generation to write: 1 where nothing stands."""
    here = list(target.iterdir()) if target.is_dir() else []
    if not here and (target.is_dir() or not os.path.lexists(target)):
        return 1
    if not _is_index(target, here):
        raise IndexExistsError(
            f"{target}: expected a free place or an index, found other files, which are never overwritten; "
            "choose another place with --out DIR"
        )
    if not force:
        raise IndexExistsError(
            f"{target}: expected a free place, found an index; replace it with --force, "
            "or choose another place with --out DIR; to bring it up to date: semhash update"
        )
    numbers = [f.name.removeprefix(GENERATION) for f in here if f.name.startswith(GENERATION)]
    return max((int(n) for n in numbers if n.isdecimal()), default=1) + 1


def _is_index(folder: Path, here: list[Path]) -> bool:
    """Say whether a folder's manifest is ours; or, where that is damaged, whether all that is in it is."""
    with suppress(OSError), (folder / MANIFEST).open("rb") as file:
        if f'"{FORMAT}"'.encode() in file.read(_MARK_WITHIN):
            return True
    return bool(here) and all(f.name == MANIFEST or f.name.startswith(GENERATION) for f in here)


def _staging_prefix(target: Path) -> str:
    return f".{target.name}.partial-"


def _staging_name(target: Path) -> Path:
    return target.parent / f"{_staging_prefix(target)}{os.getpid()}"


def _sweep(target: Path) -> None:
    """Remove what a killed writer left behind; the lock says that no writer is alive."""
    staging = re.compile(re.escape(_staging_prefix(target)) + "[0-9]+")
    for left in target.parent.iterdir():
        if staging.fullmatch(left.name):
            shutil.rmtree(left, ignore_errors=True)
