"""Odd input, file by file: what no reader chose, and every folder has sooner or later."""

import os
import threading
from pathlib import Path

import pytest

from semhash.analysis.analyzer import Analyzer
from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.source import Found, Source


def read(path: Path, config: CorpusConfig | None = None) -> tuple[list[Document], list[Skipped]]:
    items = list(open_corpus(path, config or CorpusConfig()))
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, Skipped)]


@pytest.mark.parametrize(
    "name", ["a.txt", "a.bin", "a.html", "a.pdf", "a.docx", "a.epub", "a.csv", "a.mbox", "a.jsonl"]
)
def test_a_sparse_file_of_gigabytes_is_told_without_being_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    with file.open("wb") as opened:
        opened.truncate(5_000_000_000)
    corpus = open_corpus(file)
    (item,) = corpus
    assert isinstance(item, Skipped)
    assert item.reason in (SkipReason.TOO_LARGE, SkipReason.BINARY)
    with Source(Found(str(file), name, 5_000_000_000), CorpusConfig()) as source:
        assert source.position <= 200_000
    assert corpus.stamp is not None
    assert corpus.stamp.digest is None


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.rst", "a.eml", "a.1", "a.csv", "a.mbox", "a.jsonl"]
)
def test_a_line_far_too_long_is_too_large_or_one_row_of_many(tmp_path: Path, name: str) -> None:
    heads = {
        "a.csv": "text\n",
        "a.mbox": "From a@b Mon Apr  5 10:00:00 1993\n\n",
        "a.1": ".TH A 1\n.SH NAME\n",
    }
    data = heads.get(name, "") + "x" * 3_000_000 + "\n"
    (tmp_path / name).write_text(data, encoding="utf-8")
    documents, skipped = read(tmp_path / name, CorpusConfig(max_bytes=1_000_000))
    assert (documents, {item.reason for item in skipped}) == ([], {SkipReason.TOO_LARGE})


@pytest.mark.parametrize(
    "digits", ["9" * 1_000_000, "-" + "1" * 5000, "1" + "0" * 30, "1e400", "0." + "3" * 100_000]
)
@pytest.mark.parametrize("field", ["id", "text", "title", "labels", "split", "other"])
def test_a_number_of_a_million_digits_spoils_its_row_at_most(tmp_path: Path, digits: str, field: str) -> None:
    row = {"id": '"x"', "text": '"words"'} | {field: digits}
    fields = ", ".join(f'"{name}": {value}' for name, value in row.items())
    (tmp_path / "a.jsonl").write_text(f'{{{fields}}}\n{{"id": "2", "text": "b"}}\n', encoding="utf-8")
    documents, skipped = read(tmp_path / "a.jsonl")
    assert documents[-1].id == "2"
    assert len(documents) + len(skipped) == 2
    assert {item.reason for item in skipped} <= {
        SkipReason.BROKEN_ROW,
        SkipReason.EMPTY,
    }  # 1e400 is no number
    assert all("failed" not in item.detail for item in skipped)


def test_ids_that_differ_in_case_only_are_two(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id":"A","text":"x"}\n{"id":"a","text":"y"}\n{"id":"ä","text":"z"}\n')
    assert [document.id for document in read(tmp_path)[0]] == ["A", "a", "ä"]


def test_a_file_that_grows_while_it_is_read_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    row = '{"text": "words"}\n'
    file.write_text(row * 10_000, encoding="utf-8")
    going = threading.Event()

    def grow() -> None:
        with file.open("a", encoding="utf-8") as opened:
            for _ in range(50):
                opened.write(row * 100)
                opened.flush()
                going.set()

    thread = threading.Thread(target=grow)
    corpus = open_corpus(file)
    thread.start()
    going.wait()
    count = sum(isinstance(item, Document) for item in corpus)
    thread.join()
    assert 10_000 <= count <= 15_000
    assert corpus.read_bytes == corpus.total_bytes


def test_a_file_that_goes_away_or_becomes_another_thing_is_told(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text("words", encoding="utf-8")
    corpus = open_corpus(tmp_path)
    (tmp_path / "a").unlink()
    (tmp_path / "b").unlink()
    os.mkfifo(tmp_path / "b")
    items = {item.path: item for item in corpus}
    assert isinstance(items["a"], Skipped)
    assert items["a"].reason is SkipReason.UNREADABLE
    assert isinstance(items["b"], Skipped)
    assert items["b"].reason is SkipReason.NOT_A_FILE
    assert isinstance(items["c"], Document)


def test_text_from_right_to_left_and_of_combined_letters_stays_as_it_is(tmp_path: Path) -> None:
    text = "שלום עולם مرحبا بالعالم e\u0301te\u0301 \u1112\u1161\u11ab नमस्ते 👩‍👩‍👧 ﬁn \u202eevil\u202c"
    (tmp_path / "a.md").write_text(f"# {text}\n", encoding="utf-8")
    (document,) = read(tmp_path)[0]
    assert text in document.text
    assert "\u202e" not in document.title
    assert {"שלום", "été", "한", "fin"} & set(Analyzer("none").terms(document.text)) >= {"שלום", "été", "fin"}


def test_no_title_can_steer_a_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil"
    files = {
        "a.md": f"# {evil}",
        "b.rst": f"{evil}\n{'=' * 60}\n",
        "c.html": f"<title>{evil}</title><p>x",
        "d.eml": f"From: a\nSubject: {evil}\n\nx",
        "e.jsonl": '{"text": "x", "title": "\\u001b[2J\\u009b31m"}',
        "f.csv": f"title,text\n{evil},x\n",
        "g.mbox": f"From a@b Mon Apr  5 10:00:00 1993\nSubject: {evil}\n\nx",
        "h.1": f".TH A 1\n.SH NAME\n{evil}\n",
        "i.md": f'---\ntitle: "a{evil[5:6]}\\x1b[2J"\n---\nx',
        f"j{evil}.txt": "x",
        "k.txt": f"{evil}\n{'=' * 26}\nx",
    }
    for name, text in files.items():
        (tmp_path / name.replace("/", "")).write_text(text, encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert (len(documents), skipped) == (len(files), [])
    for document in documents:
        assert not [c for c in document.title if ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e"], (
            document
        )
