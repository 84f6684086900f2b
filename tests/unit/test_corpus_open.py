"""A corpus as a whole: opening it, its name, how far it is, what is let through."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Corpus, Document, Skipped, SkipReason, open_corpus, registry
from semhash.corpus.source import Source
from semhash.errors import CorpusError


def write(file: Path, data: bytes | str = "some words") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def reasons(corpus: Corpus) -> dict[str, SkipReason]:
    return {item.path: item.reason for item in corpus if isinstance(item, Skipped)}


def test_a_missing_corpus_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        open_corpus(tmp_path / "nowhere")
    assert str(caught.value) == (
        f"corpus {tmp_path}/nowhere: expected a folder or a file, found nothing there; "
        "check the path, and that you may read what is there"
    )


def test_other_paths_that_are_no_corpus(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    file = write(tmp_path / "file")
    expected: dict[str | Path, str] = {
        "": "found an empty one",
        tmp_path / "pipe": "found a named pipe",
        tmp_path / "loop": "loop",
        file / "below": "not a directory",
        "nul\0": "null byte",
        tmp_path / ("x" * 300): "file name too long",
    }
    for path, found in expected.items():
        with pytest.raises(CorpusError, match=f"(?i){found}"):
            open_corpus(path)


def test_an_index_is_no_corpus(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", '{"format":"semhash-index"}')
    with pytest.raises(CorpusError, match="found an index made by semhash; give the folder or file"):
        open_corpus(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_corpus_that_may_not_be_read(tmp_path: Path) -> None:
    file = write(tmp_path / "file")
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (file, folder):
        path.chmod(0)
        with pytest.raises(CorpusError, match="found permission denied"):
            open_corpus(path)
    folder.chmod(0o700)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("news/", "news"),
        ("news/.", "news"),
        ("news/sub/..", "news"),
        ("link", "link"),
        ("notes.jsonl", "notes"),
        ("notes.jsonl.gz", "notes"),
        ("notes.NDJSON", "notes"),
        ("v1.2.txt", "v1.2"),
        ("plain", "plain"),
        (".hidden.jsonl", "hidden"),
        (".jsonl", "jsonl"),
        ("-rf", "rf"),
        ("a\nb\\c", "a-b-c"),
        ("...", "corpus"),
        ("ü" * 120, "ü" * 50),
    ],
)
def test_the_name_is_what_the_user_calls_it_and_safe(tmp_path: Path, path: str, name: str) -> None:
    (tmp_path / "news" / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to("news")
    if not (tmp_path / path).exists():
        write(tmp_path / path)
    corpus = open_corpus(os.path.join(tmp_path, path))  # noqa: PTH118, a Path would drop the dot
    assert corpus.name == name
    assert (tmp_path / "made" / corpus.name).parent == tmp_path / "made"
    assert corpus.root == (tmp_path / path).resolve()


def test_the_current_folder_has_its_real_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "news" / "a")
    monkeypatch.chdir(tmp_path / "news")
    assert [open_corpus(path).name for path in (".", Path(), "./", "../news")] == ["news"] * 4
    assert open_corpus(".").root == tmp_path / "news"


def test_a_single_file_of_any_kind_is_a_corpus(tmp_path: Path) -> None:
    file = write(tmp_path / "deep" / "note.txt", "the moon")
    corpus = open_corpus(str(file), CorpusConfig(labels="folder"))
    assert list(corpus) == [Document(id="note.txt", text="the moon", title="note.txt", path="note.txt")]
    assert corpus.root == file
    assert corpus.total_bytes == corpus.read_bytes == 8


def test_sizes_add_up_and_reading_again_gives_the_same(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"text": f"row {number}"}) + "\n" for number in range(50))
    sizes = {
        "a.txt": b"words",
        "b.bin": b"\0" * 10,
        "c.txt": b"",
        "d.jsonl": rows.encode(),
        "e.jsonl.gz": gzip.compress(rows.encode()),
        "f.big": b"x" * 20_000,
    }
    for name, data in sizes.items():
        write(tmp_path / name, data)
    corpus = open_corpus(tmp_path, CorpusConfig(max_bytes=10_000))
    assert corpus.total_bytes == sum(map(len, sizes.values()))
    assert corpus.read_bytes == 0
    first = []
    previous = 0
    for item in corpus:
        assert previous <= corpus.read_bytes <= corpus.total_bytes
        previous = corpus.read_bytes
        first.append(item)
    assert corpus.read_bytes == corpus.total_bytes
    assert list(corpus) == first
    assert reasons(corpus) == {
        "b.bin": SkipReason.BINARY,
        "c.txt": SkipReason.EMPTY,
        "f.big": SkipReason.TOO_LARGE,
    }


@pytest.mark.parametrize("packed", [False, True])
def test_progress_moves_inside_one_large_file(tmp_path: Path, packed: bool) -> None:
    noise = [os.urandom(400).hex() for _ in range(2000)]
    data = "".join(json.dumps({"text": text}) + "\n" for text in noise).encode()
    file = (
        write(tmp_path / "big.jsonl.gz", gzip.compress(data)) if packed else write(tmp_path / "b.jsonl", data)
    )
    corpus = open_corpus(file)
    seen = sorted({corpus.read_bytes for _ in corpus})
    steps = [later - earlier for earlier, later in zip([0, *seen], [*seen, corpus.total_bytes], strict=True)]
    assert max(steps) < corpus.total_bytes / 4
    assert seen[-1] <= corpus.total_bytes == corpus.read_bytes == file.stat().st_size


def test_left_off_halfway_it_begins_anew(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name, name)
    corpus = open_corpus(tmp_path)
    for item in corpus:
        assert isinstance(item, Document)
        if item.id == "b":
            break
    assert [item.id for item in corpus if isinstance(item, Document)] == ["a", "b", "c"]
    assert corpus.read_bytes == 3


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"", SkipReason.EMPTY, "expected text, found none"),
        (b" \r\n\t ", SkipReason.EMPTY, "expected text, found none"),
        ("\ufeff\u3000\n".encode(), SkipReason.EMPTY, "expected text, found none"),
        (b"\x89PNG\r\n", SkipReason.BINARY, "expected text, found a PNG image"),
        (b"a\0b", SkipReason.BINARY, "expected text, found NUL bytes"),
        (b"x" * 101, SkipReason.TOO_LARGE, "expected at most 100 bytes, found 101"),
        (b"\xff\xfea", SkipReason.UNREADABLE, "found bytes that fit none"),
    ],
)
def test_files_that_are_no_documents(tmp_path: Path, data: bytes, reason: SkipReason, detail: str) -> None:
    for name in ("a.txt", "a.md", "a.rst"):
        write(tmp_path / name, data)
    items = list(open_corpus(tmp_path, CorpusConfig(max_bytes=100)))
    assert [(item.path, item.reason) for item in items if isinstance(item, Skipped)] == [
        ("a.md", reason),
        ("a.rst", reason),
        ("a.txt", reason),
    ]
    assert all(isinstance(item, Skipped) and item.detail.endswith(detail) for item in items)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a", b"x" * 100)
    (item,) = open_corpus(tmp_path, CorpusConfig(max_bytes=100))
    assert isinstance(item, Document)
    assert item.text == "x" * 100


def test_a_file_that_grows_behind_our_back_cannot_fill_the_memory() -> None:
    unsized = Path("/proc/self/smaps")
    if not unsized.exists() or unsized.stat().st_size != 0 or len(unsized.read_bytes()) < 20_000:
        pytest.skip("needs a file of Linux's /proc, which says it is empty and is not")
    for limit in (50, 17_000):  # within what is read to tell the format, and beyond
        (item,) = open_corpus(unsized, CorpusConfig(max_bytes=limit))
        assert isinstance(item, Skipped)
        assert (item.reason, item.detail) == (
            SkipReason.TOO_LARGE,
            f"expected at most {limit:,} bytes, found more",
        )


def test_an_id_that_two_files_have_is_named_with_the_second(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"id": "x", "text": "first"}\n{"id": "b.txt", "text": "row"}\n')
    write(tmp_path / "b.txt", "a file")
    write(
        tmp_path / "c.jsonl",
        '{"id": "y", "text": ""}\n{"id": "x", "text": "again"}\n{"id": "y", "text": "y"}\n',
    )
    corpus = open_corpus(tmp_path)
    documents = [(item.id, item.text) for item in corpus if isinstance(item, Document)]
    assert documents == [("x", "first"), ("b.txt", "row"), ("c.jsonl#x", "again"), ("y", "y")]
    assert reasons(corpus) == {
        "b.txt": SkipReason.DUPLICATE_ID,
        "c.jsonl:1": SkipReason.EMPTY,
        "c.jsonl": SkipReason.SHARED_ID,
    }


def test_files_of_an_archive_have_ids_of_their_own(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("c.csv", "id,text\n1,third\n3,fourth\n")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", "id,text\n1,first\n1,once more\n")
        packed.writestr("b.csv", "id,text\n1,second\n")
        packed.writestr("in.zip", inner.getvalue())
    items = list(open_corpus(tmp_path))
    assert [(item.id, item.text, item.path) for item in items if isinstance(item, Document)] == [
        ("1", "first", "a.zip"),
        ("a.zip/b.csv#1", "second", "a.zip"),
        ("a.zip/in.zip/c.csv#1", "third", "a.zip"),
        ("3", "fourth", "a.zip"),
    ]
    assert [(item.path, item.reason) for item in items if isinstance(item, Skipped)] == [
        ("a.zip/a.csv:3", SkipReason.DUPLICATE_ID),
        ("a.zip/b.csv", SkipReason.SHARED_ID),
        ("a.zip/in.zip/c.csv", SkipReason.SHARED_ID),
    ]


def test_equal_texts_are_two_documents(tmp_path: Path) -> None:
    write(tmp_path / "a", "same")
    write(tmp_path / "b", "same")
    assert [item.id for item in open_corpus(tmp_path) if isinstance(item, Document)] == ["a", "b"]


class Shouting:
    """A format of our own: two documents a file, and a failure on request."""

    name = "shouting"

    def accepts(self, name: str, head: bytes) -> bool:
        return head.startswith(b"!")

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        yield Document(id=f"{source.name}#1", text=source.text().upper(), title="LOUD", path=source.name)
        if b"fail" in source.data():
            raise KeyError("no such page")


def test_a_new_format_is_one_line_in_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "READERS", (Shouting(), *registry.READERS))
    write(tmp_path / "a", "!hello")
    write(tmp_path / "b", "!fail")
    write(tmp_path / "c", "quiet")
    items = list(open_corpus(tmp_path))
    assert [(item.id, item.text) for item in items if isinstance(item, Document)] == [
        ("a#1", "!HELLO"),
        ("b#1", "!FAIL"),
        ("c", "quiet"),
    ]
    (failed,) = [item for item in items if isinstance(item, Skipped)]
    assert (failed.path, failed.reason) == ("b", SkipReason.UNREADABLE)
    assert failed.detail == "expected to read it, found: the shouting reader failed: KeyError: 'no such page'"


def test_readers_are_told_apart_by_name_and_the_last_takes_all() -> None:
    names = [reader.name for reader in registry.READERS]
    assert len(set(names)) == len(names)
    assert registry.reader_for("a.unknown", b"anything") is registry.READERS[-1]
    chosen = {
        "a.JSONL": "JSON lines",
        "b.ndjson.gz": "JSON lines",
        "c.md": "Markdown",
        "d.markdown": "Markdown",
        "e.rst": "reStructuredText",
        "f.eml": "mail",
        "g.jsonl.txt": "plain text",
        "h.rst.txt": "reStructuredText",
        "i.HTM": "HTML",
        "j.csv": "table",
        "k.tab": "table",
        "l.mbox": "mailbox",
        "m.pdf": "plain text",  # by its first bytes alone
        "n.docx": "plain text",
        "o.1": "plain text",
    }
    assert {name: registry.reader_for(name, b"").name for name in chosen} == chosen
    heads = {
        b"%PDF-1.7": "PDF",
        b"junk before %PDF-1.7": "plain text",
        b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip": "EPUB",
        b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text": "OpenDocument",
        b"PK\x03\x04" + bytes(26) + b"word/document.xml": "DOCX",
        b"PK\x03\x04": "plain text",
        b"<!-- x -->\n<!DOCTYPE HTML>": "HTML",
        b"<?xml version='1.0'?><html>": "HTML",
        b"From: a\nSubject: b\n\n": "mail",
        b"From a@b Mon Apr  5 10:00:00 1993\nSubject: b\n": "mailbox",
        b'.\\" remark\n.TH LS 1': "manual page",
        b"words": "plain text",
    }
    assert {head: registry.reader_for("a", head).name for head in heads} == heads


def test_a_folder_of_plain_text_loads_no_reader_of_anything_else(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "the moon")
    code = "import sys; from semhash.corpus import open_corpus; print(len(list(open_corpus(sys.argv[1]))))\n"
    code += (
        "print(*{'lxml', 'selectolax', 'pypdfium2', 'yaml', 'pathspec'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("1\n", "\n")
