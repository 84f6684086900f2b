"""A folder of many formats, indexed, asked and updated by the command: passages, globs, what could not be read."""

import csv
import mailbox
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash import Passage, open_index

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

OPTIONS = (
    "--passages",
    "40",
    "--exclude",
    "drafts/",
    "--epochs",
    "2",
    "--vocabulary-size",
    "75",
    "--out",
    "papers",
)


def write_corpus(place: Path, texts: list[str]) -> None:
    """Write mail, a table, pages, a long text, and a document that nothing can read."""
    corpus = place / "corpus"
    (corpus / "drafts").mkdir(parents=True)
    (corpus / "old").mkdir()
    (corpus / ".semhashignore").write_text("*.log\nold/*\n!old/kept.txt\n", encoding="utf-8")
    for name in ("drafts/a.txt", "a.log", "old/a.txt", "old/kept.txt"):
        (corpus / name).write_text(texts[0], encoding="utf-8")
    box = mailbox.mbox(corpus / "mail")
    for number, text in enumerate(texts[:20]):
        message = EmailMessage()
        message["From"], message["Subject"] = "jane@example.org", f"Letter {number}"
        message.set_content(text)
        box.add(message)
    box.close()
    with (corpus / "table.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["title", "abstract"], *([f"Row {n}", text] for n, text in enumerate(texts[20:40]))]
        )
    for number, text in enumerate(texts[40:60]):
        (corpus / f"{number}.html").write_text(
            f"<nav>menu</nav><h1>Page {number}</h1><p>{text}", encoding="utf-8"
        )
    (corpus / "long.txt").write_text("\n\n".join(texts[60:]), encoding="utf-8")
    (corpus / "brev.txt").write_bytes("Åsa kom på mötet i går och åt ärtsoppa.".encode("cp1252"))
    (corpus / "bad.html").write_bytes(b'<meta charset="latin1"><p>caf\xe9 cr\xe8me \x81')
    (corpus / "films.csv").write_text("film,year\nx,1\n", encoding="utf-8")
    (corpus / "broken.docx").write_bytes(b"PK\x03\x04")


@pytest.fixture(scope="module")
def made(home: "Home", semhash: "Semhash", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "Done"]:
    """A folder with a corpus and its index, for tests that change neither; and what the command told."""
    place = tmp_path_factory.mktemp("reading")
    write_corpus(place, [document["text"] for document in home.documents])
    return place, semhash("index", "corpus", *OPTIONS, "--json", cwd=place)


@pytest.fixture
def own(home: "Home", semhash: "Semhash", tmp_path: Path) -> Path:
    """The same, for one test to change."""
    write_corpus(tmp_path, [document["text"] for document in home.documents])
    semhash("index", "corpus", *OPTIONS, cwd=tmp_path)
    return tmp_path


def test_every_format_is_in_the_index(made: tuple[Path, "Done"]) -> None:
    place, done = made
    assert done.json()["skipped"] == {"no text column": 1, "unreadable": 1}
    with open_index(place / "papers") as index:
        entries = {entry.id: entry for entry in index.catalogue.documents()}
    assert {"mail#1", "table.csv:2", "0.html", "long.txt#1", "old/kept.txt"} <= entries.keys()
    assert not [name for name in entries if name.startswith(("drafts", "a.log", "old/a"))]
    assert entries["mail#3"].title == "Letter 2"
    assert entries["0.html"].title == "Page 0"


def test_what_was_guessed_is_told_file_by_file(made: tuple[Path, "Done"], semhash: "Semhash") -> None:
    place, done = made
    told = semhash("list", "--guessed", "--index", "papers", "--json", cwd=place).rows()
    assert told == done.json()["guessed"]
    assert [(file["path"], file["encoding"], file["n_replaced"]) for file in told] == [
        ("brev.txt", "cp1252", 0),
        ("bad.html", "cp1252", 1),
    ]
    assert 0.5 < told[0]["confidence"] < 1
    assert told[1]["confidence"] is None
    listed = semhash("list", "--guessed", "--index", "papers", cwd=place).stdout.splitlines()
    assert listed == [
        f"brev.txt\tcp1252\t{told[0]['confidence']:.2f}\t",
        "bad.html\tcp1252\tknown\t1 undecodable",
    ]


def test_a_hit_names_its_passage(made: tuple[Path, "Done"], semhash: "Semhash") -> None:
    place, _ = made
    with open_index(place / "papers") as index:
        entry = index.catalogue.by_id("long.txt#2")
        assert entry is not None
        [hit] = index.query(str(entry.text), k=1).hits
        assert (hit.id, hit.path) == ("long.txt#2", "long.txt")
        assert hit.passage is not None
        assert hit.passage == Passage(2, hit.passage.of, entry.metadata["start"], entry.metadata["end"])
        [letter] = index.query("Letter", k=1, rank="bm25").hits
        assert (letter.path, letter.passage) == ("mail", None)
    text = (place / "corpus" / "long.txt").read_text(encoding="utf-8")
    assert text[hit.passage.start : hit.passage.end] == entry.text
    asked = ("query", str(entry.text), "--index", "papers", "-k", "1")
    assert f"long.txt#2: passage 2 of {hit.passage.of}\n" in semhash(*asked, cwd=place).stdout
    [found] = semhash(*asked, "--json", cwd=place).json()["hits"]
    assert found["passage"] == {"number": 2, "of": hit.passage.of, "start": hit.passage.start} | {
        "end": hit.passage.end,
        "page": None,
    }


def test_an_update_reads_as_the_index_was_read(own: Path, semhash: "Semhash") -> None:
    place = own

    def update() -> dict[str, Any]:
        found = semhash("update", "--index", "papers", "--json", cwd=place).json()
        return {key: found[key] for key in ("new", "changed", "vanished")}

    nothing: dict[str, Any] = {"new": [], "changed": [], "vanished": []}
    assert update() == nothing
    corpus = place / "corpus"
    for name in ("drafts/b.txt", "b.log", "old/b.txt"):
        (corpus / name).write_text("sail the boat", encoding="utf-8")
    assert update() == nothing
    with (corpus / "mail").open("a", encoding="utf-8") as box:
        box.write("From jane@example.org Mon Apr  5 10:00:00 1993\nSubject: Letter 20\n\nsail the boat\n\n")
    assert update() == {**nothing, "new": ["mail#21"]}
    (corpus / ".semhashignore").write_text("*.log\nold/\n", encoding="utf-8")
    assert update() == {**nothing, "vanished": ["old/kept.txt"]}


def test_a_package_that_is_missing_is_named_once_with_the_command(own: Path, semhash: "Semhash") -> None:
    place = own
    (place / "site").mkdir()
    (place / "site" / "pypdfium2.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    for name in "ab":
        (place / "corpus" / f"{name}.pdf").write_bytes(b"%PDF-1.4\n")
    options = ("--index", "papers")
    done = semhash("update", *options, cwd=place, env={"PYTHONPATH": str(place / "site")})
    assert "2 missing extra" in done.stderr
    command = "pip install 'semhash-index[documents]'"
    assert (
        done.stderr.count(f"2 of them need packages that are not installed; install them with: {command}")
        == 1
    )
    listed = semhash("list", "--skipped", *options, cwd=place).stdout
    assert listed.count("expected the package pypdfium2 to read PDF, found none") == 2
    pytest.importorskip("pypdfium2")
    semhash("update", *options, cwd=place)  # it is there now, and the files are as they were
    listed = semhash("list", "--skipped", *options, cwd=place).stdout
    assert listed.count("expected a PDF, found one that is damaged") == 2
