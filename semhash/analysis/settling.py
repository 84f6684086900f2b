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
