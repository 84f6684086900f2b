import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import codes, open_index
from semhash.corpus import Document, open_corpus

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash
    from tests.integration.conftest import Home

pytestmark = pytest.mark.usefixtures("notes")


def jsonl(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def listed(home: "Home", notes: "Done", semhash: "Semhash") -> dict[str, Any]:
    return {row["id"]: row for row in semhash("list", "--json", cwd=home.path).rows()}


def test_a_documents_text_gets_the_code_that_the_index_lists(
    home: "Home", semhash: "Semhash", listed: dict[str, Any]
) -> None:
    read = open_corpus(home.path / "notes")
    texts = {item.id: item.counted for item in read if isinstance(item, Document)}
    assert texts.keys() == listed.keys()
    (home.path / "texts.jsonl").write_text(jsonl(*({"id": i, "text": t} for i, t in texts.items())))
    done = semhash("encode", "texts.jsonl", cwd=home.path)
    assert done.stderr == ""
    encoded = {row["id"]: row for row in done.rows()}
    assert list(encoded) == list(texts), "rows come out in the order they went in"
    for document, row in encoded.items():
        shared = {key: listed[document][key] for key in ("id", "code", "bits", "known_words")}
        assert row == shared


def test_bit_i_of_a_code_is_code_shifted_by_i(home: "Home", listed: dict[str, Any]) -> None:
    with open_index(home.path / "indexes" / "notes") as index:
        bits = np.asarray(codes.unpack(index.codes, 20))
    for row, document in zip(bits.tolist(), listed.values(), strict=True):
        assert [(document["code"] >> i) & 1 for i in range(20)] == [int(bit) for bit in row]
        assert 0 <= document["code"] < 2**20


def test_a_text_without_a_known_word_gets_a_code_all_the_same(home: "Home", semhash: "Semhash") -> None:
    texts = jsonl(
        {"id": "a", "text": "qwxz"}, {"id": "b", "text": ""}, {"id": 3, "text": "boat boat of sail"}
    )
    a, b, c = semhash("encode", "-", cwd=home.path, stdin=texts).rows()
    assert (a["known_words"], b["known_words"], c["known_words"]) == (0, 0, 3)
    assert a["code"] == b["code"]
    assert (c["id"], c["bits"]) == (3, 20)


def test_plain_lines_are_numbered_and_blank_ones_left_out(home: "Home", semhash: "Semhash") -> None:
    lines = "\ufeffsail the boat\r\n\n  \nviolin concert, caf\u00e9\nqwxz"
    done = semhash("encode", cwd=home.path, stdin=lines)
    with open_index(home.path / "indexes" / "notes") as index:
        expected = index.encode(["sail the boat", "violin concert, café", "qwxz"])
    assert done.rows() == [
        {"id": number, "code": found.code, "bits": 20, "known_words": found.known_words}
        for number, found in zip(["1", "4", "5"], expected, strict=True)
    ]


def test_rows_that_are_broken_are_left_out_and_told(home: "Home", semhash: "Semhash") -> None:
    lines = f'{{"id": 1, "te\n{jsonl({"id": 2, "text": "boat"})}[]\nplain\n{{"id": 3}}\n'
    done = semhash("encode", cwd=home.path, stdin=lines)
    assert [row["id"] for row in done.rows()] == [2]
    assert done.stderr == "skipped 4 lines: expected a JSON object with id and text at line 1, 3, 4, 5\n"
    assert semhash("encode", "-q", cwd=home.path, stdin=lines).stderr == ""


def test_many_lines_are_encoded_as_one_by_one(home: "Home", semhash: "Semhash") -> None:
    texts = [document["text"] for document in home.documents] * 11
    done = semhash("encode", cwd=home.path, stdin="\n".join(texts))
    found = [row["code"] for row in done.rows()]
    assert len(found) == len(texts) > 1024
    assert found == found[: len(home.documents)] * 11


def test_nothing_in_is_nothing_out(home: "Home", semhash: "Semhash") -> None:
    done = semhash("encode", cwd=home.path)
    assert (done.stdout, done.stderr) == ("", "")
