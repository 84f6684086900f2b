"""Signs in questions: phrases, exclusions, prefixes and fields, on an index, by every ranking."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import Index, IndexConfig, build_index, open_index
from semhash.asking import reader, restriction, texts
from semhash.asking.questions import n_words
from semhash.errors import ConfigError
from semhash.ranking.postings import K1, B
from semhash.ranking.rankers import RANKERS
from semhash.reasons.explainer import Explainer

if TYPE_CHECKING:
    from tests.conftest import Done, Semhash

ROWS: list[dict[str, Any]] = [
    {"id": "snow", "text": "Heavy snow fell on the mountain passes, and the storm went on.", "labels": ["weather"]},
    {"id": "snowed", "text": "It snowed heavily; snowing stopped, then a storm of heavy rain.", "labels": "weather"},
    {"id": "storm", "text": "A storm with heavy winds and rain hit the coast.", "labels": ["weather", "sea"],
     "author": "Jo Doe"},
    {"id": "sail", "text": "The running crew sailed a well-known boat through the storm.", "labels": ["sea"],
     "author": "Jo Doe"},
    {"id": "run", "text": "They run and ran for shelter from a storm at night. Send an e-mail.", "author": "Ann"},
    {"id": "cafe", "text": "At the Café de Paris, a résumé of the storms was read by email.", "author": "Ann"},
    {"id": "star", "text": "Astronomers and astronauts met at the astronomy fair about astrophysics.", "year": 1999},
    {"id": "play", "text": "To be, or not to be: that is the question of the play.", "note": "a:b"},
    {"id": "fruit", "text": "Vitamin C is in oranges, and C++ is in computers.", "split": "train"},
    {"id": "zh", "text": "他每天早上喝一杯热茶，然后去公园散步。今天下午研究人员测试新的发动机。"},
    {"id": "mist", "text": "The government and its governors were governing in the mist.", "labels": ["a b"]},
]  # fmt: skip
QUICK = {
    "model": {"hidden": [16], "neighbours": {"neighbours": 0, "guide": 0.0, "contrast": 0.0}},
    "training": {"epochs": 1, "min_updates": 0, "validation_share": 0.0},
    "text": {"language": "en"},
}


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("signs")
    build_index(write(place / "rows.jsonl", ROWS), place / "index", IndexConfig.from_json(QUICK))
    return place / "index"


@pytest.fixture(scope="module")
def index(made: Path) -> Iterator[Index]:
    with open_index(made) as opened:
        yield opened


def found(index: Index, text: str, **options: Any) -> set[str]:
    return {hit.id for hit in index.query(text, k=20, rank="bm25", **options).hits}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"heavy snow"', {"snow"}),
        ('"HEAVY snow" storm', {"snow"}),
        ('"heavy rain" "storm of"', {"snowed"}),
        ('"heavy winds" -coast', set()),
        ('"to be or not to be"', {"play"}),
        ('"running"', {"sail"}),
        ('"well known boat"', {"sail"}),
        ('"e-mail"', {"run", "cafe"}),
        ('"cafe de paris"', {"cafe"}),
        ('"研究人员"', {"zh"}),
        ('"员研究"', set()),
        ("storm -snow", {"storm", "sail", "run", "cafe"}),
        ("storm -snows -rain", {"sail", "run", "cafe"}),
        ('storm -"heavy snow"', {"snowed", "storm", "sail", "run", "cafe"}),
        ("storm -well-known", {"snow", "snowed", "storm", "run", "cafe"}),
        ("storm -e-mail", {"snow", "snowed", "storm", "sail"}),
        ("storm -snow* -run*", {"storm", "cafe"}),
        ("storm -研究人员", {"snow", "snowed", "storm", "sail", "run", "cafe"}),
        ("-storm", set()),
        ('-"heavy snow" -rain', set()),
        ("astro*", {"star"}),
        ("govern*", {"mist"}),
        ("governo* snowed*", {"mist", "snow", "snowed"}),
        ("zzz* heavy", {"snow", "snowed", "storm"}),
        ("label:sea storm", {"storm", "sail"}),
        ("label:sea label:weather storm", {"snow", "snowed", "storm", "sail"}),
        ("label:sea author:Ann storm", set()),
        ('author:"Jo Doe" storm', {"storm", "sail"}),
        ('author:"Jo Doe" -label:weather storm', {"sail"}),
        ("-author:Ann storm", {"snow", "snowed", "storm", "sail"}),
        ('label:"a b" mist', {"mist"}),
        ("year:1999 astronomy", {"star"}),
        ("path:rows.* astronomy", {"star"}),
        ("label:sea", set()),
        ("C++", {"fruit"}),
        ("vitamin -C", {"fruit"}),  # a letter alone is an option, or a vitamin
        ("vitamin -C++", set()),
        ("colour:red astronomy", {"star"}),
        ("http://astronomy", {"star"}),
        ('12" astronomy', {"star"}),
    ],
)
def test_signs_say_who_is_found(index: Index, text: str, ids: set[str]) -> None:
    assert found(index, text) == ids


@pytest.mark.parametrize("rank", sorted(RANKERS))
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"heavy snow"', {"snow"}),
        ('storm -"heavy snow" -sail -run', {"snowed", "storm", "cafe"}),
        ("label:sea storm", {"storm", "sail"}),
        ('author:"Jo Doe" storm*', {"storm", "sail"}),
    ],
)
def test_signs_hold_for_every_ranking_and_hits_are_filled(
    index: Index, rank: str, text: str, ids: set[str]
) -> None:
    for k in (1, len(ids)):
        hits = index.query(text, k=k, rank=rank).hits
        [many] = index.rank_many([text], k=k, rank=rank)
        assert [hit.id for hit in hits] == [name for name, _ in many]
        if rank in ("bm25", "tfidf"):
            assert {hit.id for hit in hits} <= ids
            assert len(hits) == k
        else:  # by their codes documents are found that lack the words, but none that are excluded
            allowed = {row["id"] for row in ROWS} - {"snow", "sail", "run"} if "-" in text else ids
            assert {hit.id for hit in hits} <= allowed
            assert len(hits) == k
    assert {hit.id for hit in index.query(text, k=20, rank=rank, radius=20, novelty=True).hits} >= ids


@pytest.mark.parametrize("text", ["storm heavy", "the storm", "astronomy to be", "rain snow run"])
@pytest.mark.parametrize("unwanted", ["zzz", "mist", "snow", "storm"])
def test_an_exclusion_leaves_the_rest_in_its_order(index: Index, text: str, unwanted: str) -> None:
    """However many are left: their scores are worked out in one of two ways."""
    without = {hit.id for hit in index.query(unwanted, k=20, rank="bm25").hits}
    every = [(hit.id, hit.score) for hit in index.query(text, k=20, rank="bm25").hits]
    left = [(hit.id, hit.score) for hit in index.query(f"{text} -{unwanted}", k=20, rank="bm25").hits]
    assert left == [(name, score) for name, score in every if name not in without]


def test_a_filter_beside_the_question_must_be_passed_too(index: Index) -> None:
    result = index.query("label:weather storm", where={"author": "Jo Doe"}, rank="bm25")
    assert [hit.id for hit in result.hits] == ["storm"]
    assert result.passing == 1
    assert (result.wanted.fields, result.query) == ((("label", "weather"),), "label:weather storm")
    with pytest.raises(ConfigError, match="where: expected one of the keys"):
        index.query("storm", where={"nothing": "x"})


def test_a_value_that_no_document_has_finds_nothing_and_is_told(index: Index) -> None:
    result = index.query("label:wether storm")
    assert result.hits == []
    [remark] = result.remarks
    assert remark.startswith("label:wether fits no document: expected a label of this index, such as")
    assert remark.endswith("near it: weather")
    assert len(index.query("storm -label:wether", rank="bm25").hits) == 6


def test_what_asks_for_nothing_says_so(index: Index) -> None:
    for text in ("-storm", "label:sea", '-"a storm" -rain*'):
        result = index.query(text)
        assert result.hits == []
        assert result.remarks == (restriction._NO_WORD,)


def test_the_code_is_that_of_the_words_that_are_looked_for(index: Index) -> None:
    plain = index.query("storm heavy rain")
    for text in ("storm heavy rain -snow", 'storm "heavy rain"', "storm label:weather heavy rain"):
        assert index.query(text).code == plain.code
    assert index.query("storm -snow", plain=True).code == index.query("storm snow").code
    assert Explainer(index).explain("storm heavy rain -snow").code == plain.code


def test_the_words_that_begin_so_are_words_of_the_question(index: Index) -> None:
    asked = index.questions.read("astro*").asked
    known = [word for word in index.vocabulary if word.startswith("astro")]
    assert len(known) > 1
    assert asked.question.encoded.known_words == len(known)
    assert n_words(index, asked) >= len(known)
    assert index.query("astro*").uncoded is None


def test_plain_texts_have_no_signs(index: Index) -> None:
    assert found(index, 'storm -snow "night shelter"', plain=True) >= {"snow", "run"}
    assert found(index, "storm\n-snow") >= {"snow"}
    sentence = index.query("The storm was -snow and rain it brought.", rank="bm25")
    assert "snow" in {hit.id for hit in sentence.hits}
    assert "it is a sentence" in sentence.remarks[0]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("running", {"sail"}),
        ("run", {"run"}),
        ("storms", {"cafe"}),
        ("RUN storms", {"run", "cafe"}),
        ("resume", set()),
        ("résumé", {"cafe"}),
        ("snowed", {"snowed"}),
        ("well-known", {"sail"}),
        ("热茶", {"zh"}),
        ("goverment", set()),
        ('"heavy snow"', {"snow"}),
        ("storm -snowing", {"snow", "storm", "sail", "run"}),
        ("run*", {"run", "sail"}),
        ("", set()),
    ],
)
def test_exact_words_are_found_as_they_are_written(index: Index, text: str, ids: set[str]) -> None:
    assert found(index, text, exact=True) == ids
    assert {hit.id for hit in index.query(text, k=20, exact=True).hits} == ids
    [many] = index.rank_many([text], exact=True)
    assert {name for name, _ in many} == ids


def test_exact_scores_count_the_form_alone(index: Index) -> None:
    """Only `snowed` has the form, once: it is as rare as it is."""
    [hit] = index.query("snowed", rank="bm25", exact=True).hits
    n = len(ROWS)
    idf = np.log1p((n - 1 + 0.5) / 1.5)
    row = index.document("snowed").row
    postings = index.postings
    norm = K1 * (1 - B + B * postings.lengths[row] / (postings.n_occurrences / n))
    assert hit.score == pytest.approx(idf / (1 + norm), rel=1e-5)


def test_many_words_of_one_beginning_are_bounded_and_told(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restriction, "MOST_OF_PREFIX", 1)
    result = index.query("st* ma*", rank="bm25")
    assert "words begin with 'st': the 1 that most documents hold are looked for" in result.remarks[0]
    assert {hit.id for hit in result.hits} >= {"snow", "storm", "sail"}


def test_words_of_one_beginning_were_not_typed(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """So they keep nobody from hearing of a word that is spelled wrong, nor are they a text that is unlike others."""
    monkeypatch.setattr(reader, "_LONG", 2)
    result = index.query("st* ma* goverment", novelty=True)
    assert [one.word for one in result.suggestions] == ["goverment"]
    assert result.novelty is None


def test_that_not_all_texts_were_read_is_told(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_DOCUMENTS", 1)
    monkeypatch.setattr(texts, "_AT_ONCE", 1)
    result = index.query('"heavy rain"', rank="bm25")
    assert len(result.hits) <= 1
    assert "1 of those that were not read may be hits" in result.remarks[0]
    monkeypatch.setattr(texts, "MOST_DOCUMENTS", 3)
    whole = index.query('"heavy rain"', rank="bm25")
    assert ([hit.id for hit in whole.hits], whole.remarks) == (["snowed"], ())


def test_without_texts_documents_with_all_words_are_hits_and_told_so(tmp_path: Path) -> None:
    config = IndexConfig.from_json({**QUICK, "store_text": False})
    build_index(write(tmp_path / "rows.jsonl", ROWS), tmp_path / "index", config)
    with open_index(tmp_path / "index") as opened:
        result = opened.query('"snow heavy"', rank="bm25")
        assert {hit.id for hit in result.hits} == {"snow", "snowed"}
        assert result.remarks[0].startswith("2 documents hold all its words, and have no text in this index")


@pytest.mark.parametrize(
    ("text", "word", "instead", "used"),
    [
        ("goverment", "goverment", "government", True),
        ("mountian", "mountian", "mountain", True),
        ("astronamers", "astronamers", "astronomers", True),
        ("storm goverment", "goverment", "government", False),
        ("goverment -storm", "goverment", "government", True),
        ("mystorm", "", "", False),
    ],
)
def test_other_words_are_suggested_and_used_where_nothing_else_is_asked(
    index: Index, text: str, word: str, instead: str, used: bool
) -> None:
    result = index.query(text, rank="bm25")
    said = [(one.word, one.instead[0], one.used) for one in result.suggestions]
    assert said == ([(word, instead, used)] if word else [])
    assert result.query == text
    if used:
        assert result.hits[0].id == index.query(instead, rank="bm25").hits[0].id
        [many] = index.rank_many([text], rank="bm25")
        assert many[0][0] == result.hits[0].id
        assert index.query(text, exact=True).suggestions == ()


@pytest.mark.parametrize("text", ["qzx", "12345", "astro4", "xyzzyplugh", "热汤", "storm"])
def test_nothing_is_suggested_where_anything_would_be_a_guess(index: Index, text: str) -> None:
    assert index.query(text).suggestions == ()


def test_the_command_reads_signs_and_tells_what_it_did(made: Path, semhash: "Semhash") -> None:
    def ask(*arguments: str, **options: Any) -> "Done":
        return semhash(
            "query", *arguments, "--index", str(made), "--rank", "bm25", cwd=made.parent, **options
        )

    assert [hit["id"] for hit in ask('"heavy snow"', "--json").json()["hits"]] == ["snow"]
    answer = ask("storm", "-snow", "-rain", "-k", "2", "--json").json()
    assert {hit["id"] for hit in answer["hits"]} <= {"sail", "run", "cafe"}
    assert (answer["query"], answer["unwanted"]) == ("storm  -snow  -rain", ["snow", "rain"])
    assert "wanted" not in answer
    rows = '{"id": 1, "text": "storm -snow label:sea"}\n{"id": 2, "text": "goverment"}\n'
    first, second = ask("--from", "-", "--format", "jsonl", stdin=rows).rows()
    assert {hit["id"] for hit in first["hits"]} == {"storm", "sail"}
    assert second["suggestions"] == [{"word": "goverment", "did_you_mean": ["government"], "used": True}]
    plain = ask("--from", "-", "--plain", stdin=rows).stdout
    assert " snow " in plain

    told = ask("goverment").stderr
    assert told.startswith(
        "no document has 'goverment': these are hits for 'government'; --exact guesses nothing\n"
    )
    assert "did you mean government?" in ask("storm goverment").stderr
    assert ask("-storm").stderr == f"{restriction._NO_WORD}\n"
    assert 'no document is what "snow heavy" asks for' in ask('"snow heavy"').stderr
    assert ask("-", "--json", stdin="storm -snow").json().keys().isdisjoint({"wanted", "unwanted"})
    assert ask("--exact", "resume").stderr == f"{restriction._NOT_SO}\n"


def test_a_dash_before_an_options_name_is_told_from_an_exclusion(made: Path, semhash: "Semhash") -> None:
    done = semhash("query", "storm", "-index", str(made), cwd=made.parent, status=2)
    assert "expected --index for the option, or -- before a text that holds -index" in done.stderr
    done = semhash("query", "storm", "-x", cwd=made.parent, status=2)
    assert "No such option: -x; a text that holds -x is asked with -- before it" in done.stderr
    done = semhash("query", "git", "--stdout", cwd=made.parent, status=2)
    assert "No such option: --stdout; a text that holds --stdout is asked with -- before it" in done.stderr
    shown = semhash(
        "query", "-k1", "-5", "-rain", "storm", "--index", str(made), "--", "-snow", cwd=made.parent
    )
    assert "best 1 of" in shown.stderr
    assert shown.stdout.count(" storm") > 0
