"""The index folder as its readers see it: the manifest, and the files that it names, checked before they are used.

An index is a folder with a ``manifest.json`` that names every file, and one sub-folder a generation that
holds them. Who has an index open holds its generation: no writer removes it until it is let go.
"""

import fcntl
import os
import stat
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from semhash.errors import IndexClosedError, IndexDamagedError
from semhash.progress import Progress, silent
from semhash.store.array_file import map_array
from semhash.store.manifest import MANIFEST, Manifest, generation_name, read_manifest, sha256_of
from semhash.store.pointer import MAX_POINTER, PULL, pointer_in

__all__ = ["IndexFolder"]

# Digests that are compared at every opening: of the smallest files, so many bytes in all (some 20 ms).
_CHEAP_BYTES = 16_000_000
# A hundred thousand words, each of 64 letters that take 4 bytes.
_MAX_JSON = 32_000_000


class IndexFolder:
    """An index folder opened for reading: its manifest, and its files by name.

    Parameters
    ----------
    path : Path
        The folder.
    manifest : Manifest
        What it says it holds.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._let_go: weakref.finalize[[int], IndexFolder] | None = None
        self._closed = False

    @classmethod
    def open(cls, path: Path, *, check_files: bool = True, older: bool = False) -> Self:
        """Read and check the manifest, that every file is there in its size, and the digests of small files.

        Until the folder is closed, or forgotten, no writer removes the files that it names.

        Parameters
        ----------
        path : Path
            The folder.
        check_files : bool
            False looks at the manifest alone.
        older : bool
            Take the formats before this one, too.

        Raises
        ------
        IndexNotFoundError
            There is no index at `path`.
        IndexFormatError
            Its format is not one that this version reads.
        IndexDamagedError
            The manifest was altered, or a file is missing or of another size.
        """
        while True:
            folder = cls(path, read_manifest(path, older=older))
            folder._hold()
            # Replaced before it was held, so its files may be gone: the new one is what was asked for.
            if read_manifest(path, older=older) == folder.manifest:
                break
        if check_files:
            folder._check_files()
        return folder

    def close(self) -> None:
        """Let writers remove the files, if another index has taken their place; what is mapped can still be read."""
        self._closed = True
        if self._let_go is not None:
            self._let_go()

    def check_open(self) -> None:
        """Refuse what was closed.

        Raises
        ------
        IndexClosedError
            It was.
        """
        if self._closed:
            raise IndexClosedError(
                f"{self.path}: expected an open index, found one that was closed; "
                "open it again with: semhash.open_index"
            )

    def _hold(self) -> None:
        """Lock the generation's folder against removal."""
        try:
            folder = self.path / generation_name(self.manifest.generation)
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return  # what is missing is told of when the files are checked
        self._let_go = weakref.finalize(self, os.close, handle)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def _check_files(self) -> None:
        """Check every size, and the digests of the smallest files."""
        budget = _CHEAP_BYTES
        for name, record in sorted(self.manifest.files.items(), key=lambda item: item[1].bytes):
            budget -= record.bytes
            problem = self.check_size(name) if budget < 0 else self.check(name)
            if problem is not None:
                raise _damaged(self.file(name), problem)

    def check_size(self, name: str) -> str | None:
        """Say what is wrong with a file's presence and size, None when nothing is."""
        file, expected = self.file(name), self.manifest.files[name].bytes
        found = self._found(file)
        if found == expected:
            return None
        return f"expected {expected:,} bytes, found {found if isinstance(found, str) else f'{found:,}'}"

    def _found(self, file: Path) -> int | str:
        """Give the size of a file, or say what is there in its place: nothing behind a link is ever read."""
        try:
            if any((self.path / folder).is_symlink() for folder in file.relative_to(self.path).parents[:-1]):
                return "a folder that is a link"
            state = file.lstat()
        except (OSError, ValueError):  # nothing is there, or nothing can be called so
            return "no file"
        if stat.S_ISLNK(state.st_mode):
            return "a link; put what it leads to in its place"
        if not stat.S_ISREG(state.st_mode):
            return "no file"
        return (state.st_size < MAX_POINTER and pointer_in(file)) or state.st_size

    def check(self, name: str, heard: Callable[[int], object] = int) -> str | None:
        """Say what is wrong with a file's presence, size and digest, None when nothing is.

        Parameters
        ----------
        name : str
            What it is.
        heard : callable
            Hears of every so many bytes that were read.
        """
        problem = self.check_size(name)
        if problem is not None:
            return problem
        expected = self.manifest.files[name].sha256
        try:
            found = sha256_of(self.file(name), heard)
        except OSError as error:
            return f"expected to read it, found: {error.strerror or error}"
        return None if found == expected else f"expected sha256 {expected}, found {found}"

    def file(self, name: str) -> Path:
        """Give the path of a file by what it is, such as ``codes.npy``.

        Raises
        ------
        IndexDamagedError
            The manifest names none, or one elsewhere.
        IndexClosedError
            The folder was closed, and the file may be gone.
        """
        self.check_open()
        record = self.manifest.files.get(name)
        if record is None:
            raise IndexDamagedError(
                f"{self.path / MANIFEST}: expected it to name {name}, found no such entry"
            )
        relative = PurePosixPath(record.path)
        if relative.is_absolute() or ".." in relative.parts:
            raise IndexDamagedError(
                f"{self.path / MANIFEST}: expected {name} inside the index folder, found {record.path!r}; "
                "do not use this index"
            )
        return self.path / relative

    def array(self, name: str, dtype: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Map an array into memory, read-only.

        Parameters
        ----------
        name : str
            What it is, such as ``codes.npy``.
        dtype : dtype
            What it must be of, or a kind of it such as `numpy.unsignedinteger`.
        shape : tuple of int or None
            What it must be like, None for any length.

        Raises
        ------
        IndexDamagedError
            It is something else.
        """
        file = self.file(name)
        try:
            found = map_array(file)
        except (OSError, ValueError) as error:
            raise _damaged(file, f"expected a .npy array, found: {error}") from error
        fits = len(shape) == found.ndim and all(
            want in (None, have) for want, have in zip(shape, found.shape, strict=True)
        )
        if not fits or not np.issubdtype(found.dtype, dtype) or not found.dtype.isnative:
            raise _damaged(
                file,
                f"expected {np.dtype(dtype).name if dtype is not np.unsignedinteger else 'unsigned'} "
                f"of shape {shape}, found {found.dtype} of shape {found.shape}",
            )
        return found

    def json(self, name: str, kind: Any = Any) -> Any:
        """Read a JSON file, and compare its digest: it is read whole in any case.

        Parameters
        ----------
        name : str
            What it is, such as ``vocabulary.json``.
        kind : Any
            What it must hold.

        Raises
        ------
        IndexDamagedError
            It was altered, or holds something else.
        """
        file = self.file(name)
        problem = self.check(name)
        if problem is None and self.manifest.files[name].bytes > _MAX_JSON:
            problem = f"expected at most {_MAX_JSON:,} bytes, found {self.manifest.files[name].bytes:,}"
        if problem is not None:
            raise _damaged(file, problem)
        try:
            return msgspec.json.decode(file.read_bytes(), type=kind)
        except (OSError, ValueError, RecursionError) as error:
            raise _damaged(file, f"expected JSON of another form, found: {error}") from error

    def verify(self, progress: Progress = silent) -> Iterator[tuple[str, str | None]]:
        """Read every file whole; give its name and what is wrong with it, None when nothing is.

        Parameters
        ----------
        progress : Progress
            Hears the bytes of stage ``verify``.
        """
        total, done = sum(record.bytes for record in self.manifest.files.values()), 0

        def heard(n: int) -> None:
            nonlocal done
            done += n
            progress("verify", done, total)

        for name in self.manifest.files:
            yield name, self.check(name, heard)
        progress("verify", total, total)


def _damaged(file: Path, problem: str) -> IndexDamagedError:
    if problem.endswith(PULL):
        return IndexDamagedError(f"{file}: {problem}")
    return IndexDamagedError(
        f"{file}: {problem}; restore it from a copy, or build the index again with --force"
    )
