"""Excel workbooks (Office Open XML, ECMA-376): the values of their cells as they were last computed, a row a line."""

import datetime
import re
from collections.abc import Iterator

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.office import Silent, about_of, order_of, relations_of, texts_of
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title
from semhash.corpus.xml_parts import local, read_xml
from semhash.corpus.zip_parts import ZipParts

__all__ = ["Xlsx"]

_MAIN = "xl/workbook.xml"
_BINARY = "xl/workbook.bin"
_STRINGS = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
_SHEET = re.compile(r"xl/worksheets/sheet(\d{1,6})\.xml")
_WHAT = "an Excel workbook"
_DATES = frozenset(
    {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
)  # formats that every program knows
_QUOTED = re.compile(r"\"[^\"]*+\"|\\.|\[[^\[\]]*+\]|_.|\*.")
_SECONDS = 86_400
_EPOCH = datetime.datetime(1899, 12, 30)
_EPOCH_1904 = datetime.datetime(1904, 1, 1)
_LAST_DAY = 2_958_465  # 9999-12-31


class Xlsx:
    """Files called ``.xlsx`` and the like, or that begin with what such a file holds."""

    name = "XLSX"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, unless it is an old workbook by another name, or by the names of the parts."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        ours = name.lower().endswith((".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb"))
        return ours or _MAIN.encode() in head or _BINARY.encode() in head

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document: the name of each sheet, and its rows.

        Raises
        ------
        Skip
            It is damaged, or in Excel's binary form, or says the same text so often that it must be a trap.
        """
        with ZipParts(source.data(), source.config.max_bytes) as parts:
            if _MAIN not in parts.names:
                found = (
                    "one in binary (.xlsb): save it as .xlsx"
                    if _BINARY in parts.names
                    else "a zip archive without one"
                )
                raise Skip(SkipReason.UNREADABLE, f"expected {_WHAT}, found {found}")
            text = "\n\n".join(filter(None, _sheets(parts, source.config.max_bytes)))
            title, metadata = about_of(parts, _WHAT)
        yield source.document(with_title(title, well_formed(text)), title, metadata)


def _sheets(parts: ZipParts, limit: int) -> Iterator[str]:
    book, strings, styles = _Book(), _Strings(), _Styles()
    for name, target in ((_MAIN, book), (_STRINGS, strings), (_STYLES, styles)):
        if name in parts.names:
            read_xml(parts.read(name), target, _WHAT)
    targets = relations_of(parts, _MAIN, _WHAT)
    named = [(name, targets[key][1]) for name, key in book.sheets if key in targets]
    found = sorted((int(match[1]), name) for name in parts.names if (match := _SHEET.fullmatch(name)))
    for sheet, part in named or [("", name) for _, name in found]:
        cells = _Cells(strings.found, styles.dates(), book.epoch, limit)
        read_xml(parts.read(part), cells, _WHAT)
        limit -= cells.size
        beside = relations_of(parts, part, _WHAT).values()
        names = [target for kind, target in beside if kind in ("comments", "threadedComment", "drawing")]
        charts = [
            target
            for name in names
            for kind, target in relations_of(parts, name, _WHAT).values()
            if kind in ("chart", "diagramData")
        ]
        lines = [*cells.lines, *texts_of(parts, names + charts, _WHAT)]
        yield "\n".join([one_line(sheet), *lines]) if lines else ""


class _Book(Silent):
    """Hears the workbook: its sheets in their order, and from when it counts days."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.epoch = _EPOCH

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sheet":
            self.sheets.append((attributes.get("name", ""), order_of(attributes)))
        elif local(tag) == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.epoch = _EPOCH_1904


class _Strings(Silent):
    """Hears the strings that cells share, without readings above letters."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._reading = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "si":
            self._pieces = []
        self._reading = self._reading or name == "rPh"
        self._in_text = name == "t"

    def data(self, text: str) -> None:
        if self._in_text and not self._reading:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "si":
            self.found.append("".join(self._pieces))
        self._reading = self._reading and name != "rPh"
        self._in_text = False


class _Styles(Silent):
    """Hears the styles: which of them show a number as a date."""

    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._cells: list[str] = []
        self._within = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            self._cells.append(attributes.get("numFmtId", "0"))

    def end(self, tag: str) -> None:
        self._within = self._within and local(tag) != "cellXfs"

    def dates(self) -> frozenset[str]:
        """Return the numbers of the styles of dates and times."""
        return frozenset(str(at) for at, number in enumerate(self._cells) if self._is_date(number))

    def _is_date(self, number: str) -> bool:
        if number in self._formats:
            shown = _QUOTED.sub("", self._formats[number]).lower()
            return any(letter in shown for letter in "ydhms") and "general" not in shown
        return number.isdecimal() and len(number) < 4 and int(number) in _DATES


class _Cells(Silent):
    """Hears a sheet: a line for each row, a tab between its cells."""

    def __init__(
        self, strings: list[str], dates: frozenset[str], epoch: datetime.datetime, limit: int
    ) -> None:
        self.lines: list[str] = []
        self.size = 0
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._limit = limit
        self._row: list[str] = []
        self._kind = self._style = ""
        self._pieces: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "row":
            self._row = []
        elif name == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        elif name in ("v", "t"):
            self._pieces = []

    def data(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in ("v", "t") and self._pieces is not None:
            shown = self._shown("".join(self._pieces))
            self.size += len(shown)
            if self.size > self._limit:
                raise Skip(
                    SkipReason.TOO_LARGE,
                    "expected at most as much text as a file may have, found more in its cells",
                )
            self._row.append(shown)
            self._pieces = None
        elif name == "row":
            line = "\t".join(" ".join(cell.split()) for cell in self._row if cell.strip())
            self.lines += [line] if line else []

    def _shown(self, value: str) -> str:
        """Return what a cell shows."""
        if self._kind == "s":
            at = int(value) if value.isdecimal() and len(value) < 10 else -1
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if self._kind == "e":
            return ""
        return self._number(value) if self._kind == "n" else value

    def _number(self, value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        if self._style in self._dates and 0 <= number <= _LAST_DAY:
            return _date(self._epoch + datetime.timedelta(seconds=round(number * _SECONDS)), number)
        return f"{number:.15g}"


def _date(when: datetime.datetime, number: float) -> str:
    if number < 1:
        return f"{when:%H:%M}"
    return when.date().isoformat() if number == int(number) else f"{when:%Y-%m-%d %H:%M}"
