import unicodedata

import pytest

from semhash.text import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Quick brown fox", ["the", "quick", "brown", "fox"]),
        ("don't snake_case 486DX, a b", ["don", "snake", "case", "486dx"]),
        ("naïve CAFÉ Straße", ["naïve", "café", "straße"]),
        ("ﬁne ｆｕｌｌ", ["fine", "full"]),
        ("Привет, мир", ["привет", "мир"]),
        ("हिन्दी में लिखा", ["हिन्दी", "में", "लिखा"]),
        ("東京都に", ["東京", "京都", "都に"]),
        ("水 and 東京", ["水", "and", "東京"]),
        ("word\x00another\ud800third", ["word", "another", "third"]),
        ("", []),
        ("!!! … —", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["Café au lait", "Ünïcödé wörds", "Ελληνικά γράμματα"])
def test_composed_and_decomposed_text_give_the_same_words(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


def test_the_fast_path_for_ascii_agrees_with_the_general_one() -> None:
    text = "Mixed CASE, numbers 3.14 and under_scores; tabs\tand\nlines x1 y"
    assert words(text + " éé") == [*words(text), "éé"]


def test_the_fast_path_for_latin_text_agrees_with_the_one_for_all_scripts() -> None:
    text = "Déjà vu — “quoted” 10² naïve_thing"
    assert words(text + " हिन्दी")[:-1] == words(text)
