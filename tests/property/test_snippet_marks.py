import unicodedata
from itertools import pairwise

import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from semhash.analysis.analyzer import Analyzer
from semhash.analysis.questions import QuestionAnalyzer
from semhash.asking.snippet import _on_one_line, make_snippet

ALPHABET = st.sampled_from(
    [*"abAB12 é_-'.+\n\t", "ß", "İ", "\u0301", "\u00ad", "月", "の", "石", "ก", "\x1b", "\u202e", "𝒳", "ﬁ"]
)
TEXTS = st.text(ALPHABET, max_size=400) | st.text(max_size=100)
WIDTHS = st.integers(20, 200)
ANALYZERS = st.sampled_from(
    [QuestionAnalyzer(Analyzer(name), {name: 1}) for name in ("none", "english", "german")]
)


def spaced(text: str) -> str:
    return regex.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=4), WIDTHS, ANALYZERS)
def test_a_snippet_is_a_passage_of_the_text_with_marks_inside_it(
    text: str, wanted: list[str], width: int, analyzer: QuestionAnalyzer
) -> None:
    found = make_snippet(text, wanted, analyzer, width)
    assert found.text.removeprefix("… ").removesuffix(" …").rstrip() in _on_one_line(text)
    assert len(found.text) <= width * 9 // 8 + 4
    assert all(0 <= start < end <= len(found.text) for start, end in found.marks)
    assert all(end <= start for (_, end), (start, _) in pairwise(found.marks))


@settings(deadline=None, max_examples=150)
@given(TEXTS, WIDTHS, ANALYZERS, st.data())
def test_a_word_of_the_text_is_shown_and_marked(
    text: str, width: int, analyzer: QuestionAnalyzer, data: st.DataObject
) -> None:
    """What is marked is counted as the term that was wanted."""
    composed = " ".join(unicodedata.normalize("NFKC", text).split())
    words = [
        word for word in analyzer.words(composed) if word.main.isascii() and len(word.main) <= width // 2
    ]
    assume(words)
    term = data.draw(st.sampled_from(words)).main
    found = make_snippet(composed, [term], analyzer, width)
    for start, end in found.marks:
        # A stop before a name (.NET) or a sign behind it is part of the word, but may be left unmarked.
        shown = (found.text[start:end], found.text[max(0, start - 3) : end + 3])
        assert term in {t for text in shown for word in analyzer.words(text) for t in word.weights()}


@settings(deadline=None)
@given(TEXTS, WIDTHS, ANALYZERS)
def test_without_wanted_words_it_is_the_beginning(text: str, width: int, analyzer: QuestionAnalyzer) -> None:
    found = make_snippet(text, [], analyzer, width)
    assert found.marks == ()
    assert _on_one_line(text).startswith(found.text.removesuffix(" …"))


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127) | st.sampled_from("abAB1 _-\x1c\n"), max_size=200))
def test_ascii_is_put_on_one_line_as_any_other_text(text: str) -> None:
    assert _on_one_line(text) == spaced(text)
