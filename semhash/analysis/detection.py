"""Which language a text is in: by its script, by English function words, and else by py3langid.

Lui and Baldwin, *langid.py: An Off-the-shelf Language Identification Tool* (ACL 2012): naive Bayes over byte n-grams,
its model in the package. Most texts of most corpora never need it, so that it costs the others nothing.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from semhash.analysis.languages import NONE, Language, by_iso, by_name
from semhash.analysis.stopwords import LISTED, stop_words
from semhash.analysis.tokens import script_of

__all__ = ["guess"]

_LOOKED_AT = 600  # characters of a text
_TOKENS = 60
# Words that are frequent in no other language: Dutch has "of", "is" and "was", Danish "have" and "by".
_ENGLISH = frozenset("the and that with this are from which were been their these what".split())
_ENGLISH_SHARE, _SHARE = 0.05, 0.12  # of the words, that are function words of the language
_LIKELY = 0.2  # by the library's own measure, where the likeliest of some fifty languages is more than chance
_FEWEST = 3  # words, of which anything is said
# Scripts of one language, as far as can be told.
_OF_SCRIPT = {
    "armenian": "armenian", "greek": "greek", "gujarati": "gujarati", "hangul": "korean", "tamil": "tamil",
    "thai": "thai", "lao": "lao", "khmer": "khmer", "myanmar": "burmese",
}  # fmt: skip
# Told apart by the library beside those with a stemmer or a list, lest their texts be taken for a neighbour's.
_BESIDE = ("af", "az", "br", "cy", "gl", "la", "lb", "mt", "oc", "sq", "sw", "tl")


def guess(text: str, tokens: Sequence[str]) -> tuple[Language, bool]:
    """Guess the language of a text.

    Parameters
    ----------
    text : str
        Its beginning is looked at.
    tokens : sequence of str
        As `semhash.analysis.tokens.tokens` cuts it.

    Returns
    -------
    language : Language
        `NONE` where nothing can be said.
    sure : bool
        Whether it is that beyond doubt: by its script, or by its function words and the library alike.
    """
    some = tokens[:_TOKENS]
    begun = tokens[: 2 * _TOKENS]
    n_english = sum(map(_ENGLISH.__contains__, begun))
    if n_english >= max(2, _ENGLISH_SHARE * len(begun)) and len(_ENGLISH.intersection(begun)) > 1:
        return by_name["english"], True
    words = [token.lower() for token in some if not token.isdigit()]
    scripts = Counter(script_of(word) for word in words)
    scripts.pop("", None)
    by_script = _by_script(scripts)
    if by_script is not None:
        return by_script
    if len(words) < _FEWEST or not scripts:
        return NONE, False
    found = _by_library(text)
    if found is None or found.script != scripts.most_common(1)[0][0]:
        return NONE, False
    return found, _is_sure(found, words)


def _by_script(scripts: Counter[str]) -> tuple[Language, bool] | None:
    """Guess by how many words are in which script; None where that does not tell."""
    if not scripts:
        return None
    characters = scripts["kana"] + scripts["han"]
    if 10 * scripts["kana"] >= characters >= scripts.total() / 2:
        return by_name["japanese"], True
    script, n = scripts.most_common(1)[0]
    if script == "han":
        return by_name["chinese"], n > 2
    return (by_name[_OF_SCRIPT[script]], 2 * n > scripts.total()) if script in _OF_SCRIPT else None


def _is_sure(language: Language, words: Sequence[str]) -> bool:
    if language.name not in LISTED:
        return False
    among = stop_words(language.name)
    held = [word for word in words if word in among]
    return len(set(held)) >= 2 and len(held) >= _SHARE * len(words)


@cache
def _library() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(library.nb_classes)
    library.set_languages([code for code in (*by_iso, *_BESIDE) if code in known])
    return library


def _by_library(text: str) -> Language | None:
    """Ask the library; None where it is as good as a throw of dice, or for a language that there is nothing for."""
    code, likelihood = _library().classify(text[:_LOOKED_AT])
    return by_iso.get(code) if likelihood >= _LIKELY else None
