"""The report's Markdown, to the letter: its words are what most readers will believe.

Written anew with ``SEMHASH_WRITE_GOLDEN=1 pytest tests/golden``; look at the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semhash.evaluation.report.markdown import markdown
from semhash.evaluation.report.sections import report_of

HERE = Path(__file__).parent
FEW = [
    "semhash, 20 bits",
    "semhash, 20 bits, then TF-IDF",
    "LSA, 20 numbers",
    "ITQ, 20 bits",
    "BM25",
    "NCA, 20 numbers",
]
UNLABELLED = {"labels": [], "relevance": "tfidf-neighbours"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("report.md", [{"titles": ["a | b", "<b>bold</b>", "*stars*"], "graded": True}]),
        ("reports.md", [{"own": -0.2, "name": "behind"}, {"name": "neighbours", **UNLABELLED}]),
    ],
)
def test_markdown(made_results: Callable[..., Any], name: str, options: list[dict[str, Any]]) -> None:
    found = markdown(report_of([made_results(n=12, methods=FEW, **chosen) for chosen in options]))
    file = HERE / name
    if os.environ.get("SEMHASH_WRITE_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")
