"""The report of an evaluation: one self-contained page, and Markdown with pictures, from its records alone.

From records to files, each module one step::

    results.json -> Results -> View (who is compared with whom)
                            -> sections of blocks: paragraphs, tables, plots
                            -> page: HTML with plotly    markdown: Markdown with matplotlib's pictures
"""

from semhash.evaluation.report.folder import replace_report
from semhash.evaluation.report.report import verdicts, write_report

__all__ = ["replace_report", "verdicts", "write_report"]
