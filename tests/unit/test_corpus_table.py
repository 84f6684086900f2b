"""Tables: which column is the text, and every way in which a table can be odd."""

import csv
import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.document import Skip
from semhash.corpus.table import columns_of


def read(
    file: Path, data: str | bytes, config: CorpusConfig | None = None
) -> tuple[list[Document], list[Skipped]]:
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    items = list(open_corpus(file, config or CorpusConfig()))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Skipped)]


@pytest.mark.parametrize(
    ("name", "separator"), [("a.csv", ","), ("a.CSV", ";"), ("a.csv", "\t"), ("a.csv", "|"), ("a.tsv", "\t")]
)
def test_a_row_is_a_document(tmp_path: Path, name: str, separator: str) -> None:
    lines = [
        ["ID", "Title", "Body", "Label", "Split", "Year"],
        ["7", "Tides", '"The moon\npulls, ""now""; always | \t"', "sea", "train", "1999"],
        ["8", "", "Second text", "", "test", ""],
    ]
    found, skipped = read(tmp_path / name, "".join(separator.join(line) + "\r\n" for line in lines))
    assert skipped == []
    assert found[0] == Document(
        id="7",
        text='Tides\nThe moon\npulls, "now"; always | \t',
        title="Tides",
        path=name,
        labels=("sea",),
        split="train",
        metadata={"Year": "1999"},
    )
    assert (found[1].id, found[1].title, found[1].labels) == ("8", "Second text", ())
    only = read(tmp_path / name, (tmp_path / name).read_bytes(), CorpusConfig(split="test"))[0]
    assert [document.id for document in only] == ["8"]


def test_columns_by_names_of_ones_own(tmp_path: Path) -> None:
    config = CorpusConfig(fields={"text": "plot", "id": "film"})
    found, _ = read(tmp_path / "a.csv", "film,text,plot\nx,not this,but this\n", config)
    assert [(d.id, d.text, d.metadata) for d in found] == [("x", "but this", {"text": "not this"})]


@pytest.mark.parametrize(
    ("header", "fields", "columns"),
    [
        (["content", "abstract"], {}, ("content", None, None)),
        (["Abstract", "SUBJECT", "DocId"], {}, ("Abstract", "SUBJECT", "DocId")),
        (["text", "Text", "headline"], {}, ("text", "headline", None)),
        (["text", "PLOT"], {"text": "plot"}, ("PLOT", None, None)),
    ],
)
def test_which_column_is_what(
    header: list[str], fields: dict[str, str], columns: tuple[str | None, ...]
) -> None:
    names = columns_of(header, fields)
    assert (names.get("text"), names.get("title"), names.get("id")) == columns


def test_no_column_for_the_text_names_those_there_are(tmp_path: Path) -> None:
    documents, skipped = read(tmp_path / "a.csv", "film,director\nx,y\n")
    assert documents == []
    assert skipped == [
        Skipped(
            "a.csv",
            SkipReason.NO_TEXT,
            "expected a column called text, body, content, contents, abstract or the like, found 'film', 'director'; "
            "name one of them with --field text=COLUMN",
        )
    ]
    with pytest.raises(Skip, match="expected a column called 'plot', found 'text'"):
        columns_of(["text"], {"text": "plot"})


def test_odd_rows_are_told_and_the_others_read(tmp_path: Path) -> None:
    data = "id,text\n1,one\n\n2,two,too many\n3\n,no id\n" + "4," + "x" * 500 + "\n5,five\n1,again\n6,\n"
    documents, skipped = read(tmp_path / "a.csv", data, CorpusConfig(max_bytes=100))
    assert [(d.id, d.text) for d in documents] == [("1", "one"), ("a.csv:6", "no id"), ("5", "five")]
    assert [(s.path, s.reason) for s in skipped] == [
        ("a.csv:4", SkipReason.BROKEN_ROW),
        ("a.csv:5", SkipReason.BROKEN_ROW),
        ("a.csv:7", SkipReason.TOO_LARGE),
        ("a.csv:9", SkipReason.DUPLICATE_ID),
        ("a.csv:10", SkipReason.EMPTY),
    ]
    assert "expected 2 cells, one for each column, found 3" in skipped[0].detail
    assert "expected a cell in column 'text', found only 1 cells" in skipped[1].detail


@pytest.mark.parametrize("data", ["", "\n", '"\n', ",,\n"])
def test_a_table_without_columns_is_empty(tmp_path: Path, data: str) -> None:
    documents, skipped = read(tmp_path / "a.csv", data)
    assert (documents, [s.reason for s in skipped]) == ([], [SkipReason.EMPTY])


def test_a_quote_that_never_ends_takes_in_no_rows_however_many(tmp_path: Path) -> None:
    data = 'id,text\n1,one\n2,"two\n' + "".join(f"{n},row {n}\n" for n in range(3, 20_000))
    documents, skipped = read(tmp_path / "a.csv", data, CorpusConfig(max_bytes=15_000))
    assert [d.id for d in documents] == [str(n) for n in range(1, 20_000)]
    assert documents[1].text == '"two'
    assert [(s.path, s.reason) for s in skipped] == [("a.csv", SkipReason.QUOTE)]
    assert "found other ones in 1 row (3)" in skipped[0].detail


def test_a_cell_longer_than_is_allowed_is_told(tmp_path: Path) -> None:
    data = 'id,text\n1,one\n2,"two\n' + "no row at all\n" * 2000 + '"\n3,three\n'
    documents, skipped = read(tmp_path / "a.csv", data, CorpusConfig(max_bytes=15_000))
    assert [d.text for d in documents] == ["one"]
    assert [(s.reason, "is a quote not closed?" in s.detail) for s in skipped] == [
        (SkipReason.BROKEN_ROW, True)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    data = "text,title\nUne tasse de café,Café\n".encode(encoding)
    documents, skipped = read(tmp_path / "a.csv", data)
    assert skipped == []
    assert (documents[0].title, documents[0].text) == ("Café", "Café\nUne tasse de café")


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.csv", 'id,text\n1,"never closed\n2,second\n3,third\n', ['"never closed', "second", "third"]),
        ("a.csv", '"id","text"\n"1","open\n"2","second"\n"3","3rd"\n', ['"open', "second", "3rd"]),
        ("a.csv", 'id,text\nx1,"open\nx2,disk of 5"\nx3,third\n', ['"open', 'disk of 5"', "third"]),
        ("a.csv", 'id,text,n\n1,"says "hi" to\nus, too",5\n2,b,6\n', ['says "hi" to\nus, too', "b"]),
        ("a.csv", 'id,text\n1,"the "b, c" d"\n2,b\n', ['the "b, c" d', "b"]),
        ("a.csv", 'id,text\n1,"Dear all,\n\nso long, Jo"\n2,b\n', ["Dear all,\n\nso long, Jo", "b"]),
        ("a.csv", 'id,text\n1,a\n2,"cut off\nin a mail\n', ["a", "cut off\nin a mail"]),
        ("a.csv", 'id,text\n1,"no \\"so\\", now"\n2,"C:\\"\n', ['no "so", now', "C:\\"]),
        ("a.tsv", 'id\ttext\nt1\t5" and 3"\nt2\t"open\nt3\tx\n', ['5" and 3"', '"open', "x"]),
        ("a.tsv", 'id\ttext\n1\t"A" and "B"\n2\t"whole"\n', ['"A" and "B"', "whole"]),
        ("a.tsv", '"id"\t"text"\n"1"\t"a\tb"\n"2"\t"a ""b""\nc"\n', ["a\tb", 'a "b"\nc']),
        ("a.tsv", "id,text\n1,commas after all\n", ["commas after all"]),
        ("a.csv", "text\nHello, world\nplain; and so on\n", ["Hello, world", "plain; and so on"]),
        ("a.csv", "id\rtext\r", []),
        ("a.csv", 'id,text\r1,one\r2,"two\rlines"\r', ["one", "two\rlines"]),
        ("a.csv", "sep=|\nid|text\n1|a, b\n", ["a, b"]),
        ("a.csv", '"sep=;"\n"id, or so";"the\ntext";text\n1;2;3\n', ["3"]),
        ("a.csv", "\ufeff\n\nid;text;price\n1;a, b;2,5\n", ["a, b"]),
        ("a.csv", "id,text\n1,a,,\n2,b,\n", ["a", "b"]),
        ("a.csv", 'id, text\n1, "a, b"\n', ["a, b"]),
    ],
)
def test_tables_as_people_have_them(tmp_path: Path, name: str, data: str, found: list[str]) -> None:
    documents, skipped = read(tmp_path / name, data)
    assert [document.text for document in documents] == found
    assert all(item.reason.is_remark for item in skipped) or not found


def test_columns_without_a_name_or_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    (document,) = read(tmp_path / "a.csv", ",text,n,text,n,\na,b,c,d,e,f\n")[0]
    assert (document.text, document.metadata) == (
        "b",
        {"column 1": "a", "n": "c", "text (2)": "d", "n (2)": "e", "column 6": "f"},
    )


def test_a_table_without_names_is_read_by_numbers(tmp_path: Path) -> None:
    data = "17,The first line of all.\n18,And the second.\n"
    documents, skipped = read(tmp_path / "a.csv", data)
    assert (documents, [s.reason for s in skipped]) == ([], [SkipReason.NO_TEXT])
    assert "--field 'text=column 2'" in skipped[0].detail
    numbered = CorpusConfig(fields={"text": "column 2", "id": "Column 1"})
    documents, skipped = read(tmp_path / "a.csv", data, numbered)
    assert [(d.id, d.text) for d in documents] == [
        ("17", "The first line of all."),
        ("18", "And the second."),
    ]
    documents, _ = read(tmp_path / "a.csv", "key,words\n1,a\n", numbered)
    assert [(d.id, d.text) for d in documents] == [("1", "a")]


def test_columns_joined_and_nested_by_name(tmp_path: Path) -> None:
    config = CorpusConfig(fields={"text": "Head,body.text", "labels": "x\\,y"})
    documents, skipped = read(tmp_path / "a.csv", 'id,head,body.text,"x,y"\n1,a,b,c\n2,,b,\n3,a\n', config)
    assert [(d.text, d.labels) for d in documents] == [("a\nb", ("c",)), ("b", ()), ("a", ())]
    assert skipped == []


def test_what_is_no_table_at_all(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"%PNG\0\1\2")[1][0].reason is SkipReason.BINARY


CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t,;|"\\ '), min_size=1, max_size=20
)


@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_cells_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str, str]],
    separator: str,
    quoting: Literal[0, 1],
    newline: str,
    with_ids: bool,
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=newline)
    writer.writerow(["key", "text", "other"] if with_ids else ["text", "other"])
    writer.writerows([f"row {n}", *row] if with_ids else row for n, row in enumerate(cells))
    file = tmp_path_factory.mktemp("table") / "a.csv"
    documents, skipped = read(file, written.getvalue())
    assert [d.text for d in documents] == [text for text, _ in cells if not text.isspace()]
    others = [other for text, other in cells if not text.isspace()]
    assert [document.metadata["other"] for document in documents] == others
    assert {item.reason for item in skipped} <= {SkipReason.EMPTY}


@given(
    st.lists(
        st.sampled_from(["a", "b c", '5"', ',"', '"', '""', '\\"', "\t", ",", ";", "|", " "]), max_size=30
    ),
    st.data(),
)
def test_no_row_with_odd_quotes_is_lost_in_silence(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, 5))
    lines = [f"{number},plain words of row {number}" for number in range(10, 20)]
    lines[at] = f"{10 + at},{''.join(pieces)}"
    file = tmp_path_factory.mktemp("table") / "a.csv"
    documents, skipped = read(file, "\n".join(["id,text", *lines, ""]))
    told = [item for item in skipped if not item.reason.is_remark]
    assert len(documents) + len(told) == len(lines)
    texts = [document.text for document in documents]
    assert all(f"plain words of row {number}" in texts for number in range(10, 20) if number != 10 + at)
