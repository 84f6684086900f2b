import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import semhash as library

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

QUICK = ("--epochs", "1", "--vocabulary-size", "60", "--stop-words", "none")
COMMANDS = [
    *("index", "update", "add", "remove"),
    *("query", "similar", "explain", "encode", "info", "list", "duplicates", "map", "export", "import"),
    *("verify", "evaluate", "report"),
]
# What the superuser may do in spite of a folder's rights is taken away first.
NO_PRIVILEGE = """
import ctypes
if sys.platform != "linux":
    os.execv(sys.argv[1], sys.argv[1:])
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
"""


def small_files(n_bytes: int) -> str:
    """A disk that is full once a file has so many bytes."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({n_bytes}, {n_bytes}))"


def corpus(folder: Path, texts: list[str]) -> Path:
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text)
    return folder


def contents(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_every_option_a_line(
    semhash: "Semhash", tmp_path: Path, command: str
) -> None:
    text = semhash(command, "--help", cwd=tmp_path, env={"COLUMNS": "80"}).stdout
    assert re.search(rf"^  Example: .*\bsemhash {command}\b", text, flags=re.MULTILINE)
    for option in re.findall(r"^  (?:-\w, )?(--[\w-]+)(.*)$", text, flags=re.MULTILINE):
        assert option[1].strip(), option
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text


def test_help_lists_every_command_and_cuts_no_sentence_short(semhash: "Semhash", tmp_path: Path) -> None:
    text = semhash("--help", cwd=tmp_path, env={"COLUMNS": "80"}).stdout
    listed = text.partition("Commands:")[2]
    assert re.findall(r"^  (\w+)  ", listed, flags=re.MULTILINE) == COMMANDS
    assert "..." not in listed
    assert semhash("-h", cwd=tmp_path, env={"COLUMNS": "80"}).stdout == text


def test_the_version_is_the_librarys(semhash: "Semhash", tmp_path: Path) -> None:
    assert semhash("--version", cwd=tmp_path).stdout == f"semhash {library.__version__}\n"


def test_completion_is_offered_for_the_shell(semhash: "Semhash", tmp_path: Path) -> None:
    env = {"_SEMHASH_COMPLETE": "complete_bash", "COMP_WORDS": "semhash in", "COMP_CWORD": "1"}
    assert semhash(cwd=tmp_path, env=env).stdout.split() == ["index", "info"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Usage: semhash"),
        (["bogus"], "No such command 'bogus'"),
        (["index"], "Missing argument 'CORPUS'"),
        (["index", "x", "--bits", "7"], "--bits: expected 8 to 128, found 7"),
        (["index", "x", "--bits", "129"], "--bits: expected 8 to 128, found 129"),
        (["index", "x", "--bits", "many"], "'--bits'"),
        (["index", "x", "--vocabulary-size", "0"], "--vocabulary-size: expected 1 to 100000 words, found 0"),
        (["index", "x", "--labels", "file"], "--labels: expected one of none, folder, found 'file'"),
        (["index", "x", "--seed", str(2**63)], "--seed: expected 0 to 2^63 - 1, found 9223372036854775808"),
        (["index", "x", "--field", "text"], "--field: expected OURS=THEIRS, such as text=body, found 'text'"),
        (["index", "x", "--field", "body=text"], "--field: expected one of id, text, title, labels, "),
        (["index", ""], "'CORPUS': expected a path, found an empty one"),
        (["index", "x", "--out", ""], "'--out': expected a path, found an empty one"),
        (["info", "--index", ""], "'--index': expected a path, found an empty one"),
        (["query"], "expected a TEXT or --from QUERIES.jsonl, found neither"),
        (["query", "x", "--from", "y"], "expected a TEXT or --from QUERIES.jsonl, found both"),
        (["query", "x", "--format", "trec"], "--format trec: expected --from QUERIES.jsonl with it"),
        (["query", "x", "-k", "0"], "'-k'"),
        (["query", "x", "--radius", "-1"], "'--radius'"),
        (["query", "x", "--nearest"], "No such option: --nearest"),
        (["similar"], "Missing argument 'ID'"),
        (["list", "--limit", "0"], "'--limit'"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_in_2_and_says_what_was_wrong(
    semhash: "Semhash", tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = semhash(*arguments, cwd=tmp_path, status=2)
    assert done.stdout == ""
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], "expected at least 5 documents, found 0 (skipped: nothing)"),
        (["moon"] * 3, "expected at least 5 documents, found 3 (skipped: nothing)"),
        (["moon", "moon", "", " "], "expected at least 5 documents, found 2 (skipped: 2 empty)"),
        (["the of and"] * 9, "expected at least 5 documents with words other than stop words, found 0 of 9"),
    ],
    ids=["none", "three", "blank", "stop words"],
)
def test_a_corpus_that_is_too_little_is_told_and_nothing_is_left(
    semhash: "Semhash", tmp_path: Path, texts: list[str], told: str
) -> None:
    folder = corpus(tmp_path / "notes", texts)
    before = contents(tmp_path)
    which = () if "stop words" in told else ("--stop-words", "none")  # their list takes a second to load
    done = semhash("index", "notes", *which, cwd=tmp_path, status=1)
    assert done.stderr.startswith(f"semhash: {folder}: {told}; ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert contents(tmp_path) == before


def test_a_corpus_that_is_not_there_is_told(semhash: "Semhash", tmp_path: Path) -> None:
    for given in ("nowhere", b"\xff\x1b[31m"):
        done = semhash("index", given, cwd=tmp_path, status=1)
        assert done.stderr.startswith("semhash: corpus")
        assert "expected " in done.stderr
        assert done.stderr.count("\n") == 1
        assert "\x1b" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_split_that_is_not_there_is_named(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    arguments = ("index", home.path / "rows.jsonl", "--field", "text=body", "--split", "tran", *QUICK)
    done = semhash(*arguments, cwd=tmp_path, status=1)
    assert "expected at least 5 documents of split 'tran', found 0" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_language_of_stop_words_is_wrong_usage(home: "Home", semhash: "Semhash") -> None:
    done = semhash("index", "rows.jsonl", "--stop-words", "klingon", "--out", "x", cwd=home.path, status=2)
    assert "stop words: expected none or one of " in done.stderr
    assert "found 'klingon'" in done.stderr
    assert not (home.path / "x").exists()


def test_what_stands_in_the_way_is_never_overwritten(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    corpus(tmp_path / "mine", ["mine"])
    before = contents(tmp_path)
    for out in ("letter.txt", "mine", "letter.txt/below"):
        arguments = ("index", home.path / "notes", "--out", out, "--force", *QUICK)
        done = semhash(*arguments, cwd=tmp_path, status=1)
        assert done.stderr.startswith(f"semhash: {tmp_path / out}: expected ")
        assert done.stderr.count("\n") == 1
        assert contents(tmp_path) == before


def test_a_folder_that_may_not_be_written_is_told(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    for out in ("locked/notes", "locked/deep/notes"):
        arguments = ("index", home.path / "notes", "--out", out, *QUICK)
        done = semhash(*arguments, cwd=tmp_path, status=1, under=NO_PRIVILEGE)
        assert done.stderr == (
            f"semhash: {tmp_path / out}: expected to write an index there, found: Permission denied; nothing was "
            "changed; look for room on the disk and for the right to write, and try again\n"
        )
    assert list(locked.iterdir()) == []


@pytest.mark.parametrize("n_bytes", [8_000, 400_000])
def test_a_full_disk_is_told_in_a_line_and_nothing_is_left(
    home: "Home", semhash: "Semhash", tmp_path: Path, n_bytes: int
) -> None:
    """Full at the first table of the catalogue, and full at the model after training."""
    arguments = ("index", home.path / "notes", *QUICK, "--json")
    done = semhash(*arguments, cwd=tmp_path, status=1, under=small_files(n_bytes))
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"{tmp_path}/indexes/notes: expected to write an index there, found: " in done.stderr
    assert "look for room on the disk" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_index(
    home: "Home", notes: "Done", semhash: "Semhash", tmp_path: Path
) -> None:
    folder = shutil.copytree(home.path / "indexes" / "notes", tmp_path / "notes")
    before = contents(tmp_path)
    arguments = ("index", home.path / "notes", "--out", "notes", "--force", *QUICK)
    semhash(*arguments, cwd=tmp_path, status=1, under=small_files(8_000))
    assert contents(tmp_path) == before
    assert semhash("verify", "--index", folder, "--quiet", cwd=tmp_path).stdout.endswith("checks\n")


def test_what_is_no_index_is_told(notes: "Done", home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    found = {
        "rows.jsonl": "found a file",
        "notes/music": "found a folder without one",
        "nowhere": "found no such folder",
    }
    for place, told in found.items():
        done = semhash("query", "moon", "--index", place, cwd=home.path, status=1)
        assert done.stderr == (
            f"semhash: {place}: expected an index (a folder with manifest.json), {told}; make one with: semhash "
            "index CORPUS\n"
        )
    corpus_given = semhash("index", "indexes/notes", "--out", tmp_path / "x", cwd=home.path, status=1)
    assert "expected documents, found an index made by semhash" in corpus_given.stderr


def test_an_index_of_another_format_is_told_with_both_versions(semhash: "Semhash", tmp_path: Path) -> None:
    (tmp_path / "indexes" / "new").mkdir(parents=True)
    (tmp_path / "indexes" / "new" / "manifest.json").write_text(
        '{"format": "semhash-index", "format_version": 999, "semhash_version": "9.9"}'
    )
    for arguments in (["query", "x"], ["verify"]):
        done = semhash(*arguments, cwd=tmp_path, status=1)
        assert re.search(r"expected index format \d+, found 999 \(written by semhash 9\.9\)", done.stderr)
        assert done.stdout == ""


def test_an_unknown_document_is_told(notes: "Done", home: "Home", semhash: "Semhash") -> None:
    done = semhash("similar", "music/music-999.txt", cwd=home.path, status=1)
    assert done.stderr == (
        "semhash: indexes/notes: expected the id of one of its 122 documents, found 'music/music-999.txt' (did "
        "you mean 'music/music-9.txt' or 'music/music-19.txt' or 'music/music-0.txt'?); see the ids with: semhash "
        "list\n"
    )


def test_a_radius_beyond_the_codes_is_wrong_usage(notes: "Done", home: "Home", semhash: "Semhash") -> None:
    done = semhash("query", "moon", "--radius", "21", cwd=home.path, status=2)
    assert done.stderr == "semhash: radius: expected 0 to 20 bits, found 21\n"


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("arguments", [["query", "--from", "gone.jsonl"], ["encode", "gone.jsonl"]])
def test_a_missing_input_file_is_told(home: "Home", semhash: "Semhash", arguments: list[str]) -> None:
    done = semhash(*arguments, cwd=home.path, status=1)
    assert done.stderr == "semhash: gone.jsonl: No such file or directory\n"


@pytest.mark.usefixtures("notes")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_standard_output_that_is_full_is_an_error(home: "Home", semhash: "Semhash") -> None:
    under = "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
    done = semhash("list", cwd=home.path, status=1, under=under)
    assert done.stderr == "semhash: input or output: No space left on device\n"
