"""The part of a document that shows best why it was found."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semhash.analysis.folding import folded
from semhash.analysis.questions import QuestionAnalyzer
from semhash.analysis.tokens import AROUND, PART, on_one_line, prepared, spans

__all__ = ["Snippet", "Snippets", "make_snippet"]

_ASCII_SPACE = re.compile(r"[ \t-\r]+")
_LOOKED_AT = 100_000
_Span = tuple[int, int, str]
_WITHOUT_JOINERS = dict.fromkeys(map(ord, "'.&-_"))


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
        self._wanted = frozenset(wanted)
        self._analyzer = analyzer
        # Few tokens are worth a closer look: a stem begins as a part of its word does, but for its accents.
        bare = (term.translate(_WITHOUT_JOINERS) for term in wanted)
        self._likely = re.compile("|".join(sorted({re.escape(term[: 1 + (len(term) > 3)]) for term in bare})))
        self._known: dict[str, list[_Span]] = {}

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
        line = _on_one_line(text[:_LOOKED_AT])
        spans = self._spans(line)
        start = _line_start(line, _best_start(spans, width), width)
        end = len(line) if len(line) - start <= width * 9 // 8 else _cut(line, start, width)
        lead = "… " if start else ""
        tail = " …" if end < len(line) or len(text) > _LOOKED_AT else ""
        shift = len(lead) - start
        marks = _merged((a + shift, b + shift) for a, b, _ in spans if start <= a and b <= end)
        return Snippet(lead + line[start:end].rstrip() + tail, marks)

    def _spans(self, line: str) -> list[_Span]:
        """Give start, end and term of each word of the line that is wanted, in order."""
        if not self._wanted:
            return []
        found: list[_Span] = []
        for token, start, end in spans(line):
            plain = (
                len(token) == end - start
            )  # or its marks are at other places than those of the same token elsewhere
            marks = self._known.get(token) if plain else None
            if marks is None:
                marks = self._marks(token, line[start:end])
                if plain:
                    self._known[token] = marks
            if marks:
                found += [(start + a, start + b, term) for a, b, term in marks]
        return found

    def _marks(self, token: str, shown: str) -> list[_Span]:
        """Give what is to be marked of a token: its parts that are wanted, or else all of it."""
        if self._likely.search(folded(token.lower()).translate(_WITHOUT_JOINERS)) is None:
            return []
        if PART.fullmatch(shown) is None:
            parts = [(m.start(), m.end(), self._held(prepared(m.group()))) for m in PART.finditer(shown)]
            if any(term for _, _, term in parts):
                return [part for part in parts if part[2]]
        term = self._held(token)
        kept = shown.strip(AROUND)
        first = shown.find(kept)
        return [(first, first + len(kept), term)] if term and kept else []

    def _held(self, token: str) -> str:
        """Give a wanted term that a token is counted as; empty where it is none."""
        return min(self._analyzer.terms(token) & self._wanted, default="")


def _on_one_line(text: str) -> str:
    if text.isascii():
        return _ASCII_SPACE.sub(" ", text).strip()
    return on_one_line(text)


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join spans that overlap, as pairs of characters do in scripts without spaces."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _best_start(spans: list[tuple[int, int, str]], width: int) -> int:
    """Give where the window with most different words begins, the first of equals."""
    best, best_start, last = 0, 0, 0
    inside: Counter[str] = Counter()
    for i, (start, _, word) in enumerate(spans):
        while last < len(spans) and (last <= i or spans[last][1] <= start + width * 7 // 8):
            inside[spans[last][2]] += 1
            last += 1
        if len(inside) > best:
            best, best_start = len(inside), start
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return best_start


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
