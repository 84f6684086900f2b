import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from semhash import open_index

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

pytestmark = pytest.mark.usefixtures("notes")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ASKED = "rocket to the moon"


@pytest.fixture(scope="session")
def shown(home: "Home", notes: "Done", semhash: "Semhash") -> "Done":
    return semhash("query", *ASKED.split(), "-k", "5", cwd=home.path)


@pytest.fixture(scope="session")
def answer(home: "Home", notes: "Done", semhash: "Semhash") -> Any:
    return semhash("query", ASKED, "--json", cwd=home.path).json()


def test_a_subjects_words_find_that_subject(answer: Any) -> None:
    assert len(answer["hits"]) == 10
    assert {hit["id"].partition("/")[0] for hit in answer["hits"]} == {"astronomy"}
    assert (answer["query"], answer["bits"]) == (ASKED, 20)


def test_hits_are_ranked_by_score(answer: Any) -> None:
    hits = answer["hits"]
    assert [hit["rank"] for hit in hits] == list(range(1, 11))
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0


def test_distances_are_those_of_the_codes(home: "Home", answer: Any) -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        for hit in answer["hits"]:
            assert hit["distance"] == (answer["code"] ^ index.document(hit["id"]).code).bit_count()


def test_the_command_and_the_library_give_one_answer(home: "Home", answer: Any) -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        result = index.query(ASKED)
    assert result.code == answer["code"]
    for hit, printed in zip(result.hits, answer["hits"], strict=True):
        assert printed == {
            "rank": hit.rank,
            "id": hit.id,
            "title": hit.title,
            "path": hit.path,
            "distance": hit.distance,
            "score": pytest.approx(hit.score, abs=1e-6),
            "snippet": hit.snippet.text,
        }
    assert answer["seconds"].keys() == result.seconds.keys() >= {"total"}


def test_the_table_shows_rank_distance_score_title_and_marked_snippet(shown: "Done", answer: Any) -> None:
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["rank", "bits", "score", "document"]
    rows = [line for line in lines if re.match(r" +\d+ +\d+ +[01]\.\d{3}  ", line)]
    for row, hit in zip(rows, answer["hits"][:5], strict=True):
        rank, distance, score, place = row.split()
        assert (int(rank), int(distance), score) == (hit["rank"], hit["distance"], f"{hit['score']:.3f}")
        assert place == hit["title"] or place in hit["path"]
    assert set(re.findall(r"\*(\w+)\*", shown.stdout)) == {"rocket", "moon"}
    assert all(hit["path"] in shown.stdout for hit in answer["hits"][:5])


def test_lines_fit_their_width_and_end_in_no_blanks(shown: "Done") -> None:
    for line in shown.stdout.splitlines():
        assert len(line) <= 80
        assert line == line.rstrip()


def test_what_is_said_about_the_answer_is_on_standard_error(shown: "Done", answer: Any) -> None:
    expected = (
        rf"the best 5 of \d+ documents found by words or codes, up to \d+ bits from address "
        rf"{answer['code']:020b}, in [\d.]+ ms\n"
    )
    assert re.fullmatch(expected, shown.stderr)


def test_a_text_is_read_from_standard_input_however_it_is_encoded(
    home: "Home", semhash: "Semhash", answer: Any
) -> None:
    texts: list[bytes] = [b"rocket to the moon\n", b"\xff\xfe" + "rocket\nto the\nmoon".encode("utf-16-le")]
    for text in texts:
        done = semhash("query", "-", "--json", "--quiet", cwd=home.path, stdin=text)
        assert done.json()["hits"] == answer["hits"]
        assert done.json()["query"].split() == ASKED.split()
    broken = semhash("query", b"rocket to the moon \xff\xfe", "--json", cwd=home.path)
    assert broken.json()["code"] == answer["code"]
    assert broken.json()["hits"] == answer["hits"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no word in it, so there is nothing to look up\n"),
        ("qwxz", "no document has a word of it, so there is nothing to look up\n"),
    ],
)
def test_a_query_without_a_known_word_gives_no_hits_and_says_so(
    home: "Home", semhash: "Semhash", text: str, told: str
) -> None:
    done = semhash("query", "-", "--json", cwd=home.path, stdin=text)
    assert done.json()["hits"] == []
    assert done.json()["query"] == text
    assert done.stderr == told


def test_a_query_of_stop_words_is_told_so_whether_they_are_looked_up_or_not(
    home: "Home", semhash: "Semhash"
) -> None:
    done = semhash("query", "the of", cwd=home.path)
    becomes = (
        ": it has no code, and is looked up by its words"
        if done.stdout
        else ", so there is nothing to look up"
    )
    assert done.stderr.startswith(f"its words are too common for codes to be made of them{becomes}\n")


def test_nothing_found_is_no_error(home: "Home", semhash: "Semhash") -> None:
    done = semhash("query", "qwxz", cwd=home.path)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert semhash("query", "qwxz", "--quiet", cwd=home.path).stderr == ""


@pytest.mark.parametrize("radius", [1, 20])
def test_the_radius_is_kept_and_the_whole_ball_is_given(
    home: "Home", semhash: "Semhash", answer: Any, radius: int
) -> None:
    done = semhash("query", ASKED, "--radius", str(radius), "-k", "9999", "--json", cwd=home.path)
    with open_index(home.path / "indexes" / "notes") as index:
        documents = [entry for entry in index.catalogue.documents() if entry.known_words]
    ball = {e.id: d for e in documents if (d := (e.code ^ answer["code"]).bit_count()) <= radius}
    assert {hit["id"]: hit["distance"] for hit in done.json()["hits"]} == ball
    assert bool(ball) or done.stderr == f"no document within {radius} bits; try a larger --radius, or none\n"


def test_similar_leaves_the_document_out(home: "Home", semhash: "Semhash") -> None:
    document = "music/music-3.txt"
    done = semhash("similar", document, "-k", "8", "--json", cwd=home.path)
    found = done.json()
    assert found["query"] == document
    assert document not in {hit["id"] for hit in found["hits"]}
    assert {hit["id"].partition("/")[0] for hit in found["hits"]} == {"music"}
    with open_index(home.path / "indexes" / "notes") as index:
        assert found["code"] == index.document(document).code
    everything = semhash("similar", document, "-k", "9999", "--radius", "20", "--json", cwd=home.path).json()
    assert len(everything["hits"]) == len(
        home.documents
    )  # the letter beside them, but neither itself nor the wordless


def test_similar_to_a_document_at_no_address_finds_nothing(home: "Home", semhash: "Semhash") -> None:
    done = semhash("similar", "odd/wordless.txt", "--json", cwd=home.path)
    assert done.json()["hits"] == []
    assert "none of its words is among those that codes are made of" in done.stderr


@pytest.fixture(scope="session")
def questions(home: "Home") -> Path:
    file = home.path / "questions.jsonl"
    lines = [
        {"id": "q 1\t\u2003x", "text": "sail the boat into the harbour"},
        {"id": 2, "text": "violin concert", "more": [1]},
        {"id": "none", "text": "qwxz"},
    ]
    file.write_text("\n\n".join(map(json.dumps, lines)))
    return file


def test_a_trec_run_has_six_fields_a_line_and_falling_scores(
    home: "Home", semhash: "Semhash", questions: Path
) -> None:
    done = semhash("query", "--from", questions, "--format", "trec", "-k", "100", cwd=home.path)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    assert all(len(line) == 6 and not re.search(r"\s", "".join(line)) for line in lines)
    assert {(line[1], line[5]) for line in lines} == {("Q0", "semhash")}
    asked = list(dict.fromkeys(line[0] for line in lines))
    assert asked == ["q%201%09%E2%80%83x", "2"]
    with open_index(home.path / "indexes" / "notes") as index:
        for name, text in zip(asked, ["sail the boat into the harbour", "violin concert"], strict=True):
            mine = [line for line in lines if line[0] == name]
            hits = index.query(text, k=100).hits
            assert [unquote(line[2]) for line in mine] == [hit.id for hit in hits]
            assert [int(line[3]) for line in mine] == list(range(1, len(hits) + 1))
            scores = [float(line[4]) for line in mine]
            assert scores == sorted(scores, reverse=True)
            assert scores == pytest.approx([hit.score for hit in hits], abs=1e-6)
    assert "odd/a%20letter" in {line[2] for line in lines}
    assert done.stderr == "1 of 3 queries found nothing\n"


def test_many_answers_as_json_are_those_of_one_query_each(
    home: "Home", semhash: "Semhash", questions: Path
) -> None:
    done = semhash("query", "--from", "-", "--format", "jsonl", cwd=home.path, stdin=questions.read_bytes())
    first, second, third = done.rows()
    assert [row["id"] for row in (first, second, third)] == ["q 1\t\u2003x", "2", "none"]
    assert third["hits"] == []
    alone = semhash("query", "violin concert", "--json", cwd=home.path).json()
    assert list(second) == ["id", *alone]
    assert {**second, "seconds": 0} == {"id": "2", **alone, "seconds": 0}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": "a"}', "missing required field `text`"),
        ('{"text": "a"}', "missing required field `id`"),
        ("plain words", "JSON is malformed"),
        ('{"id": "a", "text": "\\ud800"', ""),
    ],
)
def test_a_query_that_is_none_is_an_error_with_its_line(
    home: "Home", semhash: "Semhash", line: str, told: str
) -> None:
    lines = f'{{"id": "1", "text": "moon"}}\n{line}\n'
    done = semhash("query", "--from", "-", "-k", "1", cwd=home.path, stdin=lines, status=1)
    assert done.stdout.count("\n") == 1
    assert done.stderr.startswith("semhash: -:2: expected a JSON object with id and text, found: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_control_character_of_a_document_reaches_the_terminal(
    home: "Home", semhash: "Semhash", tmp_path: Path, reseal: Callable[[Path], None]
) -> None:
    """Corpora are read with care; an index from somebody else may hold anything."""
    folder = shutil.copytree(home.path / "indexes" / "notes", tmp_path / "evil")
    connection = sqlite3.connect(folder / "generation-1" / "catalogue.sqlite")
    connection.execute(
        "UPDATE documents SET title = ?, path = ?", ("T\x1b[31m\r\n\x07\u202e\u2066\x9bT", "p\x1b[2J")
    )
    connection.commit()
    connection.close()
    reseal(folder)
    for arguments in (["query", "sail boat mast harbour"], ["list"]):
        done = semhash(*arguments, "--index", folder, cwd=tmp_path)
        assert CONTROLS.search(done.stdout + done.stderr) is None
        assert r"T\x1b[31m\r\n\x07\u202e\u2066\x9bT" in re.sub(r"\s{2,}", "", done.stdout)
    asked = semhash("query", "sail boat mast harbour", "--index", folder, "--json", cwd=tmp_path)
    assert CONTROLS.search(asked.stdout) is None
    assert asked.json()["hits"][0]["title"] == "T\x1b[31m\r\n\x07\u202e\u2066\x9bT"


def test_escapes_are_for_terminals_only(home: "Home", semhash: "Semhash", shown: "Done") -> None:
    for environment in ({"NO_COLOR": "1"}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}):
        done = semhash("query", ASKED, "-k", "5", cwd=home.path, env=environment)
        assert done.stdout == shown.stdout
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("columns", [40, 120])
def test_the_table_fits_the_width_it_is_given(home: "Home", semhash: "Semhash", columns: int) -> None:
    done = semhash("query", ASKED, "-k", "2", cwd=home.path, env={"COLUMNS": str(columns)})
    widths = [len(line) for line in done.stdout.splitlines()]
    assert columns * 3 // 4 < max(widths) <= columns


def test_a_standard_output_that_is_not_utf8_is_no_error(home: "Home", semhash: "Semhash") -> None:
    ask = ("query", "sail boat mast harbour", "-k", "99", "--quiet")
    assert "café" in semhash(*ask, cwd=home.path).stdout
    assert r"caf\xe9" in semhash(*ask, cwd=home.path, env={"PYTHONIOENCODING": "ascii"}).stdout


def test_a_reader_that_has_enough_is_no_error(home: "Home", semhash: "Semhash", questions: Path) -> None:
    under = "r, w = os.pipe(); os.close(r); os.dup2(w, 1)"
    done = semhash("query", "--from", questions, "-k", "100", cwd=home.path, under=under)
    assert (done.stdout, done.stderr) == ("", "")
