"""Mail: what is taken for it, subject and body as text, headers kept out."""

import base64
import binascii
import io
import quopri
import time
import zipfile
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.html_text import text_of_html
from semhash.corpus.mail_headers import looks_like_mail, split_message
from semhash.corpus.mail_text import without_encoded
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


def installed(module: str) -> bool:
    return find_spec(module) is not None


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


def test_plain_parts_are_preferred_to_html_and_attachments_named(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.set_content("The plain part.\n")
    message.add_alternative("<p>The <b>HTML</b> part.</p>", subtype="html")
    message.add_attachment("Attached words.\n", filename="a.txt")
    message.add_attachment(b"\0\1\2", maintype="image", subtype="png", filename="a.png")
    assert body_of(tmp_path, message.as_bytes()) == "The plain part.\n\na.txt\nAttached words.\n\na.png"


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
    assert body == "Outer words.\n\nInner\nInner words.\n"


def test_nothing_but_attachments_leaves_the_subject_and_their_names(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.add_attachment(b"\x89PNG" * 100, maintype="image", subtype="png", filename="a.png")
    assert body_of(tmp_path, message.as_bytes()) == "a.png"


def test_messages_in_utf_16(tmp_path: Path) -> None:
    message = f"{HEAD}Content-Type: text/html\n\n<p>Käse, 漢字</p>\n"
    assert body_of(tmp_path, message.encode("utf-16")) == "Käse, 漢字"


def test_a_blank_before_the_colon(tmp_path: Path) -> None:
    assert only(tmp_path / "a", "From : a\nSubject : S\nTo : b\n\nbody").text == "S\nbody"


def test_a_multipart_in_base64(tmp_path: Path) -> None:
    message = multipart("mixed", PAGE, FOOTER, head=f"{HEAD}Content-Transfer-Encoding: base64\n")
    head, _, body = message.partition("\n\n")
    message = f"{head}\n\n{base64.encodebytes(body.encode()).decode()}"
    assert lines_of(tmp_path, message)[::2] == [
        "The bridge opens on Sunday at nine.",
        "Leave the list at example.org",
    ]


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


def test_of_mime_nested_beyond_reason_the_words_are_kept(tmp_path: Path) -> None:
    levels = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    (tmp_path / "a.eml").write_text(f"From: a\nSubject: S\n{levels}\nthe core\n", encoding="ascii")
    document, remark = open_corpus(tmp_path / "a.eml")
    assert isinstance(document, Document)
    assert document.text.split() == ["S", "the", "core"]
    assert isinstance(remark, Skipped)
    assert "expected at most 20 parts within each other" in remark.detail


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


HEAD = "From: a@b.org\nSubject: S\nMIME-Version: 1.0\n"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"


def multipart(kind: str, *parts: str, head: str = HEAD, boundary: str = "=_b", end: str = "--") -> str:
    """Write a multipart by hand; each part with its headers."""
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inside}--{boundary}{end}\n'


def part(kind: str, text: str, **headers: str) -> str:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"Content-Type: {kind}\n{more}\n{text}"


PLAIN = part("text/plain", "The bridge opens on Sunday at nine.")
PAGE = part("text/html; charset=utf-8", "<p>The bridge opens on <b>Sunday</b> at nine.</p>")
FOOTER = part("text/plain", "_______\nLeave the list at example.org")


def lines_of(tmp_path: Path, data: str | bytes) -> list[str]:
    return [line for line in body_of(tmp_path, data).split("\n") if line.strip()]


def test_a_page_before_a_footer_is_not_lost(tmp_path: Path) -> None:
    assert lines_of(tmp_path, multipart("mixed", PAGE, FOOTER)) == [
        "The bridge opens on Sunday at nine.",
        "_______",
        "Leave the list at example.org",
    ]


def test_only_inside_alternatives_one_is_chosen(tmp_path: Path) -> None:
    both = multipart("alternative", PLAIN, PAGE, head="", boundary="inner")
    body = lines_of(tmp_path, multipart("mixed", both, PAGE.replace("bridge", "tunnel"), FOOTER))
    assert body[:2] == ["The bridge opens on Sunday at nine.", "The tunnel opens on Sunday at nine."]
    assert len(body) == 4


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \n\n",
        "Please view this email in an HTML capable client.",
        "Read this online: https://news.example.org/a/very/long/address/with/many/letters/in/it/0123456789",
        "Your mail program shows no HTML. Open this message in a browser, please.",
        "See the page.",
    ],
)
def test_a_page_is_read_where_the_plain_text_is_a_stub(tmp_path: Path, stub: str) -> None:
    page = part("text/html", "<p>The aqueduct is mended in October, and volunteers are welcome to help.</p>")
    body = body_of(tmp_path, multipart("alternative", part("text/plain", stub), page))
    assert body == "The aqueduct is mended in October, and volunteers are welcome to help."


@pytest.mark.parametrize("order", [1, -1])
def test_the_plain_text_is_read_where_it_says_as_much(tmp_path: Path, order: int) -> None:
    plain = part("text/plain", "The aqueduct is mended.\n\nSee https://example.org/ for more.")
    page = part(
        "text/html",
        "<p>The <i>aqueduct</i> is mended.<p>See <a href='https://example.org/'>here</a> for more.",
    )
    assert lines_of(tmp_path, multipart("alternative", *(plain, page)[::order])) == [
        "The aqueduct is mended.",
        "See https://example.org/ for more.",
    ]


def test_alternatives_that_say_different_things_are_both_kept(tmp_path: Path) -> None:
    plain = part("text/plain", "Minutes of the harbour board, who met about dredging the western channel.")
    page = part("text/html", "<p>Agenda: cranes, tariffs, customs, and who pays for lighthouse repairs.</p>")
    body = body_of(tmp_path, multipart("alternative", plain, page))
    assert "dredging" in body
    assert "lighthouse" in body


def test_an_alternative_of_apple_mail_with_text_between_pictures(tmp_path: Path) -> None:
    between = multipart(
        "mixed",
        part("text/html", "<p>Before the picture we walked for miles along the coast.</p>"),
        part(
            "image/jpeg; name=cliff.jpg",
            "/9j/",
            Content_Transfer_Encoding="base64",
            Content_Disposition="inline",
        ),
        part("text/html", "<p>After the picture we slept in a hut on the dunes.</p>"),
        head="",
        boundary="inner",
    )
    body = lines_of(tmp_path, multipart("alternative", part("text/plain", "Before the picture"), between))
    assert body == [
        "Before the picture we walked for miles along the coast.",
        "After the picture we slept in a hut on the dunes.",
        "cliff.jpg",
    ]


def test_a_page_with_its_pictures_and_what_outlook_adds(tmp_path: Path) -> None:
    related = multipart(
        "related",
        PAGE,
        part("image/png; name=image001.png", "iVBORw0=", Content_Transfer_Encoding="base64"),
        part("text/css", "p { color: red }"),
        head="",
        boundary="inner",
    )
    tnef = part("application/ms-tnef; name=winmail.dat", "eJ8+Ig==", Content_Transfer_Encoding="base64")
    assert lines_of(tmp_path, multipart("mixed", related, tnef)) == ["The bridge opens on Sunday at nine."]


def test_of_a_signed_message_the_signature_is_left_out(tmp_path: Path) -> None:
    signature = part(
        'application/pgp-signature; name="signature.asc"', "-----BEGIN PGP SIGNATURE-----\n\niQEz\n"
    )
    assert lines_of(tmp_path, multipart("signed", PLAIN, signature)) == [
        "The bridge opens on Sunday at nine."
    ]


def test_an_encrypted_message_has_no_words(tmp_path: Path) -> None:
    inside = part('application/octet-stream; name="encrypted.asc"', "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n")
    message = multipart("encrypted", part("application/pgp-encrypted", "Version: 1"), inside)
    assert body_of(tmp_path, message) == ""


def test_a_digest_is_all_its_messages(tmp_path: Path) -> None:
    first = "\nFrom: x@y.org\nSubject: Tides\n\nThe moon pulls."
    second = "Content-Type: message/rfc822\n\nFrom: x@y.org\nSubject: Wind\n\nThe sun drives."
    assert lines_of(tmp_path, multipart("digest", first, second)) == [
        "Tides",
        "The moon pulls.",
        "Wind",
        "The sun drives.",
    ]


def test_a_report_says_why_and_of_which_message(tmp_path: Path) -> None:
    status = "Reporting-MTA: dns; mx.org\n\nFinal-Recipient: rfc822; a@b.org\nDiagnostic-Code: smtp; 550 no such\n user"
    body = lines_of(
        tmp_path,
        multipart(
            "report; report-type=delivery-status",
            part("text/plain", "It could not be delivered."),
            part("message/delivery-status", status),
            part("text/rfc822-headers", "From: a@b.org\nSubject: Harvest\n"),
        ),
    )
    assert body == ["It could not be delivered.", "550 no such user", "Harvest"]


@pytest.mark.parametrize("transfer", ["7bit", "base64"])
def test_forwarded_on_and_on(tmp_path: Path, transfer: str) -> None:
    message = "From: secret@c.org\nSubject: Origin\n\nThe first words.\n"
    for level in range(4):
        inner = base64.encodebytes(message.encode()).decode() if transfer == "base64" else message
        forwarded = part("message/rfc822", inner, Content_Transfer_Encoding=transfer)
        head = HEAD.replace("Subject: S", f"Subject: Level {level}")
        message = multipart(
            "mixed", part("text/plain", f"Look, {level}"), forwarded, head=head, boundary=f"b{level}"
        )
    document = only(tmp_path / "a.eml", message)
    assert [line for line in document.text.split("\n") if line] == [
        *("Level 3", "Look, 3", "Level 2", "Look, 2", "Level 1", "Look, 1", "Level 0", "Look, 0"),
        *("Origin", "The first words."),
    ]


@pytest.mark.parametrize("transfer", ["7bit", "quoted-printable", "base64", "x-uuencode"])
@pytest.mark.parametrize(
    ("kind", "name", "content", "words"),
    [
        ("text/plain", "minutes.txt", "The zeppelin hangar.", "The zeppelin hangar."),
        ("text/csv", "rows.csv", "crop,tonnes\nbarley,3", "crop,tonnes\nbarley,3"),
        ("text/html", "page.html", "<h1>Kites</h1><p>Fly them.", "Kites\nFly them."),
        ("application/octet-stream", "notes.md", "# Larks\n", "# Larks"),
        ("application/octet-stream", "page.htm", "<p>Herons</p>", "Herons"),
        ("application/octet-stream", "old.eml", "From: x\nSubject: Owls\n\nThey hunt.", "Owls\nThey hunt."),
        ("application/json", "data.json", '{"a": "finch"}', "finch"),
        ("text/rtf", "wren.rtf", r"{\rtf1{\fonttbl{\f0 Helvetica;}}\f0 Wrens sing.\par}", "Wrens sing."),
        ("text/xml", "nest.xml", "<a><b>Nests</b> of twigs</a>", "Nests of twigs"),
        ("text/x-patch", "fix.patch", "+int main", "+int main"),
        (
            "text/calendar",
            "i.ics",
            "BEGIN:VEVENT\nSUMMARY:Rowing\\, again\nDTSTART:2024\nEND:VEVENT",
            "Rowing, again",
        ),
        (
            "text/x-vcard",
            "j.vcf",
            "BEGIN:VCARD\nFN:Jane Doe\nPHOTO;ENCODING=b:/9j/4AA\nEND:VCARD",
            "Jane Doe",
        ),
        ("application/zip", "boats.zip", "PK\x03\x04", ""),
        ("image/gif", "harbour.gif", "GIF89a", ""),
    ],
)
def test_attached_files(
    tmp_path: Path, transfer: str, kind: str, name: str, content: str, words: str
) -> None:
    data = content.encode()
    if transfer == "base64":
        coded = base64.encodebytes(data).decode()
    elif transfer == "quoted-printable":
        coded = quopri.encodestring(data).decode()
    elif transfer == "x-uuencode":
        pieces = (data[at : at + 45] for at in range(0, len(data), 45))
        coded = (
            f"begin 644 {name}\n" + "".join(binascii.b2a_uu(piece).decode() for piece in pieces) + "`\nend\n"
        )
    else:
        coded = content
    attached = part(
        f'{kind}; name="{name}"',
        coded,
        Content_Disposition=f'attachment; filename="{name}"',
        Content_Transfer_Encoding=transfer,
    )
    body = body_of(tmp_path, multipart("mixed", PLAIN, attached))
    named = "" if name == "old.eml" else f"\n{name}"  # a message is called by its subject
    assert body.strip() == f"The bridge opens on Sunday at nine.{named}\n{words}".strip()


def test_an_attached_text_that_is_broken_is_read_as_it_stands(tmp_path: Path) -> None:
    cut = part("application/json; name=cut.json", '{"a": "finch')
    (tmp_path / "a.eml").write_text(multipart("mixed", PLAIN, cut), encoding="ascii")
    document, remark = open_corpus(tmp_path / "a.eml")
    assert isinstance(document, Document)
    assert document.text.endswith('\ncut.json\n{"a": "finch')
    assert isinstance(remark, Skipped)
    assert remark.detail.startswith("attached cut.json: ")


def test_a_body_in_rtf_loses_its_commands(tmp_path: Path) -> None:
    message = HEAD + part("text/rtf", r"{\rtf1\b Wrens\b0  sing.\par}")
    assert body_of(tmp_path, message).strip() == "Wrens sing."


def test_names_that_mail_programs_make_up_are_no_words(tmp_path: Path) -> None:
    names = ["image001.png", "ATT00001.bin", "noname", "smime.p7s", "winmail.dat", "IMG_2041.JPG"]
    parts = [
        part(f"application/octet-stream; name={name}", "AA==", Content_Transfer_Encoding="base64")
        for name in names
    ]
    assert lines_of(tmp_path, multipart("mixed", *parts, part("audio/ogg; name=thrush.ogg", ""))) == [
        "thrush.ogg"
    ]


def test_names_of_files_in_any_script(tmp_path: Path) -> None:
    parts = [
        part("application/zip; name*=utf-8''Z%C3%BCrich%20plan.zip", ""),
        part('application/zip; name="=?utf-8?b?5ryi5a2X?=.zip"', ""),
        part("application/zip; name*0=long-; name*1=name.zip", ""),
        part('application/zip; name="C:\\\\files\\\\map.zip"', ""),
    ]
    assert lines_of(tmp_path, multipart("mixed", *parts)) == [
        "Zürich plan.zip",
        "漢字.zip",
        "long-name.zip",
        "map.zip",
    ]


def test_attached_documents_are_read_by_their_readers(tmp_path: Path) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>'
            "<text:p>The lease of the mill.</text:p></o:text></o:body></o:document-content>",
        )
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.org", "S"
    message.set_content("See the contract.\n")
    message.add_attachment(
        book.getvalue(), maintype="application", subtype="octet-stream", filename="lease.odt"
    )
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="broken.pdf")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    document, *remarks = open_corpus(tmp_path / "a.eml")
    assert isinstance(document, Document)
    lines = [line for line in document.text.split("\n") if line]
    if installed("lxml"):
        assert lines == ["S", "See the contract.", "lease.odt", "The lease of the mill.", "broken.pdf"]
    told = [remark.detail.partition(": ")[0] for remark in remarks if isinstance(remark, Skipped)]
    assert told == [*(() if installed("lxml") else ("attached lease.odt",)), "attached broken.pdf"]


@pytest.mark.parametrize(
    "data",
    [
        multipart("mixed", PAGE, FOOTER, end=""),  # cut short
        multipart("mixed", PAGE, FOOTER).replace('boundary="=_b"', 'boundary="another"'),
        multipart("mixed", PAGE, FOOTER).replace('; boundary="=_b"', ""),
        multipart("mixed", PAGE, FOOTER).replace("Content-Type: multipart/mixed", "X-Lost: it"),
        multipart("mixed", PAGE, FOOTER).replace("--=_b\n", "--=_b  \n"),
        multipart("mixed", PAGE, FOOTER).replace("\n", "\r\n"),
        multipart("mixed", PAGE).rstrip("\n") + "\n" + FOOTER.partition("\n\n")[2],  # below its end
        multipart("mixed", multipart("related", PAGE, head="", boundary="in", end="none"), FOOTER),
        multipart("mixed", PAGE + "\n--=_b--", FOOTER),  # ended too early
        multipart("mixed", PAGE.replace("\n\n", "\n"), FOOTER),  # no blank line below the headers
    ],
)
def test_broken_boundaries_lose_nothing(tmp_path: Path, data: str) -> None:
    body = lines_of(tmp_path, data)
    assert body[0] == "The bridge opens on Sunday at nine."
    assert body[-1] == "Leave the list at example.org"
    assert not [line for line in body if line.startswith("--=") or "Content-Type" in line]


def test_what_is_written_above_the_parts_is_kept_unless_it_speaks_of_mime(tmp_path: Path) -> None:
    message = multipart("mixed", PLAIN)
    for preamble, kept in (
        ("This is a multi-part message in MIME format.", False),
        ("Dear list, see below.", True),
    ):
        body = body_of(tmp_path, message.replace("\n\n", f"\n\n{preamble}\n\n", 1))
        assert (preamble in body, "bridge" in body) == (kept, True)


def test_base64_with_a_footer_in_plain_text_below(tmp_path: Path) -> None:
    code = base64.encodebytes("Käse aus Köln. ".encode() * 9).decode()
    head = (
        "From: a\nSubject: S\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    )
    body = body_of(tmp_path, f"{head}{code}_____\nLeave the list: http://example.org/\n")
    assert body.startswith("Käse aus Köln. Käse")
    assert body.endswith("_____\nLeave the list: http://example.org/\n")


@pytest.mark.parametrize("charset", ["x-unknown", "cp-850", "none", 'utf-8"; x="', "3"])
def test_a_part_in_an_unknown_charset(tmp_path: Path, charset: str) -> None:
    data = multipart("mixed", part(f'text/plain; charset="{charset}"', "Käse aus Köln"), PAGE).encode()
    assert lines_of(tmp_path, data)[0] == "Käse aus Köln"


FLOWED = (
    "The paragraph goes \non and ends.\n> What they wrote \n> in two lines.\n>> and before \n>> that\n"
    " From a stuffed line\n-- \nJane\n"
)


@pytest.mark.parametrize("within", [False, True])
def test_flowed_text_is_rejoined(tmp_path: Path, within: bool) -> None:
    kind = "text/plain; charset=us-ascii; Format=Flowed"
    message = multipart("mixed", part(kind, FLOWED)) if within else f"{HEAD}{part(kind, FLOWED)}"
    assert body_of(tmp_path, message).rstrip("\n").split("\n") == [
        "The paragraph goes on and ends.",
        "> What they wrote in two lines.",
        ">> and before that",
        "From a stuffed line",
        "-- ",
        "Jane",
    ]


def test_flowed_text_of_scripts_without_blanks(tmp_path: Path) -> None:
    text = part("text/plain; charset=utf-8; format=flowed; delsp=yes", "日本 \n語の \n文章\n")
    assert body_of(tmp_path, f"{HEAD}{text}") == "日本語の文章\n"


def uuencoded(name: str, data: bytes) -> str:
    pieces = (data[at : at + 45] for at in range(0, len(data), 45))
    return f"begin 644 {name}\n" + "".join(binascii.b2a_uu(piece).decode() for piece in pieces) + "`\nend\n"


NOISE = bytes((7 * n * n + 13 * n + n // 251) % 256 for n in range(2000))
CODE = base64.encodebytes(NOISE).decode()


@pytest.mark.parametrize(
    ("encoded", "kept"),
    [
        (uuencoded("schooner.gif", NOISE), "schooner.gif"),
        (uuencoded("a b.zip", NOISE).replace("`", " "), "a b.zip"),
        (uuencoded("log.txt", b"The anchor is lost.\n"), "log.txt\nThe anchor is lost.\n"),
        (
            "".join(uuencoded("x", NOISE).splitlines(keepends=True)[3:]),
            "",
        ),  # its beginning in another message
        ("".join(uuencoded("cut.gif", NOISE).splitlines(keepends=True)[:-9]), "cut.gif"),
        ("=ybegin line=128 size=9 name=keel.bin\n)*+,}}abc\nJKLM..\n=yend size=9\n", "keel.bin"),
        (f"-----BEGIN PGP MESSAGE-----\nVersion: 2.2\n\n{CODE}=AbCd\n-----END PGP MESSAGE-----\n", ""),
        (
            f"> -----BEGIN PGP SIGNATURE-----\n> \n> {CODE[:76]}\n> =AbCd\n> -----END PGP SIGNATURE-----\n",
            "",
        ),
        (f"-----BEGIN CERTIFICATE-----\n{CODE}-----END CERTIFICATE-----\n", ""),
        (f"-----BEGIN RSA PRIVATE KEY-----\n{CODE}", ""),  # cut short
        (CODE, ""),
        (CODE.replace("\n", ""), ""),
        ("".join(f"> {line}\n" for line in CODE.splitlines()), ""),
        (f"data:image/png;base64,{CODE}".replace("\n", ""), "data:image/png;base64,"),
        (
            '(This file must be converted with BinHex 4.0)\n\n:#@0KBfKP,Q0`G!"338083e\n3C$1R$)JJT`b+33%!:\n',
            "",
        ),
    ],
)
@pytest.mark.parametrize("quoted_printable", [False, True])
def test_what_is_encoded_is_no_text(tmp_path: Path, encoded: str, kept: str, quoted_printable: bool) -> None:
    text = f"Words before\n\n{encoded}\nWords behind\n"
    head = HEAD
    if quoted_printable:
        head += "Content-Transfer-Encoding: quoted-printable\n"
        text = quopri.encodestring(text.encode()).decode()
    lines = lines_of(tmp_path, f"{head}\n{text}")
    assert lines == ["Words before", *(line for line in kept.split("\n") if line), "Words behind"]


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 miles from home\n\nand go on",
        "begin 10 more and\nend",
        "M IS FOR MANY\nM IS FOR MORE\nM IS FOR MOST",
        "=" * 72,
        ("A" * 60 + "\n") * 4,
        ("GATTACA" * 9 + "\n") * 4,
        ("/" * 60 + "\n") * 4,
        "-----BEGIN reading here-----\nwords",
        "https://example.org/" + "a1B" * 30,
    ],
)
def test_what_only_looks_encoded_is_text(text: str) -> None:
    assert without_encoded(text) == text


def test_text_signed_in_clear_is_kept(tmp_path: Path) -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nNote: the ferry sails.\n\n-----BEGIN PGP SIGNATURE-----\n"
        f"Version: GnuPG v1\n\n{CODE[:76]}\n=AbCd\n-----END PGP SIGNATURE-----\nBye\n"
    )
    assert lines_of(tmp_path, f"{HEAD}\n{text}") == ["Note: the ferry sails.", "Bye"]


def test_an_invitation_adds_what_the_text_does_not_say(tmp_path: Path) -> None:
    calendar = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:The bridge opens\nLOCATION:Pier\n  seven\nBEGIN:VALARM\n"
    )
    calendar += "DESCRIPTION:REMINDER\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
    message = multipart("alternative", PLAIN, PAGE, part("text/calendar; method=REQUEST", calendar))
    assert lines_of(tmp_path, message) == ["The bridge opens on Sunday at nine.", "Pier seven"]


def test_enriched_text_loses_its_commands(tmp_path: Path) -> None:
    text = "<bold>Now</bold> <color><param>red</param>is</color> 1 << 2"
    assert body_of(tmp_path, f"{HEAD}{part('text/enriched', text)}") == "Now is 1 < 2"


def test_a_page_that_is_called_plain_text(tmp_path: Path) -> None:
    assert body_of(tmp_path, f"{HEAD}\n<html><body><p>Words</p></body></html>") == "Words"


def test_binary_parts_do_no_harm(tmp_path: Path) -> None:
    picture = part("image/png; name=swan.png", "PICTURE", Content_Transfer_Encoding="binary")
    data = multipart("mixed", PLAIN, picture).encode().replace(b"PICTURE", bytes(range(256)) * 40)
    assert lines_of(tmp_path, data) == ["The bridge opens on Sunday at nine.", "swan.png"]


def test_message_ids_are_kept(tmp_path: Path) -> None:
    assert only(tmp_path / "a", f"Message-ID: <1@x>\n{POST}").metadata["message_id"] == "<1@x>"


@pytest.mark.parametrize("count", ["", "+7", "7"])
def test_messages_of_apple_mail(tmp_path: Path, count: str) -> None:
    message = (
        f"{HEAD}Content-Type: text/plain; charset=utf-8\n\nWind turbines, café\n<?xml as such is text ?>\n"
    )
    size = len(message.encode()) + int(count or 0)
    plist = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "x">\n<plist><key>flags</key></plist>\n'
    document = only(tmp_path / "1.emlx", f"{size}      \n{message}{plist}")
    assert document.text == "S\nWind turbines, café\n<?xml as such is text ?>\n"
    assert only(tmp_path / "2.partial.emlx", f"{len(message.encode())}\n{message}").text == document.text


def test_a_maildir(tmp_path: Path) -> None:
    for place in ("cur/1699.M5P6.host:2,S", "new/1700.M1P1.host", ".Sent/cur/1701.M9P9.host:2,RS"):
        file = tmp_path / "box" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(POST, encoding="ascii")
    for place in ("new", "tmp"):
        (tmp_path / "box" / ".Sent" / place).mkdir()
    documents = [
        item for item in open_corpus(tmp_path, CorpusConfig(labels="folder")) if isinstance(item, Document)
    ]
    assert {document.title for document in documents} == {"Re: Orbits"}
    assert [(document.id, document.labels) for document in documents] == [
        ("box/.Sent/cur/1701.M9P9.host:2,RS", ("Sent",)),
        ("box/cur/1699.M5P6.host:2,S", ("box",)),
        ("box/new/1700.M1P1.host", ("box",)),
    ]


def test_an_encoded_subject_over_several_lines(tmp_path: Path) -> None:
    coded = "=?utf-8?b?5rw=?=\n =?utf-8?b?ouWtlw==?=\n\t=?utf-8?q?_und_K=C3=A4se?= etc."
    assert only(tmp_path / "a", f"From: a\nSubject: {coded}\n\nbody").title == "漢字 und Käse etc."


def test_long_headers_stay_bounded(tmp_path: Path) -> None:
    words = "\n".join(f" =?utf-8?q?word{n}_=C3=A4?=" for n in range(50_000))
    document = only(tmp_path / "a", f"From: a\nSubject:\n{words}\nTo: {'b@c.org,' * 100_000}\n\nbody")
    assert len(document.text) < 4200
    assert "=?" not in document.text


def test_several_messages_in_one_are_told(tmp_path: Path) -> None:
    one = "From: a@b.org\nDate: today\nMessage-ID: <1@x>\nSubject: S\n\nwords\n\n"
    (tmp_path / "a.eml").write_text(one * 4, encoding="ascii")
    document, remark = open_corpus(tmp_path / "a.eml")
    assert isinstance(document, Document)
    assert isinstance(remark, Skipped)
    assert (remark.reason, remark.detail[:63]) == (
        SkipReason.READ_AS_ONE,
        "expected one message, found the headers of 3 more in it; part t",
    )


@pytest.mark.parametrize(
    "piece",
    [
        "--x\n",
        "--x\nContent-Type: text/plain\n\nwords\n",
        "--x--\n",
        "--x\nContent-Type: multipart/mixed; boundary=x\n\n",
        "begin 644 a\n",
        "-----BEGIN PGP MESSAGE-----\n",
        "=ybegin name=a\n",
        "M" * 61 + "\n",
        "A" * 60 + "\n",
        "(This file must be converted with BinHex 4.0)\n\n",
        "\n\nFrom: a\nMessage-ID: b\n",
        "> " * 30 + "\n",
        "> " * 30,
        "Content-Type: text/plain;\n ",
        "=?utf-8?q?a?= ",
        "--" + "y" * 50,
    ],
)
def test_time_grows_with_the_size(tmp_path: Path, piece: str) -> None:
    head = f"{HEAD}Content-Type: multipart/mixed; boundary=x\n"
    file = tmp_path / "a.eml"
    taken = []
    for size in (40_000, 320_000):
        file.write_text(f"{head}\n{piece * (size // len(piece))}\n", encoding="ascii")
        taken.append(min(_seconds(file) for _ in range(2)))
    assert taken[1] < 30 * taken[0] + 0.5  # eight times as long; sixty-four, were it quadratic


def _seconds(file: Path) -> float:
    begun = time.process_time()
    list(open_corpus(file))
    return time.process_time() - begun
