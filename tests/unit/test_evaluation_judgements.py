"""Questions and judgements as people have them on disk."""

import gzip
from pathlib import Path

import pytest

from semhash.errors import EvaluationError
from semhash.evaluation.judgements import Judgement, Query, read_qrels, read_queries

TREC = "q1 0 d7 1\nq1 0 d8 0\nq2 0 d7 2\n"
TSV = "q1\td7\t1\nq1\td8\t0\nq2\td7\t2\n"
JUDGED = [Judgement("q1", "d7", 1), Judgement("q1", "d8", 0), Judgement("q2", "d7", 2)]


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "a file"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [TREC, TSV, TREC.replace(" ", "\t"), "\ufeff" + TSV, "query-id\tcorpus-id\tscore\n" + TSV, TSV + "\n\n"],
    ids=["TREC", "TSV", "TREC with tabs", "mark", "header", "blank lines"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_both_forms_of_judgements_are_read(tmp_path: Path, text: str, packed: bool) -> None:
    raw = text.encode()
    assert read_qrels(written(tmp_path, gzip.compress(raw) if packed else raw)) == JUDGED


def test_ids_with_blanks_are_read_between_tabs(tmp_path: Path) -> None:
    assert read_qrels(written(tmp_path, "a question\ta document\t3\n")) == [
        Judgement("a question", "a document", 3)
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("q1 0 d7 1\nq1 d7\n", r":2: expected query, document and grade between tabs, or .* found 'q1 d7'"),
        ("q1\td7\t1\nq1\td8\tgood\n", r":2: .* a grade being a whole number, found 'q1\\td8\\tgood'"),
        ("\n \n", "expected judgements, found none"),
        ("query\tdocument\tgrade\n", "expected judgements, found none"),
        (b"q1\td\xff\t1\n", ":1: expected UTF-8, found the byte 0xff"),
    ],
)
def test_what_is_no_judgement_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(EvaluationError, match=told):
        read_qrels(written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "text": "of the moon"}\n{"id": "b", "text": "of\\tboats"}\n',
        "1\tof the moon\nb\tof\tboats\n",
    ],
    ids=["JSONL", "TSV"],
)
def test_both_forms_of_queries_are_read(tmp_path: Path, text: str) -> None:
    assert read_queries(written(tmp_path, text)) == [Query("1", "of the moon"), Query("b", "of\tboats")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '{"id": 1, "text": "a"}\n{"id": 2}\n',
            r":2: expected a JSON object with id and text, or an id, a tab",
        ),
        ("just words\n", r":1: .* found 'just words'"),
        ("1\ta\n1\tb\n", r":2: expected an id of its own for each query, found '1' once more"),
        ("", "expected queries, an id and a text each, found none"),
    ],
)
def test_what_is_no_query_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(EvaluationError, match=told):
        read_queries(written(tmp_path, text))


@pytest.mark.parametrize("read", [read_queries, read_qrels])
def test_a_file_that_is_not_there_or_cut_short_is_told(tmp_path: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(
        EvaluationError, match="nowhere: expected a file that can be read, found: No such file"
    ):
        read(tmp_path / "nowhere")
    whole = gzip.compress("".join(f"q{i}\td1\t1\n" for i in range(5000)).encode())
    with pytest.raises(EvaluationError, match=r"expected a file that can be read, found: .*[Ee]nd"):
        read(written(tmp_path, whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    ("text", "fields", "found"),
    [
        ('{"_id": "q1", "text": "of tides", "metadata": {}}', {}, Query("q1", "of tides")),
        ('{"query_id": 7.0, "query": "of tides"}', {}, Query("7", "of tides")),
        ('{"qid": 7, "question": "of tides"}', {"text": "body"}, Query("7", "of tides")),
        ('{"n": {"o": 7}, "a": "of", "b": "tides"}', {"id": "n.o", "text": "a,b"}, Query("7", "of\ntides")),
    ],
)
def test_questions_by_other_names(tmp_path: Path, text: str, fields: dict[str, str], found: Query) -> None:
    assert read_queries(written(tmp_path, text), fields) == [found]
