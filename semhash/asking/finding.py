"""Where the words of a text stand that are counted as wanted terms, found without cutting the text into words.

A word begins as its stem does. So the beginnings of the wanted terms are searched for, in a form of the text that has
one small letter without accents for each character; and what stands around a hit is analysed as documents are.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.folding import folded
from semhash.analysis.questions import QuestionAnalyzer
from semhash.analysis.tokens import AROUND, PART, prepared, spans

__all__ = ["Finder", "Searchable", "Span"]

Span = tuple[int, int, str]
"""Start and end of a word, and the term that it is counted as."""

_WITHOUT = "'.&-_,"
"""What stands in words and terms, and is not looked at."""
_WITHOUT_JOINERS = dict.fromkeys(map(ord, _WITHOUT))
_ASCII = bytes(
    ord(chr(byte).lower()) if byte < 128 and (chr(byte).isalnum() or chr(byte) in "+#") else 32
    for byte in range(256)
)
_KEPT = np.array([chr(byte) not in _WITHOUT for byte in range(256)])
_DROPPED, _FOR_TWO, _LETTER = map(np.uint32, (0xFFFFFFFF, 0x40000000, 0x1FFFFF))

_LONGEST = 16  # characters of a beginning
_NO_MORE_THAN_TWO = frozenset(
    "czech danish english finnish french german hungarian italian japanese none norwegian polish portuguese russian "
    "spanish swedish turkish ukrainian chinese korean".split()
)
"""Languages whose stems differ from the beginnings of their words in the last two letters at most."""
_IRREGULAR = {"die": "dy", "lie": "ly", "tie": "ty"}  # dying, lying, tying
# What is written in two letters where stems have one: daemon is damon in German, aar is ar in Danish.
_IN_TWO = {"german": ("aou", "e"), "danish": ("a", "a"), "norwegian": ("a", "a")}
_AS_ONE = re.compile("ss|ae|oe|th|fi|fl|ff|ij|dz|lj|nj")  # what one character may stand for, as ß and ﬁ do
_SPACED = "\u0530"  # scripts before this one have blanks between words
_SPACELESS = "\u0e00"  # and those from here on mostly have none; nor have they stems


class Finder:
    """Finds wanted words in texts; what it learns of a word it keeps.

    Parameters
    ----------
    wanted : sequence of str
        Terms: every word that is counted as one of them is found, however it is written.
    analyzer : QuestionAnalyzer
        Says what a word is counted as.
    """

    def __init__(self, wanted: Sequence[str], analyzer: QuestionAnalyzer) -> None:
        self.wanted = frozenset(wanted)
        self._analyzer = analyzer
        names = {language.name for language in analyzer.present}
        # Each with whether it is at the beginning of a word, or may be anywhere in it.
        self._beginnings = {term: dict(_beginnings(bare, names)) for term in wanted if (bare := _bare(term))}
        self._known: dict[str, list[Span]] = {}
        self._searched: dict[tuple[frozenset[str], bool], list[tuple[str, bool]]] = {}

    def find(self, text: "Searchable", held: frozenset[str]) -> Iterator[Span]:
        """Yield the wanted words of a text, in order.

        Parameters
        ----------
        text : Searchable
        held : frozenset of str
            The wanted terms that it may have: no other is searched for.
        """
        plain, places, shown, known = text.plain, text.places, text.text, self._known
        done, size = 0, len(plain)
        for at in self._hits(text, held):
            if at < done:
                continue
            start, done = plain.rfind(" ", 0, at), plain.find(" ", at)
            if done < 0:
                done, last = size, len(shown)
            else:
                last = places[done]
            first = places[start] + 1 if start >= 0 else 0
            run = shown[first:last]
            marks = known.get(run)
            if marks is None:
                marks = known[run] = self._marks(run)
            for a, b, term in marks:
                yield first + a, first + b, term

    def _hits(self, text: "Searchable", held: frozenset[str]) -> list[int]:
        """Return where wanted words may begin in the plain form of a text, in order."""
        plain, places, shown = text.plain, text.places, text.text
        found: list[int] = []
        for beginning, is_first in self._searched_for(held, text.is_contracted):
            at = plain.find(beginning)
            while at >= 0:
                if not is_first or plain[at - 1 : at] == " " or _may_begin(shown, places[at]):
                    found.append(at)
                at = plain.find(beginning, at + 1)
        found.sort()
        return found

    def _searched_for(self, held: frozenset[str], contracted: bool) -> list[tuple[str, bool]]:
        """Return what words begin with that are counted as some terms, and whether it is where they begin.

        With that what it is where one character of a text stands for two letters, if there is one.
        """
        known = self._searched.get((held, contracted))
        if known is None:
            found = {start: first for term in held for start, first in self._beginnings.get(term, {}).items()}
            if contracted:
                found |= {_AS_ONE.sub(lambda m: m[0][0], start): first for start, first in found.items()}
            known = self._searched[held, contracted] = [*found.items()]
        return known

    def _marks(self, run: str) -> list[Span]:
        """Return what is to be marked of some characters without a blank."""
        word = run.rstrip(_WITHOUT)
        if word.isascii() and word.isalnum():  # as most are
            term = self._held(word)
            return [(0, len(word), term)] if term else []
        return sorted(
            (start + a, start + b, term)
            for token, start, end in spans(run)
            for a, b, term in self._marks_of_token(token, run[start:end])
        )

    def _marks_of_token(self, token: str, shown: str) -> list[Span]:
        """Return what is to be marked of a token: its parts that are wanted, or else all of it."""
        if PART.fullmatch(shown) is None:
            parts = [(m.start(), m.end(), self._held(prepared(m.group()))) for m in PART.finditer(shown)]
            if any(term for _, _, term in parts):
                return [part for part in parts if part[2]]
        term = self._held(token)
        kept = shown.strip(AROUND)
        if not term or not kept:
            return []
        first = shown.find(kept)
        last = first + len(kept) + len(term) - len(term.rstrip(AROUND))
        first -= len(term) - len(term.lstrip(AROUND))  # a term may begin so, as .net does
        return [(max(0, first), min(last, len(shown)), term)]

    def _held(self, token: str) -> str:
        """Return a wanted term that a token is counted as; empty where it is none."""
        return min(self._analyzer.terms(token) & self.wanted, default="")


class Searchable:
    """A text with a form of it that is searched.

    Parameters
    ----------
    text : str
        In Unicode's NFC.
    after_space : bool
        Whether white space stands before it.

    Attributes
    ----------
    plain : str
        Small letters without accents, one for each character; joiners, and marks, left out; a blank for all else.
    is_contracted : bool
        Whether one of those stands for two, as ``s`` does for ``ß``.
    places : sequence of int
        Where each character of it stands in the text.
    """

    def __init__(self, text: str, after_space: bool = False) -> None:
        self.text = text
        self.is_contracted = False
        self._after_space = after_space
        self._lost: NDArray[np.int64] | None = None
        data = text.encode() if text.isascii() else self._as_ascii()
        self._is_ascii = data is not None
        if data is not None:
            self.plain = data.translate(_ASCII, _WITHOUT.encode()).decode()
            self._characters: NDArray[np.unsignedinteger[Any]] = np.frombuffer(data, dtype=np.uint8)
            kept = None if len(self.plain) == len(text) else _KEPT[self._characters]
        else:
            self._characters = _characters(text)
            forms = _plain_forms(self._characters)
            self.is_contracted = bool((forms & _FOR_TWO).any())
            kept = forms != _DROPPED
            self.plain = (forms[kept] & _LETTER).tobytes().decode("utf-32-le")
        # Of a view Python takes single numbers in less time than of an array.
        self.places: Sequence[int] = range(len(text)) if kept is None else np.flatnonzero(kept).data

    def _as_ascii(self) -> bytes | None:
        """Return the text with a character of ASCII for each other one that has such a form, None where one has none.

        Most texts in Latin letters are such, and there it takes a third of the time.
        """
        characters = _characters(self.text)
        places = np.flatnonzero(characters > _LAST_ASCII)
        others = characters[places]
        forms = _plain_forms(others)
        letters = forms & _LETTER
        is_dropped = forms == _DROPPED
        if not (is_dropped | (letters <= _LAST_ASCII)).all():
            return None
        self.is_contracted = bool((forms[~is_dropped] & _FOR_TWO).any())
        is_sign = (letters == ord(" ")) & ~_spaces()[np.minimum(others, _LAST_SPACE)]
        data = bytearray(self.text, "ascii", "replace")
        found = np.where(is_dropped, ord("'"), np.where(is_sign, ord("("), letters))
        np.frombuffer(data, dtype=np.uint8)[places] = found
        return bytes(data)

    def on_line(self, places: Sequence[int]) -> list[int]:
        """Return where places of the text are once all runs of white space are single blanks.

        A run that the text begins with counts as one blank, or none after white space.
        """
        if self._lost is None:
            characters = self._characters if self._is_ascii else np.minimum(self._characters, _LAST_SPACE)
            is_space = _spaces()[characters]
            is_lost = is_space.copy()
            is_lost[1:] &= is_space[:-1]
            is_lost[:1] &= self._after_space
            self._lost = np.flatnonzero(is_lost)
        lost = np.searchsorted(self._lost, places).tolist()
        return [place - n for place, n in zip(places, lost, strict=True)]


def _characters(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _may_begin(text: str, place: int) -> bool:
    """Return whether a word, or a part of one, may begin at a place."""
    before, here = text[place - 1 : place], text[place]
    return not before.isalnum() or not here.isalpha() or here.isupper() or max(before, here) >= _SPACED


_LAST_ASCII, _LAST_SPACE = 0x7F, 0x3001


@cache
def _spaces() -> NDArray[np.bool_]:
    """Return which characters are white space to `str.isspace`."""
    found = np.zeros(_LAST_SPACE + 1, dtype=bool)
    found[[*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]] = True
    found[[0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = True
    return found


@cache
def _forms() -> NDArray[np.uint32]:
    """Return the plain form of every character, 0 where none was asked for: memory that is not touched is free."""
    return np.zeros(0x110000, dtype=np.uint32)


def _plain_forms(characters: NDArray[np.unsignedinteger]) -> NDArray[np.uint32]:
    forms = _forms()
    found: NDArray[np.uint32] = forms.take(characters)
    if found.all():
        return found
    for code in set(characters[found == 0].tolist()):  # numpy.unique would load numpy.ma
        forms[code] = _plain_form(chr(code))
    return forms.take(characters)


def _plain_form(character: str) -> int:
    """Return the first letter that a character is folded to; a blank for what parts words."""
    plain = _bare(prepared(character).lower())
    if not plain:
        return int(_DROPPED)
    if not plain[0].isalnum() and plain[0] not in "+#":
        return ord(" ")
    return ord(plain[0]) | (int(_FOR_TWO) if len(plain) > 1 else 0)


def _bare(term: str) -> str:
    """Return a term, or a character, as plain forms have it."""
    found = folded(term).translate(_WITHOUT_JOINERS)
    if found.isascii():
        return found
    apart = (c if "\uac00" <= c <= "\ud7a3" else unicodedata.normalize("NFD", c) for c in found)
    return "".join(c for c in "".join(apart) if not unicodedata.category(c).startswith("M"))


def _beginnings(term: str, languages: Set[str]) -> Iterator[tuple[str, bool]]:
    """Give what words begin with that are counted as a term, and whether that is sure to be where they begin."""
    if term[0] >= _SPACELESS:
        yield term[:_LONGEST], False
    elif term[0] >= _SPACED or not languages <= _NO_MORE_THAN_TWO:
        # Other stemmers take off what stands before the stem, too, or spell it otherwise.
        yield term[: 1 + (len(term) > 3)], False
    else:
        lost = 2 if len(term) > 5 or "finnish" in languages else 1
        found = term[: min(_LONGEST, max(1, len(term) - lost))]
        yield found, True
        if term in _IRREGULAR:
            yield _IRREGULAR[term], True
        for letters, other in (_IN_TWO[name] for name in _IN_TWO.keys() & languages):
            for at, letter in enumerate(found, 1):
                if letter in letters:
                    yield (found[:at] + other + found[at:])[:_LONGEST], True
