"""What the commands print, held against files: the names, types and order of JSON, and the look of the table.

The files are a contract with whoever reads the output. Where a change is meant, write them anew with
``SEMHASH_WRITE_GOLDEN=1 pytest tests/golden`` and look at the difference.
"""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash

HERE = Path(__file__).parent
DOCUMENTS: list[dict[str, Any]] = [
    {"id": "apollo 11", "title": "First on the moon", "text": "A rocket took three men to the moon.\n\nTwo walked."},
    {"id": "lunar", "title": "Lunar orbit", "text": "In orbit around the moon a rocket engine burns.", "labels": "sky"},
    {"id": "月", "title": "月の石", "text": "月の石 and the rocket that brought stones from the moon"},
    {"id": "bread", "title": "Bread", "text": "Flour, water, salt and time. " * 20 + "Bake it.", "labels": ["food"]},
    {"id": "cake", "text": "Butter and flour\nand sugar\x1b[31m and eggs", "labels": ["food", "sweet"], "split": "b"},
    {"id": "boat", "title": "Boat", "text": "The boat sailed under the moon " + "over the water and on " * 12},
    {"id": "zyzzyva", "title": "", "text": "zyzzyva zz"},
    {"id": "empty", "text": " "},
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("golden")
    (place / "eight.jsonl").write_text("".join(json.dumps(row) + "\n" for row in DOCUMENTS))
    return place


def index(place: Path, semhash: "Semhash", *options: str) -> "Done":
    """Make an index with a model that is made and not trained."""
    always = ["--vocabulary-size", "36", "--stop-words", "none"]
    done = semhash.script(HERE / "made_index.py", "index", "eight.jsonl", *always, *options, cwd=place)
    assert done.status == 0, done.stderr
    return done


@pytest.fixture(scope="module", autouse=True)
def report(place: Path, semhash: "Semhash") -> str:
    """The index, and what the command that made it printed."""
    done = index(place, semhash, "--json")
    assert done.stderr == ""
    return done.stdout


def compare(name: str, found: str) -> None:
    file = HERE / name
    if os.environ.get("SEMHASH_WRITE_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


def settled(value: Any, name: str = "") -> Any:
    """Put what differs between machines, versions and moments in its type's place."""
    if name in {"seconds", "bytes", "parts"}:
        return {key: type(number).__name__ for key, number in value.items()}
    if name == "config":
        return {key: type(part).__name__ for key, part in value.items()}
    if name in {"created", "semhash_version", "corpus", "digest", "n_bytes"}:
        return type(value).__name__
    if name in {"score", "similarity", "probability", "input", "contribution", "change", "share"}:
        return round(value, 3)
    if isinstance(value, dict):
        return {key: settled(part, key) for key, part in value.items()}
    return [settled(part) for part in value] if isinstance(value, list) else value


def shown(printed: str) -> str:
    """Lay out the JSON on each line so that a difference can be read."""
    return "".join(
        json.dumps(settled(json.loads(line)), indent=1, ensure_ascii=False) + "\n"
        for line in printed.splitlines()
    )


def test_index_as_json(report: str) -> None:
    compare("index.json", shown(report))


def test_index_in_words(place: Path, semhash: "Semhash", tmp_path: Path) -> None:
    """An index out of its usual place must be named, and quoted as a shell wants it."""
    (tmp_path / "eight.jsonl").write_text((place / "eight.jsonl").read_text() + "no JSON")
    done = index(tmp_path, semhash, "--out", "my index")
    compare("index.txt", re.sub(r"\d+\.\d", "0.0", done.stdout + done.stderr))
    listed = semhash("list", "--skipped", "--index", "my index", cwd=tmp_path)
    compare("skipped.txt", listed.stdout)


def test_that_codes_see_labels_is_said_before_all_else(
    place: Path, semhash: "Semhash", tmp_path: Path
) -> None:
    done = index(place, semhash, "--supervised", "nca", "--out", str(tmp_path / "seen"), "--json")
    assert done.stderr == (
        "supervision nca: these codes will have seen the labels; what is measured with these labels is not "
        "unsupervised\n"
    )
    quiet = index(place, semhash, "--supervised", "nca", "--out", str(tmp_path / "unsaid"), "--quiet")
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("name", "arguments", "stdin"),
    [
        ("query.json", ["query", "rocket to the moon", "-k", "3", "--json"], ""),
        ("asymmetric.json", ["query", "rocket to the moon", "--rank", "asymmetric", "-k", "2", "--json"], ""),
        ("filtered.json", ["query", "flour", "--rank", "tfidf", "--where", "label=food", "--group", "--json"], ""),
        ("nothing.json", ["query", "qwxz", "--json"], ""),
        ("many.json", ["query", "--from", "-", "--format", "jsonl", "-k", "1"], '{"id": 7, "text": "flour"}'),
        ("similar.json", ["similar", "bread", "-k", "2", "--json"], ""),
        ("explain.json", ["explain", "rocket to the moon", "--hit", "lunar", "--json"], ""),
        ("encode.json", ["encode"], '{"id": "a", "text": "the moon"}\n{"id": 2, "text": "qwxz"}'),
        ("info.json", ["info", "--json"], ""),
        ("list.json", ["list", "--json"], ""),
        ("map.json", ["map", "--json"], ""),
        ("skipped.json", ["list", "--skipped", "--json"], ""),
        ("indexes.json", ["list", "--indexes", "--json"], ""),
        ("verify.json", ["verify", "--json"], ""),
    ],
)  # fmt: skip
def test_json(place: Path, semhash: "Semhash", name: str, arguments: list[str], stdin: str) -> None:
    done: Done = semhash(*arguments, cwd=place, stdin=stdin)
    compare(name, shown(done.stdout))


def test_duplicates(place: Path, semhash: "Semhash", tmp_path: Path) -> None:
    boat, bread = DOCUMENTS[5], DOCUMENTS[3]
    again = [boat | {"id": "boat again"}, bread | {"id": "loaf", "text": f"{bread['text']} Flour."}]
    rows = "".join(json.dumps(row) + "\n" for row in again)
    (tmp_path / "eight.jsonl").write_text((place / "eight.jsonl").read_text() + rows)
    index(tmp_path, semhash, "--json")
    compare("duplicates.json", shown(semhash("duplicates", "--json", cwd=tmp_path).stdout))
    told = semhash("duplicates", cwd=tmp_path)
    compare("duplicates.txt", told.stdout + told.stderr)


@pytest.mark.parametrize(
    ("name", "arguments", "stdin"),
    [
        ("query.txt", ["query", "rocket to the moon and flour"], ""),
        ("explain.txt", ["explain", "--id", "lunar", "--hit", "apollo 11"], ""),
        ("list.txt", ["list"], ""),
        ("config.toml", ["index", "--print-config"], ""),
        ("run.txt", ["query", "--from", "-", "-k", "3"], '{"id": "q 7", "text": "rocket to the moon"}'),
    ],
)
def test_text(place: Path, semhash: "Semhash", name: str, arguments: list[str], stdin: str) -> None:
    done: Done = semhash(*arguments, cwd=place, stdin=stdin)
    compare(name, re.sub(r"\b[01]\.\d{6}\b", lambda score: f"{float(score[0]):.3f}", done.stdout))
