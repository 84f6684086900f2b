"""Which legacy encoding some bytes are in: chardet's candidates, weighed by how common and how plausible they are.

chardet knows which letters follow each other in a language, and gives a figure for every encoding. From a few dozen
bytes these figures are close to each other, and what decides is looked at here: whether the letters are those of a
language that is written in that encoding at all, whether scripts change inside a word, whether signs and capitals
stand where no language has them, how common the encoding is, and what other files of the corpus are in.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

__all__ = ["Ranking", "ranked", "with_prior"]

Ranking = tuple[tuple[tuple[str, ...], float], ...]
"""Encodings by Python's names, the likeliest first, each with its share of all that was weighed.

Those that read a text alike stand together, the most common first.
"""

# How common each is in files that declare none, against Windows-1252; what is not here is not guessed.
_COMMON = {
    **{
        "cp1252": 1.5,
        "cp1251": 1.0,
        "cp1250": 1.0,
        "cp1253": 1.0,
        "cp1254": 0.95,
        "cp1255": 1.0,
        "cp1256": 1.0,
    },
    **{"cp1257": 0.95, "cp1258": 0.9, "cp874": 1.0, "koi8-r": 1.0, "koi8-u": 0.95, "iso8859-2": 0.95},
    **{"iso8859-5": 0.8, "iso8859-6": 0.8, "iso8859-7": 0.9, "iso8859-8": 0.8, "iso8859-13": 0.8},
    **{"iso8859-15": 0.9, "iso8859-3": 0.4, "iso8859-4": 0.5, "iso8859-10": 0.4, "iso8859-16": 0.4},
    **{"cp866": 0.8, "cp850": 0.7, "cp437": 0.65, "cp852": 0.7, "cp857": 0.65, "cp737": 0.6, "cp862": 0.6},
    **{"cp775": 0.5, "cp855": 0.4, "cp1125": 0.5, "cp860": 0.4, "cp861": 0.45, "cp865": 0.45},
    **{"mac-roman": 0.65, "mac-latin2": 0.45, "mac-cyrillic": 0.5, "mac-greek": 0.4, "mac-turkish": 0.4},
    **{"cp932": 1.0, "euc_jis_2004": 1.0, "gb18030": 1.0, "big5hkscs": 1.0, "cp949": 1.0, "johab": 0.2},
    **{"hz": 1.0, "iso2022_jp_2": 1.0, "iso2022_kr": 1.0},
}
_OTHER_NAME = {"euc_jis_2004": "euc_jp", "iso2022_jp_2": "iso2022_jp_ext"}

# The letters beyond ASCII of each language, and behind a comma those that are rare in it.
_LETTERS = {
    "ca": "àçèéíïòóúü,",
    "cs": "áčéěířšůúýž,ďňóť",
    "da": "æøå,éü",
    "de": "äöüß,éà",
    "en": ",éèàçñöüïôêâ",
    "es": "áéíóúñ,ü",
    "et": "äõöü,šž",
    "fi": "äö,åéšž",
    "fr": "éèàêçâîôûùëï,œüÿæñ",
    "hr": "čćđšž,",
    "hu": "áéíóöőúüű,",
    "is": "áéíóúýþæöð,",
    "it": "àèéìòù,îó",
    "lt": "ąčęėįšųūž,",
    "lv": "āčēģīķļņšūž,ōŗ",
    "nl": "éëïèü,óöáàêçñ",
    "pl": "ąćęłńóśźż,",
    "pt": "áâãàçéêíóôõú,ü",
    "ro": "ăâîşţșț,",
    "sk": "áäčďéíľňóôšťúýž,ĺŕ",
    "sl": "čšž,ćđ",
    "sv": "åäö,éüàæø",
    "tr": "çğıöşüİ,âîû",
    "vi": "ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụýỳ,",
}
_RARE = 0.35
_FOREIGN = 0.08  # a letter that the language does not have
_LOOKED_AT = 3000  # characters
_PART = 8192  # bytes that chardet sees at once
_PARTS = 4
_SHARPNESS = 3.0
_LEAST = 0.02  # plausible: less is no text in that encoding
_NEGLIGIBLE = 0.3  # of the best; what is below could take no more than 3 % of the whole

# Signs that are no letters, by where they may stand beside letters of an alphabet.
_INSIDE = frozenset("’·–—…\u00ad‐‑׳״־\u200c\u200d")
_BEHIND = _INSIDE | frozenset("”“»«›‹‘™®©²³°ºª‰،؛؟․†")
_BEFORE = _INSIDE | frozenset("‘“”„‚«»‹›¿¡•§©£€°")
_NO_LETTERS = frozenset("ˆ˜ƒ")  # for Unicode they are
_WITHOUT_SPACES = frozenset({"HAN", "KANA", "HANGUL", "THAI"})
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_NBSP_INSIDE = re.compile(r"[a-z]\xa0[a-z]")


def ranked(sample: bytes) -> Ranking:
    """Rank the encodings that some bytes may be in.

    Parameters
    ----------
    sample : bytes
        Whole lines with bytes beyond ASCII, none of them UTF-8.

    Returns
    -------
    Ranking
        Without regard to the rest of the corpus; empty where nothing fits.
    """
    figures = _figures(sample)
    order = sorted(figures, key=lambda name: (-figures[name] * _COMMON[name], name))
    alike: dict[str, list[str]] = {}
    scores: dict[str, float] = {}
    for encoding in order:
        figure = figures[encoding] * _COMMON[encoding]
        if figure < _NEGLIGIBLE * max(scores.values(), default=0.0):
            break
        text = sample.decode(_OTHER_NAME.get(encoding, encoding), "replace")
        if text not in scores:
            scores[text] = figure * _plausible(text[:_LOOKED_AT])
        alike.setdefault(text, []).append(encoding)
    shares: dict[tuple[str, ...], float] = {}
    for text, names in alike.items():
        if scores[text] >= _LEAST * figures[names[0]]:
            names.sort(key=lambda name: (-_COMMON[name], name))
            shares[tuple(_OTHER_NAME.get(name, name) for name in names)] = scores[text] ** _SHARPNESS
    return _shared(shares)


def with_prior(ranking: Ranking, prior: Mapping[str, float]) -> Ranking:
    """Weigh a ranking once more by what else is known.

    Parameters
    ----------
    ranking : Ranking
        Of one file by itself.
    prior : mapping of str to float
        How much likelier than others an encoding is, by what the rest of the corpus is in; 1 for what is not there.
    """
    weighed: dict[tuple[str, ...], float] = {}
    for names, share in ranking:
        first = max(names, key=lambda name: prior.get(name, 1.0))
        order = (first, *(name for name in names if name != first))
        weighed[order] = share * prior.get(first, 1.0) ** _SHARPNESS
    return _shared(weighed)


def _shared(weights: Mapping[tuple[str, ...], float]) -> Ranking:
    total = sum(weights.values())
    order = sorted(weights, key=lambda names: (-weights[names], names))
    return tuple((names, weights[names] / total) for names in order)


def _figures(sample: bytes) -> dict[str, float]:
    """Ask chardet about each part of a sample, so that a stray byte spoils no more than one."""
    import chardet

    figures: dict[str, float] = {}
    for part in _parts(sample):
        for found in chardet.detect_all(
            part, ignore_threshold=True, compat_names=False, include_encodings=_COMMON, max_bytes=len(part)
        ):
            name = found["encoding"]
            if name in _COMMON:
                figures[name] = figures.get(name, 0.0) + found["confidence"]
    return figures


def _parts(sample: bytes) -> list[bytes]:
    n = min(_PARTS, max(1, len(sample) // 1024))
    if n == 1:
        return [sample[:_PART]]
    parts, start = [], 0
    for number in range(1, n + 1):
        end = sample.rfind(b"\n", start, len(sample) * number // n) + 1 if number < n else len(sample)
        if end > start:
            parts.append(sample[start:end][:_PART])
            start = end
    return parts


def _plausible(text: str) -> float:
    """Return from 0 to 1 how like a language a text is in what its characters are, and where they stand."""
    strange = 0.5 * len(_NBSP_INSIDE.findall(text))
    n = 0
    letters: dict[str, int] = {}
    padded = f" {text} "
    for match in _NOT_ASCII.finditer(padded):
        n += 1
        at = match.start()
        character = match[0]
        strange += _strangeness(padded[at - 1], character, padded[at + 1])
        if _script(character) == "LATIN":
            small = character.lower()
            letters[small] = letters.get(small, 0) + 1
    share = min(1.0, strange / max(1, n))
    return (1 - share) ** 3 / (1 + strange * min(1.0, 100 / max(1, n))) * _language(letters) + 1e-6


@cache
def _strangeness(before: str, character: str, behind: str) -> float:
    """Return how strange a character beyond ASCII is between two others: 0 where it is not, 1 or more where it is."""
    if _is_no_text(character):
        return 3.0
    if not character.isalpha() or character in _NO_LETTERS:
        return _strange_sign(before, character, behind)
    script = _script(character)
    odd = 0.0
    for other in (before, behind):
        if not other.isalpha() or other in _NO_LETTERS:
            continue
        theirs = _script(other)
        apart = {script, theirs}
        mixed = len(apart) > 1 and "COMMON" not in apart and not (apart <= _WITHOUT_SPACES | {"LATIN"})
        narrow = "ｦ" <= min(character, other) <= "ﾟ" or "ｦ" <= max(character, other) <= "ﾟ"
        odd += mixed or (narrow and bool(apart & {"LATIN", "HAN"}))
    if before.islower() and character.isupper():
        odd += 1
    if character.islower() and behind.isupper() and behind.isascii():
        odd += 1
    return odd


def _strange_sign(before: str, sign: str, behind: str) -> float:
    if unicodedata.combining(sign):
        return 0.0 if before.isalpha() else 1.0
    left = before.isalpha() and _script(before) not in _WITHOUT_SPACES
    right = behind.isalpha() and _script(behind) not in _WITHOUT_SPACES
    if left and right:
        return 0.0 if sign in _INSIDE else 2.0
    if left:
        return 0.0 if sign in _BEHIND else 1.0
    return 1.0 if right and sign not in _BEFORE else 0.0


@cache
def _script(character: str) -> str:
    name = unicodedata.name(character, "COMMON").split()[0]
    if name in ("CJK", "IDEOGRAPHIC"):
        return "HAN"
    if name in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"):
        return "KANA"
    if name in ("FULLWIDTH", "MICRO", "FEMININE", "MASCULINE", "MODIFIER", "DOUBLE-STRUCK"):
        return "COMMON"
    return name


@cache
def _is_no_text(character: str) -> bool:
    """Say whether a character is a control, unassigned, for private use, a piece of a frame, or none at all."""
    return (
        character == "\ufffd"
        or "\u2500" <= character <= "\u259f"
        or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
    )


def _language(letters: Mapping[str, int]) -> float:
    """Return how well the Latin letters beyond ASCII are those of some one language; 1 where there are none."""
    total = sum(letters.values())
    if not total:
        return 1.0
    best = 0.0
    for common, rare in _alphabets():
        fit = sum(n * (1 if c in common else _RARE if c in rare else _FOREIGN) for c, n in letters.items())
        best = max(best, fit / total)
    return best**2


@cache
def _alphabets() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = (letters.partition(",") for letters in _LETTERS.values())
    return tuple((frozenset(common), frozenset(rare)) for common, _, rare in pairs)
