"""Mail: what is taken for it, subject and body as text, headers kept out."""

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from semhash.corpus import Document, open_corpus
from semhash.corpus.html_text import text_of_html
from semhash.corpus.mail import looks_like_mail, split_message
from semhash.corpus.mime import decode_words

POST = (
    "From: jane@example.org (Jane Doe)\n"
    "Subject: Re: Orbits\n"
    "Newsgroups: sci.space\n"
    "Organization: Space Club\n"
    "Date: Mon, 5 Apr 1993 10:00:00 GMT\n"
    "Lines: 2\n"
    "\n"
    "In article <1@x> someone writes:\n"
    "> The moon\n"
)


def only(file: Path, data: str | bytes) -> Document:
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    (item,) = open_corpus(file)
    assert isinstance(item, Document)
    return item


def body_of(tmp_path: Path, data: str | bytes) -> str:
    document = only(tmp_path / "a.eml", data)
    subject, _, body = document.text.partition("\n")
    assert subject == document.title == "S"
    return body


def test_a_news_message_without_extension(tmp_path: Path) -> None:
    document = only(tmp_path / "51060", POST)
    assert document == Document(
        id="51060",
        text="Re: Orbits\nIn article <1@x> someone writes:\n> The moon\n",
        title="Re: Orbits",
        path="51060",
        metadata={"from": "jane@example.org (Jane Doe)", "date": "Mon, 5 Apr 1993 10:00:00 GMT"},
    )


def test_no_header_but_the_subject_is_in_the_text(tmp_path: Path) -> None:
    text = only(tmp_path / "a", POST).text
    for word in ("jane", "sci.space", "Space Club", "1993", "Lines"):
        assert word not in text


def test_windows_newlines_and_an_envelope_line(tmp_path: Path) -> None:
    unix = only(tmp_path / "a", POST)
    windows = only(tmp_path / "b", ("From jane Mon Apr  5 10:00:00 1993\n" + POST).replace("\n", "\r\n"))
    assert (windows.title, windows.text, windows.metadata) == (unix.title, unix.text, unix.metadata)


@pytest.mark.parametrize(
    "head",
    [
        "From: a\nSubject: b\n\nbody",
        "Subject: b\nFrom: a\n\n",
        "From: a\nTo: b",
        "FROM: a\nX-Y: c\nFrom: d\nDATE: e\n\nf",
        "Return-Path: <a>\nReceived: from b\n\tby c\nSubject: d\n\n",
        " folded!from!before\nFrom: a\nSubject: b\n\n",
        "From: a\nSubject: b\n \n\nbody",
        "\ufeffFrom: a\nSubject: b\n\n",
        "From: a\nSubject: b\n" + "X-Long: " + "y" * 20_000,
    ],
)
def test_what_is_mail(head: str) -> None:
    assert looks_like_mail(head.encode()[:16_384])


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Note: something\nTo: be done\n\n",
        "From: a\n\nSubject: b\n",
        "From: a\nSubject: b\nAnd now a sentence.\n\n",
        "From here on: nothing\nSubject: b\n\n",
        "Dear all,\nFrom: a\nSubject: b\n\n",
        "from: registry\nto: cluster\ndate: today\n\n",
        "Subject: b\nDate: c\n\n",
        "def f(x):\n    From: int\n",
        "x" * 2000 + "\nFrom: a\nSubject: b\n\n",
    ],
)
def test_what_is_no_mail(head: str) -> None:
    assert not looks_like_mail(head.encode())


def test_ordinary_text_with_colons_stays_whole(tmp_path: Path) -> None:
    text = "Note: something\nFrom: nowhere in particular\n\nbody"
    assert only(tmp_path / "a.txt", text).text == text


def test_headers_are_unfolded_and_the_first_of_a_name_counts() -> None:
    headers, body = split_message("Subject: one\n  two\n\tthree\nSUBJECT: four\nFrom: a\n\n\nbody\n\nmore")
    assert headers == {"subject": "one two three", "from": "a"}
    assert body == "\nbody\n\nmore"


def test_a_line_that_is_no_header_begins_the_body() -> None:
    assert split_message("From: a\nhello there\n\nmore") == ({"from": "a"}, "hello there\n\nmore")
    assert split_message("no headers") == ({}, "no headers")
    assert split_message("From: a") == ({"from": "a"}, "")


def test_references_left_below_the_subject_are_no_title(tmp_path: Path) -> None:
    document = only(tmp_path / "a", "From: a\nSubject: Morality is\n <1r1@x.org>\n <2@y.com>\n\nbody\n")
    assert (document.title, document.text) == ("Morality is", "Morality is\nbody\n")
    assert only(tmp_path / "b", "From: a\nSubject: to <x>\nTo: c\n\nbody").title == "to <x>"


def test_without_a_subject_the_file_name_is_the_title(tmp_path: Path) -> None:
    for number, subject in enumerate(["", "Subject:\n", "Subject:   \n"]):
        document = only(tmp_path / f"m{number}", f"From: a\nTo: b\n{subject}\nbody\n")
        assert (document.title, document.text) == (f"m{number}", "body\n")


def test_an_eml_without_headers_is_all_body(tmp_path: Path) -> None:
    document = only(tmp_path / "a.eml", "Just words.\n")
    assert (document.title, document.text, document.metadata) == ("a.eml", "Just words.\n", {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?5ryi5a2X?= and =?iso-8859-1?q?Gr=FC=DFe?=", "漢字 and Grüße"),
        ("Re: =?utf-8?q?a?= =?utf-8?q?b?=", "Re: ab"),
        ("=?utf-8*en?q?caf=C3=A9?=", "café"),
        ("=?nonsense?q?caf=E9?=", "café"),
        ("=?utf-8?q?caf=E9?=", "café"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?two=0Alines=00?=", "two lines\ufffd"),
        ("a  =? b", "a =? b"),
        ("naïve =?utf-8?q?caf=C3=A9?= ł", "naïve café ł"),
    ],
)
def test_encoded_words_of_headers(value: str, expected: str) -> None:
    assert decode_words(value).replace("\\u0142", "ł") == expected


@pytest.mark.parametrize("cte", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "koi8-r"])
def test_transfer_encodings_and_charsets(tmp_path: Path, cte: str, charset: str) -> None:
    text = {"utf-8": "漢字 und Käse\n", "iso-8859-2": "Łódź, žluťoučký kůň\n", "koi8-r": "Привет\n"}[charset]
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.set_content(text, charset=charset, cte=cte)
    assert body_of(tmp_path, message.as_bytes()) == text


def test_iso_2022_jp_looks_like_ascii_and_is_not(tmp_path: Path) -> None:
    head = b"From: a\nSubject: S\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    assert body_of(tmp_path, head + "漢字\n".encode("iso-2022-jp")) == "漢字\n"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain; charset=us-ascii",
        "text/plain; charset=no-such",
        "setext/plain; charset=ascii_827",
    ],
)
def test_undeclared_eight_bit_text_is_guessed(tmp_path: Path, content_type: str) -> None:
    head = f"From: a\nSubject: S\nContent-Type: {content_type}\n\n".encode()
    assert body_of(tmp_path, head + "Käse aus Köln\n".encode("latin-1")) == "Käse aus Köln\n"


def test_plain_parts_are_preferred_to_html_and_attachments_left_out(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.set_content("The plain part.\n")
    message.add_alternative("<p>The <b>HTML</b> part.</p>", subtype="html")
    message.add_attachment("Attached words.\n", filename="a.txt")
    message.add_attachment(b"\0\1\2", maintype="image", subtype="png", filename="a.png")
    assert body_of(tmp_path, message.as_bytes()) == "The plain part.\n"


def test_html_alone_loses_its_tags(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.set_content(
        "<html><head><style>p {}</style></head><p>Caf&eacute; &lt;3</p></html>", subtype="html", cte="base64"
    )
    assert body_of(tmp_path, message.as_bytes()) == "Café <3"


def test_a_forwarded_message_is_part_of_the_text(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "secret@c.org", "Inner"
    inner.set_content("Inner words.\n")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@b.org", "S"
    outer.set_content("Outer words.\n")
    outer.add_attachment(inner, disposition="inline")
    body = body_of(tmp_path, outer.as_bytes())
    assert body == "Outer words.\n\nInner words.\n"


def test_nothing_but_attachments_leaves_the_subject(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.add_attachment(b"\x89PNG" * 100, maintype="image", subtype="png", filename="a.png")
    assert body_of(tmp_path, message.as_bytes()) == ""


@pytest.mark.parametrize(
    "message",
    [
        "Content-Type: multipart/mixed\n\nno boundary at all\n",
        "Content-Type: multipart/mixed; boundary=x\n\nnever begun\n",
        "Content-Type: text/plain; charset=\x1f\n\nodd charset\n",
        "Content-Type: text/plain; charset*=x'y\n\nodd parameter\n",
        "Content-Type: ;;;=\n\nodd type\n",
        "Content-Transfer-Encoding: quoted-printable\n\nbroken =ZZ code\n",
        "Content-Type: text/plain; charset=hex\n\nno text encoding\n",
    ],
)
def test_broken_mime_keeps_the_raw_body(tmp_path: Path, message: str) -> None:
    expected = message.partition("\n\n")[2]
    assert body_of(tmp_path, f"From: a\nSubject: S\nMIME-Version: 1.0\n{message}") == expected


def test_mime_nested_beyond_reason_keeps_the_raw_body(tmp_path: Path) -> None:
    levels = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    body = body_of(tmp_path, f"From: a\nSubject: S\n{levels}\nthe core\n")
    assert body.startswith("--b0\n")
    assert body.endswith("\nthe core\n")


def test_a_multipart_that_is_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    head = (
        "From: a\nSubject: S\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
    )
    assert body_of(tmp_path, head + "The first part goes on and") == "The first part goes on and"


def test_charsets_that_make_surrogates_are_mended(tmp_path: Path) -> None:
    head = b"From: a\nSubject: S\nContent-Type: text/plain; charset=utf-7\n\n"
    assert body_of(tmp_path, head + b"a+2AA-b+AAA-c") == "a\ufffdb\ufffdc"


def test_each_part_by_its_own_charset_where_the_whole_is_in_none(tmp_path: Path) -> None:
    text = "日本語の文章をここに書きます。"
    message = (
        b"From: a\nSubject: S\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain; charset=shift_jis\nContent-Transfer-Encoding: 8bit\n\n"
        + text.encode("shift_jis")
        + b"\n--x\nContent-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit\n\n"
        + "Все люди".encode("koi8-r")
        + b"\n--x--\n"
    )
    assert body_of(tmp_path, message) == f"{text}\nВсе люди"


def test_uuencoded_bodies(tmp_path: Path) -> None:
    head = "From: a\nSubject: S\nContent-Transfer-Encoding: x-uuencode\n\n"
    assert body_of(tmp_path, head + "begin 644 a\n%=V]R9',\n`\nend\n") == "words"


def test_base64_with_rubbish_in_it(tmp_path: Path) -> None:
    head = "From: a\nSubject: S\nContent-Transfer-Encoding: base64\n\n"
    code = base64.b64encode(b"some words here").decode()
    assert body_of(tmp_path, f"{head}{code[:8]}\n {code[8:]}\n") == "some words here"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three", "one\ntwo\nthree"),
        ("a <b>bo</b>ld\n  word", "a bold word"),
        ("x<script>if (a<b) {}</SCRIPT>y<style>p{}</style>z", "x\ny\nz"),
        ("<head><title>T</title></head><body>B", "B"),
        ("<head><meta name=x><body>never closed", "never closed"),
        ("x<script>never closed", "x\nnever closed"),
        ("a<!-- <p>no</p> -->b<!-- open", "a\nb"),
        ("1 < 2 &amp;&amp; 3 > 2 &#233;&nosuch;", "1 < 2 && 3 > 2 é&nosuch;"),
        ("<!DOCTYPE html><?xml ?>a<a href='x'>link</a>", "alink"),
        ("open <tag", "open"),
        ("", ""),
    ],
)
def test_text_of_html(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "piece", ["<!--", "<?", "<a ", "<![CDATA[", "<script>", "<head>", "</", "<a b='", "&#", "<"]
)
def test_html_that_never_ends_takes_one_pass(piece: str) -> None:
    words = text_of_html("before <p>" + piece * 200_000)  # minutes, if each piece looked for its end
    assert words.startswith("before")
