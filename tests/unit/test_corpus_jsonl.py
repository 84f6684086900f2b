"""JSON lines: fields, splits, limits, and every way in which a row or a file can be broken."""

import gzip
import json
import re
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus


def write(file: Path, *rows: str | bytes | Mapping[str, object]) -> Path:
    lines = [json.dumps(row) if isinstance(row, Mapping) else row for row in rows]
    data = b"".join(line.encode() + b"\n" if isinstance(line, str) else line + b"\n" for line in lines)
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return file


def read(file: Path, config: CorpusConfig | None = None) -> tuple[list[Document], list[Skipped]]:
    items = list(open_corpus(file, config or CorpusConfig()))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Skipped)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.ndjson", "a.NDJSON.GZ"])
def test_every_field_of_a_row(tmp_path: Path, name: str) -> None:
    row = {
        "id": "x/1",
        "text": "The moon.\nAnd more.\r\n",
        "title": "A title\non two lines",
        "labels": ["space", "night", "space"],
        "split": "test",
        "year": 1969,
        "nested": {"a": [1, 2.5, None, True, "é"]},
    }
    file = write(tmp_path / name, row)
    if name.endswith("GZ"):
        file.write_bytes(gzip.compress(json.dumps(row).encode()))
    assert read(file) == (
        [
            Document(
                id="x/1",
                text="A title on two lines\nThe moon.\nAnd more.\r\n",
                title="A title on two lines",
                path=name,
                labels=("space", "night"),
                split="test",
                metadata={"year": 1969, "nested": {"a": [1, 2.5, None, True, "é"]}},
            )
        ],
        [],
    )


def test_what_a_row_may_leave_out(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    nothing = {"id": None, "title": None, "labels": None, "split": None, "text": "b"}
    write(tmp_path / "sub" / "a.jsonl", {"text": f"\n\n  {'x' * 100}\nsecond"}, "", "  ", nothing)
    first, second = read(tmp_path, CorpusConfig(labels="folder"))[0]
    assert first == Document(
        id="sub/a.jsonl:1", text=f"\n\n  {'x' * 100}\nsecond", title="x" * 80, path="sub/a.jsonl"
    )
    assert second == Document(id="sub/a.jsonl:4", text="b", title="b", path="sub/a.jsonl")


def test_whole_numbers_serve_as_names_and_one_string_as_labels(tmp_path: Path) -> None:
    row = {"id": 7, "text": "a", "title": 1984, "split": 0, "labels": "one"}
    (document,) = read(write(tmp_path / "a.jsonl", row))[0]
    assert (document.id, document.title, document.split, document.labels) == ("7", "1984", "0", ("one",))


def test_blank_ids_titles_and_labels_are_as_good_as_none(tmp_path: Path) -> None:
    row = {"id": " ", "text": "a", "title": "", "labels": ["", " ", "b"]}
    (document,) = read(write(tmp_path / "a.jsonl", row))[0]
    assert (document.id, document.title, document.labels) == ("a.jsonl:1", "a", ("b",))


def test_fields_by_other_names(tmp_path: Path) -> None:
    row = {"doi": "10/1", "abstract": "words", "name": "N", "topics": ["t"], "part": "p", "text": 5, "id": 6}
    config = CorpusConfig(
        fields={"id": "doi", "text": "abstract", "title": "name", "labels": "topics", "split": "part"}
    )
    (document,) = read(write(tmp_path / "a.jsonl", row), config)[0]
    assert document == Document(
        id="10/1",
        text="N\nwords",
        title="N",
        path="a.jsonl",
        labels=("t",),
        split="p",
        metadata={"text": 5, "id": 6},
    )


def test_only_the_wanted_split_is_in_the_corpus(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        {"id": "1", "text": "a", "split": "train"},
        {"id": "2", "text": "b", "split": "test"},
        {"id": "1", "text": {}, "split": "test"},
        {"id": "3", "text": "c"},
        {"id": "4", "text": "d", "split": "train"},
    )
    documents, skipped = read(file, CorpusConfig(split="train"))
    assert [document.id for document in documents] == ["1", "4"]
    assert skipped == []
    (tmp_path / "b.txt").write_text("a file has no split", encoding="utf-8")
    assert [document.id for document in read(tmp_path, CorpusConfig(split="test"))[0]] == ["2", "b.txt"]


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ("{", "expected a JSON object, found expecting property name"),
        ("not json", "expected a JSON object, found expecting value at character 1"),
        ('{"text": "a"} {"text": "b"}', "expected a JSON object, found extra data at character 15"),
        ('{"text": "a\tb"}', "expected a JSON object, found invalid control character"),
        ("[1, 2]", "expected a JSON object, found a list"),
        ("null", "expected a JSON object, found null"),
        ("12", "expected a JSON object, found a number"),
        ('{"words": "a", "id": 1}', "(the option `fields` can name another), found 'words', 'id'"),
        ("{}", "(the option `fields` can name another), found no field"),
        ('{"text": {"a": 5}}', "expected a string in 'text', found an object"),
        ('{"text": null}', "expected a string in 'text', found null"),
        ('{"text": ["a", ["b"]]}', "expected a string in 'text', found a list among a list"),
        ('{"text": "a", "id": true}', "expected a string in 'id', found true or false"),
        ('{"text": "a", "id": [1.5]}', "expected a string in 'id', found a list"),
        ('{"text": "a", "title": {}}', "expected a string in 'title', found an object"),
        ('{"text": "a", "split": []}', "expected a string in 'split', found a list"),
        (
            '{"text": "a", "labels": {}}',
            "expected a string or a list of strings in 'labels', found an object",
        ),
        (
            '{"text": "a", "labels": ["b", null]}',
            "expected a list of strings in 'labels', found null among them",
        ),
        ('{"text": "a", "x": ' + "[" * 5000 + "]" * 5000 + "}", "at most 100 levels of nesting, found more"),
        ('{"n": NaN, "x": ' + "[" * 5000 + "]" * 5000 + "}", "at most 100 levels of nesting, found more"),
        ('{"text": "a", "x": ' + "[" * 101 + "]" * 101 + "}", "at most 100 levels of nesting, found more"),
        (b'{"text": "a\0b"}', "expected a JSON object, found invalid control character"),
        (bytes(range(128, 256)) * 9, "expected a JSON object, found bytes in no known encoding"),
    ],
)
def test_broken_rows_are_reported_by_line_and_the_others_kept(
    tmp_path: Path, row: str | bytes, detail: str
) -> None:
    file = write(tmp_path / "a.jsonl", {"id": "1", "text": "a"}, row, {"id": "3", "text": "c"})
    documents, skipped = read(file)
    assert [document.id for document in documents] == ["1", "3"]
    assert [(item.path, item.reason) for item in skipped] == [("a.jsonl:2", SkipReason.BROKEN_ROW)]
    assert detail in skipped[0].detail


def test_values_that_fit_no_json_reader_are_made_to_fit(tmp_path: Path) -> None:
    row = (
        r'{"id": "a\ud800", "text": "b\udfffc\u0000d", "title": "\ud83d\ude00 \ud83d", "labels": ["\udc00"],'
        r'"nan": NaN, "inf": [-Infinity, 1e999], "huge": 123456789012345678901234567890, "low": -1,'
        r'"k\ud800": {"deep": "\ud800"}, "edge": 9223372036854775807}'
    )
    ((document,), skipped) = read(write(tmp_path / "a.jsonl", row))
    assert skipped == []
    assert document == Document(
        id="a\ufffd",
        text="😀 \ufffd\nb\ufffdc\ufffdd",
        title="😀 \ufffd",
        path="a.jsonl",
        labels=("\ufffd",),
        metadata={
            "nan": None,
            "inf": [None, None],
            "huge": "123456789012345678901234567890",
            "low": -1,
            "k\ufffd": {"deep": "\ufffd"},
            "edge": 2**63 - 1,
        },
    )


@pytest.mark.parametrize("digits", [20, 30, 5000])
def test_integers_of_any_length(tmp_path: Path, digits: int) -> None:
    number = "9" * digits
    row = f'{{"id": {number}, "text": "a", "n": {number}, "m": -{number}}}'
    (document,) = read(write(tmp_path / "a.jsonl", row))[0]
    assert (document.id, document.metadata) == (number, {"n": number, "m": f"-{number}"})


def test_rows_in_a_legacy_encoding_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        "\ufeff" + '{"id": "1", "text": "a"}',
        '{"id": "2", "text": "Käse aus Köln"}'.encode("latin-1"),
    )
    documents, skipped = read(file)
    assert [(document.id, document.text) for document in documents] == [("1", "a"), ("2", "Käse aus Köln")]
    assert skipped == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_rows_in_wide_characters_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    rows = '{"id": "1", "text": "Wind über dem See"}\r\n{"id": "2", "text": "早上好 🚀"}\n'
    (tmp_path / "a.jsonl").write_bytes(rows.encode(encoding))
    documents, skipped = read(tmp_path / "a.jsonl")
    assert [(document.id, document.text) for document in documents] == [
        ("1", "Wind über dem See"),
        ("2", "早上好 🚀"),
    ]
    assert skipped == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
def test_rows_up_to_the_limit_are_read_and_longer_ones_passed_over(
    tmp_path: Path, newline: str, suffix: str
) -> None:
    def row(length: int) -> str:
        frame = json.dumps({"text": ""})
        return json.dumps({"text": "x" * (length - len(frame))})

    lengths = [100, 101, 102, 103, 99, 50_000, 200_000, 20]
    data = newline.join(map(row, lengths)).encode()
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    documents, skipped = read(file, CorpusConfig(max_bytes=100))
    assert [document.id for document in documents] == [f"a.{suffix}:{line}" for line in (1, 5, 8)]
    assert [item.path for item in skipped] == [f"a.{suffix}:{line}" for line in (2, 3, 4, 6, 7)]
    assert {(item.reason, item.detail) for item in skipped} == {
        (SkipReason.TOO_LARGE, "expected at most 100 bytes, found more")
    }


def test_odd_carriage_returns_at_the_limit_split_no_row(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", b"y" * 11 + b"\r\r" + b"z" * 50, b'{"text":{}}')
    skipped = read(file, CorpusConfig(max_bytes=11))[1]
    assert [(item.path, item.reason) for item in skipped] == [
        ("a.jsonl:1", SkipReason.TOO_LARGE),
        ("a.jsonl:2", SkipReason.BROKEN_ROW),
    ]


def test_a_giant_row_is_never_held_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text": "' + b"x" * 50_000_000 + b'"}\n{"id": "2", "text": "b"}\n'))
    config = CorpusConfig(max_bytes=1000)
    tracemalloc.start()
    try:
        documents, skipped = read(file, config)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [document.id for document in documents] == ["2"]
    assert [item.path for item in skipped] == ["a.jsonl.gz:1"]
    assert peak < 5_000_000


def test_a_file_larger_than_the_limit_of_a_row_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *({"text": f"row {number}"} for number in range(1000)))
    documents, skipped = read(file, CorpusConfig(max_bytes=30))
    assert [document.text for document in documents] == [f"row {number}" for number in range(1000)]
    assert skipped == []


def packed_rows() -> tuple[list[str], bytes]:
    texts = [f"row {number} " + "abc" * (number % 7) for number in range(5000)]
    return texts, gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts).encode())


def test_a_gzip_file_cut_short_keeps_the_rows_before(tmp_path: Path) -> None:
    texts, data = packed_rows()
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(data[: len(data) // 2])
    documents, skipped = read(file)
    assert 0 < len(documents) < len(texts)
    assert [document.text for document in documents] == texts[: len(documents)]
    assert [(item.path, item.reason) for item in skipped] == [("a.jsonl.gz", SkipReason.UNREADABLE)]
    detail = r"expected gzip data to its end, found after [\d,]+ bytes: its end is missing"
    assert re.fullmatch(detail, skipped[0].detail)


@pytest.mark.parametrize("damage", ["middle", "checksum", "tail"])
def test_a_gzip_file_that_is_damaged_is_reported_once(tmp_path: Path, damage: str) -> None:
    texts, data = packed_rows()
    altered = bytearray(data)
    if damage == "middle":
        altered[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    elif damage == "checksum":
        altered[-8] ^= 1
    else:
        altered += b"rubbish behind"
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(altered)
    documents, skipped = read(file)
    assert [document.text for document in documents[:1000]] == texts[:1000]
    assert [item.path for item in skipped if item.reason is SkipReason.UNREADABLE] == ["a.jsonl.gz"]


@pytest.mark.parametrize(
    ("name", "data", "reason", "detail"),
    [
        ("a.jsonl", b"", SkipReason.EMPTY, "expected rows of JSON, found none"),
        ("a.jsonl", b"\n \n\r\n", SkipReason.EMPTY, "expected rows of JSON, found none"),
        ("a.jsonl", b"\xef\xbb\xbf", SkipReason.EMPTY, "expected rows of JSON, found none"),
        ("a.jsonl.gz", gzip.compress(b"", mtime=0), SkipReason.EMPTY, "expected rows of JSON, found none"),
        ("a.jsonl", b"%PDF-1.7\n", SkipReason.BINARY, "expected JSON lines, found PDF"),
        ("a.jsonl", b"rows\0", SkipReason.BINARY, "expected JSON lines, found NUL bytes"),
        ("a.jsonl.gz", b"\0\1\2", SkipReason.UNREADABLE, "expected gzip data, found NUL bytes"),
        ("a.jsonl.gz", b"\x1f\x8b\x08", SkipReason.UNREADABLE, "expected gzip data to its end"),
    ],
)
def test_files_that_hold_no_rows(
    tmp_path: Path, name: str, data: bytes, reason: SkipReason, detail: str
) -> None:
    (tmp_path / name).write_bytes(data)
    documents, skipped = read(tmp_path)
    assert documents == []
    assert [(item.path, item.reason) for item in skipped] == [(name, reason)]
    assert detail in skipped[0].detail


def test_packing_is_seen_in_the_bytes_not_in_the_name(tmp_path: Path) -> None:
    row = b'{"id": "1", "text": "a"}'
    (tmp_path / "packed.jsonl").write_bytes(gzip.compress(row))
    (tmp_path / "plain.jsonl.gz").write_bytes(row.replace(b"1", b"2"))
    documents, skipped = read(tmp_path)
    assert [(document.id, document.path) for document in documents] == [
        ("1", "packed.jsonl"),
        ("2", "plain.jsonl.gz"),
    ]
    assert skipped == []


def test_a_title_is_counted_with_its_text_once(tmp_path: Path) -> None:
    rows = [
        {"title": "The moon", "text": "Grey dust."},
        {"title": "The moon", "text": "\nThe moon is grey."},
        {"title": "The moon", "text": "  "},
    ]
    documents, skipped = read(write(tmp_path / "a.jsonl", *rows))
    assert [document.text for document in documents] == ["The moon\nGrey dust.", "\nThe moon is grey."]
    assert [item.reason for item in skipped] == [SkipReason.EMPTY]


@pytest.mark.parametrize(
    ("row", "fields", "wanted"),
    [
        ({"_id": "d1", "title": "", "text": "b"}, {}, ("d1", "b", "b", (), {})),
        ({"doc_id": 3.0, "Abstract": "b", "label": "x"}, {}, ("3", "b", "b", ("x",), {})),
        (
            {"id": 2.5, "body": 7, "labels": [1, True, 2.0, "x"]},
            {},
            ("2.5", "7", "7", ("1", "true", "2", "x"), {}),
        ),
        ({"id": 1, "text": ["a", "", "b"], "label": 0}, {}, ("1", "a\nb", "a", ("0",), {})),
        (
            {"id": 1, "text": True, "labels": "x", "label": "y"},
            {},
            ("1", "true", "true", ("x",), {"label": "y"}),
        ),
        (
            {"id": 1, "body": {"text": "b", "n": 2}, "x": {"y": "z"}},
            {"text": "body.text", "labels": "x.y"},
            ("1", "b", "b", ("z",), {"body": {"n": 2}}),
        ),
        (
            {"id": 1, "parts": [{"text": "a", "n": 1}, {"text": "b"}, 5], "who": [{"name": "w"}]},
            {"text": "parts.text", "title": "who.0.name"},
            ("1", "w\na\nb", "w", (), {"parts": [{"n": 1}, None, 5], "who": [{"name": "w"}]}),
        ),
        (
            {"id": 1, "title": "a", "abstract": "b", "more": None},
            {"text": "title,abstract,more,missing"},
            ("1", "a\nb", "a", (), {}),
        ),
        (
            {"id": 1, "a.b": "dot", "a,b": "comma", "a": {"b": "path", "c": {"d.e": "deep"}}},
            {"text": "a.b,a\\,b,a.c.d.e"},
            ("1", "dot\ncomma\ndeep", "dot", (), {"a": {"b": "path"}}),
        ),
        (
            {"a,b": "comma", "part": 7, "n": 1},
            {"text": "a,b", "id": "part,n"},
            ("7/1", "comma", "comma", (), {}),
        ),
    ],
)
def test_what_a_row_may_call_its_fields(
    tmp_path: Path, row: dict[str, object], fields: dict[str, str], wanted: tuple[object, ...]
) -> None:
    documents, skipped = read(write(tmp_path / "a.jsonl", row), CorpusConfig(fields=fields))
    assert skipped == []
    (found,) = documents
    assert (found.id, found.text, found.title, found.labels, found.metadata) == wanted


ROWS: list[dict[str, object]] = [
    {"id": "1", "text": 'a "b" ] } , { ['},
    {"id": "2", "text": "é\\", "x": {"y": [1, {"z": []}]}},
    {"id": "3", "text": "c"},
]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        json.dumps(ROWS, indent=0, ensure_ascii=False),
        "\ufeff\n[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]\n",
        "\n".join(json.dumps(row, indent=4) for row in ROWS),
        "\n".join(json.dumps([row]) for row in ROWS),
    ],
)
def test_an_array_and_objects_on_many_lines_are_rows(tmp_path: Path, data: str) -> None:
    documents, skipped = read(write(tmp_path / "a.jsonl", data))
    assert skipped == []
    assert [(d.id, d.text) for d in documents] == [(row["id"], row["text"]) for row in ROWS]


def test_what_is_no_row_of_an_array_is_counted(tmp_path: Path) -> None:
    data = '[{"text": "a"}, 5, "text", ' + json.dumps({"text": "x" * 200}) + ', {"text": "b"}, {"text": "cut'
    documents, skipped = read(
        write(tmp_path / "a.jsonl", data.replace(", ", ",\n")), CorpusConfig(max_bytes=90)
    )
    assert [(d.id, d.text) for d in documents] == [("a.jsonl:1", "a"), ("a.jsonl:5", "b")]
    assert [(s.path, s.reason) for s in skipped] == [
        ("a.jsonl:2", SkipReason.BROKEN_ROW),
        ("a.jsonl:3", SkipReason.BROKEN_ROW),
        ("a.jsonl:4", SkipReason.TOO_LARGE),
        ("a.jsonl:6", SkipReason.BROKEN_ROW),
    ]
    assert [s.reason for s in read(write(tmp_path / "b.jsonl", "[]"))[1]] == [SkipReason.EMPTY]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["see ", {"type": "link", "text": "the menu"}, " for soup"], "see the menu for soup"),
        ([{"type": "text", "text": "What is this?"}, {"type": "image", "url": "x"}], "What is this?"),
        ([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}], "one\ntwo"),
    ],
)
def test_runs_of_text_are_read_as_chats_export_them(tmp_path: Path, value: list[object], text: str) -> None:
    (document,), skipped = read(write(tmp_path / "a.jsonl", {"text": value}))
    assert (document.text, skipped) == (text, [])
