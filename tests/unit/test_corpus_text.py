"""Plain text, Markdown and reStructuredText: what the title is, and what stays text."""

from pathlib import Path

import pytest

from semhash.corpus import Document, Skipped, open_corpus
from semhash.corpus.front_matter import FrontMatter, split_front_matter
from semhash.corpus.markdown import first_heading
from semhash.corpus.restructured import first_section
from semhash.corpus.titles import first_line, one_line, with_title


def only(file: Path, data: str | bytes) -> Document:
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    (item,) = open_corpus(file)
    assert isinstance(item, Document)
    return item


@pytest.mark.parametrize("name", ["note.txt", "note", "note.py", "note.log.1", "NOTE.XYZ"])
def test_plain_text_of_any_extension_is_called_by_its_name(tmp_path: Path, name: str) -> None:
    document = only(tmp_path / name, "First line\r\nsecond\rthird\n")
    assert (document.title, document.text) == (name, "First line\nsecond\nthird\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_any_encoding_makes_the_same_document(tmp_path: Path, encoding: str) -> None:
    text = "# Café au lait\n\nUne tasse de café, s'il vous plaît.\n"
    document = only(tmp_path / "a.md", text.encode(encoding))
    assert (document.title, document.text) == ("Café au lait", text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One\n\n## Two", "One"),
        ("words\n\n### Three ###\n", "Three"),
        ("   # C#\n", "C#"),
        ("#Tagged\n# Real", "Real"),
        ("####### seven\n## Two", "Two"),
        ("    # code\n\n# Real", "Real"),
        ("```sh\n# comment\n```\n# Real", "Real"),
        ("~~~~\n# a\n~~~\n# b\n~~~~\n# Real", "Real"),
        ("```\n# never closed", ""),
        ("Setext\n======\n", "Setext"),
        ("\nTwo words\n---\n", "Two words"),
        ("a\n\n---\n\n# Real", "Real"),
        ("- item\n---\n# Real", "Real"),
        ("| a | b |\n---\n# Real", "Real"),
        ("# [Linked](http://x.org/a_b) `code` **bold**", "Linked code bold"),
        ("# Title ##", "Title"),
        ("## C# ##  ", "C#"),
        ("# F#", "F#"),
        ("# ##\n# Title", "Title"),
        ("#" + " " * 900 + "x #y", "x #y"),
        ("# ![Logo](x.png)\n# [![Badge](b.svg)](http://x) Name", "Logo"),
        ("# [![Badge](b.svg)](http://x) Name", "Badge Name"),
        ("# <img src='x'>\n# snake_case name {#anchor}", "snake_case name"),
        ("#\n# Second", "Second"),
        ("no heading at all", ""),
    ],
)
def test_first_heading_of_markdown(text: str, title: str) -> None:
    assert first_heading(text) == title


def test_markdown_without_a_heading_is_called_by_its_name(tmp_path: Path) -> None:
    assert only(tmp_path / "a.markdown", "just words").title == "a.markdown"


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("---\ntitle: Moon\ntags: [a]\n---\n# Head\n", "Moon", "# Head\n"),
        ("---\ntitle: 'It is: here'  \n---\nx", "It is: here", "x"),
        ('---\ntitle: "Quoted"\n...\nx', "Quoted", "x"),
        ("---\ntitle: Bare # remark\n---\nx", "Bare", "x"),
        ("---\ntitle: >-\n  folded\n  title\nlayout: post\n---\nx", "folded title", "x"),
        ("---\ntitle: >-\n  bro: ken: yaml\nlayout: [post\n---\nx", "", "x"),
        ("---\ntitle: 1984\n---\nx", "1984", "x"),
        ("---\ntitle: &a x\nlist: [*a, *a]\n---\nx", "&a x", "x"),
        ('+++\ntitle = "In TOML"\n+++\nx', "In TOML", "x"),
        ("+++\nnot toml\n+++\nx", "", "+++\nnot toml\n+++\nx"),
        ("---\nlayout: post\nlist:\n- a\n# remark\n\n  b: c\n---\nx", "", "x"),
        ("---\n---\nx", "", "---\n---\nx"),
        ("---\nA sentence, no key.\n---\nx", "", "---\nA sentence, no key.\n---\nx"),
        ("---\nkey: a\nA sentence.\n---\nx", "", "---\nkey: a\nA sentence.\n---\nx"),
        ("---\ntitle: open\nx", "", "---\ntitle: open\nx"),
        ("\n---\ntitle: late\n---\n", "", "\n---\ntitle: late\n---\n"),
        ("", "", ""),
    ],
)
def test_front_matter_is_taken_off_only_where_it_is_sure(text: str, title: str, rest: str) -> None:
    front, below = split_front_matter(text)
    assert (front.title, below) == (title, rest)


def test_front_matter_far_too_long_stays() -> None:
    text = "---\ntitle: a\n" + "key: value\n" * 500 + "---\nrest"
    assert split_front_matter(text) == (FrontMatter(), text)


def test_a_title_in_front_matter_wins_and_is_counted(tmp_path: Path) -> None:
    document = only(tmp_path / "a.md", "---\ntitle: Moon landing\ndate: 1969\n---\n# Heading\n\nWords.\n")
    assert document.title == "Moon landing"
    assert document.text == "Moon landing\n# Heading\n\nWords.\n"
    document = only(tmp_path / "b.md", "---\ndate: 1969\n---\n# Heading\n")
    assert (document.title, document.text) == ("Heading", "# Heading\n")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Title\n=====\n\nText", "Title"),
        ("=======\n Title\n=======\n", "Title"),
        (".. comment\n\n.. _label:\n\nA longer title\n--------------\n", "A longer title"),
        ("para one\npara two\n--------\n\nReal\n~~~~", "Real"),
        ("Too long a title\n===\n\nReal\n====", "Real"),
        ("A\n=\n", "A"),
        ("----\n\nReal\n^^^^", "Real"),
        (":mod:`json` --- JSON\n====================\n", "json --- JSON"),
        ("`Linked <http://x.org>`_ and ``code``\n*************************************\n", "Linked and code"),
        ("=====  =====\nA      B\n=====  =====\n", ""),
        ("plain words", ""),
        ("", ""),
    ],
)
def test_first_section_of_restructured_text(text: str, title: str) -> None:
    assert first_section(text) == title


def test_restructured_text_keeps_all_its_text(tmp_path: Path) -> None:
    text = "=====\nTitle\n=====\n\nWords.\n"
    document = only(tmp_path / "a.RST", text)
    assert (document.title, document.text) == ("Title", text)
    assert only(tmp_path / "b.rst", "no section").title == "b.rst"


def test_titles_are_one_harmless_line() -> None:
    assert one_line("  a\n\tb\x1b[31m\x07c\u202ed  ") == "a b [31m c d"
    assert one_line("x" * 1000) == "x" * 300
    assert one_line("word " * 100, 8) == "word wor"
    assert first_line("\n \n  the first  \nthe second") == "the first"
    assert first_line("y" * 200) == "y" * 80
    assert first_line(" \n ") == ""


@pytest.mark.parametrize(
    ("title", "text", "joined"),
    [
        ("Moon", "Grey dust.", "Moon\nGrey dust."),
        ("Moon", "\n Moon: grey dust.", "\n Moon: grey dust."),
        ("Moon", "Moon", "Moon"),
        ("Moon", "Moonlight.", "Moon\nMoonlight."),
        ("", "Grey dust.", "Grey dust."),
        ("Moon", " \n", " \n"),
    ],
)
def test_a_title_stands_before_its_text_once(title: str, text: str, joined: str) -> None:
    assert with_title(title, text) == joined


def test_a_heading_cannot_drive_the_terminal(tmp_path: Path) -> None:
    assert only(tmp_path / "a.md", "# red \x1b[31m alert").title == "red alert"


@pytest.mark.parametrize("name", ["a.md", "a.rst", "a.eml", "a.txt"])
@pytest.mark.parametrize(
    "piece", ["# ", "#\t", "[", "![](", "`", "<", ":a:`", "= ", "-", "From: ", "---\na:\n", "=?", "~~~"]
)
def test_no_reader_is_slow_on_what_repeats(tmp_path: Path, name: str, piece: str) -> None:
    text = piece * (400_000 // len(piece)) + "x\n====\n"
    assert only(tmp_path / name, text).id == name  # quadratic patterns would take minutes here


COMMENTS = "".join(f"<!-- line {n} of the licence -->\n" for n in range(40))


def test_however_many_comments_stand_first_what_follows_is_found(tmp_path: Path) -> None:
    (tmp_path / "strings.xml").write_text(f"<?xml version='1.0'?>\n{COMMENTS}<resources>hello</resources>\n")
    (tmp_path / "drawing").write_text(
        f"\ufeff<?xml version='1.0'?>\n{COMMENTS}<!DOCTYPE svg [<!ATTLIST g x CDATA #IMPLIED>]>\n{COMMENTS}<v:svg>x"
    )
    (tmp_path / "page").write_text(f"{COMMENTS}<!DOCTYPE html>{COMMENTS}<title>Tides</title>words")
    (tmp_path / "open").write_text(f"{COMMENTS}<!-- that never ends {COMMENTS[4:]}".replace("-->", ""))
    items = {item.path: item for item in open_corpus(tmp_path)}
    assert isinstance(items["strings.xml"], Document)
    assert isinstance(items["open"], Document)
    page = items["page"]
    assert isinstance(page, Document)
    assert (page.title, page.text) == ("Tides", "Tides\nwords")
    drawing = items["drawing"]
    assert isinstance(drawing, Skipped)
    assert "an SVG image" in drawing.detail
