"""The part of a document that shows best why it was found."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from semhash.analysis.analyzer import is_exact
from semhash.analysis.questions import QuestionAnalyzer
from semhash.analysis.tokens import composed
from semhash.asking.finding import Finder, Searchable

__all__ = ["Readable", "Snippet", "Snippets", "make_snippet"]

_LOOKED_AT = 100_000  # characters of a text
_FIRST_PART = 4000  # characters that are looked at first; each part is twice as long as the last one
_MANY = 400  # wanted words, after which no more of a text is read for a better passage
_CUT_WITHIN = 500  # characters before its end, a part ends with a blank


class Readable(Protocol):
    """A text that is read from its beginning on."""

    def read(self, size: int, /) -> str:
        """Return as many of the next characters, fewer at its end alone."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage, and where the query's words stand in it.

    Attributes
    ----------
    text : str
        The passage on one line, with an ellipsis where it was cut.
    marks : tuple of (int, int)
        Start and end of each of the query's words in it.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def make_snippet(text: str, wanted: Sequence[str], analyzer: QuestionAnalyzer, width: int = 180) -> Snippet:
    """Cut a passage out of one text: see `Snippets`."""
    return Snippets(wanted, analyzer).of(io.StringIO(text, newline=""), width=width)


class Snippets:
    """Cuts the passages that hold most of the wanted words out of texts; what it finds of a word it keeps.

    Parameters
    ----------
    wanted : sequence of str
        Terms, the weightiest first: every word that is counted as one of them is marked, however it is written.
    analyzer : QuestionAnalyzer
        Says what a word is counted as.
    """

    def __init__(self, wanted: Sequence[str], analyzer: QuestionAnalyzer) -> None:
        self._finder = Finder(wanted, analyzer)

    def of(self, text: Readable, held: Iterable[str] | None = None, width: int = 180) -> Snippet:
        """Cut a passage out of a text.

        Parameters
        ----------
        text : Readable
            A document.
        held : iterable of str, or None
            The wanted terms that are in it: no other is looked for, and once a passage has all of them there is none
            better. None where that is not known.
        width : int
            Length of the passage in characters, about.

        Returns
        -------
        Snippet
            The beginning of the text when no wanted word is in it.
        """
        terms = self._finder.wanted if held is None else frozenset(held)
        # The spelling of a word with accents is marked as the word, not beside it.
        enough = max(1, sum(not is_exact(term) for term in terms))
        looked_at = _LookedAt(text, self._finder, terms)
        n, best = _best(looked_at.found, width)
        # What is shown behind the best has to be read, too.
        while (
            terms
            and (n < enough or len(looked_at.text) < best.place + 4 * width)
            and len(looked_at.found) < _MANY
            and looked_at.read_on()
        ):
            n, best = _best(looked_at.found, width)
        around = _around(looked_at, best.place, width)
        line = around.line
        start = _line_start(line, around.place, width)
        end = len(line) if len(line) - start <= width * 9 // 8 else _cut(line, start, width)
        lead = "… " if start or not around.from_start else ""
        tail = " …" if end < len(line) or not around.to_end else ""
        shift = around.place - best.start
        shown = ((a + shift, b + shift) for a, b, _, _ in looked_at.found)
        lead_shift = len(lead) - start
        marks = _merged((a + lead_shift, b + lead_shift) for a, b in shown if start <= a and b <= end)
        return Snippet(lead + line[start:end].rstrip() + tail, marks)


class _Found(NamedTuple):
    """A wanted word.

    Attributes
    ----------
    start, end : int
        Where it is once all white space of the text is single blanks.
    term : str
        What it is counted as.
    place : int
        Where it starts in the text.
    """

    start: int
    end: int
    term: str
    place: int


class _LookedAt:
    """What was read of a text, and the wanted words in it; a short text is on one line.

    Parameters
    ----------
    text : Readable
    finder : Finder
    terms : frozenset of str
        What is looked for.

    Attributes
    ----------
    text : str
        The text as far as it was read.
    found : list of _Found
        In order.
    is_all : bool
        Whether that is the whole text.
    """

    def __init__(self, text: Readable, finder: Finder, terms: frozenset[str]) -> None:
        self._stream, self._finder, self._terms = text, finder, terms
        self._size, self._left, self._rest = _FIRST_PART, _LOOKED_AT, ""
        self._on_line = 0
        self.text, self.found, self.is_all = "", list[_Found](), False
        self.read_on()

    def read_on(self) -> bool:
        """Read a part more; return whether there was one."""
        size = min(self._size, self._left)
        if self.is_all or not size:
            return False
        data = self._stream.read(size)
        self._left -= size
        self._size *= 2
        self.is_all = len(data) < size or (not self._left and not self._stream.read(1))
        data, self._rest = self._rest + data, ""
        if self.is_all and not self.text:
            data = " ".join(composed(data).split())
        else:
            if self._left and not self.is_all:
                cut = max(data.rfind(" ", -_CUT_WITHIN), data.rfind("\n", -_CUT_WITHIN)) + 1 or len(data)
                data, self._rest = data[:cut], data[cut:]
            data = composed(data)
        self._look_at(data)
        return True

    def _look_at(self, part: str) -> None:
        before = len(self.text)
        if self._terms:
            part_searched = Searchable(part, after_space=not before or self.text[-1].isspace())
            found = [*self._finder.find(part_searched, self._terms)]
            is_more = not self.is_all or before
            if is_more:
                starts = part_searched.on_line([*(start for start, _, _ in found), len(part)])
            else:
                starts = [*(start for start, _, _ in found), len(part)]
            at_line = self._on_line
            self.found += [
                _Found(at_line + at, at_line + at + end - start, term, before + start)
                for at, (start, end, term) in zip(starts, found, strict=False)
            ]
            self._on_line += starts[-1]
        self.text += part


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a place of a text, on one line.

    Attributes
    ----------
    line : str
        More of it than is shown.
    place : int
        Where in it the place is.
    from_start, to_end : bool
        Whether it is from the text's start on, and up to its end.
    """

    line: str
    place: int
    from_start: bool
    to_end: bool


def _around(looked_at: _LookedAt, place: int, width: int) -> _Around:
    """Put on one line what stands around a place of a text: twice the width before it and behind it, if there is."""
    reach, before, behind = 3 * width, "", ""
    first, last = place, place
    while first > 0 and len(before) < 2 * width:
        first, reach = max(0, place - reach), 2 * reach
        before = " ".join(looked_at.text[first:place].split())
    if before and looked_at.text[place - 1].isspace():
        before += " "
    reach = 3 * width
    while len(behind) < 2 * width and (last < len(looked_at.text) or looked_at.read_on()):
        last, reach = min(len(looked_at.text), place + reach), 2 * reach
        behind = " ".join(looked_at.text[place:last].split())
    to_end = last == len(looked_at.text) and looked_at.is_all
    return _Around(before + behind, len(before), first == 0, to_end)


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join spans that overlap, as pairs of characters do in scripts without spaces."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


_NONE = _Found(0, 0, "", 0)


def _best(found: Sequence[_Found], width: int) -> tuple[int, _Found]:
    """Return how many different words the best window has, and the word that the first of the best begins with."""
    best, best_first, last, n = 0, _NONE, 0, 0
    inside = dict.fromkeys({word.term for word in found}, 0)
    reach, end_of_all = width * 7 // 8, len(found)
    for i, first in enumerate(found):
        until = first.start + reach
        while last < end_of_all and (last <= i or found[last].end <= until):
            entered = found[last].term
            n += not inside[entered]
            inside[entered] += 1
            last += 1
        if n > best:
            best, best_first = n, first
            if n == len(inside):
                break
        inside[first.term] -= 1
        n -= not inside[first.term]
    return best, best_first


def _line_start(line: str, wanted: int, width: int) -> int:
    """Give the beginning of a word a little before a place, and soon enough to fill the width."""
    early = min(wanted - width // 8, len(line) - width)
    if early <= 0:
        return 0
    space = line.rfind(" ", max(0, early - width // 8), early)
    return space + 1 if space >= 0 else early


def _cut(line: str, start: int, width: int) -> int:
    """Give the end of the last whole word within the width."""
    space = line.rfind(" ", start + width // 2, start + width)
    return space if space > 0 else start + width
