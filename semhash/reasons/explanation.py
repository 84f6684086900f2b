"""Why a text has its code, what the code says, and why a document was found: what an `Explainer` gives back."""

from dataclasses import dataclass

from semhash.learned.novelty import Novelty

__all__ = ["BitReason", "ExpectedWord", "Explanation", "HitReason", "SharedWord", "Weighed"]

Weighed = tuple[str, float]
"""A word, and how much of something it has."""


@dataclass(frozen=True, slots=True)
class BitReason:
    """Why one bit is what it is, and what it says.

    Attributes
    ----------
    bit : int
        Which one: bit i of a code is ``(code >> i) & 1``.
    value : int
        0 or 1.
    probability : float
        Of its being 1: the logistic function of the unit's input.
    input, threshold : float
        The unit's input, in nats, and what it must be above for a 1.
    up, down : list of (word, contribution)
        The text's words that drive the input up and down most, in nats, strongest first; see
        `semhash.autoencoder.attribution.contributions`.
    more, less : list of (word, change)
        The words whose expected shares rise and fall most when the bit goes from 0 to 1, the others as they are.
    flipped : int
        The code with this bit switched.
    flipped_documents : int
        How many documents live there.
    """

    bit: int
    value: int
    probability: float
    input: float
    threshold: float
    up: list[Weighed]
    down: list[Weighed]
    more: list[Weighed]
    less: list[Weighed]
    flipped: int
    flipped_documents: int


@dataclass(frozen=True, slots=True)
class ExpectedWord:
    """A word that is expected of the documents at an address.

    Attributes
    ----------
    word : str
        The word.
    share : float
        Its share of what is expected, 0 to 1.
    count : int
        How often the text holds it.
    """

    word: str
    share: float
    count: int


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A word that a text and a document share.

    Attributes
    ----------
    word : str
        The word.
    contribution : float
        What it adds to the TF-IDF cosine.
    in_text, in_document : int
        How often each holds it.
    """

    word: str
    contribution: float
    in_text: int
    in_document: int


@dataclass(frozen=True, slots=True)
class HitReason:
    """Why a document is like a text.

    Attributes
    ----------
    id, title : str
        Which document.
    code : int
        Its code.
    differing : list of int
        The bits in which the two codes differ; all others are the same.
    score : float
        The TF-IDF cosine, 0 to 1: the sum of the words' contributions.
    words : list of SharedWord
        The words that they share, the one that adds most first.
    """

    id: str
    title: str
    code: int
    differing: list[int]
    score: float
    words: list[SharedWord]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a text has its code, and what the code says.

    Attributes
    ----------
    query : str
        The text, or the id of the document.
    code, bits : int
        Its code, and how wide it is.
    words, known : int
        How many different words it has, stop words aside, and how many of them are in the vocabulary. With none,
        the code says nothing and there are no reasons.
    documents : int
        How many documents live at its address.
    novelty : Novelty or None
        How unlike the training documents it is; None where the index does not know, or no word is known.
    reasons : list of BitReason
        One a bit, bit 0 first.
    expected : list of ExpectedWord
        The words of largest share at the address, largest first.
    hit : HitReason or None
        Why a document is like it, where one was asked about.
    """

    query: str
    code: int
    bits: int
    words: int
    known: int
    documents: int
    novelty: Novelty | None
    reasons: list[BitReason]
    expected: list[ExpectedWord]
    hit: HitReason | None
