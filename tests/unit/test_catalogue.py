import sqlite3
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from semhash import codes
from semhash.catalogue import SCHEMA_VERSION, Catalogue, DocumentCode
from semhash.corpus.document import Document, Skipped, SkipReason
from semhash.errors import IndexDamagedError, IndexFormatError

NOTE = Document(
    id="a/b.txt",
    text="Ein Schiff, 船, 🚢\n\twith a tab",
    title="Ships",
    path="a/b.txt",
    labels=("sea", "air", "sea"),
    split="train",
    metadata={"year": 1993, "deep": {"list": [1, None, "x"]}},
)


def numbered(n: int) -> list[Document]:
    return [
        Document(f"id {i}", f"text {i}", f"title {i}", "rows.jsonl", ("even",) if i % 2 == 0 else ())
        for i in range(n)
    ]


def write(file: Path, documents: list[Document], *, store_text: bool = True) -> Path:
    with Catalogue.create(file) as catalogue:
        batch = [(document, sha256(document.text.encode()).digest()) for document in documents]
        catalogue.add_documents(0, batch[:3], store_text)
        catalogue.add_documents(3, batch[3:], store_text)
        code = [DocumentCode(i, codes.from_int(i, 20).tobytes(), i % 5) for i in range(len(documents))]
        catalogue.set_codes(code)
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "catalogue.sqlite", numbered(1203))


def test_what_is_shown_is_what_the_whole_entries_say_in_the_order_asked(file: Path) -> None:
    with Catalogue.open(file) as catalogue:
        rows = [700, 3, 1202, 0]
        entries = catalogue.by_rows(rows)
        for texts in (True, False):
            for row, found in zip(rows, catalogue.shown(rows, texts=texts), strict=True):
                entry = entries[row]
                assert (found.row, found.id, found.title) == (row, entry.id, entry.title)
                assert (found.path, found.labels) == (entry.path, entry.labels)
                assert (found.text and found.text.read(10**6)) == (entry.text if texts else None)
        assert [found.row for found in catalogue.shown([5, 1203, 6], texts=False)] == [5, 6]


def test_labels_are_shown_sorted(tmp_path: Path) -> None:
    with Catalogue.open(write(tmp_path / "c.sqlite", [NOTE])) as catalogue:
        [found] = catalogue.shown([0], texts=True)
    assert found.labels == ("air", "sea")
    assert found.text is not None
    assert found.text.read(10**6) == NOTE.text


def test_a_document_comes_back_as_it_went_in(tmp_path: Path) -> None:
    with Catalogue.open(write(tmp_path / "c.sqlite", [NOTE])) as catalogue:
        entry = catalogue.by_id(NOTE.id)
        assert entry is not None
        assert catalogue.by_id("a/B.txt") is None
        assert catalogue.by_rows([0]) == {0: entry}
        assert list(catalogue.documents()) == [entry]
    assert (entry.id, entry.text, entry.title, entry.path) == (NOTE.id, NOTE.text, NOTE.title, NOTE.path)
    assert (entry.split, entry.metadata) == (NOTE.split, NOTE.metadata)
    assert entry.labels == ("air", "sea")
    assert (entry.row, entry.code, entry.known_words) == (0, 0, 0)


def test_rows_count_up_over_batches_and_keep_their_codes(file: Path) -> None:
    with Catalogue.open(file) as catalogue:
        assert catalogue.count() == 1203
        entries = list(catalogue.documents())
    assert [entry.row for entry in entries] == list(range(1203))
    assert [entry.id for entry in entries] == [f"id {i}" for i in range(1203)]
    assert [(entry.code, entry.known_words) for entry in entries] == [(i, i % 5) for i in range(1203)]


@pytest.mark.parametrize("rows", [[], [7], [1202, 0, 600], list(range(1203))[::-1]])
def test_rows_are_given_however_many_are_asked_for(file: Path, rows: list[int]) -> None:
    with Catalogue.open(file) as catalogue:
        assert {row: entry.title for row, entry in catalogue.by_rows(rows).items()} == {
            row: f"title {row}" for row in rows
        }
        assert catalogue.ids(rows) == {row: f"id {row}" for row in rows}
        assert catalogue.by_rows([5000]) == {}
        assert catalogue.ids([-1]) == {}


@pytest.mark.parametrize("limit", [None, 0, 1, 499, 500, 501, 602, 5000])
@pytest.mark.parametrize("label", [None, "even"])
def test_listing_stops_at_the_limit(file: Path, limit: int | None, label: str | None) -> None:
    expected = list(range(0, 1203, 1 if label is None else 2))[:limit]
    with Catalogue.open(file) as catalogue:
        assert [entry.row for entry in catalogue.documents(label, limit)] == expected


def test_an_unknown_label_has_no_documents(file: Path) -> None:
    with Catalogue.open(file) as catalogue:
        assert list(catalogue.documents("odd' OR 1=1 --")) == []


def test_texts_are_left_out_when_asked_and_compressed_otherwise(tmp_path: Path) -> None:
    long = replace(NOTE, text="again and again " * 50_000)
    without = write(tmp_path / "without.sqlite", [long], store_text=False)
    with Catalogue.open(without) as catalogue:
        [entry] = catalogue.documents()
        assert entry.text is None
    assert b"again and again" not in without.read_bytes()
    kept = write(tmp_path / "kept.sqlite", [long])
    with Catalogue.open(kept) as catalogue:
        [entry] = catalogue.documents()
        assert entry.text == long.text
    assert kept.stat().st_size - without.stat().st_size < len(long.text) // 50


def test_codes_take_the_place_that_was_left_for_them(tmp_path: Path) -> None:
    """A row that grows when its code is set has its neighbours move: a tenth of the file would stay empty."""
    pages = []
    for room in (0, 3):
        file = tmp_path / f"{room}.sqlite"
        with Catalogue.create(file) as catalogue:
            batch = [(replace(NOTE, id=str(i), text=f"{i} " * 300), bytes(32)) for i in range(2000)]
            catalogue.add_documents(0, batch, True, room)
            catalogue.set_codes(DocumentCode(row, b"abc", 300) for row in range(2000))
        with Catalogue.open(file) as catalogue:
            assert {(entry.code, entry.known_words) for entry in catalogue.documents()} == {(0x636261, 300)}
        pages.append(file.stat().st_size)
    assert pages[1] < pages[0]


def test_what_was_skipped_is_listed_in_reading_order(tmp_path: Path) -> None:
    skipped = [Skipped("b.bin", SkipReason.BINARY, "NUL bytes"), Skipped("a:7", SkipReason.EMPTY, "none")]
    with Catalogue.create(tmp_path / "c.sqlite") as catalogue:
        catalogue.add_skipped(skipped[:1])
        catalogue.add_skipped(skipped[1:])
        catalogue.add_skipped([])
    with Catalogue.open(tmp_path / "c.sqlite") as catalogue:
        assert catalogue.skipped() == skipped


@pytest.mark.parametrize("name", ["plain", "a b", "100%", "what?mode=rwc", "a#b", "%41", "ß船", "-", "'\""])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Catalogue.open(write(folder / "c.sqlite", [NOTE])) as catalogue:
        assert catalogue.count() == 1
    assert [path.name for path in tmp_path.rglob("*")] == [name, "c.sqlite"]


def test_a_catalogue_is_opened_for_reading_only(file: Path) -> None:
    before = file.read_bytes()
    with Catalogue.open(file) as catalogue:
        with (
            catalogue.lent() as connected,
            pytest.raises(sqlite3.OperationalError, match="readonly database"),
        ):
            connected.driver.execute("DELETE FROM documents")
        assert catalogue.count() == 1203
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 0])
def test_another_schema_is_refused_with_both_versions_named(file: Path, version: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    expected = f"expected catalogue schema {SCHEMA_VERSION}, found {version}; index the corpus again"
    with pytest.raises(IndexFormatError, match=expected):
        Catalogue.open(file)


@pytest.mark.parametrize("content", [None, b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 984])
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "c.sqlite"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"c\.sqlite: expected a sound SQLite catalogue, found: "):
        Catalogue.open(file)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = x'0123'",
        "UPDATE documents SET metadata = '{'",
        "UPDATE documents SET title = CAST(x'ff' AS TEXT)",
        "UPDATE documents SET code = 17",
        "UPDATE documents SET text = 'text'",
        "DROP TABLE documents",
        "DROP TABLE labels",
    ],
)
@pytest.mark.parametrize(
    "ask",
    [lambda c: list(c.documents()), lambda c: c.by_rows([0]), lambda c: c.by_id("a/b.txt")],
    ids=["documents", "by_rows", "by_id"],
)
def test_damage_inside_is_told_when_it_is_met(
    tmp_path: Path, statement: str, ask: Callable[[Catalogue], object]
) -> None:
    file = write(tmp_path / "c.sqlite", [NOTE])
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()
    with (
        Catalogue.open(file) as catalogue,
        pytest.raises(IndexDamagedError, match=r"c\.sqlite: expected a sound .*; look closer with: semhash"),
    ):
        ask(catalogue)


def test_an_unknown_reason_for_skipping_is_damage(tmp_path: Path) -> None:
    with Catalogue.create(tmp_path / "c.sqlite") as catalogue:
        catalogue.add_skipped([Skipped("a", SkipReason.EMPTY, "")])
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        connection.execute("UPDATE skipped SET reason = 'boredom'")
    connection.close()
    with (
        Catalogue.open(tmp_path / "c.sqlite") as catalogue,
        pytest.raises(IndexDamagedError, match="boredom"),
    ):
        catalogue.skipped()


def test_sqlite_itself_is_asked_whether_the_file_is_sound(file: Path) -> None:
    with Catalogue.open(file) as catalogue:
        assert catalogue.check() is None
    data = bytearray(file.read_bytes())
    page = int.from_bytes(data[16:18], "big")
    data[3 * page : 3 * page + 64] = bytes(64)
    file.write_bytes(data)
    with Catalogue.open(file) as catalogue:
        assert catalogue.check()


def test_the_build_is_recorded(index_folder: Path) -> None:
    [file] = index_folder.glob("generation-*/catalogue.sqlite")
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    rows = connection.execute("SELECT generation, seed, n_documents, n_skipped FROM builds").fetchall()
    digests = connection.execute("SELECT id, digest FROM documents ORDER BY row LIMIT 3").fetchall()
    connection.close()
    assert rows == [(1, 0, 240, 0)]
    with Catalogue.open(file) as catalogue:
        for document_id, digest in digests:
            entry = catalogue.by_id(document_id)
            assert entry is not None
            assert entry.text is not None
            assert sha256(entry.text.encode()).digest() == digest
