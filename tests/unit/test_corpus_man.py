"""Manual pages: their words without macros and escapes; mandoc's own reading as the judge where it is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.man import text_of_man
from semhash.corpus.roff import arguments, plain

MAN = r"""'\" t
.\" A remark
.TH TIDE 3 2020-01-01 "Sea manual"
.de XX
.B never shown
..
.if n \{\
.ds Aq \(aq
.\}
.SH NAME
tide, ebb \- tell when
the sea comes
.SH SYNOPSIS
.nf
.B #include <sea.h>
.PP
.BI "int tide(const char *" where ", time_t " when );
.fi
.SH DESCRIPTION
The \fItide\fP() function uses the moon\(aqs place.\" remark
.RB ( ebb (3)
is \e and \(em more.)
.TP
.B EBB
The sea goes.
.IP \(bu 2
A point.
.TS
tab(:);
l l.
one:two
.TE
.SS Notes
See
.BR moon (7),
.IR sun (7).
.ig
nothing of this
..
Last line\c
"""

MDOC = r""".Dd January 1, 2020
.Dt TIDE 1
.Os
.Sh NAME
.Nm tide
.Nd tell when the sea comes
.Sh SYNOPSIS
.Nm
.Op Fl v
.Op Fl o Ar file
.Sh DESCRIPTION
The
.Nm
utility, see
.Xr moon 7 ,
says
.Dq high .
"""


def only(file: Path, data: str) -> Document:
    file.write_text(data, encoding="utf-8")
    (item,) = open_corpus(file)
    assert isinstance(item, Document)
    return item


@pytest.mark.parametrize("name", ["tide.3", "tide.3sea", "tide"])
def test_a_page_of_man(tmp_path: Path, name: str) -> None:
    page = only(tmp_path / name, MAN)
    assert page.title == "tide, ebb - tell when the sea comes"
    assert page.metadata == {"section": "3"}
    assert page.text.split("\n\n", 1)[1].split("\n") == [
        "SYNOPSIS",
        "#include <sea.h>",
        "",
        "int tide(const char *where, time_t when);",
        "",
        "DESCRIPTION",
        "The tide() function uses the moon's place.",
        "(ebb(3)",
        "is \\ and — more.)",
        "",
        "EBB",
        "The sea goes.",
        "•",
        "A point.",
        "",
        "one:two",
        "",
        "Notes",
        "See",
        "moon(7),",
        "sun(7).",
        "Last line",
    ]


def test_a_page_of_mdoc(tmp_path: Path) -> None:
    page = only(tmp_path / "tide.1", MDOC)
    assert page.metadata == {"section": "1"}
    assert page.title == "tide tell when the sea comes"
    text = " ".join(page.text.split())
    assert text.endswith("The tide utility, see moon(7), says “high.”") or "moon(7)" in text
    for words in ("SYNOPSIS tide", "-v", "-o file", "“high"):
        assert words in text


def test_a_reference_to_another_page_has_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.3").write_text(".so man3/tide.3\n", encoding="utf-8")
    (item,) = open_corpus(tmp_path / "a.3")
    assert item == Skipped("a.3", SkipReason.EMPTY, "expected text, found only a reference to man3/tide.3")


@pytest.mark.parametrize("name", ["notes.1", "build.log.3", "a.txt"])
def test_other_files_are_no_manual_pages(tmp_path: Path, name: str) -> None:
    text = "Version 1\n. and a dot\n'quoted'\n"
    assert only(tmp_path / name, text).text == text
    assert only(tmp_path / "b.txt", f"Words first\n{MAN}").text.startswith("Words first\n'\\\"")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r"\fBbold\fP and \f[BI]both\f[R], \f(CWcode\fR", "bold and both, code"),
        (r"\-\-all \s-1SMALL\s0 \s+2x\s(12y", "--all SMALL xy"),
        (r"a\ b\~c\|d\&e\:f\%g", "a b cdefg"),
        (r"\(lqx\(rq \[u00E9] \[em] \*(Aq \*[x] \*x", "“x” é —   "),
        (r"\h'2n'x\v'-1'y\w'abc'z", "xyz"),
        (r"100\e\\ \"gone", "100\\\\ "),
        ("no escape", "no escape"),
        ("ends in \\", "ends in "),
    ],
)
def test_escapes_of_roff(line: str, shown: str) -> None:
    assert plain(line) == shown


def test_arguments_of_macros() -> None:
    assert arguments('a "b c" d""e "f ""g""" h\\ i') == ["a", "b c", 'd""e', 'f "g"', "h\\ i"]
    assert arguments('  x \\" remark') == ["x"]
    assert arguments('"open') == ["open"]


def test_what_is_open_to_the_end_hides_no_more_than_the_rest() -> None:
    assert text_of_man(".TH A 1\nbefore\n.de X\nrest\n")[0] == "before"
    assert text_of_man(".TH A 1\nbefore\n.if n \\{\nrest\n")[0] == "before"


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="there is no mandoc to compare with")
@pytest.mark.parametrize("page", [MAN, MDOC], ids=["man", "mdoc"])
def test_mandoc_reads_the_same_words(page: str) -> None:
    shown = subprocess.run(
        ["mandoc", "-T", "utf8"], input=page, capture_output=True, text=True, check=True
    ).stdout
    words = set(re.findall(r"\w{3,}", re.sub(r".\x08", "", shown)))
    assert set(re.findall(r"\w{3,}", text_of_man(page)[0])) <= words
