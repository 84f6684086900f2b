"""The table of figures in the README, drawn from the evaluations of quality.py."""

from collections.abc import Sequence

from _tables import table

from semhash.errors import ConfigError
from semhash.evaluation import Results

__all__ = ["BEGIN", "CORPORA", "END", "readme_table", "with_table"]

BEGIN = "<!-- figures: drawn by benchmarks/render.py -->"
END = "<!-- end of figures -->"
CORPORA = {
    "20newsgroups": "20 Newsgroups, letters only (`data/20newsgroups`)",
    "20news-raw": "20 Newsgroups by date, whole messages",
    "20news-subject-body": "20 Newsgroups by date, subject and body",
    "20news-stripped": "the same, quoted text and signatures stripped",
    "reuters-modapte": "Reuters-21578, ModApte split",
    "arxiv-200k": "arXiv abstracts, by category",
    "medline": "MEDLINE, questions",
    "cisi": "CISI, questions",
    "cranfield": "Cranfield, questions",
    "scifact": "SciFact, claims",
}
_HYBRID = "semhash hybrid, 20 bits"
_COLUMNS = {
    "TF-IDF, all words": "TF-IDF, all words",
    "BM25": "BM25",
    "LSA, 128 numbers": "LSA, 128 numbers",
    "Self-taught hashing, 20 bits": "self-taught hashing, 20 bits",
    "ITQ, 20 bits": "ITQ, 20 bits",
    "semhash, 20 bits": "semhash, 20 bits alone",
    "semhash then TF-IDF, 20 bits": "semhash, then TF-IDF",
    _HYBRID: "semhash, as it answers",
}
_LABELS, _JUDGEMENTS = ("P@100", "MAP"), ("nDCG@10", "MAP")


def readme_table(evaluations: Sequence[Results]) -> list[str]:
    """Draw P@100 and MAP of labelled corpora, nDCG@10 and MAP of judged ones; the best of a row in bold.

    Parameters
    ----------
    evaluations : sequence of Results
        In any order.
    """
    order = list(CORPORA)
    known = sorted(
        (e for e in evaluations if e.corpus.name in CORPORA), key=lambda e: order.index(e.corpus.name)
    )
    measured = {r.title for evaluation in known for r in evaluation.measured}
    later = {_HYBRID} - measured  # figures that were made before there was one
    columns = {title: name for title, name in _COLUMNS.items() if title not in later}
    return table(("", *columns.values()), [_row(evaluation, list(columns)) for evaluation in known])


def _row(evaluation: Results, columns: Sequence[str]) -> tuple[str, ...]:
    facts = evaluation.corpus
    measures = _LABELS if facts.relevance == "labels" else _JUDGEMENTS
    found = {r.title: r.figures for r in evaluation.measured}
    best = {
        measure: max(round(found[title][measure], 3) for title in columns if title in found)
        for measure in measures
    }
    name = f"{CORPORA[facts.name]} ({facts.n_database:,} + {facts.n_queries:,}): {', '.join(measures)}"
    return (name, *(_cell(found.get(title), best) for title in columns))


def _cell(figures: dict[str, float] | None, best: dict[str, float]) -> str:
    if figures is None:
        return ""
    rounded = {measure: round(figures[measure], 3) for measure in best}
    return ", ".join(f"**{v:.3f}**" if v == best[m] else f"{v:.3f}" for m, v in rounded.items())


def with_table(readme: str, evaluations: Sequence[Results]) -> str:
    """Put the table into the README, between its two marks.

    Raises
    ------
    ConfigError
        A mark is missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(
            f"README.md: expected the marks {BEGIN} and {END}, found none; put them around the table"
        )
    return "\n".join([before + BEGIN, "", *readme_table(evaluations), "", END + after])
