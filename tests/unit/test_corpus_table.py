"""Tables: which column is the text, and every way in which a table can be odd."""

import csv
import io
from pathlib import Path

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
        (["content", "abstract"], {}, ("content", "title", "id")),
        (["Abstract", "SUBJECT", "DocId"], {}, ("Abstract", "SUBJECT", "DocId")),
        (["text", "Text", "headline"], {}, ("text", "headline", "id")),
        (["text", "PLOT"], {"text": "plot"}, ("PLOT", "title", "id")),
    ],
)
def test_which_column_is_what(header: list[str], fields: dict[str, str], columns: tuple[str, ...]) -> None:
    names = columns_of(header, fields)
    assert (names["text"], names["title"], names["id"]) == columns


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


def test_a_quote_that_never_ends_takes_no_more_than_is_allowed(tmp_path: Path) -> None:
    data = 'text\none\n"two\n' + "three, four\n" * 200_000
    documents, skipped = read(tmp_path / "a.csv", data, CorpusConfig(max_bytes=150_000))
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


def test_what_is_no_table_at_all(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"%PNG\0\1\2")[1][0].reason is SkipReason.BINARY


CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t,;"), min_size=1, max_size=20
)


@given(st.lists(CELLS, max_size=5))
def test_cells_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["text", "other"])
    writer.writerows([text, "x"] for text in texts)
    file = tmp_path_factory.mktemp("table") / "a.csv"
    documents, skipped = read(file, written.getvalue())
    assert [document.text for document in documents] == [text for text in texts if not text.isspace()]
    assert {item.reason for item in skipped} <= {SkipReason.EMPTY}
