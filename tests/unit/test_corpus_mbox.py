"""Mailboxes: a document a message, called by its number."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, SkipReason, open_corpus

ENVELOPE = "From jane@example.org Mon Apr  5 10:00:00 1993\n"


def message(subject: str, text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "jane@example.org"
    made["Subject"] = subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def write(file: Path, *messages: EmailMessage) -> Path:
    box = mailbox.mbox(file)
    for made in messages:
        box.add(made)
    box.close()
    return file


def read(file: Path, config: CorpusConfig | None = None) -> tuple[list[Document], list[Skipped]]:
    items = list(open_corpus(file, config or CorpusConfig()))
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, Skipped)]


@pytest.mark.parametrize("name", ["a.mbox", "inbox"])
def test_what_a_mail_program_writes_comes_back(tmp_path: Path, name: str) -> None:
    texts = ["The moon.\n\nFrom here on: tides.\n", "> From a quote\n", "café\n", "x" * 5000 + "\n"]
    file = write(
        tmp_path / name, *(message(f"No {n}", text, Message_ID=f"<{n}@x>") for n, text in enumerate(texts))
    )
    documents, skipped = read(file)
    assert skipped == []
    assert [document.id for document in documents] == [f"{name}#{n}" for n in range(1, 5)]
    assert [document.title for document in documents] == [f"No {n}" for n in range(4)]
    bodies = [document.text.partition("\n")[2].replace("\n", "") for document in documents]
    assert bodies == [text.replace("\n", "") for text in texts]
    assert documents[0].metadata == {"from": "jane@example.org", "message_id": "<0@x>"}
    assert {document.path for document in documents} == {name}


def test_messages_keep_their_names_when_others_are_added(tmp_path: Path) -> None:
    file = write(tmp_path / "a", message("One", "words"))
    before = read(file)[0]
    assert [document.id for document in before] == ["a#1"]
    write(file, message("Two", "words"))
    assert read(file)[0][:1] == before


def test_odd_messages_are_told_and_the_others_read(tmp_path: Path) -> None:
    data = (
        f"{ENVELOPE}Subject: one\n\nwords\n\n{ENVELOPE}Subject: two\n\n{'long ' * 100}\n\n{ENVELOPE}\n\0\1\2\3\n\n"
        f"{ENVELOPE}\n\n{ENVELOPE}no headers at all\nFrom nowhere comes nothing\n\nFrom me 10:00 to you\n"
    )
    (tmp_path / "a.mbox").write_text(data, encoding="utf-8")
    documents, skipped = read(tmp_path / "a.mbox", CorpusConfig(max_bytes=200, labels="folder"))
    assert [(d.id, d.title) for d in documents] == [("a.mbox#1", "one"), ("a.mbox#5", "no headers at all")]
    assert documents[1].text.endswith("From nowhere comes nothing\n\nFrom me 10:00 to you\n")
    assert [(s.path, s.reason) for s in skipped] == [
        ("a.mbox:2", SkipReason.TOO_LARGE),
        ("a.mbox:3", SkipReason.BINARY),
        ("a.mbox:4", SkipReason.EMPTY),
    ]


def test_files_that_are_no_mailbox(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(b"\n \n")
    (tmp_path / "b.mbox").write_bytes(b"\0\1")
    (tmp_path / "c").write_text("From nothing comes nothing, at 10:00 or later", encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert [document.id for document in documents] == ["c"]
    assert [(s.path, s.reason) for s in skipped] == [
        ("a.mbox", SkipReason.EMPTY),
        ("b.mbox", SkipReason.BINARY),
    ]


def test_a_mailbox_is_read_message_by_message_however_large(tmp_path: Path) -> None:
    one = f"{ENVELOPE}Subject: s\n\n{'words ' * 100}\n\n"
    (tmp_path / "a").write_text(one * 1000, encoding="utf-8")
    documents, skipped = read(tmp_path / "a", CorpusConfig(max_bytes=10_000))
    assert (len(documents), skipped) == (1000, [])


@pytest.mark.parametrize(
    "envelope",
    [
        "From - Mon Jan 01 10:00:00 2024",  # Thunderbird
        "From 1786@xxx Mon Jan 01 10:00:00 +0000 2024",  # Gmail Takeout
        "From alice at example.org  Mon Jan  1 10:00:00 2024",  # pipermail
        "From ???@??? Mon Jan 01 10:00:00 2024",  # Eudora
        "From a@example.org Mon Jan  1 10:00 EST 2024",
        "From MAILER-DAEMON Mon Jan  1 10:00:00 2024 remote from hub",
        "From a@example.org 2024-01-01 10:00:00",
        "From a@example.org 2024-01-01T10:00:00Z",
        "From a@example.org 1 Jan 2024 10:00",
        "From a@example.org Mon, 01 Jan 24",
        "From hub!a@example.org",
        "From a@example.org",
        "From nobody",
        "From -",
        "From ",
        "From",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "header", ["Subject: {}\nFrom: a@example.org", "X-Mozilla-Status: 0001\nFrom: a\nSubject: {}"]
)
def test_lines_that_part_messages(tmp_path: Path, envelope: str, newline: str, header: str) -> None:
    one = f"{envelope}\n{header}\n\nSome words.\n\nFrom here on: more words\nFrom me to you\n\nBye\n\n"
    for name in ("a.mbox", "inbox"):
        (tmp_path / name).write_text(
            "".join(one.format(f"No {n}") for n in range(3)), encoding="ascii", newline=newline
        )
        documents, skipped = read(tmp_path / name)
        assert skipped == []
        assert [document.title for document in documents] == ["No 0", "No 1", "No 2"]
        assert [document.id for document in documents] == [f"{name}#{n}" for n in (1, 2, 3)]
        assert {document.text.partition("\n")[2].strip() for document in documents} == {
            "Some words.\n\nFrom here on: more words\nFrom me to you\n\nBye"
        }


@pytest.mark.parametrize(
    "envelope", [ENVELOPE, "From a@example.org 2024-01-01 10:00:00\n", "From a@example.org\n", "From \n"]
)
def test_mailboxes_without_blank_lines_between_messages(tmp_path: Path, envelope: str) -> None:
    one = f"{envelope}From: a\nSubject: No {{}}\n\nwords\nFrom nothing comes nothing\nNote: this\n"
    (tmp_path / "a.mbox").write_text("".join(one.format(n) for n in range(3)), encoding="ascii")
    documents, skipped = read(tmp_path / "a.mbox")
    assert skipped == []
    assert [document.text for document in documents] == [
        f"No {n}\nwords\nFrom nothing comes nothing\nNote: this\n" for n in range(3)
    ]


def test_sentences_that_begin_like_an_envelope_part_nothing(tmp_path: Path) -> None:
    text = "words\n\nFrom the beginning, in 1993, at 10:00 it was clear.\nNote: this\n\nFrom: a\nFrom\n\nFrom a to z\n"
    (tmp_path / "a.mbox").write_text(f"{ENVELOPE}Subject: s\n\n{text}", encoding="ascii")
    documents, _ = read(tmp_path / "a.mbox")
    assert [document.text for document in documents] == [f"s\n{text}"]


def test_quoted_lines_are_unquoted(tmp_path: Path) -> None:
    body = ">From the hills\n>>From the sea\n> From a reply\n"
    (tmp_path / "a.mbox").write_text(
        f"{ENVELOPE}>From jane remote from hub\nSubject: s\n\n{body}", encoding="ascii"
    )
    documents, _ = read(tmp_path / "a.mbox")
    assert [document.text for document in documents] == ["s\nFrom the hills\n>From the sea\n> From a reply\n"]


INSIDE = "words\n\nFrom x@y.org Mon Apr  5 10:00:00 1993\nSubject: inside\n\nmore\n"


@pytest.mark.parametrize(("more", "n"), [(0, 2), (-7, 4), (1, 2), (2, 4), (10**9, 4), (10**11, 4)])
def test_a_length_is_believed_where_a_message_ends_there(tmp_path: Path, more: int, n: int) -> None:
    one = f"{ENVELOPE}Subject: s\nContent-Length: {len(INSIDE) + more}\n\n{INSIDE}\n"
    (tmp_path / "a.mbox").write_text(2 * one, encoding="ascii")
    documents, skipped = read(tmp_path / "a.mbox")
    assert skipped == []
    assert len(documents) == n
    assert "".join(document.text for document in documents).count("more") == 2


def test_lengths_that_are_wrong_cost_no_more_than_the_reading(tmp_path: Path) -> None:
    one = f"{ENVELOPE}Subject: s\nContent-Length: 900000\n\nwords\n\n"
    (tmp_path / "a.mbox").write_text(5_000 * one, encoding="ascii")  # hours, if each were believed
    assert len(read(tmp_path / "a.mbox")[0]) == 5_000


@pytest.mark.parametrize("envelope", ["", ENVELOPE])
def test_messages_between_control_characters(tmp_path: Path, envelope: str) -> None:
    one = f"\1\1\1\1\n{envelope}From: a\nSubject: No {{}}\n\nwords\n\n{ENVELOPE}Subject: quoted\n\1\1\1\1\n"
    (tmp_path / "inbox").write_text("".join(one.format(n) for n in range(3)), encoding="ascii")
    documents, skipped = read(tmp_path / "inbox")
    assert skipped == []
    assert [(document.id, document.title) for document in documents] == [
        (f"inbox#{n + 1}", f"No {n}") for n in range(3)
    ]


def test_messages_that_nothing_parts_are_told(tmp_path: Path) -> None:
    one = "From: a@b.org\nDate: today\nMessage-ID: <1@x>\nSubject: s\n\nwords\n\n"
    (tmp_path / "a.mbox").write_text(one * 3 + ENVELOPE + one, encoding="ascii")
    documents, remarks = read(tmp_path / "a.mbox")
    assert [document.id for document in documents] == ["a.mbox#1", "a.mbox#2"]
    assert [(remark.path, remark.reason) for remark in remarks] == [("a.mbox:1", SkipReason.READ_AS_ONE)]
    assert "found the headers of 2 more in it" in remarks[0].detail


def test_a_mailbox_that_nothing_parts_is_told_by_fewer_headers(tmp_path: Path) -> None:
    one = "From: a@b.org\nSubject: s\nDate: today\n\nwords\n\n"
    (tmp_path / "a.mbox").write_text(one * 3, encoding="ascii")
    documents, remarks = read(tmp_path / "a.mbox")
    assert len(documents) == 1
    assert [(remark.path, remark.reason) for remark in remarks] == [("a.mbox:1", SkipReason.READ_AS_ONE)]


@pytest.mark.parametrize("how", ["cr", "utf-16"])
def test_mailboxes_of_old_and_odd_systems(tmp_path: Path, how: str) -> None:
    text = f"{ENVELOPE}Subject: one\n\nKäse\n\n{ENVELOPE}Subject: two\n\nwords\n"
    data = text.replace("\n", "\r").encode() if how == "cr" else text.encode(how)
    (tmp_path / "a.mbox").write_bytes(data)
    documents, skipped = read(tmp_path / "a.mbox")
    assert skipped == []
    assert [document.text for document in documents] == ["one\nKäse\n\n", "two\nwords\n"]


def test_any_header_below_an_address_parts(tmp_path: Path) -> None:
    one = "From a@example.org\nAuthentication: x\nSubject: s\n\nwords\n\n"
    (tmp_path / "a.mbox").write_text(one * 2, encoding="ascii")
    assert len(read(tmp_path / "a.mbox")[0]) == 2


def test_a_message_that_is_attached_or_announced_is_nothing_to_tell(tmp_path: Path) -> None:
    inner = message("Inner", "words", Message_ID="<2@x>", Date="today")
    outer = message("Outer", "See below.", Message_ID="<1@x>")
    outer.add_attachment(inner)
    text = f"----- Forwarded message from Jane -----\n\n{inner.as_string()}"
    documents, remarks = read(write(tmp_path / "a.mbox", outer, message("Again", text)))
    assert len(documents) == 2
    assert remarks == []


def test_parts_of_the_messages_of_a_mailbox(tmp_path: Path) -> None:
    made = message("s", "The plain part.")
    made.add_attachment("The attached words.", filename="notes.txt")
    documents, skipped = read(write(tmp_path / "a.mbox", made))
    assert skipped == []
    assert documents[0].text.split() == [
        "s",
        "The",
        "plain",
        "part.",
        "notes.txt",
        "The",
        "attached",
        "words.",
    ]
