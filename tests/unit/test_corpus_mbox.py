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
