import unicodedata
from itertools import pairwise

import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from semhash.asking.snippet import _on_one_line, _spans, make_snippet
from semhash.text import words

ALPHABET = st.sampled_from(
    [*"abAB12 é_-'\n\t", "ß", "İ", "\u0301", "月", "の", "石", "ก", "\x1b", "\u202e", "𝒳", "ﬁ"]
)
TEXTS = st.text(ALPHABET, max_size=400) | st.text(max_size=100)
WIDTHS = st.integers(20, 200)


def spaced(text: str) -> str:
    return regex.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=4), WIDTHS)
def test_a_snippet_is_a_passage_of_the_text_with_marks_inside_it(
    text: str, wanted: list[str], width: int
) -> None:
    found = make_snippet(text, wanted, width)
    assert found.text.removeprefix("… ").removesuffix(" …").rstrip() in spaced(text)
    assert len(found.text) <= width * 9 // 8 + 4
    assert all(0 <= start < end <= len(found.text) for start, end in found.marks)
    assert all(end <= start for (_, end), (start, _) in pairwise(found.marks))


@settings(deadline=None, max_examples=150)
@given(TEXTS, WIDTHS, st.data())
def test_a_word_of_the_text_is_shown_and_marked(text: str, width: int, data: st.DataObject) -> None:
    composed = unicodedata.normalize("NFKC", text)
    shown = [word for word in words(composed) if word in spaced(composed).lower() and len(word) <= width // 2]
    assume(shown)
    word = data.draw(st.sampled_from(shown))
    found = make_snippet(composed, [word], width)
    assert found.marks
    for start, end in found.marks:
        assert word in unicodedata.normalize("NFKC", found.text[start:end]).lower()


@settings(deadline=None)
@given(TEXTS, WIDTHS)
def test_without_wanted_words_it_is_the_beginning(text: str, width: int) -> None:
    found = make_snippet(text, [], width)
    assert found.marks == ()
    assert spaced(text).startswith(found.text.removesuffix(" …"))


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127) | st.sampled_from("abAB1 _-\x1c\n"), max_size=200), st.data())
def test_ascii_is_cut_as_any_other_text(text: str, data: st.DataObject) -> None:
    """What is done the fast way against the plain one: every run, one after the other."""
    line = spaced(text)
    assert _on_one_line(text) == line
    runs = [
        (run.start(), run.end(), run.group().lower()) for run in regex.finditer(r"[\p{L}\p{N}\p{M}]+", line)
    ]
    held = [word for _, _, word in runs]
    wanted = data.draw(st.lists(st.sampled_from([*held, "a", "ab", "b1", "a-b", ""]), max_size=5))
    assert _spans(line, wanted) == [run for run in runs if run[2] in wanted]
