"""The grammar of a question: a few signs that say more than words do, and no syntax errors.

A question is parts with blanks between them. Everywhere it is the same: in the command, in the lines of ``--from``, in
`semhash.Index.query` and in `semhash.Index.rank_many`.

==============================  =====================================================================================
part                            what it asks for
==============================  =====================================================================================
``word``                        documents about it, whatever its inflection, accents and spelling
``"exact phrase"``              only documents that hold these words next to each other, in this order and these
                                forms. Case, accents and punctuation make no difference, and a hyphen is as good as a
                                blank. Quotes of typography do as well: “…”, „…“, «…», 「…」
``word*``                       words that begin so: letters and digits, two at least. The index knows words by their
                                stems and by their most common form, so a short beginning finds most
``field:value``                 only documents that pass this filter, as with ``--where FIELD=VALUE``: the same field
``field:"a value"``             again means either value, another field means both
``-word``                       no document that holds the word, in any form of it
``-"a phrase"``                 no document that holds the phrase
``-word*``, ``-field:value``    no document that holds such a word; no document that passes the filter
==============================  =====================================================================================

Anything else is words, AND, OR, NOT and brackets too: words are alternatives, and the more of them a document holds the
better. A sign is one only at the beginning of a part, and only where it makes sense; elsewhere it is
what it is in any text:

- A quote opens a phrase if another one closes it at the end of a word. A lonely one, inches (``12"``), apostrophes
  and the marks inside of Hebrew words are none.
- A ``:`` makes a filter if what stands before it is a field of the index, and something stands right behind it. So
  ``http://x``, ``std::vector``, ``a:b`` and ``error: file not found`` are words.
- A ``-`` excludes if a letter follows and it is not one Latin letter alone. So ``-``, ``--flag``, ``-v``, ``-5``,
  ``e-mail`` and ``a - b`` are words; ``-"5"`` excludes a number.
- A ``*`` is a sign at the end of a word alone: ``C*``, ``*``, ``3*4`` and ``**bold**`` are words.

What was written for readers and is pasted is words as a whole: a text of several lines, one of more than
`LONGEST` characters, and a sentence, which is six words or more that end with a full stop. So is what is read from
standard input, and all that is asked with ``--plain`` or ``plain=True``.

What a question looks for, and what its code is made of, are its words, with those of its phrases. If it has nothing but
exclusions and filters, it finds nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["LONGEST", "NO_OPERATORS", "Operators", "Parsed", "is_prose", "may_have_operators", "parse"]

LONGEST = 400
"""Characters of a question that signs are looked for in; a longer one is a text that was pasted."""

_SENTENCE = 6  # words
_CLOSED_BY = {
    '"': '"', "\uff02": "\uff02", "“": "”“\"", "”": "”", "„": "“”\"", "‟": "”", "«": "»", "»": "«", "「": "」",
    "『": "』",
}  # fmt: skip
_AFTER_STOP = "\"”“»«」』')]"
_SIGNS = re.compile(r'["\uff02“”„‟«»「『:*]|(?<!\S)-\S')
_PART = re.compile(r"\S+")
_FIELD = re.compile(r"([^\W\d][^\s:\"]*):(?=[^\s:])(?!//)")
_PREFIX = re.compile(r"([^\W_](?:[^\W_]|[\u0300-\u036f\u0591-\u109f\u1780-\u17ff])+)\*[.,;!?)\]]*")
_WORD = re.compile(r"[.#@]?[^\W\d_]")
_LONE = re.compile(r"[A-Za-z][.,;:!?)\]*]*")


@dataclass(frozen=True, slots=True)
class Operators:
    """What signs ask for.

    Attributes
    ----------
    phrases, prefixes : tuple of str
        Phrases without their quotes, and words without their star.
    fields : tuple of (str, str)
        Fields and values.
    words : tuple of str
        Single words: only those that are excluded are here.
    """

    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.prefixes or self.fields or self.words)

    def shown(self) -> list[str]:
        """Return them as they are typed."""
        fields = [
            f"{key}:{value}" if _PART.fullmatch(value) else f'{key}:"{value}"' for key, value in self.fields
        ]
        phrases = [f'"{phrase}"' for phrase in self.phrases]
        return [*phrases, *(f"{prefix}*" for prefix in self.prefixes), *fields, *self.words]


NO_OPERATORS = Operators()
"""No signs."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question, taken apart.

    Attributes
    ----------
    words : str
        What is looked for: plain words, and those of phrases; not those of prefixes.
    wanted, unwanted : Operators
        What signs ask for besides, and what they exclude.
    signs_ignored : bool
        Whether it is a sentence with what would be signs elsewhere.
    """

    words: str
    wanted: Operators = NO_OPERATORS
    unwanted: Operators = NO_OPERATORS
    signs_ignored: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether there are no signs in it."""
        return not self.wanted and not self.unwanted


def may_have_operators(text: str) -> bool:
    """Say whether a question has a character that may be a sign: most have none, and are not parsed."""
    return _SIGNS.search(text) is not None


def is_prose(text: str) -> bool:
    """Say whether a text was written for readers, and so has no signs: see the module."""
    bare = text.strip()
    ends = bare if bare[:1] in _CLOSED_BY else bare.rstrip(_AFTER_STOP)
    sentence = ends.endswith((".", "。")) and len(bare.split(None, _SENTENCE - 1)) == _SENTENCE
    return sentence or len(bare) > LONGEST or "\n" in bare or "\r" in bare


@dataclass(slots=True)
class _Found:
    """Operators as they are met."""

    phrases: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def settled(self) -> Operators:
        parts = (self.phrases, self.prefixes, self.fields, self.words)
        phrases, prefixes, fields, words = (tuple(dict.fromkeys(part)) for part in parts)
        return Operators(phrases, prefixes, fields, words)  # type: ignore[arg-type]


def parse(text: str, is_field: Callable[[str], bool]) -> Parsed:
    """Take a question apart; any text is one.

    Parameters
    ----------
    text : str
    is_field : callable
        Says whether documents can be filtered by a field of that name.

    Returns
    -------
    Parsed
        Where there are no signs in it, its words are the text to the letter.
    """
    if not may_have_operators(text):
        return Parsed(text)
    if is_prose(text):
        sentence = len(text) <= LONGEST and len(text.strip().splitlines()) == 1
        return Parsed(text, signs_ignored=sentence and not _taken_apart(text, is_field).is_plain)
    return _taken_apart(text, is_field)


def _taken_apart(text: str, is_field: Callable[[str], bool]) -> Parsed:
    wanted, unwanted = _Found(), _Found()
    words: list[str] = []
    at = 0
    while (part := _PART.search(text, at)) is not None:
        start, at = part.span()
        excluded = _excludes(text, start)
        found = _operator(text, start + excluded, is_field)
        if found is not None:
            kind, value, at = found
            getattr(unwanted if excluded else wanted, kind).append(value)
            if kind == "phrases" and not excluded:
                words.append(str(value))
        elif excluded:
            unwanted.words.append(text[start + 1 : at])
        else:
            words.append(part.group())
    parsed = Parsed(" ".join(words), wanted.settled(), unwanted.settled())
    return Parsed(text) if parsed.is_plain else parsed


def _excludes(text: str, start: int) -> bool:
    """Say whether a part begins with the sign that excludes."""
    if text[start] != "-":
        return False
    if text[start + 1 : start + 2] in _CLOSED_BY:
        return _phrase(text, start + 1) is not None
    part = _PART.match(text, start + 1)
    return part is not None and _WORD.match(part.group()) is not None and not _LONE.fullmatch(part.group())


def _operator(
    text: str, start: int, is_field: Callable[[str], bool]
) -> tuple[str, str | tuple[str, str], int] | None:
    """Return the kind of what begins at a place, its value, and where it ends; None for a word."""
    if text[start] in _CLOSED_BY:
        phrase = _phrase(text, start)
        return None if phrase is None else ("phrases", *phrase)
    end = _PART.match(text, start).end()  # type: ignore[union-attr]
    prefix = _PREFIX.fullmatch(text, start, end)
    if prefix is not None:
        return "prefixes", prefix[1], end
    named = _FIELD.match(text, start, end)
    if named is None or not is_field(named[1]):
        return None
    quoted = _phrase(text, named.end()) if text[named.end()] in _CLOSED_BY else None
    value, end = (text[named.end() : end], end) if quoted is None else quoted
    return "fields", (named[1], value), end


def _phrase(text: str, start: int) -> tuple[str, int] | None:
    """Return what stands between the quote at a place and the one that closes it, and where that ends."""
    closing = _CLOSED_BY[text[start]]
    for end in range(start + 1, len(text)):
        if text[end] in closing and not (text[end - 1].isalnum() and text[end + 1 : end + 2].isalnum()):
            inside = " ".join(text[start + 1 : end].split())
            return (inside, end + 1) if any(map(str.isalnum, inside)) else None
    return None
