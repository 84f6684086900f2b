"""The folders that an index is kept current with, watched through watchdog: something below them changed."""

import os
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Condition
from typing import Any, Self

from semhash.corpus.walk import shown
from semhash.errors import ConfigError, CorpusError

__all__ = ["INSTALL", "Watched", "check_installed"]

INSTALL = "pip install 'semhash-index[watch]'"
"""The command that installs watchdog."""

_Identity = tuple[int, int] | None
_MANY = 1000  # files that something was heard of: to compare them all is as good


def check_installed() -> None:
    """Look for watchdog before the work begins.

    Raises
    ------
    ConfigError
        It is not installed; the message names the command that does it.
    """
    try:
        import watchdog  # noqa: F401, only looked for
    except ImportError as error:
        raise ConfigError(
            f"--watch: expected the package watchdog, found it not installed; install it with: {INSTALL}"
        ) from error


class Watched:
    """Some files and folders, one after another of which may come and go; use it in ``with``.

    Parameters
    ----------
    index : Path
        The index, whose own files are of no interest wherever they are.
    """

    def __init__(self, index: Path) -> None:
        from watchdog.observers import Observer

        # A folder made together with its own folder may be told of twice: it is then watched as before, and no one
        # who watches needs to hear of it.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.")
        self._index = os.fsencode(index.resolve())
        self._changed = Condition()
        self._last = 0.0
        self._paths: set[bytes] = set()
        self._observer = Observer()
        self._roots: dict[Path, _Identity] = {}

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join()

    def follow(self, roots: Sequence[Path]) -> None:
        """Watch these, and nothing else; one that is not there is watched once it comes.

        Raises
        ------
        CorpusError
            The system has no room for so many watches.
        """
        wanted = {root: _identity(root) for root in roots}
        if wanted == self._roots:
            return
        # All anew: what watched a folder that went is of no use to the one that came in its place.
        self._observer.unschedule_all()
        for root in (root for root, identity in wanted.items() if identity is not None):
            self._watch(root)
        if self._roots:
            self._ring()
        self._roots = wanted

    def _watch(self, root: Path) -> None:
        is_folder = root.is_dir()
        bell: Any = _Bell(self, os.fsencode(root), self._index)
        # A file is watched through its folder: editors put a new one in its place.
        folder = str(root if is_folder else root.parent)
        try:
            self._observer.schedule(bell, folder, recursive=is_folder, event_filter=_events())
        except FileNotFoundError:  # it went meanwhile: as the next look at it tells
            return
        except OSError as error:
            raise CorpusError(
                f"{shown(str(root))}: expected to watch every folder in it, found: {error.strerror or error}; raise "
                "the limit, such as with: sysctl fs.inotify.max_user_watches=1000000, or run semhash update at times"
            ) from error

    def _ring(self, paths: Iterable[bytes] = ()) -> None:
        with self._changed:
            self._paths.update(paths)
            self._last = time.monotonic()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until something changes, so long at most; say whether it did since `calm` was last come to."""
        with self._changed:
            return self._changed.wait_for(lambda: self._last > 0, seconds)

    def calm(self, settle: float, longest: float) -> list[str] | None:
        """Wait until nothing has changed for a moment, and forget what has; not for ever, where changes do not end.

        Parameters
        ----------
        settle, longest : float
            Seconds.

        Returns
        -------
        list of str or None
            The files and folders that something was heard of, where they lie; None where they are very many.
        """
        begun = time.monotonic()
        with self._changed:
            while (left := min(self._last + settle, begun + longest) - time.monotonic()) > 0:
                self._changed.wait(left)
            self._last = 0.0
            heard, self._paths = self._paths, set()
        return None if len(heard) > _MANY else sorted(map(os.fsdecode, heard))


class _Bell:
    """Hears of every event below one root, and rings for those that are of the corpus."""

    def __init__(self, watched: Watched, root: bytes, index: bytes) -> None:
        self._watched = watched
        self._root = root
        self._index = index
        folder, name = os.path.split(index)
        self._beside = os.path.join(folder, b"." + name + b".")  # noqa: PTH118, bytes: a name need be no UTF-8

    def dispatch(self, event: Any) -> None:
        """Hear of one."""
        paths = [os.fsencode(path) for path in (event.src_path, event.dest_path) if path]
        if of_corpus := [path for path in paths if self._is_of_corpus(path)]:
            self._watched._ring(of_corpus)

    def _is_of_corpus(self, path: bytes) -> bool:
        if path == self._index or path.startswith((self._index + b"/", self._beside)):
            return False
        return path == self._root or path.startswith(self._root + b"/")


def _events() -> list[type[Any]]:
    """Give what tells of a change: not that a file is opened and read, nor that an entry of a folder is another."""
    from watchdog import events

    names = ("Created", "Deleted", "Moved", "Attrib")
    found = [getattr(events, f"{kind}{name}Event") for kind in ("File", "Dir") for name in names]
    return [*found, events.FileModifiedEvent, events.FileClosedEvent]


def _identity(root: Path) -> _Identity:
    try:
        # A file may be put in the place of another: its folder is what is watched.
        folder = root.stat() if root.is_dir() else root.parent.stat()
    except OSError:
        return None
    return folder.st_dev, folder.st_ino
