"""Which names of a folder are no part of the corpus: ``.semhashignore`` as git has it, and globs asked for.

The syntax is that of ``.gitignore`` (gitignore(5)). A pattern of a deeper file wins over one above it; what lies in
a folder that is left out cannot be taken in again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semhash.config import CorpusConfig
from semhash.corpus.document import Skipped, SkipReason
from semhash.corpus.source import Skip, open_regular
from semhash.errors import ConfigError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IGNORE_FILE", "Choice", "Rules", "ignored", "read_rules"]

IGNORE_FILE = ".semhashignore"
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of one ``.semhashignore``.

    Attributes
    ----------
    folder : str
        What the names that it speaks of begin with: empty at the root of the corpus, else ``folder/``.
    patterns : GitIgnoreSpec
        Later ones win.
    """

    folder: str
    patterns: "GitIgnoreSpec"


def read_rules(path: str, folder: str) -> tuple[Rules | None, Skipped | None]:
    """Read a ``.semhashignore``.

    Parameters
    ----------
    path : str
        The file, as the operating system names it.
    folder : str
        The folder that it lies in, relative to the corpus root; ends in ``/`` unless it is the root.

    Returns
    -------
    rules : Rules or None
        None where it holds no pattern that can be used.
    problem : Skipped or None
        A file or a line that cannot be used: nothing of the user's is ignored in silence.
    """
    name = f"{folder}{IGNORE_FILE}"
    try:
        with open_regular(path) as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, Skip) as error:
        return None, Skipped(name, SkipReason.UNREADABLE, f"expected patterns to ignore, found: {error}")
    if len(data) > _MAX_BYTES:
        detail = f"expected at most {_MAX_BYTES:,} bytes of patterns, found more"
        return None, Skipped(name, SkipReason.TOO_LARGE, detail)
    lines = data.decode("utf-8-sig", "backslashreplace").splitlines()
    good, bad = _sorted_out(lines)
    problem = (
        Skipped(name, SkipReason.UNREADABLE, f"expected patterns as in a .gitignore, {bad}") if bad else None
    )
    return (Rules(folder, _patterns(good)) if good else None), problem


def _patterns(lines: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # here, since most corpora need none

    return GitIgnoreSpec.from_lines(lines)


def _sorted_out(lines: Sequence[str]) -> tuple[list[str], str]:
    """Give the lines that are patterns, and words for the first that is none."""
    good: list[str] = []
    bad = ""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            _patterns([line])
            good.append(line)
        except (ValueError, re.error):
            bad = bad or f"found in line {number}: {line[:100]!r}"
    return good, bad


def ignored(name: str, is_folder: bool, rules: Sequence[Rules]) -> bool:
    """Say whether a name is left out: the deepest file with a pattern for it decides.

    Parameters
    ----------
    name : str
        Relative to the corpus root.
    is_folder : bool
        Patterns that end in ``/`` are for folders alone.
    rules : sequence of Rules
        Those of the folders it lies in, from the root down.
    """
    for rule in reversed(rules):
        found = rule.patterns.check_file(name[len(rule.folder) :] + ("/" if is_folder else "")).include
        if found is not None:
            return found
    return False


class Choice:
    """The files that `CorpusConfig.include` and `CorpusConfig.exclude` choose.

    Parameters
    ----------
    config : CorpusConfig
        How the corpus is read.

    Raises
    ------
    ConfigError
        A glob is none.
    """

    def __init__(self, config: CorpusConfig) -> None:
        self._include = _globs("include", config.include)
        self._exclude = _globs("exclude", config.exclude)
        self.everything = self._include is None and self._exclude is None

    def wants(self, name: str, is_folder: bool) -> bool:
        """Say whether a file is to be read, or a folder to be looked into."""
        if self._exclude is not None and self._exclude.match_file(f"{name}/" if is_folder else name):
            return False
        return is_folder or self._include is None or self._include.match_file(name)


def _globs(option: str, globs: Sequence[str]) -> "GitIgnoreSpec | None":
    if not globs:
        return None
    good, bad = _sorted_out(globs)
    if bad or len(good) < len(globs):
        raise ConfigError(f"{option}: expected globs such as '*.md' or 'docs/', found {list(globs)!r}")
    return _patterns(good)
