"""The grammar of questions: what is a sign, what is a word, and that nothing is an error."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.asking.grammar import LONGEST, NO_OPERATORS, Operators, Parsed, may_have_operators, parse

FIELDS = {"label", "path", "author", "metadata.label", "Überschrift"}


def read(text: str) -> Parsed:
    return parse(text, FIELDS.__contains__)


WORDS = [
    "storm", "well-known e-mail", "http://example.com/a?b=c", "std::vector", "error: file not found", "a:b", "10:30",
    '"', 'say "hello', '5" disk and 12" vinyl', "-", "--", "a - b", "–", "--flag", "--no-group", "-v", "tar -x file",
    "-5", "-5 degrees", "-3d", "->", "-)", "*", "C*", "3*4", "**bold**", "*emphasis*", "a**", "f(x)*", "e-mail*",
    "O'Brien's 'single' quotes", 'צה"ל', "don't", "author:", "author: smith", "author::x", "author://x", "Label:x",
    "unknown:value", "“lonely", "”", "„", "«", "«»", '""', '"..."', '" "', "(a OR b) AND c", "a\u00a0-\u00a0b", "日*",
    "C:\\Users", "re:", ":", "::", ":)", "-:", "-*", '-"', "-“", "x-y", "x -", "50% -- off", "", " ", "'phrase here'",
]  # fmt: skip

SIGNS: list[tuple[str, str, Operators, Operators]] = [
    ('"exact phrase"', "exact phrase", Operators(phrases=("exact phrase",)), NO_OPERATORS),
    ('before "exact  phrase" after', "before exact phrase after", Operators(phrases=("exact phrase",)), NO_OPERATORS),
    ('"one" "two"', "one two", Operators(phrases=("one", "two")), NO_OPERATORS),
    ('"one", "one"?', "one , one ?", Operators(phrases=("one",)), NO_OPERATORS),
    ("“curly ones” x", "curly ones x", Operators(phrases=("curly ones",)), NO_OPERATORS),
    ("„deutsche Zeichen“", "deutsche Zeichen", Operators(phrases=("deutsche Zeichen",)), NO_OPERATORS),
    ("« des guillemets »", "des guillemets", Operators(phrases=("des guillemets",)), NO_OPERATORS),
    ("「東京大学」", "東京大学", Operators(phrases=("東京大学",)), NO_OPERATORS),
    ('"צה"ל בגן"', 'צה"ל בגן', Operators(phrases=('צה"ל בגן',)), NO_OPERATORS),
    ('"-v option"', "-v option", Operators(phrases=("-v option",)), NO_OPERATORS),
    ("storm -snow", "storm", NO_OPERATORS, Operators(words=("snow",))),
    ("-snow storm -rain", "storm", NO_OPERATORS, Operators(words=("snow", "rain"))),
    ("-snow", "", NO_OPERATORS, Operators(words=("snow",))),
    ("a -C++ -C# -.NET", "a", NO_OPERATORS, Operators(words=("C++", "C#", ".NET"))),
    ("a -e-mail", "a", NO_OPERATORS, Operators(words=("e-mail",))),
    ("a -猫 -é", "a", NO_OPERATORS, Operators(words=("猫", "é"))),
    ('storm -"heavy snow"', "storm", NO_OPERATORS, Operators(phrases=("heavy snow",))),
    ('a -"5"', "a", NO_OPERATORS, Operators(phrases=("5",))),
    ("a\u3000-b2", "a", NO_OPERATORS, Operators(words=("b2",))),
    ("astro*", "", Operators(prefixes=("astro",)), NO_OPERATORS),
    ("astro*, moon", "moon", Operators(prefixes=("astro",)), NO_OPERATORS),
    ("naï* किता*", "", Operators(prefixes=("naï", "किता")), NO_OPERATORS),
    ("moon -astro*", "moon", NO_OPERATORS, Operators(prefixes=("astro",))),
    ("19* C3*", "", Operators(prefixes=("19", "C3")), NO_OPERATORS),
    ("moon author:smith", "moon", Operators(fields=(("author", "smith"),)), NO_OPERATORS),
    ('author:"John Smith" x', "x", Operators(fields=(("author", "John Smith"),)), NO_OPERATORS),
    ('author:"John', "", Operators(fields=(("author", '"John'),)), NO_OPERATORS),
    ("x -label:a", "x", NO_OPERATORS, Operators(fields=(("label", "a"),))),
    ('x -label:"a b"', "x", NO_OPERATORS, Operators(fields=(("label", "a b"),))),
    ("path:2024/*.md x", "x", Operators(fields=(("path", "2024/*.md"),)), NO_OPERATORS),
    ("metadata.label:7 Überschrift:ja", "", Operators(fields=(("metadata.label", "7"), ("Überschrift", "ja"))),
     NO_OPERATORS),
    ("x -http://y", "x", NO_OPERATORS, Operators(words=("http://y",))),
]  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_what_makes_no_sense_as_a_sign_is_words(text: str) -> None:
    assert read(text) == Parsed(text)


@pytest.mark.parametrize(("text", "words", "wanted", "unwanted"), SIGNS)
def test_signs_are_taken_apart_from_words(
    text: str, words: str, wanted: Operators, unwanted: Operators
) -> None:
    assert read(text) == Parsed(words, wanted, unwanted)


@pytest.mark.parametrize(
    "text",
    [
        'First line -not\n"second line"',
        "word " * 80 + '-word "two words"',
        'x\r-y "z w"',
        "a" * LONGEST + " -b",
    ],
)
def test_a_pasted_text_is_words(text: str) -> None:
    assert read(text) == Parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "jet interference with supersonic flow -dash experimental papers .",
        'Mouse models can be generated using "artificial spermatids."',
        "Differentiated E2f-1, -two, -3 TKO cells do not exhibit apoptosis.",
    ],
)
def test_a_sentence_is_words_and_its_signs_are_known_to_be_there(text: str) -> None:
    assert read(text) == Parsed(text, signs_ignored=True)


def test_a_sentence_without_signs_has_none_to_ignore() -> None:
    assert read("The ratio of a: b is well-known to be five.") == Parsed(
        "The ratio of a: b is well-known to be five."
    )


def test_a_short_question_that_ends_with_a_stop_has_signs() -> None:
    assert read('"to be" -not.').unwanted.words == ("not.",)
    assert read('"one two three four five six."').wanted.phrases == ("one two three four five six.",)


pieces = st.sampled_from(
    [
        '"',
        "“",
        "”",
        "„",
        "«",
        "-",
        "*",
        ":",
        "::",
        "//",
        " ",
        "\u3000",
        "\n",
        "label",
        "author",
        "a",
        "snow",
        "é",
        "猫",
        ".",
        "5",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=25).map("".join)))
def test_any_text_is_a_question(text: str) -> None:
    parsed = read(text)
    assert parsed.is_plain == (not parsed.wanted and not parsed.unwanted)
    if parsed.is_plain:
        assert parsed.words == text
    said = (parsed.wanted, parsed.unwanted)
    assert all(any(map(str.isalnum, phrase)) for operators in said for phrase in operators.phrases)
    assert all(key in FIELDS and value for operators in said for key, value in operators.fields)
    assert all(len(prefix) > 1 for operators in said for prefix in operators.prefixes)


@given(st.text(alphabet=string.ascii_letters + string.digits + "äßЖ漢 .,;'()-/&", max_size=60))
def test_plain_words_are_what_they_were(text: str) -> None:
    """No sign is in these but a dash inside of words: a part that begins with one excludes, whatever it is."""
    words = " ".join(part for part in text.split(" ") if not part.startswith("-"))
    assert read(words) == Parsed(words)


@given(st.text(max_size=80))
def test_what_may_have_no_signs_has_none(text: str) -> None:
    if not may_have_operators(text):
        assert read(text).is_plain


@given(st.lists(st.text(alphabet="abcé1", min_size=1, max_size=6), min_size=1, max_size=4))
def test_what_is_shown_is_read_as_the_same(words: list[str]) -> None:
    phrase = " ".join(words)
    operators = Operators(phrases=(phrase,), fields=(("label", phrase),))
    assert read(" ".join(operators.shown())).wanted == operators
