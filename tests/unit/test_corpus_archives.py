"""Archives are folders: what is in them is read as if it lay there, and no more of it than is reasonable."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, archive, open_corpus, unpacking

FILES = {
    "readme.md": b"# Of Tides\n\nthe moon pulls",
    "news/sport/one.txt": b"a match was won",
    "news/rows.jsonl": b'{"id": "r1", "text": "first"}\n{"text": "second"}\n',
    "news/.hidden": b"not seen",
    "empty.txt": b" ",
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
}


def zipped(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packing) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return data.getvalue()


def packed(pack: Callable[[bytes], bytes]) -> Callable[[Mapping[str, bytes]], bytes]:
    return lambda files: pack(tarred(files))


MADE: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": packed(gzip.compress),
    "a.tgz": packed(gzip.compress),
    "a.tar.bz2": packed(bz2.compress),
    "a.tar.xz": packed(lzma.compress),
    "backup": tarred,
}


def read(folder: Path, config: CorpusConfig | None = None) -> tuple[dict[str, Document], dict[str, Skipped]]:
    items = list(open_corpus(folder, config or CorpusConfig()))
    documents = {item.id: item for item in items if isinstance(item, Document)}
    return documents, {item.path: item for item in items if isinstance(item, Skipped)}


@pytest.mark.parametrize("name", MADE)
def test_an_archive_is_read_as_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(MADE[name](FILES))
    documents, skipped = read(tmp_path, CorpusConfig(labels="folder"))
    names = ["readme.md", "news/sport/one.txt", "news/rows.jsonl:2"]
    assert documents.keys() == {"r1", *(f"{name}/{inner}" for inner in names)}
    tides = documents[f"{name}/readme.md"]
    assert (tides.title, tides.path, tides.text) == ("Of Tides", name, "# Of Tides\n\nthe moon pulls")
    assert documents[f"{name}/news/sport/one.txt"].labels == ("sport",)
    assert {path.removeprefix(f"{name}/"): item.reason for path, item in skipped.items()} == {
        "news/.hidden": SkipReason.HIDDEN,
        "empty.txt": SkipReason.EMPTY,
        "picture.png": SkipReason.BINARY,
    }


def test_an_archive_alone_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    assert "a.zip/readme.md" in read(tmp_path / "a.zip")[0]


def test_archives_in_archives_are_read_to_a_small_depth(tmp_path: Path) -> None:
    data = zipped({"deep.txt": b"at the bottom"})
    for level in range(5, 0, -1):
        data = (tarred if level % 2 else zipped)(
            {f"{level}{'.tar' if level % 2 == 0 else '.zip'}": data, "x.txt": b"here"}
        )
    (tmp_path / "a.tar").write_bytes(data)
    documents, skipped = read(tmp_path)
    assert "a.tar/x.txt" in documents
    assert [item.reason for item in skipped.values()] == [SkipReason.TOO_LARGE]
    assert "at most 3 deep" in next(iter(skipped.values())).detail


def test_files_that_are_packed_once_more_are_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"log.txt.gz": gzip.compress(b"words of a log")}))
    assert read(tmp_path)[0]["a.zip/log.txt.gz"].text == "words of a log"


def test_rows_of_two_files_in_an_archive_may_have_the_same_ids(tmp_path: Path) -> None:
    files = {f"{name}.csv": f"id,text\n1,first of {name}\n2,second of {name}\n".encode() for name in "ab"}
    (tmp_path / "a.zip").write_bytes(zipped(files))
    documents, skipped = read(tmp_path)
    assert (list(documents), list(skipped)) == (["1", "2", "a.zip/b.csv#1", "a.zip/b.csv#2"], ["a.zip/b.csv"])


def test_globs_and_ignored_names_hold_for_what_is_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.zip").write_bytes(
        zipped({"one.md": b"one", "two.txt": b"two", "drafts/three.md": b"three"})
    )
    assert read(tmp_path, CorpusConfig(include=("*.md",)))[0].keys() == {
        "in/a.zip/one.md",
        "in/a.zip/drafts/three.md",
    }
    assert read(tmp_path, CorpusConfig(exclude=("drafts/",)))[0].keys() == {
        "in/a.zip/one.md",
        "in/a.zip/two.txt",
    }
    assert read(tmp_path, CorpusConfig(exclude=("*.zip",))) == ({}, {})
    (tmp_path / ".semhashignore").write_text("*.txt\n")
    (tmp_path / "in/.semhashignore").write_text("drafts/\n")
    assert read(tmp_path)[0].keys() == {"in/a.zip/one.md"}


@pytest.mark.parametrize("make", [zipped, tarred])
def test_no_name_leads_out_of_an_archive(
    tmp_path: Path, make: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    (tmp_path / "corpus").mkdir()
    name = "a.zip" if make is zipped else "a.tar"
    files = {
        "../../out.txt": b"one",
        "/etc/out.txt": b"two",
        "a\\..\\win.txt": b"three",
        "c\x1b[31m.txt": b"four",
    }
    (tmp_path / "corpus" / name).write_bytes(make(files))
    documents, _ = read(tmp_path / "corpus")
    assert sorted(documents) == sorted(
        f"{name}/{inner}" for inner in ("out.txt", "etc/out.txt", "a/win.txt", "c\\x1b[31m.txt")
    )
    assert [path.name for path in tmp_path.rglob("*.txt")] == []


def test_a_name_in_utf8_that_is_not_said_to_be_and_none_at_all(tmp_path: Path) -> None:
    data = bytearray(zipped({"x": b"one", "caf\u00e9.txt": b"two"}))
    first = data.index(b"PK\x01\x02")
    data[first + 28], data[first + 32] = 0, 1  # the name's length, and that of the remark which it becomes
    data[data.rindex(b"PK\x03\x04") + 7] = data[data.rindex(b"PK\x01\x02") + 9] = 0  # the flags
    (tmp_path / "a.zip").write_bytes(bytes(data))
    documents, skipped = read(tmp_path)
    assert (list(documents), list(skipped)) == (["a.zip/caf\u00e9.txt"], ["a.zip/unnamed"])


def test_links_and_devices_in_tar_are_no_files(tmp_path: Path) -> None:
    data = io.BytesIO()
    (tmp_path / "secret").write_text("hidden words")
    with tarfile.open(fileobj=data, mode="w") as made:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"entry{kind.decode()}")
            info.type, info.linkname = kind, str(tmp_path / "secret")
            made.addfile(info)
        info = tarfile.TarInfo("real.txt")
        info.size = 5
        made.addfile(info, io.BytesIO(b"words"))
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/a.tar").write_bytes(data.getvalue())
    documents, skipped = read(tmp_path / "corpus")
    assert (list(documents), skipped) == (["a.tar/real.txt"], {})


def test_what_is_damaged_or_locked_in_an_archive_spoils_itself_alone(tmp_path: Path) -> None:
    data = bytearray(zipped({"one.txt": b"first words", "two.txt": b"second words"}, zipfile.ZIP_STORED))
    at = data.index(b"first words")
    data[at : at + 5] = b"FIRST"
    (tmp_path / "a.zip").write_bytes(bytes(data))
    locked = bytearray(zipped({"one.txt": b"words"}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + flags] |= 1
    (tmp_path / "b.zip").write_bytes(bytes(locked))
    documents, skipped = read(tmp_path)
    assert list(documents) == ["a.zip/two.txt"]
    assert "Bad CRC" in skipped["a.zip/one.txt"].detail
    assert skipped["b.zip/one.txt"].detail.endswith("found one that needs a password")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"PK\x03\x04 and nothing"),
        ("a.zip", zipped({})),
        ("a.tar", b"no archive at all" * 100),
        ("a.tar.gz", gzip.compress(b"no archive at all" * 100)),
        ("a.tgz", gzip.compress(tarred(FILES))[:-40]),
    ],
    ids=["a zip cut short", "an empty zip", "no tar", "no tar inside", "a tar cut short"],
)
def test_archives_that_are_none_are_told(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    skipped = read(tmp_path)[1]
    assert skipped[name].detail.startswith("expected ")
    assert "failed" not in skipped[name].detail


def test_archives_that_unfold_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (archive, unpacking):
        monkeypatch.setattr(module, "_FREE", 2_000_000)
    (tmp_path / "a.zip").write_bytes(zipped({"big.txt": b"x" * 1_500_000, "small.txt": b"words"}))
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(tarred({"big.txt": b"x" * 4_000_000})))
    (tmp_path / "c.zip").write_bytes(zipped({f"{n}.txt": b"y" * 900_000 for n in range(9)}))
    nested = zipped({f"{n}.zip": zipped({"big.txt": b"z" * 900_000}) for n in range(9)})
    (tmp_path / "d.zip").write_bytes(nested)
    documents, skipped = read(tmp_path)
    assert "a.zip/small.txt" in documents
    assert skipped["a.zip/big.txt"].reason == SkipReason.TOO_LARGE
    assert {skipped[name].reason for name in ("b.tar.gz", "c.zip", "d.zip")} == {SkipReason.TOO_LARGE}
    monkeypatch.setattr(archive, "_MOST", 5)
    assert read(tmp_path)[1]["c.zip"].reason == SkipReason.TOO_LARGE


def test_a_header_of_tar_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3_000_000
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"x" * 3_000_320)
    assert read(tmp_path)[1]["a.tar"].reason == SkipReason.UNREADABLE


def test_documents_that_are_zip_archives_are_no_archives(tmp_path: Path) -> None:
    word = zipped(
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d><p><r><t>words</t></r></p></d>"}
    )
    (tmp_path / "letter.zip").write_bytes(word)
    (tmp_path / "docs.zip").write_bytes(zipped({"letter.docx": word}, zipfile.ZIP_STORED))
    items = [*read(tmp_path)[0].values(), *read(tmp_path)[1].values()]
    missing = {item.reason for item in items if isinstance(item, Skipped)} == {SkipReason.MISSING_EXTRA}
    assert missing or {item.id for item in items if isinstance(item, Document)} == {
        "letter.zip",
        "docs.zip/letter.docx",
    }
