"""Archives (zip, and tar packed or not) as folders: each file in one is read as if it lay in a folder of that name.

Nothing is written, so that no name can lead anywhere; links and devices are not followed. How many files there are,
and what they unpack to, is bounded.
"""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.identity import Identities, once_more
from semhash.corpus.ignoring import IGNORE_FILE, Choice, Rules, ignored, read_rules
from semhash.corpus.source import AttachedFile, Source
from semhash.corpus.unpacking import Unpacked, packing_of, without_packing
from semhash.corpus.zip_parts import check_listing

__all__ = ["Archive", "is_archive"]

_TAR = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
_OFFICE = (b"[Content_Types].xml", b"mimetype")  # the first file of documents that are zip archives
_MOST = 50_000  # files
_DEEPEST = 3  # archives within each other
_FREE = 100 << 20  # bytes that may come of anything
_RATIO = 200  # of each packed one
_FREE_FILE = 1_000_000
_LONGEST_HEADER = 1_000_000
_LONGEST_NAME = 1000


class _Reader(Protocol):
    """What reads a file, as `semhash.corpus.registry.Reader` says."""

    name: str

    def read(self, source: Source) -> Iterator[Document | Skipped]: ...


@dataclass(slots=True)
class _Budget:
    """What may still come of an archive, those within it included."""

    files: int
    size: int
    identities: Identities = field(default_factory=Identities)

    def take(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise Skip(
                SkipReason.TOO_LARGE, f"expected at most {_RATIO} bytes of each packed one, found more"
            )


class _File(AttachedFile):
    """A file in an archive, unpacked where it is packed once more."""

    def __init__(self, outer: Source, name: str, data: bytes, budget: _Budget) -> None:
        packing = packing_of(data)
        if packing:
            limit = outer.config.max_bytes
            data = io.BufferedReader(Unpacked(io.BytesIO(data), packing)).read(limit + 1)
            budget.take(len(data))
            if len(data) > limit:
                raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} bytes, found more")
        super().__init__(outer, name, data)
        self.bare_name = without_packing(name) if packing else name
        self.budget = budget
        self.depth: int = outer.depth + 1 if isinstance(outer, _File) else 1
        self.root: Source = outer.root if isinstance(outer, _File) else outer


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive before it is read."""

    name: str
    packed: int
    open: Callable[[], IO[bytes] | None]
    obstacle: str = ""


class Archive:
    """Files called ``.zip``, ``.tar``, ``.tar.gz`` and the like, or that begin as tar.

    Parameters
    ----------
    reader_for : callable
        Chooses what reads a file, by its name and its first bytes.
    """

    name = "archive"

    def __init__(self, reader_for: Callable[[str, bytes], _Reader]) -> None:
        self._reader_for = reader_for

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, unless it is a document by another name, or by the mark of tar."""
        if name.lower().endswith(".zip"):
            return not head[30:60].startswith(_OFFICE)
        return name.lower().endswith(_TAR) or head[257:262] == b"ustar"

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give the documents of all files in it, in its order, called ``ARCHIVE/path/in/it``.

        Raises
        ------
        Skip
            It is damaged, or so much comes of so little that it must be a trap.
        """
        inner = isinstance(source, _File)
        depth = source.depth if isinstance(source, _File) else 0
        if depth >= _DEEPEST:
            raise Skip(
                SkipReason.TOO_LARGE, f"expected archives at most {_DEEPEST} deep in each other, found more"
            )
        budget = (
            source.budget if isinstance(source, _File) else _Budget(_MOST, max(_FREE, _RATIO * source.size))
        )
        members = _zipped(source) if source.bare_name.lower().endswith(".zip") else _tarred(source)
        wanted = _Wanted(source.root if isinstance(source, _File) else source)
        n_read = 0
        for member in members:
            n_read += 1
            budget.files -= 1
            if budget.files < 0:
                raise Skip(
                    SkipReason.TOO_LARGE, f"expected at most {_MOST:,} files in an archive, found more"
                )
            name = f"{source.name}/{member.name}"
            if wanted(name):
                yield from self._member(source, name, member, budget)
        if not n_read and not inner:
            raise Skip(SkipReason.EMPTY, "expected files in the archive, found none")

    def _member(
        self, source: Source, name: str, member: _Member, budget: _Budget
    ) -> Iterator[Document | Skipped]:
        """Read one file; what is wrong with it is no matter of the others."""
        limit = source.config.max_bytes
        file = None
        try:
            if any(part.startswith(".") or part == "__MACOSX" for part in member.name.split("/")):
                raise Skip(SkipReason.HIDDEN, "expected a name without a leading dot")
            if member.obstacle:
                raise Skip(SkipReason.UNREADABLE, member.obstacle)
            allowed = min(limit, max(_FREE_FILE, _RATIO * member.packed))
            with member.open() or io.BytesIO() as opened:
                data = opened.read(allowed + 1)
            over = len(data) > allowed
        except Skip as skip:
            yield Skipped(name, skip.reason, skip.detail)
            return
        except Exception as error:  # what zipfile and tarfile raise on odd bytes is of many kinds
            yield Skipped(
                name, SkipReason.UNREADABLE, f"expected a sound file in the archive, found: {_said(error)}"
            )
            return
        budget.take(len(data))
        if over:
            yield Skipped(
                name, SkipReason.TOO_LARGE, f"expected at most {allowed:,} bytes unpacked, found more"
            )
            return
        try:
            file = _File(source, name, data, budget)
            source.inside = file
            reader = self._reader_for(file.bare_name, file.head)
            for item in reader.read(file):
                yield self._named(item, file, budget) if isinstance(item, Document) else item
            remark = budget.identities.remark(name)
            if remark is not None:
                yield remark
        except Skip as skip:
            if budget.size < 0 or budget.files < 0:
                raise
            yield Skipped(name, skip.reason, skip.detail)
        except Exception as error:  # one odd file must not end the reading of the others
            yield Skipped(name, SkipReason.UNREADABLE, f"expected to read it, found: {_said(error)}")
        finally:
            source.inside = None

    @staticmethod
    def _named(item: Document, file: "_File", budget: _Budget) -> Document | Skipped:
        """Name a document of a file in the archive: an id that two of them have is named with the second."""
        if item.path != file.name:  # of an archive within, where it was named
            return item
        named = budget.identities.named(item, 0)
        return once_more(item.id, file.where) if named is None else replace(named, path=file.root.name)


def is_archive(name: str) -> bool:
    """Say whether a file is called as archives are."""
    return name.lower().endswith((".zip", *_TAR))


def _said(error: Exception) -> str:
    if isinstance(error, RuntimeError) and "encrypted" in str(error):
        return "one that needs a password"
    return str(error) or type(error).__name__


class _Wanted:
    """Says which files are wanted, by the globs of the configuration and the rules of the folders around the archive.

    Of an archive that is named by its whole path it is not known where the corpus begins: there the globs alone say.
    """

    def __init__(self, archive: Source) -> None:
        self._choice = Choice(archive.config)
        self._rules: list[Rules] = []
        folders = archive.name.split("/")[:-1]
        place = Path(archive.path).parent
        for depth in range(len(folders), -1, -1) if not archive.name.startswith("/") else ():
            prefix = "".join(f"{folder}/" for folder in folders[:depth])
            if (place / IGNORE_FILE).is_file():
                found, _ = read_rules(str(place / IGNORE_FILE), prefix)
                self._rules[:0] = [found] if found else []
            place = place.parent

    def __call__(self, name: str) -> bool:
        if not self._choice.wants(name, is_folder=is_archive(name)):
            return False
        return not self._rules or not any(ignored(part, part != name, self._rules) for part in _above(name))


def _above(name: str) -> Iterator[str]:
    """Give a name, and before it those of the folders that it lies in: what lies in one left out is left out."""
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)
    yield name


def _zipped(source: Source) -> Iterator[_Member]:
    """List the files of a zip archive; of two of one name the last, which is what unpacking would leave."""
    stream = source.stream()
    if not stream.seekable():
        stream = io.BytesIO(source.data())
    check_listing(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except Exception as error:
        raise Skip(SkipReason.UNREADABLE, f"expected a sound zip archive, found: {_said(error)}") from error
    with archive:
        infos = {info.filename: info for info in archive.infolist() if not info.filename.endswith("/")}
        for info in infos.values():
            locked = (
                "expected a file that is open, found one that needs a password" if info.flag_bits & 1 else ""
            )
            name = _harmless(_name_in_zip(info))
            yield _Member(name, info.compress_size, partial(archive.open, info), locked)


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return a file's name: UTF-8 where it is, even if the archive does not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


class _Header(tarfile.TarInfo):
    """A header of tar, refused where it says that a name is longer than any: it would be read into memory."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        kinds = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE)
        if self.type in (*kinds, tarfile.SOLARIS_XHDTYPE) and self.size > _LONGEST_HEADER:
            raise tarfile.ReadError("a name that is far too long")
        return super()._proc_member(tar)  # type: ignore[misc,no-any-return]


def _tarred(source: Source) -> Iterator[_Member]:
    """List the files of a tar archive, as they come; links and devices are none."""
    try:
        with tarfile.open(fileobj=source.stream(), mode="r|", tarinfo=_Header) as archive:
            for info in archive:
                archive.members = []  # type: ignore[attr-defined]
                if info.isfile():
                    name = _harmless(os.fsencode(info.name).decode("utf-8", "backslashreplace"))
                    yield _Member(name, source.config.max_bytes, partial(archive.extractfile, info))
    except tarfile.TarError as error:
        raise Skip(SkipReason.UNREADABLE, f"expected a sound tar archive, found: {_said(error)}") from error


def _harmless(name: str) -> str:
    """Return a name that leads down only, without what no name should hold."""
    parts = (part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in "/".join(parts)[:_LONGEST_NAME])
    return shown.encode("utf-8", "backslashreplace").decode("utf-8") or "unnamed"
