"""``semhash explain`` as a user runs it."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

pytestmark = pytest.mark.usefixtures("notes")

TEXT = "a sailing boat, its anchor, compass, rudder and mast: a voyage from harbour to harbour"


def test_a_text_is_explained_in_eighty_columns(home: "Home", semhash: "Semhash") -> None:
    done = semhash("explain", TEXT, "--hit", "sailing/sailing-3.txt", cwd=home.path)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("address ")
    assert len([line for line in lines if re.match(r" *\d+   [01]  [01]\.\d\d ", line)]) == 20
    assert any(line.startswith("expected here, and in the text: ") for line in lines)
    assert any(line.startswith("TF-IDF score 0.") for line in lines)


def test_the_text_may_come_from_stdin_and_a_document_by_its_id(home: "Home", semhash: "Semhash") -> None:
    given = semhash("explain", "sail", "the", "boat", "--json", cwd=home.path).json()
    assert semhash("explain", "-", "--json", stdin="sail the boat", cwd=home.path).json() == given
    document = semhash("explain", "--id", "music/music-3.txt", "--json", cwd=home.path).json()
    assert document["query"] == "music/music-3.txt"
    assert document["documents"] >= 1
    assert document["hit"] is None


def test_a_text_without_a_known_word_is_said_to_have_no_reasons(home: "Home", semhash: "Semhash") -> None:
    done = semhash("explain", "qwxz", cwd=home.path)
    assert done.stderr == "no word of it is among those that codes are made of, so its code says nothing\n"
    assert done.stdout == "0 of its 1 words are in the vocabulary\n"
    assert semhash("explain", "qwxz", "--json", "--quiet", cwd=home.path).json()["reasons"] == []


def test_what_a_text_holds_cannot_steer_the_terminal(home: "Home", semhash: "Semhash") -> None:
    done = semhash("explain", "sail", "--hit", "odd/a letter", cwd=home.path)
    assert not set("\x1b\x07\u202e") & set(done.stdout)


@pytest.mark.parametrize(("arguments", "found"), [([], "neither"), (["sail", "--id", "x"], "both")])
def test_a_text_or_an_id_is_asked_for(
    home: "Home", semhash: "Semhash", arguments: list[str], found: str
) -> None:
    done = semhash("explain", *arguments, cwd=home.path, status=2)
    assert done.stderr == f"semhash: expected a TEXT or --id ID, found {found}; see: semhash explain --help\n"


def test_a_document_that_is_not_there_is_an_error_of_one_line(home: "Home", semhash: "Semhash") -> None:
    done = semhash("explain", "sail", "--hit", "nobody", cwd=home.path, status=1)
    assert "found 'nobody'; see the ids with: semhash list" in done.stderr
