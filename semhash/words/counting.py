"""Texts to counts of their terms, in one pass over as many texts as there are.

Tokens are counted as they come, by number; once all texts were seen it is known which languages they are in, and each
different token is made terms of once for each of them: see `semhash.analysis`.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import Analyzer, spelling_bit
from semhash.analysis.detection import guess
from semhash.analysis.languages import Language, language_numbered
from semhash.analysis.settling import as_guess, settled
from semhash.analysis.spelling import spelled
from semhash.analysis.stemming import lowered
from semhash.analysis.tokens import tokens
from semhash.vocabulary import Counts, Lexicon
from semhash.words.merging import Counted
from semhash.words.numbers import WordNumbers

__all__ = ["CountsBuilder"]

_AT_ONCE = 1 << 17  # tokens that are counted together: enough for numpy to pay, few enough to weigh nothing
_LOW = 32  # bits of a word's number, beside which a key has the number of its document

_Ints = NDArray[np.int64]


class CountsBuilder:
    """Counts a stream of texts, in one pass, over all the words that it meets.

    Parameters
    ----------
    analyzer : Analyzer
        Makes terms of tokens.
    languages : mapping of str to int, or None
        Those that the model was learned from, for documents that came later: see `semhash.analysis.settling.settled`.

    Attributes
    ----------
    numbers : WordNumbers
        The numbers by which tokens are counted; to ask for that of a token that no text holds changes nothing.
    """

    def __init__(self, analyzer: Analyzer | None = None, languages: Mapping[str, int] | None = None) -> None:
        self.numbers = WordNumbers()
        self._analyzer = analyzer or Analyzer()
        self._known = languages
        self._waiting = array("i")
        self._lengths: list[int] = []
        self._guesses = array("h")
        self._blocks: list[Counts] = []

    def add(self, text: str) -> None:
        """Count one more text."""
        cut = tokens(text)
        self._waiting.extend(map(self.numbers.__getitem__, cut))
        fixed = self._analyzer.fixed
        self._added(len(cut), as_guess(*guess(text, cut)) if fixed is None else 0)

    def add_numbered(self, numbers: NDArray[np.int32], guessed: int) -> None:
        """Count one more text, given as the numbers of its tokens, shape (n_tokens,), and a guess of its language."""
        self._waiting.frombytes(numbers.tobytes())
        self._added(len(numbers), guessed)

    def _added(self, n_tokens: int, guessed: int) -> None:
        self._lengths.append(n_tokens)
        self._guesses.append(guessed)
        if len(self._waiting) >= _AT_ONCE:
            self._count()

    def _count(self) -> None:
        """Count the texts that wait, over the numbers of their tokens."""
        n_texts = len(self._lengths)
        keys = np.frombuffer(self._waiting, dtype=np.int32).astype(np.int64)
        keys |= np.repeat(np.arange(n_texts), np.array(self._lengths, dtype=np.int64)) << _LOW
        self._blocks.append(_counted(keys, n_texts, len(self.numbers)))
        self._waiting = array("i")
        self._lengths.clear()

    def finish(self) -> Counted:
        """Give the texts as counts of their terms, over a lexicon of all of them."""
        self._count()
        languages = self._languages()
        tables = self._tables(languages)
        terms = list(tables.numbers)
        order = sorted(range(len(terms)), key=terms.__getitem__)
        new = np.empty(len(terms), dtype=np.int32)
        new[order] = np.arange(len(order), dtype=np.int32)
        blocks, spellings, first = [], [], 0
        for block in self._blocks:
            counts, spelled = _as_terms(block, languages[first : first + len(block)], tables, new)
            blocks.append(counts)
            spellings.append(spelled)
            first += len(block)
        lexicon = Lexicon.from_words([terms[i] for i in order])
        forms, is_main, is_stop = tables.described(new)
        return Counted(
            lexicon,
            _joined(blocks, len(lexicon)),
            np.concatenate(spellings),
            Lexicon.from_words(forms),
            languages,
            is_main,
            is_stop,
        )

    def _languages(self) -> NDArray[np.uint8]:
        fixed = self._analyzer.fixed
        guesses = np.array(self._guesses, dtype=np.int16)
        if fixed is not None:
            return np.full(len(guesses), fixed.number, dtype=np.uint8)
        return settled(guesses, self._known)

    def _tables(self, languages: NDArray[np.uint8]) -> "_Tables":
        """Make terms of every token, for each language in which a text holds it."""
        tables = _Tables(self._analyzer, list(self.numbers))
        in_use = np.unique(languages).tolist()
        held = {number: np.zeros(len(self.numbers), dtype=np.int64) for number in in_use}
        first = 0
        for block in self._blocks:
            of_entries = np.repeat(languages[first : first + len(block)], np.diff(block.indptr))
            for number in in_use:
                mine = of_entries == number
                if mine.any():
                    held[number] += np.bincount(
                        block.indices[mine], block.data[mine], len(self.numbers)
                    ).astype(np.int64)
            first += len(block)
        for number, counts in held.items():
            tables.add(number, counts)
        return tables


@dataclass(frozen=True)
class _Table:
    """The terms of each token in one language: those of token i are ``terms[starts[i]:starts[i + 1]]``.

    ``bits`` has that of the spelling in which the token has each term.
    """

    starts: _Ints
    terms: NDArray[np.int32]
    bits: NDArray[np.uint8]


@dataclass(slots=True)
class _Entry:
    """A written word in one language: its terms, by number, whether it is a stop word, and how often it was met."""

    form: str
    terms: list[int]
    is_stop: bool
    bit: int
    times: int = 0


class _Tables:
    """The terms of tokens, language by language, and what becomes known of terms on the way."""

    def __init__(self, analyzer: Analyzer, listed: list[str]) -> None:
        self.numbers = WordNumbers()
        self.by_language: dict[int, _Table] = {}
        self._analyzer = analyzer
        self._tokens = listed
        self._entries: list[_Entry] = []

    def add(self, number: int, counts: _Ints) -> None:
        """Make terms of the tokens that are held so often by the documents of a language."""
        language = language_numbered(number)
        known: dict[str, _Entry | None] = {}
        lengths, found, bits = np.zeros(len(counts), dtype=np.int64), array("i"), bytearray()
        held = np.flatnonzero(counts)
        for token, times in zip(held.tolist(), counts[held].tolist(), strict=True):
            before = len(found)
            for piece in spelled(self._tokens[token]):
                form = lowered(piece, language)
                if form not in known:
                    known[form] = self._entry(piece, language)
                entry = known[form]
                if entry is not None:
                    entry.times += times
                    found.extend(entry.terms)
                    bits.extend([entry.bit] * len(entry.terms))
            lengths[token] = len(found) - before
        starts = np.concatenate(([0], np.cumsum(lengths)))
        self.by_language[number] = _Table(
            starts, np.array(found, dtype=np.int32), np.frombuffer(bytes(bits), dtype=np.uint8)
        )
        self._entries += filter(None, known.values())

    def _entry(self, piece: str, language: Language) -> _Entry | None:
        word = self._analyzer.word(piece, language)
        if word is None:
            return None
        terms = (*word.terms, word.exact) if word.exact else word.terms
        numbers = [self.numbers[term] for term in terms]
        return _Entry(word.form, numbers, word.is_stop, spelling_bit(word.form))

    def described(self, new: NDArray[np.int32]) -> tuple[list[str], NDArray[np.bool_], NDArray[np.bool_]]:
        """Give each term's most frequent form, whether it is the first of a word, and whether a stop word, in order."""
        best: list[tuple[int, str]] = [(1, "")] * len(new)
        is_main = np.zeros(len(new), dtype=bool)
        held, stopped = [0] * len(new), [0] * len(new)
        for entry in self._entries:
            found = (-entry.times, entry.form)
            is_main[new[entry.terms[0]]] = True
            for number in entry.terms:
                best[number] = min(best[number], found)
                held[number] += entry.times
                stopped[number] += entry.times * entry.is_stop
        forms = [""] * len(new)
        is_stop = np.zeros(len(new), dtype=bool)
        for number, place in enumerate(new.tolist()):
            forms[place] = best[number][1]
            is_stop[place] = 2 * stopped[number] > held[number]
        return forms, is_main, is_stop


def _as_terms(
    block: Counts, languages: NDArray[np.uint8], tables: _Tables, new: NDArray[np.int32]
) -> tuple[Counts, NDArray[np.uint8]]:
    """Put terms in the place of tokens, each document's in the order of the lexicon; give their spellings, too."""
    owners = block.owners()
    starts, lengths = np.empty(len(owners), dtype=np.int64), np.empty(len(owners), dtype=np.int64)
    flat, spelled, before = [], [], 0
    for number, table in tables.by_language.items():
        mine = slice(None) if len(tables.by_language) == 1 else languages[owners] == number
        tokens_held = block.indices[mine]
        starts[mine] = table.starts[tokens_held] + before
        lengths[mine] = table.starts[tokens_held + 1] - table.starts[tokens_held]
        flat.append(table.terms)
        spelled.append(table.bits)
        before += len(table.terms)
    terms = np.concatenate(flat) if flat else np.zeros(0, dtype=np.int32)
    ends = np.cumsum(lengths)
    places = np.repeat(starts - ends + lengths, lengths) + np.arange(int(ends[-1]) if len(ends) else 0)
    bits = np.concatenate(spelled)[places] if spelled else np.zeros(0, dtype=np.uint8)
    keys = new[terms[places]].astype(np.int64) | np.repeat(owners, lengths) << _LOW
    order = np.argsort(keys, kind="stable")
    keys, firsts = _firsts(keys[order])
    if not len(keys):
        return _counts(keys, np.zeros(0, dtype=np.int64), len(block), len(new)), bits
    times = np.repeat(block.data, lengths)[order].astype(np.int64)
    counts = _counts(keys, np.add.reduceat(times, firsts), len(block), len(new))
    return counts, np.bitwise_or.reduceat(bits[order], firsts)


def _counted(keys: _Ints, n_texts: int, n_columns: int) -> Counts:
    """Count keys of a document and a word."""
    n_keys = len(keys)
    keys.sort()
    keys, firsts = _firsts(keys)
    return _counts(keys, np.diff(firsts, append=n_keys), n_texts, n_columns)


def _firsts(keys: _Ints) -> tuple[_Ints, _Ints]:
    """Return the different ones of some keys in order, and where each begins."""
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[firsts], firsts


def _counts(keys: _Ints, counts: _Ints, n_texts: int, n_columns: int) -> Counts:
    """Write different keys of a document and a word, in order, as counts."""
    n_distinct = np.bincount(keys >> _LOW, minlength=n_texts)
    return Counts(
        np.concatenate(([0], np.cumsum(n_distinct))),
        keys.astype(np.int32),  # the low bits
        counts.astype(np.min_scalar_type(int(counts.max(initial=0)))),
        n_columns,
    )


def _joined(blocks: list[Counts], n_columns: int) -> Counts:
    lengths = np.concatenate([np.diff(block.indptr) for block in blocks])
    return Counts(
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate([block.indices for block in blocks]),
        np.concatenate([block.data for block in blocks]),
        n_columns,
    )
