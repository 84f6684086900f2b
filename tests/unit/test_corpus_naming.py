import unicodedata
from pathlib import Path

import pytest

from semhash.analysis.analyzer import Analyzer
from semhash.corpus import Document, open_corpus
from semhash.corpus.naming import name_words

words = Analyzer("none").terms


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hindenburg-contract.txt", "hindenburg contract"),
        ("Hindenburg Contract (final).PDF", "Hindenburg Contract final"),
        ("hindenburgContract2.docx", "hindenburgContract2 hindenburg Contract"),
        ("HTMLParser.md", "HTMLParser HTML Parser"),
        ("covid19_report.tar.gz", "covid19 covid 19 report"),
        ("ls.1.gz", "ls"),
        ("page.html.bak", "page"),
        ("2024-03-14_minutes.odt", "2024 03 14 minutes"),
        ("Mr.Darcy", "Mr Darcy"),
        ("release-2.1.txt", "release"),
        ("tea-Tea-TEA.txt", "tea"),
        (unicodedata.normalize("NFD", "café-Überblick.txt"), "café Überblick"),
        ("船の歴史.txt", "船の歴史"),
        ("Mietvertrag%20K%C3%B6ln.html", "Mietvertrag Köln"),
        ("100%25%ff.txt", "100 25 ff"),
        ("caf\\xe9.txt", "caf"),
        ("IMG_2034.txt", "IMG 2034"),
        ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.txt", ""),
        ("a.txt", ""),
        ("...", ""),
        (".txt", "txt"),
    ],
)
def test_a_name_is_cut_into_its_words(name: str, expected: str) -> None:
    assert name_words(name) == expected


def test_every_word_that_is_asked_for_as_the_name_has_it_is_there() -> None:
    for name in ("covid19", "McDonald", "b2b", "python3", "iPhone", "hindenburg contract"):
        assert set(words(name)) <= set(words(name_words(f"{name}.txt")))


def test_only_what_is_one_document_has_the_words_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "dull-book.txt").write_text("moon")
    (tmp_path / "dull-rows.jsonl").write_text('{"id": "r", "text": "moon"}\n{"text": "sun"}\n')
    (tmp_path / "dull-table.csv").write_text("text\nmoon\n")
    (tmp_path / "dull-mail.mbox").write_text("From a Thu Jan  1 00:00:00 2024\nSubject: moon\n\nsun\n")
    (tmp_path / "dull-message.eml").write_text("From: a@b.c\nSubject: moon\n\nsun\n")
    read = {item.id: item for item in open_corpus(tmp_path) if isinstance(item, Document)}
    assert {name: document.name_words for name, document in read.items() if document.name_words} == {
        "dull-book.txt": "dull book",
        "dull-message.eml": "dull message",
    }
    assert read["dull-book.txt"].text == "moon"
    assert words(read["dull-book.txt"].counted) == ["moon", "dull", "book"]
    assert {name for name, document in read.items() if document.placed} == {
        "dull-mail.mbox#1",
        "dull-rows.jsonl:2",
        "dull-table.csv:2",
    }
