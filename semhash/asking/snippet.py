"""The part of a document that shows best why it was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from semhash.analysis.questions import QuestionAnalyzer
from semhash.analysis.tokens import composed
from semhash.asking.finding import Finder, Searchable, Span

__all__ = ["LOOKED_AT", "Snippet", "Snippets", "make_snippet"]

LOOKED_AT = 100_000
"""Characters of a text in which its best passage is looked for."""

_FIRST_WORDS = 8  # that are looked for before those found are looked at
_SHORT = 10  # times the width: less text is put on one line as a whole


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
    return Snippets(wanted, analyzer).of(text, width)


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

    def of(self, text: str, width: int = 180) -> Snippet:
        """Cut a passage out of a text.

        Parameters
        ----------
        text : str
            A document.
        width : int
            Length of the passage in characters, about.

        Returns
        -------
        Snippet
            The beginning of the text when no wanted word is in it.
        """
        looked_at = composed(text[:LOOKED_AT])
        if len(looked_at) <= _SHORT * width:
            around = _Around(" ".join(looked_at.split()), 0, True, True)
        else:
            around = _around(looked_at, self._best_start(looked_at, width), width)
        line = around.line
        found = self._spans(line)
        best = around.place or _best_start(found, width)[1]
        start = _line_start(line, best, width)
        end = len(line) if len(line) - start <= width * 9 // 8 else _cut(line, start, width)
        lead = "… " if start or not around.from_start else ""
        tail = " …" if end < len(line) or not around.to_end or len(text) > LOOKED_AT else ""
        shift = len(lead) - start
        marks = _merged((a + shift, b + shift) for a, b, _ in found if start <= a and b <= end)
        return Snippet(lead + line[start:end].rstrip() + tail, marks)

    def _spans(self, line: str) -> list[Span]:
        """Return the wanted words of a line, in order."""
        return [*self._finder.find(Searchable(line))] if self._finder.wanted else []

    def _best_start(self, text: str, width: int) -> int:
        """Return where in a text of several lines the best passage begins."""
        if not self._finder.wanted:
            return 0
        searchable = Searchable(text)
        words = self._finder.find(searchable)
        found: list[Span] = []
        best = 0
        # Once a passage has all of them there is none better.
        while some := [*islice(words, max(_FIRST_WORDS, len(found)))]:
            found += some
            n, best = _best_passage(found, searchable, width)
            if n == len(self._finder.wanted):
                break
        return best


def _best_passage(found: Sequence[Span], text: Searchable, width: int) -> tuple[int, int]:
    """Return how many different words are in the best passage, and where it starts."""
    if len({term for _, _, term in found}) == 1:
        return 1, found[0][0]
    starts = [start for start, _, _ in found]
    places = text.on_line(starts)
    on_line = [(at, at + end - start, term) for at, (start, end, term) in zip(places, found, strict=True)]
    n, best = _best_start(on_line, width)
    return n, starts[places.index(best)]


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


def _around(text: str, place: int, width: int) -> _Around:
    """Put on one line what stands around a place of a text: twice the width before it and behind it, if there is."""
    reach, before, behind = 3 * width, "", ""
    first, last = place, place
    while first > 0 and len(before) < 2 * width:
        first, reach = max(0, place - reach), 2 * reach
        before = " ".join(text[first:place].split())
    reach = 3 * width
    while last < len(text) and len(behind) < 2 * width:
        last, reach = min(len(text), place + reach), 2 * reach
        behind = " ".join(text[place:last].split())
    if before and text[place - 1].isspace():
        before += " "
    return _Around(before + behind, len(before), first == 0, last == len(text))


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join spans that overlap, as pairs of characters do in scripts without spaces."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _best_start(found: Sequence[Span], width: int) -> tuple[int, int]:
    """Return how many different words the best window has, and where the first of the best begins."""
    best, best_start, last, n = 0, 0, 0, 0
    inside = dict.fromkeys({term for _, _, term in found}, 0)
    reach, end_of_all = width * 7 // 8, len(found)
    for i, (start, _, term) in enumerate(found):
        while last < end_of_all and (last <= i or found[last][1] <= start + reach):
            entered = found[last][2]
            n += not inside[entered]
            inside[entered] += 1
            last += 1
        if n > best:
            best, best_start = n, start
            if n == len(inside):
                break
        inside[term] -= 1
        n -= not inside[term]
    return best, best_start


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
