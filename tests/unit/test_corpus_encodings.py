"""Files in what was written before UTF-8: decided once a file, with regard to the others, and told."""

import gzip
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, open_corpus
from semhash.corpus.document import ReadAs
from semhash.corpus.source import Found

CZECH = "Kočka spala na střeše a pes štěkal, dokud nepřišel soused. Venku začalo pršet a děti běžely domů.\n"
RUSSIAN = "Кошка спала на крыше, а собака лаяла, пока не пришёл сосед. Пошёл дождь, и дети побежали домой.\n"


def read(folder: Path, config: CorpusConfig | None = None) -> tuple[dict[str, str], dict[str, ReadAs]]:
    """Read a folder; give texts by id, and what is told of the encodings of files by path."""
    corpus = open_corpus(folder, config or CorpusConfig())
    corpus.decide()
    texts, told = {}, {}
    for entry in corpus.entries:
        assert isinstance(entry, Found)
        for item in corpus.read(entry):
            assert isinstance(item, Document), item
            texts[item.id] = item.text
        if corpus.read_as is not None:
            told[entry.name] = corpus.read_as
    return texts, told


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("gb18030", ["猫,晚上在屋顶睡觉", "茶,喝", "雨,下雨", "书,我昨天买了两本书"]),
        ("cp932", ["猫,屋根で寝る", "茶,飲む", "雨,降る", "本,昨日二冊の本を買いました"]),
        ("cp949", ["고양이,지붕에서 잔다", "차,마신다", "비,온다", "책,어제 책 두 권을 샀다"]),
        ("cp1251", ["Кот,Спит", "Чай,Пьют", "Дождь,Идёт", "Книга,Вчера я купил две книги"]),
        ("koi8-r", ["Кот,Спит", "Чай,Пьют", "Дождь,Идёт", "Книга,Вчера я купил две книги"]),
        ("cp1250", ["Šálek,čaj", "Růže,květ", "Žába,rybník", "Střecha,kočka spí na střeše"]),
        ("cp850", ["Bär,Höhle", "Tür,Öl", "Straße,grün", "Käse,Heute gibt es Käsespätzle für alle Gäste"]),
    ],
)
def test_every_row_of_a_table_is_read_as_the_table_is(tmp_path: Path, encoding: str, rows: list[str]) -> None:
    table = "\r\n".join(["title,text", *rows]) + "\r\n"
    (tmp_path / "a.csv").write_bytes(table.encode(encoding))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(table.encode(encoding)))
    (tmp_path / "c.csv").write_bytes(table.encode("utf-16"))
    texts, told = read(tmp_path)
    expected = [row.replace(",", "\n") for row in rows]
    assert [text.rpartition("\n")[2] for text in texts.values()] == [
        e.rpartition("\n")[2] for e in expected
    ] * 3
    assert told.keys() == {"a.csv", "b.csv.gz"}
    assert {told_of.n_replaced for told_of in told.values()} == {0}


def test_messages_of_a_mailbox_are_read_as_the_mailbox_is_unless_one_is_surely_other(tmp_path: Path) -> None:
    def message(subject: str, body: str, encoding: str) -> bytes:
        envelope = b"From jan@example.org Tue May  3 10:00:00 2005\n"
        return envelope + f"From: jan@example.org\nSubject: {subject}\n\n{body}\n\n".encode(encoding)

    box = [
        message("Ужин", "Суп", "cp1251"),
        message("Погода", RUSSIAN, "cp1251"),
        message("Да", "Ага", "cp1251"),
    ]
    box += [message("Кошка", RUSSIAN * 2, "koi8-r")]
    (tmp_path / "box.mbox").write_bytes(b"".join(box))
    texts, _ = read(tmp_path)
    assert [text.split("\n")[0] for text in texts.values()] == ["Ужин", "Погода", "Да", "Кошка"]
    assert texts["box.mbox#3"].split() == ["Да", "Ага"]
    assert RUSSIAN.strip() in texts["box.mbox#4"]


def test_a_file_of_few_letters_is_read_as_its_neighbours_are(tmp_path: Path) -> None:
    doubtful = "Ćevapi, sarma, grah"
    for folder, text in (
        ("hr", "Kuća je mala, ali vrt je velik i pun cvijeća. Šuma počinje iza ograde.\n"),
        ("sv", ""),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "menu.txt").write_bytes(doubtful.encode("cp1250"))
        for number in range(3 if text else 0):
            (tmp_path / folder / f"{number}.txt").write_bytes((text * 3).encode("cp1250"))
    alone = open_corpus(tmp_path / "sv")
    [item] = alone
    assert isinstance(item, Document)
    assert item.text != doubtful
    texts, told = read(tmp_path)
    assert texts["hr/menu.txt"] == texts["sv/menu.txt"] == doubtful
    assert (told["hr/menu.txt"].confidence or 0) > 0.9


def test_what_the_user_says_holds_for_what_says_nothing_itself(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("Noël".encode("mac-roman"))
    (tmp_path / "new.txt").write_text("Noël à Paris", encoding="utf-8")
    (tmp_path / "page.html").write_bytes('<meta charset="koi8-r"><p>дом'.encode("koi8-r"))
    (tmp_path / "rows.csv").write_bytes("text\nfenêtre\n".encode("mac-roman"))
    texts, told = read(tmp_path, CorpusConfig(encoding="macintosh"))
    assert set(texts.values()) == {"Noël", "Noël à Paris", "дом", "fenêtre"}
    assert told == {}


def test_lines_of_utf8_among_others_are_read_each_as_it_is(tmp_path: Path) -> None:
    lines = ["Größe und Länge".encode(), "Fußgänger müssen warten".encode("cp1252"), "Ärger über Öl".encode()]
    (tmp_path / "a.log").write_bytes(b"\n".join(lines * 3))
    texts, told = read(tmp_path)
    assert texts["a.log"].split("\n") == ["Größe und Länge", "Fußgänger müssen warten", "Ärger über Öl"] * 3
    assert told["a.log"].encoding == "cp1252"


def test_what_cannot_be_decoded_is_replaced_counted_and_told(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b'<meta charset="windows-1252"><p>caf\xe9 na\xefve \x81 \x8d fin')
    (tmp_path / "cut.txt").write_bytes("Ένα κείμενο που τελειώνει ξαφνικά".encode()[:-1])
    texts, told = read(tmp_path)
    assert texts["page.html"] == "café naïve \ufffd \ufffd fin"
    assert texts["cut.txt"].endswith("ξαφνικ\ufffd")
    assert told == {
        "page.html": ReadAs("page.html", "cp1252", None, 2),
        "cut.txt": ReadAs("cut.txt", "utf-8", None, 1),
    }


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("charset=gb2312", "陶喆的新歌".encode("gb18030"), "陶喆的新歌"),
        ("charset=iso-8859-1", "L’œuvre coûte 5 €".encode("cp1252"), "L’œuvre coûte 5 €"),
        ("charset=us-ascii", "L’œuvre coûte 5 €".encode("cp1252"), "L’œuvre coûte 5 €"),
        ("charset=iso-8859-8-i", "ערב טוב".encode("iso8859-8"), "ערב טוב"),
        ("charset=ks_c_5601-1987", "뷁 같은 글자".encode("cp949"), "뷁 같은 글자"),
        ("charset=shift_jis", "①番目は﨑さん".encode("cp932"), "①番目は﨑さん"),
        ("charset=iso-8859-1", "Żółta łódź płynie".encode(), "Żółta łódź płynie"),
        ("charset=x-unknown", RUSSIAN.strip().encode("koi8-r"), RUSSIAN.strip()),
        ("charset=utf-8", RUSSIAN.strip().encode("cp1251"), RUSSIAN.strip()),
        ("charset=gb2312", "陶".encode("gb18030"), "陶"),
    ],
)
def test_declared_sets_mean_what_the_web_means_and_utf8_wins(
    tmp_path: Path, head: str, body: bytes, text: str
) -> None:
    mail = (
        f"From: a@example.org\nSubject: S\nMIME-Version: 1.0\nContent-Type: text/plain; {head}\n\n".encode()
    )
    (tmp_path / "a.eml").write_bytes(mail + body + b"\n")
    xml = f'<?xml version="1.0" encoding="{head[8:]}"?><note><to>'.encode()
    (tmp_path / "a.xml").write_bytes(xml + body + b"</to></note>")
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; {head}"></head><p>'.encode()
    (tmp_path / "a.html").write_bytes(page + body)
    texts, _ = read(tmp_path)
    assert texts["a.eml"].strip().split("\n") == ["S", text]
    assert texts["a.html"] == text
    assert texts["a.xml"] == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_show_without_a_mark(tmp_path: Path, encoding: str) -> None:
    for name, text in (("a.txt", CZECH), ("b.txt", RUSSIAN), ("c.txt", "猫は屋根で寝ていた。\n雨が降る。\n")):
        (tmp_path / name).write_bytes(text.encode(encoding))
    (tmp_path / "no.bin").write_bytes(bytes(range(256)) * 8)
    items = list(open_corpus(tmp_path))
    assert [item.text for item in items if isinstance(item, Document)] == [
        CZECH,
        RUSSIAN,
        "猫は屋根で寝ていた。\n雨が降る。\n",
    ]
    assert [item.path for item in items if isinstance(item, Skipped)] == ["no.bin"]


def test_letters_late_in_a_long_file_are_what_decides(tmp_path: Path) -> None:
    plain = "nothing but plain words here\n" * 20_000
    (tmp_path / "a.txt").write_bytes((plain + RUSSIAN * 2 + plain).encode("koi8-r"))
    [found] = open_corpus(tmp_path).entries
    assert isinstance(found, Found)
    texts, told = read(tmp_path)
    assert RUSSIAN in texts["a.txt"]
    assert told["a.txt"].encoding == "koi8-r"


def test_escapes_of_japanese_mail_are_read_and_colours_are_not_taken_for_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("会議は三時から\n".encode("iso2022_jp"))
    (tmp_path / "b.txt").write_bytes(b"\x1b[31merror\x1b[0m (B\n")
    texts, told = read(tmp_path)
    assert texts["a.txt"] == "会議は三時から\n"
    assert "error" in texts["b.txt"]
    assert told.keys() == {"a.txt"}
