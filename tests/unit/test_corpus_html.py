"""HTML: what is a page's title, what is its text, and pages made to stop a parser."""

from pathlib import Path

import pytest

from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.html import read_page
from semhash.corpus.nesting import too_nested

PAGE = """<!DOCTYPE html>
<html><head><title>Tides &amp; Moons — The Site</title><style>p { color: red }</style></head>
<body>
<header><a href="/">The Site</a></header>
<nav><ul><li><a href="/a">Other pages</a></li></ul></nav>
<div class="related" role="navigation">previous next</div>
<main><article>
<h1>Tides &amp; Moons<a class="headerlink" href="#x">¶</a></h1>
<p>The <b>Mo</b>on pulls
the sea.</p><p>Twice a day.</p>
<ul><li>ebb</li><li>flow</li></ul>
<table><tr><td>one</td><td>two</td></tr></table>
<script>var tracked = "words of a script";</script>
<p hidden>not shown</p>
</article></main>
<footer>All rights reserved</footer>
</body></html>"""


def only(file: Path, data: str | bytes) -> Document:
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    (item,) = open_corpus(file)
    assert isinstance(item, Document)
    return item


@pytest.mark.parametrize("name", ["page.html", "page.HTM", "page.xhtml", "page", "page.cgi"])
def test_the_main_text_of_a_page_block_by_block(tmp_path: Path, name: str) -> None:
    document = only(tmp_path / name, PAGE)
    assert document.title == "Tides & Moons"
    assert document.text.split("\n") == [
        "Tides & Moons",
        "The Moon pulls the sea.",
        "Twice a day.",
        "ebb",
        "flow",
        "one",
        "two",
    ]


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Just this</title><p>x", "Just this"),
        ("<h1>Heading</h1><p>x", "Heading"),
        ("<title>The Site</title><h1>Another thing</h1>", "The Site"),
        ("<title>Chapter 3 - Book</title><h1>chapter 3</h1>", "chapter 3"),
        ("<title> two\n lines </title>", "two lines"),
        ("<title>a\x1b[31m\u202eb</title>", "a [31m b"),
        ("<p>no title", ""),
        ("<svg><title>of a picture</title></svg><p>x", "of a picture"),
    ],
)
def test_the_title_of_a_page(html: str, title: str) -> None:
    assert read_page(html).title == title


def test_what_is_called_main_is_not_taken_where_the_words_are_elsewhere() -> None:
    page = read_page(f"<body><main>Menu</main><div>{'many words ' * 100}</div></body>")
    assert page.text.count("many words") == 100
    assert "Menu" in page.text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>café".encode(), "café"),
        ('<meta charset="windows-1252"><p>café'.encode("cp1252"), "café"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>мир'.encode("koi8-r"),
            "мир",
        ),
        ('<?xml version="1.0" encoding="shift_jis"?><html><p>日本'.encode("shift_jis"), "日本"),
        ('<meta charset="no-such-thing"><p>caf\xe9'.encode("latin-1"), "café"),
        ("\ufeff<p>café".encode("utf-16-le"), "café"),
        (b"<p>a&nbsp;b&#0;c&#xD800;d", "a b\ufffdc\ufffdd"),
        (b"<p>a\xe2\x80\xa9b", "a\nb"),
    ],
)
def test_pages_in_any_encoding(tmp_path: Path, data: bytes, text: str) -> None:
    assert only(tmp_path / "a.html", data).text == text


def test_a_page_without_words_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body><script>words</script></body></html>", encoding="utf-8")
    (tmp_path / "b.html").write_bytes(b"<html>\0\1\2")
    first, second = open_corpus(tmp_path)
    assert isinstance(first, Skipped)
    assert first.reason is SkipReason.EMPTY
    assert isinstance(second, Skipped)
    assert (second.reason, second.detail) == (SkipReason.BINARY, "expected HTML, found NUL bytes")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "words" + "</div>" * 10_000,
        "<div>" * 300_000 + "words",
        "<ul><li>" * 100_000 + "words",
        "<div></x>" * 200_000 + "words",
        "".join(f"<font id={number}>" for number in range(20_000)) + "<p>" * 20_000 + "words",
        "<table>" * 50_000 + "words",
        "<b><div></b>" * 50_000 + "words",
        "<a href='" * 100_000 + "'>words",
        "<!--" * 100_000 + "--><p>words",
        "<svg><math>" * 100_000 + "<p>words",
        "<select>" * 100_000 + "</select><p>words",
        "<p><i>" * 50_000 + "words",
    ],
    ids=lambda html: html[:12],
)
def test_no_nesting_stops_the_parser(html: str) -> None:
    assert "words" in read_page(html).text  # as a tree, some of these would take hours


def test_ordinary_pages_are_not_too_nested() -> None:
    assert not too_nested(PAGE * 100)
    assert not too_nested("<p>a <b>b</b><br>" * 100_000)
    assert not too_nested("<ul>" + "<li>item" * 100_000)
    assert too_nested("<div>" * 10_000)
