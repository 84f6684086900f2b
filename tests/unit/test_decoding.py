"""Bytes to text: every encoding that is promised, and what is no text."""

import codecs
import gzip
import random
import zipfile
from io import BytesIO

import pytest

from semhash.corpus.decoding import (
    Decision,
    Decoded,
    binary_kind,
    decode,
    evidence_of_stream,
    unify_newlines,
    well_formed,
)

POLISH = (
    "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. "
    "Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa. "
    "Każdy człowiek posiada wszystkie prawa i wolności zawarte w niniejszej Deklaracji bez względu na "
    "różnice rasy, koloru, płci, języka, wyznania, poglądów politycznych i innych."
)
FRENCH = (
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison "
    "et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité."
)
GERMAN = (
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geist der Brüderlichkeit begegnen."
)
RUSSIAN = (
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом "
    "и совестью и должны поступать в отношении друг друга в духе братства."
)
GREEK = "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα."
JAPANESE = (
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"
    "人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。"
)
CHINESE = "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。"
KOREAN = "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."
QUOTED = "“All human beings” are born free — and equal in dignity. They’re endowed with reason…"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_unicode_is_read_by_its_mark_and_the_mark_is_dropped(mark: bytes, encoding: str) -> None:
    text = "naïve 漢字 🚀 a\u2028b"
    data = mark + text.encode(encoding)
    decoded = decode(data)
    assert decoded is not None
    assert decoded.text == text
    assert decoded.encoding.startswith(encoding[:5])
    assert binary_kind(data) is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "latin-1"),
        (GERMAN, "latin-1"),
        (QUOTED, "cp1252"),
        ("Thomas Törnblom", "latin-1"),
        ("Gruß", "latin-1"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GREEK, "iso8859-7"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb2312"),
        (KOREAN, "euc_kr"),
        (QUOTED, "mac_roman"),
    ],
)
def test_legacy_encodings_are_recognised(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_a_few_accents_in_long_english_text_are_western() -> None:
    english = b"Nothing but plain words here, one line after the other.\n" * 40
    decoded = decode(english + "Jon Wätte".encode("latin-1") + english)
    assert decoded is not None
    assert decoded.encoding == "cp1252"
    assert "Jon Wätte" in decoded.text


def test_a_guess_looks_where_the_letters_are_however_late() -> None:
    data = b"plain words\n" * 4000 + (RUSSIAN + "\n").encode("koi8-r") * 2000
    decoded = decode(data)
    assert decoded is not None
    assert decoded.text == data.decode("koi8-r")


def test_a_stray_byte_far_behind_the_sample_costs_one_character() -> None:
    text = (JAPANESE + "\n") * 500
    decoded = decode(text.encode("euc_jp") + b"\xff\n" + text.encode("euc_jp"))
    assert decoded is not None
    assert decoded.text == f"{text}\ufffd\n{text}"


def test_what_is_text_in_its_sample_alone_is_none() -> None:
    noise = bytes(random.Random(0).choices(range(128, 256), k=100_000))
    assert decode((JAPANESE + "\n").encode("shift_jis") * 500 + noise) is None


@pytest.mark.parametrize("cut", [1, 2])
def test_utf8_cut_in_the_middle_of_a_character_keeps_the_rest(cut: int) -> None:
    whole = GREEK + "漢"
    decoded = decode(whole.encode()[:-cut])
    assert decoded == Decoded(GREEK + "\ufffd", "utf-8")


def test_what_fits_no_encoding_is_none() -> None:
    odd_utf16 = codecs.BOM_UTF16_LE + "text".encode("utf-16-le") + b"x"
    lone_surrogate = codecs.BOM_UTF16_LE + b"\x00\xd8a\x00"
    noise = bytes(random.Random(0).choices(range(128, 256), k=5000))
    assert decode(odd_utf16) is None
    assert decode(lone_surrogate) is None
    assert decode(noise) is None


def test_a_line_that_begins_as_a_mark_does_is_read_as_its_file_is() -> None:
    line = "яюшка".encode("cp1251")
    assert Decision("cp1251", 0.9).text(line) == ("яюшка", 0)
    assert Decision("utf-8").text(codecs.BOM_UTF16_LE + "ё".encode("utf-16-le")) == ("ё", 0)


def test_what_is_surely_utf8_is_read_so_in_any_file() -> None:
    text = "Größe, Länge, Höhe und Fläche"
    assert Decision("cp1251", 0.9).text(text.encode()) == (text, 0)
    assert Decision("gb18030", 0.9).text("陶喆".encode("gb18030")) == ("陶喆", 0)


def test_a_long_file_is_sampled_and_a_mixture_still_known() -> None:
    russian = f"{RUSSIAN}\n".encode("cp1251") * 10_000
    evidence = evidence_of_stream(BytesIO(russian + f"{RUSSIAN}\n".encode() * 5000))
    assert (evidence.decide().encoding, evidence.mixed) == ("cp1251", True)
    assert not evidence_of_stream(BytesIO(russian)).mixed


def test_nul_in_marked_text_is_replaced() -> None:
    decoded = decode("a\0b".encode("utf-16"))
    assert decoded is not None
    assert decoded.text == "a\ufffdb"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_every_newline_becomes_one_character(encoding: str) -> None:
    decoded = decode(f"{RUSSIAN}\r\n{RUSSIAN}\r{RUSSIAN}\n".encode(encoding))
    assert decoded is not None
    assert decoded.text == f"{RUSSIAN}\n{RUSSIAN}\n{RUSSIAN}\n"


def test_small_helpers_change_nothing_else() -> None:
    assert unify_newlines("a\r\r\n\nb") == "a\n\n\nb"
    assert well_formed("a\0\ud800b\udfff🚀\n") == "a\ufffd\ufffdb\ufffd🚀\n"


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "text")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\nstream", "PDF"),
        (zipped(), "a zip archive"),
        (gzip.compress(b"text", mtime=0), "gzip data"),
        (b"\x89PNG\r\n\x1a\nabc", "a PNG image"),
        (b"\xff\xd8\xff\xe0 JFIF", "a JPEG image"),
        (b"BZh91AY&SYabc", "bzip2 data"),
        (b"words" * 5000 + b"\0", "NUL bytes"),
        (codecs.BOM_UTF8 + b"a\0b", "NUL bytes"),
        (b"\x01\x02words and more", "12% control characters"),
    ],
)
def test_binary_data_is_named(data: bytes, kind: str) -> None:
    assert binary_kind(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BZh is how a bzip2 file begins",
        b"_\bA_\bd_\bv_\ba_\bn_\bc_\be_\bd",
        b"\x1b[1mbold\x1b[0m\f\t\v\r\n",
        b"GIF is a format",
        "a\0".encode("utf-16"),
    ],
)
def test_text_with_odd_characters_is_not_binary(data: bytes) -> None:
    assert binary_kind(data) is None


@pytest.mark.parametrize(
    "text", [b"id,text\n1,nul \0 in cell\n2,after\n", b"a stray\0 one among many letters\n"]
)
def test_a_stray_nul_among_letters_of_one_byte_is_not_utf_16(text: bytes) -> None:
    assert binary_kind(text) == "NUL bytes"
    assert binary_kind("id,text\n1,frog\n".encode("utf-16-le")) is None
