"""What a report is made of, before it is HTML or Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from semhash.drawing.looks import Look
from semhash.drawing.plots import Plot

__all__ = ["Block", "Body", "Cell", "Chart", "Column", "Part", "Report", "Row", "Section", "Table", "Text"]


@dataclass(frozen=True)
class Text:
    """Paragraphs, or items of a list.

    Attributes
    ----------
    paragraphs : sequence of str
        Plain text.
    kind : str
        ``verdict`` is the one sentence that all hangs on; ``warning`` must not be overlooked.
    """

    paragraphs: Sequence[str]
    kind: Literal["plain", "list", "verdict", "warning", "small"] = "plain"


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    text : str
    spread : str
        Behind the text, such as a standard deviation.
    sort : float, str or None
        What the row is sorted by; the text if None.
    note : str
        In small type below; Markdown shows it where the column says so.
    best : bool
        Whether it is the best of its column.
    mark, spoken : str
        A sign behind the text, and what it means for those who cannot see it.
    """

    text: str
    spread: str = ""
    sort: float | str | None = None
    note: str = ""
    best: bool = False
    mark: str = ""
    spoken: str = ""


@dataclass(frozen=True)
class Column:
    """Head of a column; what is no number stands to the left. `notes`: whether Markdown shows those of its cells."""

    heading: str
    meaning: str = ""
    numeric: bool = True
    notes: bool = False


@dataclass(frozen=True)
class Row:
    """A row; `look` is shown before its heading, `own` says that it is one of semhash's."""

    cells: Sequence[Cell]
    look: Look | None = None
    own: bool = False


@dataclass(frozen=True)
class Body:
    """Rows that are sorted among themselves, under a heading of their own."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; the first cell of each row is its heading.

    Attributes
    ----------
    caption : str
    columns : sequence of Column
    bodies : sequence of Body
    sortable : bool
    folded : bool
        Whether it is folded away until asked for; only its caption is then seen.
    """

    caption: str
    columns: Sequence[Column]
    bodies: Sequence[Body]
    sortable: bool = False
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A plot with its caption, and what it shows in words, for those who cannot see it."""

    plot: Plot
    caption: str
    spoken: str


Block = Text | Table | Chart


@dataclass(frozen=True)
class Section:
    """Blocks under a heading."""

    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Part:
    """All about one corpus; `name` is fit for a file, an id or a link."""

    name: str
    title: str
    sections: Sequence[Section]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole page; `about` stands below its title in small type, `opening` before the parts."""

    title: str
    about: str
    opening: Sequence[Section] = field(default_factory=list)
    parts: Sequence[Part]
