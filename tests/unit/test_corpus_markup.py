"""Markup is not text: RTF, JSON, notebooks, XML, property lists, TeX, subtitles, logs, and what mailers add."""

import base64
import binascii
import json
import plistlib
import random
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.blobs import without_blobs
from semhash.corpus.rtf import text_of_rtf
from semhash.corpus.terminal import as_shown, last_states
from semhash.corpus.tex import text_of_tex
from semhash.corpus.xml_file import text_of_xml

NOISE = random.Random(5).randbytes(900)
BASE64 = base64.b64encode(NOISE).decode()


def items(path: Path, data: str | bytes, config: CorpusConfig | None = None) -> list[Document | Skipped]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(open_corpus(path, config or CorpusConfig()))


def only(path: Path, data: str | bytes) -> Document:
    (item,) = items(path, data)
    assert isinstance(item, Document), item
    return item


RTF = rb"""{\rtf1\ansi\ansicpg1252
{\fonttbl{\f0\fswiss Helvetica;}{\f1\fcharset204 Arial;}{\f2\fcharset128 MS;}}
{\colortbl;\red255\green0\blue0;}{\stylesheet{\s1 heading 1;}}{\info{\title Caf\'e9 budget}{\author Jane Doe}}
{\*\generator Riched20 10.0;}\f0\pard Money for re\b pairs\b0  is \u8364?500.\par
{\f1 \'cf\'f0\'e8} {\f2\'93\'fa\'96\'7b}\line\u-10179?\u-8704?\line more{\footnote a note}
{\pict\pngblip\bin6 {{{{{{89504e47}{\field{\*\fldinst HYPERLINK "x"}
{\fldrslt a link}}{\header On top}\trowd one\cell two\cell\row \{braced\} {\uc2\u233\'c3\'a9}t\'e9\par}not this"""


@pytest.mark.parametrize("name", ["note.rtf", "note.doc", "note"])
def test_rtf_says_what_it_shows(tmp_path: Path, name: str) -> None:
    document = only(tmp_path / name, RTF)
    assert document.title == "Café budget"
    assert document.metadata == {"author": "Jane Doe"}
    assert document.text.split("\n") == [
        "Café budget", "Money for repairs is €500.", "При 日本", "😀", "morea linkone\ttwo", "{braced} été",
        "a note", "On top",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [RTF[:n] for n in range(6, len(RTF), 37)])
def test_rtf_that_is_cut_short_is_read_as_far_as_it_goes(data: bytes) -> None:
    text, _ = text_of_rtf(data)
    assert "Helvetica" not in text
    assert "fonttbl" not in text


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Comets\n", "We study **comets**."]},
        {"cell_type": "code", "source": "tail = 3\nprint(tail)", "outputs": [
            {"output_type": "stream", "text": ["three\n"]},
            {"output_type": "display_data", "data": {"image/png": BASE64, "text/plain": ["<Figure of a tail>"]}},
            {"output_type": "error", "traceback": ["\x1b[0;31mKeyError\x1b[0m: 'dust'"]},
        ]},
    ],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
}  # fmt: skip


def test_a_notebook_is_its_cells_and_what_they_printed(tmp_path: Path) -> None:
    document = only(tmp_path / "a.ipynb", json.dumps(NOTEBOOK))
    assert document.title == "Comets"
    cells = [
        "# Comets\nWe study **comets**.",
        "tail = 3\nprint(tail)",
        "three",
        "<Figure of a tail>",
        "KeyError: 'dust'",
    ]
    assert document.text == "\n\n".join(cells)


def test_a_notebook_of_the_old_format(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "source": "Comets"},
        {"cell_type": "code", "input": ["a = 1"], "outputs": []},
    ]
    document = only(tmp_path / "a.ipynb", json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
    assert (document.title, document.text) == ("Comets", "Comets\n\na = 1")


ROWS = [{"id": 7, "text": "of comets", "year": 1910}, {"text": "of dough", "title": "Bread"}, {"text": {}}]


@pytest.mark.parametrize(
    "data", [json.dumps(ROWS), json.dumps({"n": 3, "data": ROWS}, indent=2), "\n".join(map(json.dumps, ROWS))]
)
def test_rows_of_json_are_documents_as_those_of_json_lines_are(tmp_path: Path, data: str) -> None:
    first, second, third = items(tmp_path / "a.json", data)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert isinstance(third, Skipped)
    assert (first.text, first.metadata) == ("of comets", {"year": 1910})
    assert (second.id, second.title, second.text) == ("a.json:2", "Bread", "Bread\nof dough")
    assert (third.path, third.reason) == ("a.json:3", SkipReason.BROKEN_ROW)


def test_other_fields_of_json_can_be_named(tmp_path: Path) -> None:
    rows = items(tmp_path / "a.json", '[{"plot": "a"}, {"plot": "b"}]', CorpusConfig(fields={"text": "plot"}))
    assert [item.text for item in rows if isinstance(item, Document)] == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "n"),
    [
        ([{"_id": 4, "body": "a"}, {"_id": 5, "body": "b"}], 2),
        ({"meta": {}, "results": [{"description": "a"}, {"description": "b"}]}, 2),
        ({"x": {"text": "a"}, "y": {"text": "b"}}, 2),
        ({"text": "a", "title": "T"}, 1),
        ({"name": "a", "description": "of a package", "keywords": ["b", "c"]}, 1),
        ({"openapi": "3", "servers": [{"description": "a"}], "info": {"title": "b"}}, 1),
        ([{"body": "a"}, "no object"], 1),
    ],
)
def test_rows_are_told_from_what_else_json_holds(tmp_path: Path, value: object, n: int) -> None:
    found = items(tmp_path / "a.json", json.dumps(value))
    assert [isinstance(item, Document) for item in found] == [True] * n
    words = "\n".join(item.text for item in found if isinstance(item, Document))
    assert all(word in words for word in ("a", "b") if f'"{word}"' in json.dumps(value))


def test_json_without_rows_is_the_words_between_its_quotes(tmp_path: Path) -> None:
    config = '// a remark\n{"name": "tides", "files": ["moon.js", /* x */ "sea // not a remark",], "n": 3,}'
    document = only(tmp_path / "package.json", config)
    assert (document.title, document.text) == ("tides", "tides\nmoon.js\nsea // not a remark")
    assert only(tmp_path / "b", '{"greeting": "<p>Hello</p> <b>world</b>"}').text == "Hello\nworld"
    assert only(tmp_path / "c.txt", '{"a": 1} and more, which is no JSON').text.startswith('{"a": 1} and')
    (numbers,) = items(tmp_path / "d.geojson", '{"coordinates": [[1.5, 2]]}')
    assert isinstance(numbers, Skipped)
    assert numbers.reason == SkipReason.EMPTY


@pytest.mark.parametrize("data", ['{"a": "b"', "[" * 100_000, "words", '{"a": tru}'])
def test_what_is_called_json_and_is_none_is_told(tmp_path: Path, data: str) -> None:
    (item,) = items(tmp_path / "a.json", data)
    assert isinstance(item, Skipped)
    assert item.detail.startswith("expected JSON")


def test_xml_is_what_stands_between_its_tags() -> None:
    xml = """<?xml version="1.0"?><!DOCTYPE book [<!ENTITY co "ACME">]><book id="x7"><title>Tides</title>
    <p>inter<b>national</b> &co; caf&eacute; &amp; tea</p><list><i>one</i><i>two</i></list><script>no()</script>
    <row Body="&lt;p&gt;in a&lt;/p&gt;row" Id="3"/><d><![CDATA[<p>in <i>HTML</i></p>]]></d></book>"""
    lines = ["Tides", "international ACME café & tea", "one", "two", "in a", "row", "in HTML"]
    assert text_of_xml(xml.encode()) == ("\n".join(lines), "Tides")


def test_xml_that_is_damaged_is_read_without_its_tags(tmp_path: Path) -> None:
    document = only(tmp_path / "a.xml", "<?xml version='1.0'?><doc><p>one &amp; two</q><p>three")
    assert document.text == "one & two\nthree"


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x [<!ENTITY a "' + "long " * 9 + '">]><x>&a;</x>',
        "<a>" * 5000 + "x" + "</a>" * 5000,
    ],
)
def test_xml_that_could_unfold_is_refused(tmp_path: Path, data: str) -> None:
    (item,) = items(tmp_path / "a.xml", data)
    assert isinstance(item, Skipped)
    assert item.reason == SkipReason.UNREADABLE


def test_no_file_is_loaded_by_xml(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden words")
    xml = f'<!DOCTYPE x SYSTEM "{tmp_path}/x.dtd" [<!ENTITY a SYSTEM "{tmp_path}/secret">]><x>seen &a; words</x>'
    (tmp_path / "x.dtd").write_text('<!ENTITY a "hidden words">')
    assert "hidden" not in text_of_xml(xml.encode())[0]


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_property_list_is_its_strings(tmp_path: Path, form: plistlib.PlistFormat) -> None:
    value = {"Title": "On tides", "Data": NOISE, "Rows": ["the moon", 3, True], "$class": "$null"}
    assert (
        only(tmp_path / "a.plist", plistlib.dumps(value, fmt=form, sort_keys=False)).text
        == "On tides\nthe moon"
    )
    (item,) = items(tmp_path / "b.plist", b"bplist00" + b"\xff" * 40)
    assert isinstance(item, Skipped)


TEX = r"""% a remark
\documentclass[12pt]{article}
\usepackage[utf8]{inputenc}
\newcommand{\foo}[1][x]{bar #1}
\title{On \emph{Tides}}
\begin{document}
\maketitle
\section{The Moon}\label{sec:moon}
It pulls~\cite{newton} the \textbf{inter}national sea, $F = G m$, caf\'e na\"{\i}ve \ss{} \c{c}a 50\% % hidden
\begin{equation} \alpha \end{equation}
\begin{tabular}{l|c} one & two \\ three & four \end{tabular}
\begin{figure}[ht]\includegraphics[width=3cm]{plot.png}\caption{A caption.}\end{figure}
\begin{tikzpicture}\draw (0,0);\end{tikzpicture} \verb|a_b| ``quoted'' --- dash\footnote{A note.} \(x\) \[y\]
\begin{itemize}\item first \item second\end{itemize} \href{http://x.org}{a link} \textcolor{red}{warm}
\end{document}
"""


def test_tex_is_its_words_and_headings(tmp_path: Path) -> None:
    document = only(tmp_path / "a.tex", TEX)
    assert document.title == "On Tides"
    assert [line for line in document.text.split("\n") if line] == [
        "On Tides", "The Moon", "It pulls the international sea, , café naïve ß ça 50%", "one two", "three four",
        "A caption.", "a_b “quoted” — dash", "A note.", "first", "second", "a link warm",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "piece", ["{", "$", "\\begin{equation}", "\\label{", "\\verb|", "\\x[", "\\(", "\\'"]
)
def test_tex_that_is_broken_loses_no_words_behind_it(piece: str) -> None:
    text, _ = text_of_tex(f"\\section{{Tides}}\nthe moon {piece} and\n\nthe sea")
    assert "the moon" in text
    assert "the sea" in text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> there\n"
                  "\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}bye\n"),
        ("a.vtt", "WEBVTT\n\n1\n00:01.000 --> 00:02.500 align:start\n<v Bob>Hello there\n"
                  "\n00:03.000 --> 00:04.000\nbye\n"),
        ("a.vtt", "WEBVTT\nKind: captions\n\nNOTE of nobody\nelse\n\nSTYLE\n::cue { color: red }\n"
                  "\nfirst\n00:01.000 --> 00:02.500\n<v Ann>Hello<00:01.500><c.loud> there</c>\n"
                  "\n00:03.000 --> 00:04.000\nbye\n"),
        ("a.sub", "{1}{25}{y:i}Hello|there\n{30}{60}bye\n"),
        ("a.sub", "00:00:01.00,00:00:02.50\nHello[br]there\n\n00:00:03.00,00:00:04.00\nbye\n"),
        ("a.ass", "[Events]\nFormat: Layer, Start\n"
                  "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}Hello there\n"
                  "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,bye\n"),
        ("a.lrc", "[00:01.00]Hello there\n[00:02.00]bye\n"),
        ("a.po", 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
                 '\n#: a.c:3\nmsgid "Hello "\n"there"\n'
                 'msgstr "bye"\n'),
    ],
)  # fmt: skip
def test_subtitles_and_translations_are_what_is_said(tmp_path: Path, name: str, data: str) -> None:
    assert only(tmp_path / name, data).text == "Hello there\nbye"


def test_what_is_said_stays_where_numbers_are_missing_and_words_look_like_marks(tmp_path: Path) -> None:
    data = "00:00:01,000 --> 00:00:02,500\nNOTE: 1 < 2\n00:00:03,000 --> 00:00:04,000\nR&amp;B\n"
    assert only(tmp_path / "a.srt", data).text == "NOTE: 1 < 2\nR&B"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x0304,01red\x03 and \x02bold\x0f 12", "red and bold 12"),
        ("\xa7aSteve\xa7r joined", "Steve joined"),
        ("nach \xa7a und \xa7 5", "nach \xa7a und \xa7 5"),
    ],
)
def test_colours_of_chats_and_games_are_no_words(text: str, shown: str) -> None:
    assert as_shown(text) == shown


def test_a_log_is_read_as_a_terminal_shows_it(tmp_path: Path) -> None:
    log = (
        b"\x1b[1;31mERROR\x1b[0m refused\r\n\x1b]0;window\x07see \x1b]8;;http://x.org\x1b\\the page\x1b]8;;\x1b\\\n"
        b" 10%|#  | 1/10\r 50%|## | 5/10\r100%|###| 10/10\nN\bNA\bAM\bME\bE _\bo_\bn teh\b\b\bthe\n"
        b"^[[33mWARN^[[0m\x1b[K\x1b7"
    )
    shown = "ERROR refused\nsee the page\n100%|###| 10/10\nNAME on the\nWARN"
    assert only(tmp_path / "a.log", log).text == shown
    (row,) = items(tmp_path / "a.jsonl", '{"text": "\\u001b[31mred\\u001b[0m"}')
    assert isinstance(row, Document)
    assert row.text == "red"


@pytest.mark.parametrize(
    "text",
    ["rate(x[5m]) of ^[a-z]+ [1m", "old\rmac\rlines", "Name: X\rName: Y\n", "100 apples\r100 pears\r\n"],
)
def test_what_only_resembles_a_terminal_stays(text: str) -> None:
    assert as_shown(text) == text
    assert last_states(text.encode()).decode() == text


def test_attachments_inside_a_text_are_left_out() -> None:
    lines = [binascii.b2a_uu(NOISE[at : at + 45]).decode() for at in range(0, 900 - 30, 45)]
    uu = "".join(lines) + binascii.b2a_uu(NOISE[:17]).decode()
    assert without_blobs(f"before\nbegin 644 plot.png\n{uu}`\nend\nbehind") == "before\nplot.png\nbehind"
    assert without_blobs("before\n" + "".join(lines[4:9]) + "behind") == "before\nbehind"
    wrapped = "\n".join(BASE64[at : at + 76] for at in range(0, len(BASE64) - 50, 76)) + "\nQk9YPQ=="
    assert without_blobs(f"before\n> {wrapped}\nbehind") == "before\nbehind"
    assert (
        without_blobs(f"before ![a plot](data:image/png;base64,{BASE64}) behind")
        == "before ![a plot]() behind"
    )


@pytest.mark.parametrize(
    "text",
    [
        "/home/User/projects/2024/Annual/Reports/FinalVersion/Chapter01/Introduction/Draft2/notes.txt",
        "https://example.org/a/Long-Path-With-Many-Words-2024-In-The-Title-Of-The-Page-That-It-Leads-To",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT",
        "Many men\nMore of them\nMaybe\nbegin 644 times",
        "吾輩は猫である。名前はまだ無い。" * 10,
    ],
)
def test_long_words_that_mean_something_stay(text: str) -> None:
    assert without_blobs(text) == text
