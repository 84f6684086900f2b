"""The languages that are known: their names, their codes, their stemmers and the script they are written in."""

from dataclasses import dataclass

from semhash.errors import ConfigError

__all__ = [
    "LANGUAGES",
    "NONE",
    "Language",
    "by_iso",
    "by_name",
    "language_named",
    "language_numbered",
    "listed",
]


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes
    ----------
    number : int
        What it is called in the files of an index: never given to another one.
    name : str
        Its English name, in small letters.
    codes : tuple of str
        ISO 639 codes, that of two letters first.
    script : str
        The script of its words, as `semhash.analysis.tokens.script_of` names it.
    stemmer : str
        The Snowball stemmer; empty where there is none.
    """

    number: int
    name: str
    codes: tuple[str, ...]
    script: str = "latin"
    stemmer: str = ""


_TABLE = """
1 arabic ar,ara arabic arabic
2 armenian hy,hye armenian armenian
3 basque eu,eus latin basque
4 bulgarian bg,bul cyrillic
5 catalan ca,cat latin catalan
6 chinese zh,zho han
7 croatian hr,hrv latin
8 czech cs,ces latin czech
9 danish da,dan latin danish
10 dutch nl,nld latin dutch
11 english en,eng latin english
12 esperanto eo,epo latin esperanto
13 estonian et,est latin estonian
14 finnish fi,fin latin finnish
15 french fr,fra latin french
16 german de,deu latin german
17 greek el,ell greek greek
18 gujarati gu,guj gujarati
19 hebrew he,heb hebrew
20 hindi hi,hin devanagari hindi
21 hungarian hu,hun latin hungarian
22 icelandic is,isl latin
23 indonesian id,ind latin indonesian
24 irish ga,gle latin irish
25 italian it,ita latin italian
26 japanese ja,jpn kana
27 korean ko,kor hangul
28 latvian lv,lav latin
29 lithuanian lt,lit latin lithuanian
30 macedonian mk,mkd cyrillic
31 malaysian ms,msa latin indonesian
32 nepali ne,nep devanagari nepali
33 norwegian no,nor,nb,nob,nn,nno latin norwegian
34 persian fa,fas arabic persian
35 polish pl,pol latin polish
36 portuguese pt,por latin portuguese
37 romanian ro,ron latin romanian
38 russian ru,rus cyrillic russian
39 serbian sr,srp cyrillic serbian
40 slovak sk,slk latin
41 slovenian sl,slv latin
42 spanish es,spa latin spanish
43 swedish sv,swe latin swedish
44 tamil ta,tam tamil tamil
45 thai th,tha thai
46 turkish tr,tur latin turkish
47 ukrainian uk,ukr cyrillic
48 urdu ur,urd arabic
49 vietnamese vi,vie latin
50 yiddish yi,yid hebrew
51 belarusian be,bel cyrillic
52 burmese my,mya myanmar
53 khmer km,khm khmer
54 lao lo,lao lao
"""


def _parsed(line: str) -> Language:
    number, name, codes, script, *stemmer = line.split()
    return Language(int(number), name, tuple(codes.split(",")), script, "".join(stemmer))


NONE = Language(0, "none", ())
"""No language: words are folded and not stemmed."""

LANGUAGES: tuple[Language, ...] = tuple(_parsed(line) for line in _TABLE.strip().splitlines())
"""All of them, by name."""

by_name = {language.name: language for language in (NONE, *LANGUAGES)}
by_iso = {code: language for language in LANGUAGES for code in language.codes}
_BY_NUMBER = {language.number: language for language in (NONE, *LANGUAGES)}


def language_named(name: str) -> Language:
    """Give the language of a name or an ISO 639 code; ``none`` is `NONE`.

    Raises
    ------
    ConfigError
        There is none.
    """
    found = by_name.get(name) or by_iso.get(name)
    if found is None:
        raise ConfigError(f"language: expected auto, none, or one of {listed()}, found {name!r}")
    return found


def language_numbered(number: int) -> Language:
    """Give the language that an index has a number for; `NONE` for a number that is nobody's."""
    return _BY_NUMBER.get(number, NONE)


def listed() -> str:
    """Name all languages with their codes, as part of a message."""
    return ", ".join(f"{language.name} ({language.codes[0]})" for language in LANGUAGES)
