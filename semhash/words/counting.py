"""Texts to counts of their terms, in one pass over as many texts as there are.

Tokens are counted as they come, by number; once all texts were seen it is known which languages they are in, and each
different token is made terms of once for each of them: see `semhash.analysis`.
"""

from array import array
from collections.abc import Mapping, Sequence
from itertools import compress
from operator import not_
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import Analyzer, spelling_bit
from semhash.analysis.languages import NONE, Language, language_numbered
from semhash.analysis.settling import Guesses, quick_guess
from semhash.analysis.spelling import spelled
from semhash.analysis.stemming import lowered
from semhash.analysis.tokens import tokens
from semhash.vocabulary import Counts, Lexicon
from semhash.words.merging import Counted
from semhash.words.numbers import WordNumbers

__all__ = ["CountsBuilder"]

_AT_ONCE = 1 << 17  # tokens that are counted together: enough for numpy to pay, few enough to weigh nothing
_BITS, _BYTE = 63, 8  # of a number above 0, and of a spelling
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
        self._waiting = array("i")
        self._lengths: list[int] = []
        self._guesses = Guesses(languages)
        self._blocks: list[Counts] = []

    def add(self, text: str) -> None:
        """Count one more text."""
        cut = tokens(text)
        self._waiting.fromlist(list(map(self.numbers.__getitem__, cut)))
        self._added(len(cut), quick_guess(text, cut) if self._analyzer.fixed is None else 0, text)

    def add_numbered(self, numbers: NDArray[np.int32], guessed: int, text: str = "") -> None:
        """Count one more text, given as the numbers of its tokens, shape (n_tokens,), and a guess of its language.

        The text itself is looked at where that is left open.
        """
        self._waiting.frombytes(numbers.tobytes())
        self._added(len(numbers), guessed, text)

    def _added(self, n_tokens: int, guessed: int, text: str) -> None:
        self._lengths.append(n_tokens)
        self._guesses.add(guessed, text)
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
        self.numbers.clear()  # of no more use, and many
        terms = sorted(tables.numbers)
        new = np.empty(len(terms), dtype=np.int32)
        new[np.fromiter(map(tables.numbers.__getitem__, terms), dtype=np.intp, count=len(terms))] = np.arange(
            len(terms), dtype=np.int32
        )
        blocks, spellings, first = [], [], 0
        self._blocks.reverse()
        while self._blocks:  # of which none is kept longer than it is needed
            block = self._blocks.pop()
            counts, spelled_as = _as_terms(block, languages[first : first + len(block)], tables, new)
            blocks.append(counts)
            spellings.append(spelled_as)
            first += len(block)
        forms, is_main, is_stop = tables.described(new)
        return Counted(
            Lexicon.from_words(terms),
            _joined(blocks, len(terms)),
            np.concatenate(spellings),
            Lexicon.from_words(forms),
            languages,
            is_main,
            is_stop,
        )

    def _languages(self) -> NDArray[np.uint8]:
        guessed = self._guesses.settled()
        fixed = self._analyzer.fixed
        return guessed if fixed is None else np.full(len(guessed), fixed.number, dtype=np.uint8)

    def _tables(self, languages: NDArray[np.uint8]) -> "_Tables":
        """Make terms of every token, for each language in which a text holds it."""
        tables = _Tables(self._analyzer, list(self.numbers))
        in_use = np.unique(languages).tolist() or [NONE.number]
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


class _Table(NamedTuple):
    """The terms of each token in one language: those of token i are ``terms[starts[i]:starts[i + 1]]``.

    ``bits`` has that of the spelling in which the token has each term.
    """

    starts: _Ints
    terms: NDArray[np.int32]
    bits: NDArray[np.uint8]


class _Words(NamedTuple):
    """The written words of one language.

    Attributes
    ----------
    forms : list of str
        In small letters.
    starts, terms : ndarray
        The terms of each, by number, as of `_Table`; a word that is left out has none.
    is_stop : ndarray of shape (n_forms,), bool
    times : ndarray of shape (n_forms,), int64
        How often each was met.
    """

    forms: list[str]
    starts: _Ints
    terms: NDArray[np.int32]
    is_stop: NDArray[np.bool_]
    times: _Ints


class _Tables:
    """The terms of tokens, language by language, and what becomes known of terms on the way."""

    def __init__(self, analyzer: Analyzer, listed: list[str]) -> None:
        self.numbers = WordNumbers()
        self.by_language: dict[int, _Table] = {}
        self._analyzer = analyzer
        self._tokens = listed
        self._words: list[_Words] = []

    def add(self, number: int, counts: _Ints) -> None:
        """Make terms of the tokens that are held so often by the documents of a language."""
        language = language_numbered(number)
        forms = WordNumbers()  # in small letters
        lengths = np.zeros(len(counts), dtype=np.int64)
        held = np.flatnonzero(counts)
        tokens_held = list(map(self._tokens.__getitem__, held.tolist()))
        simple = lowered("I", language) == "i"
        plain = [
            simple and token.isascii() and token.isalpha() and (token.islower() or token[1:].islower())
            for token in tokens_held
        ]  # as most are, which are spelled in one way: all of them by a few calls
        of_plain = list(map(forms.__getitem__, map(str.lower, compress(tokens_held, plain))))
        pieces = list(forms)  # each form as it is written where it is met first
        in_order, n_pieces = array("i"), []
        for token in compress(tokens_held, map(not_, plain)):
            some = spelled(token)
            n_pieces.append(len(some))
            for piece in some:
                form = lowered(piece, language)
                in_order.append(forms[form])
                if len(pieces) < len(forms):
                    pieces.append(piece)
        is_plain = np.array(plain, dtype=bool)
        lengths[held[is_plain]] = 1
        lengths[held[~is_plain]] = n_pieces
        before = np.cumsum(lengths) - lengths
        of_tokens = np.empty(int(lengths.sum()), dtype=np.int64)
        of_tokens[before[held[is_plain]]] = of_plain
        others = held[~is_plain]
        of_tokens[_places(before[others], lengths[others])] = in_order
        times = np.bincount(of_tokens, np.repeat(counts, lengths), len(forms)).astype(np.int64)
        words = self._made(list(forms), pieces, language, times)
        self._words.append(words)
        of_forms = np.diff(words.starts)
        n_terms = of_forms[of_tokens]
        before = np.concatenate(([0], np.cumsum(n_terms)))
        starts = before[np.concatenate(([0], np.cumsum(lengths)))]
        places = _places(words.starts[of_tokens], n_terms)
        bits = np.fromiter(map(spelling_bit, words.forms), dtype=np.uint8, count=len(words.forms))
        self.by_language[number] = _Table(starts, words.terms[places], np.repeat(bits[of_tokens], n_terms))

    def _made(self, forms: list[str], pieces: Sequence[str], language: Language, times: _Ints) -> _Words:
        """Make terms of written words, given in small letters and as they are; most by one call of the stemmer."""
        stop_words = self._analyzer.stop_words_of(language)
        stems = self._analyzer.plain_stems(pieces, language)
        number = self.numbers.__getitem__
        n_terms = np.ones(len(forms), dtype=np.int64)
        is_stop = np.fromiter(map(stop_words.__contains__, forms), dtype=bool, count=len(forms))
        of_plain = list(map(number, filter(None, stems)))
        others = np.array([at for at, stem in enumerate(stems) if not stem], dtype=np.int64)
        of_others = array("i")
        for at in others.tolist():
            word = self._analyzer.word(pieces[at], language)
            found = () if word is None else (*word.terms, word.exact) if word.exact else word.terms
            of_others.extend([number(term) for term in found])
            n_terms[at], is_stop[at] = len(found), word is not None and word.is_stop
            forms[at] = forms[at] if word is None else word.form
        starts = np.concatenate(([0], np.cumsum(n_terms)))
        terms = np.empty(int(starts[-1]), dtype=np.int32)
        terms[starts[:-1][np.fromiter(map(bool, stems), dtype=bool, count=len(stems))]] = of_plain
        terms[_places(starts[others], n_terms[others])] = of_others
        return _Words(forms, starts, terms, is_stop, times)

    def described(self, new: NDArray[np.int32]) -> tuple[list[str], NDArray[np.bool_], NDArray[np.bool_]]:
        """Give each term's most frequent form, whether it is the first of a word, and whether a stop word, in order."""
        forms = [form for words in self._words for form in words.forms]
        times = np.concatenate([words.times for words in self._words])
        n_terms = np.concatenate([np.diff(words.starts) for words in self._words])
        terms = new[np.concatenate([words.terms for words in self._words])]
        firsts = (np.cumsum(n_terms) - n_terms)[n_terms > 0]
        owners = np.repeat(np.arange(len(forms)), n_terms)
        is_main = np.zeros(len(new), dtype=bool)
        is_main[terms[firsts]] = True
        is_stop = np.concatenate([words.is_stop for words in self._words])[owners]
        held = np.bincount(terms, times[owners], len(new))
        stopped = np.bincount(terms, times[owners] * is_stop, len(new))
        most = np.zeros(len(new), dtype=np.int64)
        np.maximum.at(most, terms, times[owners])
        among = np.flatnonzero(times[owners] == most[terms])
        best = [""] * len(new)
        for term, owner in zip(terms[among].tolist(), owners[among].tolist(), strict=True):
            form = forms[owner]
            if not best[term] or form < best[term]:
                best[term] = form
        return best, is_main, 2 * stopped > held


def _as_terms(
    block: Counts, languages: NDArray[np.uint8], tables: _Tables, new: NDArray[np.int32]
) -> tuple[Counts, NDArray[np.uint8]]:
    """Put terms in the place of tokens, each document's in the order of the lexicon; give their spellings, too."""
    owners = block.owners()
    starts, lengths = np.empty(len(owners), dtype=np.int64), np.empty(len(owners), dtype=np.int64)
    before = 0
    for number, table in tables.by_language.items():
        mine = slice(None) if len(tables.by_language) == 1 else languages[owners] == number
        tokens_held = block.indices[mine]
        starts[mine] = table.starts[tokens_held] + before
        lengths[mine] = table.starts[tokens_held + 1] - table.starts[tokens_held]
        before += len(table.terms)
    places = _places(starts, lengths)
    terms = new[np.concatenate([table.terms for table in tables.by_language.values()])[places]]
    bits = np.concatenate([table.bits for table in tables.by_language.values()])[places]
    times = np.repeat(block.data, lengths).astype(np.int64)
    keys, times, bits = _in_order(terms, np.repeat(owners, lengths), times, bits, len(new))
    keys, firsts = _firsts(keys)
    if not len(keys):
        return _counts(keys, times, len(block), len(new)), bits
    counts = _counts(keys, np.add.reduceat(times, firsts), len(block), len(new))
    return counts, np.bitwise_or.reduceat(bits, firsts)


def _places(starts: _Ints, lengths: _Ints) -> _Ints:
    """Return the places of runs that start somewhere and are so long, one after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(int(ends[-1]) if len(ends) else 0)


def _in_order(
    terms: NDArray[np.int32], owners: _Ints, times: _Ints, bits: NDArray[np.uint8], n_columns: int
) -> tuple[_Ints, _Ints, NDArray[np.uint8]]:
    """Return keys of documents and terms in order, and what belongs to each.

    All that is known of one is sorted as one number where it fits, which is several times as fast.
    """
    for_terms, for_times = int(n_columns).bit_length(), int(times.max(initial=0)).bit_length()
    if int(owners.max(initial=0)).bit_length() + for_terms + for_times + _BYTE > _BITS:
        keys = terms | owners << _LOW
        order = np.argsort(keys, kind="stable")
        return keys[order], times[order], bits[order]
    packed = ((owners << for_terms | terms) << for_times | times) << _BYTE | bits
    packed.sort()
    keys = packed >> for_times + _BYTE
    keys = keys >> for_terms << _LOW | keys & (1 << for_terms) - 1
    return keys, packed >> _BYTE & (1 << for_times) - 1, packed.astype(np.uint8)


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
