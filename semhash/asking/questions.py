"""From a text, or a document, to what is asked: its words counted once and encoded once, for all that needs them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.autoencoder.encoder import Encoder
from semhash.catalogue import CatalogueEntry
from semhash.errors import ConfigError
from semhash.learned.novelty import Novelty, surprises
from semhash.once import once
from semhash.opened_index import OpenedIndex
from semhash.ranking.request import Encoded, Question
from semhash.text import words
from semhash.vocabulary import MAX_WORD_LENGTH, Counts

__all__ = [
    "Asked",
    "GivenCode",
    "Reading",
    "by_document",
    "by_text",
    "check_answerable",
    "encode_text",
    "n_words",
    "novelty_of",
]

_BY_WORDS = ("bm25", "hybrid")
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
        The different words of a text, stop words too; None for a document, whose terms are all that is kept of it.
    """

    question: Question
    reading: Reading
    words: tuple[str, ...] | None


def by_text(index: OpenedIndex, text: str) -> Asked:
    """Ask by a text."""
    counted = Counter(words(text))
    reading = _reading(index, counted)
    question = Question(text, _encoded(reading, index.bits), index.lexicon.counted(counted), reading.margins)
    return Asked(question, reading, tuple(counted))


def encode_text(index: OpenedIndex, text: str) -> Encoded:
    """Give a text's code alone: no word is looked up but in the vocabulary."""
    return _encoded(_reading(index, Counter(words(text))), index.bits)


def _reading(index: OpenedIndex, counted: Mapping[str, int]) -> Reading:
    encoder = index.encoder if index.has_model else GivenCode(None, index.bits)
    return Reading(encoder, _coded(index, counted))


def _encoded(reading: Reading, bits: int) -> Encoded:
    code = codes.to_ints(codes.pack(reading.margins()[np.newaxis] > 0))[0]
    return Encoded(code, bits, int(reading.counts.data.sum()))


def by_document(index: OpenedIndex, entry: CatalogueEntry) -> Asked:
    """Ask by a document of the index, which is not to be found itself."""
    terms = index.term_index.counts.take(np.array([entry.row]))
    held = zip(terms.indices.tolist(), terms.data.tolist(), strict=True)
    encoder = index.encoder if index.has_model else GivenCode(entry.code, index.bits)
    reading = Reading(encoder, _coded(index, {index.lexicon.word(term): n for term, n in held}))
    encoded = Encoded(entry.code, index.bits, entry.known_words)
    return Asked(Question(entry.id, encoded, terms, reading.margins, entry.row), reading, None)


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
    """Count the different words, stop words and over-long ones aside."""
    if asked.words is None:
        return len(asked.question.terms.indices)
    return sum(len(word) <= MAX_WORD_LENGTH and word not in index.stop_words for word in asked.words)


def _coded(index: OpenedIndex, counted: Mapping[str, int]) -> Counts:
    """Count words over the vocabulary."""
    columns = index.vocabulary
    held = sorted((columns[word], n) for word, n in counted.items() if word in columns)
    indices = np.array([column for column, _ in held], dtype=np.int32)
    data = np.array([n for _, n in held], dtype=np.int64)
    return Counts(np.array([0, len(held)]), indices, data, len(columns))
