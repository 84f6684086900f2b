"""From guesses, document by document, to the languages that a corpus is in: a few alone are no language of it."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.detection import (
    BEGINNING,
    first_words,
    guess_at_once,
    guess_by_library,
    likely_by_words,
    main_script,
)
from semhash.analysis.languages import NONE, Language, by_name, language_numbered
from semhash.analysis.tokens import tokens as cut

__all__ = ["OPEN", "Guesses", "as_guess", "languages_of", "quick_guess", "settled"]

OPEN = -1
"""A guess that is yet to be made, by a library that takes half a second to load."""

_MOST_OPEN = 4096  # texts that wait for it

_SHARE = 0.002  # of the documents in its script, that a language must have for sure
_MOSTLY = 0.6  # of the guesses, where none is sure
_FEWEST = 3


def as_guess(language: Language, sure: bool) -> int:
    """Write a guess of `semhash.analysis.detection.guess` as a number."""
    return 2 * language.number + sure


def quick_guess(text: str, tokens: Sequence[str]) -> int:
    """Guess the language of a text as a number; `OPEN` where a library is to be asked."""
    found = guess_at_once(text, tokens)
    return OPEN if found is None else as_guess(*found)


class Guesses:
    """The guesses of all documents of a corpus, in order.

    Those that are left open are made only where it matters: in a corpus that is in one language of their script, they
    would not change that.

    Parameters
    ----------
    known : mapping of str to int, or None
        As of `settled`.
    """

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self._known = known
        self._guesses = array("h")
        self._open: dict[int, str] = {}

    def add(self, guessed: int, text: str) -> None:
        """Take the guess that `quick_guess` makes of a text."""
        if guessed == OPEN:
            self._open[len(self._guesses)] = text[:BEGINNING]
        self._guesses.append(guessed)
        if len(self._open) > _MOST_OPEN:
            self._ask()

    def _ask(self) -> None:
        for at, text in self._open.items():
            self._guesses[at] = as_guess(*guess_by_library(text))
        self._open.clear()

    def settled(self) -> NDArray[np.uint8]:
        """Return the number of the language that each document is taken to be in."""
        if self._open:
            only = self._only()
            for at in self._open if only is not None else ():
                self._guesses[at] = as_guess(only or NONE, False)
            if only is None:
                self._ask()
            self._open.clear()
        return settled(np.array(self._guesses, dtype=np.int16), self._known)

    def _only(self) -> Language | None:
        """Return the language that open texts are taken to be in whatever the library says of them, if there is one."""
        told = [first_words(cut(text)) for text in self._open.values()]
        if any(main_script(words) != "latin" for words in told):
            return None
        if self._known is not None:
            found = _by_language(self._known)
            one = _of_latin(found)
            return one if one is not None and not _is_enough(1, found[one]) else None
        guesses = np.array([guess for guess in self._guesses if guess != OPEN], dtype=np.int16)
        numbers, sure = guesses >> 1, (guesses & 1).astype(bool)
        one = _of_latin(_found(numbers, sure))
        n_sure = Counter({language_numbered(n): c for n, c in _counted(numbers[sure]).items()})
        guessed = Counter({language_numbered(n): c for n, c in _counted(numbers).items() if n})
        n_latin = _by_script(guessed)["latin"]
        if one is None or not _is_enough(n_sure[one], n_latin + len(told)):
            return None
        n_sure.update(language for words in told for language in likely_by_words(words))
        others = (n for language, n in n_sure.items() if language.script == "latin" and language is not one)
        return None if any(_is_enough(n, n_latin) for n in others) else one


def _of_latin(found: Mapping[Language, int]) -> Language | None:
    """Return the one language in Latin letters among some; None where there are several or none."""
    some = [language for language in found if language.script == "latin"]
    return some[0] if len(some) == 1 else None


def settled(guesses: NDArray[np.integer[Any]], known: Mapping[str, int] | None = None) -> NDArray[np.uint8]:
    """Return the number of the language that each document is taken to be in.

    What is guessed to be in a language that the corpus is not in, most likely in vain, is taken to be in the one that
    most documents of its script are in.

    Parameters
    ----------
    guesses : ndarray of shape (n_documents,), int
        As of `as_guess`.
    known : mapping of str to int, or None
        How many of the documents that the model was learned from are in which language, for documents that came
        later: each is then taken to be in one language whatever came before it and beside it. None for the documents
        that are learned from: a language is one of the corpus where enough of them are in it beyond doubt.
    """
    numbers, sure = guesses >> 1, (guesses & 1).astype(bool)
    found = _found(numbers, sure) if known is None else _by_language(known)
    total = _by_script(found)
    main = {language.script: language for language, _ in reversed(found.most_common())}
    chosen = np.zeros((2, 256), dtype=np.uint8)
    chosen[:, 0] = main.get("latin", NONE).number
    for number in np.unique(numbers[numbers > 0]).tolist():
        language = language_numbered(number)
        mine = language if language in found else main.get(language.script, NONE)
        chosen[:, number] = mine.number
        if known is not None and _is_enough(1, total[language.script]):
            chosen[1, number] = number
        if known is not None and language.script not in main:
            chosen[:, number] = number
    return np.asarray(chosen[sure.astype(np.intp), numbers], dtype=np.uint8)


def _found(numbers: NDArray[np.integer[Any]], sure: NDArray[np.bool_]) -> Counter[Language]:
    """Find the languages of a corpus, and how many documents are guessed to be in each."""
    guessed = Counter({language_numbered(n): c for n, c in _counted(numbers).items() if n})
    total = _by_script(guessed)
    found: Counter[Language] = Counter()
    for number, n in _counted(numbers[sure]).items():
        language = language_numbered(number)
        if language is not NONE and _is_enough(n, total[language.script]):
            found[language] = n
    for language, n in guessed.items():
        alone = all(other.script != language.script for other in found if other is not language)
        if language not in found and alone and n >= max(_FEWEST, _MOSTLY * total[language.script]):
            found[language] = n
    return found


def _is_enough(n_sure: int, n_in_script: int) -> bool:
    return n_sure >= _SHARE * n_in_script


def _by_script(languages: Mapping[Language, int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for language, n in languages.items():
        total[language.script] += n
    return total


def languages_of(numbers: NDArray[np.uint8]) -> dict[str, int]:
    """Say how many documents are in which language, those of most first."""
    counts = _counted(numbers)
    named = {language_numbered(number).name: n for number, n in counts.items()}
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))


def _counted(numbers: NDArray[np.integer[Any]]) -> dict[int, int]:
    values, counts = np.unique(numbers, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def _by_language(named: Mapping[str, int]) -> Counter[Language]:
    known = {by_name[name]: n for name, n in named.items() if name in by_name}
    known.pop(NONE, None)
    return Counter(known)
