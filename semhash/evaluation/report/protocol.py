"""How it was measured: everything that somebody who doubts a figure, or wants it again, must know."""

from collections.abc import Mapping
from typing import Any

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Column, Row, Table, Text
from semhash.errors import ConfigError
from semhash.evaluation.report.quality import measures_of
from semhash.evaluation.report.view import KEY, View
from semhash.evaluation.results import RetrieverResult

__all__ = ["protocol"]


def protocol(view: View) -> list[Block]:
    """Set down corpus, measures, tests, settings, methods, versions and machine."""
    results = view.results
    return [
        Text(_corpus(view)),
        Text(_tests(view)),
        _measures(view),
        _facts(
            "Settings of the evaluation",
            {**results.settings, "created": results.created, "seconds": results.seconds},
        ),
        _facts(
            "Versions and machine",
            {**results.versions, **results.machine, "corpus digest": results.corpus.digest},
        ),
        _methods(results.retrievers),
        *_labels(view),
    ]


def _corpus(view: View) -> list[str]:
    corpus = view.results.corpus
    rows = [
        f"{corpus.name}: {numbers.counted(corpus.n_database, 'document')} in the database, "
        f"{numbers.counted(corpus.n_queries, 'query', 'queries')} measured. Split: {corpus.split.rstrip('.')}.",
        view.wording.relevance,
        *([view.wording.warning] if view.wording.warning else []),
        *corpus.remarks,
    ]
    if corpus.n_unanswerable:
        rows.append(
            f"{numbers.counted(corpus.n_unanswerable, 'query', 'queries')} left out: nothing in the database is "
            f"{view.wording.good}."
        )
    return rows


def _tests(view: View) -> list[str]:
    rows = [
        "All figures are means over the queries, each of which counts the same. Methods that rank by codes are given "
        "their expected value over random order among equal distances, computed exactly; methods that rank by scores "
        "keep equal ones in the order of the documents.",
        "Intervals are 95 % bootstrap intervals over the queries; with several seeds, the mean of each end. They say "
        "how much another draw of queries would move a figure, not another corpus.",
        "The interval of a difference is a bootstrap interval of the single queries' differences.",
        f"The best other method is the one with the highest {view.wording.heading(KEY)} on these very queries, which "
        "flatters it a little. semhash's leading method is the first that was asked for, not its best.",
    ]
    if view.results.comparisons:
        rows.append(
            "Differences are tested by a paired randomisation test, two-sided, over the queries, values averaged over "
            "seeds first; p-values are adjusted by Holm's method over all comparisons in one measure. Significant is "
            "what is below 0.05."
        )
    return rows


def _measures(view: View) -> Table:
    rows = [
        Row([Cell(view.wording.heading(m)), Cell(view.wording.meaning(m))])
        for m in measures_of(view)
        if view.wording.meaning(m)
    ]
    heads = [Column("measure", numeric=False), Column("what it says", numeric=False)]
    return Table(caption="What the measures mean", columns=heads, bodies=[Body("", rows)])


def _facts(caption: str, facts: Mapping[str, Any]) -> Table:
    rows = [Row([Cell(name.replace("_", " ")), Cell(in_words(value))]) for name, value in facts.items()]
    heads = [Column("what", numeric=False), Column("value", numeric=False)]
    return Table(caption=caption, columns=heads, bodies=[Body("", rows)], folded=True)


def in_words(value: Any) -> str:
    """Write a setting: nested ones as ``name value`` pairs."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_words(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _methods(retrievers: list[RetrieverResult]) -> Table:
    rows = []
    for title in dict.fromkeys(r.title for r in retrievers):
        runs = [r for r in retrievers if r.title == title]
        seeds = [str(r.seed) for r in runs if r.seed is not None]
        ranks = "Hamming distance of codes" if runs[0].ranks_by == "codes" else "scores"
        rows.append(
            Row(
                [
                    Cell(title),
                    Cell(_about(runs[0])),
                    Cell(ranks),
                    Cell(", ".join(seeds) or "none"),
                    Cell("yes" if runs[0].uses_labels else "no"),
                    Cell(in_words(runs[0].config)),
                ]
            )
        )
    names = ("method", "what it is", "ranks by", "seeds", "sees labels", "configuration")
    heads = [Column(name, numeric=False) for name in names]
    return Table(
        caption="The methods and their settings", columns=heads, bodies=[Body("", rows)], folded=True
    )


def _about(found: RetrieverResult) -> str:
    """Say what a method is, with its source, as the registry of methods has it."""
    from semhash.baselines.registry import find

    if found.own and found.ranks_by == "codes":
        return "Codes of an autoencoder (Salakhutdinov and Hinton, 2009), ranked by their distance to the query's."
    if found.own and found.name.endswith("-hybrid"):
        return (
            "What is asked by default: the best by BM25 and the best by code, ranked by both; "
            "see `semhash.ranking.fusion`."
        )
    if found.own:
        return "The ball around the query's code, ranked again by the cosine of TF-IDF vectors."
    try:
        return find(found.name).about
    except ConfigError:  # of a version that had it
        return ""


def _labels(view: View) -> list[Table]:
    labels = view.results.corpus.labels
    if not labels:
        return []
    rows = [
        Row(
            [
                Cell(found.label),
                Cell(numbers.whole(found.n_database), sort=found.n_database),
                Cell(numbers.whole(found.n_queries), sort=found.n_queries),
            ]
        )
        for found in labels
    ]
    heads = [Column("label", numeric=False), Column("documents"), Column("queries")]
    caption = f"The {numbers.counted(len(labels), 'label')} and how often they come"
    return [Table(caption=caption, columns=heads, bodies=[Body("", rows)], sortable=True, folded=True)]
