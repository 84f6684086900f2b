"""The files of a folder, in an order that no file system and no locale can change."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from semhash.config import CorpusConfig
from semhash.corpus.archive import is_archive
from semhash.corpus.document import Skipped, SkipReason
from semhash.corpus.ignoring import IGNORE_FILE, Choice, Rules, ignored, read_rules
from semhash.corpus.source import Found, Skip, kind_of, open_regular

__all__ = ["holds_index", "shown", "walk"]

_MANIFEST = "manifest.json"
_MARK = b'"semhash-index"'
_MARK_WITHIN = 4096


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name in a folder.

    ``above`` are the (device, inode) of the folders it lies in, ``links`` says how many of these were reached
    through a symbolic link, and ``rules`` are what they say is to be ignored.
    """

    path: str
    name: str
    is_link: bool
    above: tuple[tuple[int, int], ...]
    links: int
    rules: tuple[Rules, ...] = ()


def shown(path: str) -> str:
    r"""Write a path as valid Unicode: bytes that are no UTF-8 become escapes such as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def holds_index(folder: str) -> bool:
    """Say whether a folder is a semhash index, by the first bytes of its manifest."""
    try:
        with open_regular(str(Path(folder, _MANIFEST))) as manifest:
            return _MARK in manifest.read(_MARK_WITHIN)
    except (OSError, Skip):
        return False


def walk(root: str, config: CorpusConfig = CorpusConfig()) -> Iterator[Found | Skipped]:  # noqa: B008
    """List the files below a folder, sorted by the bytes of their paths' parts.

    Symbolic links to files and folders are followed. A link back to a folder that it lies in is reported and
    not followed; so is a link that was met behind another link and leads to a folder already listed, since
    folders that link to each other would otherwise be walked in every order there is.

    Of what a ``.semhashignore`` or the globs of the configuration leave out nothing is said.

    Parameters
    ----------
    root : str
        The folder.
    config : CorpusConfig
        Which names are read.

    Yields
    ------
    Found or Skipped
        A file to read; or something that is none: hidden, special, an index, a loop, or out of reach.

    Raises
    ------
    ConfigError
        A glob of the configuration is none.
    OSError
        The root itself cannot be listed.
    """
    choice = Choice(config)
    status = Path(root).stat()
    identity = (status.st_dev, status.st_ino)
    listed = {identity}
    stack: list[_Entry | Skipped] = _inside(_Entry(root, "", is_link=False, above=(), links=0), identity)
    while stack:
        entry = stack.pop()
        if isinstance(entry, Skipped):
            yield entry
            continue
        try:
            if _left_out(entry, choice):
                continue
            if entry.name.rpartition("/")[2].startswith(".") and not _is_maildir(entry.path):
                raise Skip(SkipReason.HIDDEN, "expected a name without a leading dot")
            status = Path(entry.path).stat()
            if not stat.S_ISDIR(status.st_mode):
                yield _file(entry, status)
                continue
            identity = (status.st_dev, status.st_ino)
            _check_folder(entry, identity, listed)
            stack += _inside(entry, identity)
            listed.add(identity)
        except Skip as skip:
            yield Skipped(entry.name, skip.reason, skip.detail)
        except OSError as error:
            yield Skipped(entry.name, *_obstacle(entry, error))


def _is_maildir(path: str) -> bool:
    """Say whether a folder holds mail, as those within a Maildir do, which are called with a leading dot."""
    return all(Path(path, name).is_dir() for name in ("cur", "new", "tmp"))


def _left_out(entry: _Entry, choice: Choice) -> bool:
    if choice.everything and not entry.rules:
        return False
    is_folder = Path(entry.path).is_dir()
    # What is wanted of an archive is said by the names of the files in it.
    is_open = is_folder or is_archive(entry.name)
    return ignored(entry.name, is_folder, entry.rules) or not choice.wants(entry.name, is_open)


def _inside(folder: _Entry, identity: tuple[int, int]) -> list[_Entry | Skipped]:
    """List a folder, last name first, so that a stack gives them back in order."""
    above = (*folder.above, identity)
    prefix = f"{folder.name}/" if folder.name else ""
    links = folder.links + folder.is_link
    with os.scandir(folder.path) as entries:
        names = [(entry.name, entry.path, entry.is_symlink()) for entry in entries]
    names.sort(key=lambda name: os.fsencode(name[0]), reverse=True)
    rules, problem = folder.rules, None
    for name, path, _ in names:
        if name == IGNORE_FILE:
            found, problem = read_rules(path, prefix)
            rules = (*rules, found) if found else rules
    inside: list[_Entry | Skipped] = [
        _Entry(path, prefix + shown(name), is_link, above, links, rules)
        for name, path, is_link in names
        if name != IGNORE_FILE
    ]
    return [*inside, problem] if problem else inside


def _file(entry: _Entry, status: os.stat_result) -> Found:
    if not stat.S_ISREG(status.st_mode):
        raise Skip(SkipReason.NOT_A_FILE, f"expected a file or folder, found {kind_of(status.st_mode)}")
    return Found(entry.path, entry.name, status.st_size, status.st_mtime_ns)


def _check_folder(entry: _Entry, identity: tuple[int, int], listed: set[tuple[int, int]]) -> None:
    if identity in entry.above:
        raise Skip(SkipReason.LINK_LOOP, "expected a folder to go down into, found a link to one it lies in")
    if entry.is_link and entry.links and identity in listed:
        raise Skip(
            SkipReason.LINK_LOOP, "expected a new folder behind a link behind a link, found one read before"
        )
    if holds_index(entry.path):
        raise Skip(SkipReason.AN_INDEX, "expected documents, found an index made by semhash")


def _obstacle(entry: _Entry, error: OSError) -> tuple[SkipReason, str]:
    if entry.is_link and error.errno == errno.ENOENT:
        return SkipReason.UNREADABLE, "expected a file or folder, found a link to nothing"
    if entry.is_link and error.errno == errno.ELOOP:
        return SkipReason.LINK_LOOP, "expected a file or folder, found a link that leads back to itself"
    return SkipReason.UNREADABLE, f"expected to read it, found: {error.strerror or error}"
