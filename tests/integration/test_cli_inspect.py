import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash import open_index
from semhash.store.manifest import read_manifest

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

pytestmark = pytest.mark.usefixtures("notes")
ELSEWHERE = {"SEMHASH_INDEXES": "elsewhere"}


def test_info_says_what_the_manifest_says(home: "Home", semhash: "Semhash", notes: "Done") -> None:
    facts = semhash("info", "--json", cwd=home.path).json()
    manifest = read_manifest(home.path / "indexes" / "notes")
    for name in ("n_documents", "n_unaddressed", "n_words", "bits", "created", "corpus_digest", "generation"):
        assert facts[name] == getattr(manifest, name)
    assert facts["config"] == json.loads(json.dumps(manifest.config.to_json()))
    assert facts["skipped"] == notes.json()["skipped"]
    assert facts["index"] == "indexes/notes"
    assert facts["corpus"] == str(home.path / "notes")
    files = {name: record.bytes for name, record in manifest.files.items()}
    assert facts["bytes"] == {"total": sum(files.values()), **files}
    assert sum(facts["parts"].values()) == facts["bytes"]["total"]
    assert list(facts["parts"]) == [
        *("model", "codes", "table", "faiss", "counts", "lexicon", "postings", "catalogue"),
    ]
    assert facts["parts"]["codes"] == manifest.files["codes.npy"].bytes
    assert manifest.model is not None
    assert facts["model"]["digest"] == manifest.model.digest
    assert facts["n_removed"] == 0


def test_info_tells_of_generations_on_record_and_on_disk(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    """One is read while another takes its place, and is removed by who writes after it was let go."""
    options = ("--epochs", "1", "--vocabulary-size", "75", "--out", str(tmp_path / "i"), "--force")
    semhash("index", "notes", *options, cwd=home.path)
    with open_index(tmp_path / "i"):
        semhash("index", "notes", *options, cwd=home.path)
    facts = semhash("info", "--index", str(tmp_path / "i"), "--json", cwd=home.path).json()
    first, second = facts["generations"]
    assert (first["generation"], first["current"], first["created"]) == (1, False, None)
    assert first["n_bytes"] > 0
    assert (second["generation"], second["current"]) == (2, True)
    assert (second["n_documents"], second["n_skipped"]) == (facts["n_documents"], facts["n_skipped"])
    assert second["n_bytes"] == facts["bytes"]["total"]
    wide = {"COLUMNS": "200"}
    told = semhash("info", "--index", str(tmp_path / "i"), cwd=home.path, env=wide).stdout
    assert re.search(
        r"^generations +1: [\d,]+ bytes$\n +2: .*documents,.*, this one$", told, flags=re.MULTILINE
    )
    codes_of_each = facts["parts"]["codes"] / facts["n_documents"]
    assert f"codes: {facts['parts']['codes']:,}, {codes_of_each:,.1f} a document" in told


def test_info_in_words_names_every_fact(home: "Home", semhash: "Semhash") -> None:
    done = semhash("info", cwd=home.path, fresh=True)
    facts = semhash("info", "--json", cwd=home.path).json()
    for name in facts:
        assert re.search(rf"^{name.replace('_', ' ')}  +\S", done.stdout, flags=re.MULTILINE), name
    assert "vocabulary_size 75" in done.stdout
    assert "empty: 1" in done.stdout
    assert all(len(line) <= 80 and line == line.rstrip() for line in done.stdout.splitlines())
    assert done.stderr == ""


def test_list_gives_address_id_and_title_of_every_document(home: "Home", semhash: "Semhash") -> None:
    lines = [line.split("\t") for line in semhash("list", cwd=home.path, fresh=True).stdout.splitlines()]
    with open_index(home.path / "indexes" / "notes") as index:
        entries = list(index.catalogue.documents())
    assert [line[1] for line in lines] == [entry.id for entry in entries]
    for (address, _, title), entry in zip(lines, entries, strict=True):
        assert title == entry.title
        assert address == (f"{entry.code:020b}" if entry.known_words else "-" * 20)
    assert ["-" * 20, "odd/wordless.txt", "wordless.txt"] in lines


def test_list_as_json_has_labels_and_codes(home: "Home", semhash: "Semhash") -> None:
    rows = semhash("list", "--json", "--label", "music", "--limit", "7", cwd=home.path).rows()
    assert len(rows) == 7
    assert {row["id"].partition("/")[0] for row in rows} == {"music"}
    assert all(row["labels"] == ["music"] and row["bits"] == 20 for row in rows)


def test_list_of_an_unknown_label_is_empty_and_says_so(home: "Home", semhash: "Semhash") -> None:
    done = semhash("list", "--label", "opera", cwd=home.path)
    assert (done.stdout, done.stderr) == ("", "no document has the label 'opera'\n")
    assert semhash("list", "--label", "opera", "--quiet", cwd=home.path).stderr == ""


def test_list_skipped_gives_the_reasons(home: "Home", semhash: "Semhash") -> None:
    lines = [line.split("\t") for line in semhash("list", "--skipped", cwd=home.path).stdout.splitlines()]
    assert [line[:2] for line in lines] == [["odd/blank.txt", "empty"], ["odd/photo.bin", "binary"]]
    assert all(line[2].startswith("expected ") for line in lines)


@pytest.mark.usefixtures("rows")
def test_an_id_with_a_tab_and_escapes_is_one_field_of_one_line(home: "Home", semhash: "Semhash") -> None:
    [line] = semhash("list", "--label", "\x1b[1mcooking", cwd=home.path, env=ELSEWHERE).stdout.splitlines()
    assert line.split("\t")[1:] == [r"evil\x1b[31m\n\u202e\x07\tid", "cooking note 1"]
    listed = semhash("list", "--json", "--limit", "2", cwd=home.path, env=ELSEWHERE)
    assert not set(listed.stdout) & set("\x1b\x07\u202e")
    assert [row["id"] for row in listed.rows()] == ["astronomy-1", home.evil]
    found = semhash("similar", home.evil, "-k", "3", cwd=home.path, env=ELSEWHERE)
    assert found.stdout.count("cooking-") == 3
    missing = semhash("similar", "\x1b[31m", cwd=home.path, env=ELSEWHERE, status=1)
    assert r"found '\x1b[31m'" in missing.stderr


@pytest.mark.usefixtures("rows")
def test_the_environment_says_where_indexes_are(home: "Home", semhash: "Semhash") -> None:
    [here] = semhash("list", "--indexes", "--json", cwd=home.path).rows()
    assert here == {"index": "indexes/notes", "n_documents": 122, "bits": 20}
    there = semhash("list", "--indexes", cwd=home.path, env=ELSEWHERE).stdout
    assert there == "elsewhere/rows\t90 documents\t20 bits\n"
    assert semhash("info", "--json", cwd=home.path, env=ELSEWHERE).json()["index"] == "elsewhere/rows"


def test_of_several_indexes_one_is_chosen_by_name_or_path(
    home: "Home", semhash: "Semhash", tmp_path: Path
) -> None:
    for name in ("one", "two"):
        shutil.copytree(home.path / "indexes" / "notes", tmp_path / "indexes" / name)
    refused = semhash("info", cwd=tmp_path, status=1)
    assert refused.stderr == (
        "semhash: indexes: expected one index, found 2: one, two; choose one, such as --index one\n"
    )
    for which in ("two", "indexes/two", str(tmp_path / "indexes" / "two")):
        facts = semhash("info", "--index", which, "--json", cwd=tmp_path).json()
        assert Path(facts["index"]).name == "two"
    assert len(semhash("list", "--indexes", cwd=tmp_path).stdout.splitlines()) == 2


def test_without_an_index_the_way_to_one_is_told(semhash: "Semhash", tmp_path: Path) -> None:
    for arguments in (["query", "moon"], ["encode"], ["verify"]):
        done = semhash(*arguments, cwd=tmp_path, status=1)
        assert done.stdout == ""
        assert done.stderr == (
            "semhash: indexes: expected an index, found none; make one with: semhash index CORPUS, or name one "
            "with --index DIR (or set SEMHASH_INDEXES)\n"
        )
    done = semhash("list", "--indexes", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "no index in indexes; make one with: semhash index CORPUS\n")


def test_verify_passes_a_whole_index(home: "Home", semhash: "Semhash") -> None:
    done = semhash("verify", cwd=home.path, fresh=True)
    assert re.fullmatch(r"indexes/notes: whole, \d+ checks\n", done.stdout)
    found = semhash("verify", "--json", cwd=home.path).json()
    assert found["whole"] is True
    assert found["index"] == "indexes/notes"
    assert str(len(found["checks"])) in done.stdout
    assert {check["problem"] for check in found["checks"]} == {None}


def test_verify_names_what_is_damaged_and_ends_in_1(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    folder = shutil.copytree(home.path / "indexes" / "notes", tmp_path / "notes")
    file = folder / "generation-1" / "norms.npy"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    (folder / "generation-1" / "codes.npy").unlink()
    done = semhash("verify", "--index", folder, cwd=tmp_path, status=1)
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"codes\.npy: expected [\d,]+ bytes, found no file", first)
    assert re.fullmatch(r"norms\.npy: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}", second)
    assert done.stderr == "2 of 24 checks failed; restore the index, or build it again\n"
    found = semhash("verify", "--index", folder, "--json", "--quiet", cwd=tmp_path, status=1)
    assert found.stderr == ""
    assert found.json()["whole"] is False
    broken = [check["name"] for check in found.json()["checks"] if check["problem"]]
    assert broken == ["codes.npy", "norms.npy"]
    for arguments in (["query", "moon"], ["info"]):
        refused = semhash(*arguments, "--index", folder, cwd=tmp_path, status=1)
        assert re.fullmatch(
            r"semhash: .*/codes\.npy: expected .*, found no file; .*--force\n", refused.stderr
        )
