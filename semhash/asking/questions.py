"""From a text, or a document, to what is asked: its words counted once and encoded once, for all that needs them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, islice

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.analysis.analyzer import is_exact, spelling_bit
from semhash.analysis.questions import STOP_WEIGHT, AskedWord
from semhash.asking.compounds import beside
from semhash.autoencoder.encoder import Encoder
from semhash.catalogue import CatalogueEntry
from semhash.errors import ConfigError
from semhash.learned.novelty import Novelty, surprises
from semhash.once import once
from semhash.opened_index import OpenedIndex
from semhash.ranking.fusion import spelling_weight
from semhash.ranking.postings import Groups, Spelled
from semhash.ranking.request import Encoded, Question
from semhash.vocabulary import Counts

__all__ = [
    "Asked",
    "GivenCode",
    "Reading",
    "by_document",
    "by_text",
    "check_answerable",
    "coded_counts",
    "encode_text",
    "n_words",
    "novelty_of",
]

_BY_WORDS = ("bm25", "hybrid")
_CODED_OF_PREFIX = 8  # terms of one prefix that a code is made of
_SURE = 5.0
"""Log-odds of a bit that was imported: what the bits of codes that are learned here have in the middle."""


@dataclass(eq=False)
class Reading:
    """One text, or one document, as the encoder reads it; encoded when that is first asked for.

    Parameters
    ----------
    encoder : Encoder or GivenCode
    counts : Counts of shape (1, n_coded_words)
        Its counts over the vocabulary.
    """

    encoder: "Encoder | GivenCode"
    counts: Counts

    @once
    def activations(self) -> NDArray[np.float32]:
        """The inputs of the code units, of shape (bits,)."""
        found: NDArray[np.float32] = self.encoder.activations(self.counts)[0]
        return found

    def margins(self) -> NDArray[np.float32]:
        """Give those inputs less their thresholds, of shape (bits,)."""
        return np.asarray(self.activations - self.encoder.threshold)


@dataclass(frozen=True, slots=True)
class GivenCode:
    """Stands in for an encoder where codes were imported: all bits of a code are equally sure.

    Attributes
    ----------
    code : int or None
        That of a document; None for a text, which has none.
    bits : int
        Its width.
    """

    code: int | None
    bits: int

    @property
    def threshold(self) -> NDArray[np.float32]:
        """0 for every bit, of shape (bits,)."""
        return np.zeros(self.bits, dtype=np.float32)

    def activations(self, counts: Counts) -> NDArray[np.float32]:
        """Give as much for every bit that is set as against every other, of shape (1, bits)."""
        if self.code is None:
            return self.threshold[np.newaxis]
        held = codes.unpack(codes.from_int(self.code, self.bits)[np.newaxis], self.bits)
        return np.where(held, _SURE, -_SURE).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question, and what it was made of.

    Attributes
    ----------
    question : Question
        What is ranked by.
    reading : Reading
        The same as the encoder reads it.
    words : tuple of str, or None
        The terms of the different words of a text, stop words and those of prefixes too; None for a document, whose
        terms are all that is kept of it.
    n_content : int
        How many of a text's are not stop words.
    unknown : tuple of AskedWord
        Those that no document holds.
    """

    question: Question
    reading: Reading
    words: tuple[str, ...] | None
    n_content: int = 0
    unknown: tuple[AskedWord, ...] = ()


def by_text(
    index: OpenedIndex,
    text: str,
    *,
    name: str | None = None,
    prefixes: Sequence[Sequence[int]] = (),
    terms: Counts | None = None,
) -> Asked:
    """Ask by a text.

    A word that the model knows and no document holds says what the text is about; but not where documents were removed
    for good: what they alone said finds nothing any more.

    Parameters
    ----------
    index : OpenedIndex
    text : str
        Its words alone.
    name : str or None
        The text as it was given; None where that is the same.
    prefixes : sequence of sequence of int
        For each word that was given by its beginning the terms that begin so, the most frequent first.
    terms : Counts of shape (1, n_words), or None
        What documents are ranked by; None for the terms of the text.
    """
    asked = index.analyzer.words(text)
    coded = _known(index, asked)
    begun = [[index.lexicon.word(term) for term in prefix] for prefix in prefixes]
    for named in begun:
        coded.update(islice((word for word in named if word in index.vocabulary), _CODED_OF_PREFIX))
    if index.manifest.n_removed:
        coded = Counter({name: n for name, n in coded.items() if _frequency(index, name)})
    reading = _reading(index, coded)
    by_word = [(word, _terms(index, word)) for word in asked]
    groups, spelled = None, _spelled(index, asked) if terms is None else []
    if terms is None:
        terms, groups = _weighed(index, by_word, prefixes)
    encoded = _encoded(reading, index.bits)
    question = Question(name or text, encoded, terms, reading.margins, None, groups, spelled)
    return Asked(
        question,
        reading,
        tuple(dict.fromkeys(chain((word.main for word in asked), *begun))),
        len({word.main for word in asked if not word.is_stop}.union(*begun)),
        tuple(word for word, held in by_word if not held),
    )


def encode_text(index: OpenedIndex, text: str) -> Encoded:
    """Give a text's code alone: no word is looked up but in the vocabulary."""
    return _encoded(_reading(index, _known(index, index.analyzer.words(text))), index.bits)


def _reading(index: OpenedIndex, coded: Counter[str]) -> Reading:
    encoder = index.encoder if index.has_model else GivenCode(None, index.bits)
    return Reading(encoder, _coded(index, coded))


def _frequency(index: OpenedIndex, name: str) -> int:
    """Return in how many documents a term is; the lexicon has the model's words, too, that are in none any more."""
    term = index.lexicon.term(name)
    return 0 if term is None else int(index.term_index.document_frequency[term])


def _known(index: OpenedIndex, asked: Iterable[AskedWord]) -> Counter[str]:
    """Count the words of a question that are coded: in one reading each, that of most documents."""
    counted: Counter[str] = Counter()
    for word in asked:
        for reading in word.readings:
            known = [term for term in reading.terms if term in index.vocabulary]
            counted.update(dict.fromkeys(known, word.n))
            if known:
                break
    return counted


def _terms(index: OpenedIndex, word: AskedWord) -> list[tuple[int, float]]:
    """Return the terms of a word that some document holds, each with its share of the word's weight."""
    named = ((index.lexicon.term(name), weight) for name, weight in word.weights().items())
    found = [(term, weight) for term, weight in named if term is not None]
    frequency = index.term_index.document_frequency[[term for term, _ in found]]
    return [one for one, n in zip(found, frequency.tolist(), strict=True) if n]


class _Weighed:
    """The terms of a question, each with what it weighs and the word that it says."""

    def __init__(self) -> None:
        self.weights: dict[int, float] = {}
        self.groups: dict[int, int] = {}

    def add(self, term: int, weight: float, group: int) -> None:
        """Add a term; one that two words have is the first one's, and weighs as both."""
        self.weights[term] = self.weights.get(term, 0.0) + weight
        self.groups.setdefault(term, group)

    def counts(self, n_words: int) -> tuple[Counts, Groups | None]:
        """Return them as counts, with their groups, None where every term says a word by itself."""
        held = sorted(self.weights)
        weights = np.array([self.weights[term] for term in held], dtype=np.float64)
        whole = weights.astype(np.int64)
        data = whole if bool((whole == weights).all()) else weights
        counts = Counts(np.array([0, len(held)]), np.array(held, dtype=np.int32), data, n_words)
        groups = np.array([self.groups[term] for term in held], dtype=np.int64)
        return counts, None if len(set(groups.tolist())) == len(held) else groups


def _weighed(
    index: OpenedIndex,
    by_word: Sequence[tuple[AskedWord, list[tuple[int, float]]]],
    prefixes: Sequence[Sequence[int]],
) -> tuple[Counts, Groups | None]:
    """Give the terms of a question that the lexicon has, each with what it weighs: a count, mostly.

    The stems that a word has in several languages are one word to what ranks, and so are the compounds that it is a
    part of, and all words that begin as one was given: see `semhash.ranking.postings.Postings.scores`.
    """
    found, group = _Weighed(), count()
    # Where few documents are long enough to have them, stop words are rare, and yet they say nothing beside others.
    lighter = STOP_WEIGHT if any(terms and not word.is_stop for word, terms in by_word) else 1.0
    of_word: dict[str, int] = {}
    for word, terms in by_word:
        times = word.n * (lighter if word.is_stop else 1.0)
        mains = {reading.terms[0] for reading in word.readings}
        of_word[word.form] = own = next(group)
        for term, weight in terms:
            is_main = index.lexicon.word(term) in mains
            found.add(term, times * weight, own if is_main else next(group))
    for form, name, weight in beside(index, [word for word, _ in by_word]):
        other = index.lexicon.term(name)
        if other is not None and other not in found.weights:
            found.add(other, weight, next(group) if form is None else of_word[form])
    for prefix in prefixes:
        own = next(group)
        for term in prefix:
            found.add(term, 1.0, own)
    return found.counts(len(index.lexicon))


def _spelled(index: OpenedIndex, asked: Sequence[AskedWord]) -> list[Spelled]:
    """Give the words of a question as they are written, those of one stem as one, stop words left out."""
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    content = [word for word in asked if not word.is_stop]
    for word in content:
        named = (index.lexicon.term(reading.terms[0]) for reading in word.readings)
        terms = tuple(dict.fromkeys(term for term in named if term is not None))
        if terms:
            bits, n = found.get(terms, (0, 0))
            found[terms] = bits | spelling_bit(word.form), n + word.n
    weight = spelling_weight(len({word.main for word in content}))
    return [Spelled(terms, bits, n * weight) for terms, (bits, n) in found.items()]


def _encoded(reading: Reading, bits: int) -> Encoded:
    code = codes.to_ints(codes.pack(reading.margins()[np.newaxis] > 0))[0]
    return Encoded(code, bits, int(reading.counts.data.sum()))


def coded_counts(index: OpenedIndex, texts: Sequence[str]) -> Counts:
    """Count some texts over the vocabulary, as they are when they are asked; shape (n_texts, n_coded_words)."""
    rows = [_coded(index, _known(index, index.analyzer.words(text))) for text in texts]
    indptr = np.concatenate(([0], np.cumsum([len(row.indices) for row in rows], dtype=np.int64)))
    indices = np.concatenate([np.zeros(0, dtype=np.int32), *(row.indices for row in rows)])
    data = np.concatenate([np.zeros(0, dtype=np.int64), *(row.data for row in rows)])
    return Counts(indptr, indices, data, len(index.vocabulary))


def by_document(index: OpenedIndex, entry: CatalogueEntry) -> Asked:
    """Ask by a document of the index, which is not to be found itself."""
    terms = index.term_index.counts.take(np.array([entry.row]))
    held = zip(terms.indices.tolist(), terms.data.tolist(), strict=True)
    encoder = index.encoder if index.has_model else GivenCode(entry.code, index.bits)
    reading = Reading(encoder, _coded(index, {index.lexicon.word(term): n for term, n in held}))
    encoded = Encoded(entry.code, index.bits, entry.known_words)
    words = map(index.lexicon.word, terms.indices.tolist())
    is_stop = np.fromiter((word in index.stop_words for word in words), dtype=bool, count=len(terms.indices))
    weighed = lighter_stop_words(terms, is_stop)
    return Asked(Question(entry.id, encoded, weighed, reading.margins, entry.row), reading, None)


def lighter_stop_words(counts: Counts, is_stop: NDArray[np.bool_]) -> Counts:
    """Return counts in which stop words weigh as they do in questions: less, where a document has other words.

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_terms)
    is_stop : ndarray of shape (n_entries,), bool
        Which entries are of stop words.
    """
    owners = counts.owners()
    others = np.bincount(owners[~is_stop], minlength=len(counts)) > 0
    lighter = is_stop & others[owners]
    return (
        replace(counts, data=np.where(lighter, STOP_WEIGHT, 1.0) * counts.data) if lighter.any() else counts
    )


def check_answerable(index: OpenedIndex, rank: str) -> None:
    """Refuse to rank a text by its code where texts have none.

    Raises
    ------
    ConfigError
        The codes were imported, and `rank` needs one.
    """
    if not index.has_model and rank not in _BY_WORDS:
        raise ConfigError(
            f"rank: expected one of {', '.join(_BY_WORDS)} for a text, since the codes of {index.path} were imported "
            f"and nothing here encodes a text so, found {rank!r}; or ask by a document with: semhash similar ID"
        )


def novelty_of(index: OpenedIndex, asked: Asked) -> Novelty | None:
    """Say how unlike the documents that were learned from something is.

    Returns
    -------
    Novelty or None
        None where no word of it is in the vocabulary, or where the index has no scale: it is of few documents, or
        was made by an earlier version.
    """
    coded = asked.reading.counts
    known = len(coded.indices)
    if index.novelty_scale is None or not known:
        return None
    surprise = surprises(index.encoder, index.decoder, coded, asked.reading.activations[np.newaxis])
    return index.novelty_scale.judge(n_words(index, asked), known, float(surprise[0]))


def n_words(index: OpenedIndex, asked: Asked) -> int:
    """Count the different words, stop words aside."""
    if asked.words is None:
        held = map(index.lexicon.word, asked.question.terms.indices.tolist())
        return sum(word not in index.stop_words and not is_exact(word) for word in held)
    return asked.n_content


def _coded(index: OpenedIndex, counted: Mapping[str, int]) -> Counts:
    """Count words over the vocabulary."""
    columns = index.vocabulary
    held = sorted((columns[word], n) for word, n in counted.items() if word in columns)
    indices = np.array([column for column, _ in held], dtype=np.int32)
    data = np.array([n for _, n in held], dtype=np.int64)
    return Counts(np.array([0, len(held)]), indices, data, len(columns))
