"""Which files of a folder are read, in which order, and what is said of the others: on a real file system."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus

ROOT_ONLY = pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")


def read(path: Path, config: CorpusConfig | None = None) -> tuple[list[Document], dict[str, Skipped]]:
    items = list(open_corpus(path, config or CorpusConfig()))
    skipped = [item for item in items if isinstance(item, Skipped)]
    by_path = {item.path: item for item in skipped}
    assert len(by_path) == len(skipped), "something was reported twice"
    return [item for item in items if isinstance(item, Document)], by_path


def ids(path: Path) -> list[str]:
    return [document.id for document in read(path)[0]]


def write(file: Path, text: str = "some words") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_files_come_sorted_by_the_parts_of_their_paths(tmp_path: Path) -> None:
    names = ["b/c", "b.txt", "a/z/1", "a/b", "B", "a-b/x", "é", "b/C", "zz", "a/z-1", "10", "9"]
    for name in names:
        write(tmp_path / name, name)
    expected = sorted(names, key=lambda name: [part.encode() for part in name.split("/")])
    documents, skipped = read(tmp_path)
    assert [document.id for document in documents] == expected
    assert [document.text for document in documents] == expected
    assert not skipped


def test_id_path_title_and_label_of_a_file(tmp_path: Path) -> None:
    write(tmp_path / "sci" / "space" / "note.txt", "the moon")
    write(tmp_path / "top.txt", "on top")
    deep, top = read(tmp_path, CorpusConfig(labels="folder"))[0]
    assert (deep.id, deep.path, deep.title, deep.labels) == (
        "sci/space/note.txt",
        "sci/space/note.txt",
        "note.txt",
        ("space",),
    )
    assert (top.id, top.labels, top.split, top.metadata) == ("top.txt", (), None, {})
    assert [document.labels for document in read(tmp_path)[0]] == [(), ()]


def test_hidden_names_are_left_out_and_a_folder_counts_once(tmp_path: Path) -> None:
    write(tmp_path / ".git" / "objects" / "a")
    write(tmp_path / ".git" / "b")
    write(tmp_path / "a" / ".notes")
    write(tmp_path / "a" / "seen")
    (tmp_path / ".gone").symlink_to("nowhere")
    documents, skipped = read(tmp_path)
    assert [document.id for document in documents] == ["a/seen"]
    assert {path: item.reason for path, item in skipped.items()} == dict.fromkeys(
        [".git", ".gone", "a/.notes"], SkipReason.HIDDEN
    )


def test_a_hidden_root_is_read_because_it_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path / ".notes" / "a")
    assert ids(tmp_path / ".notes") == ["a"]
    assert ids(tmp_path / ".notes" / "a") == ["a"]
    write(tmp_path / ".single")
    assert ids(tmp_path / ".single") == [".single"]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "a" / "one", "1")
    write(tmp_path / "outside" / "two", "2")
    (root / "a" / "self").symlink_to(".")
    (root / "a" / "up").symlink_to(root)
    (root / "b").symlink_to(tmp_path / "outside")
    (root / "c").symlink_to("a/one")
    (root / "loop").symlink_to("loop")
    (root / "nothing").symlink_to("missing")
    documents, skipped = read(root)
    assert [(document.id, document.text) for document in documents] == [
        ("a/one", "1"),
        ("b/two", "2"),
        ("c", "1"),
    ]
    assert {path: item.reason for path, item in skipped.items()} == {
        "a/self": SkipReason.LINK_LOOP,
        "a/up": SkipReason.LINK_LOOP,
        "loop": SkipReason.LINK_LOOP,
        "nothing": SkipReason.UNREADABLE,
    }
    assert "link to nothing" in skipped["nothing"].detail
    assert "one it lies in" in skipped["a/up"].detail


def test_a_link_to_a_folder_beside_is_read_under_both_names(tmp_path: Path) -> None:
    write(tmp_path / "real" / "x")
    (tmp_path / "link").symlink_to("real")
    assert ids(tmp_path) == ["link/x", "real/x"]


def test_folders_that_all_link_to_each_other_end(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(12)]  # 12! orders, if every link were followed
    for name in names:
        write(tmp_path / name / "file", name)
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    documents, skipped = read(tmp_path)
    assert {f"{name}/file" for name in names} <= {document.id for document in documents}
    assert {item.reason for item in skipped.values()} == {SkipReason.LINK_LOOP}
    assert len(documents) + len(skipped) < 12**4


@pytest.mark.parametrize("linked", [False, True])
def test_special_files_are_named_and_never_waited_for(tmp_path: Path, linked: bool) -> None:
    place = tmp_path / "kept" if linked else tmp_path / "root"
    place.mkdir()
    os.mkfifo(place / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        address = os.open(place, os.O_RDONLY)  # by descriptor, since such addresses must be short
        try:
            listener.bind(f"/proc/self/fd/{address}/socket")
        finally:
            os.close(address)
        if linked:
            (tmp_path / "root").mkdir()
            for name in ("pipe", "socket"):
                (tmp_path / "root" / name).symlink_to(place / name)
        (tmp_path / "root" / "null").symlink_to("/dev/null")
        documents, skipped = read(tmp_path / "root")
    assert not documents
    assert {path: item.reason for path, item in skipped.items()} == dict.fromkeys(
        ["null", "pipe", "socket"], SkipReason.NOT_A_FILE
    )
    assert "found a named pipe" in skipped["pipe"].detail
    assert "found a socket" in skipped["socket"].detail
    assert "found a device" in skipped["null"].detail


def test_a_file_that_becomes_a_pipe_after_it_was_listed_is_not_waited_for(tmp_path: Path) -> None:
    file = write(tmp_path / "a")
    corpus = open_corpus(tmp_path)
    file.unlink()
    os.mkfifo(file)
    (item,) = corpus
    assert isinstance(item, Skipped)
    assert (item.path, item.reason) == ("a", SkipReason.NOT_A_FILE)
    assert item.detail == "expected a file, found a named pipe"


def test_a_file_that_vanishes_is_unreadable(tmp_path: Path) -> None:
    file = write(tmp_path / "a")
    write(tmp_path / "b")
    corpus = open_corpus(tmp_path)
    file.unlink()
    gone, left = corpus
    assert isinstance(gone, Skipped)
    assert (gone.path, gone.reason) == ("a", SkipReason.UNREADABLE)
    assert "No such file" in gone.detail
    assert isinstance(left, Document)
    assert corpus.read_bytes == corpus.total_bytes


def test_an_index_inside_the_corpus_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "indexes" / "news" / "manifest.json", '{"format": "semhash-index", "version": 1}')
    write(tmp_path / "indexes" / "news" / "vocabulary.json", '["words"]')
    write(tmp_path / "other" / "manifest.json", '{"name": "a web page"}')
    write(tmp_path / "far" / "manifest.json", " " * 5000 + '"semhash-index"')
    documents, skipped = read(tmp_path)
    assert [document.id for document in documents] == ["far/manifest.json", "other/manifest.json"]
    assert list(skipped) == ["indexes/news"]
    assert skipped["indexes/news"].reason is SkipReason.AN_INDEX


def test_a_manifest_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / "manifest.json")
    assert read(tmp_path)[1]["a/manifest.json"].reason is SkipReason.NOT_A_FILE


def test_names_that_are_no_utf8_are_shown_by_escapes(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102, a name in bytes
    Path(os.fsdecode(folder + b"/x\xff.txt")).write_text("words", encoding="utf-8")
    write(tmp_path / "two\nlines.txt", "more words")
    first, second = read(tmp_path, CorpusConfig(labels="folder"))[0]
    assert first.id == first.path == r"caf\xe9/x\xff.txt"
    assert first.title == r"x\xff.txt"
    assert first.labels == (r"caf\xe9",)
    assert (second.id, second.title) == ("two\nlines.txt", "two lines.txt")


@pytest.fixture
def deep_folders(tmp_path: Path) -> Iterator[str]:
    """Folders nested deeper than Python's stack, though not longer than a path may be; none is left behind."""
    depth = 1200
    inside = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=inside)
        below = os.open("d", os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = below
    with os.fdopen(os.open("leaf", os.O_WRONLY | os.O_CREAT, dir_fd=inside), "w") as leaf:
        leaf.write("words")
    os.close(inside)
    name = "d/" * depth + "leaf"
    yield name
    (tmp_path / name).unlink()
    for level in range(depth, 0, -1):  # here, since whoever tidies up after us would do it by recursion
        (tmp_path / ("d/" * level)).rmdir()


def test_very_deep_folders_do_not_break_the_walk(tmp_path: Path, deep_folders: str) -> None:
    assert ids(tmp_path) == [deep_folders]
    assert list(tmp_path.iterdir()) == [tmp_path / "d"]


@ROOT_ONLY
def test_what_may_not_be_read_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "closed" / "a")
    file = write(tmp_path / "secret")
    write(tmp_path / "open")
    file.chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        documents, skipped = read(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [document.id for document in documents] == ["open"]
    assert {path: item.reason for path, item in skipped.items()} == dict.fromkeys(
        ["closed", "secret"], SkipReason.UNREADABLE
    )
    assert "Permission denied" in skipped["secret"].detail
