"""From a corpus to what is searched, what asks, and what each query should find."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semhash.analysis.analyzer import Analyzer
from semhash.config import CorpusConfig, TextConfig
from semhash.errors import EvaluationError
from semhash.evaluation.reading import Source, read_task
from semhash.evaluation.task import Task
from semhash.evaluation.trec import one_word

Rows = list[dict[str, Any]]
Read = Callable[..., Task]


def rows(n: int = 40, *, split: bool = True, labels: bool = True) -> Rows:
    """Documents on the moon or on boats, in turns; of split test every fifth."""
    random = np.random.default_rng(0)
    made = []
    for i in range(n):
        subject, listed = (("moon", "orbit crater lunar"), ("boat", "keel mast rudder"))[i % 2]
        text = " ".join([subject, *random.choice(listed.split(), 6), f"number{i}", "the"])
        row: dict[str, Any] = {"id": f"d{i}", "text": text}
        row |= {"labels": [subject]} if labels else {}
        made.append(row | ({"split": "test" if i % 5 == 0 else "train"} if split else {}))
    return made


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Write rows to a file and read them as a task, closed when the test is over."""
    opened: list[Task] = []

    def reading(corpus: Rows | Path, **options: Any) -> Task:
        if not isinstance(corpus, Path):
            file = tmp_path / "notes.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in corpus))
            corpus = file
        opened.append(read_task(Source(corpus=corpus, **options)))
        return opened[-1]

    yield reading
    for task in opened:
        task.texts.close()


def judged(
    folder: Path, queries: list[tuple[str, str]], qrels: list[tuple[str, str, int]]
) -> dict[str, Path]:
    files = {"queries": folder / "queries.tsv", "qrels": folder / "qrels.tsv"}
    files["queries"].write_text("".join(f"{name}\t{text}\n" for name, text in queries))
    files["qrels"].write_text("".join(f"{query}\t{document}\t{grade}\n" for query, document, grade in qrels))
    return files


def test_split_train_is_searched_and_all_else_asks(read: Read) -> None:
    made = rows()
    made[5]["split"], made[10]["split"] = "dev", None
    task = read(made)
    assert task.database.ids == [f"d{i}" for i in range(40) if i % 5]
    assert task.queries.ids == [f"d{i}" for i in range(0, 40, 5)]
    assert task.facts.split == "the corpus's own: train is searched, test (6), dev (1), none (1) asks"
    assert (task.facts.n_database, task.facts.n_queries, task.facts.relevance) == (32, 8, "labels")


def test_labels_say_what_is_relevant(read: Read) -> None:
    task = read(rows())
    for query, labels in enumerate(task.queries.documents.labels):
        found = task.relevance.block(np.array([query]))[0]
        assert found.tolist() == [set(labels) <= set(own) for own in task.database.documents.labels]
    assert [(count.label, count.n_database, count.n_queries) for count in task.facts.labels] == [
        ("boat", 16, 4),
        ("moon", 16, 4),
    ]


def test_words_are_those_of_the_database_without_stop_words(read: Read) -> None:
    made = rows()
    task = read(made, text=TextConfig(vocabulary_size=3))
    lexicon = [task.lexicon.word(term) for term in range(len(task.lexicon))]
    searched, terms = [row["text"] for row in made if row["split"] == "train"], Analyzer("english").terms
    known = {word for text in searched for word in terms(text)}
    assert lexicon == sorted({word for text in searched for word in terms(text)} - {"the"})
    for side in (task.database, task.queries):
        for row, text in enumerate(side.documents.texts):
            counted = {lexicon[term]: n for term, n in entries(side.documents.counts, row)}
            assert counted == {word: n for word, n in Counter(terms(text)).items() if word in lexicon}
            every = side.documents.ranked_by
            assert sum(n for _, n in entries(every, row)) == len([w for w in terms(text) if w in known])
    totals = task.database.documents.counts.total_frequency()
    vocabulary = task.database.documents.vocabulary
    assert totals[vocabulary].tolist() == sorted(totals.tolist(), reverse=True)[:3]


def entries(counts: Any, row: int) -> list[tuple[int, int]]:
    span = slice(counts.indptr[row], counts.indptr[row + 1])
    return list(zip(counts.indices[span].tolist(), counts.data[span].tolist(), strict=True))


def test_without_splits_a_fifth_asks_the_same_one_each_time(read: Read) -> None:
    first, second = (read(rows(split=False)) for _ in range(2))
    assert len(first.queries) == 8
    assert sorted([*first.queries.ids, *first.database.ids]) == sorted(f"d{i}" for i in range(40))
    assert first.queries.ids == second.queries.ids
    assert first.facts.digest == second.facts.digest
    assert first.facts.split == "cut at random, seed 0: four fifths are searched, one fifth asks"


def test_the_digest_knows_texts_labels_and_the_cut(read: Read) -> None:
    digests = {read(rows()).facts.digest}
    for change in ({"text": "moon changed"}, {"labels": ["boat"]}, {"id": "other"}, {"split": "test"}):
        made = rows()
        made[6] |= change
        digests.add(read(made).facts.digest)
    assert len(digests) == 5


def test_folders_can_be_labels(read: Read, tmp_path: Path) -> None:
    for i, row in enumerate(rows()):
        file = tmp_path / "notes" / row["labels"][0] / f"{i}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(row["text"])
    task = read(tmp_path / "notes", config=CorpusConfig(labels="folder"))
    assert {count.label for count in task.facts.labels} == {"moon", "boat"}
    assert task.facts.relevance == "labels"


def test_queries_with_nothing_to_find_are_left_out_and_counted(read: Read) -> None:
    made = rows()
    made[0]["labels"], made[5]["labels"] = ["submarines"], []
    task = read(made)
    assert task.facts.n_unanswerable == 2
    assert task.queries.ids == [f"d{i}" for i in range(10, 40, 5)]
    assert task.relevance.n_queries == task.facts.n_queries == 6
    assert (task.relevance.totals() > 0).all()


def test_documents_without_labels_are_said_to_be_relevant_to_none(read: Read) -> None:
    made = rows()
    for i in (1, 2, 3):
        made[i]["labels"] = []
    assert read(made).facts.remarks == [
        "3 of the documents searched have no label, and are relevant to no query."
    ]


def test_a_sample_of_the_queries_is_seeded_and_said(read: Read) -> None:
    made = rows(100)
    task, again = read(made, limit_queries=7), read(made, limit_queries=7)
    assert task.queries.ids == again.queries.ids
    assert len(task.queries) == task.facts.n_queries == 7
    assert task.facts.remarks == ["A seeded sample of 7 of 20 queries is measured."]
    whole = read(made)
    places = [whole.queries.ids.index(name) for name in task.queries.ids]
    np.testing.assert_array_equal(task.relevance.totals(), whole.relevance.totals()[places])


def test_texts_on_both_sides_are_counted_and_named_and_stay(read: Read) -> None:
    made = rows()
    made[10]["text"] = made[15]["text"] = made[1]["text"]
    made[20]["text"] = made[2]["text"] = ""  # nothing is not the same text
    task = read(made)
    assert (task.facts.n_across, task.facts.across) == (2, ["d10", "d15"])
    assert {"d10", "d15"} <= set(task.queries.ids)
    assert "d1" in task.database.ids


def test_ids_met_twice_are_left_out_counted_and_named(read: Read) -> None:
    made = rows()
    made[15]["id"], made[16]["id"] = "d1", "d2"
    [remark] = read(made).facts.remarks
    assert remark == (
        "Left out since their ids had been met before: 2 (notes.jsonl:16: expected an id of its own, found 'd1' "
        "once more; notes.jsonl:17: expected an id of its own, found 'd2' once more)."
    )


def test_documents_without_text_are_ranked_and_ask_too(read: Read) -> None:
    made = rows()
    made[3]["text"], made[5]["text"] = "", " \n"
    task = read(made)
    assert "d3" in task.database.ids
    assert "d5" in task.queries.ids
    assert task.facts.remarks == [
        "2 documents have no text; they are ranked and asked for like all others, by every method."
    ]


def test_judgements_say_what_is_relevant_and_how_much(read: Read, tmp_path: Path) -> None:
    queries = [("d1", "lunar craters"), ("b", "masts and keels"), ("c", "nothing of this")]
    qrels = [("d1", "d0", 2), ("d1", "d2", 1), ("d1", "d3", 0), ("b", "d1", 1), ("b", "d5", -1)]
    task = read(rows(), **judged(tmp_path, queries, qrels))
    assert task.facts.n_database == 40
    assert task.queries.ids == ["d1", "b"]
    assert task.queries.titles == ["lunar craters", "masts and keels"]
    assert list(task.queries.documents.texts) == ["lunar craters", "masts and keels"]
    assert (task.facts.relevance, task.facts.n_unanswerable) == ("judgements", 1)
    grades = task.relevance.grades(np.arange(2))
    assert {(i, j): grades[i, j] for i, j in np.argwhere(grades)} == {(0, 0): 2, (0, 2): 1, (1, 1): 1}


def test_judgements_of_strangers_are_counted_and_named(read: Read, tmp_path: Path) -> None:
    qrels = [("a", "d1", 1), ("a", "nobody", 1), ("who", "d1", 1), ("who", "d2", 1)]
    task = read(rows(), **judged(tmp_path, [("a", "boats")], qrels))
    assert task.facts.remarks == [
        "qrels.tsv judges 1 queries that are not there: 'who'; these judgements are left out.",
        "qrels.tsv judges 1 documents that are not there: 'nobody'; these judgements are left out.",
    ]


def test_without_labels_the_nearest_under_tfidf_stand_in_and_it_is_said(read: Read) -> None:
    task = read(rows(200, labels=False))
    assert task.facts.relevance == "tfidf-neighbours"
    assert task.facts.prefix == "kept "
    assert "says nothing of relevance" in task.facts.remarks[0]
    np.testing.assert_array_equal(task.relevance.totals(), 8)  # a twentieth of 160
    subject = [text.split()[0] for text in task.database.documents.texts]
    for query, text in enumerate(task.queries.documents.texts):
        found = task.relevance.block(np.array([query]))[0]
        assert {subject[row] for row in np.flatnonzero(found)} == {text.split()[0]}


def _same_split(made: Rows, split: str) -> Rows:
    return [row | {"split": split} for row in made]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            _same_split(rows(), "train"),
            r"expected at least 5 documents to search and 1 query, found 40 and 0 \(splits 'train': 40\); name the "
            "documents to search 'train' and the others anything else, or leave the splits out",
        ),
        (_same_split(rows(), "test"), r"found 0 and 40 \(splits 'test': 40\)"),
        (rows(5, split=False), "found 4 and 1; give more documents"),
        (
            [row | {"labels": ["moon"]} for row in rows()],
            "expected labels of at least two kinds, found only 'moon' in the documents to search",
        ),
        (
            [row | {"labels": [row["id"]]} for row in rows()],
            "expected a query with something to find, found none among 8 queries and 32 documents: no label of "
            "theirs is a label of a document; check labels and splits",
        ),
        (
            [row | {"text": "the and of"} for row in rows()],
            "expected at least 5 documents to search that have words other than stop words, found 0 of 32",
        ),
    ],
    ids=["all train", "all test", "too few", "one class", "labels of their own", "no words"],
)
def test_what_cannot_be_evaluated_is_told(read: Read, made: Rows, told: str) -> None:
    with pytest.raises(EvaluationError, match=told):
        read(made)


def test_judgements_that_fit_nothing_are_told(read: Read, tmp_path: Path) -> None:
    with pytest.raises(
        EvaluationError, match=r"found none among 1 queries.*calls queries and documents by their"
    ):
        read(rows(), **judged(tmp_path, [("a", "boats")], [("a", "nobody", 1)]))


@pytest.mark.parametrize(("kept", "missing"), [("queries", "qrels"), ("qrels", "queries")])
def test_queries_and_judgements_come_together(read: Read, tmp_path: Path, kept: str, missing: str) -> None:
    files = judged(tmp_path, [("a", "boats")], [("a", "d1", 1)])
    with pytest.raises(EvaluationError, match=rf"--{kept}: expected --{missing} with it, found none"):
        read(rows(), **{kept: files[kept]})


def test_texts_are_read_again_from_disk_in_any_order(read: Read) -> None:
    made = rows()
    made[7]["text"] = "boat \udce9 \U0001f680\r\nline"
    texts = read(made).database.documents.texts
    whole = [row["text"].replace("\udce9", "\ufffd") for row in made if row["split"] == "train"]
    assert list(reversed(texts)) == list(reversed(whole))
    assert list(texts[3:9:2]) == whole[3:9:2]


def test_ids_become_single_words() -> None:
    assert one_word("a b\tc\u2028") == "a%20b%09c%E2%80%A8"
    assert one_word("20news/38813") == "20news/38813"
