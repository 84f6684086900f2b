"""PDF, Word, OpenDocument and EPUB: real files made here, damaged and hostile ones among them."""

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus import docx as docx_module
from semhash.corpus.extras import INSTALL, extra
from semhash.corpus.zip_parts import ZipParts


def installed(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


NEEDS_LXML = pytest.mark.skipif(not installed("lxml"), reason=f"lxml is not installed: {INSTALL}")
NEEDS_PDFIUM = pytest.mark.skipif(not installed("pypdfium2"), reason=f"pypdfium2 is not installed: {INSTALL}")

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>Jane Doe</dc:creator>'
    "</cp:coreProperties>"
)
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def archive(parts: Mapping[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packing) as made:
        for name, part in parts.items():
            made.writestr(name, part, zipfile.ZIP_STORED if name == "mimetype" else packing)
    return data.getvalue()


def docx(body: str, title: str = "") -> bytes:
    core = {"docProps/core.xml": CORE.format(title=title)} if title else {}
    return archive({"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>", **core})


def odt(body: str, **parts: str) -> bytes:
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content {ODF}>{text}</office:document-content>"
    return archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **parts})


def epub(chapters: Mapping[str, str], prolog: str = "", **parts: str) -> bytes:
    items = "".join(f'<item id="i{n}" href="{name}"/>' for n, name in enumerate(chapters))
    order = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        f'{prolog}<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A Book of Tides</dc:title>'
        f"<dc:creator>Jane Doe</dc:creator></metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": package,
            **{f"OEBPS/{name}": text for name, text in chapters.items()},
            **parts,
        }
    )


def pdf(*pages: str, title: str = "") -> bytes:
    """Write a PDF by hand: a catalogue, its pages, their contents, and a font that every reader has."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, page in enumerate(pages):
        drawn = "".join(f"({line}) Tj 0 -20 Td " for line in page.split("\n"))
        stream = f"BT /F1 12 Tf 50 700 Td {drawn} ET"
        bodies.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * number} 0 R >>"
        )
        bodies.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    bodies.append(f"<< /Title ({title}) /Author (Jane Doe) >>" if title else "<< >>")
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(bodies) + 1} /Root 1 0 R /Info {len(bodies)} 0 R >>"
    return (
        data
        + (
            f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}{trailer}\nstartxref\n{len(data)}\n%%EOF\n"
        ).encode()
    )


ENCRYPTED = zlib.decompress(
    base64.b85decode(
        "c-oCo%We}v5WLS<^u<Rqub#(BD<4Q=2?0vv1TH9t*_j?=WbH=lwUqFa9QXtH5!wzU7UsaNM%t~es_yBUU0*C-=`$;4KYo7uE;J|@x-X(_"
        "g}fezvdc6=>tdi_J=QQ6^SPkD>^bI$d;54#Ag|MkwnCl{yM6*K<lA-G!Y4o`F5&J-YEPu+X-b=6C7wKB@4Y+{;6Hl_xuor|8#61o!gTqb"
        "$~wIs9=NSKQ-`C~)4AK5kHn+>?e31;KZ0RfutL70el>jtZ6XT+O@oaOrs48py_t9~@@7hXNn;W63R*?ZaMdMCNHJixxu)Dvby}xjQ%1_B"
        "E77}>i!JC)@ERK(QddhL<l#R+TeC}@#l|A4WUDbT*355F)L>G@#I7PaZV_Bes68sh|Gw6mlveRLpofvFP~e4ne!x3t9aMP6G++Ku>0dC{"
        "oM2kVQ_P1G%y|8RO=DVbXguuoX8o0T6uBIR3G5*N`KGS}=-=NL99gR|HbJ2+#1}KRGmY1o3U5Fs*XTO`9|{M3+2`@`eggL=>Ft!p>97zC"
        "Ud(2fR}1kA+h4=?"
    )
)


def read(file: Path, data: bytes, config: CorpusConfig | None = None) -> Document | Skipped:
    file.write_bytes(data)
    (item,) = open_corpus(file, config or CorpusConfig())
    return item


def document(file: Path, data: bytes) -> Document:
    item = read(file, data)
    assert isinstance(item, Document), item
    return item


def skipped(file: Path, data: bytes, config: CorpusConfig | None = None) -> tuple[SkipReason, str]:
    item = read(file, data, config)
    assert isinstance(item, Skipped), item
    return item.reason, item.detail


@NEEDS_LXML
@pytest.mark.parametrize("name", ["a.docx", "a.DOCX", "a", "a.docm"])
def test_a_word_document(tmp_path: Path, name: str) -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Of Tides</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>The </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>moon</w:t></w:r>"
        "<w:r><w:t> pulls.</w:t></w:r></w:p>"
        "<w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>ebb</w:t><w:tab/><w:t>flow</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<mc:AlternateContent xmlns:mc='x'><mc:Choice><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Choice>"
        "<mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
    )
    found = document(tmp_path / name, docx(body))
    assert (found.title, found.text) == ("Of Tides", "Of Tides\nThe moon pulls.\nebb\tflow\nbox")
    found = document(tmp_path / name, docx(body, title="Its own title"))
    assert (found.title, found.text.split("\n")[0]) == ("Its own title", "Its own title")
    assert found.metadata == {"author": "Jane Doe"}


@NEEDS_LXML
def test_an_opendocument_text(tmp_path: Path) -> None:
    body = (
        "<text:h>Of<text:s text:c='2'/>Tides</text:h><text:p>The <text:span>moon</text:span><text:tab/>pulls"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>And the sun.</text:p>"
        "</text:note-body></text:note>.</text:p><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<office:annotation><text:p>remark</text:p></office:annotation><text:list><text:list-item>"
        "<text:p>ebb</text:p></text:list-item></text:list>"
    )
    found = document(tmp_path / "a.odt", odt(body))
    assert (found.title, found.text) == ("Of Tides", "Of  Tides\nAnd the sun.\nThe moon\tpulls.\nebb")
    meta = f"<office:document-meta {ODF}><office:meta><dc:title>Named</dc:title></office:meta></office:document-meta>"
    named = document(tmp_path / "b", odt(body, **{"meta.xml": meta}))
    assert named.title == "Named"


@NEEDS_LXML
def test_a_book_in_epub_is_read_in_its_order(tmp_path: Path) -> None:
    chapters = {"z.xhtml": "<h1>One</h1><p>Ebb.</p>", "a%20b.xhtml": "<h1>Two</h1><p>Flow &amp; ebb.</p>"}
    parts = {"OEBPS/a b.xhtml": chapters["a%20b.xhtml"]}
    found = document(tmp_path / "a.epub", epub(chapters, **parts))
    assert found.title == "A Book of Tides"
    assert found.text == "A Book of Tides\nOne\nEbb.\n\nTwo\nFlow & ebb."
    assert found.metadata == {"author": "Jane Doe"}
    locked = epub(chapters, **{"META-INF/encryption.xml": '<x URI="OEBPS/z.xhtml"/>'})
    assert skipped(tmp_path / "b.epub", locked)[1].endswith("found one whose pages are encrypted")


@NEEDS_PDFIUM
@pytest.mark.parametrize("name", ["a.pdf", "a", "a.txt"])
def test_a_pdf_and_its_pages(tmp_path: Path, name: str) -> None:
    found = document(tmp_path / name, pdf("The moon\npulls the sea.", "Twice a day.", title="Of Tides"))
    assert found.title == "Of Tides"
    assert found.text == "Of Tides\nThe moon\npulls the sea.\fTwice a day."
    assert found.metadata == {"pages": 2, "author": "Jane Doe"}
    assert document(tmp_path / name, pdf("words")).title == name


@NEEDS_PDFIUM
def test_pdfs_that_cannot_be_read(tmp_path: Path) -> None:
    whole = pdf("The moon pulls the sea.")
    assert skipped(tmp_path / "a.pdf", ENCRYPTED) == (
        SkipReason.UNREADABLE,
        "expected a PDF, found one that is encrypted and needs a password",
    )
    assert skipped(tmp_path / "b.pdf", b"%PDF-1.7\nnothing of the kind") == (
        SkipReason.UNREADABLE,
        "expected a PDF, found one that is damaged",
    )
    reason, detail = skipped(tmp_path / "c.pdf", pdf("", ""))
    assert (reason, "none on 2 pages" in detail) == (SkipReason.EMPTY, True)
    for length in range(20, len(whole), 37):
        read(tmp_path / "d.pdf", whole[:length])  # whatever it is, it does not end the reading


@NEEDS_PDFIUM
@pytest.mark.parametrize("drawn", [b" ", b"(x) Tj "])
def test_a_pdf_that_unfolds_is_refused(tmp_path: Path, drawn: bytes) -> None:
    packed = zlib.compress(b"BT /F1 12 Tf " + drawn * (10_000_000 // len(drawn)), 9)
    head, _, tail = pdf("words").partition(b"stream\n")
    tail = tail[tail.index(b"endstream") :]
    head = head[: head.rindex(b"<<")] + b"<< /Length %d /Filter /FlateDecode >>\n" % len(packed)
    reason, detail = skipped(tmp_path / "a.pdf", head + b"stream\n" + packed + b"\n" + tail)
    assert (reason, "200 bytes of each packed one" in detail) == (SkipReason.TOO_LARGE, True)


@NEEDS_PDFIUM
def test_a_pdf_of_very_many_streams_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n" + b"4 0 obj << >> stream\n" * 20_000)
    (item,) = open_corpus(tmp_path)
    assert isinstance(item, Skipped)
    assert item.detail.startswith("expected a PDF whose streams end, found one with very many that do not")


@NEEDS_LXML
def test_archives_that_unfold_are_refused(tmp_path: Path) -> None:
    many = "<w:p><w:r><w:t>" + "x" * 30_000_000 + "</w:t></w:r></w:p>"
    reason, detail = skipped(tmp_path / "a.docx", docx(many))
    assert (reason, "200 bytes of each packed one" in detail) == (SkipReason.TOO_LARGE, True)
    book = epub({f"{n}.xhtml": "<p>" + "y " * 200_000 for n in range(60)})
    reason, detail = skipped(tmp_path / "c.epub", book)
    assert (reason, "unpacked, found more" in detail) == (SkipReason.TOO_LARGE, True)


def test_an_archive_of_very_many_files_is_not_even_listed(tmp_path: Path) -> None:
    data = bytearray(archive({"word/document.xml": "x"}))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = (10_000_000).to_bytes(4, "little")
    reason, detail = skipped(tmp_path / "a.docx", bytes(data))
    assert (reason, "very many files" in detail) == (SkipReason.TOO_LARGE, True)


@NEEDS_LXML
@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "a.docx",
            archive({"word/document.xml": f"{BOMB}<w:document {W}><w:p><w:t>&i;</w:t></w:p></w:document>"}),
        ),
        ("a.odt", archive({"content.xml": f"{BOMB}<x>&i;</x>"})),
        ("a.epub", epub({"a.xhtml": "<p>words"}, BOMB)),
        (
            "b.docx",
            archive(
                {
                    "word/document.xml": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
                    f"<w:document {W}><w:p><w:t>&f;</w:t></w:p></w:document>"
                }
            ),
        ),
    ],
    ids=["docx", "odt", "epub", "file"],
)
def test_entities_of_ones_own_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    reason, detail = skipped(tmp_path / name, data)
    assert (reason, "entities of its own" in detail) == (SkipReason.UNREADABLE, True)


@NEEDS_LXML
@pytest.mark.parametrize(
    ("name", "data", "detail"),
    [
        ("a.docx", archive({"other.xml": "x"}), "a zip archive without one"),
        ("a.docx", docx("<w:p>")[:-30], "expected a sound zip archive"),
        ("a.docx", docx("<w:p>"), "expected sound XML of a Word document"),
        ("a.docx", docx("<w:p>" * 5000 + "</w:p>" * 5000), "expected sound XML of a Word document"),
        ("a.docx", archive({"word/document.xml": b"\xff\xfe\0"}), "expected sound XML of a Word document"),
        ("a.odt", archive({"mimetype": "x"}), "expected 'content.xml' in the archive, found none"),
        (
            "a.epub",
            archive({"mimetype": "x"}),
            "expected 'META-INF/container.xml' in the archive, found none",
        ),
        ("a.docx", b"PK\x03\x04 and no more", "expected a sound zip archive"),
    ],
)
def test_what_is_damaged_is_told(tmp_path: Path, name: str, data: bytes, detail: str) -> None:
    reason, found = skipped(tmp_path / name, data)
    assert (reason, detail in found) == (SkipReason.UNREADABLE, True), found


def test_other_archives_are_no_documents(tmp_path: Path) -> None:
    assert skipped(tmp_path / "a.zip", archive({"a.txt": "words"})) == (
        SkipReason.BINARY,
        "expected text, found a zip archive",
    )


def test_a_package_that_is_missing_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docx_module, "read_xml", lambda *_: extra("no_such_package.etree", "a Word document"))
    assert skipped(tmp_path / "a.docx", docx("<w:p/>")) == (
        SkipReason.MISSING_EXTRA,
        "expected the package no_such_package to read a Word document, found none; install it with: "
        "pip install 'semhash-index[documents]'",
    )


def test_a_zip_archive_gives_no_more_than_it_may() -> None:
    data = archive({"a": b"x" * 1000, "b": b"y" * 1000}, zipfile.ZIP_STORED)
    with ZipParts(data, 1500) as parts:
        assert parts.names == {"a", "b"}
        assert parts.read("a") == b"x" * 1000
        with pytest.raises(Exception, match="expected at most 1,500 bytes unpacked, found more"):
            parts.read("b")
