"""Phrases in texts: by their words, whatever stands between them, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.analysis.phrases import Phrase, SpacedText


def held(phrase: str, text: str, *, folds: bool = True) -> bool:
    return bool(SpacedText(text, folds=folds).count(Phrase(phrase, folds=folds)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("heavy snow", "Heavy  SNOW, fell"),
        ("heavy snow", "it was heavy\nsnow"),
        ("paris france", "in Paris, France."),
        ("to be or not to be", "To be, or not to be: that"),
        ("well known", "a well-known man"),
        ("well-known", "a well known man"),
        ("e-mail", "an e-mail"),
        ("e-mail", "an Email"),
        ("email", "an e-mail"),
        ("e mail", "an e-mail"),
        ("usa", "the U.S.A. of"),
        ("hôtel de ville", "à l’hôtel de ville"),
        ("l'hôtel", "l’hôtel"),
        ("o'brien", "Mr O’Brien said"),
        ("dog's life", "a dog’s life"),
        ("obrien", "Mr O'Brien said"),
        ("creme brulee", "la crème brûlée est"),
        ("crème brûlée", "CREME BRULEE"),
        ("straße", "die STRASSE"),
        ("max retry count", "set max_retry_count"),
        ("python 3.11", "Python 3.11.7"),
        ("1234567 others", "with 1,234,567 others"),
        ("c++ compiler", "a C++ compiler"),
        ("f# code", "F# code"),
        ("研究人员", "今天下午研究人\n员在实验室"),
        ("热茶", "喝一杯热茶，然后"),
        ("サーバー", "社内ｻｰﾊﾞｰの"),
        ("서울에서 열린", "어제 서울에서 열린 회의"),
        ("서울", "어제 서울에서"),
        ("ตลาดน้ำ", "ที่ตลาดน้ำกับ"),
        ("किताबों को", "बच्चों ने किताबों को मेज"),
        ("صباحا", "صباحًا مع"),
        ("ıspanak", "ISPANAK"),
        ("soft hyphen", "so\u00adft hyphen"),
    ],
)
def test_a_phrase_is_found_however_it_is_set(phrase: str, text: str) -> None:
    assert held(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("heavy snow", "snow heavy"),
        ("heavy snow", "heavy rain and snow"),
        ("heavy snow", "heavy snowfall"),
        ("heavy snow", "topheavy snow"),
        ("run", "running runs"),
        ("c compiler", "a C++ compiler"),
        ("12", "pages 1-2"),
        ("311", "3.11"),
        ("人员研究", "研究人员"),
        ("किताब", "किताबों"),
        ("patients", "a patient's"),
        ("patients", "le PATIENT’S été"),
        ("", "anything"),
        ("...", "anything ..."),
    ],
)
def test_a_phrase_is_not_found_in_what_is_like_it(phrase: str, text: str) -> None:
    assert not held(phrase, text)


def test_accents_count_where_nothing_is_folded() -> None:
    assert not held("resume", "his résumé", folds=False)
    assert held("résumé", "his RÉSUMÉ", folds=False)


@pytest.mark.parametrize(("word", "n"), [("a", 3), ("a a", 1), ("b", 1)])
def test_occurrences_are_counted(word: str, n: int) -> None:
    assert SpacedText("A a b; a").count(Phrase(word)) == n


@given(st.text(max_size=80), st.integers(0, 30), st.integers(1, 30))
def test_any_stretch_between_blanks_is_found_in_its_text(text: str, start: int, length: int) -> None:
    words = text.split()
    phrase = Phrase(" ".join(words[start : start + length]))
    assert not phrase or SpacedText(" ".join(words)).count(phrase)
