"""Why a question has no code: what becomes of it differs, and so does what helps."""

from enum import StrEnum

from semhash.asking.questions import Asked
from semhash.opened_index import OpenedIndex

__all__ = ["Uncoded", "why_uncoded"]


class Uncoded(StrEnum):
    """Why a question has no code."""

    NO_WORDS = "no words"
    """There is no word in it."""

    UNKNOWN = "unknown words"
    """No document has a word of it, stop words aside."""

    TOO_COMMON = "stop words"
    """Those of its words that documents may have are stop words, which no code is made of."""

    NOT_CODED = "words that are not coded"
    """Documents have words of it, but none that codes are made of."""

    IMPORTED = "imported codes"
    """The codes of the index were made elsewhere, and no text has one."""


def why_uncoded(index: OpenedIndex, asked: Asked) -> Uncoded | None:
    """Return why a question has no code; None for one that has.

    Parameters
    ----------
    index : OpenedIndex
    asked : Asked
        A text or a document.
    """
    if asked.question.encoded.known_words:
        return None
    found = asked.question.terms.indices.tolist()
    if asked.words is None:
        return Uncoded.NOT_CODED if found else Uncoded.NO_WORDS
    if not asked.words:
        return Uncoded.NO_WORDS
    if not index.has_model:
        return Uncoded.IMPORTED if found else Uncoded.UNKNOWN
    if not found:
        everything = all(word in index.stop_words for word in asked.words)
        return Uncoded.TOO_COMMON if everything else Uncoded.UNKNOWN
    known = [word for word in asked.words if index.lexicon.term(word) is not None]
    common = bool(known) and all(word in index.stop_words for word in known)
    return Uncoded.TOO_COMMON if common else Uncoded.NOT_CODED
