"""The report as Markdown: the same words and tables, with pictures beside it."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Report, Section, Table, Text
from semhash.evaluation.report.pictures import file_name

__all__ = ["markdown", "picture_path"]

_FOLDED_ROWS = 30


def markdown(report: Report) -> str:
    """Write the whole report, as GitHub shows it."""
    lines = [f"# {plain(report.title)}", ""]
    for section in report.opening:
        lines += _section(section, "", "##")
    several = len(report.parts) > 1
    for part in report.parts:
        lines += [f"## {plain(part.title)}", ""] if several else []
        for section in part.sections:
            lines += _section(section, part.name, "###" if several else "##")
    return "\n".join(lines).rstrip("\n") + "\n"


def picture_path(part: str, chart: Chart) -> str:
    """Give where a chart's picture is, seen from the Markdown."""
    return str(PurePosixPath("pictures") / f"{part}-{file_name(chart.plot)}")


def plain(text: str) -> str:
    """Escape what Markdown or HTML would read as more than text."""
    one_line = " ".join(text.split())
    escaped = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", one_line)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(section: Section, part: str, level: str) -> Iterator[str]:
    yield f"{level} {plain(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block, part)
        yield ""


def _block(block: Block, part: str) -> Iterator[str]:
    if isinstance(block, Text):
        yield from _text(block)
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        alt = plain(block.spoken).replace("\n", " ")
        yield f"![{alt}]({picture_path(part, block)})"
        yield ""
        yield f"*{plain(block.caption)}*"


def _text(block: Text) -> Iterator[str]:
    if block.kind == "list":
        yield from (f"- {plain(paragraph)}" for paragraph in block.paragraphs)
        return
    for number, paragraph in enumerate(block.paragraphs):
        if number:
            yield ""
        said = plain(paragraph)
        yield {"verdict": f"**{said}**", "warning": f"> **{said}**"}.get(block.kind, said)


def _table(table: Table) -> Iterator[str]:
    """Write a table for each of its bodies; a long one that the page folds is folded here too."""
    folded = table.folded and sum(len(body.rows) for body in table.bodies) > _FOLDED_ROWS
    yield f"<details><summary>{plain(table.caption)}</summary>" if folded else f"**{plain(table.caption)}**"
    for body in table.bodies:
        yield ""
        if body.title:
            yield f"*{plain(body.title)}*"
            yield ""
        yield from _body(table, body)
    if folded:
        yield ""
        yield "</details>"


def _body(table: Table, body: Body) -> Iterator[str]:
    yield _row([plain(column.heading) for column in table.columns])
    yield _row(["---:" if column.numeric else "---" for column in table.columns])
    for row in body.rows:
        yield _row([_cell(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell, column: Column) -> str:
    said = plain(cell.text)
    parts = [f"**{said}**" if cell.best and said else said, cell.spread, cell.mark]
    marked = " ".join(part for part in parts if part)
    return f"{marked}<br><sub>{plain(cell.note)}</sub>" if column.notes and cell.note else marked
