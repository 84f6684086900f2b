"""Any bytes give documents or a reason why not: readers are fed noise, and real files with something altered."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus
from semhash.corpus.titles import one_line
from semhash.reading.messages import Batch, Item, Left, Read

LIMIT = 50_000


def archive(**parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name.replace("__", "/"), part)
    return data.getvalue()


def tar(**files: bytes) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.pax_headers = len(content), {"comment": "x" * 50}
            made.addfile(info, io.BytesIO(content))
    return data.getvalue()[:4096] + bytes(1024)


PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R
/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj
4 0 obj << /Length 60 >> stream
BT /F1 12 Tf 50 700 Td (The moon pulls the sea.) Tj ET
endstream endobj
trailer << /Root 1 0 R /Info << /Title (Of Tides) >> >>
%%EOF
"""
OPF = (
    "<package xmlns:dc='d'><metadata><dc:title>T</dc:title></metadata><manifest><item id='a' href='a.html'/></manifest>"
    "<spine><itemref idref='a'/></spine></package>"
)
SEEDS: dict[str, bytes] = {
    "a.pdf": PDF,
    "a.docx": archive(
        word__document_xml="<d><p><pStyle val='Title'/><r><t>The moon</t><tab/></r></p></d>"
    ).replace(b"document_xml", b"document.xml"),
    "a.odt": archive(content_xml="<d><h>Tides</h><p>The<s c='3'/>moon<note><p>x</p></note></p></d>").replace(
        b"content_xml", b"content.xml"
    ),
    "a.epub": archive(
        META_INF__container_xml="<c><rootfile full-path='b.opf'/></c>",
        b_opf=OPF,
        a_html="<h1>One</h1><p>words",
    )
    .replace(b"META_INF/container_xml", b"META-INF/container.xml")
    .replace(b"b_opf", b"b.opf")
    .replace(b"a_html", b"a.html"),
    "a.pptx": archive(
        ppt__presentation_xml="<p><sldId id='r1'/></p>",
        ppt__slides__slide1_xml="<s><sp><ph type='title'/><p><r><t>T</t></r></p></sp>"
        "<v>1</v><text>a<t>b</t></text></s>",
    )
    .replace(b"presentation_xml", b"presentation.xml")
    .replace(b"slide1_xml", b"slide1.xml"),
    "a.xlsx": archive(
        xl__workbook_xml="<w><workbookPr date1904='1'/><sheet name='S' id='r1'/></w>",
        xl__styles_xml="<s><cellXfs><xf numFmtId='14'/></cellXfs></s>",
        xl__worksheets__sheet1_xml="<w><row><c><v>1e3</v></c>"
        "<c t='s'><v>0</v></c><c t='str'><v>words</v></c></row></w>",
    )
    .replace(b"workbook_xml", b"workbook.xml")
    .replace(b"styles_xml", b"styles.xml")
    .replace(b"sheet1_xml", b"sheet1.xml"),
    "a.zip": archive(one="words", folder__two="more words"),
    "a.tar": tar(one=b"words", two=b"more words"),
    "a.html": b"<!doctype html><title>T</title><main><h1>T</h1><p>a<table><tr><td>b</main><nav>x</nav><ul><li>c",
    "a.mbox": b"From a@b Mon Apr  5 10:00:00 1993\nSubject: one\n\nwords\n\nFrom a@b Mon Apr  5 10:00:00 1993\n\nx\n",
    "a.csv": b'id,text,title\n1,"a ""quoted"" text",T\n2,b\n3,c,d,e\n',
    "a.tsv": "text\tid\nwords\t7\n".encode("utf-16"),
    "a.3": b".TH A 3 date\n.SH NAME\na \\- b\n.de X\n..\n.if n \\{\\\n.\\}\n.TS\nl l.\na\tb\n.TE\n.BR a (3)\n",
    "a.1": b".Dd date\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd b\n.Op Fl c Ar d\n.Bl\n.It Fl x\n.El\n",
    "a.md": b"---\ntitle: T\ntags: [a, b]\ndate: 2020-01-01\n---\n# Head\n\nwords\n",
    "b.md": b'+++\ntitle = "T"\ntags = ["a"]\n+++\nwords\n',
    "a.rst": b"Title\n=====\n\nwords\n",
    "a.eml": b"From: a@b\nSubject: =?utf-8?q?caf=C3=A9?=\n"
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nwords\n--x--\n",
    "a.jsonl": b'{"id": 1, "text": "words", "labels": ["a"]}\n{"text": 1}\n',
    "a.txt": b"Title\n=====\n\nwords\n",
    "a.rtf": b"{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}caf\\'e9 \\u8364?\\par{\\*\\x y}{\\footnote z}\\bin2 {{}",
    "a.ipynb": b'{"cells":[{"cell_type":"markdown","source":["# T"]},'
    b'{"cell_type":"code","source":"x","outputs":[{"text":"y"}]}]}',
    "a.json": b'{"title": "T", "rows": [{"a": "words"}, 3, null]}',
    "b.json": b'[{"id": 1, "text": "words"}, {"text": 5}, /* x */ ]',
    "a.xml": b"<?xml version='1.0'?><!DOCTYPE a><a><title>T</title>"
    b"<p>in<b>ter</b> &amp; &eacute;</p><![CDATA[<p>x]]></a>",
    "a.plist": b"<plist version='1.0'><dict><key>k</key><string>words</string>"
    b"<key>d</key><data>AAAA</data></dict></plist>",
    "b.plist": b"bplist00\xd1\x01\x02Q"
    + b"aUwords\x08\x0b\r"
    + bytes(6)
    + b"\x01\x01"
    + bytes(7)
    + b"\x03"
    + bytes(15)
    + b"\x13",
    "a.tex": b"% r\n\\section{T}\\label{x} caf\\'e $x$ "
    b"\\begin{equation}y\\end{equation} \\emph{words} \\verb|a|\n",
    "a.srt": b"1\n00:00:01,000 --> 00:00:02,000\n<i>words</i>\n",
    "a.po": b'msgid "a"\nmsgstr ""\n"words\\n"\n',
    "a.log": b"\x1b[31mred\x1b[0m \x1b]8;;u\x07link\x1b]8;;\x07 a\ba 1%\r2%\n",
    "a.svg": b"<?xml version='1.0'?><!-- x --><svg><text>words</text></svg>",
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
MARKS = [
    b"<",
    b">",
    b"<div>",
    b"</p>",
    b"&#0;",
    b"<!--",
    b"\n",
    b"\r",
    b"\0",
    b'"',
    b"\xff",
    b"{",
    b"\\",
    b"\x0c",
]
ODD = [b"\xe2\x80\xa9", b"\x1b[31m", b"\xed\xa0\x80", b"9" * 5000, b"From a 10:00 1993\n", b".\n", b"obj"]
JUNK = st.binary(max_size=20) | st.sampled_from([*MARKS, *ODD, b"<</Kids[3 0 R]>>"])


def check(items: list[Document | Skipped]) -> None:
    for item in items:
        item.path.encode()
        if isinstance(item, Skipped):
            assert "failed:" not in item.detail, item.detail
            assert item.detail.startswith("expected "), item.detail
        else:
            assert item.text.strip()
            assert one_line(item.title) == item.title
            row = [item.id, item.text, item.title, item.labels, item.split, item.metadata]
            json.dumps(row, allow_nan=False, ensure_ascii=False).encode()
    sent: list[Item] = [
        Left(item) if isinstance(item, Skipped) else Read(item, item.id, 0, 23) for item in items
    ]
    batch = Batch(sent, [], b"", 0)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(batch), type=Batch) == batch  # as from a process


def read(name: str, data: bytes, passages: int = 0) -> list[Document | Skipped]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.write_bytes(data)
        return list(open_corpus(file, CorpusConfig(max_bytes=LIMIT, passages=passages)))


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_what_they_seem(name: str) -> None:
    items = read(name, SEEDS[name])
    check(items)
    missing = {item.reason for item in items if isinstance(item, Skipped)} == {SkipReason.MISSING_EXTRA}
    assert missing or name == "a.svg" or any(isinstance(item, Document) for item in items), items


@pytest.mark.parametrize("name", SEEDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_file_with_something_altered_is_read_or_told(name: str, data: st.DataObject) -> None:
    made = bytearray(SEEDS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(made)))
        made[at : at + data.draw(st.integers(0, 12))] = data.draw(JUNK)
    if data.draw(st.booleans()):
        del made[data.draw(st.integers(0, len(made))) :]
    check(read(name, bytes(made), data.draw(st.sampled_from([0, 10]))))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(SEEDS)), st.binary(max_size=200), st.sampled_from(sorted(PACK)))
def test_noise_by_any_name_is_read_or_told(name: str, noise: bytes, packing: str) -> None:
    check(read(name + packing, PACK[packing](noise)))
    check(read(name + packing, PACK[packing](SEEDS[name][:6] + noise)))
    check(read(name + packing, noise))


def pieces(seed: bytes) -> list[bytes]:
    """Give what a file of a format may hold again and again: its lines, their beginnings, its own signs."""
    lines = seed.splitlines(keepends=True)
    begun = [line[: len(line) // 2] for line in lines]
    tags = [piece + b">" for piece in seed.split(b">")]
    return list(dict.fromkeys(piece for piece in [*lines, *begun, *tags, *MARKS, b" ", b"- ", b"a"] if piece))


@pytest.mark.parametrize(
    "name",
    [name for name, seed in SEEDS.items() if not seed.startswith((b"PK", b"%PDF", b"./PaxHeaders", b"\xff"))],
)
def test_reading_takes_time_in_proportion_to_the_file(name: str) -> None:
    seed = SEEDS[name]
    for piece in pieces(seed):
        for before, after in ((b"", b""), (seed[: len(seed) // 2], seed[len(seed) // 2 :])):

            def work(
                size: int, name: str = name, made: tuple[bytes, bytes, bytes] = (before, piece, after)
            ) -> float:
                begun = time.process_time()
                read(name, made[0] + made[1] * (size // len(made[1])) + made[2])
                return time.process_time() - begun

            slow = work(40_000) > 0.05 and all(
                work(40_000) > 3 * sum(work(5_000) for _ in range(8)) for _ in range(4)
            )
            assert not slow, f"{name} takes more time than is in proportion to {piece!r}, again and again"
