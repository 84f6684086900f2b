"""The records of a table with separators, of which some have quotes that are not as RFC 4180 has them.

A record is read as the standard has it wherever that goes. Where it does not (a quote that is never closed, or that is
not doubled inside of quotes), what else it can be is tried, and what gives as many cells as there are columns is taken,
so that one quote never takes in the rows behind it.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from semhash.corpus.rows import broken

__all__ = ["Layout", "Record", "Records"]

_LIKELY = 0.8  # of the lines inside of quotes are rows of the table: then the quote was not closed
_HALF = 0.5
_MANY_LINES, _MANY_COLUMNS = 3, 4  # so many separators in so many lines are no chance
_LOOKED_AT = 200
_NUMBERED = re.compile(r"(\D*)(\d{1,18})(\D*)")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_LONG = 6  # characters of a name by chance of the same form

_Quotes = Literal["doubled", "backslash", "loose"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out.

    Attributes
    ----------
    separator : str
        What stands between two cells; empty where there is one column.
    width : int or None
        The number of columns; None where that is not known yet.
    """

    separator: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table.

    Attributes
    ----------
    cells : list of str
        As they were before they were written as a table; none for a blank line.
    overlong : bool
        Whether a line of it was left out since it is too long.
    """

    cells: list[str]
    overlong: bool = False


@dataclass(slots=True)
class _Scan:
    """A record that is read in one of the ways to take its quotes.

    Attributes
    ----------
    cells : list of str
        What was found.
    inner : list of str
        The lines behind its first, each as far as it is inside of quotes.
    opened : int
        The first cell that goes on over several lines.
    closed : bool
        Whether every quote is closed.
    too_long : bool
        Whether it was given up at the limit.
    overlong : bool
        Whether a line was left out.
    """

    cells: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    opened: int = 0
    closed: bool = True
    too_long: bool = False
    overlong: bool = False


class Records:
    """The records of a table, one in memory at a time; to be iterated over.

    Parameters
    ----------
    lines : iterable of str or None
        The lines with their newlines; None for one that is too long.
    limit : int
        Characters of a record, at most.

    Attributes
    ----------
    layout : Layout
        To be set before the first record is read; may be another from a record on.
    mended : list of int
        The numbers of the records whose quotes do not close or are not doubled, the first of which is 1.
    """

    def __init__(self, lines: Iterable[str | None], limit: int) -> None:
        self.mended: list[int] = []
        self._lines = iter(lines)
        self._ahead: deque[str | None] = deque()
        self._limit = limit
        self._number = 0
        self.layout = Layout("")

    @property
    def layout(self) -> Layout:
        """How the table is laid out."""
        return self._layout

    @layout.setter
    def layout(self, layout: Layout) -> None:
        self._layout = layout
        separator = re.escape(layout.separator)
        self._opens = re.compile(rf"(?:\A|{separator}) *\"" if separator else r"\A *\"")
        self._quote = re.compile(r' *"')
        self._closes = re.compile(rf'" *(?:({separator})|[\r\n]*\Z)' if separator else r'" *()[\r\n]*\Z')
        self._ends = re.compile(rf" *(?:({separator})|[\r\n]*\Z)" if separator else r" *()[\r\n]*\Z")

    def peek(self, n: int) -> list[str | None]:
        """Return the next lines, so many at most, which are read as records all the same."""
        for at in range(n):
            if not self._has(at):
                break
        return list(self._ahead)[:n]

    def __iter__(self) -> Iterator[Record]:
        while self._has(0):
            self._number += 1
            line = self._ahead[0]
            if line is None:
                self._ahead.popleft()
                yield Record([], overlong=True)
            elif '"' in line and self._opens.search(line):
                yield self._quoted(line)
            else:
                self._ahead.popleft()
                yield Record(self._split(line))

    def _has(self, at: int) -> bool:
        """Read ahead until there is a line at a place behind the next one; False where the table ends before."""
        while len(self._ahead) <= at:
            try:
                self._ahead.append(next(self._lines))
            except StopIteration:
                return False
        return True

    def _split(self, line: str) -> list[str]:
        bare = line.rstrip("\r\n")
        if not bare:
            return []
        return bare.split(self.layout.separator) if self.layout.separator else [bare]

    # -- quotes -------------------------------------------------------------------------------------------

    def _quoted(self, line: str) -> Record:
        """Read the next record, which has a quote at the beginning of a cell."""
        found, mended = self._likeliest(line)
        if mended:
            self.mended.append(self._number)
        for _ in range(len(found.inner) + 1):
            self._ahead.popleft()
        return Record(found.cells, found.overlong)

    def _likeliest(self, line: str) -> tuple[_Scan, bool]:
        """Choose the way to take the quotes of a record, and say whether that is another than the standard's."""
        standard = self._scan(line, "doubled")
        sound = standard is not None and standard.closed and not self._takes_in_rows(standard)
        if standard is not None and sound and self._fits(standard):
            return standard, False
        if '\\"' in line or (standard is not None and any('\\"' in inner for inner in standard.inner)):
            escaped = self._scan(line, "backslash")
            if (
                escaped is not None
                and escaped.closed
                and self._fits(escaped)
                and not self._takes_in_rows(escaped)
            ):
                return escaped, False
        on_line = self._on_line(line)
        if self.layout.separator == "\t" and len(plain := self._split(line)) == self.layout.width:
            on_line = _Scan(plain, closed=False)
        if on_line.closed and self._fits(on_line):
            return on_line, True
        if standard is not None and not standard.closed:
            return self._not_closed(standard, on_line)
        return self._not_doubled(line, standard if sound else None, on_line)

    def _not_doubled(self, line: str, standard: _Scan | None, on_line: _Scan) -> tuple[_Scan, bool]:
        """Decide on a record that is not as the standard has it, or has too many or too few cells then."""
        loose = self._scan(line, "loose") if self.layout.width not in (None, 1) else None
        goes_on = loose is not None and loose.closed and bool(loose.inner)
        if loose is not None and goes_on and self._fits(loose) and not self._rows_in(loose):
            return loose, True
        if standard is not None and not self._fits(on_line):
            return standard, False
        return on_line, self._is_news(on_line)

    def _is_news(self, on_line: _Scan) -> bool:
        """Say whether to tell of quotes that are read as they stand: between tabs they mostly mean no more."""
        return self.layout.separator != "\t" or not self._fits(on_line)

    def _not_closed(self, standard: _Scan, on_line: _Scan) -> tuple[_Scan, bool]:
        """Decide on a quote that is open where the table ends, or at the limit: by what the lines look like."""
        inner = [line for line in standard.inner[:_LOOKED_AT] if line.strip()]
        if not inner or self.layout.width in (None, 1) or self._like_rows(standard) >= _HALF * len(inner):
            return on_line, self._is_news(on_line)
        if standard.too_long:
            raise broken(f"at most {self._limit:,} characters in a row", "more: is a quote not closed?")
        return standard, True  # the table was cut short in the middle of a cell

    def _fits(self, scan: _Scan) -> bool:
        return self.layout.width is None or len(scan.cells) == self.layout.width

    def _scan(self, line: str, quotes: _Quotes) -> _Scan | None:
        """Read the record that begins with a line, in one way to take its quotes; None where they go against it."""
        scan = _Scan()
        text, at = line, 0
        while True:
            opening = self._quote.match(text, at)
            if opening is None:
                cell, at = self._bare(text, at)
            else:
                found = self._inside(scan, text, opening.end(), quotes)
                if found is None:
                    return None
                cell, text, at = found
            scan.cells.append(cell)
            if at < 0:
                return scan

    def _bare(self, text: str, at: int) -> tuple[str, int]:
        """Return a cell without quotes, and where the next one begins; -1 for none."""
        end = text.find(self.layout.separator, at) if self.layout.separator else -1
        return (text[at:].rstrip("\r\n"), -1) if end < 0 else (text[at:end], end + 1)

    def _inside(self, scan: _Scan, text: str, at: int, quotes: _Quotes) -> tuple[str, str, int] | None:
        """Read a cell in quotes; return it, the line that it ends on, and where the next one begins."""
        pieces: list[str] = []
        begun, size = at, len(text)
        first = len(scan.inner)
        while True:
            quote = text.find('"', at)
            if quote < 0:
                pieces.append(text[begun:])
                more = self._next_line(scan)
                size += len(more or "")
                if more is None or size > self._limit + 2:
                    scan.closed = False
                    scan.too_long = more is not None
                    return "".join(pieces).rstrip("\r\n"), "", -1
                if len(scan.inner) == first + 1:
                    scan.opened = len(scan.cells)
                text, begun, at = more, 0, 0
                continue
            end = self._ends.match(text, quote + 1)
            doubled = text.startswith('"', quote + 1)
            if quotes == "backslash" and _is_escaped(text, quote, begun):
                pieces.append(text[begun : quote - 1])
                begun, at = quote, quote + 1
            elif doubled:
                pieces.append(text[begun : quote + 1])
                begun = at = quote + 2
            elif end is not None:
                pieces.append(text[begun:quote])
                if len(scan.inner) > first:
                    scan.inner[-1] = text[:quote]
                return "".join(pieces), text, end.end() if end[1] else -1
            elif quotes == "loose":
                at = quote + 1
            else:
                return None

    def _next_line(self, scan: _Scan) -> str | None:
        """Return the line behind those that a record takes so far; None where the table ends."""
        at = len(scan.inner) + 1
        if not self._has(at):
            return None
        line = self._ahead[at]
        scan.overlong = scan.overlong or line is None
        scan.inner.append(line or "\n")
        return line or "\n"

    def _on_line(self, line: str) -> _Scan:
        """Read a line as a record of its own, quotes that do not close on it as what they are."""
        scan = _Scan()
        at = 0
        while at >= 0:
            opening = self._quote.match(line, at)
            # Where none closes up to the end of the line, none is looked for again: that would take too long.
            closing = self._closing(line, opening.end()) if opening is not None and scan.closed else None
            if opening is None or closing is None:
                scan.closed = scan.closed and opening is None
                cell, at = self._bare(line, at)
            else:
                cell = line[opening.end() : closing.start()].replace('""', '"')
                at = closing.end() if closing[1] else -1
            scan.cells.append(cell)
        return scan

    def _closing(self, line: str, at: int) -> re.Match[str] | None:
        """Find the first quote that a cell can end with."""
        while (at := line.find('"', at)) >= 0:
            end = self._closes.match(line, at)
            if end is not None:
                return end
            at += 2 if line.startswith('"', at + 1) else 1
        return None

    # -- rows inside of quotes ----------------------------------------------------------------------------

    def _takes_in_rows(self, scan: _Scan) -> bool:
        """Say whether the lines inside of quotes are rows of the table, which a quote that is not closed took in."""
        inner = [line for line in scan.inner[:_LOOKED_AT] if line.strip()]
        if not inner or self.layout.width in (None, 1):
            return False
        if self._in_order(scan) >= _LIKELY * len(inner):
            return True
        sure = len(inner) >= _MANY_LINES and (
            self.layout.separator == "\t" or (self.layout.width or 0) >= _MANY_COLUMNS
        )
        return sure and self._like_rows(scan) >= _LIKELY * len(inner)

    def _rows_in(self, scan: _Scan) -> int:
        """Count the rows inside of quotes, by their first cells where those are numbered."""
        numbered = self.layout.separator != "\t" and _NUMBERED.fullmatch(scan.cells[0].strip())
        return self._in_order(scan) if numbered and scan.opened else self._like_rows(scan)

    def _like_rows(self, scan: _Scan) -> int:
        """Count the lines inside of quotes that have as many cells as the table has columns."""
        return len(list(self._rows_inside(scan)))

    def _rows_inside(self, scan: _Scan) -> Iterator[list[str]]:
        width = self.layout.width
        for number, line in enumerate(scan.inner[:_LOOKED_AT], 1):
            cells = self._split(line)
            is_last = scan.closed and number == len(scan.inner)  # as far as its quote alone
            if len(cells) == (scan.opened + 1 if is_last else width) and (not is_last or scan.opened):
                yield cells

    def _in_order(self, scan: _Scan) -> int:
        """Count the lines whose first cells go on with the numbers or names of the record that they are inside of."""
        if not scan.opened:
            return 0
        before, n = scan.cells[0].strip(), 0
        for cells in self._rows_inside(scan):
            name = cells[0].strip(' "')
            if _follows(before, name):
                n += 1
                before = name
        return n


def _is_escaped(text: str, quote: int, begun: int) -> bool:
    """Say whether an odd number of backslashes stands before a quote."""
    before = quote
    while before > begun and text[before - 1] == "\\":
        before -= 1
    return (quote - before) % 2 == 1


def _follows(before: str, name: str) -> bool:
    """Say whether an id can be the one of a row behind another's: t4 behind t3, or of the same form."""
    one, other = _NUMBERED.fullmatch(before), _NUMBERED.fullmatch(name)
    if one is not None and other is not None:
        return (one[1], one[3]) == (other[1], other[3]) and int(one[2]) < int(other[2])
    return len(name) >= _LONG and before != name and _form(before) == _form(name)


def _form(name: str) -> str:
    """Return what names that were made in one way have in common: where they have letters and digits."""
    return _LETTER_OR_DIGIT.sub("x", name)
