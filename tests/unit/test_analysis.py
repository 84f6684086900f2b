"""From text to terms: tokens, spellings, folding, stems, languages."""

import re
import unicodedata

import numpy as np
import pytest

from semhash.analysis import spelling
from semhash.analysis.analyzer import Analyzer, is_exact
from semhash.analysis.detection import guess, guess_at_once, guess_by_library
from semhash.analysis.folding import folded
from semhash.analysis.languages import LANGUAGES, NONE, Language, by_name, language_named
from semhash.analysis.questions import EXACT_WEIGHT, QuestionAnalyzer
from semhash.analysis.settling import Guesses, as_guess, languages_of, quick_guess, settled
from semhash.analysis.spelling import spelled
from semhash.analysis.stopwords import LISTED, stop_words
from semhash.analysis.tokens import spans, tokens
from semhash.errors import ConfigError


def written(text: str) -> list[str]:
    return [word.lower() for token in tokens(text) for word in spelled(token)]


def table() -> list[tuple[str, list[str]]]:
    found = [re.match(r"``(\S+)`` +(.*?)(?:   .*)?$", line) for line in (spelling.__doc__ or "").splitlines()]
    return [(match[1], match[2].split(", ")) for match in found if match]


@pytest.mark.parametrize(("token", "expected"), table())
def test_the_table_of_spellings_is_as_it_says(token: str, expected: list[str]) -> None:
    assert written(token) == expected


def test_the_table_was_found() -> None:
    assert len(table()) > 25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Quick brown fox.", ["the", "quick", "brown", "fox"]),
        ("vitamin C, R and F#.", ["vitamin", "c", "r", "and", "f#"]),
        ("C++17 and C++, C#/.NET", ["c++", "17", "and", "c++", "c#", ".net", "net"]),
        ("1,234,567 or 1\u202f234\u202f567; 12,34", ["1234567", "or", "1234567", "12", "34"]),
        ("at 3.11.7. Then 10.5%", ["at", "3.11.7", "3.11", "then", "10.5"]),
        ("see http://example.com/a_path/index.html?x=1#top", [
            "see", "http", "example", "com", "apath", "a", "path", "index", "html", "x", "1", "top",
        ]),
        ("mail o.neil@example.org #hashtag", ["mail", "o", "neil", "example", "org", "hashtag"]),
        ("co\u00adoperate co\u2011operative", ["cooperate", "co", "operative", "cooperative"]),
        ("O’Brien’s", ["obriens", "brien"]),
        ("1990–2000", ["1990", "2000"]),
        ("ﬁne ｆｕｌｌ ２０２４", ["fine", "full", "2024"]),
        ("don’t DON'T dont", ["dont", "dont", "dont"]),
        ("word\x00another\ud800third", ["word", "another", "third"]),
        ("!!! … — -- ' . + #", []),
        ("", []),
        ("社内サーバーの", ["社", "内", "社内", "内サ", "サー", "ーバ", "バー", "ーの"]),
        ("2024年COVID-19", ["2024", "年", "covid", "19", "covid19"]),
        ("研究人\n员在", ["研", "究", "人", "员", "在", "研究", "究人", "人员", "员在"]),
        ("研究\n\n员在", ["研", "究", "研究", "员", "在", "员在"]),
        ("서울에서 온", ["서울에서", "서울", "울에", "에서", "온"]),
        ("KBS는", ["kbs", "는"]),
        ("ตลาด", ["ต", "ลา", "ด", "ตลา", "ลาด"]),
        ("ភាសា", ["ភា", "សា", "ភាសា"]),
        ("ພາສາ", ["ພາ", "ສາ", "ພາສາ"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("צה״ל צה\"ל", ["צהל", "צהל"]),
        ("العـــربية", ["العربية"]),
    ],
)  # fmt: skip
def test_texts_are_cut_into_written_words(text: str, expected: list[str]) -> None:
    assert written(text) == expected


@pytest.mark.parametrize("text", ["Café au lait", "Ünïcödé wörds", "Ελληνικά γράμματα", "한국어 가"])
def test_composed_and_decomposed_text_give_the_same_words(text: str) -> None:
    assert written(unicodedata.normalize("NFD", text)) == written(unicodedata.normalize("NFC", text))


def test_the_fast_ways_agree_with_the_general_one() -> None:
    text = "Mixed CASE, 3.14 under_scores; tabs\tand\nlines. C++ x-y, 1,234,567 don't. U.S.A. end."
    assert written(text + " हिन्दी")[:-1] == written(text + " é")[:-1] == written(text)


def test_what_is_shown_is_found_where_it_stands() -> None:
    line = "Das Ge\u00adsamt\u00adkonzept, O’Brien; 東京の 1,234,567 e\u0301te\u0301"
    found = {token: line[start:end] for token, start, end in spans(line)}
    assert found["Gesamtkonzept"] == "Ge\u00adsamt\u00adkonzept"
    assert found["O'Brien"] == "O’Brien"
    assert found["東京"] == "東京"
    assert found["été"] == "e\u0301te\u0301"
    assert [token for token, _, _ in spans("1,234,567 and 12,5")] == ["1234567", "and", "12", "5"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("café", "cafe"), ("straße", "strasse"), ("æble", "aeble"), ("œuvre", "oeuvre"), ("øre", "ore"),
        ("łódź", "lodz"), ("đà", "da"), ("þing", "thing"), ("ığdır", "igdir"), ("ёлка", "елка"), ("чай", "чай"),
        ("їжа", "їжа"), ("λόγος", "λογοσ"), ("كِتَاب", "كتاب"), ("أحمد", "احمد"), ("مدرسة", "مدرسه"), ("על־יָד", "על־יד"),
        ("ｶ", "ｶ"), ("が", "が"), ("हिन्दी", "हिन्दी"), ("٢٠٢٤", "2024"), ("tiếng", "tieng"),
    ],
)  # fmt: skip
def test_words_are_folded(word: str, expected: str) -> None:
    assert folded(word) == expected


# A word as a text of the language has it, and as somebody may ask for it.
MET = {
    "english": [("naïve", "naive"), ("résumés", "resume"), ("encryption", "encrypt"), ("bodies", "body")],
    "german": [
        ("Straße", "STRASSE"),
        ("Fußgängern", "fussganger"),
        ("Häuser", "Haus"),
        ("Bücher", "bucher"),
        ("Müller", "Mueller"),
    ],
    "french": [("crème", "creme"), ("brûlée", "brulee"), ("chevaux", "cheval"), ("l’hôtel", "hotel")],
    "spanish": [("canciones", "cancion"), ("niños", "nino"), ("corazón", "corazon")],
    "portuguese": [("informações", "informacoes"), ("corações", "coracoes")],
    "italian": [("dell'università", "universita"), ("gatti", "gatto")],
    "swedish": [("flickorna", "flicka"), ("böcker", "bocker"), ("ångström", "angstrom")],
    "danish": [("Århus", "Aarhus"), ("bøgerne", "boger"), ("hundene", "hund")],
    "norwegian": [("fjellene", "fjell"), ("båten", "baten")],
    "dutch": [("boeken", "boek"), ("ruïnes", "ruines")],
    "finnish": [("taloissa", "talo"), ("kirjastossa", "kirjasto")],
    "hungarian": [("könyvek", "konyv"), ("házban", "haz")],
    "polish": [("książki", "ksiazki"), ("Łodzi", "lodzi")],
    "czech": [("knihy", "kniha"), ("řeky", "reky")],
    "romanian": [("orașele", "orasele"), ("băieți", "baieti")],
    "turkish": [
        ("İstanbul'da", "istanbul"),
        ("IZGARA", "ızgara"),
        ("Izgara", "izgara"),
        ("kitaplar", "kitap"),
    ],
    "russian": [("ёлки", "елка"), ("площади", "площадь"), ("зелёная", "зеленый")],
    "ukrainian": [("Пам’ять", "пам'ять"), ("памʼять", "память")],
    "greek": [("Λόγος", "λογος"), ("βιβλία", "ΒΙΒΛΙΑ")],
    "arabic": [("كِتَابًا", "كتاب"), ("أحمد", "احمد"), ("المدرسة", "مدرسه"), ("العـربية", "عربية")],
    "hebrew": [("שָׁלוֹם", "שלום")],
    "vietnamese": [("tiếng", "tieng")],
    "hindi": [("किताबों", "किताब")],
}


@pytest.mark.parametrize(
    ("language", "held", "asked"), [(name, *pair) for name, pairs in MET.items() for pair in pairs]
)
def test_a_word_is_met_however_it_is_written(language: str, held: str, asked: str) -> None:
    document = Analyzer(language).terms(held)
    question = QuestionAnalyzer(Analyzer(language), {language: 1}).words(asked)
    assert set(document) & {term for word in question for term in word.weights()}


def test_the_exact_form_weighs_more_than_the_folded_one() -> None:
    question = QuestionAnalyzer(Analyzer("english"), {"english": 1})
    analyzer = Analyzer("english")

    def score(asked: str, held: str) -> float:
        weights = {term: weight for word in question.words(asked) for term, weight in word.weights().items()}
        return sum(weights.get(term, 0.0) for term in set(analyzer.terms(held)))

    assert score("café", "café") == 1 + EXACT_WEIGHT > score("café", "cafe") == score("cafe", "café") == 1
    assert is_exact("café")
    assert not any(map(is_exact, ("cafe", "東京", "كتاب", "c++", "й")))


def test_what_is_over_long_is_no_word() -> None:
    assert Analyzer("none").terms("x" * 65) == []
    assert Analyzer("none").terms("x" * 64) == ["x" * 64]
    assert Analyzer("none").terms("ab-" * 100) == ["ab"] * 100


def test_a_word_in_another_script_is_taken_for_another_language() -> None:
    assert Analyzer("russian").terms("книги about encryption") == ["книг", "about", "encrypt"]
    assert Analyzer("none").terms("книги about encryption") == ["книги", "about", "encryption"]


TEXTS = {
    "english": "The cat sleeps on the table and the dog is in the garden.",
    "german": "Die Katze schläft auf dem Tisch und der Hund ist im Garten.",
    "french": "Le chat dort sur la table et le chien est dans le jardin.",
    "spanish": "El gato duerme en la mesa y el perro está en el jardín.",
    "italian": "Il gatto dorme sul tavolo e il cane è nel giardino della casa.",
    "portuguese": "O gato dorme em cima da mesa e o cão está no jardim da casa.",
    "dutch": "De kat slaapt op de tafel en de hond is in de tuin van het huis.",
    "swedish": "Katten sover på bordet och hunden är i trädgården med en boll.",
    "polish": "Kot śpi na stole, a pies jest w ogrodzie i nie chce się bawić.",
    "hungarian": "A macska az asztalon alszik, és a kutya a kertben van, de nem ugat.",
    "russian": "Кошка спит на столе, а собака гуляет в саду и не хочет домой.",
    "ukrainian": "Кішка спить на столі, а собака гуляє у саду і не хоче додому, бо ще рано.",
    "greek": "Η γάτα κοιμάται στο τραπέζι και ο σκύλος είναι στον κήπο.",
    "japanese": "猫はテーブルの上で眠り、犬は庭にいます。",
    "chinese": "猫在桌子上睡觉，狗在花园里。",
    "korean": "고양이는 탁자 위에서 자고 개는 정원에 있습니다.",
    "thai": "แมวนอนบนโต๊ะและสุนัขอยู่ในสวน",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_tells_its_language(language: str) -> None:
    text = TEXTS[language]
    assert guess(text, tokens(text)) == (by_name[language], True)


@pytest.mark.parametrize("text", ["", "12345 67", "xkcd", "?!"])
def test_what_says_nothing_is_in_no_language(text: str) -> None:
    assert guess(text, tokens(text)) == (NONE, False)


def made(*guesses: tuple[str, bool, int]) -> np.ndarray:
    listed = [as_guess(by_name[name], sure) for name, sure, n in guesses for _ in range(n)]
    return np.array(listed, dtype=np.int16)


@pytest.mark.parametrize(
    ("guesses", "known", "expected"),
    [
        ([("english", True, 2000), ("french", True, 2)], None, {"english": 2002}),
        (
            [("english", True, 90), ("german", True, 1), ("none", False, 5)],
            None,
            {"english": 95, "german": 1},
        ),
        ([("english", True, 9), ("german", False, 3)], None, {"english": 12}),
        ([("german", True, 9), ("none", False, 3)], None, {"german": 12}),
        ([("german", False, 9), ("dutch", False, 1)], None, {"german": 10}),
        ([("german", False, 1)], {"english": 50, "german": 1}, {"german": 1}),
        ([("german", True, 1)], {"english": 50}, {"german": 1}),
        ([("german", True, 1)], {"english": 5000}, {"english": 1}),
        (
            [("russian", True, 5), ("english", True, 5), ("bulgarian", False, 1)],
            None,
            {"russian": 6, "english": 5},
        ),
        ([("none", False, 4)], None, {"none": 4}),
        ([], {"german": 3}, {}),
        ([("french", False, 9), ("none", False, 2)], {"english": 5000, "none": 3}, {"english": 11}),
        ([("greek", False, 1), ("czech", True, 1)], {"english": 400}, {"czech": 1, "greek": 1}),
        ([("czech", False, 1), ("none", False, 1)], {}, {"czech": 1, "none": 1}),
    ],
)
def test_few_guesses_among_many_are_voted_down(
    guesses: list[tuple[str, bool, int]], known: dict[str, int] | None, expected: dict[str, int]
) -> None:
    assert languages_of(settled(made(*guesses), known)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "猫がテーブルの上で眠る。漢\u3099字、ハ\u309aン、ー",
        "แมวนอนบนโต๊ะ เด็ก ๆ ក្រុម",
        "고양이는 탁자 위에서 자고 나",
        "中 文x字 한글漢字かな ﬁnal Ⅳ",
    ],
)
def test_tokens_are_those_of_spans_whatever_the_script(text: str) -> None:
    prepared = unicodedata.normalize("NFKC", text)
    assert tokens(prepared) == [token for token, _, _ in spans(prepared)]


OPEN_TEXTS = (
    "Kopie souboru se v adresáři",
    "brevets et marques déposés",
    "Un nuevo metodo",
    "Nimi kopioi tiedoston",
    "Kombinatorik endlicher Gruppen: Untersuchungen",
)


@pytest.mark.parametrize(
    ("corpus", "known", "asked"),
    [
        ((("english", 3000),), None, 0),
        ((("english", 3000), ("greek", 100), ("japanese", 9)), None, 0),
        ((("english", 300),), None, 5),  # one alone may make a language of so few
        ((("english", 3000), ("german", 40)), None, 5),
        ((("english", 30),), {"english": 5000, "russian": 3}, 0),
        ((("english", 30),), {"english": 400}, 5),
        ((("english", 30),), {"english": 5000, "german": 300}, 5),
        ((), None, 5),
    ],
)
def test_the_library_is_asked_only_where_its_answer_changes_something(
    corpus: tuple[tuple[str, int], ...],
    known: dict[str, int] | None,
    asked: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [TEXTS[language] for language, n in corpus for _ in range(n)] + list(OPEN_TEXTS)
    cuts = {text: tokens(text) for text in set(texts)}
    by_text = {text: as_guess(*guess(text, cut)) for text, cut in cuts.items()}
    expected = settled(np.array([by_text[text] for text in texts], dtype=np.int16), known)
    met = []

    def library(text: str) -> tuple[Language, bool]:
        met.append(text)
        return guess_by_library(text)

    monkeypatch.setattr("semhash.analysis.settling.guess_by_library", library)
    guesses = Guesses(known)
    quick = {text: quick_guess(text, cut) for text, cut in cuts.items()}
    for text in texts:
        guesses.add(quick[text], text)
    assert guesses.settled().tolist() == expected.tolist()
    assert len(met) == asked


@pytest.mark.parametrize(
    "text",
    [
        "La base des données est dans le dossier et les fichiers sont avec elle",
        "Las bases de los datos no son para el uso de los que no tienen una",
        "Die Datei ist nicht in dem Ordner und wird von der Anwendung nicht gelesen",
    ],
)
def test_clear_function_words_need_no_library(text: str) -> None:
    at_once = guess_at_once(text, tokens(text))
    assert at_once is not None
    assert at_once == guess_by_library(text)
    assert at_once[1]


def test_english_that_a_translator_has_left_is_no_sign() -> None:
    text = "NÉV\nsleep - várakozás\n\nLEÍRÁS\n\nPause for a number, in a unit as may be put on by this or on an other"
    assert guess_at_once(text, tokens(text)) is None


def test_a_question_is_analysed_in_every_language_that_it_may_be_in() -> None:
    question = QuestionAnalyzer(Analyzer(), {"english": 5, "german": 3, "russian": 2})
    [running, houses] = question.words("nationalities книги")
    assert set(running.weights()) >= {
        *Analyzer("english").terms("nationalities"),
        *Analyzer("german").terms("nationalities"),
    }
    assert set(houses.weights()) == set(Analyzer("russian").terms("книги"))


def test_languages_have_a_name_and_codes_of_their_own() -> None:
    assert len({language.number for language in LANGUAGES}) == len(LANGUAGES)
    codes = [code for language in LANGUAGES for code in language.codes]
    assert len(set(codes)) == len(codes)
    assert language_named("de") is language_named("deu") is language_named("german")
    with pytest.raises(
        ConfigError, match=r"expected auto, none, or one of .*english \(en\).*, found 'klingon'"
    ):
        language_named("klingon")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language.stemmer])
def test_every_stemmer_is_there(language: object) -> None:
    from semhash.analysis.stemming import stems

    assert stems("abc", language)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LISTED)
def test_stop_words_are_words_and_none_of_those_that_questions_are_about(language: str) -> None:
    listed = stop_words(language)
    assert all(word == word.lower() and "'" not in word for word in listed)
    assert by_name[language]
    assert not listed & {
        "fire",
        "system",
        "bill",
        "bottom",
        "find",
        "cry",
        "interest",
        "computer",
        "mill",
        "top",
    }
    with pytest.raises(ConfigError, match="expected none or one of"):
        stop_words("klingon")
