"""The index folder: its manifest, the digests of its files, and how it appears all at once or not at all.

An index is a folder with a ``manifest.json`` that names every file, and one sub-folder a generation that
holds them. A build is written into a staging folder and renamed in; replacing an index writes a new
generation beside the old and then exchanges the manifest, in one rename. A crash at any moment leaves the
old index, or the new one.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from semhash.config import IndexConfig
from semhash.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexExistsError,
    IndexFormatError,
    IndexNotFoundError,
)

__all__ = ["FORMAT_VERSION", "MANIFEST", "Draft", "FileRecord", "IndexFolder", "Manifest", "draft_index"]

FORMAT = "semhash-index"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 10_000_000
_BLOCK = 1 << 20


class FileRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of an index.

    Attributes
    ----------
    path : str
        Where it is, relative to the index folder, ``/`` between the parts.
    bytes : int
        Its size.
    sha256 : str
        Its digest, in hexadecimal.
    """

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an index is, was made with, and consists of.

    Attributes
    ----------
    format, format_version : str, int
        Always ``semhash-index``, and the version of the layout.
    semhash_version, created : str
        Which version wrote it, and when (ISO 8601, UTC).
    generation : int
        1 for a new index, one more at each replacement.
    corpus, corpus_digest : str
        Where the documents came from, and the sha256 of all their ids and texts.
    config : IndexConfig
        Everything it was made with, the seed included.
    bits, n_documents, n_unaddressed, n_skipped, n_words, addresses_in_use : int
        Counts; a document without a known word is *unaddressed*.
    files : dict of str to FileRecord
        Every other file, by what it is.
    digest : str
        sha256 of the manifest itself with this field empty.
    """

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    semhash_version: str
    created: str
    generation: int
    corpus: str
    corpus_digest: str
    config: IndexConfig
    bits: int
    n_documents: int
    n_unaddressed: int
    n_skipped: int
    n_words: int
    addresses_in_use: int
    files: dict[str, FileRecord]
    digest: str = ""

    def encode(self) -> bytes:
        """Give the bytes of the manifest file, its own digest filled in."""
        bare = _json(msgspec.structs.replace(self, digest=""))
        return _json(msgspec.structs.replace(self, digest=hashlib.sha256(bare).hexdigest()))


def _json(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


class _Header(msgspec.Struct):
    """The part of a manifest that every format version shares."""

    format: str = ""
    format_version: int = 0
    semhash_version: str = "unknown"


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

    @classmethod
    def open(cls, path: Path, *, check_sizes: bool = True) -> Self:
        """Read and check the manifest, and that every file is there in its size.

        Raises
        ------
        IndexNotFoundError
            There is no index at `path`.
        IndexFormatError
            Its format is not one that this version reads.
        IndexDamagedError
            The manifest was altered, or a file is missing or of another size.
        """
        folder = cls(path, _read_manifest(path))
        for name in folder.manifest.files if check_sizes else ():
            problem = folder.check_size(name)
            if problem is not None:
                raise IndexDamagedError(
                    f"{folder.file(name)}: {problem}; restore it from a copy, or build the index again with --force"
                )
        return folder

    def check_size(self, name: str) -> str | None:
        """Say what is wrong with a file's presence and size, None when nothing is."""
        file, expected = self.file(name), self.manifest.files[name].bytes
        found = file.stat().st_size if file.is_file() else None
        if found == expected:
            return None
        return f"expected {expected:,} bytes, found {'no file' if found is None else f'{found:,}'}"

    def file(self, name: str) -> Path:
        """Give the path of a file by what it is, such as ``codes.npy``."""
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
        """Map an array into memory, read-only; its dtype and shape must be as stated, None for any length."""
        file = self.file(name)
        try:
            found: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise IndexDamagedError(f"{file}: expected a .npy array, found: {error}") from error
        fits = len(shape) == found.ndim and all(
            want in (None, have) for want, have in zip(shape, found.shape, strict=True)
        )
        if not fits or not np.issubdtype(found.dtype, dtype):
            raise IndexDamagedError(
                f"{file}: expected {np.dtype(dtype).name if dtype is not np.unsignedinteger else 'unsigned'} "
                f"of shape {shape}, found {found.dtype} of shape {found.shape}"
            )
        return found

    def json(self, name: str) -> Any:
        """Read a JSON file."""
        file = self.file(name)
        try:
            return msgspec.json.decode(file.read_bytes())
        except msgspec.DecodeError as error:
            raise IndexDamagedError(f"{file}: expected JSON, found: {error}") from error

    def verify(self) -> Iterator[tuple[str, str | None]]:
        """Read every file whole; give its name and what is wrong with it, None when nothing is."""
        for name, record in self.manifest.files.items():
            problem = self.check_size(name)
            if problem is None and (found := _sha256(self.file(name))) != record.sha256:
                problem = f"expected sha256 {record.sha256}, found {found}"
            yield name, problem


def _read_manifest(folder: Path) -> Manifest:
    file = folder / MANIFEST
    if not file.is_file():
        found = (
            "no such folder"
            if not folder.exists()
            else "a folder without one"
            if folder.is_dir()
            else "a file"
        )
        raise IndexNotFoundError(
            f"{folder}: expected an index (a folder with {MANIFEST}), found {found}; "
            "make one with: semhash index CORPUS"
        )
    if file.stat().st_size > _MAX_MANIFEST_BYTES:
        raise IndexDamagedError(
            f"{file}: expected at most {_MAX_MANIFEST_BYTES} bytes, found {file.stat().st_size}"
        )
    raw = file.read_bytes()
    try:
        header = msgspec.json.decode(raw, type=_Header)
    except msgspec.DecodeError as error:
        raise IndexDamagedError(f"{file}: expected the JSON of a manifest, found: {error}") from error
    if header.format != FORMAT:
        raise IndexDamagedError(f'{file}: expected "format": "{FORMAT}", found {header.format!r}')
    if header.format_version != FORMAT_VERSION:
        raise IndexFormatError(
            f"{file}: expected index format {FORMAT_VERSION}, found {header.format_version} "
            f"(written by semhash {header.semhash_version}); use that version, or index the corpus again"
        )
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, ValueError) as error:
        raise IndexDamagedError(
            f"{file}: expected a manifest of format {FORMAT_VERSION}, found: {error}"
        ) from error
    if manifest.encode() != raw:
        raise IndexDamagedError(f"{file}: expected a manifest that matches its own digest, found it altered")
    return manifest


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
        self._subfolder = f"generation-{generation}"
        self.folder = staging / self._subfolder
        self.folder.mkdir(parents=True)

    def save_array(self, name: str, array: NDArray[Any]) -> None:
        """Write an array as .npy."""
        np.save(self.folder / name, array, allow_pickle=False)

    def save_json(self, name: str, value: Any) -> None:
        """Write a JSON file."""
        (self.folder / name).write_bytes(msgspec.json.encode(value))

    def records(self) -> dict[str, FileRecord]:
        """Flush every file to disk, and give what the manifest says of each."""
        found = {}
        for file in sorted(self.folder.iterdir()):
            _flush(file)
            path = f"{self._subfolder}/{file.name}"
            found[file.name] = FileRecord(path, file.stat().st_size, _sha256(file))
        _flush(self.folder)
        return found

    def publish(self, manifest: Manifest) -> None:
        """Make this generation the index, in one rename; what stood there before goes."""
        staged = self._staging / MANIFEST
        staged.write_bytes(manifest.encode())
        _flush(staged)
        _flush(self._staging)
        if not (self._target / MANIFEST).exists():
            self._staging.rename(self._target)
            _flush(self._target.parent)
            return
        self.folder.rename(self._target / self._subfolder)
        _flush(self._target)
        staged.replace(self._target / MANIFEST)
        _flush(self._target)
        _remove_generations(self._target, but=self._subfolder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_generations(folder: Path, but: str) -> None:
    for old in folder.glob("generation-*"):
        if old.name != but:
            shutil.rmtree(old, ignore_errors=True)


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
    """
    made = _make_parents(target.parent)
    try:
        with _writer_lock(target):
            generation = _next_generation(target, force)
            _sweep(target)
            staging = _staging_name(target)
            try:
                yield Draft(target, staging, generation)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    finally:
        _remove_if_empty(made)


def _next_generation(target: Path, force: bool) -> int:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return 1
    if not (target / MANIFEST).is_file():
        raise IndexExistsError(
            f"{target}: expected a free place or an index, found other files, which are never overwritten; "
            "choose another place with --out DIR"
        )
    if not force:
        raise IndexExistsError(
            f"{target}: expected a free place, found an index; replace it with --force, "
            "or choose another place with --out DIR"
        )
    numbers = [f.name.removeprefix("generation-") for f in target.glob("generation-*")]
    return 1 + max((int(n) for n in numbers if n.isdigit()), default=0)


def _staging_prefix(target: Path) -> str:
    return f".{target.name}.partial-"


def _staging_name(target: Path) -> Path:
    return target.parent / f"{_staging_prefix(target)}{os.getpid()}"


def _sweep(target: Path) -> None:
    """Remove what a killed writer left behind; the lock says that no writer is alive."""
    for left in target.parent.iterdir():
        if left.name.startswith(_staging_prefix(target)):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _writer_lock(target: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(target.parent / f".{target.name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise IndexBusyError(
            f"{target}: expected to be its only writer, found another semhash process at work on it; "
            "wait for it to end, or choose another place with --out DIR"
        ) from None
    try:
        yield
    finally:
        # Removed while it is held: a process that has it open sees that it lost its name, and tries again.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder and its parents; give those that were made, deepest first."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_if_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
