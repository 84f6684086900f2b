"""What a .semhashignore and the globs of the configuration leave out; git itself is the judge where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.errors import ConfigError

GIT = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git to compare with")


def write(file: Path, text: str = "some words") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def read(root: Path, config: CorpusConfig | None = None) -> tuple[list[str], list[Skipped]]:
    items = list(open_corpus(root, config or CorpusConfig()))
    skipped = [item for item in items if isinstance(item, Skipped)]
    return [item.id for item in items if isinstance(item, Document)], skipped


NAMES = [
    "a.md",
    "a.txt",
    "b/a.txt",
    "b/c/keep.txt",
    "b/c/d.txt",
    "docs/x.md",
    "b/docs/y.md",
    "tmp/z",
    "#h",
    "s p",
]
PATTERNS = [
    {"": "*.txt\n"},
    {"": "*.txt\n!keep.txt\n"},
    {"": "*.txt\n", "b/": "!a.txt\n"},
    {"": "docs/\n"},
    {"": "/docs/\n"},
    {"": "b/\n!b/c/keep.txt\n"},
    {"": "b/*\n!b/c/\n", "b/c/": "d.txt"},
    {"": "**/docs\n# a remark\n\\#h\n"},
    {"": "b/**/d.txt\ntmp\n"},
    {"b/": "/a.txt\n", "b/c/": "*\n"},
    {"": "s p  \n[ab].md\n?.txt"},
    {"": "\ufeffa.md\r\n\r\nb\r\n"},
]


@GIT
@pytest.mark.parametrize("files", PATTERNS, ids=lambda files: "|".join(map(repr, files.values())))
def test_a_semhashignore_leaves_out_what_git_would(tmp_path: Path, files: dict[str, str]) -> None:
    for name in NAMES:
        write(tmp_path / name)
    for folder, patterns in files.items():
        for ignore in (".semhashignore", ".gitignore"):
            write(tmp_path / f"{folder}{ignore}", patterns)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    kept = {name for name in listed if name and not name.rpartition("/")[2].startswith(".")}
    found, skipped = read(tmp_path)
    assert set(found) == kept
    assert {item.reason for item in skipped} == {
        SkipReason.HIDDEN
    }  # of git's own files; nothing ignored is told


def test_globs_choose_files_and_prune_folders(tmp_path: Path) -> None:
    for name in NAMES:
        write(tmp_path / name)
    closed = write(tmp_path / "private" / "loop" / "x.md").parent
    (closed / "up").symlink_to(tmp_path)
    chosen = {
        ("*.md",): ["a.md", "b/docs/y.md", "docs/x.md"],
        ("docs/",): ["b/docs/y.md", "docs/x.md"],
        ("/docs/",): ["docs/x.md"],
        ("*.md", "!a.md"): ["b/docs/y.md", "docs/x.md"],
        ("b/*.txt",): ["b/a.txt"],
    }
    for include, expected in chosen.items():
        assert read(tmp_path, CorpusConfig(include=include, exclude=("private",))) == (expected, [])
    left = read(tmp_path, CorpusConfig(exclude=("*.txt", "docs/", "private/", "/tmp")))
    assert left == (["#h", "a.md", "s p"], [])


def test_a_file_that_is_asked_for_is_read_whatever_the_globs(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt")
    assert read(file, CorpusConfig(include=("*.md",)))[0] == ["a.txt"]


@pytest.mark.parametrize("glob", ["", "  ", "!", "# remark", "[z-a]", "a\\"])
def test_a_glob_that_is_none_is_told(tmp_path: Path, glob: str) -> None:
    write(tmp_path / "a.txt")
    for config in (CorpusConfig(include=(glob,)), CorpusConfig(exclude=(glob,))):
        with pytest.raises(ConfigError, match=r"clude: expected globs such as '\*.md'"):
            open_corpus(tmp_path, config)


def test_what_is_wrong_with_a_semhashignore_is_told_and_the_rest_of_it_serves(tmp_path: Path) -> None:
    write(tmp_path / "a" / ".semhashignore", "*.txt\n!\n")
    write(tmp_path / "a" / "x.txt")
    (tmp_path / "b" / ".semhashignore").mkdir(parents=True)
    write(tmp_path / "b" / "y.txt")
    write(tmp_path / "c" / ".semhashignore", "*.txt\n" * 200_000)
    write(tmp_path / "c" / "z.txt")
    found, skipped = read(tmp_path)
    assert found == ["b/y.txt", "c/z.txt"]
    assert [(item.path, item.reason) for item in skipped] == [
        ("a/.semhashignore", SkipReason.UNREADABLE),
        ("b/.semhashignore", SkipReason.UNREADABLE),
        ("c/.semhashignore", SkipReason.TOO_LARGE),
    ]
    assert "found in line 2: '!'" in skipped[0].detail
    assert skipped[1].detail == "expected patterns to ignore, found: expected a file, found a folder"
