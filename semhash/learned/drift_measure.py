"""How a drift is measured: unknown words, reconstruction error and bit balance of the documents that came later."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.learned.model import LearnedModel
from semhash.learned.novelty import surprises
from semhash.store.drift import BEYOND, Drift, Usual
from semhash.vocabulary import Counts

__all__ = ["LATER", "LEARNED_FROM", "SURPRISING", "USUAL", "drift_of", "marks_of", "usual_of"]

LEARNED_FROM, LATER, USUAL, SURPRISING = range(4)
"""What a document is marked as: one that was learned from; or a later one, not measured, or measured and found so."""

_MEASURED = 2000  # of the new documents of one generation, at most: the error takes longer than the code
_BLOCK = 8192
_ENTRIES = 4_000_000


def usual_of(
    counts: Counts,
    terms: NDArray[np.int64],
    packed: NDArray[np.uint8],
    bits: int,
    stopped: NDArray[np.bool_] | None = None,
) -> Usual:
    """Describe the documents that a model was learned from.

    A word that only one document holds counts as unknown to it: so many words of a text that the model has not
    seen are to be expected unknown (Good, *The population frequencies of species*, Biometrika 40, 1953).

    Parameters
    ----------
    counts : Counts of shape (n_documents, n_words)
        The documents, over the lexicon.
    terms : ndarray of shape (n_coded_words,), int64
        The vocabulary, as columns of the counts.
    packed : ndarray of shape (n_documents, n_bytes), uint8
        Their codes.
    bits : int
        Width of the codes.
    stopped : ndarray of shape (n_words,), bool, or None
        Which words are stop words: they are neither known nor unknown.
    """
    known = _known(counts, terms) & (_document_frequency(counts) > 1)
    rows = np.flatnonzero(np.diff(counts.indptr))
    unknown = _unknown(counts, known, rows, stopped)
    balance = _balance(packed, bits, rows)
    beyond = float(np.quantile(unknown, BEYOND)) if len(rows) else 1.0
    return Usual(unknown=_mean(unknown), unknown_beyond=beyond, bits=tuple(balance.tolist()))


def marks_of(
    model: LearnedModel,
    counts: Counts,
    terms: NDArray[np.int64],
    before: NDArray[np.uint8],
    new: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Mark the documents of a generation.

    Parameters
    ----------
    model : LearnedModel
        What encodes them, and was not learned from the new ones.
    counts, terms
        As in `usual_of`.
    before : ndarray of shape (n_documents,), uint8
        What those that are kept were marked as.
    new : ndarray of shape (n_new,), int64
        The rows of the others. The reconstruction error of 2,000 of them is measured, evenly spaced.
    """
    marks = before.copy()
    marks[new] = LATER
    if model.novelty is None or not len(new):
        return marks
    some = new[np.linspace(0, len(new) - 1, min(len(new), _MEASURED)).astype(np.int64)]
    coded = counts.take(some).columns(terms)
    lengths = np.diff(coded.indptr)
    errors = surprises(model.encoder, model.decoder, coded)
    for row, length, error in zip(some.tolist(), lengths.tolist(), errors.tolist(), strict=True):
        if length:
            level = model.novelty.judge(length, length, error).surprise
            marks[row] = SURPRISING if level > BEYOND else USUAL
    return marks


def drift_of(  # noqa: PLR0917, what a generation consists of
    model: LearnedModel,
    usual: Usual | None,
    counts: Counts,
    terms: NDArray[np.int64],
    packed: NDArray[np.uint8],
    marks: NDArray[np.uint8],
    stopped: NDArray[np.bool_] | None = None,
) -> Drift | None:
    """Compare the documents that came later with those that the model was learned from.

    Parameters
    ----------
    model : LearnedModel
    usual : Usual or None
        What those are like.
    counts, terms, packed
        As in `usual_of`, of all documents.
    marks : ndarray of shape (n_documents,), uint8
        As of `marks_of`.
    stopped
        As in `usual_of`.

    Returns
    -------
    Drift or None
        None where no document with words came later, or nothing is known of those learned from.
    """
    later = np.flatnonzero((marks > LEARNED_FROM) & (np.diff(counts.indptr) > 0))
    if usual is None or not len(later):
        return None
    unknown = _unknown(counts, _known(counts, terms), later, stopped)
    measured = marks[later][marks[later] > LATER]
    shifts = np.abs(_balance(packed, len(usual.bits), later) - np.array(usual.bits))
    return Drift(
        n_learned_from=model.record.n_documents,
        n_later=len(later),
        n_measured=len(measured),
        unknown_usual=usual.unknown,
        unknown=_mean(unknown),
        strange=_mean(unknown > usual.unknown_beyond),
        surprising=_mean(measured == SURPRISING),
        shift=round(float(shifts.max()), 6),
        shifted_bit=int(shifts.argmax()),
    )


def _mean(values: NDArray[Any]) -> float:
    return round(float(values.mean()), 6) if len(values) else 0.0


def _known(counts: Counts, terms: NDArray[np.int64]) -> NDArray[np.bool_]:
    known = np.zeros(counts.n_columns, dtype=bool)
    known[terms] = True
    return known


def _document_frequency(counts: Counts) -> NDArray[np.int64]:
    found = np.zeros(counts.n_columns, dtype=np.int64)
    for start in range(0, len(counts.indices), _ENTRIES):
        found += np.bincount(counts.indices[start : start + _ENTRIES], minlength=counts.n_columns)
    return found


def _unknown(
    counts: Counts, known: NDArray[np.bool_], rows: NDArray[np.int64], stopped: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Give the share of the different words of some documents that are unknown, stop words aside."""
    asked = np.ones(counts.n_columns, dtype=bool) if stopped is None else ~stopped
    shares = [np.empty(0)]
    for start in range(0, len(rows), _BLOCK):
        some = counts.take(rows[start : start + _BLOCK])
        found, lengths = (_held(some, words) for words in (asked & ~known, asked))
        shares.append(found / np.maximum(1, lengths))
    return np.concatenate(shares)


def _held(counts: Counts, words: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give how many of some words each document has, each once."""
    before = np.concatenate(([0], np.cumsum(words[counts.indices])))
    return np.asarray(np.diff(before[counts.indptr]))


def _balance(packed: NDArray[np.uint8], bits: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the mean of each bit over some documents."""
    totals = np.zeros(bits)
    for start in range(0, len(rows), _BLOCK):
        totals += codes.unpack(packed[rows[start : start + _BLOCK]], bits).sum(axis=0)
    return np.round(totals / max(1, len(rows)), 6)
