import io
import unicodedata
import zlib
from itertools import pairwise
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from semhash.analysis.analyzer import Analyzer
from semhash.analysis.questions import QuestionAnalyzer
from semhash.analysis.tokens import composed, spans
from semhash.asking.finding import Finder, Searchable
from semhash.asking.snippet import make_snippet
from semhash.catalogue.stored_text import StoredText

ALPHABET = st.sampled_from(
    [*"abAB12 é_-'.+\n\t", "ß", "İ", "\u0301", "\u00ad", "月", "の", "石", "ก", "\x1b", "\u202e", "𝒳", "ﬁ"]
)
TEXTS = st.text(ALPHABET, max_size=400) | st.text(max_size=100)
WIDTHS = st.integers(20, 200)
ANALYZERS = st.sampled_from(
    [QuestionAnalyzer(Analyzer(name), {name: 1}) for name in ("none", "english", "german")]
)


def on_one_line(text: str) -> str:
    return " ".join(composed(text).split())


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=4), WIDTHS, ANALYZERS)
def test_a_snippet_is_a_passage_of_the_text_with_marks_inside_it(
    text: str, wanted: list[str], width: int, analyzer: QuestionAnalyzer
) -> None:
    found = make_snippet(text, wanted, analyzer, width)
    assert found.text.removeprefix("… ").removesuffix(" …").rstrip() in on_one_line(text)
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
    assert on_one_line(text).startswith(found.text.removesuffix(" …"))


# Words whose stems are least like them, as seen in whole corpora of each language.
WORDS = {
    "english": "dying lie happily running news Skies C++ .NET don't O'Brien X-ray getUserName v1.2rc1 1,234,567",
    "german": "Daemon Dämonen Bluetooth Menüeinträge grosse Straße STRASSE Aktuelle für Bücher uevents",
    "french": "récemment indicateur applications précédemment chevaux l'hôtel œuvre OEuvre",
    "finnish": "expression puuttuessa näytettäessä muttei kirjoitettaessa array",
    "danish": "Aarhus århus raadt bøger øl kommaadskilt",
    "turkish": "kitabı Iğdır İstanbul aşağıdakine ağacı",
    "dutch": "gebruik manen opgeslagen informatie gegevens brieven",
    "russian": "книгами Ёлка ещё страница DYING",
    "arabic": "والكتاب كِتَاب المدرسة",
    "japanese": "月の石 パーティー ﾃﾞｰﾀ Ｌｉｎｕｘ",
    "korean": "한국어를 대한민국",
    "hindi": "किताबें कमी है",
}
GLUE = st.sampled_from([" ", "\n", ", ", "-", "_", "/", ".", "’", "\u00ad", "、", '"', "\u0301 "])


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, list[str], QuestionAnalyzer]:
    languages = draw(st.lists(st.sampled_from([*WORDS]), min_size=1, max_size=2, unique=True))
    words = st.sampled_from([word for language in languages for word in WORDS[language].split()])
    written = st.tuples(words, st.sampled_from(["strip", "upper", "lower", "title"]), GLUE)
    text = "".join(getattr(word, how)() + glue for word, how, glue in draw(st.lists(written, max_size=30)))
    analyzer = QuestionAnalyzer(Analyzer("auto"), dict.fromkeys(languages, 1))
    asked = analyzer.words(" ".join(draw(st.lists(words, max_size=4))))
    return composed(text), [term for word in asked for term in word.weights()], analyzer


@settings(deadline=None, max_examples=300)
@given(questions())
def test_the_words_that_are_found_are_those_that_every_word_looked_at_gives(
    question: tuple[str, list[str], QuestionAnalyzer],
) -> None:
    text, wanted, analyzer = question
    among = frozenset(wanted)
    counted = [(start, end) for token, start, end in spans(text) if analyzer.terms(token) & among]
    found = [*Finder(wanted, analyzer).find(Searchable(text), among)]
    assert found == sorted(found)
    assert all(any(start <= a and b <= end for a, b, _ in found) for start, end in counted)
    assert all(term in among for _, _, term in found)


@given(st.text(max_size=300), st.lists(st.integers(0, 50)), st.text(max_size=2) | st.integers(0, 9))
def test_a_stored_text_is_read_part_by_part(text: str, sizes: list[int], prefix: str | int) -> None:
    prefix = text[:prefix] if isinstance(prefix, int) else prefix
    stored, left = StoredText(zlib.compress(text.encode()), Path("c.sqlite")), io.StringIO(text, newline="")
    stored.skip(prefix)
    left.seek(len(prefix) if text.startswith(prefix) else 0)
    for size in [*sizes, 1000]:
        assert stored.read(size) == left.read(size)
