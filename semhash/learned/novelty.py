"""Whether a text is unlike all that was learned from, by how well the code says its words. Numpy alone.

Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 14.3: an autoencoder reconstructs well what
is like its training documents, and badly what is not. How badly depends on how long a text is, so a text is
held against training documents, and against words drawn from them, of its own length.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder, input_weights, weigh
from semhash.config import ModelConfig
from semhash.learned.outliers import levels_of
from semhash.store import IndexFolder
from semhash.vocabulary import Counts

__all__ = ["FILE", "UNLIKE", "Novelty", "NoveltyScale", "few_words", "surprises"]

UNLIKE = 99.5
"""The percentile beyond which a text is unlike the training documents, as 1 of 200 of them is."""

LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""From how many different words on each class of lengths begins."""

FILE = "novelty.npy"
"""Where an index has the quantiles."""

_WHOLE, _DRAWN = (
    1500,
    400,
)  # texts measured: documents, and for each class of lengths words drawn from documents
_ENOUGH = 300
_LEVELS = 401
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Novelty:
    """How a text stands to what was learned from.

    Attributes
    ----------
    words : int
        Different words of the text, stop words aside.
    known : int
        How many of them are in the vocabulary.
    surprise : float
        Share of the texts of its length whose words are expected more at their codes, 0 to 1.
    strangeness : float
        Share of the texts of its length that have a larger part of their words in the vocabulary, 0 to 1.
    """

    words: int
    known: int
    surprise: float
    strangeness: float

    @property
    def percentile(self) -> float:
        """How many percent of the texts of its length are less unusual, at least, taking both shares together.

        Bonferroni's inequality: of two shares, one is beyond s in at most 2 (1 - s) of the texts.
        """
        return 100 * max(0.0, 2 * max(self.surprise, self.strangeness) - 1)

    @property
    def unlike(self) -> bool:
        """Whether it is beyond `UNLIKE`."""
        return self.percentile > UNLIKE


@dataclass(frozen=True, eq=False)
class NoveltyScale:
    """How unusual a surprise, and a share of unknown words, are among texts of each length.

    Attributes
    ----------
    quantiles : ndarray of shape (2, n_lengths, n_quantiles), float32
        Evenly spaced quantiles of the surprises, in nats a word, by the number of different known words; and of
        the shares of unknown words, by the number of different words. A class of `LENGTHS` each.
    """

    quantiles: NDArray[np.float32]

    @classmethod
    def learn(
        cls, encoder: Encoder, decoder: Decoder, counts: Counts, terms: NDArray[np.int64], seed: int
    ) -> Self | None:
        """Learn from documents, and from a few words drawn from documents, which is what a query is like.

        Parameters
        ----------
        encoder, decoder : Encoder, Decoder
            The trained model.
        counts : Counts of shape (n_documents, n_words)
            The training documents, over the lexicon.
        terms : ndarray of shape (n_coded_words,), int64
            The vocabulary, as columns of the counts.
        seed : int
            Start of the random stream that documents and words are drawn from.

        Returns
        -------
        NoveltyScale or None
            None for so few documents that nothing can be said of 1 in 200.
        """
        random = np.random.default_rng(seed)
        if np.count_nonzero(np.diff(counts.indptr)) < _ENOUGH:
            return None
        words, known, errors = (
            np.concatenate(parts)
            for parts in zip(
                *(_measured(encoder, decoder, s, terms) for s in _samples(counts, random)), strict=True
            )
        )
        seen = known > 0
        unknown = 1 - known[seen] / words[seen]
        return cls(np.stack([_by_length(errors[seen], known[seen]), _by_length(unknown, words[seen])]))

    @classmethod
    def read(cls, folder: IndexFolder) -> Self | None:
        """Read the scale of an index; None where it has none: one of few documents, or of an earlier version.

        Raises
        ------
        IndexDamagedError
            It is of another type or shape.
        """
        if FILE not in folder.manifest.files:
            return None
        return cls(folder.array(FILE, np.float32, (2, len(LENGTHS), None)))

    def judge(self, words: int, known: int, surprise: float) -> Novelty:
        """Say how a text stands to the training documents.

        Parameters
        ----------
        words, known : int
            How many different words it has, stop words aside, and how many of them are in the vocabulary, 1 or
            above.
        surprise : float
            As `surprises` gives it, in nats a word.
        """
        surprised = levels_of(self.quantiles[0, _class_of(known)], np.array([surprise]))
        strange = levels_of(self.quantiles[1, _class_of(words)], np.array([1 - known / words]))
        return Novelty(words, known, float(surprised[0]), float(strange[0]))


def surprises(
    encoder: Encoder, decoder: Decoder, counts: Counts, activations: NDArray[np.float32] | None = None
) -> NDArray[np.float64]:
    """Give each text's reconstruction error, the cross-entropy of its words ``-sum_i t_i log p_i``.

    The shares t are of what the encoder's targets are, p is what the decoder expects at the text's own code
    without noise. Whatever its length, a text drawn from the p that is expected of it has one and the same mean
    error, the entropy of p; that of a few words scatters more widely about it.

    Parameters
    ----------
    encoder, decoder : Encoder, Decoder
        The trained model.
    counts : Counts of shape (n_texts, n_coded_words)
        Over the vocabulary.
    activations : ndarray of shape (n_texts, bits), float32, or None
        The inputs of the code units where they are known already: see `Encoder.activations`.

    Returns
    -------
    ndarray of shape (n_texts,), float64
        Nats a word, 0 or above; nan for a text without a known word.
    """
    found = np.full(len(counts), np.nan)
    for start in range(0, len(counts), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(counts)))
        some = counts.take(rows)
        known = encoder.activations(some) if activations is None else activations[rows]
        found[rows] = _surprises(encoder, decoder, some, encoder.values_at(known))
    return found


def _surprises(
    encoder: Encoder, decoder: Decoder, counts: Counts, values: NDArray[np.float32]
) -> NDArray[np.float64]:
    owners = counts.owners()
    expected = decoder.log_shares(values)[owners, counts.indices]
    weights = _target_weights(counts, encoder.idf, encoder.config)
    totals = np.bincount(owners, weights=weights, minlength=len(counts))
    sums = np.bincount(owners, weights=-weights * expected, minlength=len(counts))
    return np.asarray(np.divide(sums, totals, out=np.full(len(counts), np.nan), where=totals > 0))


def _target_weights(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[Any]:
    """Give the weight of each entry among the targets, up to a factor a document: see `ModelConfig.targets`."""
    if config.targets == "tfidf":
        return weigh(counts, idf, 1.0)
    if config.targets == "inputs":
        return input_weights(counts, idf, config)
    return np.ones(len(counts.data)) if config.targets == "binary" else counts.data


def few_words(counts: Counts, sizes: NDArray[np.int64], random: "np.random.Generator") -> Counts:
    """Draw some of each document's different words, once each, as if they were all it held.

    A word is drawn the likelier the more often it is there, as in going through the text at random: the first of
    exponential races at the rates of the counts (Efraimidis and Spirakis, *Weighted Random Sampling with a
    Reservoir*, 2006).

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
    sizes : ndarray of shape (n_documents,), int64
        How many of each document.
    random : Generator
    """
    owners = counts.owners()
    order = np.lexsort((random.exponential(size=len(counts.data)) / counts.data, owners))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order)) - counts.indptr[:-1][owners]
    drawn = counts.entries(places < sizes[owners])
    return Counts(drawn.indptr, drawn.indices, np.ones_like(drawn.data), drawn.n_columns)


def _samples(counts: Counts, random: "np.random.Generator") -> Iterator[Counts]:
    """Give whole documents, and for each class of lengths a few words of documents that have more."""
    lengths = np.diff(counts.indptr)
    yield counts.take(random.permutation(np.flatnonzero(lengths))[:_WHOLE])
    for least, next_least in zip(LENGTHS, (*LENGTHS[1:], 2 * LENGTHS[-1]), strict=True):
        drawn = counts.take(random.permutation(np.flatnonzero(lengths > least))[:_DRAWN])
        yield few_words(drawn, random.integers(least, next_least, len(drawn)), random)


def _measured(
    encoder: Encoder, decoder: Decoder, counts: Counts, terms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the number of words of each text, how many are known, and its surprise."""
    coded = counts.columns(terms)
    return np.diff(counts.indptr), np.diff(coded.indptr), surprises(encoder, decoder, coded)


def _class_of(length: int) -> int:
    return int(np.searchsorted(LENGTHS, length, side="right")) - 1


def _by_length(errors: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give the quantiles of the errors of each class; one with too few has those of the nearest that has enough."""
    classes = np.searchsorted(LENGTHS, lengths, side="right") - 1
    sizes = np.bincount(classes, minlength=len(LENGTHS))
    enough = np.flatnonzero(sizes >= min(_ENOUGH, sizes.max()))
    levels = np.linspace(0, 1, _LEVELS)
    quantiles = {int(c): np.quantile(errors[classes == c], levels) for c in enough}
    return np.stack([quantiles[_nearest(c, enough)] for c in range(len(LENGTHS))]).astype(np.float32)


def _nearest(wanted: int, there: NDArray[np.int64]) -> int:
    return int(min(there, key=lambda c: abs(int(c) - wanted)))
