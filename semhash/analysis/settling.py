"""From guesses, document by document, to the languages that a corpus is in: a few alone are no language of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.languages import NONE, Language, by_name, language_numbered

__all__ = ["as_guess", "languages_of", "settled"]

_SHARE = 0.002  # of the documents in its script, that a language must have for sure
_MOSTLY = 0.6  # of the guesses, where none is sure
_FEWEST = 3


def as_guess(language: Language, sure: bool) -> int:
    """Write a guess of `semhash.analysis.detection.guess` as a number."""
    return 2 * language.number + sure


def settled(guesses: NDArray[np.integer[Any]], standing: Mapping[str, int]) -> NDArray[np.uint8]:
    """Give the number of the language that each document is taken to be in.

    A language is one of the corpus where documents that are kept are in it, or where enough are in it beyond
    doubt. What is guessed to be in another, most likely in vain, is taken to be in the one that most documents of its
    script are in.

    Parameters
    ----------
    guesses : ndarray of shape (n_documents,), int
        As of `as_guess`, of the documents that are new.
    standing : mapping of str to int
        How many of the documents that are kept are in which language.
    """
    numbers, firsts = guesses >> 1, guesses & 1
    guessed = {language_numbered(n): c for n, c in _counted(numbers).items() if n}
    sure = {language_numbered(n): c for n, c in _counted(numbers[firsts == 1]).items() if n}
    kept_before = {language: n for language, n in _by_language(standing).items() if language is not NONE}
    total: Counter[str] = Counter()
    for language, n in (*guessed.items(), *kept_before.items()):
        total[language.script] += n
    found: Counter[Language] = Counter(kept_before)
    for language, n in sure.items():
        if language in kept_before or n >= _SHARE * total[language.script]:
            found[language] += n
    for language, n in guessed.items():
        alone = all(other.script != language.script for other in found if other is not language)
        if language not in found and alone and n >= max(_FEWEST, _MOSTLY * total[language.script]):
            found[language] += n
    main = {language.script: language for language, _ in reversed(found.most_common())}
    chosen = np.zeros(256, dtype=np.uint8)
    chosen[0] = main.get("latin", NONE).number
    for language in guessed:
        taken = language if language in found else main.get(language.script, NONE)
        chosen[language.number] = taken.number
    return np.asarray(chosen[numbers], dtype=np.uint8)


def languages_of(numbers: NDArray[np.uint8]) -> dict[str, int]:
    """Say how many documents are in which language, those of most first."""
    counts = _counted(numbers)
    named = {language_numbered(number).name: n for number, n in counts.items()}
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))


def _counted(numbers: NDArray[np.integer[Any]]) -> dict[int, int]:
    values, counts = np.unique(numbers, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def _by_language(named: Mapping[str, int]) -> dict[Language, int]:
    return {by_name[name]: n for name, n in named.items() if name in by_name}
