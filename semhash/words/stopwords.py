"""Words too common to tell subjects apart, by language."""

import importlib

from semhash.errors import ConfigError

__all__ = ["LANGUAGES", "stop_words"]

LANGUAGES = (
    "arabic",
    "bulgarian",
    "catalan",
    "chinese",
    "czech",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "gujarati",
    "hebrew",
    "hindi",
    "hungarian",
    "indonesian",
    "italian",
    "japanese",
    "korean",
    "malaysian",
    "norwegian",
    "persian",
    "polish",
    "portuguese",
    "romanian",
    "russian",
    "slovak",
    "spanish",
    "swedish",
    "turkish",
    "ukrainian",
    "vietnamese",
)


def stop_words(language: str) -> frozenset[str]:
    """Give the stop words of a language, as `semhash.text.words` would write them.

    English ones are scikit-learn's (318 words, of the University of Glasgow); the others are those of the
    ``stop-words`` package, whose English list of 1,333 takes away words that tell subjects apart.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`, or ``"none"`` for no stop words.

    Raises
    ------
    ConfigError
        The language is not one of them.
    """
    if language == "none":
        return frozenset()
    if language not in LANGUAGES:
        raise ConfigError(f"stop words: expected none or one of {', '.join(LANGUAGES)}, found {language!r}")
    if language == "english":
        listed = importlib.import_module("sklearn.feature_extraction.text").ENGLISH_STOP_WORDS
    else:
        listed = importlib.import_module("stop_words").get_stop_words(language)
    from semhash.text import words

    return frozenset(word for phrase in listed for word in words(phrase))
