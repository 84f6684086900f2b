"""An index kept current: an update whenever something of its corpus has changed."""

import time
from collections.abc import Iterator
from pathlib import Path

from semhash.building.standing import Standing
from semhash.corpus.source import Found
from semhash.errors import ConfigError, IndexNotFoundError, SemhashError
from semhash.living.links import linked
from semhash.living.report import UpdateReport
from semhash.living.upkeep import update_index
from semhash.living.watched import Watched, check_installed
from semhash.store import IndexFolder
from semhash.store.manifest import MANIFEST, read_manifest
from semhash.store.places import resolve_index

__all__ = ["watch_index"]

_LOOK = 0.5  # seconds from one look at whether the roots are still there to the next
_LONGEST = 10.0  # times what changes are gathered for
_AGAIN = 30.0  # seconds to the next try of what failed, where nothing changes


def watch_index(
    index: str | Path | None = None,
    corpus: str | Path | None = None,
    *,
    settle: float = 1.0,
    check: bool = False,
) -> Iterator[UpdateReport | SemhashError]:
    """Bring an index up to date, and again whenever something changes, without end.

    Each update is as of `update_index`: interrupted, it leaves the generation that stood. What lies behind symbolic
    links inside the corpus is watched too, see `semhash.living.links`; of very many such places the last ones are not,
    and are brought in with the next change elsewhere. Files of which a change was heard are compared by their bytes,
    though they have the size and the time that they had.

    Parameters
    ----------
    index : str or Path or None
        The index, as in `semhash.open_index`.
    corpus : str or Path or None
        Where the corpus is now; None for where it was.
    settle : float
        Seconds without a change after which an update begins.
    check : bool
        Compare the bytes of all files in the first update, as in `update_index`: what changed before is not heard of.

    Yields
    ------
    UpdateReport or SemhashError
        What the first update did; then each one that wrote a new generation, and each failure, which is told once
        and tried again at the next change, or after half a minute.

    Raises
    ------
    ConfigError
        watchdog is not installed, or the first update is asked for something that cannot be.
    IndexNotFoundError
        There is no index, or no more.
    CorpusError
        The system has no room for so many watches.
    """
    check_installed()
    target = resolve_index(index)
    read_manifest(target)
    with Watched(target) as watched:
        roots = _roots(target)
        watched.follow([*roots, *linked(roots)])
        yield from _Watch(target, corpus, watched, settle, check).run()


class _Watch:
    """The watch itself."""

    def __init__(
        self, target: Path, corpus: str | Path | None, watched: Watched, settle: float, check: bool
    ) -> None:
        self._target = target
        self._corpus = corpus
        self._watched = watched
        self._settle = settle
        self._check = check
        self._heard: set[str] = set()
        self._n_roots = 0
        self._state: tuple[int, int] | None = None
        self._places: list[Path] | None = None
        self._failed: str | None = None

    def run(self) -> Iterator[UpdateReport | SemhashError]:
        first = True
        while True:
            done = self._update()
            if isinstance(done, IndexNotFoundError | ConfigError):
                raise done
            if isinstance(done, SemhashError):
                if str(done) != self._failed:
                    yield done
                self._failed = str(done)
            else:
                if done.written or first or self._failed is not None:
                    yield done
                self._failed, self._corpus, first = None, None, False
                self._check, self._heard = False, set()
            self._wait()

    def _update(self) -> UpdateReport | SemhashError:
        try:
            return update_index(self._target, self._corpus, check=self._check or self._is_heard)
        except SemhashError as error:
            return error

    def _is_heard(self, found: Found) -> bool:
        """Say whether a change of a file was heard of, or of a folder that it is in."""
        if not self._heard:
            return False
        places = [Path(found.path)]
        if self._places is not None and len(self._places) > self._n_roots:  # it may be reached through a link
            places.append(places[0].resolve())
        return any(str(place) in self._heard for file in places for place in (file, *file.parents))

    def _wait(self) -> None:
        """Wait for a change, and until there is none for a moment."""
        again = None if self._failed is None else time.monotonic() + _AGAIN
        self._places = None  # links that came lead elsewhere
        while True:
            self._follow()
            if self._watched.wait(_LOOK):
                heard = self._watched.calm(self._settle, _LONGEST * self._settle)
                self._check = self._check or heard is None
                self._heard.update(heard or ())
                return
            if again is not None and time.monotonic() > again:
                return

    def _follow(self) -> None:
        """Watch what the index is now made of: a file may have been added by another process."""
        state = _state(self._target)
        if self._places is None or state != self._state:
            roots = _roots(self._target)
            self._places, self._n_roots, self._state = [*roots, *linked(roots)], len(roots), state
        self._watched.follow(self._places)


def _state(target: Path) -> tuple[int, int] | None:
    try:
        status = (target / MANIFEST).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _roots(target: Path) -> list[Path]:
    """Give where the documents of an index are from."""
    standing = Standing(IndexFolder.open(target))
    try:
        return standing.ledger.roots
    finally:
        standing.close()
