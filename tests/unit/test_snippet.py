import sys

import pytest

from semhash.analysis.analyzer import Analyzer
from semhash.analysis.questions import QuestionAnalyzer
from semhash.asking import finding, snippet
from semhash.asking.snippet import Snippet

ANALYZER = QuestionAnalyzer(Analyzer("none"), {"none": 1})


def make_snippet(text: str, wanted: list[str], width: int = 180) -> Snippet:
    return snippet.make_snippet(text, wanted, ANALYZER, width)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


def test_whole_words_are_marked_whatever_their_letter_case() -> None:
    found = make_snippet("Moon, moons and MOON; a honeymoon, the moon's.", ["moon"])
    assert found.text == "Moon, moons and MOON; a honeymoon, the moon's."
    assert found.marks == ((0, 4), (16, 20), (39, 43))


def test_every_wanted_word_is_marked_and_no_other() -> None:
    found = make_snippet("the rocket flew to the moon in a boat", ["boat", "rocket", "comet"])
    assert marked(found) == ["rocket", "boat"]


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("Le café, un CAFÉ et une cafétéria", ["café"], ["café", "CAFÉ"]),
        ("cafe\u0301 decomposed", ["café"], ["café"]),
        ("Straße und STRASSE", ["straße"], ["Straße"]),
        ("\u039b\u03cc\u03b3\u03bf\u03c2 \u039b\u038c\u0393\u039f\u03a3", ["λογοσ"], ["Λόγος", "ΛΌΓΟΣ"]),
        ("कमी है, कम नहीं", ["कम"], ["कम"]),
        ("日本語の文字", ["日本", "本語"], ["日本語"]),
        ("日本語の文字", ["語の", "文字"], ["語の", "文字"]),
        ("研究人\n员在", ["人员"], ["人员"]),
        ("1,234,567 and 12,345", ["1234567"], ["1,234,567"]),
        ("C++ and C, in C#", ["c++"], ["C++"]),
        ("the X-ray, an xray", ["xray"], ["X-ray", "xray"]),
        ("the X-ray, an xray", ["ray"], ["ray"]),
        ("see getUserName()", ["user"], ["getUserName"]),
        ("O’Brien, a dog’s", ["obrien", "dog"], ["O’Brien", "dog"]),
        ("Do\u00adnau\u00addampf", ["donaudampf"], ["Do\u00adnau\u00addampf"]),
        ("ไปทะเลกัน", ["ทะเล"], ["ทะเล"]),
        ("moon日本moon", ["日本"], ["日本"]),
        ("ปี่11 e\u0301t", ["11", "t"], ["11"]),
        ("İstanbul", ["istanbul"], ["İstanbul"]),
        ("ﬁne ＭＯＯＮ", ["fine", "moon"], ["ﬁne", "ＭＯＯＮ"]),
        ("月 月の石", ["月"], ["月", "月"]),
        ("x2 x22 2x", ["x2"], ["x2"]),
        ("a_moon moon_", ["moon"], ["moon", "moon"]),
        ("on .NET, or a .net.", [".net"], [".NET", ".net"]),
        ("方と角の角", ["方", "の角", "角"], ["方", "角", "の角"]),
        ("Ｍｏｏｎ: Fuß, Fluß", ["moon", "fuss"], ["Ｍｏｏｎ", "Fuß"]),
        ("as foo,moon,bar/moon", ["moon"], ["moon", "moon"]),
    ],
)
def test_marks_cover_exactly_the_wanted_words(text: str, wanted: list[str], expected: list[str]) -> None:
    assert marked(make_snippet(text, wanted)) == expected


@pytest.mark.parametrize("text", ["", " \n\t ", "\u2003"])
@pytest.mark.parametrize("wanted", [[], ["moon"]])
def test_an_empty_text_gives_an_empty_snippet(text: str, wanted: list[str]) -> None:
    assert make_snippet(text, wanted) == Snippet("", ())


def test_white_space_becomes_one_blank_and_other_control_characters_are_left_to_who_shows_them() -> None:
    found = make_snippet("one\r\n\r\ntwo\t\x1b[31mthree\x07 \u202emoon", ["moon"])
    assert found.text == "one two \x1b[31mthree\x07 \u202emoon"
    assert marked(found) == ["moon"]


def test_without_a_match_it_is_the_beginning() -> None:
    text = " ".join(f"word{i}" for i in range(200))
    for wanted in ([], ["comet"], ["ord1"]):
        found = make_snippet(text, wanted, width=60)
        assert found == Snippet(text[: len(found.text) - 2] + " …", ())
        assert text.startswith(found.text.removesuffix(" …") + " ")
        assert 30 < len(found.text) <= 62


def test_a_short_text_is_given_whole() -> None:
    assert make_snippet("a rocket", ["rocket"], width=8).text == "a rocket"


@pytest.mark.parametrize("before", [0, 5, 40, 300, 3000])
@pytest.mark.parametrize("after", [0, 5, 40, 300])
@pytest.mark.parametrize("filler", ["word ", "w", "漢"])
def test_the_match_is_shown_wherever_it_stands(before: int, after: int, filler: str) -> None:
    text = " ".join(f"{filler * before} moon {filler * after}".split())
    found = make_snippet(text, ["moon"], width=80)
    assert marked(found) == ["moon"]
    assert len(found.text) <= 80 * 9 // 8 + 4
    assert found.text.startswith("… ") == (not text.startswith(found.text[:20]))
    assert found.text.removeprefix("… ").removesuffix(" …") in text
    if len(text) > 80:
        assert len(found.text) >= 40, "room was wasted"


def test_it_begins_and_ends_between_words() -> None:
    text = " ".join(f"word{i}" for i in range(500))
    found = make_snippet(text, ["word250"], width=100)
    inside = found.text.removeprefix("… ").removesuffix(" …").split()
    assert "word250" in inside
    assert set(inside) <= set(text.split())


def test_the_passage_with_most_different_words_wins() -> None:
    filler = "so it goes on and on for a long while " * 10
    text = f"moon moon moon {filler} the moon and a comet {filler} moon"
    found = make_snippet(text, ["moon", "comet"], width=80)
    assert marked(found) == ["moon", "comet"]


def test_a_very_long_text_is_looked_at_up_to_a_point() -> None:
    text = "word " * 400_000 + "moon"
    found = make_snippet(text, ["moon"])
    assert found.text.startswith("word word")
    assert found.text.endswith(" …")


def test_a_long_blank_beginning_is_no_whole_text() -> None:
    assert make_snippet("a" + " " * 200_000 + "b", []).text == "a …"


@pytest.mark.parametrize("gap", [" ", "\n" * 400, " \t" * 50])
@pytest.mark.parametrize("before", ["", "word\n\n   word  " * 300, "wörd\n\n   wörd  " * 300])
def test_white_space_does_not_part_words(before: str, gap: str) -> None:
    text = f"{before}moon {'x ' * 90} the moon{gap}and a{gap}comet {'y ' * 900}"
    found = make_snippet(text, ["moon", "comet"], width=80)
    assert marked(found) == ["moon", "comet"]
    assert "the moon and a comet" in found.text


def test_the_first_of_the_best_passages_is_shown_however_many_words_stand_before_it() -> None:
    before = f"{'moon word ' * 150} {'word ' * 2000}"
    text = f"{before} one moon comet {'z ' * 300} two moon comet"
    found = make_snippet(text, ["moon", "comet"], width=40)
    assert "one moon comet" in found.text


def test_white_space_is_what_python_takes_for_it() -> None:
    found = {code for code, is_space in enumerate(finding._spaces().tolist()) if is_space}
    assert found == {code for code in range(sys.maxunicode + 1) if chr(code).isspace()}
