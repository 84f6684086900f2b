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


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def part(root: str, *paragraphs: str) -> str:
    return f"<w:{root} {W}>{''.join(f'<w:p>{paragraph}</w:p>' for paragraph in paragraphs)}</w:{root}>"


@NEEDS_LXML
def test_what_hangs_in_a_paragraph_of_word_is_a_paragraph_of_its_own(tmp_path: Path) -> None:
    box = f"<w:txbxContent><w:p>{run('Side')}{run('bar')}</w:p><w:p>{run('below')}</w:p></w:txbxContent>"
    picture = '<w:drawing><wp:docPr xmlns:wp="x" id="1" name="Picture 1" descr="A lighthouse"/></w:drawing>'
    chosen = f"<mc:AlternateContent xmlns:mc='x'><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
    body = (
        f"<w:p>{run('Inv')}<w:r>{chosen}<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        f"{run('oice')}</w:p><w:p>{run('seen')}<w:r>{picture}</w:r></w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{run('one')}</w:p></w:tc><w:tc><w:p>{run('two')}</w:p></w:tc></w:tr></w:tbl>"
    )
    lines = ["Invoice", "Sidebar", "below", "seen", "A lighthouse", "one", "two"]
    assert document(tmp_path / "a.docx", docx(body)).text.split("\n") == lines


@NEEDS_LXML
def test_what_word_shows_counts_and_what_it_hides_does_not(tmp_path: Path) -> None:
    off = "<w:vanish w:val='0'/>"
    body = (
        f"<w:p>{run('inter')}<w:proofErr/>{run('national', '<w:b/>')}</w:p>"
        f"<w:p><w:ins>{run('put in')}</w:ins><w:del><w:r><w:delText>taken out</w:delText></w:r></w:del></w:p>"
        f"<w:p><w:moveFrom>{run('moved away')}</w:moveFrom><w:moveTo>{run('moved here')}</w:moveTo></w:p>"
        f"<w:p>{run('secret', '<w:vanish/>')}{run('plain', off)}</w:p>"
        f"<w:p><w:hyperlink>{run('link')}</w:hyperlink>"
        f"<w:sdt><w:sdtContent>{run('ed')}</w:sdtContent></w:sdt></w:p>"
        f"<w:p><w:fldSimple>{run('result')}</w:fldSimple><w:r><w:instrText>PAGEREF x</w:instrText></w:r></w:p>"
        "<w:p><w:r><w:t>soft</w:t><w:softHyphen/><w:t>ware a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r>"
        "<w:r><w:sym w:font='Wingdings' w:char='F0E0'/><w:sym w:font='Arial' w:char='00E9'/></w:r></w:p>"
        f"<w:p><w:ruby><w:rt>{run('かんじ')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby></w:p>"
        f"<w:p><w:pPr><w:pStyle w:val='berschrift9'/><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr>"
        f"{run('A Heading')}</w:p>"
    )
    drawn = '<a:p xmlns:a="x"><a:r><a:t>in a diagram</a:t></a:r></a:p>'
    chart = (
        '<c:chart xmlns:c="x" xmlns:a="y"><a:p><a:r><a:t>Rainfall</a:t></a:r></a:p>'
        "<c:strCache><c:pt><c:v>May</c:v></c:pt></c:strCache><c:numCache><c:pt><c:v>42</c:v></c:pt></c:numCache></c:chart>"
    )
    parts = {
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {W}><w:style w:styleId='Berschrift9'>"
        "<w:name w:val='heading 1'/></w:style></w:styles>",
        "word/header1.xml": part("hdr", run("Confidential")),
        "word/header2.xml": part("hdr", run("Confidential")),
        "word/footer1.xml": part("ftr", run("Page")),
        "word/footnotes.xml": part("footnotes", run("a footnote")),
        "word/endnotes.xml": part("endnotes", run("an endnote")),
        "word/comments.xml": part("comments", run("a remark")),
        "word/diagrams/data1.xml": f"<d>{drawn}</d>",
        "word/charts/chart1.xml": chart,
    }
    found = document(tmp_path / "a.docx", archive(parts))
    assert found.title == "A Heading"
    assert found.text.split("\n") == [
        "international", "put in", "moved here", "plain", "linked", "result", "software a-bé", "漢字", "A Heading",
        "Confidential", "Page", "a footnote", "an endnote", "a remark", "in a diagram", "Rainfall", "May",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.doc", "a.docx", "a.xls"])
def test_old_office_files_are_skipped_with_what_to_do(tmp_path: Path, name: str) -> None:
    reason, detail = skipped(tmp_path / name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert reason == SkipReason.BINARY
    assert detail.endswith("save it without one as .docx, .xlsx, .pptx or text")


@NEEDS_LXML
@pytest.mark.parametrize("flat", [False, True])
def test_what_hangs_in_a_paragraph_of_opendocument(tmp_path: Path, flat: bool) -> None:
    body = (
        "<text:p>Inv<draw:frame xmlns:draw='d' xmlns:svg='urn:svg-compatible'><svg:title>Lamp</svg:title><svg:desc>A"
        " lighthouse</svg:desc><draw:text-box><text:p>Sidebar</text:p></draw:text-box><draw:image><office:binary-data>"
        "QUJD</office:binary-data></draw:image></draw:frame>oice of <text:date>May</text:date><office:annotation>"
        "<dc:creator>Jane</dc:creator><dc:date>2020</dc:date><text:p>a remark</text:p></office:annotation></text:p>"
        "<text:p><text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby></text:p>"
    )
    lines = ["Invoice of May", "Lamp", "A lighthouse", "Sidebar", "a remark", "漢字"]
    if flat:
        xml = f"<office:meta><dc:title>Bill</dc:title></office:meta><office:body>{body}</office:body>"
        xml = f"<?xml version='1.0'?><office:document {ODF}>{xml}</office:document>"
        found = document(tmp_path / "a.fodt", xml.encode())
        assert found.text.split("\n") == ["Bill", *lines]
        return
    styles = (
        f"<office:document-styles {ODF} xmlns:style='s'><style:header><text:p>On top</text:p></style:header>"
        "<text:p>no</text:p><style:footer><text:p>On top</text:p></style:footer></office:document-styles>"
    )
    found = document(tmp_path / "a.odt", odt(body, **{"styles.xml": styles}))
    assert found.text.split("\n") == [*lines, "On top"]


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
    assert (found.title, found.text) == ("Of Tides", "Of  Tides\nThe moon\tpulls.\nAnd the sun.\nremark\nebb")
    meta = f"<office:document-meta {ODF}><office:meta><dc:title>Named</dc:title></office:meta></office:document-meta>"
    named = document(tmp_path / "b", odt(body, **{"meta.xml": meta}))
    assert named.title == "Named"


R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def relations(**targets: str) -> str:
    """Write relations; a name is an id and a kind: ``r1_slide``."""
    written = "".join(
        f'<Relationship Id="{name.partition("_")[0]}" Type="http://x/{name.partition("_")[2]}" Target="{target}"/>'
        for name, target in targets.items()
    )
    return f"<Relationships>{written}</Relationships>"


def shape(text: str, place: str = "") -> str:
    runs = "".join(f"<a:r><a:t>{run}</a:t></a:r>" for run in text.split("|"))
    ph = f'<p:nvPr><p:ph type="{place}"/></p:nvPr>' if place else ""
    return f"<p:sp><p:nvSpPr><p:cNvPr id='2' name='Box 1'/>{ph}</p:nvSpPr><p:txBody><a:p>{runs}</a:p></p:txBody></p:sp>"


def slide(*shapes: str) -> str:
    return f"<p:sld xmlns:p='p' xmlns:a='a'>{''.join(shapes)}</p:sld>"


@NEEDS_LXML
@pytest.mark.parametrize("name", ["a.pptx", "a.pptm", "a"])
def test_a_presentation_is_its_slides_in_order_with_their_notes(tmp_path: Path, name: str) -> None:
    number = "<p:sp><a:p><a:fld type='slidenum'><a:t>7</a:t></a:fld><a:r><a:t>after</a:t></a:r></a:p></p:sp>"
    cells = "".join(f"<a:tc><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:tc>" for text in ("ebb", "flow"))
    table = f"<a:tbl><a:tr>{cells}</a:tr></a:tbl>"
    order = "<p:sldId id='1' r:id='r2'/><p:sldId id='2' r:id='r1'/>"
    picture = "<p:pic><p:nvPicPr><p:cNvPr id='4' name='x' descr='A lighthouse'/></p:nvPicPr></p:pic>"
    found = document(
        tmp_path / name,
        archive(
            {
                "ppt/presentation.xml": f"<p:x xmlns:p='p' {R}>{order}</p:x>",
                "ppt/_rels/presentation.xml.rels": relations(
                    r1_slide="slides/slide1.xml", r2_slide="/ppt/slides/slide2.xml"
                ),
                "ppt/slides/slide1.xml": slide(shape("second"), table, picture, number),
                "ppt/slides/slide2.xml": slide(shape("Of |Tides", "ctrTitle"), shape("inter|national")),
                "ppt/slides/_rels/slide1.xml.rels": relations(
                    a_notesSlide="../notesSlides/n.xml", b_comments="../c.xml"
                ),
                "ppt/notesSlides/n.xml": slide(shape("say it slowly"), shape("3", "sldNum")),
                "ppt/c.xml": "<p:cmLst xmlns:p='p'><p:cm><p:text>a remark</p:text></p:cm></p:cmLst>",
            }
        ),
    )
    assert (found.title, found.metadata) == ("Of Tides", {"slides": 2})
    second = "second\nebb\nflow\nA lighthouse\nafter\na remark\nsay it slowly"
    assert found.text == f"Of Tides\ninternational\n\n{second}"


def workbook(cells: str, strings: str = "", **parts: str) -> bytes:
    return archive(
        {
            "xl/workbook.xml": f"<workbook {R}><sheet name='Tide table' sheetId='1' r:id='r1'/></workbook>",
            "xl/_rels/workbook.xml.rels": relations(r1_worksheet="worksheets/sheet1.xml"),
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/styles.xml": "<s><numFmts>"
            "<numFmt numFmtId='170' formatCode='0 &quot;days&quot;'/><numFmt numFmtId='171' "
            "formatCode='[Red]yyyy/mm'/></numFmts><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/>"
            "<xf numFmtId='171'/></cellXfs></s>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{cells}</sheetData></worksheet>",
            **parts,
        }
    )


@NEEDS_LXML
@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "a"])
def test_a_workbook_is_what_its_cells_show(tmp_path: Path, name: str) -> None:
    strings = (
        "<si><t>Harbour</t></si><si><r><t>High </t></r><r><t>water</t></r><rPh><t>reading</t></rPh></si>"
    )
    cells = (
        "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='inlineStr'><is><t>in place</t></is></c></row><row/>"
        "<row><c><f>0.1+0.2</f><v>0.30000000000000004</v></c><c t='str'><f>A1</f><v>computed</v></c>"
        "<c t='b'><v>1</v></c>"
        "<c t='e'><v>#N/A</v></c><c s='1'><v>45413</v></c><c s='2'><v>45413</v></c><c s='3'><v>45413.5625</v></c></row>"
    )
    beside = {
        "xl/worksheets/_rels/sheet1.xml.rels": relations(
            a_comments="../comments1.xml", b_drawing="../drawings/d.xml"
        ),
        "xl/comments1.xml": "<comments><comment>"
        "<text><r><t>mind </t></r><r><t>the gap</t></r></text></comment></comments>",
        "xl/drawings/d.xml": "<x xmlns:a='a'><a:p><a:r><a:t>in a box</a:t></a:r></a:p></x>",
    }
    found = document(tmp_path / name, workbook(cells, strings, **beside))
    assert found.text.split("\n") == [
        "Tide table", "Harbour\tHigh water\tin place", "0.3\tcomputed\tTRUE\t2024-05-01\t45413\t2024-05-01 13:30",
        "mind the gap", "in a box",
    ]  # fmt: skip


@NEEDS_LXML
def test_workbooks_that_cannot_be_read(tmp_path: Path) -> None:
    trap = workbook("<row><c t='s'><v>0</v></c></row>" * 2000, f"<si><t>{'long ' * 2000}</t></si>")
    assert skipped(tmp_path / "a.xlsx", trap, CorpusConfig(max_bytes=1_000_000))[0] == SkipReason.TOO_LARGE
    reason, detail = skipped(tmp_path / "a.xlsb", archive({"xl/workbook.bin": b"x"}))
    assert (reason, detail) == (
        SkipReason.UNREADABLE,
        "expected an Excel workbook, found one in binary (.xlsb): save it as .xlsx",
    )
    assert "without one" in skipped(tmp_path / "b.pptx", archive({"x": "y"}))[1]


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
    assert skipped(tmp_path / "a.jar", archive({"a.txt": "words"})) == (
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
