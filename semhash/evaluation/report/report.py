"""A report's files, written from results alone: nothing is run again."""

from collections.abc import Sequence
from pathlib import Path

from semhash.drawing.blocks import Chart
from semhash.drawing.page import page
from semhash.evaluation.report.markdown import markdown, picture_path
from semhash.evaluation.report.pictures import draw
from semhash.evaluation.report.sections import report_of
from semhash.evaluation.report.summary import verdict
from semhash.evaluation.report.view import View
from semhash.evaluation.results import Results

__all__ = ["MARKDOWN", "PAGE", "PICTURES", "verdicts", "write_report"]

PAGE, MARKDOWN, PICTURES = "report.html", "report.md", "pictures"


def verdicts(results: Sequence[Results]) -> list[tuple[str, str]]:
    """Say for each corpus in one sentence where semhash stands, as the report does: (corpus, sentence)."""
    return [(found.corpus.name, verdict(View(found))) for found in results]


def write_report(results: Sequence[Results], folder: Path) -> None:
    """Write ``report.html``, ``report.md`` and ``pictures/`` into a folder.

    Parameters
    ----------
    results : sequence of Results
        One, or several: a part for each, and a table over all of them.
    folder : Path
        There already, and without these files; that all appears at once is the caller's to see to.

    Raises
    ------
    EvaluationError
        There are no results, or no method was measured in one of them.
    """
    report = report_of(results)
    (folder / PAGE).write_text(page(report), encoding="utf-8")
    (folder / MARKDOWN).write_text(markdown(report), encoding="utf-8")
    (folder / PICTURES).mkdir()
    for part in report.parts:
        for section in part.sections:
            for block in section.blocks:
                if isinstance(block, Chart):
                    draw(block.plot, folder / picture_path(part.name, block))
